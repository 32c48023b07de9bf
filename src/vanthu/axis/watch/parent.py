"""The line to the parent axis: whether it answers, what waits to go up, what did not get there and who must act."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min, Q

from vanthu.axis import parent
from vanthu.axis.models import Forward, ForwardState, Parent
from vanthu.axis.watch import causes, thresholds
from vanthu.axis.watch.causes import Cause
from vanthu.axis.watch.thresholds import Concern, ParentFacts, Tone
from vanthu.base import clock

LOOK_BACK = timedelta(days=30)


@dataclass(frozen=True)
class Fault:
    """Packets that did not get up for one cause, in 30 days; ``said`` is the last answer."""

    cause: Cause
    number: int
    last_at: datetime
    said: str


@dataclass(frozen=True)
class ParentLine:
    """The line as it stands; instants in UTC.

    ``waiting`` are packets that have not left, ``asked`` those that left and whose end the parent has not told.
    ``untold`` are agencies here that the parent does not register, by code, with its words.
    """

    line: Parent
    waiting: int
    urgent: int
    oldest: datetime | None
    asked: int
    faults: list[Fault]
    untold: dict[str, str]
    secret_since: datetime | None
    concerns: tuple[Concern, ...]

    @property
    def tone(self) -> Tone:
        """The worst of its concerns."""
        return thresholds.tone_of(self.concerns)


def parent_line() -> ParentLine | None:
    """The line to the parent; None where this axis has no parent."""
    if not parent.configured():
        return None
    line, queue = parent.line(), _queue()
    faults, since = _faults(), parent.secret_since()
    facts = ParentFacts(
        answered_at=line.answered_at,
        failures=line.failures,
        problem=line.problem,
        oldest=queue["oldest"],
        oldest_urgent=queue["oldest_urgent"],
        failed=sum(fault.number for fault in faults),
        untold=len(line.untold),
        secret_since=since,
        secret_days=settings.VANTHU.axis_secret_days,
    )
    return ParentLine(
        line=line,
        waiting=queue["waiting"],
        urgent=queue["urgent"],
        oldest=queue["oldest"],
        asked=queue["asked"],
        faults=faults,
        untold=line.untold,
        secret_since=since,
        concerns=thresholds.parent_concerns(facts, clock.now()),
    )


def _queue() -> dict[str, Any]:
    waiting = Q(state=ForwardState.WAITING)
    urgent = waiting & Q(priority__gt=0)
    under_way = Forward.objects.filter(state__in=[ForwardState.WAITING, ForwardState.SENT])
    return under_way.aggregate(
        waiting=Count("pk", filter=waiting),
        urgent=Count("pk", filter=urgent),
        oldest=Min("waiting_since", filter=waiting),
        oldest_urgent=Min("waiting_since", filter=urgent),
        asked=Count("pk", filter=Q(state=ForwardState.SENT)),
    )


def _faults() -> list[Fault]:
    """By the code that the last try ended with, most frequent first."""
    since = clock.now() - LOOK_BACK
    rows: Iterable[Any] = (
        Forward.objects.filter(state=ForwardState.FAILED, waiting_since__gte=since)
        .values("error_code")
        .annotate(number=Count("pk"), last_at=Max("waiting_since"), said=Max("error_text"))
        .order_by("-number")
    )
    return [
        Fault(causes.forward_cause(row["error_code"]), row["number"], row["last_at"], row["said"])
        for row in rows
    ]
