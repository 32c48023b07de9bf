"""Reading counts by day: days that are counted (:mod:`vanthu.axis.counts`) from what is kept, the others live.

One statement reads both, so that a day that is being counted meanwhile is neither missed nor counted twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from vanthu.axis.counts import first_day, live_sql
from vanthu.axis.models import Member
from vanthu.base import clock

LONGEST_DAYS = 366


@dataclass(frozen=True)
class Period:
    """Calendar days in Viet Nam, both included."""

    first: date
    last: date

    @classmethod
    def of(cls, first: date | None, last: date | None) -> Period:
        """The days asked for, put right: the last 30 days by default, at most :data:`LONGEST_DAYS`."""
        end = min(last or clock.today(), clock.today())
        begin = first or end - timedelta(days=29)
        return cls(max(min(begin, end), end - timedelta(days=LONGEST_DAYS - 1)), end)

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The instants between which the days lie (the second not included)."""
        begin = datetime.combine(self.first, time(), clock.VIETNAM)
        return begin, datetime.combine(self.last + timedelta(days=1), time(), clock.VIETNAM)

    def days(self) -> Iterator[date]:
        """Each day."""
        for number in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=number)


class Count(NamedTuple):
    """A sum: over all parties on one ``day``, or (``day`` None) of one ``party`` over all days.

    ``party`` is the id of a member, or of an agency where one member's were asked for.
    """

    day: date | None
    party: UUID | None
    direction: str
    kind: str
    priority: int
    number: int
    size: int


class FineCount(NamedTuple):
    """One number as finely as it is counted."""

    day: date
    system_id: str
    code: str
    name: str
    direction: str
    kind: str
    priority: int
    number: int
    size: int


_OPEN = """
SELECT day::date AS day FROM generate_series(%(live)s::date, %(last)s::date, interval '1 day') day
WHERE NOT EXISTS (SELECT 1 FROM axis_countedday kept WHERE kept.day = day.day::date)
"""


def _source(by_agency: bool, directions: str) -> str:
    kept = "axis_agencyday" if by_agency else "axis_memberday"
    agency = "agency_id" if by_agency else "NULL::uuid"
    columns = "direction, kind, priority, number, size, last_at"
    return (
        f"SELECT * FROM (SELECT day, member_id, {agency} AS agency_id, {columns} FROM {kept} "  # noqa: S608
        f"WHERE day BETWEEN %(first)s AND %(last)s UNION ALL {live_sql(_OPEN)}) counts "
        f"WHERE direction IN ({directions}) AND (%(member)s::uuid IS NULL OR member_id = %(member)s::uuid)"
    )


def _asked(period: Period, member: Member | None) -> dict[str, date | UUID | None]:
    """Days before the first packet need no look."""
    begin = max(period.first, first_day() or clock.today())
    return {
        "first": period.first,
        "last": period.last,
        "live": begin,
        "member": member.id if member else None,
    }


def counted(period: Period, member: Member | None = None) -> list[Count]:
    """What was sent and received in the period: sums by day, and sums by member (or the member's agencies)."""
    party = "agency_id" if member else "member_id"
    source = _source(bool(member), "'sent', 'received'")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT day, {party}, direction, kind, priority, sum(number)::bigint, sum(size)::bigint "  # noqa: S608
            f"FROM ({source}) counts "
            f"GROUP BY GROUPING SETS ((day, direction, kind, priority), ({party}, direction, kind, priority))",
            _asked(period, member),
        )
        return [Count(*row) for row in cursor.fetchall()]


def fine(period: Period, member: Member | None = None) -> Iterator[FineCount]:
    """Every number of the period, by day, direction, member and agency."""
    source = _source(True, "'sent', 'received'")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT day, member.system_id, agency.code, agency.name, direction, kind, priority, number, size "  # noqa: S608
            f"FROM ({source}) counts JOIN axis_member member ON member.id = member_id "
            "JOIN axis_axisagency agency ON agency.id = agency_id "
            "ORDER BY day, direction DESC, member.system_id, agency.code, kind, priority",
            _asked(period, member),
        )
        yield from (FineCount(*row) for row in cursor.fetchall())


class Flow(NamedTuple):
    """One day: packets accepted (urgent ones among them), and hand-overs acknowledged as stored or as failed."""

    day: date
    accepted: int
    urgent: int
    delivered: int
    failed: int


def flows(period: Period) -> list[Flow]:
    """What went through on each day on which something did."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT day, "  # noqa: S608
            "coalesce(sum(number) FILTER (WHERE direction = 'sent'), 0)::bigint, "
            "coalesce(sum(number) FILTER (WHERE direction = 'sent' AND priority > 0), 0)::bigint, "
            "coalesce(sum(number) FILTER (WHERE direction = 'taken'), 0)::bigint, "
            "coalesce(sum(number) FILTER (WHERE direction = 'failed'), 0)::bigint "
            f"FROM ({_source(False, _FLOWING)}) counts GROUP BY day ORDER BY day",
            _asked(period, None),
        )
        return [Flow(*row) for row in cursor.fetchall()]


_FLOWING = "'sent', 'taken', 'failed'"


def last_taken(period: Period) -> dict[UUID, datetime]:
    """When each member last acknowledged that it has stored something, within the period."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT member_id, max(last_at) FROM ({_source(False, _TAKEN)}) counts GROUP BY member_id",  # noqa: S608
            _asked(period, None),
        )
        return dict(cursor.fetchall())


_TAKEN = "'taken'"
