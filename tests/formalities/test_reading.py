"""What a document says about itself fills in the form."""

from __future__ import annotations

from datetime import date

import pytest
from tests.formalities.papers import paper, scanned

from vanthu.demo import samples
from vanthu.formalities import DOCUMENT_TYPES, DocumentCode, find_by_name
from vanthu.formalities.reading import read_front_page


def test_a_decision_is_read() -> None:
    page = read_front_page(samples.quyet_dinh())
    assert page.type is DOCUMENT_TYPES["QUYET_DINH"]
    assert page.issuer == "ỦY BAN NHÂN DÂN TỈNH HÀ TĨNH"
    assert page.parent == ""
    assert page.notation == "QĐ-UBND"
    assert page.number is None and page.code is None
    assert page.place == "Hà Tĩnh"
    assert page.subject.startswith("Về việc phòng, chống thiên tai")
    assert page.subject.endswith("trên địa bàn tỉnh")
    assert page.signer_name == "Lê Quang Thắng"
    assert page.signer_authority == ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")
    assert page.recipients[-1] == "Lưu: VT, NL5"


def test_a_letter_is_told_by_its_subject_line() -> None:
    page = read_front_page(samples.cong_van())
    assert page.type is DOCUMENT_TYPES["CONG_VAN"]
    assert page.subject == samples.MATTERS["chuyen-doi-so"].subject
    assert page.addressees == ("Các sở, ban, ngành cấp tỉnh", "Ủy ban nhân dân các xã, phường")
    assert page.parent == "ỦY BAN NHÂN DÂN TỈNH HÀ TĨNH"
    assert page.issuer == "SỞ KHOA HỌC VÀ CÔNG NGHỆ"
    assert page.recipients[0] == "Như trên"


@pytest.mark.parametrize(("build", "name"), [(samples.bao_cao, "Báo cáo"), (samples.to_trinh, "Tờ trình")])
def test_named_types_are_read_with_high_confidence(build: object, name: str) -> None:
    page = read_front_page(build())  # type: ignore[operator]
    assert page.type is find_by_name(name)
    assert page.confidence["type"] > 0.9


def test_an_issued_document_tells_its_number_and_date() -> None:
    page = read_front_page(paper("Số: 05/TB-VP", "Hà Tĩnh, ngày 05 tháng 01 năm 2026"))
    assert page.code == DocumentCode(5, "TB-VP")
    assert page.issued_date == date(2026, 1, 5)
    assert page.type is DOCUMENT_TYPES["THONG_BAO"]
    assert page.subject == "Về lịch trực cơ quan"


def test_a_date_that_does_not_exist_is_not_read() -> None:
    assert read_front_page(paper(date="Hà Tĩnh, ngày 31 tháng 02 năm 2026")).issued_date is None


def test_a_year_in_the_notation_means_a_legal_normative_document() -> None:
    pdf = samples.document(
        "QUYET_DINH_QPPL",
        letterhead=samples.PROVINCE,
        subject="Ban hành Quy định về gửi, nhận văn bản điện tử",
        paragraphs=("Điều 1. Ban hành kèm theo Quyết định này Quy định về gửi, nhận văn bản điện tử./.",),
        year=2026,
    )
    page = read_front_page(pdf)
    assert page.notation == "2026/QĐ-UBND"
    assert page.type is DOCUMENT_TYPES["QUYET_DINH_QPPL"]


def test_a_scan_leaves_every_field_empty() -> None:
    page = read_front_page(scanned(paper()))
    assert (page.issuer, page.type, page.subject, page.signer_name, page.recipients) == ("", None, "", "", ())
    assert set(page.confidence.values()) == {0.0}


def test_a_page_that_is_no_document_is_not_guessed_at() -> None:
    page = read_front_page(samples.annex())
    assert page.type is None
    assert page.number is None
