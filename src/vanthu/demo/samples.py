"""Sample documents: PDF and DOCX pages in the layout of NĐ 30/2020, Phụ lục I, for demonstration and tests.

The pages leave blank what the clerk's system fills in: number, day and month, signature, seal. Refuses to
number, sign or store them. Fonts are passed by path, never taken from the machine.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import docx
import typst
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from vanthu.demo.sample_texts import (
    ANNEX_COLUMNS,
    ANNEX_ROWS,
    DIGITAL,
    DISASTERS,
    MATTERS,
    REFORM,
    Matter,
)
from vanthu.formalities import DOCUMENT_TYPES, Urgency, notation
from vanthu.formalities.fonts import tinos_folder

__all__ = [
    "MATTERS",
    "AnnexTable",
    "Letterhead",
    "Matter",
    "annex",
    "bao_cao",
    "cong_van",
    "cong_van_docx",
    "document",
    "quyet_dinh",
    "to_trinh",
]

_TEMPLATE = Path(__file__).with_name("samples.typ")
_TYPESETTING: dict[str, Any] = {"font": "Tinos", "size": 13.5, "landscape": False}
_AS_ABOVE = "Như trên;"
_ISSUER = "{issuer}"
_ARTICLE = re.compile(r"(Điều \d+\.)(.*)", re.DOTALL)
_CHAPTER = re.compile(r"[IVX]+\. ")
_HEADING = re.compile(r"\d+\. [^.;:]{1,90}")


@dataclass(frozen=True)
class Letterhead:
    """Who issues a sample document, and who signs it.

    ``authority`` holds the lines above the signature as printed (``KT. CHỦ TỊCH``, ``PHÓ CHỦ TỊCH``).
    """

    parent: str
    issuer: str
    agency_abbreviation: str
    unit_abbreviation: str
    place: str
    authority: tuple[str, ...]
    signer: str
    name: str = ""

    @property
    def own_name(self) -> str:
        """Name as running text writes it; ``name`` when given, else made from the printed capitals."""
        return self.name or self.issuer.replace("\n", " ").capitalize()


PROVINCE = Letterhead(
    parent="",
    issuer="ỦY BAN NHÂN DÂN\nTỈNH HÀ TĨNH",
    agency_abbreviation="UBND",
    unit_abbreviation="NL5",
    place="Hà Tĩnh",
    authority=("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
    signer="Lê Quang Thắng",
    name="Ủy ban nhân dân tỉnh",
)
DEPARTMENT = Letterhead(
    parent="ỦY BAN NHÂN DÂN\nTỈNH HÀ TĨNH",
    issuer="SỞ KHOA HỌC VÀ CÔNG NGHỆ",
    agency_abbreviation="SKHCN",
    unit_abbreviation="CĐS",
    place="Hà Tĩnh",
    authority=("GIÁM ĐỐC",),
    signer="Phan Thị Hồng Nhung",
    name="Sở Khoa học và Công nghệ",
)


@dataclass(frozen=True)
class AnnexTable:
    """An annex that is one table; ``widths`` are shares of the page width, ``centred`` column indexes."""

    title: str
    columns: tuple[str, ...] = ANNEX_COLUMNS
    rows: tuple[tuple[str, ...], ...] = ANNEX_ROWS
    widths: tuple[float, ...] = (0.6, 4, 2.6, 2.6, 1.4, 3)
    centred: tuple[int, ...] = (0, 4)
    heading: str = "Phụ lục"
    reference: str = "(Kèm theo Văn bản số …/… ngày … tháng … năm … của Ủy ban nhân dân tỉnh)"
    landscape: bool = True


@dataclass(frozen=True)
class _Page:
    """All that the template prints, in the template's own words."""

    type_name: str
    letter: bool
    subject: str
    letterhead: Letterhead
    notation: str
    body: Sequence[dict[str, str]]
    to: Sequence[str]
    recipients: Sequence[str]
    year: int | None
    urgency: Urgency = Urgency.NORMAL
    annexes: Sequence[AnnexTable] = field(default=())
    landscape: bool = False
    signature_space_mm: float = 27.0
    partners: Sequence[Letterhead] = ()

    def as_json(self) -> str:
        head = self.letterhead
        size = self.urgency.stamp_size_mm or (0.0, 0.0)
        values: dict[str, Any] = {
            "kind": "document",
            "type_name": self.type_name,
            "letter": self.letter,
            "subject": self.subject,
            "parent": head.parent,
            "issuer": "\n".join(one.issuer for one in (head, *self.partners)),
            "issuer_last_line": (self.partners or (head,))[-1].issuer.rsplit("\n", maxsplit=1)[-1],
            "notation": self.notation,
            "place": head.place,
            "year": None if self.year is None else str(self.year),
            "number_gap": 13,
            "date_gap": 9,
            "urgency": self.urgency.stamp_text,
            "urgency_width": size[0],
            "body": list(self.body),
            "to": list(self.to),
            "recipients": list(self.recipients),
            "signers": [
                {"authority": list(one.authority), "signer": one.signer} for one in (*self.partners, head)
            ],
            "signature_space": self.signature_space_mm,
            "landscape": self.landscape,
            "annexes": [_annex_values(table) for table in self.annexes],
        }
        return json.dumps(_TYPESETTING | values, ensure_ascii=False)


