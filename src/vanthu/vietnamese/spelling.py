"""How Vietnamese administrative documents and screens spell dates and delays.

Owns wording only; deadlines themselves are computed in ``worktime``.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def spell_date(day: date) -> str:
    """A date as documents print it: days below 10 and months 1 and 2 get a leading zero.

    Source: NĐ 30/2020, Phụ lục I, Phần I, II.4.b. Example: ``ngày 05 tháng 01 năm 2026``.
    """
    return f"ngày {day_text(day)} tháng {month_text(day)} năm {day.year}"


def day_text(day: date) -> str:
    """Day of the month as printed after "ngày": ``05``, ``17``."""
    return f"{day.day:02d}"


def month_text(day: date) -> str:
    """Month as printed after "tháng": ``01``, ``02``, then ``3`` to ``12`` without a zero."""
    return f"{day.month:02d}" if day.month <= 2 else str(day.month)


def place_and_date(place: str, day: date) -> str:
    """Place and date of issue on one line (NĐ 30/2020, Phụ lục I, box 4): ``Hà Tĩnh, ngày 05 tháng 01 năm
    2026``.
    """
    return f"{place}, {spell_date(day)}"


def remaining(now: datetime, due: datetime) -> str:
    """Time left to a deadline, in the largest whole unit: ``còn 2 giờ``, ``quá hạn 1 ngày``, ``vừa quá hạn``.

    Both instants must be aware (or both naive) datetimes.
    """
    left = due - now
    if left >= timedelta(0):
        return f"còn {_amount(left)}" if left >= _MINUTE else "sắp hết hạn"
    return f"quá hạn {_amount(-left)}" if -left >= _MINUTE else "vừa quá hạn"


def _amount(length: timedelta) -> str:
    for unit, name in ((_DAY, "ngày"), (_HOUR, "giờ"), (_MINUTE, "phút")):
        if length >= unit:
            return f"{length // unit} {name}"
    return "dưới 1 phút"
