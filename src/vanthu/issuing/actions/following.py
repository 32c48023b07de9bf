"""The verbs after dispatch: a refusal or a failed delivery becomes work for the registry, until it is dealt with."""

from __future__ import annotations

from uuid import UUID

from vanthu.audit.ledger import action, record
from vanthu.base.actors import Actor, Role, system_actor
from vanthu.directory.queries import registry_of
from vanthu.edxml import StatusCode
from vanthu.exchange.models import Delivery, DeliveryState
from vanthu.issuing.models import Draft, Stage
from vanthu.records import queries
from vanthu.records.models import Direction, Document, Verb
from vanthu.records.participants import ask, done, require_step

TROUBLE = frozenset({DeliveryState.REJECTED, DeliveryState.FAILED})


def refused(delivery_id: UUID) -> bool:
    """Whether a 02 refused the document itself; one that only says no to a recall is its answer."""
    return Delivery.objects.filter(pk=delivery_id, state=DeliveryState.REJECTED).exists()


@action
def notice_trouble(delivery_id: UUID) -> None:
    """A recipient refused, or could not be reached: registry and drafter are asked to follow it up (R18)."""
    delivery = Delivery.objects.select_related("recipient").get(pk=delivery_id)
    document = Document.objects.select_for_update().get(pk=delivery.document_id)
    actor = system_actor(document.agency_id)
    reason = _reason(delivery)
    if delivery.state in TROUBLE:
        drafter = Draft.objects.get(document=document).drafter_id
        for principal in (registry_of(document.agency_id), drafter):
            ask(document, principal, Verb.FOLLOW, reason=reason)
    record(
        actor,
        "issuing.delivery_trouble",
        kind="document",
        object_id=document.pk,
        data={"recipient": delivery.recipient.name, "state": delivery.state, "reason": reason},
    )


@action
def follow_up_done(actor: Actor, document_id: UUID) -> None:
    """Somebody has seen to the refusal: sent again, told the drafter, or let it be."""
    document = queries.locked(actor, document_id, Direction.OUTGOING)
    require_step(actor, document, Verb.FOLLOW, state_label=Stage(document.state).label)
    if actor.has(Role.CLERK):
        done(document, Verb.FOLLOW)
    else:
        done(document, Verb.FOLLOW, principal=actor.own_post)
    record(actor, "issuing.follow_up_done", kind="document", object_id=document.pk)


def _reason(delivery: Delivery) -> str:
    if delivery.state == DeliveryState.FAILED:
        return f"{delivery.recipient.name}: {delivery.last_error}"
    refusal = delivery.statuses.filter(code=StatusCode.REJECTED.value).last()
    said = refusal.description if refusal else ""
    return f"{delivery.recipient.name} từ chối tiếp nhận: {said}"
