"""Counting what the axis carried by calendar day (Viet Nam): days that are over are counted once and kept.

A day is written by a job some time after its end, in one transaction; until then, and for today, the packets
themselves are counted. Both by the same SQL, and what is kept is dropped where something of that day changes after
all (an agency moves to another member, a failed hand-over is offered again), so the numbers are the same either way.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from vanthu.axis.actions.shared import one_at_a_time
from vanthu.axis.models import AgencyDay, CountedDay, MemberDay, Packet
from vanthu.base import clock

SETTLED_AFTER = timedelta(hours=1)
"""After midnight: by then every packet whose receipt names the day before is committed."""

DAYS_PER_ROUND = 40

_BRANCHES = (
    ("sent", "axis_packet", "accepted_at", "sender_id", "sum(size)", "true"),
    ("received", "axis_axisdelivery", "created_at", "recipient_id", "0", "true"),
    ("taken", "axis_axisdelivery", "acknowledged_at", "recipient_id", "0", "state = 'done'"),
    ("failed", "axis_axisdelivery", "acknowledged_at", "recipient_id", "0", "state = 'fail'"),
)
_BRANCH = """
SELECT open.day, found.member_id, found.agency_id, '{direction}' AS direction, found.kind, found.priority,
       found.number, found.size, found.last_at
FROM ({days}) open CROSS JOIN LATERAL (
    SELECT member_id, {agency} AS agency_id, kind, priority, count(*) AS number,
           coalesce({size}, 0)::bigint AS size, max({at}) AS last_at
    FROM {table}
    WHERE {at} >= open.day::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh'
      AND {at} < (open.day + 1)::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh' AND {condition}
    GROUP BY 1, 2, 3, 4) found
"""


def live_sql(days: str) -> str:
    """Counts of the packets themselves, of each day that the query ``days`` (one column, ``day``) gives."""
    return " UNION ALL ".join(
        _BRANCH.format(
            days=days, direction=direction, table=table, at=at, agency=agency, size=size, condition=condition
        )
        for direction, table, at, agency, size, condition in _BRANCHES
    )


def first_day() -> date | None:
    """The day of the oldest packet; keys grow with time."""
    first = Packet.objects.order_by("id").values_list("accepted_at", flat=True).first()
    return clock.local(first).date() if first else None


def count_days() -> int:
    """Count days that are over and not counted yet, the latest first; returns how many. May run twice."""
    due = _due()[:DAYS_PER_ROUND]
    for day in due:
        count_day(day)
    return len(due)


def _due() -> list[date]:
    begin, end = first_day(), clock.local(clock.now() - SETTLED_AFTER).date()
    if begin is None:
        return []
    counted = set(CountedDay.objects.filter(day__gte=begin).values_list("day", flat=True))
    over = ((end - timedelta(days=back)) for back in range(1, (end - begin).days + 1))
    return [day for day in over if day not in counted]


@transaction.atomic
def count_day(day: date) -> None:
    """Count a day anew, whatever is kept of it."""
    _lock([day])
    _drop([day])
    columns = "day, member_id, agency_id, direction, kind, priority, number, size, last_at"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO axis_agencyday ({columns}) {live_sql('SELECT %(day)s::date AS day')}",
            {"day": day},
        )
        cursor.execute(
            "INSERT INTO axis_memberday (day, member_id, direction, kind, priority, number, size, last_at) "
            "SELECT day, member_id, direction, kind, priority, sum(number), sum(size), max(last_at) "
            "FROM axis_agencyday WHERE day = %s GROUP BY 1, 2, 3, 4, 5",
            [day],
        )
    CountedDay.objects.create(day=day, counted_at=clock.now())


def forget(instants: Iterable[datetime | None]) -> None:
    """Something that was counted has changed: its days are counted again. In the running transaction."""
    days = sorted({clock.local(at).date() for at in instants if at is not None})
    if days:
        _lock(days)
        _drop(days)


def _lock(days: Iterable[date]) -> None:
    """Who counts a day and who changes something in it take turns."""
    one_at_a_time(f"counted:{day}" for day in days)


def _drop(days: list[date]) -> None:
    AgencyDay.objects.filter(day__in=days).delete()
    MemberDay.objects.filter(day__in=days).delete()
    CountedDay.objects.filter(day__in=days).delete()
