"""What went wrong, grouped by cause, with who must act and what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from vanthu.axis.errors import EvidencePending
from vanthu.axis.models import (
    INCIDENT_OPEN,
    AxisDelivery,
    DeliveryState,
    ForwardState,
    RefusedCalls,
    SecrecyIncident,
)
from vanthu.axis.operator_errors import StateSecretRefused
from vanthu.axis.watch import causes
from vanthu.axis.watch.causes import Cause, Party
from vanthu.axis.watch.queues import QueueLine
from vanthu.axis.watch.thresholds import Tone
from vanthu.base import clock

LOOK_BACK = timedelta(days=30)
REFUSALS_OVER = timedelta(hours=24)
SHOWN = 6
LOOKED_AT = 2000
_NO_FAILURES = (StateSecretRefused.code, EvidencePending.code)
"""Stopped secrets stand as incidents, which say more; who is told to ask again later has done nothing wrong."""


@dataclass
class FailureGroup:
    """Failures of one cause. ``number`` counts all; the lists hold the newest, :data:`SHOWN` at most.

    ``said`` is what the other side said last, for refused calls.
    """

    cause: Cause
    number: int = 0
    last_at: datetime | None = None
    deliveries: list[AxisDelivery] = field(default_factory=list)
    calls: list[RefusedCalls] = field(default_factory=list)
    silent: list[QueueLine] = field(default_factory=list)
    incidents: list[SecrecyIncident] = field(default_factory=list)

    def count(self, at: datetime | None, number: int = 1) -> None:
        """One more occurrence, or several."""
        self.number += number
        if at is not None and (self.last_at is None or at > self.last_at):
            self.last_at = at


@dataclass(frozen=True)
class Failures:
    """All groups; ``cut`` says that more failed hand-overs exist than were looked at."""

    groups: list[FailureGroup]
    cut: bool

    def of(self, party: Party) -> list[FailureGroup]:
        """The groups on which that party must act."""
        return [group for group in self.groups if group.cause.party is party]


def failures(lines: Iterable[QueueLine]) -> Failures:
    """What stands failed now: hand-overs of 30 days, queues nobody fetches, refused calls of 24 hours, incidents.

    ``lines`` are the queues as :func:`vanthu.axis.watch.queues.lines` tells them. Most frequent cause first.
    """
    groups: dict[str, FailureGroup] = {}

    def group(cause: Cause) -> FailureGroup:
        return groups.setdefault(cause.key, FailureGroup(cause))

    failed = _failed()
    for delivery in failed[:LOOKED_AT]:
        _add(group(_cause(delivery)), "deliveries", delivery, delivery.updated_at)
    for line in lines:
        if line.waiting and line.tone is Tone.ACT:
            _add(group(causes.SILENT), "silent", line, line.oldest)
    calls = RefusedCalls.objects.filter(hour__gte=clock.now() - REFUSALS_OVER)
    for call in calls.exclude(code__in=_NO_FAILURES).select_related("member").order_by("-last_at"):
        _add(group(causes.refusal_cause(call.code)), "calls", call, call.last_at, call.number)
    for incident in SecrecyIncident.objects.filter(state__in=INCIDENT_OPEN).order_by("-last_at"):
        _add(group(causes.STATE_SECRET), "incidents", incident, incident.last_at)
    ordered = sorted(groups.values(), key=lambda one: (one.cause.party is not Party.AUTHORITY, -one.number))
    return Failures(ordered, len(failed) > LOOKED_AT)


def resendable(cause_key: str) -> list[UUID]:
    """The failed hand-overs of one cause that handing over again can mend, oldest first."""
    return [
        delivery.id
        for delivery in reversed(_failed()[:LOOKED_AT])
        if (cause := _cause(delivery)).key == cause_key and cause.resendable
    ]


def _cause(delivery: AxisDelivery) -> Cause:
    """A packet that did not reach the parent axis failed on the way; any other failure its recipient reported."""
    forwarded = getattr(delivery, "forwarded", None)
    if forwarded is not None and forwarded.forward.state == ForwardState.FAILED:
        return causes.forward_cause(forwarded.forward.error_code)
    return causes.reported_cause(delivery.description)


def _add(group: FailureGroup, where: str, item: object, at: datetime | None, number: int = 1) -> None:
    group.count(at, number)
    shown = getattr(group, where)
    if len(shown) < SHOWN:
        shown.append(item)


def _failed() -> list[AxisDelivery]:
    rows = AxisDelivery.objects.filter(state=DeliveryState.FAIL, updated_at__gte=clock.now() - LOOK_BACK)
    whole = rows.select_related("packet", "recipient", "member", "forwarded__forward")
    return list(whole.order_by("-id")[: LOOKED_AT + 1])
