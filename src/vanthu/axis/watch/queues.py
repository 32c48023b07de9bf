"""What waits for whom and for how long, and how each member system is doing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Min, Q, Sum

from vanthu.axis import queries
from vanthu.axis.models import WAITING, AxisDelivery, DeliveryState, Member, RefusedCalls
from vanthu.axis.watch import daily, thresholds
from vanthu.axis.watch.thresholds import Concern, QueueFacts, Tone
from vanthu.base import clock

RATE_OVER = timedelta(hours=1)
FAILURES_OVER = timedelta(hours=24)
SUCCESS_DAYS = 7


@dataclass(frozen=True)
class QueueLine:
    """One member system as a recipient. Instants in UTC.

    ``per_hour`` is what it took in the last hour, ``left`` how long the queue lasts at that pace (None: nothing
    waits, or it takes nothing). ``failures`` are hand-overs it reported as failed, ``refusals`` its own refused
    calls, both in 24 hours. ``last_success`` looks seven days back.
    """

    member: Member
    agencies: int
    waiting: int
    urgent: int
    oldest: datetime | None
    oldest_urgent: datetime | None
    per_hour: int
    left: timedelta | None
    last_success: datetime | None
    failures: int
    refusals: int
    lag: timedelta | None
    """How far its clock lies behind ours (negative: ahead); None: unknown."""
    concerns: tuple[Concern, ...]

    @property
    def clock_off(self) -> timedelta | None:
        """By how much its clock is off, when that is worth a word."""
        return abs(self.lag) if self.lag is not None and abs(self.lag) > thresholds.CLOCK_OFF else None

    @property
    def clock_ahead(self) -> bool:
        """Whether its clock runs ahead of ours."""
        return self.lag is not None and self.lag < timedelta(0)

    @property
    def tone(self) -> Tone:
        """The worst of its concerns."""
        return thresholds.tone_of(self.concerns)


def lines() -> list[QueueLine]:
    """Every member system: those that need a person first, then by the length of the queue.

    The parent axis is not among them: it takes nothing, this axis brings it (:mod:`vanthu.axis.watch.parent`).
    """
    waiting, taken, lags = _waiting(), _taken(), queries.clock_lags()
    today = clock.today()
    successes = daily.last_taken(daily.Period(today - timedelta(days=SUCCESS_DAYS), today))
    failed, refused = _failed(), _refused()
    members = Member.objects.filter(parent=None)
    counted = members.annotate(agency_count=Count("agencies", filter=Q(agencies__deleted=False)))
    found = [
        _line(
            member,
            waiting.get(member.id, {}),
            taken.get(member.id, 0),
            successes.get(member.id),
            failed.get(member.id, 0),
            refused.get(member.id, 0),
            lags.get(member.id),
        )
        for member in counted
    ]
    order = [Tone.ACT, Tone.WATCH, Tone.CALM]
    return sorted(found, key=lambda line: (order.index(line.tone), -line.waiting, line.member.system_id))


def _line(
    member: Any,
    queue: dict[str, Any],
    per_hour: int,
    last_success: datetime | None,
    failures: int,
    refusals: int,
    lag: timedelta | None,
) -> QueueLine:
    facts = QueueFacts(
        waiting=queue.get("number", 0),
        oldest=queue.get("oldest"),
        urgent=queue.get("urgent", 0),
        oldest_urgent=queue.get("oldest_urgent"),
        last_call=member.last_seen,
        failures=failures + refusals,
        active=member.active,
    )
    return QueueLine(
        member=member,
        agencies=member.agency_count,
        waiting=facts.waiting,
        urgent=facts.urgent,
        oldest=facts.oldest,
        oldest_urgent=facts.oldest_urgent,
        per_hour=per_hour,
        left=RATE_OVER * (facts.waiting / per_hour) if facts.waiting and per_hour else None,
        last_success=last_success,
        failures=failures,
        refusals=refusals,
        lag=lag,
        concerns=thresholds.worst_first(
            [*thresholds.concerns(facts, clock.now()), *_about_calls(member, lag)]
        ),
    )


def _about_calls(member: Member, lag: timedelta | None) -> list[Concern]:
    """What will stop the calls of a member that is to call: its clock, its secret."""
    if not member.active:
        return []
    window = timedelta(seconds=settings.VANTHU.axis_clock_window_seconds)
    shown = thresholds.ClockFacts(lag, window, member.fresh_stamps)
    return [*thresholds.clock_concerns(shown), *secret_concerns(member)]


def secret_concerns(member: Member) -> list[Concern]:
    """What about the member's secret needs a person."""
    facts = thresholds.SecretFacts(
        since=member.secret_since,
        days=settings.VANTHU.axis_secret_days,
        old_until=member.old_secret_until,
        new_used=member.new_secret_used_at is not None,
    )
    return thresholds.secret_concerns(facts, clock.now())


def _waiting() -> dict[UUID, dict[str, Any]]:
    urgent = Q(priority__gt=0)
    rows: Iterable[Any] = (
        AxisDelivery.objects.filter(state__in=WAITING)
        .values("member")
        .annotate(
            number=Count("pk"),
            oldest=Min("created_at"),
            urgent=Count("pk", filter=urgent),
            oldest_urgent=Min("created_at", filter=urgent),
        )
        .order_by()
    )
    return {row["member"]: row for row in rows}


def _taken() -> dict[UUID, int]:
    rows = AxisDelivery.objects.filter(acknowledged_at__gte=clock.now() - RATE_OVER, state=DeliveryState.DONE)
    return dict(rows.values_list("member").annotate(number=Count("pk")).order_by())


def _failed() -> dict[UUID, int]:
    rows = AxisDelivery.objects.filter(state=DeliveryState.FAIL, updated_at__gte=clock.now() - FAILURES_OVER)
    return dict(rows.values_list("member").annotate(number=Count("pk")).order_by())


def _refused() -> dict[UUID, int]:
    rows = RefusedCalls.objects.filter(hour__gte=clock.now() - FAILURES_OVER)
    return dict(rows.values_list("member").annotate(total=Sum("number")).order_by())
