"""Counts of what the axis carried, by day, member, agency, direction, kind and urgency (R46, K22).

Two directions, seen from a member or agency: *sent* counts packets that the axis accepted from it, *received*
counts packets that the axis accepted for it, one per recipient. Both belong to the day (in Viet Nam) on which
the axis accepted the packet, so a day that is over never changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from vanthu.axis.models import AxisAgency, AxisDelivery, Member, Packet, PacketKind
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
    sent, received = _sent(period, member), _received(period, member)
    days = {day: DayCounts(day) for day in period.days()}
    urgency = dict.fromkeys(range(5), 0)
    for row in _by_day(sent, "accepted_at"):
        counts = days[row["day"]]
        if row["kind"] == PacketKind.STATUS:
            counts.statuses += row["number"]
        else:
            counts.documents += row["number"]
            urgency[row["priority"]] = urgency.get(row["priority"], 0) + row["number"]
    for row in _by_day(received, "created_at"):
        days[row["day"]].handed += row["number"]
    parties = _parties(sent, received, member)
    return Statistics(period, list(days.values()), parties, urgency, _sum(parties))


def _sent(period: Period, member: Member | None) -> QuerySet[Packet]:
    begin, end = period.bounds
    rows = Packet.objects.filter(accepted_at__gte=begin, accepted_at__lt=end)
    return rows.filter(member=member) if member else rows


def _received(period: Period, member: Member | None) -> QuerySet[AxisDelivery]:
    begin, end = period.bounds
    rows = AxisDelivery.objects.filter(created_at__gte=begin, created_at__lt=end)
    return rows.filter(member=member) if member else rows


def _by_day(rows: QuerySet[Packet] | QuerySet[AxisDelivery], column: str) -> Iterable[Any]:
    day = TruncDate(column, tzinfo=clock.VIETNAM)
    return rows.values("kind", "priority", day=day).annotate(number=Count("pk")).order_by()


_DOCUMENT, _STATUS = ~Q(kind=PacketKind.STATUS), Q(kind=PacketKind.STATUS)
_URGENT = _DOCUMENT & Q(priority__gt=0)


def _parties(
    sent: QuerySet[Packet], received: QuerySet[AxisDelivery], member: Member | None
) -> list[PartyCounts]:
    sender, recipient = ("sender", "recipient") if member else ("member", "member")
    parts = {
        "documents": Count("pk", filter=_DOCUMENT),
        "urgent": Count("pk", filter=_URGENT),
        "statuses": Count("pk", filter=_STATUS),
    }
    known = _names(member)
    found: dict[Any, PartyCounts] = {key: PartyCounts(*name) for key, name in known.items()}
    rows: Iterable[Any] = sent.values(sender).annotate(size=Sum("size"), **parts).order_by()
    for row in rows:
        party = found.setdefault(row[sender], PartyCounts("?", ""))
        party.sent, party.sent_urgent = row["documents"], row["urgent"]
        party.sent_statuses, party.sent_size = row["statuses"], row["size"] or 0
    rows = received.values(recipient).annotate(**parts).order_by()
    for row in rows:
        party = found.setdefault(row[recipient], PartyCounts("?", ""))
        party.received, party.received_urgent = row["documents"], row["urgent"]
        party.received_statuses = row["statuses"]
    return sorted(found.values(), key=lambda party: (-(party.sent + party.received), party.key))


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

    Bytes stand for sent packets only. Rows come from the database as they are written out.
    """
    yield CSV_HEAD
    yield from _fine(_sent(period, member), "accepted_at", "sender", "gui", size=Sum("size"))
    yield from _fine(_received(period, member), "created_at", "recipient", "nhan")


def _fine(
    rows: QuerySet[Packet] | QuerySet[AxisDelivery], column: str, agency: str, direction: str, **more: Any
) -> Iterator[tuple[str, ...]]:
    day = TruncDate(column, tzinfo=clock.VIETNAM)
    grain = ("day", "member__system_id", f"{agency}__code", f"{agency}__name", "kind", "priority")
    counted: Any = rows.annotate(day=day).values(*grain).annotate(number=Count("pk"), **more).order_by(*grain)
    for row in counted.iterator(chunk_size=2000):
        first = [row[name] for name in grain[:4]]
        size = str(row.get("size") or "") if more else ""
        yield (
            first[0].isoformat(),
            *(_inert(str(text)) for text in first[1:]),
            direction,
            row["kind"],
            str(row["priority"]),
            str(row["number"]),
            size,
        )


def _inert(text: str) -> str:
    """A text that a spreadsheet takes for a formula gets an apostrophe in front."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
