"""What an axis said last and whether it answers; its receipts; the leases of the loops that talk to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import httpx
import structlog
from django.db.models import Q

from vanthu.base import clock
from vanthu.evidence import EvidenceError, verify_receipt
from vanthu.exchange.axes import Axis
from vanthu.exchange.models import Link
from vanthu.tls import shared_context

log = structlog.get_logger(__name__)

WHOLE_LIST = timedelta(days=1)
"""How often the agency list is copied as a whole although the axis tells what changed."""


def accepted_at(axis: Axis, receipt: str, sha256: str) -> datetime | None:
    """The instant the axis accepted the packet, as its signed receipt says (R3).

    None for an axis without receipts, or when the receipt does not hold for this packet.
    """
    if not receipt:
        return None
    try:
        said = verify_receipt(receipt, receipt_keys(axis.url))
    except (EvidenceError, httpx.HTTPError, ValueError) as error:
        log.warning("receipt_not_verified", error=str(error))
        receipt_keys.cache_clear()
        return None
    if said.packet_sha256 != sha256:
        log.warning("receipt_of_another_packet", sha256=sha256)
        return None
    return said.accepted_at


@lru_cache(maxsize=32)
def receipt_keys(url: str) -> dict[str, Any]:
    """The axis' public keys (JWK set), asked once per process and again when a receipt does not hold."""
    answer = httpx.get(f"{url.rstrip('/')}/axis/jwks.json", timeout=10, verify=shared_context())
    answer.raise_for_status()
    return dict(answer.json())


def loop(axis: Axis, what: str) -> str:
    """The name of the row of one loop (``poll``, ``agencies``) of an axis; the axis' own row has its name."""
    return f"{axis.name}:{what}"


def answered(name: str) -> bool:
    """Note that an axis, or one of its loops, was answered just now; whether it had been silent before."""
    was_silent = Link.objects.filter(name=name).exclude(error="").exists()
    Link.objects.update_or_create(name=name, defaults={"answered_at": clock.now(), "error": ""})
    return was_silent


def tells(name: str, does: bool) -> None:
    """Note whether an axis speaks of what a loop asks it for at all; protocols differ."""
    Link.objects.update_or_create(name=name, defaults={"answered_at": clock.now() if does else None})


def silent(name: str, reason: str) -> None:
    """Note that an axis did not answer, and why."""
    Link.objects.update_or_create(name=name, defaults={"error": reason[:1000]})


def answered_within(name: str, seconds: float) -> bool:
    """Whether a loop was answered in the last ``seconds``."""
    since = clock.now() - timedelta(seconds=seconds)
    return Link.objects.filter(name=name, answered_at__gt=since).exists()


def list_known(axis: Axis) -> int:
    """Behind which version the axis' agency list is to be asked for; 0: all of it.

    All of it the first time, from an axis that is another one now, and once in :data:`WHOLE_LIST`.
    """
    link = Link.objects.filter(name=loop(axis, "agencies"), list_of=_list_of(axis)).first()
    if link is None or link.listed_whole_at is None or clock.now() - link.listed_whole_at > WHOLE_LIST:
        return 0
    return link.list_version


def list_copied(axis: Axis, version: int, *, whole: bool) -> None:
    """Note up to which version the axis' agency list was copied, after it was."""
    told = {"list_of": _list_of(axis), "list_version": version}
    told |= {"listed_whole_at": clock.now()} if whole else {}
    Link.objects.update_or_create(name=loop(axis, "agencies"), defaults=told)


def _list_of(axis: Axis) -> str:
    return f"{axis.system_id} {axis.url}"[:300]


def lease(name: str, seconds: float) -> bool:
    """Take a loop's lease; False when another worker holds it. One statement decides."""
    Link.objects.get_or_create(name=name)
    at = clock.now()
    free = Q(leased_until=None) | Q(leased_until__lt=at)
    until = at + timedelta(seconds=seconds)
    return bool(Link.objects.filter(free, name=name).update(leased_until=until))


def renew(name: str, seconds: float) -> None:
    """Hold a lease for longer."""
    Link.objects.filter(name=name).update(leased_until=clock.now() + timedelta(seconds=seconds))


def release(name: str) -> None:
    """Give a lease back."""
    Link.objects.filter(name=name).update(leased_until=None)
