"""Packets with the defects that are in circulation are read, and each defect is told."""

from __future__ import annotations

import base64
from datetime import date, datetime

import pytest
from tests.edxml import packets
from tests.edxml.packets import HEADER, PDF, TRACE, attached, raw, reference, zipped

from vanthu.edxml import VIETNAM, BusinessType, NoteCode, ResponseFor, StatusCode, read


def notes_of(result):
    return {note.code for note in result.notes}


def one_attachment(name, transported, **labels):
    result = read(raw(manifest=reference(name), attachments=attached(name, transported, **labels)))
    return result.packet.attachments[0]


# --- header ---


def test_elements_are_found_in_any_namespace_and_under_any_prefix():
    result = read(raw(namespace="http://www.example.vn/ns/edxml"))
    assert result.packet.code == "152/SNV-VTLT"
    assert NoteCode.FOREIGN_NAMESPACE in notes_of(result)


def test_an_undeclared_prefix_does_not_stop_reading():
    text = raw().decode().replace(f' xmlns:e="{packets.QCVN}"', "")
    assert read(text.encode()).packet.document_id == "77"


def test_letters_of_the_header_that_a_gateway_destroyed_are_told():
    destroyed = raw().decode().replace("<e:Subject>", "<e:Subject>Vi\ufffd\ufffdc ").encode()
    [note] = [note for note in read(destroyed).notes if note.code is NoteCode.DAMAGED_TEXT]
    assert note.detail == "Subject"


def test_a_packet_without_business_is_a_new_document():
    result = read(raw(trace=TRACE.split("<e:Bussiness>")[0]))
    assert result.packet.business is None
    assert result.packet.business_type == BusinessType.NEW
    assert NoteCode.NO_BUSINESS in notes_of(result)


def test_an_unknown_business_kind_stays_a_number():
    result = read(raw(trace="<e:Bussiness><e:BussinessDocType>7</e:BussinessDocType></e:Bussiness>"))
    assert result.packet.business_type == 7
    assert NoteCode.UNKNOWN_BUSINESS in notes_of(result)


@pytest.mark.parametrize("organ", ["<e:OrganId>null</e:OrganId>", "<e:OrganId/>", ""])
def test_a_trace_hop_without_agency_is_kept_with_its_time(organ):
    hop = f"<e:TraceHeader>{organ}<e:Timestamp>2026/03/09 08:00:00</e:Timestamp></e:TraceHeader>"
    result = read(raw(trace=hop + TRACE))
    assert [found.organ_id for found in result.packet.trace] == ["", "H99.05"]
    assert result.packet.trace[0].timestamp == datetime(2026, 3, 9, 8, tzinfo=VIETNAM)
    assert NoteCode.TRACE_WITHOUT_ORGAN in notes_of(result)


def test_an_empty_response_for_counts_as_absent():
    result = read(raw(HEADER + "<e:ResponseFor/><e:ResponseFor><e:OrganId> </e:OrganId></e:ResponseFor>"))
    assert result.packet.responses_for == ()
    assert NoteCode.EMPTY_RESPONSE_FOR in notes_of(result)


@pytest.mark.parametrize(
    "text", ["09/03/2026", "2026-03-09", "9/3/2026", "2026/03/09 00:00:00", "2026-03-09T07:00:00Z"]
)
def test_dates_in_foreign_forms_are_understood(text):
    result = read(raw(HEADER.replace("2026/03/09", text)))
    assert result.packet.promulgation_date == date(2026, 3, 9)
    assert NoteCode.DATE_FORMAT in notes_of(result)


def test_an_impossible_date_is_kept_as_text():
    result = read(raw(HEADER.replace("2026/03/09", "2026/02/30")))
    assert result.packet.promulgation_date is None
    assert ("PromulgationDate", "2026/02/30") in [(value.path, value.text) for value in result.packet.unknown]
    assert {NoteCode.BAD_DATE, NoteCode.MISSING} <= notes_of(result)


