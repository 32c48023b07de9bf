"""Number and notation (số, ký hiệu) of a document, written and read.

Source: NĐ 30/2020, Phụ lục I, Phần I, II.3. Refuses to choose a number: registers do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vanthu.errors import MustAct, VanthuError
from vanthu.formalities.types import DocumentType, Family
from vanthu.vietnamese.text import nfc

_ABBREVIATION = re.compile(r"[^\W_]+(?:[.&][^\W_]+)*(?:-[^\W_]+(?:[.&][^\W_]+)*)*")
_CODE = re.compile(r"\s*(?:Số\s*:?\s*)?(\d{1,9})\s*([A-Za-zĐđ]?)\s*/\s*(\S.*?)\s*", re.IGNORECASE)


class BadNotation(VanthuError):
    """An abbreviation or a number that cannot stand in a document code."""

    code = "BAD_NOTATION"
    message = "Ký hiệu văn bản không hợp lệ: {reason}"
    must_act = MustAct.CLERK
    rule = "NĐ 30/2020 Phụ lục I, Phần I, II.3"


@dataclass(frozen=True)
class DocumentCode:
    """A document code taken apart: ``33/2019/QĐ-UBND`` is number 33, notation ``2019/QĐ-UBND``.

    ``suffix`` is the letter that some agencies put behind a number squeezed in later (``15a``), else empty.
    """

    number: int
    notation: str
    suffix: str = ""

    @property
    def year(self) -> int | None:
        """Year printed in the code (legal normative documents only)."""
        head = self.notation.split("/")[0]
        return int(head) if re.fullmatch(r"\d{4}", head) else None


def check_abbreviation(text: str) -> str:
    """An abbreviation of an agency or unit in NFC, or BadNotation.

    Letters and digits in groups joined by single hyphens, dots or ``&``; no spaces, no slashes.
    """
    clean = nfc(text).strip()
    if not _ABBREVIATION.fullmatch(clean):
        raise BadNotation(
            reason=f"chữ viết tắt “{text}” chỉ gồm chữ, số và dấu gạch nối, không có khoảng trắng"
        )
    return clean


def notation(
    kind: DocumentType,
    agency_abbreviation: str,
    unit_abbreviation: str | None = None,
    year: int | None = None,
) -> str:
    """Notation of a document: ``QĐ-UBND``, công văn ``UBND-VP``, legal normative ``2026/QĐ-UBND``.

    The unit stands only in công văn (and thư công); named types leave it out. ``year`` is required for legal
    normative types and left out elsewhere. Raises BadNotation.
    """
    agency = check_abbreviation(agency_abbreviation)
    if kind.abbreviation:
        groups = [kind.abbreviation, agency]
    else:
        groups = [agency]
        if unit_abbreviation and kind.family is Family.ADMINISTRATIVE:
            groups.append(check_abbreviation(unit_abbreviation))
    symbol = "-".join(groups)
    if kind.family is not Family.LEGAL_NORMATIVE:
        return symbol
    if year is None or not 1900 <= year <= 9999:
        raise BadNotation(reason="văn bản quy phạm pháp luật phải có năm ban hành trong ký hiệu")
    return f"{year}/{symbol}"


def number_text(number: int) -> str:
    """Number as printed: below 10 with a leading zero. Raises BadNotation below 1."""
    if number < 1:
        raise BadNotation(reason="số văn bản bắt đầu từ 01")
    return f"{number:02d}"


def code(number: int, notation: str) -> str:
    """Number and notation as printed: ``05/UBND-VX``, ``33/2019/QĐ-UBND``."""
    return f"{number_text(number)}/{nfc(notation).strip()}"


def parse_code(text: str) -> DocumentCode | None:
    """A code as people type or print it ("Số: 05/UBND-VX"), taken apart; None when it is not one."""
    match = _CODE.fullmatch(nfc(text))
    if match is None:
        return None
    symbol = re.sub(r"\s*([-/–])\s*", r"\1", match[3]).replace("–", "-")
    if not all(_ABBREVIATION.fullmatch(part) for part in symbol.split("/")):
        return None
    return DocumentCode(int(match[1]), symbol, match[2])
