"""A packet as its recipient's system gets it, over whichever door; for another axis with this axis' hop in it."""

from __future__ import annotations

from vanthu.axis import crossing, retention, storage
from vanthu.axis.actions import forwarding
from vanthu.axis.errors import BodyDropped
from vanthu.axis.models import AxisDelivery, Member


def body_for(caller: Member, delivery: AxisDelivery) -> crossing.Leaving:
    """The packet as it was sent; for another axis with our hop in its trace, which goes on record.

    The caller closes its stream. Raises :class:`BodyDropped` after the time for which the axis keeps bodies.
    """
    packet = delivery.packet
    try:
        if not caller.is_axis:
            return crossing.Leaving(storage.open_body(packet), packet.sha256, packet.size)
        body = crossing.leaving(packet)
    except FileNotFoundError:
        if retention.is_over(packet):
            raise BodyDropped(doc_id=delivery.pk) from None
        raise
    forwarding.note_copy(caller, packet, body.sha256)
    return body