def test_a_type_that_is_no_number_is_kept_as_text():
    result = read(raw(HEADER.replace("<e:Type>2<", "<e:Type>CV<")))
    assert result.packet.type is None
    assert result.packet.type_name == "Công văn"
    assert result.packet.unknown[0].text == "CV"


def test_elements_that_the_standard_lacks_are_kept():
    result = read(raw(HEADER + "<e:SecretLevel><e:Code>0</e:Code></e:SecretLevel>"))
    assert [(value.path, value.text) for value in result.packet.unknown] == [("SecretLevel/Code", "0")]
    assert NoteCode.UNKNOWN_ELEMENT in notes_of(result)


def test_an_element_repeated_with_the_same_content_is_tolerated():
    result = read(raw(HEADER + "<e:Subject>Về việc thử nghiệm</e:Subject>"))
    assert result.packet.subject == "Về việc thử nghiệm"
    assert NoteCode.REPEATED_ELEMENT in notes_of(result)


def test_two_telephone_numbers_do_not_stop_reading():
    header = HEADER.replace("</e:From>", "<e:Telephone>1</e:Telephone><e:Telephone>2</e:Telephone></e:From>")
    result = read(raw(header))
    assert result.packet.sender.telephone == "1"
    assert NoteCode.REPEATED_ELEMENT in notes_of(result)


def test_a_code_in_one_piece_is_split_at_the_first_slash():
    header = HEADER.replace(
        "<e:CodeNumber>152</e:CodeNumber><e:CodeNotation>SNV-VTLT</e:CodeNotation>", "152/QĐ/X"
    )
    packet = read(raw(header)).packet
    assert (packet.code_number, packet.code_notation) == ("152", "QĐ/X")


@pytest.mark.parametrize("before", ["\ufeff", "\r\n  ", "\ufeff\n"])
def test_bytes_before_the_xml_are_skipped(before):
    assert read(before.encode() + raw()).packet.document_id == "77"


def test_utf_16_is_read():
    text = raw(prolog='<?xml version="1.0" encoding="UTF-16"?>').decode()
    assert read(text.encode("utf-16")).packet.subject == "Về việc thử nghiệm"


def test_the_packet_signature_is_kept_byte_for_byte_and_never_trusted():
    signature = '<Signature a="1">\n <SignedInfo/><SignatureValue>AbC=</SignatureValue></Signature>'
    result = read(raw(after_header=signature))
    assert result.signature == signature.encode()
    assert NoteCode.SIGNATURE_PRESENT in notes_of(result)


def test_a_large_signature_is_kept_whole():
    signature = f"<Signature><SignatureValue>{'Q' * 300_000}</SignatureValue></Signature>"
    assert read(raw(after_header=signature)).signature == signature.encode()


def test_an_empty_digital_signature_is_no_signature():
    result = read(raw(after_header="<e:DigitalSignature/>"))
    assert result.signature is None
    assert result.notes == ()


# --- statuses ---


def test_status_children_are_read_in_any_order():
    header = """<e:Timestamp>2026/03/09 10:00:00</e:Timestamp><e:StatusCode>2</e:StatusCode>
      <e:ResponseFor><e:DocumentId>D1</e:DocumentId><e:OrganId>H1</e:OrganId></e:ResponseFor>
      <e:Description>Sai nơi nhận</e:Description><e:From><e:OrganId>H2</e:OrganId></e:From>"""
    packet = read(raw(header)).packet
    assert packet.status_code is StatusCode.REJECTED
    assert packet.response_for == ResponseFor("H1", document_id="D1")
    assert packet.timestamp == datetime(2026, 3, 9, 10, tzinfo=VIETNAM)


def test_an_unknown_status_code_stays_as_it_came():
    header = """<e:From><e:OrganId>H2</e:OrganId></e:From><e:StatusCode>11</e:StatusCode>
      <e:ResponseFor><e:OrganId>H1</e:OrganId></e:ResponseFor><e:Timestamp>x</e:Timestamp>"""
    result = read(raw(header))
    assert result.packet.status_code == "11"
    assert result.packet.timestamp is None
    assert {NoteCode.UNKNOWN_STATUS, NoteCode.BAD_DATE, NoteCode.MISSING} == notes_of(result)


