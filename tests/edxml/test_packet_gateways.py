"""What gateways, .NET programs and 2803-era axes put around and into packets is read; nothing of it is lost."""

from __future__ import annotations

import base64
import quopri
from datetime import date, datetime

import pytest
from tests.edxml import packets
from tests.edxml.packets import HEADER, PDF, TRACE, attached, raw, reference, zipped

from vanthu.edxml import (
    VIETNAM,
    DuplicateElement,
    NotAPacket,
    NoteCode,
    NotXml,
    ReceiverChange,
    ResponseFor,
    StatusCode,
    check,
    read,
    write,
)


def codes(result) -> set[NoteCode]:
    return {note.code for note in result.notes}


def unknown(result) -> list[tuple[str, str]]:
    return [(value.path, value.text) for value in result.packet.unknown]


# --- around the XML ---


def test_a_file_that_claims_utf_16_and_is_utf_8_is_read():
    """.NET's StringWriter says utf-16 whatever the text is saved as."""
    result = read(raw(prolog='<?xml version="1.0" encoding="utf-16"?>'))
    assert result.packet.subject == "Về việc thử nghiệm"
    assert codes(result) == {NoteCode.FALSE_ENCODING}


@pytest.mark.parametrize("after", [b"\0\0\0", b"\r\n\0", b"\x1a", b"\0" * 300_000])
def test_filling_bytes_behind_the_packet_are_passed_over(after):
    result = read(raw() + after)
    assert result.packet.document_id == "77"
    assert result.size == len(raw() + after)
    assert codes(result) == {NoteCode.TRAILING_BYTES}


@pytest.mark.parametrize("after", [b"<a/>", b"\0<a/>", b"x", b"\0" * 70_000 + b"x", raw()])
def test_anything_else_behind_the_packet_is_not(after):
    with pytest.raises(NotXml):
        read(raw() + after)


def test_an_unknown_wrapper_around_the_envelope_is_looked_through():
    text = raw().decode().replace("<edXML ", "<GetDocumentResponse><edXML ") + "</GetDocumentResponse>"
    result = read(text.encode())
    assert result.packet.document_id == "77"
    assert unknown(result) == []


# --- values that the model has no place for ---


@pytest.mark.parametrize(
    ("place", "element", "kept"),
    [
        ("</e:From>", "<e:TaxCode>0100</e:TaxCode>", ("TaxCode", "0100")),
        ("</e:Code>", "<e:Suffix>b</e:Suffix>", ("Suffix", "b")),
        ("</e:DocumentType>", "<e:Group><e:Id>4</e:Id></e:Group>", ("Group/Id", "4")),
        ("</e:TraceHeader>", "<e:Node>n1</e:Node>", ("Node", "n1")),
        ("</e:Bussiness>", "<e:Note>x</e:Note>", ("Note", "x")),
        ("</e:edXMLHeader>", "<e:ErrorList><e:Error><e:ErrCode>1</e:ErrCode></e:Error></e:ErrorList>", None),
        ("</e:Reference>", "<e:Hash>ff</e:Hash>", ("Hash", "ff")),
        ("</Attachment>", "<Size>12</Size>", ("Size", "12")),
        ("</e:edXMLEnvelope>", "<e:Version>1</e:Version>", ("Version", "1")),
        ("</e:Subject>", "<b>đậm</b>", ("b", "đậm")),
    ],
)
def test_a_strange_value_is_kept_wherever_it_stands(place, element, kept):
    text = raw(manifest=reference("a.pdf"), attachments=attached("a.pdf", PDF, label="application/pdf"))
    result = read(text.decode().replace(place, element + place, 1).encode())
    assert unknown(result) == [kept or ("ErrorList/ErrCode", "1")]
    assert NoteCode.UNKNOWN_ELEMENT in codes(result)


def test_a_second_telephone_number_is_kept_too():
    header = HEADER.replace("</e:From>", "<e:Telephone>1</e:Telephone><e:Telephone>2</e:Telephone></e:From>")
    assert unknown(read(raw(header))) == [("Telephone", "2")]


def test_a_thousand_strange_values_are_kept_and_the_rest_is_told():
    result = read(raw(HEADER + "".join(f"<x>{n}</x>" for n in range(1_200))))
    assert len(result.packet.unknown) == 1_000
    assert NoteCode.MANY_UNKNOWN in codes(result)


