"""How much goes through the axis, in equal steps of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.db.models import Count, DateTimeField, F, Func, Q, QuerySet, Value

from vanthu.axis.models import INCIDENT_OPEN, AxisDelivery, DeliveryState, Packet, SecrecyIncident
from vanthu.axis.watch import daily
from vanthu.base import clock


class Span(Enum):
    """What a chart covers: (name in the address, steps, length of a step)."""

    HOUR = ("hour", 60, timedelta(minutes=1))
    DAY = ("day", 96, timedelta(minutes=15))
    MONTH = ("month", 30, timedelta(days=1))

    @property
    def key(self) -> str:
        """Its name in the address."""
        return self.value[0]

    @property
    def steps(self) -> int:
        """How many points."""
        return self.value[1]

    @property
    def step(self) -> timedelta:
        """How long one point counts."""
        return self.value[2]

    @classmethod
    def named(cls, key: str) -> Span:
        """The span of that name, the hour for any other."""
        return next((span for span in cls if span.key == key), cls.HOUR)


@dataclass(frozen=True)
class Step:
    """One point of the chart. ``at`` is its beginning; the last one is still running."""

    at: datetime
    accepted: int = 0
    urgent: int = 0
    delivered: int = 0
    failed: int = 0


def volumes(span: Span) -> list[Step]:
    """Packets accepted, and hand-overs acknowledged, in each step up to now, oldest first.

    Steps begin at whole steps of Vietnamese legal time, so that a day is the calendar day.
    """
    midnight = clock.local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    running = midnight + (clock.now() - midnight) // span.step * span.step
    first = running - (span.steps - 1) * span.step
    if span is Span.MONTH:
        return _days(first, span)
    taken = _counted(Packet.objects.all(), "accepted_at", first, span, urgent=Q(priority__gt=0))
    ended = _counted(
        AxisDelivery.objects.all(),
        "acknowledged_at",
        first,
        span,
        done=Q(state=DeliveryState.DONE),
        failed=Q(state=DeliveryState.FAIL),
    )
    return list(_steps(first, span, taken, ended))


def _days(first: datetime, span: Span) -> list[Step]:
    """Whole days come from what is counted already, only today from the packets themselves."""
    flows = {flow.day: flow[1:] for flow in daily.flows(daily.Period(first.date(), clock.today()))}
    points = (first + number * span.step for number in range(span.steps))
    return [Step(at, *flows.get(at.date(), ())) for at in points]


def _steps(
    first: datetime, span: Span, taken: dict[datetime, dict[str, int]], ended: dict[datetime, dict[str, int]]
) -> Iterator[Step]:
    nothing: dict[str, int] = {}
    for number in range(span.steps):
        at = first + number * span.step
        came, went = taken.get(at, nothing), ended.get(at, nothing)
        yield Step(at, came.get("all", 0), came.get("urgent", 0), went.get("done", 0), went.get("failed", 0))


def _counted(
    rows: QuerySet[Packet] | QuerySet[AxisDelivery], column: str, first: datetime, span: Span, **parts: Q
) -> dict[datetime, dict[str, int]]:
    bucket = Func(
        Value(span.step), F(column), Value(first), function="date_bin", output_field=DateTimeField()
    )
    counts = {"all": Count("pk"), **{name: Count("pk", filter=part) for name, part in parts.items()}}
    found: Iterable[Any] = (
        rows.filter(**{f"{column}__gte": first}).values(step=bucket).annotate(**counts).order_by()
    )
    return {row["step"]: {name: row[name] for name in counts} for row in found}


@dataclass(frozen=True)
class Figures:
    """The figures at the top of the page; ``oldest`` is when the longest waiting packet was accepted."""

    accepted_today: int
    delivered_today: int
    waiting: int
    urgent: int
    oldest: datetime | None
    failed: int
    incidents: int


def figures(waiting: int, urgent: int, oldest: datetime | None) -> Figures:
    """Today's figures (calendar day in Viet Nam), with what the queues say."""
    midnight = clock.local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    return Figures(
        accepted_today=Packet.objects.filter(accepted_at__gte=midnight).count(),
        delivered_today=AxisDelivery.objects.filter(
            acknowledged_at__gte=midnight, state=DeliveryState.DONE
        ).count(),
        waiting=waiting,
        urgent=urgent,
        oldest=oldest,
        failed=AxisDelivery.objects.filter(state=DeliveryState.FAIL).count(),
        incidents=SecrecyIncident.objects.filter(state__in=INCIDENT_OPEN).count(),
    )
