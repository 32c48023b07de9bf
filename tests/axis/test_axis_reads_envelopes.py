"""The axis reads the routing part of what this product writes, and of the spellings that are in circulation."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

from tests.axis.axis_parts import document

from vanthu.axis.envelope import Envelope, read_envelope
from vanthu.axis.models import PacketKind
from vanthu.edxml import (
    Attachment,
    Business,
    DocumentPacket,
    Organization,
    ResponseFor,
    StatusPacket,
    write,
)
from vanthu.edxml.content import Content


def envelope(packet: bytes, kind: PacketKind = PacketKind.EDOC) -> Envelope:
    return read_envelope(io.BytesIO(packet), kind)


def test_a_document_that_this_product_wrote() -> None:
    packet = DocumentPacket(
        sender=Organization("H27.01", "Sở Nội vụ"),
        recipients=(Organization("H37.05", "Sở Y tế"), Organization("H37", "Lạng Sơn")),
        document_id="H27.01,2026/11/21,15/SNV-TTĐT",
        code_number="15",
        code_notation="SNV-TTĐT",
        promulgation_date=date(2026, 11, 21),
        subject="Về việc họp giao ban",
        type_name="Công văn",
        priority=3,
        business=Business(doc_type=3, reason="Thay thế"),
        attachments=(Attachment("cv.pdf", Content.of(b"%PDF-1.7 x")),),
    )
    found = envelope(write(packet, strict=False))
    assert (found.sender, found.recipients) == ("H27.01", ("H37.05", "H37"))
    assert found.document_id == packet.document_id
    assert (found.business_type, found.priority) == (3, 3)
    assert (found.document_code, found.status_code, found.refers_to) == ("15/SNV-TTĐT", "", "")


def test_a_status_that_this_product_wrote() -> None:
    packet = StatusPacket(
        sender=Organization("H37.05", "Sở Y tế"),
        response_for=ResponseFor("H27.01", "15/SNV-TTĐT", "d1", date(2026, 11, 21)),
        status_code="01",
        timestamp=datetime(2026, 11, 21, tzinfo=UTC),
    )
    found = envelope(write(packet, strict=False), PacketKind.STATUS)
    assert (found.sender, found.recipients, found.document_id) == ("H37.05", ("H27.01",), "")
    assert (found.status_code, found.refers_to, found.document_code) == ("01", "d1", "")


def test_prefixes_do_not_matter_and_a_missing_business_means_new() -> None:
    bare = document(business=None).replace(b"edXML:", b"")
    assert envelope(bare) == envelope(document(business=0))


def test_odd_numbers_count_as_ordinary() -> None:
    odd = document().replace(b"<edXML:Priority>0", b"<edXML:Priority>-7")
    assert envelope(odd).priority == 0
    assert envelope(document(priority=9)).priority == 0
