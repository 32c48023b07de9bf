"""State of the exchange room: sending, receiving, changes of what is out, the axes, who is ready."""

from __future__ import annotations

from vanthu.exchange.models.axes import AxisStage, AxisStanding, Link, Listing, SenderProof
from vanthu.exchange.models.changes import (
    AnswerState,
    Change,
    ChangeKind,
    ChangeState,
    ChangeTarget,
    IncomingChange,
)
from vanthu.exchange.models.readiness import Cause, NotReady, PaperList, Side
from vanthu.exchange.models.receiving import LACKS_DOCUMENT, InboxPacket, InboxState, SecretCase, SecretState
from vanthu.exchange.models.sending import (
    Channel,
    Delivery,
    DeliveryState,
    DeliveryStatus,
    OutboxPacket,
    OutboxState,
    PacketKind,
    Transport,
)

__all__ = [
    "LACKS_DOCUMENT",
    "AnswerState",
    "AxisStage",
    "AxisStanding",
    "Cause",
    "Change",
    "ChangeKind",
    "ChangeState",
    "ChangeTarget",
    "Channel",
    "Delivery",
    "DeliveryState",
    "DeliveryStatus",
    "InboxPacket",
    "InboxState",
    "IncomingChange",
    "Link",
    "Listing",
    "NotReady",
    "OutboxPacket",
    "OutboxState",
    "PacketKind",
    "PaperList",
    "SecretCase",
    "SecretState",
    "SenderProof",
    "Side",
    "Transport",
]
