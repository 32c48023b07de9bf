"""What is written is what is read, for every kind of packet."""

from __future__ import annotations

import hashlib
import io
import re
from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.edxml import packets

from vanthu.edxml import (
    VIETNAM,
    Attachment,
    Business,
    BusinessType,
    Content,
    DocumentChange,
    DocumentPacket,
    NotWritable,
    Organization,
    ReceiverChange,
    Replacement,
    ResponseFor,
    Signer,
    StaffInfo,
    StatusCode,
    StatusPacket,
    TraceHop,
    check,
    read,
    write,
    write_to,
)

KINDS = {
    "new": packets.document(),
    "update": packets.update(),
    "replacement": packets.replacement(),
    "recall": packets.recall(),
    "without business": packets.document(business=None),
    "without attachments": packets.document(attachments=()),
    "vendor extensions": packets.document(
        reply_fors="1", direction=True, reference_codes="x", task_codes=("T1", "T2"), application_type="3"
    ),
    "status": packets.status(),
    "status without staff": packets.status(staff=None, description=""),
    "status of an unknown code": packets.status(status_code="09"),
}


@pytest.mark.parametrize("packet", KINDS.values(), ids=KINDS.keys())
def test_every_kind_of_packet_survives(packet):
    assert [problem for problem in check(packet) if problem.is_error] == []
    result = read(write(packet))
    assert result.packet == packet


def test_a_clean_packet_is_read_without_notes():
    assert read(write(packets.document())).notes == ()
    assert read(write(packets.status())).notes == ()


@pytest.mark.parametrize(
    ("name", "label", "wrapped"),
    [
        ("van-ban.pdf", "application/pdf", False),
        ("van-ban.DOC", "application/doc", False),
        ("van-ban.docx", "application/docx", False),
        ("ho-so.zip", "application/zip", False),
        ("bang.xlsx", "application/zip", True),
        ("anh.png", "application/zip", True),
        ("khong-duoi", "application/zip", True),
        ("tên có dấu.đuôi", "application/zip", True),
    ],
)
def test_attachments_travel_by_the_classic_rule_and_come_back_the_same(name, label, wrapped):
    office = name.endswith(("docx", "zip", "xlsx"))
    data = packets.zipped(b"x" * 99, "inside.txt") if office else bytes(range(256)) * 20
    packet = packets.document(attachments=(packets.pdf(name, data),))
    written = write(packet).decode()
    assert re.findall("ContentType>([^<\n]+)<", written) == [label, label]
    assert ("ContentTransferEncoded" in written) and (
        re.search(r"ContentTransferEncoded[^>]*>(UEsD)", written) is not None
    ) == (wrapped or name.endswith(("docx", "zip")))
    back = read(written.encode()).packet.attachments[0]
    assert back.content.read() == data
    assert not back.damaged
    assert (back.name, back.notes) == (name, ())


def test_base64_is_one_line_and_several_attachments_keep_their_order():
    files = tuple(packets.pdf(f"tep-{n}.pdf", packets.PDF + bytes([n]), f"id-{n}") for n in range(5))
    written = write(packets.document(attachments=files))
    assert all(
        re.fullmatch(rb"[A-Za-z0-9+/]+=*", text) for text in re.findall(rb'016">([^<]+)</edXML:Con', written)
    )
    assert read(written).packet.attachments == files


def test_namespaces_and_prefixes_are_those_that_axes_accept():
    lines = write(packets.document()).decode().splitlines()
    assert lines[0] == '<?xml version="1.0" encoding="UTF-8"?>'
    assert lines[1] == f'<edXML xmlns="{packets.QCVN}">'
    assert lines[2] == f'  <edXML:edXMLEnvelope xmlns:edXML="{packets.QCVN}">'
    assert "  <AttachmentEncoded>" in lines
    assert f'      <edXML:ContentTransferEncoded xmlns:edXML="{packets.QCVN}">' in "\n".join(lines)
    header = ElementTree.fromstring("\n".join(lines))[0][0][0]
    assert [child.tag.rpartition("}")[2] for child in header] == [
        *("From", "To", "To", "DocumentId", "Code", "PromulgationInfo", "DocumentType", "Subject", "Content"),
        *("SignerInfo", "DueDate", "OtherInfo", "ResponseFor", "SteeringType", "ToPlaces"),
    ]


def test_a_status_packet_has_the_order_of_the_vendors_library():
    header = ElementTree.fromstring(write(packets.status()))[0][0][0]
    names = [child.tag.rpartition("}")[2] for child in header]
    assert names == ["ResponseFor", "From", "StatusCode", "Description", "Timestamp", "StaffInfo"]
    assert header.findtext(f"{{{packets.QCVN}}}Timestamp") == "2026/03/09 09:00:01"


