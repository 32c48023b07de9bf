"""Counts of what the axis carried, by day, member, agency, direction, kind and urgency (R46, K22).

Two directions, seen from a member or agency: *sent* counts packets that the axis accepted from it, *received*
counts packets that the axis accepted for it, one per recipient. Both belong to the day (in Viet Nam) on which
the axis accepted the packet, so a day that is over never changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from vanthu.axis.models import AxisAgency, Direction, Member, PacketKind
from vanthu.axis.watch.daily import Count, FineCount, Period, counted, fine

__all__ = ["CSV_HEAD", "DayCounts", "PartyCounts", "Period", "Statistics", "csv_rows", "statistics"]

CSV_DAYS = 7


@dataclass
class PartyCounts:
    """What one member (or agency) sent and received; documents and status packets apart, size in bytes."""

    key: str
    name: str
    sent: int = 0
    sent_urgent: int = 0
    sent_statuses: int = 0
    sent_size: int = 0
    received: int = 0
    received_urgent: int = 0
    received_statuses: int = 0


@dataclass
class DayCounts:
    """One day: documents and statuses accepted, hand-overs they became."""

    day: date
    documents: int = 0
    statuses: int = 0
    handed: int = 0


@dataclass
class Statistics:
    """All counts of a period. ``urgency`` counts documents accepted by urgency (0 to 4)."""

    period: Period
    days: list[DayCounts]
    parties: list[PartyCounts]
    urgency: dict[int, int]
    total: PartyCounts = field(default_factory=lambda: PartyCounts("", ""))


def statistics(period: Period, member: Member | None = None) -> Statistics:
    """The counts of the period: by member, or with ``member`` of its agencies."""
    days = {day: DayCounts(day) for day in period.days()}
    urgency = dict.fromkeys(range(5), 0)
    found: dict[Any, PartyCounts] = {key: PartyCounts(*name) for key, name in _names(member).items()}
    for count in counted(period, member):
        if count.day is None:
            _to_party(found.setdefault(count.party, PartyCounts("?", "")), count)
        else:
            _to_day(days[count.day], urgency, count)
    parties = sorted(found.values(), key=lambda party: (-(party.sent + party.received), party.key))
    return Statistics(period, list(days.values()), parties, urgency, _sum(parties))


def _to_day(counts: DayCounts, urgency: dict[int, int], count: Count) -> None:
    if count.direction == Direction.RECEIVED:
        counts.handed += count.number
    elif count.direction == Direction.SENT and count.kind == PacketKind.STATUS:
        counts.statuses += count.number
    elif count.direction == Direction.SENT:
        counts.documents += count.number
        urgency[count.priority] = urgency.get(count.priority, 0) + count.number


def _to_party(party: PartyCounts, count: Count) -> None:
    urgent = count.number if count.priority > 0 else 0
    status = count.kind == PacketKind.STATUS
    if count.direction == Direction.SENT:
        party.sent_size += count.size
    if count.direction == Direction.SENT and status:
        party.sent_statuses += count.number
    elif count.direction == Direction.SENT:
        party.sent, party.sent_urgent = party.sent + count.number, party.sent_urgent + urgent
    elif count.direction == Direction.RECEIVED and status:
        party.received_statuses += count.number
    elif count.direction == Direction.RECEIVED:
        party.received, party.received_urgent = party.received + count.number, party.received_urgent + urgent


def _names(member: Member | None) -> dict[Any, tuple[str, str]]:
    if member is None:
        return {
            key: (code, name) for key, code, name in Member.objects.values_list("id", "system_id", "name")
        }
    agencies = AxisAgency.objects.filter(member=member).values_list("id", "code", "name")
    return {key: (code, name) for key, code, name in agencies}


def _sum(parties: Iterable[PartyCounts]) -> PartyCounts:
    total = PartyCounts("", "")
    for party in parties:
        for name in vars(total):
            if name not in ("key", "name"):
                setattr(total, name, getattr(total, name) + getattr(party, name))
    return total


CSV_HEAD = (
    "ngay",
    "he_thong",
    "co_quan",
    "ten_co_quan",
    "chieu",
    "loai",
    "do_khan",
    "so_luong",
    "dung_luong",
)


def csv_rows(period: Period, member: Member | None = None) -> Iterator[tuple[str, ...]]:
    """Every count in its finest grain: day, member, agency, direction, kind, urgency; number and bytes.

    Bytes stand for sent packets only. Some days at a time are read from the database.
    """
    yield CSV_HEAD
    day = period.first
    while day <= period.last:
        last = min(day + timedelta(days=CSV_DAYS - 1), period.last)
        for row in fine(Period(day, last), member):
            yield _csv_row(row)
        day = last + timedelta(days=1)


_DIRECTIONS = {Direction.SENT.value: "gui", Direction.RECEIVED.value: "nhan"}


def _csv_row(row: FineCount) -> tuple[str, ...]:
    sent = row.direction == Direction.SENT
    return (
        row.day.isoformat(),
        _inert(row.system_id),
        _inert(row.code),
        _inert(row.name),
        _DIRECTIONS[row.direction],
        row.kind,
        str(row.priority),
        str(row.number),
        str(row.size) if sent else "",
    )


def _inert(text: str) -> str:
    """A text that a spreadsheet takes for a formula gets an apostrophe in front."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
