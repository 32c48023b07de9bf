"""Packets that the kit sends: letters, replies, changes of earlier letters, statuses, and damaged ones.

Owns how a trial packet looks. Everything in it says that it is a trial; nothing is taken from real documents.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from vanthu.edxml import (
    NAMESPACE,
    VIETNAM,
    Attachment,
    Business,
    BusinessType,
    Content,
    DocumentChange,
    DocumentPacket,
    Organization,
    Replacement,
    ResponseFor,
    Signer,
    StatusPacket,
    TraceHop,
    write,
)

_OBJECTS = (
    b"<</Type/Catalog/Pages 2 0 R>>",
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>",
)


def _pdf(objects: tuple[bytes, ...]) -> bytes:
    made, places = b"%PDF-1.7\n", list[int]()
    for number, content in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    size, start = len(objects) + 1, len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % size
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start)


PAGE = _pdf(_OBJECTS)
"""A PDF of one empty page without a signature."""


def letter(
    sender: Organization,
    to: Organization,
    number: str,
    at: datetime,
    *,
    subject: str,
    files: tuple[tuple[str, bytes], ...] = (("cong-van.pdf", PAGE),),
    priority: int = 0,
    document_id: str = "",
    responses: tuple[ResponseFor, ...] = (),
    business: Business | None = None,
) -> DocumentPacket:
    """An official letter (*công văn*) of the trial, issued on the day of ``at``."""
    day = at.astimezone(VIETNAM).date()
    notation = "THU-NGHIEM"
    return DocumentPacket(
        sender=sender,
        recipients=(to,),
        document_id=document_id or f"{sender.organ_id},{day:%Y/%m/%d},{number}/{notation}",
        code_number=number,
        code_notation=notation,
        promulgation_date=day,
        place="Hà Nội",
        type=2,
        type_detail=18,
        type_name="Công văn",
        subject=subject,
        content=subject,
        signer=Signer(position="Trưởng ban thử nghiệm", full_name="Nguyễn Thử Nghiệm"),
        priority=priority,
        responses_for=responses,
        trace=(TraceHop(sender.organ_id, at.astimezone(VIETNAM).replace(microsecond=0)),),
        business=business or Business(reason=BusinessType.NEW.default_reason),
        attachments=tuple(Attachment(name, Content.of(content)) for name, content in files),
    )


def changed(first: DocumentPacket, kind: BusinessType, reason: str) -> DocumentPacket:
    """A recall or an update of an earlier letter, which it names in Bussiness/DocumentId."""
    infos = (DocumentChange(document_info=True),) if kind is BusinessType.UPDATE else ()
    business = Business(doc_type=kind, reason=reason, document_id=first.document_id, infos=infos)
    return replace(first, business=business)


def replacement(first: DocumentPacket, newer: DocumentPacket, reason: str) -> DocumentPacket:
    """``newer`` in the place of an earlier letter."""
    concerned = tuple(organ.organ_id for organ in first.recipients)
    business = Business(
        doc_type=BusinessType.REPLACE,
        reason=reason,
        replacements=(Replacement(first.document_id, concerned),),
    )
    return replace(newer, business=business)


def status(
    sender: Organization,
    about: ResponseFor,
    code: str,
    at: datetime,
    description: str = "",
) -> bytes:
    """A status packet; any code may be written, also one that the standard lacks."""
    packet = StatusPacket(
        sender=sender,
        response_for=about,
        status_code=code,
        timestamp=at.astimezone(VIETNAM).replace(microsecond=0),
        description=description,
    )
    return write(packet, strict=False)


def about(packet: DocumentPacket, told: str) -> ResponseFor:
    """How a status names a letter, for the agency that is told."""
    return ResponseFor(told, packet.code, packet.document_id, packet.promulgation_date)


def nobodys(told: str, day: date, key: str) -> ResponseFor:
    """A document that nobody ever sent; ``key`` tells it from others."""
    return ResponseFor(told, "9999/KHONG-CO", f"{told},{day:%Y/%m/%d},{key}", day)


def entity_bomb(packet: bytes) -> bytes:
    """The packet with a DOCTYPE whose entities grow without end when resolved."""
    grow = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    doctype = f'<!DOCTYPE edXML [<!ENTITY e0 "thu">{grow}]>'.encode()
    head, mark, rest = packet.partition(b"?>")
    return head + mark + doctype + rest.replace("Thử nghiệm".encode(), b"&e8;", 1)


def broken(packet: bytes) -> bytes:
    """The packet as a bad line leaves it: a stretch in the middle overwritten, same length, no XML any more."""
    start = len(packet) // 2
    return packet[:start] + b"<&" * 20 + packet[start + 40 :]


def altered(packet: bytes, word: str, other: str) -> bytes:
    """The packet with one word exchanged for another of the same length: still XML, another hash."""
    return packet.replace(word.encode(), other.encode(), 1)


def text_destroyed(page: bytes) -> bytes:
    """A file that a gateway decoded as text and wrote again: its bytes are gone."""
    return (page + bytes(range(128, 256)) * 8).decode("utf-8", errors="replace").encode()


NO_PACKET = f'<?xml version="1.0"?><thu xmlns="{NAMESPACE}">Đây không phải gói tin</thu>'.encode()
