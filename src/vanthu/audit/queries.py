"""Reading and verifying the chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Subquery

from vanthu.audit.ledger import event_hash
from vanthu.audit.models import Chain, Event


@dataclass(frozen=True)
class Verdict:
    """What the verification of one agency's chain found; ``broken_at`` is the first bad sequence, if any."""

    agency_id: UUID
    length: int
    broken_at: int | None
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Whether every event follows from the one before, up to the recorded head."""
        return self.broken_at is None

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "agency": str(self.agency_id),
            "length": self.length,
            "holds": self.holds,
            "broken_at": self.broken_at,
            "reason": self.reason,
        }


def verify(agency_id: UUID) -> Verdict:
    """Re-compute every hash of the agency's chain and compare with the head.

    Also while the site works: head and events are read by one statement, so an event that is added meanwhile belongs to
    neither.
    """
    chain = Chain.objects.filter(pk=agency_id)
    events = Event.objects.filter(agency_id=agency_id).annotate(
        whole=Subquery(chain.values("length")), head=Subquery(chain.values("head"))
    )
    previous, expected = "0" * 64, 0
    head: tuple[int | None, str | None] = (None, None)
    for event in events.order_by("sequence").iterator(chunk_size=2000):
        expected += 1
        if event.sequence != expected:
            return Verdict(agency_id, expected, expected, "thiếu sự kiện")
        if event.previous != previous or event_hash(event) != event.hash:
            return Verdict(agency_id, expected, event.sequence, "sự kiện bị sửa")
        previous, head = event.hash, (event.whole, event.head)
    if expected == 0 and not chain.filter(length__gt=0).exists():
        return Verdict(agency_id, 0, None)
    if expected == 0 and Event.objects.filter(agency_id=agency_id).exists():
        return verify(agency_id)  # its first event came just now
    if head != (expected, previous):
        return Verdict(agency_id, expected, expected + 1, "đầu chuỗi không khớp")
    return Verdict(agency_id, expected, None)


def verify_all() -> list[Verdict]:
    """Verify the chain of every agency on this site."""
    agencies = set(Chain.objects.values_list("agency_id", flat=True))
    agencies |= set(Event.objects.values_list("agency_id", flat=True).distinct())
    return [verify(agency_id) for agency_id in sorted(agencies)]


LOOKS = ("records.view", "records.download")
"""Verbs of looking: kept in the chain as access history, left out of the story of what happened."""


def timeline(object_id: UUID, limit: int = 200) -> QuerySet[Event]:
    """What happened to one object, newest first, whichever agency's people did it; who looked is :func:`looks`."""
    told = Event.objects.filter(object_id=object_id).exclude(verb__in=LOOKS)
    return told.order_by("-at", "-sequence")[:limit]


def looks(object_id: UUID, limit: int = 200) -> QuerySet[Event]:
    """Who opened or took away files of one object, newest first (PL VI III.5.a)."""
    seen = Event.objects.filter(object_id=object_id, verb__in=LOOKS)
    return seen.order_by("-at", "-sequence")[:limit]
