"""State of the axis: who may send, who can be addressed, which packets are held for whom."""

from vanthu.axis.models.evidence import AxisKey, EvidenceBatch, LogEntry
from vanthu.axis.models.members import AgencyCode, AxisAgency, Member, Stage
from vanthu.axis.models.onboarding import Area, CareNote, Gap, NoteKind, TrialItem, TrialPass
from vanthu.axis.models.packets import WAITING, AxisDelivery, DeliveryState, Packet, PacketBody, PacketKind
from vanthu.axis.models.relay import MemberKey, Upload, UsedSignature, Webhook
from vanthu.axis.models.usage import MemberMinute, UsedCall
from vanthu.axis.models.watch import INCIDENT_OPEN, IncidentState, RefusedCalls, SecrecyIncident

__all__ = [
    "INCIDENT_OPEN",
    "WAITING",
    "AgencyCode",
    "Area",
    "AxisAgency",
    "AxisDelivery",
    "AxisKey",
    "CareNote",
    "DeliveryState",
    "EvidenceBatch",
    "Gap",
    "IncidentState",
    "LogEntry",
    "Member",
    "MemberKey",
    "MemberMinute",
    "NoteKind",
    "Packet",
    "PacketBody",
    "PacketKind",
    "RefusedCalls",
    "SecrecyIncident",
    "Stage",
    "TrialItem",
    "TrialPass",
    "Upload",
    "UsedCall",
    "UsedSignature",
    "Webhook",
]