def document(
    type_code: str,
    *,
    letterhead: Letterhead,
    subject: str,
    paragraphs: Sequence[str],
    grounds: Sequence[str] = (),
    to: Sequence[str] = (),
    recipients: Sequence[str] = (),
    year: int | None = None,
    urgency: Urgency = Urgency.NORMAL,
    annexes: Sequence[AnnexTable] = (),
    landscape: bool = False,
    partners: Sequence[Letterhead] = (),
) -> bytes:
    """A sample document of any type (a key of ``DOCUMENT_TYPES``) as PDF, number and date left blank.

    ``year`` None leaves the year blank too. ``partners`` issue it too (văn bản liên tịch): each has its name in the
    head and its signer's block left of the one of ``letterhead``. Raises FontsMissing.
    """
    kind = DOCUMENT_TYPES[type_code]
    agencies = "-".join(one.agency_abbreviation for one in (letterhead, *partners))
    symbol = notation(kind, agencies, letterhead.unit_abbreviation, year)
    page = _Page(
        type_name=kind.name,
        letter=not kind.heads_subject,
        subject=subject,
        letterhead=letterhead,
        notation=symbol,
        body=_body(letterhead, grounds, paragraphs, _DECIDING.get(type_code)),
        to=to,
        recipients=recipients or _usual_recipients(letterhead, _first_recipient(paragraphs, bool(to))),
        year=year,
        urgency=urgency,
        annexes=annexes,
        landscape=landscape,
        partners=partners,
    )
    return _compile(page.as_json())


def quyet_dinh(
    *,
    letterhead: Letterhead = PROVINCE,
    subject: str | None = None,
    grounds: Sequence[str] | None = None,
    paragraphs: Sequence[str] | None = None,
    recipients: Sequence[str] = (),
    year: int | None = 2026,
    matter: Matter = DISASTERS,
    annexes: Sequence[AnnexTable] = (),
) -> bytes:
    """A decision as PDF; what is not given comes from ``matter``. Raises FontsMissing."""
    return document(
        "QUYET_DINH",
        letterhead=letterhead,
        subject=subject or f"Về việc {matter.subject}",
        grounds=matter.grounds if grounds is None else grounds,
        paragraphs=matter.articles if paragraphs is None else paragraphs,
        recipients=recipients,
        year=year,
        annexes=annexes,
    )


def cong_van(
    *,
    letterhead: Letterhead = DEPARTMENT,
    subject: str | None = None,
    paragraphs: Sequence[str] | None = None,
    to: Sequence[str] = ("Các sở, ban, ngành cấp tỉnh", "Ủy ban nhân dân các xã, phường"),
    recipients: Sequence[str] = (),
    year: int | None = 2026,
    matter: Matter = DIGITAL,
    urgency: Urgency = Urgency.NORMAL,
) -> bytes:
    """An official letter as PDF; what is not given comes from ``matter``. Raises FontsMissing."""
    return document(
        "CONG_VAN",
        letterhead=letterhead,
        subject=subject or matter.subject,
        paragraphs=matter.letter if paragraphs is None else paragraphs,
        to=_as_list(to),
        recipients=recipients,
        year=year,
        urgency=urgency,
    )


def bao_cao(
    *,
    letterhead: Letterhead = DEPARTMENT,
    subject: str | None = None,
    paragraphs: Sequence[str] | None = None,
    to: Sequence[str] = (),
    recipients: Sequence[str] = (),
    year: int | None = 2026,
    matter: Matter = DIGITAL,
    annexes: Sequence[AnnexTable] = (),
) -> bytes:
    """A report as PDF; what is not given comes from ``matter``. Raises FontsMissing."""
    return document(
        "BAO_CAO",
        letterhead=letterhead,
        subject=subject or f"Kết quả {matter.subject}",
        paragraphs=matter.report if paragraphs is None else paragraphs,
        to=_as_list(to),
        recipients=recipients,
        year=year,
        annexes=annexes,
    )