# --- attachments ---


@pytest.mark.parametrize(
    ("transported", "label", "expected"),
    [
        (PDF, "application/pdf", set()),
        (zipped(PDF), "application/zip", set()),
        (zipped(zipped(PDF)), "application/zip", {NoteCode.DOUBLE_ZIP}),
        (zipped(PDF), "application/pdf", {NoteCode.MISLABELLED}),
        (zipped(PDF), "text/plain", {NoteCode.MISLABELLED}),
        (PDF, "application/zip", {NoteCode.MISLABELLED}),
    ],
    ids=["raw", "zipped", "zipped twice", "zip called pdf", "zip called text", "pdf called zip"],
)
def test_a_pdf_comes_out_whatever_it_was_wrapped_in(transported, label, expected):
    found = one_attachment("152.pdf", transported, label=label)
    assert found.content.read() == PDF
    assert found.content_type == "application/pdf"
    assert {note.code for note in found.notes} == expected
    assert not found.damaged


OFFICE = zipped(b"<document/>", "word/document.xml")
ARCHIVE = zipped(b"inside", "ben-trong.txt")


@pytest.mark.parametrize(
    ("name", "transported", "expected"),
    [
        ("a.docx", OFFICE, OFFICE),
        ("a.docx", zipped(OFFICE), OFFICE),
        ("a.xlsx", zipped(OFFICE, "../../x.edxml"), OFFICE),
        ("a.zip", ARCHIVE, ARCHIVE),
        ("a.zip", zipped(ARCHIVE, "2f0c5b9e-8d2e-4b43-9a55-0d6d0b1c9f10.zip"), ARCHIVE),
        ("a.zip", zipped(ARCHIVE, "ho-so.zip"), zipped(ARCHIVE, "ho-so.zip")),
        ("a.rar", b"Rar!\x1a\x07", b"Rar!\x1a\x07"),
        ("khong-duoi", zipped(b"abc"), b"abc"),
    ],
)
def test_office_files_and_archives_are_not_mistaken_for_wrapping(name, transported, expected):
    found = one_attachment(name, transported)
    assert found.content.read() == expected
    assert not found.damaged


def test_broken_lines_in_base64_are_joined():
    text = base64.encodebytes(PDF).decode().replace("\n", "\r\n    ")
    assert one_attachment("152.pdf", text).content.read() == PDF


def test_base64_without_padding_is_read():
    found = one_attachment("152.txt", base64.b64encode(b"abcde").decode().rstrip("="))
    assert (found.content.read(), found.damaged) == (b"abcde", False)


@pytest.mark.parametrize("text", ["AAAA*AAA", "QUJD=QUJD", "QQ==QQ==", "A", "ảẢ"])
def test_broken_base64_is_told_and_marks_damage(text):
    found = one_attachment("152.pdf", text)
    assert found.damaged
    assert NoteCode.BROKEN_BASE64 in {note.code for note in found.notes}


def test_a_pdf_destroyed_by_a_text_gateway_is_told():
    destroyed = PDF.decode("utf-8", "replace").encode()
    found = one_attachment("152.pdf", destroyed)
    assert found.damaged
    assert NoteCode.DAMAGED in {note.code for note in found.notes}
    zipped_then_destroyed = zipped(PDF * 3).decode("utf-8", "replace").encode()
    assert one_attachment("152.pdf", zipped_then_destroyed).damaged


def test_a_healthy_pdf_with_a_few_replacement_characters_is_not_accused():
    assert not one_attachment("152.pdf", PDF + "\ufffd".encode() * 3).damaged
    assert not one_attachment("ghi-chu.txt", "\ufffd".encode() * 500).damaged


def test_a_cut_off_zip_is_told():
    found = one_attachment("152.pdf", zipped(PDF)[:-40])
    assert found.damaged
    assert NoteCode.BROKEN_ZIP in {note.code for note in found.notes}


