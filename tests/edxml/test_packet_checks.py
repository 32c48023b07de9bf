"""What the standard wants of a packet is checked before sending, in the clerk's words."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime

import pytest
from tests.edxml import packets

from vanthu.edxml import (
    Business,
    BusinessType,
    Organization,
    Replacement,
    StatusCode,
    TraceHop,
    check,
    describe,
    status_label,
    type_codes,
)


def found(packet, **options):
    return {(problem.code, problem.path): problem for problem in check(packet, **options)}


def test_a_complete_packet_has_no_problem():
    assert check(packets.document(), today=date(2026, 3, 9)) == ()
    assert check(packets.status()) == ()


@pytest.mark.parametrize(
    ("field", "value", "path", "code"),
    [
        ("subject", "", "Subject", "EDXML_MISSING"),
        ("subject", "x" * 501, "Subject", "EDXML_TOO_LONG"),
        ("document_id", "", "DocumentId", "EDXML_MISSING"),
        ("code_number", "123456789012", "Code/CodeNumber", "EDXML_TOO_LONG"),
        ("code_notation", "x" * 31, "Code/CodeNotation", "EDXML_TOO_LONG"),
        ("promulgation_date", None, "PromulgationInfo/PromulgationDate", "EDXML_MISSING"),
        ("type_name", "", "DocumentType/TypeName", "EDXML_MISSING"),
        ("recipients", (), "To", "EDXML_MISSING"),
        ("priority", 5, "OtherInfo/Priority", "EDXML_OUT_OF_RANGE"),
        ("page_amount", 65536, "OtherInfo/PageAmount", "EDXML_OUT_OF_RANGE"),
        ("to_places", ("x" * 151,), "ToPlaces/Place[0]", "EDXML_TOO_LONG"),
        ("sender", Organization("H" * 36, "x"), "From/OrganId", "EDXML_TOO_LONG"),
        ("sender", Organization("", "x"), "From/OrganId", "EDXML_MISSING"),
        ("recipients", (packets.WARD, packets.COMMUNE, packets.WARD), "To[2]", "EDXML_DUPLICATE_RECIPIENT"),
        (
            "attachments",
            (packets.pdf(data=b""),),
            "AttachmentEncoded/Attachment[0]",
            "EDXML_EMPTY_ATTACHMENT",
        ),
        (
            "attachments",
            (packets.pdf(), packets.pdf("b.pdf")),
            "AttachmentEncoded/Attachment[1]/ContentId",
            "EDXML_DUPLICATE_CONTENT_ID",
        ),
        (
            "trace",
            (TraceHop("H1", datetime(2026, 1, 1)),),
            "TraceHeaderList/TraceHeader[0]/Timestamp",
            "EDXML_TIME_WITHOUT_ZONE",
        ),
        ("subject", "a\x00", "subject", "EDXML_ILLEGAL_CHARACTER"),
        ("recipients", (Organization("null", "x"),), "To[0]/OrganId", "EDXML_MISSING"),
        ("type", -1, "DocumentType/Type", "EDXML_OUT_OF_RANGE"),
        ("type_detail", 10**9, "DocumentType/TypeDetail", "EDXML_OUT_OF_RANGE"),
        ("steering_type", 10**9, "SteeringType", "EDXML_OUT_OF_RANGE"),
        ("due_date", date(1, 1, 1), "DueDate", "EDXML_OUT_OF_RANGE"),
        ("trace", (TraceHop("H" * 36),), "TraceHeaderList/TraceHeader[0]/OrganId", "EDXML_TOO_LONG"),
    ],
)
def test_each_rule_is_told_by_code_and_place(field, value, path, code):
    problems = found(replace(packets.document(), **{field: value}))
    assert (code, path) in problems
    assert problems[code, path].is_error
    assert problems[code, path].text.endswith(".")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("subject", None, "phải là chữ"),
        ("promulgation_date", "2026/03/09", "phải là ngày"),
        ("promulgation_date", datetime(2026, 3, 9), "phải là ngày"),
        ("type", "2", "phải là số nguyên"),
        ("type", True, "phải là số nguyên"),
        ("direction", "false", "phải là đúng hoặc sai"),
        ("recipients", [packets.WARD], "phải là danh sách"),
        ("appendixes", (1,), "phải là danh sách"),
        ("due_date", 20260309, "phải là ngày"),
    ],
)
def test_a_value_of_the_wrong_kind_is_told_in_words(field, value, said):
    (problem,) = check(replace(packets.document(), **{field: value}))
    assert (problem.code, problem.path, problem.is_error) == ("EDXML_BAD_TYPE", field, True)
    assert said in problem.text


def test_a_wrong_kind_deep_inside_is_told_by_its_place():
    (problem,) = check(packets.document(recipients=(packets.WARD, Organization(5))))
    assert problem.path == "recipients[1].organ_id"
    (problem,) = check(packets.status(timestamp="2026/03/09"))
    assert problem.text == "Trường timestamp phải là thời điểm."


@pytest.mark.parametrize(
    ("packet", "path", "rule"),
    [
        (packets.document(subject=""), "Subject", "QCVN 102:2016/BTTTT, mục 1.6"),
        (packets.document(code_number=""), "Code/CodeNumber", "QCVN 102:2016/BTTTT, mục 1.3"),
        (
            packets.document(business=Business(BusinessType.UPDATE, "r")),
            "TraceHeaderList/Bussiness/DocumentId",
            "QCVN 102:2016/BTTTT, mục 2.2.4",
        ),
        (
            packets.document(sender=Organization("H" * 36, "x")),
            "From/OrganId",
            "Sửa đổi 1:2022 QCVN 102:2016/BTTTT (TT 01/2022/TT-BTTTT)",
        ),
        (packets.status(timestamp=None), "Timestamp", "QĐ 28/2018/QĐ-TTg"),
        (packets.document(attachments=()), "AttachmentEncoded", "QCVN 102:2016/BTTTT"),
    ],
)
def test_each_problem_cites_its_rule(packet, path, rule):
    (problem,) = (one for one in check(packet) if one.path == path)
    assert problem.rule == rule


def test_length_counts_letters_as_people_do():
    subject = "e\u0302\u0301" * 500  # ế, decomposed
    assert check(packets.document(subject=subject)) == ()


def test_a_date_in_the_future_is_refused_when_today_is_known():
    assert ("EDXML_FUTURE_DATE", "PromulgationInfo/PromulgationDate") in found(
        packets.document(), today=date(2026, 3, 8)
    )


@pytest.mark.parametrize(
    ("business", "ending"),
    [
        (Business(BusinessType.UPDATE, "r"), "DocumentId"),
        (Business(BusinessType.REPLACE, "r"), "ReplacementInfoList"),
        (Business(BusinessType.REPLACE, "r", replacements=(Replacement(""),)), "[0]/DocumentId"),
        (Business(BusinessType.RECALL), "BussinessDocReason"),
        (Business(9, "r"), "BussinessDocType"),
    ],
)
def test_business_must_say_what_it_acts_on(business, ending):
    problems = check(packets.document(business=business))
    (error,) = [problem for problem in problems if problem.is_error]
    assert error.path.endswith(ending)


@pytest.mark.parametrize("code", [StatusCode.REJECTED, StatusCode.TAKE_BACK, StatusCode.CHANGE_REFUSED])
def test_a_refusal_needs_its_reason(code):
    assert ("EDXML_MISSING", "Description") in found(packets.status(status_code=code, description=""))
    assert check(packets.status(status_code=StatusCode.ARRIVED, description="")) == ()


def test_a_status_code_is_two_digits():
    assert ("EDXML_BAD_STATUS", "StatusCode") in found(packets.status(status_code="inbox"))


def test_what_helps_but_is_often_missing_only_warns():
    bare = packets.document(place="", trace=(), attachments=(), type=None)
    problems = check(bare)
    assert len(problems) == 4
    assert not any(problem.is_error for problem in problems)


def test_what_a_packet_acts_on():
    assert packets.document().acts_on == ()
    assert packets.recall().acts_on == ("H99.05,2026/03/09,152/SNV-VTLT",)
    assert packets.update().acts_on == ("H99.05,2026/03/01,140/SNV-VTLT",)
    assert packets.replacement().acts_on == (
        "H99.05,2026/03/01,140/SNV-VTLT",
        "H99.05,2026/03/02,141/SNV-VTLT",
    )


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("Công văn", (2, 18)),
        ("CÔNG  VĂN", (2, 18)),
        ("cong van", (2, 18)),
        ("Quyết định", (2, 2)),
        ("Nghị định", (1, 7)),
        ("Thông tư", (1, 9)),
        ("Bản đồ", None),
    ],
)
def test_document_kinds_are_found_by_name(name, codes):
    assert type_codes(name) == codes


def test_a_description_is_plain_data():
    plain = json.loads(json.dumps(describe(packets.update())))
    assert plain["message_type"] == "edoc"
    assert plain["business_label"] == "Cập nhật văn bản"
    assert plain["promulgation_date"] == "2026-03-09"
    assert plain["attachments"][0]["content"]["size"] == len(packets.PDF)
    status = json.loads(json.dumps(describe(packets.status())))
    assert (status["status_code"], status["status_label"]) == ("03", "Đã tiếp nhận")
    assert status["timestamp"] == "2026-03-09T09:00:01+07:00"
    assert status_label("08") == "mã trạng thái 08"
