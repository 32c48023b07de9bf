"""The edXML packet (QCVN 102:2016/BTTTT, Sửa đổi 1:2022): model, tolerant reader, strict writer, checks.

Usable alone; knows no database, no network and not who sends.

    result = read(Path("goi.edxml"))            # any variant in circulation, bounded memory
    result.packet                               # DocumentPacket | StatusPacket
    [note.text for note in result.notes]        # defects that were tolerated, in Vietnamese
    check(packet)                               # what forbids sending, in Vietnamese
    write(packet)                               # bytes; the same packet gives the same bytes
    write_to(packet, stream)                    # streamed; returns size and SHA-256
    describe(packet)                            # JSON-able
    compose(plain, content_of)                  # a packet out of such plain data

``read(write(packet)).packet == packet`` for every packet that passes ``check`` and whose texts are trimmed
(comparison leaves out ``unknown`` values and an attachment's ``declared_type``, ``damaged`` and ``notes``).
"""

from vanthu.edxml.checks import LONGEST_ORGAN_ID, check
from vanthu.edxml.codes import (
    ADMINISTRATIVE_TYPES,
    NORMATIVE_TYPES,
    BusinessType,
    MessageType,
    StatusCode,
    priority_label,
    status_code,
    status_label,
    type_codes,
)
from vanthu.edxml.compose import compose
from vanthu.edxml.content import Content, Spool
from vanthu.edxml.describe import describe
from vanthu.edxml.errors import (
    AttachmentBomb,
    BadDescription,
    BadValue,
    DuplicateElement,
    ForbiddenDoctype,
    LimitExceeded,
    NotAPacket,
    NotWritable,
    NotXml,
    PacketError,
    TooDeep,
    TooLarge,
    TooManyAttachments,
    TooManyElements,
)
from vanthu.edxml.limits import Limits
from vanthu.edxml.media import media_type
from vanthu.edxml.model import (
    VIETNAM,
    Attachment,
    Business,
    DocumentChange,
    DocumentPacket,
    Organization,
    Packet,
    ReceiverChange,
    Replacement,
    ResponseFor,
    Signer,
    StaffInfo,
    StatusPacket,
    TraceHop,
    UnknownValue,
)
from vanthu.edxml.notes import Note, NoteCode
from vanthu.edxml.problems import Problem
from vanthu.edxml.reader import NAMESPACE, ReadResult, read
from vanthu.edxml.writer import Written, write, write_to

__all__ = [
    "ADMINISTRATIVE_TYPES",
    "LONGEST_ORGAN_ID",
    "NAMESPACE",
    "NORMATIVE_TYPES",
    "VIETNAM",
    "Attachment",
    "AttachmentBomb",
    "BadDescription",
    "BadValue",
    "Business",
    "BusinessType",
    "Content",
    "DocumentChange",
    "DocumentPacket",
    "DuplicateElement",
    "ForbiddenDoctype",
    "LimitExceeded",
    "Limits",
    "MessageType",
    "NotAPacket",
    "NotWritable",
    "NotXml",
    "Note",
    "NoteCode",
    "Organization",
    "Packet",
    "PacketError",
    "Problem",
    "ReadResult",
    "ReceiverChange",
    "Replacement",
    "ResponseFor",
    "Signer",
    "Spool",
    "StaffInfo",
    "StatusCode",
    "StatusPacket",
    "TooDeep",
    "TooLarge",
    "TooManyAttachments",
    "TooManyElements",
    "TraceHop",
    "UnknownValue",
    "Written",
    "check",
    "compose",
    "describe",
    "media_type",
    "priority_label",
    "read",
    "status_code",
    "status_label",
    "type_codes",
    "write",
    "write_to",
]
