"""Long polling: a call stays open until something comes for its member, at a price of one sleeping thread.

A waiting call holds no database connection. How many may wait is limited per process and per member, so that
threads are always left for work; the web server has as many threads more (``VANTHU_AXIS_WAIT_SLOTS``).
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings
from django.db import connection

from vanthu.axis.doorbell import doorbell
from vanthu.axis.models import Member
from vanthu.axis.relay.errors import WaitingRoomFull
from vanthu.axis.relay.queries import WaitingState, waiting_state

LONGEST = 25
SLOTS_PER_MEMBER = 4

_lock = threading.Lock()
_inside: Counter[UUID] = Counter()


def wait(member: Member, seconds: float, known: str) -> WaitingState:
    """What waits for the member, as soon as it is not what the caller knows; else after ``seconds``.

    Raises :class:`WaitingRoomFull`.
    """
    with _slot(member.id), doorbell.heard(member.id) as rung:
        end = time.monotonic() + min(max(seconds, 0), LONGEST)
        while True:
            state = waiting_state(member)
            left = end - time.monotonic()
            if state.is_news(known) or left <= 0:
                return state
            if not connection.in_atomic_block:
                connection.close()  # back into the pool while this thread sleeps
            rung.wait(left)
            rung.clear()


@contextmanager
def _slot(member: UUID) -> Iterator[None]:
    with _lock:
        full = _inside.total() >= settings.VANTHU.axis_wait_slots
        if full or _inside[member] >= SLOTS_PER_MEMBER:
            raise WaitingRoomFull
        _inside[member] += 1
    try:
        yield
    finally:
        with _lock:
            _inside[member] -= 1
            if not _inside[member]:
                del _inside[member]
