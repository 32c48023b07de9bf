"""The verbs of the trusted lists: take one up, look whether there is a newer one, give it up.

A list is fetched and judged outside of any transaction, in a confined process, and then kept by a guarded change; the
last good list stays whatever comes. Every change, and every new kind of failure, is an event. Refuses to follow lists
that a list points to: whether such a list is believed, and as whose, is a person's decision.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

import httpx
from django.conf import settings
from django.db import IntegrityError, transaction

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, Role, system_actor
from vanthu.blobs import store
from vanthu.directory.models import Agency
from vanthu.errors import VanthuError
from vanthu.pades import Category
from vanthu.pades.confined import run_confined
from vanthu.pades.running import run
from vanthu.pades.web import authority_client
from vanthu.signing import service
from vanthu.signing.trust_models import TrustList
from vanthu.signing.trust_rules import (
    CLAIM,
    NotTrustKeeper,
    TrustListFieldsWrong,
    TrustListNamed,
    TrustListUnknown,
    TrustListUnreachable,
    fingerprints,
    look_again,
    require_forward,
)
from vanthu.trustlists import LARGEST_LIST, TrustedList
from vanthu.trustlists.verifying import CONFINED, from_confined

_TIMEOUT_SECONDS, _DEADLINE_SECONDS = 10.0, 60.0
"""For each wait, and for all of them together: an address that drips must not hold a worker."""
_HERE = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True)
class ListData:
    """What is entered of a list: either ``url`` or ``content``; ``signers`` as SHA-256 of certificates."""

    name: str
    category: Category
    signers: tuple[str, ...]
    url: str = ""
    content: bytes | None = None


def keeper() -> Agency | None:
    """The agency whose administrators keep the trusted lists: the one that the site names, else the only one here."""
    code = settings.VANTHU.trust_keeper
    if code:
        return Agency.objects.filter(hosted=True, identifiers__code=code).first()
    hosted = list(Agency.objects.filter(hosted=True)[:2])
    return hosted[0] if len(hosted) == 1 else None


def keeps_trust(actor: Actor) -> bool:
    """Whether the actor may change the trusted lists of the site."""
    if actor.is_system:
        return True
    if not actor.has(Role.ADMINISTRATOR):
        return False
    named = keeper()
    return named is not None and named.pk == actor.agency_id


def take_up(actor: Actor, data: ListData) -> TrustList:
    """Believe a list from now on, for the whole site.

    Raises :class:`NotTrustKeeper`, :class:`TrustListFieldsWrong`, :class:`TrustListNamed`,
    :class:`TrustListUnreachable` and what ``trustlists.read_list`` raises. Source: TS 119 612; NĐ 23/2025 Đ15.
    """
    _require_keeper(actor)
    data = _checked(data)
    content = fetch(data.url) if data.content is None else data.content
    return _take_up(actor, data, content, _read(content, data.signers))


def renew(actor: Actor, list_id: UUID, content: bytes | None = None) -> TrustList:
    """Look at a list's address now, or take the newer list that was uploaded. Raises as above, ``TrustListOlder``."""
    _require_keeper(actor)
    row = _in_use(list_id)
    if content is None and not row.url:
        raise TrustListFieldsWrong(problem="Danh sách này không có địa chỉ; hãy tải tệp mới lên.")
    return _renewed(actor, row, fetch(row.url) if content is None else content)


@action
def give_up(actor: Actor, list_id: UUID) -> TrustList:
    """Believe a list no longer. Raises :class:`NotTrustKeeper`, :class:`TrustListUnknown`."""
    _require_keeper(actor)
    row = _locked(list_id)
    row.active, row.ended_at, row.look_again_at = False, clock.now(), None
    row.save(update_fields=["active", "ended_at", "look_again_at"])
    _record(actor, "signing.trust_list_ended", row)
    return row


def look_at_all() -> int:
    """Look at every list whose time has come; returns at how many. Two workers at once share them."""
    now = clock.now()
    due = TrustList.objects.filter(active=True, look_again_at__lte=now).exclude(url="")
    looked = 0
    for row in due.order_by("look_again_at"):
        mine = TrustList.objects.filter(pk=row.pk, look_again_at=row.look_again_at)
        if mine.update(look_again_at=now + CLAIM):
            _look(row)
            looked += 1
    return looked


def _look(row: TrustList) -> None:
    actor = system_actor(row.kept_by_id)
    try:
        _renewed(actor, row, fetch(row.url))
    except TrustListUnknown:
        return
    except VanthuError as problem:
        if row.problem == problem.text[:500]:
            _failed(row, problem)
        else:
            _note_failure(actor, row.pk, problem)


def _renewed(actor: Actor, row: TrustList, content: bytes) -> TrustList:
    found = _read(content, row.signers)
    if found.as_dict() == row.content:
        return _seen_again(row)
    return _take_newer(actor, row.pk, content, found)