def test_an_empty_attachment_is_told():
    assert one_attachment("152.pdf", "").damaged


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (reference("152.pdf", content_id="a1"), None),
        (reference("152.pdf", content_id="cid:other"), NoteCode.MATCHED_BY_NAME),
        (reference("khac.pdf", content_id="cid:other"), NoteCode.MATCHED_BY_ORDER),
        ("", NoteCode.NOT_IN_MANIFEST),
        (reference("152.pdf") + reference("mat.pdf", content_id="cid:b"), NoteCode.NOT_IN_PACKET),
    ],
)
def test_manifest_and_attachments_are_matched_by_id_then_name_then_order(lines, code):
    result = read(raw(manifest=lines, attachments=attached("152.pdf", PDF, label="application/pdf")))
    assert result.packet.attachments[0].name == "152.pdf"
    assert notes_of(result) == ({code} if code else set())


def test_attachments_in_another_order_than_the_manifest_keep_their_own_content():
    manifest = reference("a.pdf", content_id="cid:1") + reference("b.pdf", content_id="cid:2")
    contents = attached("b.pdf", PDF + b"B", content_id="2") + attached("", PDF + b"A", content_id="1")
    found = read(raw(manifest=manifest, attachments=contents)).packet.attachments
    assert {one.name: one.content.read()[-1:] for one in found} == {"a.pdf": b"A", "b.pdf": b"B"}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a:b?.pdf", "a_b_.pdf"),
        ("...", "tep-dinh-kem"),
        ("Công văn số 1.pdf", "Công văn số 1.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("ế" * 300 + ".pdf", "ế" * 78 + ".pdf"),
        ("x" * 300, "x" * 120),
        ("a." + "x" * 300, "a." + "x" * 118),
        ("hóa đơn\u202efdp.exe", "hóa đơnfdp.exe"),
        ("a\u2028b\x9bc\ud800.pdf", "a_b_c_.pdf"),
        ("CON", "_CON"),
        ("lpt1.txt", "_lpt1.txt"),
        ("a/b/", "tep-dinh-kem"),
        ("quye\u0302\u0301t.pdf", "quy\u1ebft.pdf"),
        (" .. a. ", "a"),
    ],
)
def test_a_safe_file_name_is_offered(name, safe):
    assert packets.pdf(name).safe_name == safe


# --- home-made shapes ---


def test_a_flat_packet_without_envelope_is_read():
    flat = f"""<EdXMLEnvelope xmlns:e="{packets.QCVN}"><e:MessageHeader>{HEADER}</e:MessageHeader>
      <e:TraceHeaderList>{TRACE}</e:TraceHeaderList><e:Manifest><e:Attachment><e:FileName>a.pdf</e:FileName>
      <e:FileType>application/pdf</e:FileType><e:Content>{base64.b64encode(PDF).decode()}</e:Content>
      </e:Attachment></e:Manifest></EdXMLEnvelope>"""
    packet = read(flat.encode()).packet
    assert [(one.name, one.content.read()) for one in packet.attachments] == [("a.pdf", PDF)]
    assert packet.trace[0].organ_id == "H99.05"


def test_a_manifest_whose_content_ids_lack_their_prefix_on_one_side_matches():
    manifest = reference("152.pdf", content_id="cid:a1")
    result = read(raw(manifest=manifest, attachments=attached("152.pdf", PDF, content_id="a1", label="")))
    assert result.packet.attachments[0].content_id == "a1"
    assert result.notes == ()


# --- the 2803 era ---