@pytest.mark.parametrize(("text", "value"), [("1", True), ("True", True), ("0", False), ("false", False)])
def test_flags_are_read_as_numbers_and_words(text, value):
    trace = f"<e:Bussiness><e:BussinessDocType>0</e:BussinessDocType><e:Paper>{text}</e:Paper></e:Bussiness>"
    assert read(raw(trace=trace)).packet.business.paper is value


def test_a_flag_that_is_none_is_kept_as_text():
    trace = "<e:Bussiness><e:BussinessDocType>0</e:BussinessDocType><e:Paper>có</e:Paper></e:Bussiness>"
    result = read(raw(trace=trace))
    assert result.packet.business.paper is None
    assert unknown(result) == [("Paper", "có")]
    assert NoteCode.BAD_FLAG in codes(result)


@pytest.mark.parametrize("kind", ["", "<e:ReceiverType/>", "<e:ReceiverType>thêm</e:ReceiverType>"])
def test_a_changed_recipient_without_direction_is_neither_added_nor_taken_off(kind):
    trace = (
        "<e:Bussiness><e:BussinessDocType>2</e:BussinessDocType><e:DocumentId>1</e:DocumentId>"
        "<e:BussinessDocReason>r</e:BussinessDocReason><e:BussinessDocumentInfo><e:ReceiverList><e:Receiver>"
        f"<e:OrganId>H1</e:OrganId>{kind}</e:Receiver></e:ReceiverList></e:BussinessDocumentInfo></e:Bussiness>"
    )
    result = read(raw(trace=trace))
    (info,) = result.packet.business.infos
    assert info.receivers == (ReceiverChange("H1", ReceiverChange.NOT_SAID),)
    assert NoteCode.MISSING in codes(result)
    assert "EDXML_OUT_OF_RANGE" in {problem.code for problem in check(result.packet)}


# --- dates ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("17/01/2019 12:00:00 AM", datetime(2019, 1, 17)),
        ("1/17/2019 1:05:09 PM", datetime(2019, 1, 17, 13, 5, 9)),
        ("17/01/2019 01:05 CH", datetime(2019, 1, 17, 13, 5)),
        ("17/01/2019 12:30:00 SA", datetime(2019, 1, 17, 0, 30)),
        ("17/01/2019 13:05:00 PM", datetime(2019, 1, 17, 13, 5)),
        ("2019-01-17T08:00:00.1234567+07:00", datetime(2019, 1, 17, 8)),
        ("2019-01-17+07:00", datetime(2019, 1, 17)),
        ("20190117", datetime(2019, 1, 17)),
        ("17.01.2019", datetime(2019, 1, 17)),
        ("01/02/2019", datetime(2019, 2, 1)),
    ],
)
def test_times_are_understood_as_programs_write_them(text, expected):
    hop = f"<e:TraceHeader><e:OrganId>H1</e:OrganId><e:Timestamp>{text}</e:Timestamp></e:TraceHeader>"
    result = read(raw(trace=hop + TRACE))
    assert result.packet.trace[0].timestamp == expected.replace(tzinfo=VIETNAM)
    assert NoteCode.DATE_FORMAT in codes(result)


@pytest.mark.parametrize("text", ["0001/01/01", "01/01/0001 12:00:00 AM", "1900/01/01", "2019/13/40", "null"])
def test_the_first_day_of_a_calendar_is_no_date(text):
    result = read(raw(HEADER + f"<e:DueDate>{text}</e:DueDate>"))
    assert result.packet.due_date is None
    assert unknown(result) == [("DueDate", text)]
    assert NoteCode.BAD_DATE in codes(result)


# --- references to earlier documents, statuses ---


def test_a_response_for_of_nulls_counts_as_absent():
    nulls = "".join(f"<e:{name}>null</e:{name}>" for name in ("OrganId", "Code", "DocumentId"))
    result = read(raw(HEADER + f"<e:ResponseFor>{nulls}</e:ResponseFor>"))
    assert result.packet.responses_for == ()
    assert NoteCode.EMPTY_RESPONSE_FOR in codes(result)


STATUS = "<e:From><e:OrganId>H2</e:OrganId></e:From><e:StatusCode>03</e:StatusCode>"


@pytest.mark.parametrize("empty", ["", "<e:ResponseFor/>"])
def test_a_status_may_name_its_document_in_the_fields_of_a_document(empty):
    header = STATUS + empty + "<e:To><e:OrganId>H1</e:OrganId></e:To><e:DocumentId>D1</e:DocumentId>"
    result = read(raw(header))
    assert result.packet.response_for == ResponseFor("H1", document_id="D1")
    assert NoteCode.MISSING in codes(result)