def fetch(url: str) -> bytes:
    """What stands at an address, without following it elsewhere. Raises :class:`TrustListUnreachable`."""
    try:
        return run(asyncio.wait_for(_fetched(url), _DEADLINE_SECONDS))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as problem:
        raise TrustListUnreachable(url=url, why=str(problem)[:200] or type(problem).__name__) from problem


async def _fetched(url: str) -> bytes:
    body = bytearray()
    async with authority_client(_TIMEOUT_SECONDS) as client, client.stream("GET", url) as answer:
        if answer.status_code != httpx.codes.OK:
            raise httpx.HTTPError(f"HTTP {answer.status_code}")
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > LARGEST_LIST:
                raise httpx.HTTPError(f"> {LARGEST_LIST >> 20} MB")
    return bytes(body)


def _read(content: bytes, signers: tuple[str, ...] | list[str]) -> TrustedList:
    answer = run_confined(CONFINED, content, (tuple(signers), clock.now()), budget=service.budget())
    return from_confined(answer)


def _checked(data: ListData) -> ListData:
    url, name = data.url.strip(), data.name.strip()[:120]
    signers = fingerprints(data.signers)
    if not name:
        raise TrustListFieldsWrong(problem="Hãy đặt tên cho danh sách tin cậy.")
    if not signers:
        raise TrustListFieldsWrong(problem="Hãy khai báo chứng thư số hoặc dấu vân tay của nơi ký danh sách.")
    if bool(url) == (data.content is not None):
        raise TrustListFieldsWrong(problem="Hãy nhập địa chỉ hoặc tải tệp lên, một trong hai.")
    if url and not _may_fetch(url):
        raise TrustListFieldsWrong(problem="Địa chỉ của danh sách phải bắt đầu bằng https://.")
    return ListData(name, data.category, signers, url, data.content)


def _may_fetch(url: str) -> bool:
    try:
        where = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    secure = where.scheme == "https" or (where.scheme == "http" and where.host in _HERE)
    return secure and bool(where.host) and not where.userinfo and len(url) <= 500


def _require_keeper(actor: Actor) -> None:
    if not keeps_trust(actor):
        raise NotTrustKeeper


def _in_use(list_id: UUID) -> TrustList:
    row = TrustList.objects.filter(pk=list_id, active=True).first()
    if row is None:
        raise TrustListUnknown
    return row


def _locked(list_id: UUID) -> TrustList:
    row = TrustList.objects.select_for_update().filter(pk=list_id, active=True).first()
    if row is None:
        raise TrustListUnknown
    return row


@action
def _take_up(actor: Actor, data: ListData, content: bytes, found: TrustedList) -> TrustList:
    row = TrustList(
        kept_by_id=actor.agency_id,
        name=data.name,
        url=data.url,
        category=data.category.value,
        signers=list(data.signers),
    )
    _fill(row, content, found)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise TrustListNamed(name=data.name) from error
    _record(actor, "signing.trust_list_taken_up", row)
    return row


@action
def _take_newer(actor: Actor, list_id: UUID, content: bytes, found: TrustedList) -> TrustList:
    row = _locked(list_id)
    require_forward((found.sequence, found.issued), (row.sequence, row.issued))
    _fill(row, content, found)
    row.save()
    _record(actor, "signing.trust_list_renewed", row)
    return row


@action
def _note_failure(actor: Actor, list_id: UUID, problem: VanthuError) -> TrustList:
    row = _locked(list_id)
    _failed(row, problem)
    _record(actor, "signing.trust_list_failed", row, problem=problem.code)
    return row


def _failed(row: TrustList, problem: VanthuError) -> None:
    now = clock.now()
    TrustList.objects.filter(pk=row.pk, active=True).update(
        looked_at=now,
        problem=problem.text[:500],
        tries=min(row.tries + 1, 1000),
        look_again_at=look_again(now, row.tries + 1),
    )


def _seen_again(row: TrustList) -> TrustList:
    now = clock.now()
    row.looked_at, row.problem, row.tries = now, "", 0
    row.look_again_at = look_again(now, 0) if row.url else None
    fields = ("looked_at", "problem", "tries", "look_again_at")
    TrustList.objects.filter(pk=row.pk, active=True).update(**{name: getattr(row, name) for name in fields})
    return row


def _fill(row: TrustList, content: bytes, found: TrustedList) -> None:
    now = clock.now()
    row.content, row.content_sha256 = found.as_dict(), store.put(content).sha256
    row.sequence, row.issued, row.next_update = found.sequence, found.issued, found.next_update
    row.taken_at = row.looked_at = now
    row.problem, row.tries = "", 0
    row.look_again_at = look_again(now, 0) if row.url else None


def _record(actor: Actor, verb: str, row: TrustList, **more: str) -> None:
    data = {
        "name": row.name,
        "url": row.url,
        "category": row.category,
        "signers": row.signers,
        "sequence": row.sequence,
        "sha256": row.content_sha256,
        **more,
    }
    record(actor, verb, kind="trust_list", object_id=row.pk, data=data)