SOAP = """<soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:edXML="http://www.example.vn/ns">
<soap-env:Header><edXML:MessageHeader OriginalBodyRequested="true">
<edXML:From><edXML:OrganId>01.05.H99</edXML:OrganId></edXML:From>
<edXML:To><edXML:OrganId>02.05.H99</edXML:OrganId></edXML:To>
<edXML:Code><edXML:CodeNumber>9</edXML:CodeNumber><edXML:CodeNotation>CV-X</edXML:CodeNotation></edXML:Code>
<edXML:PromulgationInfo><edXML:PromulgationDate>09/03/2015</edXML:PromulgationDate></edXML:PromulgationInfo>
<edXML:DocumentType><edXML:TypeName>Công văn</edXML:TypeName></edXML:DocumentType>
<edXML:Subject>Thử mẫu cũ</edXML:Subject><edXML:DocumentId>314</edXML:DocumentId>
<edXML:Author><edXML:Function>Giám đốc</edXML:Function>
<edXML:FullName>Trần Mẫu</edXML:FullName></edXML:Author>
</edXML:MessageHeader><edXML:TraceHeaderList><edXML:TraceHeader>
<edXML:Timestamp>09/03/2015 08:00:00</edXML:Timestamp><edXML:Sender>
<edXML:OrganId>01.05.H99</edXML:OrganId></edXML:Sender>
</edXML:TraceHeader></edXML:TraceHeaderList><edXML:DigitalSignature/></soap-env:Header>
<soap-env:Body><edXML:Manifest edXML:version="1.0">
<edXML:Reference xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="cid:cv9.pdf">
<edXML:Description>Văn bản</edXML:Description>
</edXML:Reference></edXML:Manifest></soap-env:Body></soap-env:Envelope>"""


def mime(*parts: str, newline: str = "\r\n") -> bytes:
    head = 'Content-type: multipart/related; boundary="--=_ranh-gioi"; type="text/xml"; start="<1.edxml>"'
    lines = [head, ""]
    for number, part in enumerate(parts, start=1):
        lines += [
            "----=_ranh-gioi",
            "Content-Type: text/xml; charset=UTF-8",
            f"Content-ID: <{number}.edxml>",
            "",
            part,
        ]
    return newline.join([*lines, "----=_ranh-gioi--", ""]).encode()


def old_attachment(data: bytes) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><edXML:Document xmlns:edXML="http://www.example.vn/ns"><edXML:Attach>'
        '<edXML:Attachment edXML:Content-Type="application/zip" edXML:Content-Transfer-Encoding="base64">'
        f"<edXML:name>cv9.pdf</edXML:name><edXML:value>{base64.b64encode(zipped(data)).decode()}</edXML:value>"
        "</edXML:Attachment></edXML:Attach></edXML:Document>"
    )


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_a_mime_packet_of_2014_is_read(newline):
    data = PDF * 40
    result = read(mime(SOAP, old_attachment(data), newline=newline))
    packet = result.packet
    assert result.old_container
    assert (packet.document_id, packet.code, packet.sender.organ_id) == ("314", "9/CV-X", "01.05.H99")
    assert packet.promulgation_date == date(2015, 3, 9)
    assert (packet.signer.position, packet.signer.full_name) == ("Giám đốc", "Trần Mẫu")
    assert packet.trace[0].organ_id == "01.05.H99"
    assert packet.trace[0].timestamp == datetime(2015, 3, 9, 8, tzinfo=VIETNAM)
    found = packet.attachments[0]
    assert (found.name, found.description, found.content.read()) == ("cv9.pdf", "Văn bản", data)
    assert NoteCode.OLD_CONTAINER in notes_of(result)


def test_attachment_elements_in_small_letters_are_read():
    part = old_attachment(PDF).replace("edXML:Attachment", "edXML:attachment").replace("Attach>", "attach>")
    assert read(mime(SOAP, part)).packet.attachments[0].content.read() == PDF


def test_a_soap_status_of_2014_is_read():
    soap = """<edXML:Envelope xmlns:edXML="http://schemas.xmlsoap.org/soap/envelope/"><edXML:Body><edXML:Status>
    <edXML:ResponseFor><edXML:OrganId>01.05.H99</edXML:OrganId><edXML:DocumentId>314</edXML:DocumentId></edXML:ResponseFor>
    <edXML:From><edXML:OrganId>02.05.H99</edXML:OrganId></edXML:From><edXML:StatusCode>06</edXML:StatusCode>
    <edXML:Timestamp>10/03/2015 08:00:00</edXML:Timestamp></edXML:Status></edXML:Body></edXML:Envelope>"""
    packet = read(soap.encode()).packet
    assert packet.status_code is StatusCode.COMPLETED
    assert packet.response_for.document_id == "314"
    assert packet.timestamp == datetime(2015, 3, 10, 8, tzinfo=VIETNAM)
