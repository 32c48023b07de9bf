"""Who takes part and what waits for whom: plain functions called inside the actions of the work rooms."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from vanthu.base import clock
from vanthu.base.actors import Actor, NotYourStep
from vanthu.records.models import Capacity, Document, Participation, Share, Verb, WorkItem


def include(document: Document, principal: UUID, capacity: Capacity) -> None:
    """Let a principal take part in the document; once is enough."""
    row = Participation(
        document=document,
        principal=principal,
        capacity=capacity,
        agency_id=document.agency_id,
        direction=document.direction,
    )
    Participation.objects.bulk_create([row], ignore_conflicts=True)


def share(document: Document, agency_id: UUID, principal: UUID) -> None:
    """Let a principal of another agency see the document's files in force; once is enough."""
    Share.objects.get_or_create(document=document, principal=principal, defaults={"agency_id": agency_id})


def unshare(document: Document) -> None:
    """No other agency sees the document any more, nor does it wait for one."""
    Share.objects.filter(document=document).delete()
    WorkItem.objects.filter(document=document).exclude(agency_id=document.agency_id).delete()


def stop_sharing(document: Document, principals: Collection[UUID]) -> None:
    """These principals of another agency do not see the document any more."""
    Share.objects.filter(document=document, principal__in=principals).delete()


def ask(
    document: Document,
    principal: UUID,
    verb: Verb,
    *,
    due_at: datetime | None = None,
    reason: str = "",
    agency_id: UUID | None = None,
) -> None:
    """Make the document wait for a principal, of ``agency_id`` when it is another one's; asking again refreshes the
    deadline and the reason."""
    item = WorkItem(
        document=document,
        principal=principal,
        verb=verb,
        agency_id=agency_id or document.agency_id,
        urgency=document.urgency,
        due_at=due_at,
        reason=reason[:500],
        created_at=clock.now(),
    )
    WorkItem.objects.bulk_create(
        [item],
        update_conflicts=True,
        unique_fields=["document", "principal", "verb"],
        update_fields=["agency", "urgency", "due_at", "reason", "created_at"],
    )


def remind(document: Document, agency_id: UUID, reason: str) -> bool:
    """Put a word beside whatever the document waits for in an agency, as long as it has waited; False when it does not
    wait there."""
    return bool(WorkItem.objects.filter(document=document, agency_id=agency_id).update(reason=reason[:500]))


def done(document: Document, *verbs: Verb, principal: UUID | None = None) -> None:
    """The document no longer waits for these verbs (of one principal, or of anybody)."""
    items = WorkItem.objects.filter(document=document, verb__in=verbs)
    if principal is not None:
        items = items.filter(principal=principal)
    items.delete()


def waits_for(actor: Actor, document: Document, verb: Verb) -> bool:
    """Whether the document waits for this actor to do this."""
    return WorkItem.objects.filter(document=document, verb=verb, principal__in=actor.principals).exists()


def require_step(actor: Actor, document: Document, verb: Verb, *, state_label: str) -> None:
    """Raise :class:`NotYourStep` unless the document waits for this actor to do this."""
    if not waits_for(actor, document, verb):
        raise NotYourStep(state=state_label, verb=verb.label.lower())