def test_a_status_about_nothing_is_no_packet():
    with pytest.raises(NotAPacket):
        read(raw(STATUS + "<e:To><e:OrganId>H1</e:OrganId></e:To>"))


def test_a_sender_called_null_is_no_sender():
    with pytest.raises(NotAPacket):
        read(raw(HEADER.replace("<e:OrganId>H99.05<", "<e:OrganId>null<")))


@pytest.mark.parametrize("code", [*StatusCode, "07", "14", "99"])
def test_every_status_comes_through(code):
    result = read(write(packets.status(status_code=code)))
    assert (result.packet.status_code, type(result.packet.status_code)) == (code, type(code))


# --- manifest and attachments ---


def named(result) -> dict[str, bytes]:
    return {one.name: one.content.read() for one in result.packet.attachments}


@pytest.mark.parametrize(
    ("in_manifest", "in_attachment"),
    [
        ("CID:a1", "a1"),
        ("cid:&lt;a1&gt;", "cid:a1"),
        ("cid:c%C3%B4ng%20v%C4%83n", "công văn"),
        ("cid: a1 ", "a1"),
    ],
)
def test_content_ids_are_compared_without_their_dress(in_manifest, in_attachment):
    manifest = reference("152.pdf", content_id=in_manifest)
    label = "application/pdf"
    result = read(
        raw(manifest=manifest, attachments=attached("", PDF, content_id=in_attachment, label=label))
    )
    assert named(result) == {"152.pdf": PDF}
    assert result.notes == ()


def test_names_are_compared_whatever_the_way_accents_are_written():
    manifest = reference("Quye\u0302\u0301t.pdf", content_id="cid:1").replace("</e:Content", "</e:Content")
    manifest = manifest.replace(
        "<e:AttachmentName>", "<e:Description>mô tả</e:Description><e:AttachmentName>"
    )
    contents = attached("Quy\u1ebft.pdf", PDF, content_id="9", label="application/pdf")
    result = read(raw(manifest=manifest, attachments=contents))
    assert result.packet.attachments[0].description == "mô tả"
    assert codes(result) == {NoteCode.MATCHED_BY_NAME}


def test_attachments_that_share_one_content_id_are_told_apart_by_name():
    described = [
        reference(name).replace(
            "<e:AttachmentName>", f"<e:Description>{name}!</e:Description><e:AttachmentName>"
        )
        for name in ("a.pdf", "b.pdf")
    ]
    contents = attached("b.pdf", PDF, label="") + attached("a.pdf", PDF, label="")
    result = read(raw(manifest="".join(described), attachments=contents))
    assert [one.description for one in result.packet.attachments] == ["b.pdf!", "a.pdf!"]


@pytest.mark.parametrize(
    "element",
    ["ContentTransferEncoding", "AttachmentContent", "FileContent", "Data", "contenttransferencoded"],
)
def test_content_is_found_under_its_other_names(element):
    text = attached("a.pdf", PDF, label="").replace("ContentTransferEncoded", element)
    assert named(read(raw(attachments=text))) == {"a.pdf": PDF}


@pytest.mark.parametrize("levels", [2, 3, 4])
def test_a_file_zipped_again_and_again_comes_out(levels):
    data = PDF
    for _ in range(levels):
        data = zipped(data)
    result = read(raw(attachments=attached("a.pdf", data)))
    assert named(result) == {"a.pdf": PDF}
    assert NoteCode.DOUBLE_ZIP in codes(result)


def test_endless_zipping_ends_with_a_note():
    data = PDF
    for _ in range(6):
        data = zipped(data)
    result = read(raw(attachments=attached("a.pdf", data)))
    assert result.packet.attachments[0].content.head(2) == b"PK"
    assert NoteCode.UNEXPECTED_ARCHIVE in codes(result)


def test_the_alphabet_of_web_addresses_and_a_data_address_are_understood():
    data = b"%PDF-1.7\n" + b"\xfb\xff\xfe" * 40
    text = base64.urlsafe_b64encode(data).decode()
    assert "-" in text
    for form in (text, f"data:application/pdf;base64,{text}", f"data:;base64,\r\n{text}"):
        (found,) = read(raw(attachments=attached("a.pdf", form, label=""))).packet.attachments
        assert (found.content.read(), found.damaged) == (data, False)


