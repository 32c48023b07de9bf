"""What the parent axis had for agencies here: noted once it is durable, and told back."""

from __future__ import annotations

from vanthu.audit.ledger import action, record
from vanthu.axis.actions.log import crossed, entry
from vanthu.axis.actions.shared import acting
from vanthu.axis.models import Arrival, AxisDelivery, Member
from vanthu.base import clock


@action
def arrived(parent: Member, remote_id: str, delivery: AxisDelivery) -> None:
    """The parent's packet is stored here as this delivery; noting it again changes nothing."""
    now = clock.now()
    _, fresh = Arrival.objects.get_or_create(
        remote_id=remote_id, defaults={"delivery": delivery, "arrived_at": now}
    )
    data = {"remoteId": remote_id, "to": delivery.recipient_code, "delivery": str(delivery.id)}
    if fresh:
        crossed("arrived", [delivery], parent, now, remoteId=remote_id)
    record(acting(parent), "axis.packet_arrived", kind="axis.packet", object_id=delivery.packet_id, data=data)


@action
def refused(parent: Member, remote_id: str, reason: str) -> None:
    """The parent's packet cannot be taken in for good."""
    now = clock.now()
    arrival, fresh = Arrival.objects.get_or_create(
        remote_id=remote_id, defaults={"refusal": reason[:500], "arrived_at": now}
    )
    data = {"remoteId": remote_id, "reason": reason[:500]}
    if fresh:
        entry("arrival_refused", arrival.id, parent, now, **data).save(force_insert=True)
    record(acting(parent), "axis.arrival_refused", kind="axis.member", object_id=parent.id, data=data)


def told(arrival: Arrival, state: str) -> None:
    """The parent knows the transport state of one arrival."""
    Arrival.objects.filter(pk=arrival.pk).update(told=state)
