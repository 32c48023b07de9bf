"""The one place that opens a line to the parent axis, and remembers whether it answers.

The parent is a member of this axis like any other, under the code ``PARENT``: its agencies are routed to it. It
cannot call; this axis calls it, as the parent's member.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from vanthu.axis import routing_rules, secrets
from vanthu.axis.models import Errand, Forward, ForwardState, Member, Parent
from vanthu.base import clock
from vanthu.vxp import Client, VxpUnreachable

SYSTEM_ID = "PARENT"
NAME = "Trục cấp trên"
LEASE_SECONDS = 15.0
MINUTE = timedelta(minutes=1)
LONG_SILENCE = 3
"""Tries in vain after which what waited goes at once when the parent answers again."""


def configured() -> bool:
    """Whether this axis has a parent at all."""
    return bool(settings.VANTHU.parent_url)


def client() -> Client:
    """The client of the parent axis; shared by the threads of a process."""
    site = settings.VANTHU
    return _client(site.parent_url, site.parent_system_id, site.parent_secret_file)


@lru_cache(maxsize=2)
def _client(url: str, system_id: str, secret_file: Path | None) -> Client:
    return Client(url, system_id, settings.VANTHU.secret(secret_file))


def secret_since() -> datetime | None:
    """Since when the secret is used by which the parent knows this axis: the last change of its file.

    None without a file, or where it cannot be looked at.
    """
    path = settings.VANTHU.parent_secret_file
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path else None
    except OSError:
        return None


def line() -> Parent:
    """The parent's row, made on first use."""
    found = Parent.objects.select_related("member").first()
    if found is not None:
        return found
    # Nobody knows this secret: the parent never calls.
    member, _ = Member.objects.get_or_create(
        system_id=SYSTEM_ID,
        defaults={
            "name": NAME,
            "secret_box": secrets.lock(secrets.new_secret()),
            "active": False,
            "is_axis": True,
            "created_at": clock.now(),
        },
    )
    return Parent.objects.select_related("member").get_or_create(member=member)[0]


def quiet(parent: Parent) -> bool:
    """Whether the parent did not answer lately and is left alone for a while."""
    return parent.silent_until is not None and parent.silent_until > clock.now()


def answered() -> None:
    """The parent answered. After a long silence, what waited for it goes at once and its patience begins anew."""
    now = clock.now()
    before = Parent.objects.filter(Q(failures__gt=0) | Q(answered_at=None) | Q(answered_at__lt=now - MINUTE))
    failures = list(before.values_list("failures", flat=True))
    before.update(failures=0, silent_until=None, problem="", answered_at=now)
    if any(number >= LONG_SILENCE for number in failures):
        Forward.objects.filter(state=ForwardState.WAITING, error_code=VxpUnreachable.code).update(
            due_at=now, attempts=0
        )


def silent(reason: str) -> None:
    """The parent did not answer, or not as the protocol says: leave it alone, longer each time."""
    parent = line()
    chance = random.random()  # noqa: S311 - jitter needs no secrecy
    pause = routing_rules.pause_of_line(parent.failures + 1, chance)
    Parent.objects.filter(pk=parent.pk).update(
        failures=parent.failures + 1, silent_until=clock.now() + pause, problem=reason[:500]
    )


def trouble(reason: str) -> None:
    """The parent answered, but with a refusal that the operator should see."""
    Parent.objects.update(problem=reason[:500])


def lease(errand: str) -> bool:
    """Take an errand's lease, or hold it longer; False when another worker has it."""
    Errand.objects.get_or_create(name=errand, defaults={"until": clock.now()})
    now = clock.now()
    free = Errand.objects.filter(name=errand, until__lte=now)
    return bool(free.update(until=now + timedelta(seconds=LEASE_SECONDS)))


def renew(errand: str) -> None:
    """Hold a lease for longer."""
    Errand.objects.filter(name=errand).update(until=clock.now() + timedelta(seconds=LEASE_SECONDS))


def release(errand: str) -> None:
    """Give a lease back."""
    Errand.objects.filter(name=errand).update(until=clock.now())