def test_short_contents_are_not_mistaken_for_a_data_address():
    for data in (b"u", b"\x75\xab\x5a", b"v\xdf"):
        text = base64.b64encode(data).decode()
        (found,) = read(raw(attachments=attached("a.txt", text, label=""))).packet.attachments
        assert (found.content.read(), found.damaged) == (data, False)


def test_base64_that_was_encoded_piece_by_piece_is_kept_whole_and_told():
    pieces = [PDF[start : start + 1000] for start in range(0, len(PDF), 1000)]
    text = "".join(base64.b64encode(piece).decode() for piece in pieces)
    (found,) = read(raw(attachments=attached("a.pdf", text, label=""))).packet.attachments
    assert (found.content.read(), found.damaged) == (PDF, True)


# --- damage ---

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 8


@pytest.mark.parametrize(
    ("name", "data", "destroyed"),
    [
        ("a.pdf", PDF, True),
        ("a.jpg", JPEG, True),
        ("a.txt", "Công văn\ufffd" * 20, False),
        ("a.pdf", b"%PDF-1.4\n% Generated by hand\n1 0 obj\n", False),
    ],
)
@pytest.mark.parametrize("how", ["replaced", "question marks"])
def test_what_a_text_decoder_did_to_a_file_is_told(name, data, destroyed, how):
    binary = data if isinstance(data, bytes) else data.encode()
    if how == "replaced":
        broken = binary.decode("utf-8", "replace").encode()
    else:
        broken = bytes(byte if byte < 0x80 else 0x3F for byte in binary)
    result = read(raw(attachments=attached(name, broken, label="")))
    assert result.packet.attachments[0].damaged is destroyed
    assert (NoteCode.DAMAGED in codes(result)) is destroyed


def test_a_small_pdf_is_told_by_its_second_line_alone():
    text = b"%PDF-1.4\r\n%" + b"\xe2\xe3\xcf\xd3" + b"\r\n" + b"plain text " * 5_000
    broken = text.decode("utf-8", "replace").encode()
    assert broken.count("\ufffd".encode()) < 8
    assert read(raw(attachments=attached("a.pdf", broken, label=""))).packet.attachments[0].damaged


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.pdf", JPEG, True),
        ("a.jpg", PDF, True),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, False),
        ("a.doc", b"{\\rtf1 }", False),
        ("a.bin", JPEG, False),
    ],
    ids=[
        "a picture called pdf",
        "a pdf called picture",
        "docx with a password",
        "rtf called doc",
        "no claim",
    ],
)
def test_a_file_of_another_kind_than_its_name_says_is_told_and_kept(name, data, told):
    result = read(raw(attachments=attached(name, data, label="")))
    assert result.packet.attachments[0].content.read() == data
    assert (NoteCode.OTHER_KIND in codes(result)) is told
    assert not result.packet.attachments[0].damaged


# --- the 2803 era ---

SOAP = (
    '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/" xmlns:e="http://www.example.vn/ns"><S:Header>'
    f"<e:MessageHeader>{HEADER.replace('2026/03/09', '09/03/2015')}</e:MessageHeader></S:Header><S:Body><e:Manifest>"
    '<e:Reference xmlns:x="http://www.w3.org/1999/xlink" x:href="cid:cv9.pdf"/>'
    "</e:Manifest></S:Body></S:Envelope>"
)
HEAD = b'MIME-Version: 1.0\r\nX-Gate: 1\r\nContent-Type: multipart/related;\r\n boundary="=_b"\r\n\r\n'


def mime(*parts: tuple[str, bytes], head: bytes = HEAD, mark: bytes = b"--=_b") -> bytes:
    lines = [mark + b"\r\n" + headers.encode() + b"\r\n\r\n" + body + b"\r\n" for headers, body in parts]
    return head + b"".join(lines) + mark + b"--\r\n"


