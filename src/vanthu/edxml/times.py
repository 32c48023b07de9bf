"""Dates and times as they are written on the wire: strictly out, tolerantly in.

Owns both directions; zoneless times mean Asia/Ho_Chi_Minh.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from vanthu.edxml.model import VIETNAM

_DAY = re.compile(r"(?:(\d{4})[/-](\d{1,2})[/-](\d{1,2})|(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}))", re.ASCII)
_CLOCK = re.compile(r"[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?\s*(Z|[+-]\d{2}:?\d{2})?", re.ASCII)
_STRICT_DAY = re.compile(r"\d{4}/\d{2}/\d{2}", re.ASCII)
_STRICT_TIME = re.compile(r"\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2}", re.ASCII)


def read_date(text: str) -> date | None:
    """The day in any form seen (``2019/01/17``, ``2019-01-17``, ``17/01/2019``, with or without time).

    ``None`` when it is no date.
    """
    moment = read_time(text)
    return moment.date() if moment else None


def read_time(text: str) -> datetime | None:
    """The instant, aware; midnight when only a day is given; Vietnam time unless the text names an offset."""
    day = _DAY.match(text)
    if not day:
        return None
    rest = text[day.end() :]
    clock = _CLOCK.fullmatch(rest.rstrip()) if rest.strip() else None
    if rest.strip() and not clock:
        return None
    year, month, number = (day[1], day[2], day[3]) if day[1] else (day[6], day[5], day[4])
    hour, minute, second = (clock[1], clock[2], clock[3] or "0") if clock else ("0", "0", "0")
    try:
        moment = datetime(int(year), int(month), int(number), int(hour), int(minute), int(second))
        if clock and clock[4]:
            return datetime.fromisoformat(moment.isoformat() + _offset(clock[4])).astimezone(VIETNAM)
        return moment.replace(tzinfo=VIETNAM)
    except (ValueError, OverflowError):
        return None


def _offset(text: str) -> str:
    return "+00:00" if text == "Z" else f"{text[:3]}:{text[-2:]}"


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
