"""Working time of an agency: its calendar, and the instants by which the law wants something done.

Pure decisions on dates and instants. Calendars are data that the caller holds; refuses to store anything or
to know documents. Legal time is +07:00.
"""

from __future__ import annotations

from vanthu.worktime.calendar import LEGAL_TIME, Hours, WorkCalendar, default_calendar
from vanthu.worktime.deadlines import (
    ReceptionRule,
    dispatch_deadline,
    effective_received_at,
    is_late,
    paper_issue_deadline,
    reception_deadline,
)

__all__ = [
    "LEGAL_TIME",
    "Hours",
    "ReceptionRule",
    "WorkCalendar",
    "default_calendar",
    "dispatch_deadline",
    "effective_received_at",
    "is_late",
    "paper_issue_deadline",
    "reception_deadline",
]
