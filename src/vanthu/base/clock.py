"""The one clock. Rooms ask it for the instant; tests set it; nobody calls ``datetime.now`` elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

_frozen: ContextVar[datetime | None] = ContextVar("vanthu_frozen_clock", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today() -> date:
    """The calendar date in Viet Nam (Asia/Ho_Chi_Minh)."""
    return now().astimezone(VIETNAM).date()


def local(instant: datetime) -> datetime:
    """The instant as Vietnamese legal time, with its offset."""
    return instant.astimezone(VIETNAM)


@contextmanager
def frozen(instant: datetime) -> Iterator[None]:
    """Make ``now`` return ``instant`` inside the block (tests, re-validation of evidence)."""
    token = _frozen.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
