"""Who is calling: the member behind a signed request, its secrets, the freshness of its call."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings

from vanthu.axis import actions, meter, queries, remembered, rules
from vanthu.axis.actions.shared import first_use
from vanthu.axis.models import Member, UsedCall
from vanthu.base import clock
from vanthu.vxp import CallUsed, SignedCall, StaleCall, lag, parse_and_verify

FRESH = timedelta(minutes=15)


def caller(headers: Mapping[str, str]) -> tuple[Member, SignedCall]:
    """The member whose signature stands under the headers.

    How far its clock is off is noted, also when that is too far. Raises ``BadHeaders``, ``BadCredentials``,
    ``StaleCall``.
    """
    found: list[Member] = []
    now = clock.now()

    def usable(system_id: str) -> tuple[str, ...]:
        known = remembered.member(system_id)
        if known is None:
            return ()
        found.append(known.member)
        return known.usable_secrets(now)

    try:
        window = timedelta(seconds=settings.VANTHU.axis_clock_window_seconds)
        signed = parse_and_verify(headers, usable, now=now, window=window)
        member = found[0]
        if member.fresh_stamps and abs(lag(signed.timestamp, now)) > FRESH:
            raise StaleCall(timestamp=signed.timestamp)
    except StaleCall as stale:
        _note_stale(found[0], str(stale.details["timestamp"]), now)
        raise
    meter.note(member, calls=1, lag=lag(signed.timestamp, now))
    queries.note_call(member)
    if rules.rotation_shows(member) and signed.secret_number == 0:
        remembered.member.forget(member.system_id)
        if rules.rotation_shows(queries.member(member.system_id)):
            actions.note_new_secret(member.system_id)
    return member, signed


def use_once(member: Member, signed: SignedCall, path: str) -> None:
    """Let a signed call of a member with fresh time stamps change something only once; raises ``CallUsed``.

    The vendor's client makes one time stamp for the whole life of an object, so its calls look alike and are
    allowed again within the window; what they change comes out the same however often.
    """
    if member.fresh_stamps and not first_use(call_key(signed, path)):
        raise CallUsed


def call_key(signed: SignedCall, path: str) -> str:
    """What tells a call from every other: its signature and, since that does not cover it, its path."""
    return hashlib.sha256(f"{path} {signed.system_id} {signed.hash_header}".encode()).hexdigest()


def sweep_used() -> int:
    """Forget calls that are too old to come again; returns how many."""
    window = timedelta(seconds=settings.VANTHU.axis_clock_window_seconds)
    return UsedCall.objects.filter(at__lt=clock.now() - 3 * window).delete()[0]


def _note_stale(member: Member, stamp: str, now: datetime) -> None:
    try:
        meter.note(member, refused=1, lag=lag(stamp, now))
    except ValueError:
        meter.note(member, refused=1)
