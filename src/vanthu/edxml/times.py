"""Dates and times as they are written on the wire: strictly out, tolerantly in.

Owns both directions; zoneless times mean Asia/Ho_Chi_Minh.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from vanthu.edxml.model import VIETNAM

_DAY = re.compile(
    r"(?:(\d{4})[/-](\d{1,2})[/-](\d{1,2})|(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})|(\d{4})(\d{2})(\d{2}))(?!\d)",
    re.ASCII,
)
_CLOCK = re.compile(
    r"(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?(?: ?(AM|PM|SA|CH))?)?\s*(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII | re.IGNORECASE,
)
_AFTERNOON = ("PM", "CH")
NO_DATE_UP_TO = 1900
"""Years that mean "not set": .NET's first day is 0001-01-01, SQL Server's 1900-01-01."""
_STRICT_DAY = re.compile(r"\d{4}/\d{2}/\d{2}", re.ASCII)
_STRICT_TIME = re.compile(r"\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2}", re.ASCII)


def read_date(text: str) -> date | None:
    """The day in any form seen (``2019/01/17``, ``2019-01-17``, ``17/01/2019``, with or without time).

    ``None`` when it is no date.
    """
    moment = read_time(text)
    return moment.date() if moment else None


def read_time(text: str) -> datetime | None:
    """The instant, aware; midnight when only a day is given; Vietnam time unless the text names an offset.

    Day comes before month, unless only the other order makes sense (``1/17/2019``). Takes ``AM``, ``PM`` and the
    Vietnamese ``SA``, ``CH``. ``None`` for what is no time, and for the first days of software calendars.
    """
    day = _DAY.match(text)
    clock = _CLOCK.fullmatch(text[day.end() :].rstrip()) if day else None
    if not day or not clock:
        return None
    try:
        moment = datetime(*_day(day), _hour(clock), int(clock[2] or 0), int(clock[3] or 0))
        if moment.year <= NO_DATE_UP_TO:
            return None
        if clock[5]:
            return datetime.fromisoformat(moment.isoformat() + _offset(clock[5])).astimezone(VIETNAM)
        return moment.replace(tzinfo=VIETNAM)
    except (ValueError, OverflowError):
        return None


def _day(found: re.Match[str]) -> tuple[int, int, int]:
    if found[4]:
        number, month, year = int(found[4]), int(found[5]), int(found[6])
        return (year, number, month) if month > 12 >= number else (year, month, number)
    year, month, number = (int(part) for part in found.groups() if part)
    return year, month, number


def _hour(found: re.Match[str]) -> int:
    hour = int(found[1] or 0)
    if not found[4]:
        return hour
    if not 1 <= hour <= 12:
        # 24-hour clocks with a mark behind them are in circulation too.
        return hour
    return hour % 12 + (12 if found[4].upper() in _AFTERNOON else 0)


def _offset(text: str) -> str:
    return "+00:00" if text in "Zz" else f"{text[:3]}:{text[-2:]}"


def is_strict_date(text: str) -> bool:
    """Whether the text is written as QCVN 102 wants dates: ``yyyy/MM/dd``."""
    return bool(_STRICT_DAY.fullmatch(text))


def is_strict_time(text: str) -> bool:
    """Whether the text is written as QCVN 102 wants times: ``yyyy/MM/dd HH:mm:ss``."""
    return bool(_STRICT_TIME.fullmatch(text))


def write_date(day: date) -> str:
    """``yyyy/MM/dd``."""
    return f"{day.year:04d}/{day.month:02d}/{day.day:02d}"


def write_time(moment: datetime) -> str:
    """``yyyy/MM/dd HH:mm:ss`` in Vietnam time. Raises ``ValueError`` for a time without zone."""
    if moment.tzinfo is None:
        raise ValueError("time without zone")
    local = moment.astimezone(VIETNAM)
    return f"{write_date(local)} {local.hour:02d}:{local.minute:02d}:{local.second:02d}"
