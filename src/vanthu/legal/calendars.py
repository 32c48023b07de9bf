"""The working calendar in force around an instant."""

from __future__ import annotations

import functools
from datetime import datetime

from vanthu.base import clock
from vanthu.worktime import WorkCalendar, default_calendar


def calendar_at(instant: datetime) -> WorkCalendar:
    """The calendar of the instant's year and the next, since deadlines run over the change of year."""
    return _calendar(clock.local(instant).year)


@functools.cache
def _calendar(year: int) -> WorkCalendar:
    return default_calendar((year, year + 1))
