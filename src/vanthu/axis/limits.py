"""What one member may ask of the axis, so that its flood stays its own: calls, bytes, places, queue (back-pressure).

A member's own limits go before the site's (``VANTHU_AXIS_…``); zero means no limit. Calls and bytes are counted by
the minute over all processes (:mod:`vanthu.axis.meter`), calls at the same time in each process, since its threads
are what they would use up. Every refusal says what was exceeded and after how many seconds to try again.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from vanthu.axis import meter, storage
from vanthu.axis.errors import OverLimit, PacketTooLarge, QueueFull
from vanthu.axis.models import WAITING, AxisAgency, AxisDelivery, Member
from vanthu.base import clock

BUSY_SECONDS = 2
QUEUE_SECONDS = 300
QUEUE_MEMORY = timedelta(seconds=10)
_places = Counter[UUID]()
_queues: dict[UUID, tuple[datetime, bool]] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Limits:
    """What holds for one member; zero: no limit. ``packet_bytes`` is never zero."""

    calls_per_minute: int
    bytes_per_minute: int
    packet_bytes: int
    concurrent_calls: int
    queue: int


def limits_of(member: Member) -> Limits:
    """The member's own limits, and the site's where it has none."""
    site = settings.VANTHU
    largest = storage.largest_packet()
    return Limits(
        calls_per_minute=_own(member.calls_per_minute, site.axis_calls_per_minute),
        bytes_per_minute=_own(member.megabytes_per_minute, site.axis_megabytes_per_minute) << 20,
        packet_bytes=min(largest, member.max_packet_mb << 20) if member.max_packet_mb else largest,
        concurrent_calls=_own(member.concurrent_calls, site.axis_concurrent_calls or _fair_share()),
        queue=_own(member.queue_limit, site.axis_queue_limit),
    )


@contextmanager
def admitted(member: Member, size: int) -> Iterator[Limits]:
    """A place for one call with a body of ``size`` bytes (0 when unknown), given back at the end.

    Raises :class:`OverLimit`.
    """
    limits = limits_of(member)
    _check_minute(member, limits, size)
    with _lock:
        if limits.concurrent_calls and _places[member.id] >= limits.concurrent_calls:
            raise OverLimit(
                reason=f"quá {limits.concurrent_calls} lời gọi cùng lúc", retry_after=BUSY_SECONDS
            )
        _places[member.id] += 1
    try:
        yield limits
    finally:
        with _lock:
            _places[member.id] -= 1
            if not _places[member.id]:
                del _places[member.id]


def packet_bytes(member: Member, max_mb: int | None) -> int:
    """The largest packet in bytes that the member may send of a type whose own limit is ``max_mb`` (None: none)."""
    own = limits_of(member).packet_bytes
    return min(own, max_mb << 20) if max_mb else own


def check_size(size: int, limit: int) -> None:
    """Raise :class:`PacketTooLarge` for a body of more than ``limit`` bytes."""
    if size > limit:
        raise PacketTooLarge(limit_mb=limit >> 20)


def check_queues(recipients: Iterable[AxisAgency]) -> None:
    """Whether the systems of the recipients still have room for what waits for them.

    Raises :class:`QueueFull`. Counts at most every :data:`QUEUE_MEMORY` per member.
    """
    first = {agency.member_id: agency for agency in recipients}
    full = [agency.code for agency in first.values() if _is_full(agency)]
    if full:
        raise QueueFull(codes=", ".join(full[:20]), retry_after=QUEUE_SECONDS)


def _check_minute(member: Member, limits: Limits, size: int) -> None:
    calls, received = meter.this_minute(member)
    rest = 60 - clock.now().second
    if limits.calls_per_minute and calls > limits.calls_per_minute:
        raise OverLimit(reason=f"quá {limits.calls_per_minute} lời gọi mỗi phút", retry_after=rest)
    if limits.bytes_per_minute and received and received + size > limits.bytes_per_minute:
        raise OverLimit(reason=f"quá {limits.bytes_per_minute >> 20} MB mỗi phút", retry_after=rest)


def _is_full(agency: AxisAgency) -> bool:
    now = clock.now()
    at, full = _queues.get(agency.member_id, (None, False))
    if at is None or not timedelta(0) <= now - at < QUEUE_MEMORY:
        limit = limits_of(Member.objects.get(pk=agency.member_id)).queue
        waiting = AxisDelivery.objects.filter(member_id=agency.member_id, state__in=WAITING)
        full = bool(limit) and waiting[:limit].count() >= limit
        _queues[agency.member_id] = (now, full)
    return full


def _own(own: int | None, site: int) -> int:
    return site if own is None else own


def _fair_share() -> int:
    """Of the threads of a process, what one member may take: a quarter, at least one, stays for the others."""
    threads: int = settings.VANTHU.web_threads
    return max(1, threads - max(1, threads // 4))
