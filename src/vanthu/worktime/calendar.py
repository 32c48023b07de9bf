"""The working calendar: which dates are worked, and between which hours.

Owns the arithmetic of working days. Refuses to decide what is due when; ``deadlines`` does that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

LEGAL_TIME = timezone(timedelta(hours=7), "+07:00")
"""Legal time of Viet Nam, without daylight saving: needs no time-zone database on the machine."""

_ONE_DAY = timedelta(days=1)
_LONGEST_BREAK_DAYS = 366


@dataclass(frozen=True)
class Hours:
    """A stretch of working time within one day, local legal time, both ends included."""

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError("working hours must start before they end")


@dataclass(frozen=True)
class WorkCalendar:
    """Working days and hours of one agency. Weekdays are numbered as Python does: Monday 0 … Sunday 6.

    ``extra_workdays`` (days worked in exchange for a day off) win over weekends and holidays.
    """

    weekdays: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    morning: Hours = Hours(time(7, 30), time(11, 30))
    afternoon: Hours = Hours(time(13, 30), time(17, 0))
    holidays: frozenset[date] = field(default=frozenset())
    extra_workdays: frozenset[date] = field(default=frozenset())

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= frozenset(range(7)):
            raise ValueError("weekdays must be some of 0 (Monday) to 6 (Sunday)")

    def is_working(self, day: date) -> bool:
        """Whether the agency works on this date."""
        if day in self.extra_workdays:
            return True
        return day.weekday() in self.weekdays and day not in self.holidays

    def next_working_day(self, day: date) -> date:
        """First working date strictly after ``day``.

        Raises ValueError when a whole year holds no working day, that is, when the calendar data is wrong.
        """
        candidate = day
        for _ in range(_LONGEST_BREAK_DAYS):
            candidate += _ONE_DAY
            if self.is_working(candidate):
                return candidate
        raise ValueError("the calendar has no working day within a year")

    def add_working_days(self, day: date, count: int) -> date:
        """The date ``count`` working days after ``day``; the day itself does not count (``count`` ≥ 0)."""
        if count < 0:
            raise ValueError("count of working days must not be negative")
        for _ in range(count):
            day = self.next_working_day(day)
        return day

    def working_days_between(self, first: date, last: date) -> int:
        """Number of working dates after ``first`` up to and with ``last``; 0 when ``last`` is not later."""
        days = range(1, (last - first).days + 1)
        return sum(self.is_working(first + timedelta(days=offset)) for offset in days)

    def morning_start(self, day: date) -> datetime:
        """Instant at which work starts on this date."""
        return datetime.combine(day, self.morning.start, LEGAL_TIME)

    def morning_end(self, day: date) -> datetime:
        """Instant at which the morning of this date ends."""
        return datetime.combine(day, self.morning.end, LEGAL_TIME)

    def day_end(self, day: date) -> datetime:
        """Instant at which work ends on this date."""
        return datetime.combine(day, self.afternoon.end, LEGAL_TIME)

    def is_working_instant(self, instant: datetime) -> bool:
        """Whether an (aware) instant falls inside working hours."""
        local = instant.astimezone(LEGAL_TIME)
        clock = local.time()
        inside = any(hours.start <= clock <= hours.end for hours in (self.morning, self.afternoon))
        return inside and self.is_working(local.date())


def default_calendar(years: Iterable[int]) -> WorkCalendar:
    """A calendar with the public holidays of Viet Nam for these years, days in lieu and swapped days
    included.

    Holidays of years for which the Government has not yet announced the swaps are a projection: seed an
    editable table from this, and do not compute deadlines straight from it year after year.
    """
    table = _public_holidays(years)
    return WorkCalendar(
        holidays=frozenset(table),
        extra_workdays=frozenset(table.weekend_workdays),
    )


def holiday_names(years: Iterable[int]) -> dict[date, str]:
    """Vietnamese names of the public holidays of these years, to fill an agency's calendar table."""
    table = _public_holidays(years)
    return dict(sorted(table.items()))


def _public_holidays(years: Iterable[int]) -> Any:
    import holidays  # its tables take a tenth of a second, which every process would pay at its start

    return holidays.country_holidays("VN", years=list(years), language="vi")
