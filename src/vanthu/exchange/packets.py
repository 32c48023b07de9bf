"""Between the records and the wire: builds edXML packets from documents, stores and reads packets as blobs.

The only module of the room that knows how a packet is written.
"""

from __future__ import annotations

import hashlib
import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db.models import Q, QuerySet

from vanthu import edxml
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.blobs import store
from vanthu.blobs.models import Blob
from vanthu.directory.models import Agency
from vanthu.edxml.codes import BusinessType, StatusCode
from vanthu.edxml.content import Content
from vanthu.edxml.model import (
    Attachment,
    Business,
    DocumentPacket,
    Organization,
    Packet,
    ResponseFor,
    Signer,
    StaffInfo,
    StatusPacket,
    TraceHop,
)
from vanthu.exchange import profiles, rules
from vanthu.exchange.models import InboxPacket, PacketKind
from vanthu.exchange.profiles import Profile
from vanthu.formalities import DOCUMENT_TYPES, Steering
from vanthu.identifiers import normal
from vanthu.records.models import Document, DocumentFile

CHUNK = 1 << 18


@dataclass(frozen=True)
class PacketDetails:
    """What the packet says beyond the document's own fields; every part may stay empty.

    ``responses_for`` are the earlier documents this one answers, ``paper`` tells that a paper original
    follows, ``due_date`` until when an answer is asked for (the document's own when None).
    """

    business: Business = field(default_factory=lambda: Business(reason=BusinessType.NEW.default_reason))
    responses_for: tuple[ResponseFor, ...] = ()
    due_date: date | None = None
    content: str = ""
    paper: bool | None = None
    promulgation_amount: int | None = None
    typer_notation: str = ""


def organization(agency: Agency, code: str = "") -> Organization:
    """The agency as From or To names it; ``code`` where another than the identifier in force is meant."""
    return Organization(
        organ_id=code or agency.organ_id,
        organ_name=agency.name,
        organization_in_charge=agency.parent_name,
        address=agency.address,
        email=agency.email,
        telephone=agency.telephone,
        website=agency.website,
    )


def staff_of(actor: Actor) -> StaffInfo | None:
    """The acting person as a name to call; nobody for background work."""
    return None if actor.is_system else StaffInfo(department=actor.unit_name, staff=actor.name)


def document_packet(
    document: Document,
    files: Sequence[DocumentFile],
    *,
    sender: Organization,
    recipients: Sequence[Organization],
    actor: Actor,
    details: PacketDetails,
    attachments: tuple[Attachment, ...] | None = None,
) -> DocumentPacket:
    """The packet of a document (QCVN 102:2016, 1.1 to 2.2); ``attachments`` where the files travel encrypted."""
    number, _, notation = document.code.partition("/")
    kind = DOCUMENT_TYPES.get(document.type_code)
    staff = staff_of(actor)
    return DocumentPacket(
        sender=sender,
        recipients=tuple(recipients),
        document_id=document.document_id,
        code_number=number,
        code_notation=notation,
        promulgation_date=document.issued_date,
        subject=document.subject,
        type_name=kind.name if kind else document.type_code,
        type=kind.edxml_type if kind else None,
        type_detail=kind.edxml_detail if kind else None,
        place=document.issue_place,
        content=details.content,
        signer=Signer(document.signer_competence, document.signer_position, document.signer_name),
        due_date=details.due_date or document.reply_due,
        priority=document.urgency,
        typer_notation=details.typer_notation,
        promulgation_amount=details.promulgation_amount,
        page_amount=document.page_count or None,
        responses_for=details.responses_for,
        steering_type=profiles.STANDARD.steering.number(Steering(document.steering)),
        to_places=tuple(document.distribution),
        trace=(TraceHop(sender.organ_id, _to_the_second(clock.now())),),
        business=_business(details, staff),
        attachments=tuple(map(_attachment, files)) if attachments is None else attachments,
    )


def status_packet(
    inbox: InboxPacket, us: Organization, code: StatusCode, *, actor: Actor, description: str, at: datetime
) -> StatusPacket:
    """The status packet about a received document; names it exactly as its sender did."""
    return StatusPacket(
        sender=us,
        response_for=ResponseFor(
            organ_id=inbox.sender_code,
            code=inbox.code,
            document_id=inbox.wire_id,
            promulgation_date=inbox.promulgation_date,
        ),
        status_code=code,
        timestamp=_to_the_second(at),
        description=description,
        staff=staff_of(actor),
    )


def fitting(packet: DocumentPacket, profile: Profile, title: str) -> DocumentPacket:
    """The packet as one axis, called ``title``, reads it. Raises :class:`rules.TooLongForAxis`."""
    for found in profiles.too_long(profile, packet)[:1]:
        raise rules.TooLongForAxis(
            axis=title, field=found.label, length=len(found.value), limit=found.limit, value=found.value[:80]
        )
    return profiles.written_for(profile, packet)


def save(packet: Packet) -> Blob:
    """Write a packet and store it; raises the writer's ``NotWritable`` when it breaks the standard."""
    with tempfile.TemporaryFile() as target:
        edxml.write_to(packet, target)
        target.seek(0)
        return store.put(target)


def stamped_again(sha256: str) -> Blob:
    """A stored document packet with the present as the time of its first hop, and nothing else changed."""
    with store.open_blob(sha256) as stream:
        packet = edxml.read(stream).packet
        assert isinstance(packet, DocumentPacket)
        hop = TraceHop(packet.sender.organ_id, _to_the_second(clock.now()))
        return save(replace(packet, trace=(hop, *packet.trace[1:])))


def load(sha256: str) -> Packet:
    """Read a stored packet; raises ``edxml.PacketError`` or ``BlobMissing``."""
    with store.open_blob(sha256) as stream:
        return edxml.read(stream).packet


def carrying(document: Document) -> list[str]:
    """Hashes of the packets that brought a received document, or brought it again; they hold its files."""
    return list(_brought(Q(document=document), Q(first__document=document)).values_list("sha256", flat=True))


def _brought(its_own: Q, repeated: Q) -> QuerySet[InboxPacket]:
    return InboxPacket.objects.filter(its_own | repeated, kind=PacketKind.EDOC)


def identity(sender: str, document_id: str, business_type: int) -> str:
    """Key of "the same document sent again": sender, DocumentId and kind of business, whatever its spelling.

    Identifiers are compared after NFC and trim only; a comma or an accent in them means something.
    """
    text = "\n".join((normal(sender), normal(document_id), str(business_type)))
    return hashlib.sha256(text.encode()).hexdigest()


def spellings(identifier: str) -> list[str]:
    """An identifier as it stands and in both Unicode forms; empty for an empty one, so that it matches nothing."""
    plain = identifier.strip()
    if not plain:
        return []
    return [plain, unicodedata.normalize("NFC", plain), unicodedata.normalize("NFD", plain)]


def _business(details: PacketDetails, staff: StaffInfo | None) -> Business:
    given = details.business
    return Business(
        doc_type=given.doc_type,
        reason=given.reason,
        document_id=given.document_id,
        paper=details.paper if given.paper is None else given.paper,
        infos=given.infos,
        replacements=given.replacements,
        staff=given.staff or ((staff,) if staff else ()),
    )


def _attachment(file: DocumentFile) -> Attachment:
    path = store.path_of(file.sha256)
    return Attachment(
        name=file.name,
        content=Content.from_opener(lambda: path.open("rb"), size=file.size, sha256=file.sha256),
    )


def _to_the_second(at: datetime) -> datetime:
    """The wire knows seconds only."""
    return clock.local(at).replace(microsecond=0)
