"""State of the axis: who may send, who can be addressed, which packets are held for whom."""

from vanthu.axis.models.members import AgencyCode, AxisAgency, Member, Stage
from vanthu.axis.models.onboarding import Area, CareNote, Gap, NoteKind, TrialItem, TrialPass
from vanthu.axis.models.packets import WAITING, AxisDelivery, DeliveryState, Packet, PacketBody, PacketKind
from vanthu.axis.models.usage import MemberMinute, UsedCall

__all__ = [
    "WAITING",
    "AgencyCode",
    "Area",
    "AxisAgency",
    "AxisDelivery",
    "CareNote",
    "DeliveryState",
    "Gap",
    "Member",
    "MemberMinute",
    "NoteKind",
    "Packet",
    "PacketBody",
    "PacketKind",
    "Stage",
    "TrialItem",
    "TrialPass",
    "UsedCall",
]
