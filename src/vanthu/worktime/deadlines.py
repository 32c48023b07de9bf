"""Instants by which documents must be sent, issued or submitted.

Each function names its article. All instants are aware; answers are in legal time (+07:00). ``urgency`` is
the level on the wire (0 ordinary, 1 to 4 urgent): an ``IntEnum`` fits. What "at once" means has no number in
any text, so it is a parameter (30 minutes of clock time, also out of hours).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import Enum

from vanthu.worktime.calendar import LEGAL_TIME, WorkCalendar

AT_ONCE = timedelta(minutes=30)
_LAST_SECOND = time(23, 59, 59)


class ReceptionRule(Enum):
    """By when an incoming document must be registered and submitted."""

    SAME_DAY = "trong ngày"
    """The date on which it counts as received (Hà Tĩnh QĐ 33/2019, Điều 8.3)."""
    NEXT_WORKING_DAY = "chậm nhất ngày làm việc tiếp theo"
    """NĐ 30/2020, Điều 23.1."""


def dispatch_deadline(
    signed_at: datetime, calendar: WorkCalendar, urgency: int = 0, *, at_once: timedelta = AT_ONCE
) -> datetime:
    """Latest instant to send an electronic document (QĐ 28/2018, Điều 5).

    Ordinary: the day of signing, at the latest the end of the morning of the next working day. Urgent: at
    once.
    """
    signed = _legal_time(signed_at)
    if urgency > 0:
        return signed + at_once
    return calendar.morning_end(calendar.next_working_day(signed.date()))


def paper_issue_deadline(signed_at: datetime, calendar: WorkCalendar) -> datetime:
    """Latest instant to issue a paper document: the end of the next working day (NĐ 30/2020, Điều 18.1)."""
    signed = _legal_time(signed_at)
    return _end_of(calendar.next_working_day(signed.date()))


def effective_received_at(received_at: datetime, calendar: WorkCalendar) -> datetime:
    """Instant from which reception duties run.

    The arrival itself on a working day up to closing time, otherwise the start of the next working day.
    """
    received = _legal_time(received_at)
    today = received.date()
    if calendar.is_working(today) and received <= calendar.day_end(today):
        return received
    return calendar.morning_start(calendar.next_working_day(today))


def reception_deadline(
    received_at: datetime,
    calendar: WorkCalendar,
    urgency: int = 0,
    *,
    rule: ReceptionRule = ReceptionRule.SAME_DAY,
    at_once: timedelta = AT_ONCE,
) -> datetime:
    """Latest instant to register and submit an incoming document.

    Ordinary: 23:59:59 of the date that counts as the date of reception, or of the next working day under NĐ
    30/2020 Điều 23.1. Urgent: at once after the real arrival, also out of hours.
    """
    if urgency > 0:
        return _legal_time(received_at) + at_once
    counted = effective_received_at(received_at, calendar).date()
    if rule is ReceptionRule.NEXT_WORKING_DAY:
        counted = calendar.next_working_day(counted)
    return _end_of(counted)


def is_late(done_at: datetime, deadline: datetime) -> bool:
    """Whether something was done after its deadline, compared in whole seconds: 11:30:00.9 still meets
    11:30:00.
    """
    return _legal_time(done_at).replace(microsecond=0) > _legal_time(deadline).replace(microsecond=0)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, _LAST_SECOND, LEGAL_TIME)


def _legal_time(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant must carry its time zone")
    return instant.astimezone(LEGAL_TIME)