def to_trinh(
    *,
    letterhead: Letterhead = DEPARTMENT,
    subject: str | None = None,
    paragraphs: Sequence[str] | None = None,
    to: Sequence[str] = ("Ủy ban nhân dân tỉnh Hà Tĩnh",),
    recipients: Sequence[str] = (),
    year: int | None = 2026,
    matter: Matter = DIGITAL,
) -> bytes:
    """A proposal to a superior as PDF; what is not given comes from ``matter``. Raises FontsMissing."""
    return document(
        "TO_TRINH",
        letterhead=letterhead,
        subject=subject or f"Về việc {matter.subject}",
        paragraphs=matter.proposal if paragraphs is None else paragraphs,
        to=_as_list(to),
        recipients=recipients,
        year=year,
    )


def annex(
    table: AnnexTable | None = None, *, title: str = "DANH MỤC NHIỆM VỤ CHUYỂN ĐỔI SỐ NĂM 2026"
) -> bytes:
    """A separate annex file (one table) as PDF; its reference to the document stays blank, as e-documents
    have it.

    Source: NĐ 30/2020, Phụ lục I, Phần I, III.1.c. Raises FontsMissing.
    """
    chosen = table or AnnexTable(title=title)
    values = {"kind": "annex", "subject": chosen.title, "annexes": [_annex_values(chosen)]}
    return _compile(json.dumps(_TYPESETTING | values, ensure_ascii=False))


def cong_van_docx(
    *,
    letterhead: Letterhead = DEPARTMENT,
    subject: str | None = None,
    paragraphs: Sequence[str] | None = None,
    to: Sequence[str] = ("Các sở, ban, ngành cấp tỉnh", "Ủy ban nhân dân các xã, phường"),
    recipients: Sequence[str] = (),
    year: int | None = 2026,
    matter: Matter = REFORM,
) -> bytes:
    """The same letter as drafters make it in a word processor: tables without borders, blanks typed as
    spaces.
    """
    kind = DOCUMENT_TYPES["CONG_VAN"]
    addressees = _as_list(to)
    letter = _WordLetter(letterhead)
    letter.head(
        notation(kind, letterhead.agency_abbreviation, letterhead.unit_abbreviation),
        subject or matter.subject,
        year,
    )
    letter.addressees(addressees)
    letter.body(matter.letter if paragraphs is None else paragraphs)
    letter.foot(recipients or _usual_recipients(letterhead, _AS_ABOVE))
    return letter.save()


class _WordLetter:
    """Writes one letter with python-docx, from top to bottom."""

    def __init__(self, letterhead: Letterhead) -> None:
        self._head = letterhead
        self._word: Any = docx.Document()
        style = self._word.styles["Normal"]
        style.font.name = "Times New Roman"
        style.element.rPr.rFonts.set(qn("w:eastAsia"), "Times New Roman")
        style.font.size = Pt(14)
        style.paragraph_format.space_after = Pt(0)
        page = self._word.sections[0]
        page.page_width, page.page_height = Mm(210), Mm(297)
        page.top_margin, page.bottom_margin = Mm(20), Mm(20)
        page.left_margin, page.right_margin = Mm(30), Mm(17)

    def head(self, symbol: str, subject: str, year: int | None) -> None:
        left, right = self._two_cells(Mm(69), Mm(96))
        for name in filter(None, self._head.parent.split("\n")):
            self._centred(left, name, 12)
        for name in self._head.issuer.split("\n"):
            self._centred(left, name, 12, bold=True)
        self._centred(left, f"Số:         /{symbol}", 13, before=6)
        self._centred(left, f"V/v {subject}", 12, before=6)
        self._centred(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, bold=True)
        self._centred(right, "Độc lập - Tự do - Hạnh phúc", 13.5, bold=True)
        tail = f"năm {year}" if year else "năm       "
        line = f"{self._head.place}, ngày       tháng       {tail}"
        self._centred(right, line, 13.5, italic=True, before=20)

    def addressees(self, names: Sequence[str]) -> None:
        if len(names) == 1:
            self._centred(self._word, f"Kính gửi: {names[0]}", 14, before=12)
            return
        for index, name in enumerate(names):
            ending = "." if index == len(names) - 1 else ";"
            text = f"Kính gửi:\t- {name}{ending}" if index == 0 else f"\t- {name}{ending}"
            line = self._word.add_paragraph(text)
            line.paragraph_format.left_indent = Mm(22)
            line.paragraph_format.tab_stops.add_tab_stop(Mm(48))
            line.paragraph_format.space_before = Pt(12 if index == 0 else 0)

    def body(self, paragraphs: Sequence[str]) -> None:
        for text in paragraphs:
            paragraph = self._word.add_paragraph(text)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
            paragraph.paragraph_format.first_line_indent = Mm(12.7)
            paragraph.paragraph_format.space_before = Pt(6)

    def foot(self, recipients: Sequence[str]) -> None:
        self._word.add_paragraph()
        left, right = self._two_cells(Mm(80), Mm(83))
        heading = left.paragraphs[0].add_run("Nơi nhận:")
        heading.bold, heading.italic, heading.font.size = True, True, Pt(12)
        for name in recipients:
            left.add_paragraph().add_run(f"- {name}").font.size = Pt(11)
        for line in self._head.authority:
            self._centred(right, line, 14, bold=True)
        for _ in range(5):
            right.add_paragraph()
        self._centred(right, self._head.signer, 14, bold=True)

    def save(self) -> bytes:
        target = io.BytesIO()
        self._word.save(target)
        return target.getvalue()

    def _two_cells(self, first: Any, second: Any) -> tuple[Any, Any]:
        table = self._word.add_table(rows=1, cols=2)
        table.autofit = False
        left, right = table.rows[0].cells
        for column, width in zip(table.columns, (first, second), strict=True):
            column.width = width
        left.width, right.width = first, second
        return left, right

    @staticmethod
    def _centred(
        place: Any, text: str, size: float, *, bold: bool = False, italic: bool = False, before: float = 0
    ) -> None:
        unused = bool(place.paragraphs) and not place.paragraphs[-1].runs and len(place.paragraphs) == 1
        paragraph = place.paragraphs[0] if unused else place.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.space_before = Pt(before)
        run = paragraph.add_run(text)
        run.bold, run.italic, run.font.size = bold, italic, Pt(size)


