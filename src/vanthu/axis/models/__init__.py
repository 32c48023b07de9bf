"""State of the axis: who may send, who can be addressed, which packets are held for whom."""

from vanthu.axis.models.encryption import AgencyEncryption
from vanthu.axis.models.evidence import AxisKey, EvidenceBatch, LogEntry
from vanthu.axis.models.members import AgencyCode, AgencyListVersion, AxisAgency, Member, Stage
from vanthu.axis.models.neighbours import (
    Arrival,
    DownwardCopy,
    Errand,
    Forward,
    ForwardedDelivery,
    ForwardState,
    Parent,
    Turn,
)
from vanthu.axis.models.onboarding import Area, CareNote, Gap, NoteKind, TrialItem, TrialPass
from vanthu.axis.models.packets import WAITING, AxisDelivery, DeliveryState, Packet, PacketBody, PacketKind
from vanthu.axis.models.relay import MemberKey, Upload, UsedSignature, Webhook, WebhookCall
from vanthu.axis.models.rollup import AgencyDay, CountedDay, Direction, MemberDay
from vanthu.axis.models.usage import MemberMinute, UsedCall
from vanthu.axis.models.watch import (
    INCIDENT_OPEN,
    IncidentState,
    RefusedCalls,
    SecrecyIncident,
    WatchedCertificate,
    WatchedPlace,
)

__all__ = [
    "INCIDENT_OPEN",
    "WAITING",
    "AgencyCode",
    "AgencyDay",
    "AgencyEncryption",
    "AgencyListVersion",
    "Area",
    "Arrival",
    "AxisAgency",
    "AxisDelivery",
    "AxisKey",
    "CareNote",
    "CountedDay",
    "DeliveryState",
    "Direction",
    "DownwardCopy",
    "Errand",
    "EvidenceBatch",
    "Forward",
    "ForwardState",
    "ForwardedDelivery",
    "Gap",
    "IncidentState",
    "LogEntry",
    "Member",
    "MemberDay",
    "MemberKey",
    "MemberMinute",
    "NoteKind",
    "Packet",
    "PacketBody",
    "PacketKind",
    "Parent",
    "RefusedCalls",
    "SecrecyIncident",
    "Stage",
    "TrialItem",
    "TrialPass",
    "Turn",
    "Upload",
    "UsedCall",
    "UsedSignature",
    "WatchedCertificate",
    "WatchedPlace",
    "Webhook",
    "WebhookCall",
]
