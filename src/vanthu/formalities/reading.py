"""Reading what a document says about itself: issuer, code, date, type, subject, signer, recipients.

Best effort, for filling in forms that a person then checks; every answer says how sure it is. Refuses to
decide anything: what is not recognised stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from vanthu.formalities.notation import DocumentCode, parse_code
from vanthu.formalities.pdftext import Line, PageText, open_pdf, read_page
from vanthu.formalities.signerblock import signer_block_in
from vanthu.formalities.types import DOCUMENT_TYPES, DocumentType, find_by_name, find_by_notation
from vanthu.pades.opening import Pdf
from vanthu.vietnamese.text import fold

_NUMBER_LINE = re.compile(r"số\s*:?\s*(?P<number>\d*)[\s.…_]*/\s*(?P<notation>[\w\-–./&]*\w)", re.IGNORECASE)
_DATED = re.compile(r"ngày\s*(\d{1,2})\s*tháng\s*(\d{1,2})\s*năm\s*(\d{4})", re.IGNORECASE)
_PLACE = re.compile(r"(?P<place>[^,:;]+),\s*ngày", re.IGNORECASE)
_LETTER_SUBJECT = re.compile(r"(?:V/v|Về việc)\s*:?\s*", re.IGNORECASE)
_HEAD_SHARE = 0.6
_MOST_SUBJECT_LINES = 8


@dataclass(frozen=True)
class FrontPage:
    """What was read. Empty strings, None and empty tuples mean "not recognised".

    ``confidence`` tells by field name, 0 to 1, how sure the reading is. ``signer_authority`` holds all
    lines above the name as printed, ``signer_position`` the last of them.
    """

    issuer: str = ""
    parent: str = ""
    place: str = ""
    number: int | None = None
    notation: str = ""
    issued_date: date | None = None
    type: DocumentType | None = None
    subject: str = ""
    addressees: tuple[str, ...] = ()
    signer_name: str = ""
    signer_position: str = ""
    signer_authority: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    confidence: dict[str, float] = field(default_factory=dict)

    @property
    def code(self) -> DocumentCode | None:
        """Number and notation together, None while either is missing."""
        return parse_code(f"{self.number}/{self.notation}") if self.number and self.notation else None


def read_front_page(pdf: Pdf) -> FrontPage:
    """What a document says about itself on its first page and in its signer's block. Raises UnreadablePdf."""
    with open_pdf(pdf) as document:
        first = read_page(document, 0)
        found = signer_block_in(document)
        recipients = _recipients(found[0]) if found else ()
    number_line = _number_line(first)
    number, notation = _code(number_line)
    issuer, parent = _issuer(first, number_line)
    kind, subject, sure = _type_and_subject(first, number_line, notation)
    place, issued = _place_and_date(first)
    signer = found[1] if found else None
    page = FrontPage(
        issuer=issuer,
        parent=parent,
        place=place,
        number=number,
        notation=notation,
        issued_date=issued,
        type=kind,
        subject=subject,
        addressees=_addressees(first),
        signer_name=signer.name if signer else "",
        signer_position=signer.position[-1] if signer else "",
        signer_authority=signer.position if signer else (),
        recipients=recipients,
    )
    return _with_confidence(page, sure, found[2] if found else 0.0)


def _with_confidence(page: FrontPage, type_and_subject: float, signer: float) -> FrontPage:
    certain = {
        "issuer": 0.9 if page.issuer else 0.0,
        "parent": 0.8 if page.parent else 0.0,
        "place": 0.9 if page.place else 0.0,
        "notation": 0.95 if page.notation else 0.0,
        "number": 0.95 if page.number else 0.0,
        "issued_date": 0.95 if page.issued_date else 0.0,
        "type": type_and_subject if page.type else 0.0,
        "subject": type_and_subject if page.subject else 0.0,
        "addressees": 0.8 if page.addressees else 0.0,
        "signer_name": signer if page.signer_name else 0.0,
        "signer_position": signer if page.signer_position else 0.0,
        "recipients": 0.8 if page.recipients else 0.0,
    }
    page.confidence.update(certain)
    return page


def _head(page: PageText) -> list[Line]:
    return [line for line in page.columns if page.from_top(line) < _HEAD_SHARE]


def _number_line(page: PageText) -> Line | None:
    lines = (line for line in page.lines if page.from_top(line) < _HEAD_SHARE and page.across(line.x0) < 0.5)
    return next((line for line in lines if _NUMBER_LINE.match(line.text)), None)


def _code(line: Line | None) -> tuple[int | None, str]:
    match = _NUMBER_LINE.match(line.text) if line else None
    if match is None:
        return None, ""
    number = int(match["number"]) if match["number"] and len(match["number"]) <= 9 else None
    return number, match["notation"].replace("–", "-").strip("-./")


