"""The sample documents look like those of the decree: complete, in our font, blanks left blank."""

from __future__ import annotations

from io import BytesIO

import docx
import pikepdf
import pypdfium2
import pytest

from vanthu.demo import samples
from vanthu.formalities import DOCUMENT_TYPES, Family, Urgency, types_of
from vanthu.formalities.pdftext import open_pdf, read_page
from vanthu.formalities.placement import find_places


def words(pdf: bytes) -> str:
    with open_pdf(pdf) as document:
        return "\n".join(read_page(document, number).text for number in range(len(document)))


def fonts(pdf: bytes) -> set[str]:
    with pikepdf.open(BytesIO(pdf)) as document:
        dictionaries = (item for item in document.objects if isinstance(item, pikepdf.Dictionary))
        return {str(item.BaseFont) for item in dictionaries if "/BaseFont" in item}


@pytest.mark.parametrize("matter", samples.MATTERS)
def test_every_matter_makes_four_documents(matter: str) -> None:
    for build in (samples.quyet_dinh, samples.cong_van, samples.bao_cao, samples.to_trinh):
        pdf = build(matter=samples.MATTERS[matter])
        text = words(pdf)
        assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
        assert "Độc lập - Tự do - Hạnh phúc" in text
        assert "Nơi nhận:" in text
        assert text.count("./.") == 1
        assert "{" not in text
        assert find_places(pdf).confidence["signature"] >= 0.8


@pytest.mark.parametrize("code", [kind.code for kind in types_of(Family.ADMINISTRATIVE)])
def test_any_administrative_type_can_be_printed(code: str) -> None:
    pdf = samples.document(
        code,
        letterhead=samples.DEPARTMENT,
        subject="Kiểm tra công tác văn thư, lưu trữ",
        paragraphs=("Nội dung của văn bản./.",),
        year=2026,
    )
    kind = DOCUMENT_TYPES[code]
    assert kind.name.upper() in words(pdf) or not kind.heads_subject
    find_places(pdf)


def test_only_our_font_is_embedded() -> None:
    for pdf in (samples.quyet_dinh(), samples.annex()):
        assert fonts(pdf)
        assert all("Tinos" in name for name in fonts(pdf))


def test_words_given_are_printed_as_words_and_not_run_as_markup() -> None:
    pdf = samples.cong_van(subject='#panic("x") *đậm* $a$ [b] \\ @c', paragraphs=('#read("/etc/passwd")',))
    assert '#panic("x") *đậm*' in words(pdf)
    assert '#read("/etc/passwd")' in words(pdf)


def test_the_urgency_stamp_is_printed() -> None:
    assert "HỎA TỐC" in words(samples.cong_van(urgency=Urgency.EXPRESS))
    assert "HỎA TỐC" not in words(samples.cong_van())


def test_the_same_words_give_the_same_bytes() -> None:
    assert samples.to_trinh() == samples.to_trinh()


def test_an_annex_in_the_same_file_is_landscape_and_paged_on_its_own() -> None:
    pdf = samples.quyet_dinh(annexes=(samples.AnnexTable(title="DANH MỤC"),))
    pages = list(pypdfium2.PdfDocument(pdf))
    assert pages[-1].get_width() > pages[-1].get_height()
    with open_pdf(pdf) as document:
        annex = read_page(document, len(pages) - 1)
    assert annex.lines[0].text == "Phụ lục"


def test_a_separate_annex_leaves_its_reference_blank() -> None:
    assert "ngày … tháng … năm …" in words(samples.annex())


def test_the_word_letter_opens_and_holds_its_words() -> None:
    letter = docx.Document(BytesIO(samples.cong_van_docx(to="Sở Nội vụ")))
    cells = [cell.text for table in letter.tables for cell in table.rows[0].cells]
    assert any("Số:         /SKHCN-CĐS" in text for text in cells)
    assert any(paragraph.text == "Kính gửi: Sở Nội vụ" for paragraph in letter.paragraphs)
