"""Handing over again what a recipient's system reported as failed."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from vanthu.audit.ledger import action, record
from vanthu.axis import counts, storage
from vanthu.axis import operator_rules as rules
from vanthu.axis.actions.shared import OPERATOR_CHAIN
from vanthu.axis.models import AxisDelivery, DeliveryState, PacketBody
from vanthu.axis.operator_errors import BodyGone, NotResendable, PacketUnknown
from vanthu.base import clock
from vanthu.base.actors import Actor


@action
def hand_over_again(delivery_id: UUID, actor: Actor) -> AxisDelivery:
    """Put a failed delivery back into its recipient's queue: the next list offers it as new.

    What went before stays in the log. Raises :class:`PacketUnknown`, ``NotResendable``, :class:`BodyGone`.
    """
    delivery = AxisDelivery.objects.select_for_update().filter(pk=delivery_id).first()
    if delivery is None:
        raise PacketUnknown
    rules.may_hand_over_again(delivery.state)
    _check_body(delivery)
    data = {
        "to": delivery.recipient_code,
        "delivery": str(delivery.id),
        "failedAt": delivery.acknowledged_at,
        "said": delivery.description,
    }
    counts.forget([delivery.acknowledged_at])
    delivery.state, delivery.description = DeliveryState.INITIAL, ""
    delivery.handed_over_at = delivery.acknowledged_at = None
    delivery.updated_at = clock.now()
    delivery.save(update_fields=["state", "description", "handed_over_at", "acknowledged_at", "updated_at"])
    teller = rules.in_chain(actor, OPERATOR_CHAIN)
    record(teller, "axis.packet_offered_again", kind="axis.packet", object_id=delivery.packet_id, data=data)
    return delivery


def hand_over_all_again(delivery_ids: Iterable[UUID], actor: Actor) -> int:
    """Hand each over again, each in a transaction of its own; what cannot be is left. Returns how many were."""
    done = 0
    for delivery_id in delivery_ids:
        try:
            hand_over_again(delivery_id, actor)
        except (NotResendable, BodyGone):
            continue
        done += 1
    return done


def _check_body(delivery: AxisDelivery) -> None:
    try:
        storage.open_body(delivery.packet).close()
    except (FileNotFoundError, PacketBody.DoesNotExist):
        raise BodyGone from None
