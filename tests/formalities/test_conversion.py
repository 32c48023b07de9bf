"""A Word draft becomes a PDF on which every place is found."""

from __future__ import annotations

import re
import shutil
import zipfile
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from tests.formalities.papers import paper

from vanthu.demo import samples
from vanthu.formalities.conversion import ConversionFailed, LibreOfficeMissing, docx_to_pdf, page_count
from vanthu.formalities.pdftext import UnreadablePdf
from vanthu.formalities.placement import find_places
from vanthu.formalities.reading import read_front_page

needs_converter = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice is not installed here"
)


@lru_cache(maxsize=1)
def converted_letter() -> bytes:
    return docx_to_pdf(samples.cong_van_docx())


@needs_converter
def test_a_word_letter_becomes_one_page_with_all_places() -> None:
    pdf = converted_letter()
    found = find_places(pdf, signer_name="Phan Thị Hồng Nhung")
    assert page_count(pdf) == 1
    assert found.signer.position == ("GIÁM ĐỐC",)
    assert set(found.confidence.values()) == {1.0}


@needs_converter
def test_a_word_letter_is_set_in_the_font_that_has_every_vietnamese_letter() -> None:
    with pikepdf.open(BytesIO(converted_letter())) as document:
        dictionaries = [item for item in document.objects if isinstance(item, pikepdf.Dictionary)]
        fonts = {str(item.BaseFont) for item in dictionaries if "/BaseFont" in item}
    assert fonts
    assert all("Tinos" in font for font in fonts)


@needs_converter
def test_a_word_letter_is_read_like_its_pdf() -> None:
    page = read_front_page(converted_letter())
    assert page.subject == samples.MATTERS["cai-cach-hanh-chinh"].subject
    assert page.notation == "SKHCN-CĐS"
    assert page.issuer == "SỞ KHOA HỌC VÀ CÔNG NGHỆ"


@needs_converter
def test_a_conversion_that_takes_too_long_is_ended() -> None:
    with pytest.raises(ConversionFailed, match=r"quá 0\.05 giây"):
        docx_to_pdf(samples.cong_van_docx(), timeout_seconds=0.05)


@needs_converter
@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 broken", b"%PDF-1.7 not a letter"])
def test_what_is_no_word_file_is_refused(data: bytes) -> None:
    with pytest.raises(ConversionFailed, match="DOCX"):
        docx_to_pdf(data)


@needs_converter
def test_a_word_file_that_unpacks_to_an_absurd_size_is_refused_unopened() -> None:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.writestr("word/document.xml", bytes(600 * 1024 * 1024))
    with pytest.raises(ConversionFailed, match="quá lớn"):
        docx_to_pdf(target.getvalue())


def test_a_machine_without_converter_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LibreOfficeMissing) as caught:
        docx_to_pdf(b"PK")
    assert caught.value.code == "CONVERTER_MISSING"
    assert re.search("LibreOffice", str(caught.value))


def test_pages_are_counted() -> None:
    assert page_count(paper(pages=3)) == 3
    with pytest.raises(UnreadablePdf):
        page_count(b"no pages here")
