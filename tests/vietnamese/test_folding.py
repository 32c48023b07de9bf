"""Searching without marks finds what was written with them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanthu.vietnamese import fold, nfc

VIETNAMESE_LETTERS = (
    "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"
)
vietnamese_text = st.text(VIETNAMESE_LETTERS + VIETNAMESE_LETTERS.upper() + " 0123456789/-.,")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Quyết định", "quyet dinh"),
        ("ĐIỀU ĐỘNG Nguyễn Văn Đức", "dieu dong nguyen van duc"),
        ("125/QĐ-UBND", "125/qd-ubnd"),
        ("hoà", "hoa"),
        ("hòa", "hoa"),
        ("Thừa Thiên – Huế", "thua thien – hue"),
        ("", ""),
    ],
)
def test_marks_and_case_do_not_matter_when_searching(written: str, key: str) -> None:
    assert fold(written) == key


@given(vietnamese_text)
def test_decomposed_text_from_another_system_folds_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)


@given(vietnamese_text)
def test_every_vietnamese_letter_becomes_plain_ascii(text: str) -> None:
    assert fold(text).isascii()
    assert len(fold(text)) == len(text)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_composing_twice_changes_nothing(text: str) -> None:
    assert nfc(nfc(text)) == nfc(text)