def test_times_are_written_in_vietnam_time():
    moment = datetime(2026, 3, 8, 23, 30, tzinfo=UTC)
    assert b"<edXML:Timestamp>2026/03/09 06:30:00<" in write(packets.status(timestamp=moment))


def test_the_same_packet_gives_the_same_bytes_streamed_or_not():
    packet = packets.document(attachments=(packets.pdf("anh.png"),))
    stream = io.BytesIO()
    written = write_to(packet, stream)
    assert stream.getvalue() == write(packet)
    assert written.size == len(stream.getvalue())
    assert written.sha256 == hashlib.sha256(stream.getvalue()).hexdigest() == read(stream.getvalue()).sha256
    again = io.BytesIO()
    assert write(packet, again) == b""
    assert again.getvalue() == stream.getvalue()


def test_a_packet_that_breaks_the_standard_is_not_written():
    wrong = packets.document(subject="", recipients=())
    with pytest.raises(NotWritable) as refusal:
        write(wrong)
    assert "Thiếu trích yếu." in refusal.value.text
    assert read(write(wrong, strict=False)).packet == wrong


def test_control_characters_are_never_written():
    with pytest.raises(NotWritable, match="ký tự điều khiển"):
        write(packets.document(subject="a\x0bb"), strict=False)


def test_a_hop_without_agency_is_not_passed_on():
    packet = packets.document(trace=(TraceHop("H99.05", None), TraceHop("", None)))
    assert read(write(packet)).packet.trace == (TraceHop("H99.05", None),)


# --- the law ---

texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"),
    max_size=20,
).map(str.strip)
multiline = st.lists(texts, max_size=3).map("\r\n\t".join).map(str.strip)
filled = texts.filter(bool)
days = st.dates(date(1945, 9, 2), date(2100, 1, 1))
moments = st.datetimes(
    datetime(1976, 1, 1), datetime(2100, 1, 1), timezones=st.just(VIETNAM)
).map(lambda moment: moment.replace(microsecond=0))  # fmt: skip
ids = st.text("0123456789ABCDEFGH.", min_size=1, max_size=35)
organizations = st.builds(Organization, ids, *[texts] * 7)
staff = st.builds(StaffInfo, *[texts] * 6)
responses = st.builds(ResponseFor, ids, texts, texts, st.none() | days)
changes = st.builds(
    DocumentChange,
    st.booleans(),
    st.booleans(),
    st.lists(st.builds(ReceiverChange, ids, st.integers(0, 1)), max_size=2).map(tuple),
)
businesses = st.builds(
    Business,
    st.sampled_from(BusinessType),
    texts,
    texts,
    st.none() | st.booleans(),
    st.lists(changes, max_size=2).map(tuple),
    st.lists(st.builds(Replacement, filled, st.lists(ids, max_size=2).map(tuple)), max_size=2).map(tuple),
    st.lists(staff, max_size=2).map(tuple),
)
names = st.tuples(filled, st.sampled_from(["", ".pdf", ".doc", ".docx", ".png", ".txt", ".zip"])).map("".join)
attachments = st.builds(
    lambda name, data, number, text: Attachment(name, Content.of(data), "", str(number), text),
    names,
    st.binary(min_size=1, max_size=300).filter(lambda data: not data.startswith(b"PK")),
    st.uuids(),
    texts,
)
numbers = st.none() | st.integers(0, 65535)
documents = st.builds(
    DocumentPacket,
    sender=organizations,
    recipients=st.lists(organizations, max_size=3).map(tuple),
    document_id=texts,
    code_number=filled,
    code_notation=texts,
    promulgation_date=st.none() | days,
    subject=multiline,
    type_name=texts,
    type=numbers,
    type_detail=numbers,
    place=texts,
    content=multiline,
    signer=st.builds(Signer, texts, texts, texts),
    due_date=st.none() | days,
    priority=st.integers(0, 4),
    promulgation_amount=numbers,
    page_amount=numbers,
    direction=st.booleans(),
    appendixes=st.lists(filled, max_size=2).map(tuple),
    responses_for=st.lists(responses, max_size=2).map(tuple),
    steering_type=numbers,
    task_codes=st.lists(filled, max_size=2).map(tuple),
    to_places=st.lists(filled, max_size=2).map(tuple),
    trace=st.lists(st.builds(TraceHop, ids, st.none() | moments), max_size=2).map(tuple),
    business=st.none() | businesses,
    attachments=st.lists(attachments, max_size=3).map(tuple),
)
statuses = st.builds(
    StatusPacket,
    organizations,
    responses,
    st.sampled_from(StatusCode) | st.just("77"),
    moments,
    multiline,
    st.none() | staff,
)


@settings(max_examples=150, deadline=None)
@given(documents | statuses)
def test_reading_what_was_written_gives_the_same_packet(packet):
    assert read(write(packet, strict=False)).packet == packet
