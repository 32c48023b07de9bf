"""The packet as values: what one agency tells another, independent of how it is written on the wire.

Owns the shape and nothing else: it knows no XML, checks no rule (``checks``), knows not who sends. Empty text
means "not given". Text is kept exactly as it came, trimmed at both ends; identifiers are compared with
``vanthu.identifiers.same``. All instants are aware, in Asia/Ho_Chi_Minh.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, TypeAlias
from zoneinfo import ZoneInfo

from vanthu.edxml.codes import BusinessType, MessageType, StatusCode
from vanthu.edxml.content import Content
from vanthu.edxml.media import media_type
from vanthu.edxml.naming import safe_name
from vanthu.edxml.notes import Note

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
"""The zone in which the wire's zoneless times are meant."""


@dataclass(frozen=True)
class Organization:
    """From or To (QCVN 102:2016, 1.1 and 1.2)."""

    organ_id: str
    organ_name: str = ""
    organization_in_charge: str = ""
    address: str = ""
    email: str = ""
    telephone: str = ""
    fax: str = ""
    website: str = ""


@dataclass(frozen=True)
class StaffInfo:
    """The person who did it, as a name to call."""

    department: str = ""
    staff: str = ""
    email: str = ""
    mobile: str = ""
    department_id: str = ""
    staff_id: str = ""


@dataclass(frozen=True)
class ResponseFor:
    """An earlier document that this packet answers or reports on.

    ``organ_id`` is the agency to be told, ``code`` number and notation in one text (``7816/VPCP-TTĐT``).
    """

    organ_id: str
    code: str = ""
    document_id: str = ""
    promulgation_date: date | None = None


@dataclass(frozen=True)
class Signer:
    """Who signed: authority ("TL. BỘ TRƯỞNG"), position, full name."""

    competence: str = ""
    position: str = ""
    full_name: str = ""


@dataclass(frozen=True)
class TraceHop:
    """One hop of the packet; ``organ_id`` is empty and ``timestamp`` ``None`` where left out."""

    organ_id: str
    timestamp: datetime | None = None


@dataclass(frozen=True)
class ReceiverChange:
    """In an update: one recipient taken off (``receiver_type`` 0) or added (1); ``NOT_SAID`` when it is unclear."""

    NOT_SAID: ClassVar[int] = -1

    organ_id: str
    receiver_type: int


@dataclass(frozen=True)
class DocumentChange:
    """What an update changes: the content, the recipients, or both."""

    document_info: bool = False
    document_receiver: bool = False
    receivers: tuple[ReceiverChange, ...] = ()


@dataclass(frozen=True)
class Replacement:
    """One earlier document that is replaced, and the agencies concerned."""

    document_id: str
    organ_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Business:
    """Bussiness (sic; QCVN 102:2016, 2.2): what the packet does to earlier documents.

    ``doc_type`` is a :class:`BusinessType`; a number that the standard lacks stays a plain ``int``.
    ``paper`` says whether a paper original follows (``None``: not said).
    """

    doc_type: int = BusinessType.NEW
    reason: str = ""
    document_id: str = ""
    paper: bool | None = None
    infos: tuple[DocumentChange, ...] = ()
    replacements: tuple[Replacement, ...] = ()
    staff: tuple[StaffInfo, ...] = ()


def _new_content_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Attachment:
    """One file. ``content`` is the file itself, freed of any transport ZIP.

    ``content_type`` is the media type that follows from the file's name (given or left empty); ``content_id``
    links manifest and content, without ``cid:``. ``declared_type`` is the label that travelled with it.
    ``damaged`` is true when the bytes were broken before they reached us; ``notes`` says how. Never make a
    path from ``name``; use :attr:`safe_name`.
    """

    name: str
    content: Content
    content_type: str = ""
    content_id: str = field(default_factory=_new_content_id)
    description: str = ""
    declared_type: str = field(default="", compare=False)
    damaged: bool = field(default=False, compare=False)
    notes: tuple[Note, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if not self.content_type:
            object.__setattr__(self, "content_type", media_type(self.name))

    @property
    def safe_name(self) -> str:
        """The name as a file name: see :func:`vanthu.edxml.naming.safe_name`."""
        return safe_name(self.name)


@dataclass(frozen=True)
class UnknownValue:
    """A value that the model has no place for, kept as it came: ``path`` of local names, and its text."""

    path: str
    text: str


@dataclass(frozen=True)
class DocumentPacket:
    """A document on its way (message type ``edoc``).

    ``type_name`` is the field to trust for the kind; ``type`` and ``type_detail`` differ by vendor.
    ``priority`` 0 to 4 (see ``priority_label``). ``promulgation_date`` is ``None`` when missing or unreadable
    (then the text is in ``unknown``). ``business`` is ``None`` when the packet has none, which means new.
    """

    sender: Organization
    recipients: tuple[Organization, ...]
    document_id: str
    code_number: str
    code_notation: str
    promulgation_date: date | None
    subject: str
    type_name: str = ""
    type: int | None = None
    type_detail: int | None = None
    place: str = ""
    content: str = ""
    signer: Signer = Signer()
    due_date: date | None = None
    priority: int = 0
    sphere: str = ""
    typer_notation: str = ""
    promulgation_amount: int | None = None
    page_amount: int | None = None
    reply_fors: str = ""
    direction: bool = False
    reference_codes: str = ""
    appendixes: tuple[str, ...] = ()
    responses_for: tuple[ResponseFor, ...] = ()
    steering_type: int | None = None
    task_codes: tuple[str, ...] = ()
    application_type: str = ""
    to_places: tuple[str, ...] = ()
    trace: tuple[TraceHop, ...] = ()
    business: Business | None = Business(reason=BusinessType.NEW.default_reason)
    attachments: tuple[Attachment, ...] = ()
    unknown: tuple[UnknownValue, ...] = field(default=(), compare=False)

    @property
    def message_type(self) -> MessageType:
        """Transport kind for the axis."""
        return MessageType.EDOC

    @property
    def code(self) -> str:
        """Number and notation as people write it: ``7816/VPCP-TTĐT``."""
        return "/".join(part for part in (self.code_number, self.code_notation) if part)

    @property
    def business_type(self) -> int:
        """What the packet does; new when it does not say."""
        return BusinessType.NEW if self.business is None else self.business.doc_type

    @property
    def acts_on(self) -> tuple[str, ...]:
        """Document ids of the earlier documents that a recall, update or replacement is about.

        Bussiness/DocumentId counts first; a recall without one is about the packet's own DocumentId, which is
        how the vendor kit sends it. Empty for a new document.
        """
        business = self.business
        if business is None or business.doc_type == BusinessType.NEW:
            return ()
        if business.doc_type == BusinessType.REPLACE and business.replacements:
            return tuple(replacement.document_id for replacement in business.replacements)
        return (business.document_id or self.document_id,)


@dataclass(frozen=True)
class StatusPacket:
    """A report on a document (message type ``status``), routed by ``response_for.organ_id``.

    ``timestamp`` is ``None`` only when the packet's own cannot be read.
    """

    sender: Organization
    response_for: ResponseFor
    status_code: StatusCode | str
    timestamp: datetime | None
    description: str = ""
    staff: StaffInfo | None = None
    unknown: tuple[UnknownValue, ...] = field(default=(), compare=False)

    @property
    def message_type(self) -> MessageType:
        """Transport kind for the axis."""
        return MessageType.STATUS


Packet: TypeAlias = DocumentPacket | StatusPacket
"""Either kind; tell them apart by ``isinstance`` or ``message_type``."""
