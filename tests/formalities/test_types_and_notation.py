"""Types, numbers and notations as Nghị định 30/2020 writes them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanthu.formalities import (
    DOCUMENT_TYPES,
    BadNotation,
    CirculationRestriction,
    DocumentCode,
    Family,
    Urgency,
    code,
    find_by_name,
    find_by_notation,
    notation,
    number_text,
    parse_code,
    printed_name,
    types_of,
)

ADMINISTRATIVE = types_of(Family.ADMINISTRATIVE)


def test_there_are_29_administrative_types_two_of_them_without_abbreviation() -> None:
    assert len(ADMINISTRATIVE) == 29
    assert [kind.name for kind in ADMINISTRATIVE if not kind.abbreviation] == ["Công văn", "Thư công"]


def test_abbreviations_differ_within_a_family_also_in_case() -> None:
    for family in Family:
        short = [kind.abbreviation for kind in types_of(family) if kind.abbreviation]
        assert len(set(short)) == len(short)
    assert {"QyĐ", "TTr", "CTr", "DA", "ĐA"} <= {kind.abbreviation for kind in ADMINISTRATIVE}


def test_codes_are_plain_ascii_identifiers() -> None:
    assert all(kind.code.isascii() and kind.code.isidentifier() for kind in DOCUMENT_TYPES.values())


@pytest.mark.parametrize("written", ["Tờ trình", "TỜ TRÌNH", "to trinh", " tờ   trình ", "Tờ trình:"])
def test_a_type_is_found_however_its_name_is_typed(written: str) -> None:
    assert find_by_name(written) is DOCUMENT_TYPES["TO_TRINH"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_every_type_is_found_by_its_own_label(form: str) -> None:
    for kind in DOCUMENT_TYPES.values():
        assert find_by_name(unicodedata.normalize(form, kind.label)) is kind  # type: ignore[arg-type]


def test_a_shared_name_means_the_administrative_type_unless_told_otherwise() -> None:
    assert find_by_name("Quyết định (cá biệt)") is DOCUMENT_TYPES["QUYET_DINH"]
    assert find_by_name("Quyết định") is DOCUMENT_TYPES["QUYET_DINH"]
    assert find_by_name("Quyết định", Family.LEGAL_NORMATIVE) is DOCUMENT_TYPES["QUYET_DINH_QPPL"]
    assert find_by_name("Quyết định quy phạm") is None


def test_an_unknown_type_is_not_guessed() -> None:
    assert find_by_name("Sớ") is None


@pytest.mark.parametrize(
    ("kind", "agency", "unit", "year", "expected"),
    [
        ("QUYET_DINH", "BNV", None, None, "QĐ-BNV"),
        ("QUYET_DINH", "UBND", "VX", 2026, "QĐ-UBND"),
        ("CONG_VAN", "UBND", "VP", None, "UBND-VP"),
        ("CONG_VAN", "SKHCN", None, None, "SKHCN"),
        ("QUYET_DINH_QPPL", "UBND", None, 2019, "2019/QĐ-UBND"),
        ("TO_TRINH", "SKHCN", None, 2026, "TTr-SKHCN"),
        ("QUY_DINH", "HĐND-TT", None, None, "QyĐ-HĐND-TT"),
    ],
)
def test_notation_joins_type_agency_and_unit(
    kind: str, agency: str, unit: str | None, year: int | None, expected: str
) -> None:
    assert notation(DOCUMENT_TYPES[kind], agency, unit, year) == expected


def test_a_legal_normative_notation_needs_its_year() -> None:
    with pytest.raises(BadNotation) as caught:
        notation(DOCUMENT_TYPES["NGHI_QUYET_QPPL"], "HĐND")
    assert caught.value.code == "BAD_NOTATION"


@pytest.mark.parametrize("wrong", ["", "UB ND", "UBND/VP", "-UBND", "UBND-", "UB\nND"])
def test_an_abbreviation_holds_no_spaces_or_slashes(wrong: str) -> None:
    with pytest.raises(BadNotation):
        notation(DOCUMENT_TYPES["QUYET_DINH"], wrong)


def test_numbers_below_ten_get_a_zero() -> None:
    assert code(5, "UBND-VX") == "05/UBND-VX"
    assert code(33, "2019/QĐ-UBND") == "33/2019/QĐ-UBND"
    assert number_text(1204) == "1204"
    with pytest.raises(BadNotation):
        number_text(0)


@pytest.mark.parametrize(
    ("printed", "taken_apart"),
    [
        ("Số: 05/UBND-VX", DocumentCode(5, "UBND-VX")),
        ("33/2019/QĐ-UBND", DocumentCode(33, "2019/QĐ-UBND")),
        ("15a / QĐ - BNV", DocumentCode(15, "QĐ-BNV", "a")),
    ],
)
def test_a_printed_code_is_taken_apart(printed: str, taken_apart: DocumentCode) -> None:
    assert parse_code(printed) == taken_apart


def test_a_code_with_a_year_tells_it() -> None:
    parsed = parse_code("33/2019/QĐ-UBND")
    assert parsed is not None
    assert parsed.year == 2019


@pytest.mark.parametrize("text", ["", "Số:", "abc", "12", "12/", "Số: /QĐ-UBND", "12/<script>"])
def test_what_is_no_code_is_not_read_as_one(text: str) -> None:
    assert parse_code(text) is None


@given(st.integers(1, 99_999), st.sampled_from(list(DOCUMENT_TYPES.values())), st.integers(2000, 2100))
def test_a_written_code_reads_back(number: int, kind: object, year: int) -> None:
    symbol = notation(kind, "UBND", "VX", year)  # type: ignore[arg-type]
    assert parse_code(code(number, symbol)) == DocumentCode(number, symbol)


def test_the_type_can_be_told_from_the_notation() -> None:
    assert find_by_notation("QyĐ-UBND") is DOCUMENT_TYPES["QUY_DINH"]
    assert find_by_notation("2026/NQ-HĐND") is DOCUMENT_TYPES["NGHI_QUYET_QPPL"]
    assert find_by_notation("UBND-VX") is DOCUMENT_TYPES["CONG_VAN"]
    assert find_by_notation("") is None


def test_urgency_has_its_number_on_the_wire_and_its_stamp() -> None:
    assert [int(level) for level in Urgency] == [0, 1, 2, 3, 4]
    assert Urgency.EXPRESS.stamp_text == "HỎA TỐC"
    assert Urgency.EXPRESS.stamp_size_mm == (30.0, 8.0)
    assert Urgency.NORMAL.stamp_text == "" and Urgency.NORMAL.stamp_size_mm is None


def test_restricted_documents_do_not_leave_by_network() -> None:
    restricted = [mark for mark in CirculationRestriction if mark.forbids_network]
    assert len(restricted) == 4
    assert not CirculationRestriction.NONE.forbids_network


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Ủy ban nhân dân tỉnh Hà Tĩnh", "ỦY BAN NHÂN DÂN\nTỈNH HÀ TĨNH"),
        ("Hội đồng nhân dân xã Thạch Hà", "HỘI ĐỒNG NHÂN DÂN\nXÃ THẠCH HÀ"),
        ("Ủy ban nhân dân", "ỦY BAN NHÂN DÂN"),
        ("Sở Nội vụ", "SỞ NỘI VỤ"),
    ],
)
def test_heads_of_papers_do_not_break_the_name_of_a_place(name: str, printed: str) -> None:
    assert printed_name(name) == printed