_DECIDING = {"QUYET_DINH": "QUYẾT ĐỊNH:", "NGHI_QUYET": "QUYẾT NGHỊ:"}
_DECIDING |= {"QUYET_DINH_QPPL": "QUYẾT ĐỊNH:", "NGHI_QUYET_QPPL": "QUYẾT NGHỊ:"}


def _body(
    letterhead: Letterhead, grounds: Sequence[str], paragraphs: Sequence[str], deciding: str | None
) -> list[dict[str, str]]:
    """The body as the template wants it: who decides, legal grounds, the verb of decision, paragraphs."""
    items: list[dict[str, str]] = []
    if deciding:
        items.append(_item("centre", letterhead.issuer.replace("\n", " ")))
    items += [_item("ground", "", text) for text in grounds]
    if deciding:
        items.append(_item("centre", deciding))
    return items + [_paragraph(text.replace(_ISSUER, letterhead.own_name)) for text in paragraphs]


def _paragraph(text: str) -> dict[str, str]:
    article = _ARTICLE.fullmatch(text)
    if article:
        return _item("plain", article[1], article[2])
    if _CHAPTER.match(text) or _HEADING.fullmatch(text):
        return _item("plain", text)
    return _item("plain", "", text)


def _item(style: str, lead: str, rest: str = "") -> dict[str, str]:
    return {"style": style, "lead": lead, "rest": rest}


def _first_recipient(paragraphs: Sequence[str], has_addressees: bool) -> str:
    """ "As above" after addressees, "as article n" after articles, else the superior."""
    if has_addressees:
        return _AS_ABOVE
    articles = [match[1] for match in map(_ARTICLE.match, paragraphs) if match]
    return f"Như {articles[-1].rstrip('.')};" if articles else "Ủy ban nhân dân tỉnh (để báo cáo);"


def _usual_recipients(letterhead: Letterhead, first: str) -> tuple[str, ...]:
    return (
        first,
        "Chủ tịch, các Phó Chủ tịch UBND tỉnh;",
        "Cổng thông tin điện tử tỉnh;",
        f"Lưu: VT, {letterhead.unit_abbreviation}.",
    )


def _as_list(names: Sequence[str]) -> Sequence[str]:
    return (names,) if isinstance(names, str) else names


def _annex_values(table: AnnexTable) -> dict[str, Any]:
    return {
        "heading": table.heading,
        "title": table.title,
        "reference": table.reference,
        "columns": list(table.columns),
        "rows": [list(row) for row in table.rows],
        "widths": list(table.widths),
        "centred": list(table.centred),
        "landscape": table.landscape,
    }


def _compile(values_as_json: str) -> bytes:
    pdf = _compiler().compile(input=_TEMPLATE, sys_inputs={"data": values_as_json}, timestamp=0)
    if not isinstance(pdf, bytes):
        raise TypeError("the typesetter gave something other than one PDF file")
    return pdf


@lru_cache(maxsize=1)
def _compiler() -> Any:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(tinos_folder())]
    )
    return typst.Compiler(root=_TEMPLATE.parent, font_paths=fonts, ignore_system_fonts=True)
