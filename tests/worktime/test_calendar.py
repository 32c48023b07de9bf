"""Working days: weekends, holidays, swapped days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanthu.worktime import LEGAL_TIME, Hours, WorkCalendar, default_calendar
from vanthu.worktime.calendar import holiday_names

DATES = st.dates(date(2024, 1, 1), date(2029, 12, 31))


def test_public_holidays_are_not_worked() -> None:
    calendar = default_calendar([2026])
    assert not calendar.is_working(date(2026, 2, 17)), "mùng một Tết"
    assert not calendar.is_working(date(2026, 4, 27)), "nghỉ bù Giỗ Tổ"
    assert not calendar.is_working(date(2026, 11, 24)), "Ngày Văn hóa Việt Nam"
    assert calendar.is_working(date(2026, 11, 23))


def test_a_swapped_saturday_is_worked_for_a_monday_off() -> None:
    calendar = default_calendar([2026])
    assert calendar.is_working(date(2026, 8, 22))
    assert not calendar.is_working(date(2026, 8, 31))


def test_after_the_last_day_before_tet_comes_the_first_day_after_it() -> None:
    assert default_calendar([2026]).next_working_day(date(2026, 2, 13)) == date(2026, 2, 23)


def test_five_working_days_from_a_wednesday_end_next_wednesday() -> None:
    assert WorkCalendar().add_working_days(date(2026, 11, 18), 5) == date(2026, 11, 25)


def test_an_agency_may_also_work_on_saturday() -> None:
    calendar = WorkCalendar(weekdays=frozenset(range(6)))
    assert calendar.next_working_day(date(2026, 11, 20)) == date(2026, 11, 21)


def test_the_lunch_break_is_not_working_time() -> None:
    calendar = WorkCalendar()
    day = date(2026, 11, 20)
    worked = [datetime.combine(day, time(hour), LEGAL_TIME) for hour in range(6, 20)]
    assert [t.hour for t in worked if calendar.is_working_instant(t)] == [8, 9, 10, 11, 14, 15, 16, 17]


def test_a_calendar_without_working_days_is_reported_instead_of_looping() -> None:
    dead = WorkCalendar(
        weekdays=frozenset({0}), holidays=frozenset(date(2026, 1, 5) + timedelta(weeks=n) for n in range(120))
    )
    with pytest.raises(ValueError, match="no working day"):
        dead.next_working_day(date(2026, 1, 1))


def test_wrong_calendar_data_is_refused() -> None:
    with pytest.raises(ValueError, match="weekdays"):
        WorkCalendar(weekdays=frozenset({7}))
    with pytest.raises(ValueError, match="start"):
        Hours(time(11, 30), time(7, 30))


def test_holidays_have_vietnamese_names() -> None:
    assert holiday_names([2026])[date(2026, 9, 2)] == "Quốc khánh"


@given(DATES)
def test_the_next_working_day_is_later_and_worked(day: date) -> None:
    calendar = default_calendar([day.year, day.year + 1])
    following = calendar.next_working_day(day)
    assert following > day
    assert calendar.is_working(following)
    assert calendar.working_days_between(day, following) == 1


@given(DATES, st.integers(0, 60))
def test_counting_working_days_undoes_adding_them(day: date, count: int) -> None:
    calendar = WorkCalendar()
    assert calendar.working_days_between(day, calendar.add_working_days(day, count)) == count
