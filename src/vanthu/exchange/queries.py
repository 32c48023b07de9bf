"""What pages, the API and reports read of the exchange."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from vanthu.base.actors import Actor, NotYours, Role
from vanthu.exchange import axes, outbox, rules
from vanthu.exchange.axes import Axis
from vanthu.exchange.models import (
    Channel,
    Delivery,
    DeliveryState,
    InboxPacket,
    InboxState,
    Link,
    OutboxPacket,
    OutboxState,
)
from vanthu.exchange.profiles import STANDARD
from vanthu.formalities import Steering
from vanthu.records import queries as records
from vanthu.records.models import Document

LIMIT = 200


@dataclass(frozen=True)
class Failed:
    """What could not be sent: documents to recipients, and statuses and requests about documents."""

    deliveries: Sequence[Delivery]
    statuses: Sequence[OutboxPacket]


@dataclass(frozen=True)
class AxisLink:
    """An axis of this site; ``link`` is None before the first try."""

    axis: Axis
    link: Link | None


def deliveries_of(document: Document) -> list[Delivery]:
    """The document's deliveries with their statuses and what was asked; four queries, however many recipients."""
    return list(
        Delivery.objects.filter(document=document)
        .select_related("recipient")
        .prefetch_related("statuses", "change_targets__change")
        .order_by("channel", "id")
    )


def receipt(actor: Actor, delivery_id: UUID) -> Delivery:
    """A delivery with the axis' receipt, to whoever sees its document. Raises ``NotYours``."""
    found = (
        Delivery.objects.filter(pk=delivery_id, document__in=records.visible(actor))
        .exclude(receipt="")
        .select_related("packet")
        .first()
    )
    if found is None:
        raise NotYours
    return found


def finished(deliveries: Sequence[Delivery]) -> bool:
    """Whether nothing more can happen to them by itself."""
    return all(
        delivery.state in rules.FINISHED or delivery.channel == Channel.PAPER for delivery in deliveries
    )


def failed(actor: Actor) -> Failed:
    """What the actor's registry could not get to its addressee, newest first; other roles see nothing."""
    if not actor.has(Role.CLERK):
        return Failed([], [])
    deliveries = (
        Delivery.objects.filter(agency_id=actor.agency_id, state=DeliveryState.FAILED)
        .filter(document__in=records.visible(actor))
        .select_related("document", "recipient")
        .order_by("-id")
    )
    statuses = (
        OutboxPacket.objects.filter(
            outbox.WITHOUT_DELIVERY, agency_id=actor.agency_id, state=OutboxState.FAILED
        )
        .select_related("document")
        .order_by("-id")
    )
    return Failed(list(deliveries[:LIMIT]), list(statuses[:LIMIT]))


def quarantine(actor: Actor) -> list[InboxPacket]:
    """Packets of the actor's agency that wait for somebody's decision, newest first; the clerk's alone."""
    if not actor.has(Role.CLERK):
        return []
    return list(
        InboxPacket.objects.filter(agency_id=actor.agency_id, state=InboxState.QUARANTINED).order_by("-id")[
            :LIMIT
        ]
    )


def axis_links() -> list[AxisLink]:
    """When each axis last answered, and its trouble if any, in the order of their declaration."""
    known = {row.name: row for row in Link.objects.filter(name__in=axes.names())}
    return [AxisLink(axis, known.get(axis.name)) for axis in axes.configured()]


def steering_of(came: InboxPacket) -> Steering | None:
    """What a packet's number says of its document, by the profile of the axis it came over.

    None: it says nothing, or a number that this axis does not define.
    """
    axis = None if came.source == axes.LOCAL else axes.by_name(came.source)
    numbers = (axis.profile if axis else STANDARD).steering
    return None if came.steering_type is None else numbers.meaning(came.steering_type)


def unknown_steering(document: Document) -> int | None:
    """The number that a received document came with and that its axis does not define; None: there is none."""
    came = InboxPacket.objects.filter(document=document).exclude(steering_type=None).order_by("id").first()
    return came.steering_type if came is not None and steering_of(came) is None else None
