"""How much each member calls, counted in memory and added up in the database about once a second.

A process that is killed loses at most its last second of counting. The sum over all processes comes back with every
write, so that a limit holds for the site, give or take a second of traffic.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from vanthu.axis.models import Member, MemberMinute
from vanthu.base import clock

WRITE_EVERY_SECONDS = 1.0
KEPT = timedelta(days=7)

_WRITE = """
INSERT INTO axis_memberminute (member_id, minute, calls, refused, received_bytes, lag_ms)
SELECT id, %s, %s, %s, %s, %s FROM axis_member WHERE id = %s
ON CONFLICT (member_id, minute) DO UPDATE SET
    calls = axis_memberminute.calls + excluded.calls,
    refused = axis_memberminute.refused + excluded.refused,
    received_bytes = axis_memberminute.received_bytes + excluded.received_bytes,
    lag_ms = least(axis_memberminute.lag_ms, excluded.lag_ms)
RETURNING calls, received_bytes
"""


@dataclass
class _Tally:
    """One member's present minute: what is not written yet, and the site's sum as of the last write."""

    minute: datetime
    calls: int = 0
    refused: int = 0
    received: int = 0
    lag_ms: int | None = None
    written_calls: int = 0
    written_received: int = 0

    @property
    def dirty(self) -> bool:
        return bool(self.calls or self.refused or self.received or self.lag_ms is not None)


_tallies: dict[UUID, _Tally] = {}
_left: list[tuple[UUID, _Tally]] = []
_lock = threading.Lock()
_written_at = 0.0


def note(
    member: Member, *, calls: int = 0, refused: int = 0, received: int = 0, lag: timedelta | None = None
) -> None:
    """Count something a member did just now; ``lag`` is how far its time stamp lies behind our clock."""
    with _lock:
        tally = _present(member.id)
        tally.calls += calls
        tally.refused += refused
        tally.received += received
        if lag is not None:
            lag_ms = round(lag / timedelta(milliseconds=1))
            tally.lag_ms = lag_ms if tally.lag_ms is None else min(tally.lag_ms, lag_ms)
    if time.monotonic() - _written_at >= WRITE_EVERY_SECONDS:
        write()


def this_minute(member: Member) -> tuple[int, int]:
    """Calls and received bytes of the member in the present minute, over all processes."""
    with _lock:
        tally = _present(member.id)
        return tally.written_calls + tally.calls, tally.written_received + tally.received


def write() -> None:
    """Write everything that was counted since the last write."""
    global _written_at  # noqa: PLW0603 - one process, one tally
    with _lock:
        _written_at = time.monotonic()
        taken = [*_left, *((key, _take(tally)) for key, tally in _tallies.items() if tally.dirty)]
        _left.clear()
    for key, tally in taken:
        _add(key, tally)


def sweep() -> int:
    """Forget minutes older than :data:`KEPT`; returns how many."""
    return MemberMinute.objects.filter(minute__lt=clock.now() - KEPT).delete()[0]


def _present(key: UUID) -> _Tally:
    """The tally of the present minute; what is left of the one before is written next."""
    minute = clock.now().replace(second=0, microsecond=0)
    tally = _tallies.get(key)
    if tally is None or tally.minute != minute:
        if tally is not None and tally.dirty:
            _left.append((key, tally))
        tally = _tallies[key] = _Tally(minute)
    return tally


def _take(tally: _Tally) -> _Tally:
    taken = _Tally(tally.minute, tally.calls, tally.refused, tally.received, tally.lag_ms)
    tally.written_calls += tally.calls
    tally.written_received += tally.received
    tally.calls = tally.refused = tally.received = 0
    tally.lag_ms = None
    return taken


def _add(key: UUID, taken: _Tally) -> None:
    counted = (taken.minute, taken.calls, taken.refused, taken.received, taken.lag_ms)
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [*counted, key])
        sums = cursor.fetchone()
    tally = _tallies.get(key)
    if sums is None:
        _tallies.pop(key, None)
    elif tally is not None and tally.minute == taken.minute:
        tally.written_calls, tally.written_received = sums
