"""vxp: the axis protocol (VXP) -- signed headers, a client, server-side checking, error codes.

Pure and usable alone. Owns how a call looks on the wire. Refuses to store anything and to read packets.
"""

from vanthu.vxp.calls import SignedCall, parse_and_verify
from vanthu.vxp.client import Client, MessageType, TransportStatus
from vanthu.vxp.errors import (
    BadCredentials,
    BadHeaders,
    CallRefused,
    CallUsed,
    ErrorCode,
    StaleCall,
    VxpBadAnswer,
    VxpBusy,
    VxpError,
    VxpRefused,
    VxpUnreachable,
)
from vanthu.vxp.hashes import Measured, PacketMeter, matches, unpadded
from vanthu.vxp.headers import PREFIX, lag, sign, signature, timestamp
from vanthu.vxp.rows import AgencyRow, Notice, PublicationRow, ReceivedRow, SendAnswer, SentRow, UnitRow

__all__ = [
    "PREFIX",
    "AgencyRow",
    "BadCredentials",
    "BadHeaders",
    "CallRefused",
    "CallUsed",
    "Client",
    "ErrorCode",
    "Measured",
    "MessageType",
    "Notice",
    "PacketMeter",
    "PublicationRow",
    "ReceivedRow",
    "SendAnswer",
    "SentRow",
    "SignedCall",
    "StaleCall",
    "TransportStatus",
    "UnitRow",
    "VxpBadAnswer",
    "VxpBusy",
    "VxpError",
    "VxpRefused",
    "VxpUnreachable",
    "lag",
    "matches",
    "parse_and_verify",
    "sign",
    "signature",
    "timestamp",
    "unpadded",
]
