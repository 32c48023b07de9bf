"""Dates and delays read as a clerk would write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from vanthu.vietnamese import place_and_date, remaining, spell_date

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "spelt"),
    [
        (date(2026, 1, 5), "ngày 05 tháng 01 năm 2026"),
        (date(2026, 2, 28), "ngày 28 tháng 02 năm 2026"),
        (date(2026, 3, 9), "ngày 09 tháng 3 năm 2026"),
        (date(2026, 12, 10), "ngày 10 tháng 12 năm 2026"),
    ],
)
def test_days_below_ten_and_the_first_two_months_get_a_zero(day: date, spelt: str) -> None:
    assert spell_date(day) == spelt


def test_the_place_stands_before_the_date() -> None:
    assert place_and_date("Thành phố Hồ Chí Minh", date(2019, 6, 29)) == (
        "Thành phố Hồ Chí Minh, ngày 29 tháng 6 năm 2019"
    )


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(hours=2, minutes=59), "còn 2 giờ"),
        (timedelta(days=3, hours=5), "còn 3 ngày"),
        (timedelta(minutes=1), "còn 1 phút"),
        (timedelta(0), "sắp hết hạn"),
        (timedelta(seconds=-1), "vừa quá hạn"),
        (timedelta(minutes=-61), "quá hạn 1 giờ"),
        (timedelta(days=-1), "quá hạn 1 ngày"),
    ],
)
def test_time_left_is_told_in_its_largest_unit(left: timedelta, text: str) -> None:
    assert remaining(NOON, NOON + left) == text