ROOT = ("Content-Type: text/xml; charset=UTF-8\r\nContent-ID: <1.edxml>", SOAP.encode())
BINARY = PDF + b"\r\n\r\n--=_\r\nnot the end\r\n"


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ("Content-ID: <cv9.pdf>\r\nContent-Transfer-Encoding: binary", BINARY, BINARY),
        ("Content-ID: <cv9.pdf>\r\nContent-Type: application/pdf", BINARY, BINARY),
        (
            "Content-ID: <cv9.pdf>\r\nContent-Transfer-Encoding: base64",
            base64.encodebytes(zipped(PDF)).replace(b"\n", b"\r\n"),
            PDF,
        ),
        ("Content-ID: <cv9.pdf>\r\nContent-Type: application/pdf", base64.encodebytes(PDF), PDF),
        (
            'Content-ID: <cv9.pdf>\r\nContent-Disposition: attachment; filename="cv9.pdf"\r\n'
            "Content-Transfer-Encoding: quoted-printable",
            quopri.encodestring(PDF),
            PDF,
        ),
    ],
    ids=["binary", "as it is", "base64 of a zip", "base64 not said", "quoted-printable"],
)
def test_a_mime_part_that_is_the_file_itself_is_an_attachment(headers, body, expected):
    result = read(mime(ROOT, (headers, body)))
    assert named(result) == {"cv9.pdf": expected}
    assert result.packet.promulgation_date == date(2015, 3, 9)
    assert codes(result) == {
        *(NoteCode.OLD_CONTAINER, NoteCode.NO_BUSINESS, NoteCode.DATE_FORMAT, NoteCode.FOREIGN_NAMESPACE)
    }


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("base64", base64.encodebytes(SOAP.encode())),
        ("base64", SOAP.encode()),
        ("quoted-printable", quopri.encodestring(SOAP.encode())),
        ("8bit", b"\r\n  " + SOAP.encode()),
    ],
    ids=["base64", "base64 only claimed", "quoted-printable", "blank lines"],
)
def test_the_xml_of_a_mime_packet_may_be_encoded(encoding, body):
    root = (f"Content-Type: text/xml\r\nContent-Transfer-Encoding: {encoding}", body)
    result = read(mime(root, ("Content-ID: <cv9.pdf>", PDF)))
    assert result.packet.subject == "Về việc thử nghiệm"
    assert named(result) == {"cv9.pdf": PDF}


def test_names_in_mime_headers_are_decoded():
    name = "=?utf-8?b?" + base64.b64encode("Công văn 9.pdf".encode()).decode() + "?="
    part = (f'Content-ID: <x>\r\nContent-Disposition: attachment; filename="{name}"', PDF)
    assert named(read(mime(ROOT, part))) == {"Công văn 9.pdf": PDF}


@pytest.mark.parametrize(
    "name", ["=?utf\ufffd-8?q?b=2Epdf?=", "=?x-la?b?QQ==?=", "=?utf-8?b?Q?=", "=?utf-8?b?////?="]
)
def test_names_that_cannot_be_decoded_give_way_to_the_content_id(name):
    part = (f'Content-ID: <a.pdf>\r\nContent-Disposition: attachment; filename="{name}"', PDF)
    assert list(named(read(mime(ROOT, part)))) == ["a.pdf"]


def test_boundaries_without_their_two_dashes_are_found():
    head = b'Content-Type: multipart/related; boundary="----=_b"\r\n\r\n'
    result = read(mime(ROOT, ("Content-ID: <cv9.pdf>", PDF), head=head, mark=b"----=_b"))
    assert named(result) == {"cv9.pdf": PDF}


@pytest.mark.parametrize(
    ("before", "behind"),
    [("<Envelope><Body><getMessageResponse>", "</getMessageResponse></Body></Envelope>"), ("", "")],
    ids=["in a call", "by itself"],
)
def test_a_packet_in_the_envelope_of_a_call_is_taken_out(before, behind):
    inner = base64.encodebytes(write(packets.status())).decode()
    call = f"{before}<message>{inner}</message>{behind}"
    result = read(call.encode())
    assert result.packet == packets.status()
    assert result.size == len(call)
    assert NoteCode.WRAPPED in codes(result)


def test_two_packets_in_one_envelope_are_refused():
    inner = base64.b64encode(write(packets.status())).decode()
    with pytest.raises(DuplicateElement):
        read(f"<Envelope><message>{inner}</message><message>{inner}</message></Envelope>".encode())


def test_an_envelope_in_an_envelope_is_opened_once_only():
    inner = base64.b64encode(write(packets.status())).decode()
    twice = base64.b64encode(f"<Envelope><message>{inner}</message></Envelope>".encode()).decode()
    with pytest.raises(NotAPacket):
        read(f"<Envelope><message>{twice}</message></Envelope>".encode())
