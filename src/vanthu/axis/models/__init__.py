"""State of the axis: who may send, who can be addressed, which packets are held for whom."""

from vanthu.axis.models.members import AgencyCode, AxisAgency, Member
from vanthu.axis.models.packets import WAITING, AxisDelivery, DeliveryState, Packet, PacketBody, PacketKind

__all__ = [
    "WAITING",
    "AgencyCode",
    "AxisAgency",
    "AxisDelivery",
    "DeliveryState",
    "Member",
    "Packet",
    "PacketBody",
    "PacketKind",
]
