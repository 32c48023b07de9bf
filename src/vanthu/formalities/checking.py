"""Checking a draft against the form that NĐ 30/2020, Phụ lục I prescribes.

Findings are hints for the drafter and for whoever checks the form before signing; they never stop a
document, since a reader of PDF text can be wrong. Refuses to judge content.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from vanthu.formalities.pdftext import PageText, open_pdf, read_page
from vanthu.formalities.reading import FrontPage, read_front_page
from vanthu.pades.places import millimetres
from vanthu.vietnamese.text import fold

_A4_MM = (210.0, 297.0)
_LEAST_LEFT_MM, _LEAST_RIGHT_MM = 30.0, 15.0
_TOLERANCE_MM = 2.0
_BODY_SIZES = (12.9, 14.1)
_TIMES_LIKE = ("times", "tinos", "liberationserif", "liberation serif", "termes", "nimbusroman")
_COUNTRY = "cong hoa xa hoi chu nghia viet nam"
_MOTTO = "doc lap - tu do - hanh phuc"


@dataclass(frozen=True)
class Finding:
    """One departure from the form: a stable code, a Vietnamese sentence, and the passage that prescribes
    it.
    """

    code: str
    text: str
    rule: str


def check_form(pdf: bytes) -> tuple[Finding, ...]:
    """What on a draft departs from the prescribed form, in the order of the page; empty when nothing was
    noticed.

    A scan without text gives the single finding ``NO_TEXT``. Raises UnreadablePdf.
    """
    with open_pdf(pdf) as document:
        page = read_page(document, 0)
    if not page.lines:
        return (
            _finding(
                "NO_TEXT", "Tệp không có lớp chữ (bản quét) nên không kiểm tra được thể thức.", "Phần I"
            ),
        )
    found = [*_check_sheet(page), *_check_head(page), *_check_parts(read_front_page(pdf))]
    return tuple(found)


def _finding(code: str, text: str, passage: str) -> Finding:
    return Finding(code, text, f"NĐ 30/2020 Phụ lục I, {passage}")


def _check_sheet(page: PageText) -> list[Finding]:
    found = []
    shown = sorted((page.width, page.height))
    if any(abs(side - millimetres(length)) > 6 for side, length in zip(shown, _A4_MM, strict=True)):
        found.append(_finding("PAGE_NOT_A4", "Khổ giấy phải là A4 (210 mm x 297 mm).", "Phần I, I.1"))
    left = min(line.x0 for line in page.lines) - page.left
    right = page.right - max(line.x1 for line in page.lines)
    if left < millimetres(_LEAST_LEFT_MM - _TOLERANCE_MM):
        found.append(_finding("MARGIN_LEFT", "Lề trái phải từ 30 mm đến 35 mm.", "Phần I, I.3"))
    if right < millimetres(_LEAST_RIGHT_MM - _TOLERANCE_MM):
        found.append(_finding("MARGIN_RIGHT", "Lề phải phải từ 15 mm đến 20 mm.", "Phần I, I.3"))
    return found + _check_type(page)


def _check_type(page: PageText) -> list[Finding]:
    """Font and size of the body: what most letters of the page are set in."""
    glyphs = [glyph for line in page.lines for glyph in line.printed]
    font = Counter(glyph.font for glyph in glyphs).most_common(1)[0][0]
    size = Counter(round(glyph.size, 1) for glyph in glyphs).most_common(1)[0][0]
    found = []
    if font and not any(name in font.lower() for name in _TIMES_LIKE):
        found.append(
            _finding("FONT", f"Phông chữ phải là Times New Roman (đang dùng {font}).", "Phần I, I.4")
        )
    if not _BODY_SIZES[0] <= size <= _BODY_SIZES[1]:
        text = f"Cỡ chữ nội dung phải từ 13 đến 14 (đang là {size:g})."
        found.append(_finding("BODY_SIZE", text, "Phần I, II.6.e"))
    return found


def _check_head(page: PageText) -> list[Finding]:
    words = " ".join(fold(page.text).replace("–", "-").split())
    found = []
    if _COUNTRY not in words:
        found.append(_finding("NO_COUNTRY", "Thiếu Quốc hiệu hoặc Quốc hiệu bị ngắt dòng.", "Phần I, II.1.a"))
    if _MOTTO not in words:
        found.append(_finding("NO_MOTTO", "Thiếu Tiêu ngữ “Độc lập - Tự do - Hạnh phúc”.", "Phần I, II.1.b"))
    return found


def _check_parts(front: FrontPage) -> list[Finding]:
    needed = (
        (front.issuer, "NO_ISSUER", "Không thấy tên cơ quan, tổ chức ban hành.", "Phần I, II.2"),
        (front.notation, "NO_NUMBER", "Không thấy dòng số, ký hiệu văn bản.", "Phần I, II.3"),
        (front.place, "NO_DATE", "Không thấy địa danh và thời gian ban hành.", "Phần I, II.4"),
        (front.type, "NO_TYPE", "Không thấy tên loại văn bản.", "Phần I, II.5"),
        (front.subject, "NO_SUBJECT", "Không thấy trích yếu nội dung.", "Phần I, II.5"),
        (front.signer_name, "NO_SIGNER", "Không thấy chức vụ, họ tên người ký.", "Phần I, II.7"),
        (front.recipients, "NO_RECIPIENTS", "Không thấy phần “Nơi nhận”.", "Phần I, II.9"),
    )
    found = [_finding(code, text, passage) for value, code, text, passage in needed if not value]
    if front.recipients and not any(fold(name).startswith("luu") for name in front.recipients):
        text = "Phần “Nơi nhận” thiếu dòng “Lưu: VT, …”."
        found.append(_finding("NO_REGISTRY_COPY", text, "Phần I, II.9.d"))
    if front.type is not None and front.type.code == "CONG_VAN" and not front.addressees:
        found.append(_finding("NO_ADDRESSEE", "Công văn phải có “Kính gửi”.", "Phần I, II.9.b"))
    return found