def _issuer(page: PageText, number_line: Line | None) -> tuple[str, str]:
    """Issuer and its parent: capitals at the top left, the issuer bold below the parent."""
    floor = number_line.baseline if number_line else page.top - 0.15 * page.height
    lines = [
        line
        for line in page.columns
        if line.baseline > floor and line.is_capitals and page.across(line.centre) < 0.45
    ]
    bold = [line.text for line in lines if line.bold]
    plain = [line.text for line in lines if not line.bold]
    if not bold and plain:
        bold, plain = plain[-1:], plain[:-1]
    return " ".join(bold), " ".join(plain)


def _place_and_date(page: PageText) -> tuple[str, date | None]:
    for line in page.lines:
        if page.from_top(line) > _HEAD_SHARE or page.across(line.x1) < 0.5:
            continue
        column = next((part for part in line.columns() if _PLACE.search(part.text)), None)
        if column is None or page.across(column.centre) < 0.4:
            continue
        match = _PLACE.search(column.text)
        return (match["place"].strip() if match else ""), _date_in(line.text)
    return "", None


def _date_in(text: str) -> date | None:
    match = _DATED.search(text)
    if match is None:
        return None
    try:
        return date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        return None


def _type_and_subject(
    page: PageText, number_line: Line | None, notation: str
) -> tuple[DocumentType | None, str, float]:
    """Type, subject and how sure: by the title in the middle, else by "V/v", else by the notation alone."""
    hinted = find_by_notation(notation) if notation else None
    for index, line in enumerate(_head(page)):
        named = _named_type(page, line, number_line)
        if named is None:
            continue
        kind = _same_name(named, hinted)
        subject = _title_subject(_head(page)[index + 1 :], line)
        return kind, subject, 0.95 if kind is hinted else 0.7
    subject = _letter_subject(page)
    if subject:
        return DOCUMENT_TYPES["CONG_VAN"], subject, 0.9
    return hinted, "", 0.4


def _named_type(page: PageText, line: Line, number_line: Line | None) -> DocumentType | None:
    below = number_line is None or line.baseline < number_line.baseline
    centred = 0.35 < page.across(line.centre) < 0.65
    return find_by_name(line.text) if below and centred and line.is_capitals else None


def _same_name(named: DocumentType, hinted: DocumentType | None) -> DocumentType:
    """The type of the title, in the family that the notation tells (a year means legal normative)."""
    return hinted if hinted is not None and hinted.name == named.name else named


def _title_subject(lines: Sequence[Line], title: Line) -> str:
    """Centred lines under the title, bold as it is, up to the first that is not."""
    taken: list[Line] = []
    for line in lines[:_MOST_SUBJECT_LINES]:
        last = taken[-1] if taken else title
        close = last.baseline - line.baseline < 2.2 * title.size
        centred = abs(line.centre - title.centre) < 30
        if not (close and centred and line.bold == title.bold) or line.is_capitals:
            break
        taken.append(line)
    return " ".join(line.text for line in taken)


def _letter_subject(page: PageText) -> str:
    """The "V/v …" lines on the left under the number."""
    left = [line for line in _head(page) if page.across(line.centre) < 0.5]
    start = next((index for index, line in enumerate(left) if _LETTER_SUBJECT.match(line.text)), None)
    if start is None:
        return ""
    taken = [left[start]]
    for last, line in pairwise(left[start : start + _MOST_SUBJECT_LINES]):
        close = last.baseline - line.baseline < 1.9 * last.size
        if not close or abs(line.centre - left[start].centre) > 25 or line.is_capitals:
            break
        taken.append(line)
    return _LETTER_SUBJECT.sub("", " ".join(line.text for line in taken), count=1)


def _addressees(page: PageText) -> tuple[str, ...]:
    """Names after "Kính gửi", on the same line or as a dashed list below."""
    lines = page.lines
    for index, line in enumerate(lines):
        if not fold(line.text).startswith("kinh gui"):
            continue
        rest = re.sub(r"^\S+\s+\S+?\s*:\s*|^\S+\s+\S+\s*", "", line.text, count=1)
        names = [rest] if rest else []
        for following in lines[index + 1 :]:
            if not following.text.startswith(("-", "–", "+")):
                break
            names.append(following.text)
        return tuple(filter(None, map(_clean_name, names)))
    return ()


def _recipients(page: PageText) -> tuple[str, ...]:
    """The dashed list under "Nơi nhận" on the left; a line without dash continues the one above."""
    left = [line for line in page.columns if page.across(line.x0) < 0.45]
    start = next((index for index, line in enumerate(left) if fold(line.text).startswith("noi nhan")), None)
    if start is None:
        return ()
    names: list[str] = []
    for last, line in pairwise(left[start:]):
        if last.baseline - line.baseline > 3 * line.size:
            break
        if line.text.startswith(("-", "–", "+")):
            names.append(line.text)
        elif names and not fold(names[-1]).rstrip().endswith((".", ";")):
            names[-1] += f" {line.text}"
        else:
            break
    return tuple(filter(None, map(_clean_name, names)))


def _clean_name(text: str) -> str:
    return text.strip(" -–+").rstrip(";. ").strip()
