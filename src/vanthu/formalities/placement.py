"""Finding where number, date, signature and seal go on a draft, from the words printed on it.

Boxes of NĐ 30/2020, Phụ lục I: number (3) and date (4) at the top of page 1, signature (7c) between the
signer's position and name, seal (8) over its left third. Refuses to change the file. A scan without text has
no findable places: the person then points at them by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from vanthu.errors import VanthuError
from vanthu.formalities.blank import Region, Sheet
from vanthu.formalities.pdftext import Glyph, Line, PageText, open_pdf, plain_text, read_page
from vanthu.pades.places import Box, DateGaps, NumberPlace, Places, seal_box_over
from vanthu.vietnamese.text import fold

NUMBER, DATE, SIGNATURE = "number", "date", "signature"
_NAMES = {NUMBER: "số văn bản", DATE: "ngày, tháng, năm ban hành", SIGNATURE: "chữ ký của người ký"}

_HEAD_SHARE = 0.5
_NUMBER = re.compile(r"(?<!\w)số\s*:?", re.IGNORECASE)
_SYMBOL = re.compile(r"[/\-–]\s*[0-9A-ZĐĂÂÊÔƠƯ]")
_DAY, _MONTH, _YEAR = (
    re.compile(rf"(?<!\w){word}(?!\w)", re.IGNORECASE) for word in ("ngày", "tháng", "năm")
)
_PRINTED_YEAR = re.compile(r"năm\s*\d{4}", re.IGNORECASE)
_AUTHORITY = re.compile(r"(TM|KT|TL|TUQ|Q)\s*\.", re.IGNORECASE)
_POSITIONS = (
    "chu tich", "giam doc", "bo truong", "thu truong", "truong", "pho", "chanh", "vien", "cuc", "thu tuong",
    "hieu truong", "bi thu", "tong", "chu toa", "chi huy", "tu lenh", "dai dien",
)  # fmt: skip
_NAME_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)?\.?")
_DEEPEST_GAP = 300.0
_LEAST_SCORE = 4

_SIGNATURE_WIDTH = 140.0
_TALLEST_SIGNATURE = 110.0
_LEAST_SIGNATURE_HEIGHT = 24.0
_LEAST_NUMBER_WIDTH = 14.0
_MOST_PAGES = 600


class PlaceNotFound(VanthuError):
    """Some place is nowhere on the page; ``missing`` holds ``number``, ``date`` or ``signature``."""

    code = "PLACE_NOT_FOUND"
    message = (
        "Không tìm thấy chỗ để trống cho {names}. Hãy chỉ vị trí trên trang hoặc sửa dự thảo theo thể thức."
    )
    rule = "NĐ 30/2020 Phụ lục I"

    def __init__(self, missing: Sequence[str], *, has_text: bool = True) -> None:
        self.missing = tuple(missing)
        self.has_text = has_text
        names = ", ".join(_NAMES[part] for part in missing)
        text = None
        if not has_text:
            text = (
                f"Tệp PDF không có lớp chữ (bản quét) nên không tự tìm được chỗ ghi {names}."
                " Hãy chỉ vị trí trên trang."
            )
        super().__init__(text, names=names, missing=",".join(missing))


class PlaceAlreadyFilled(VanthuError):
    """Number or date is printed on the draft, where only the clerk's system may write it."""

    code = "PLACE_ALREADY_FILLED"
    message = "Dự thảo đã ghi sẵn {names} (“{printed}”). Hãy để trống, văn thư sẽ ghi khi ban hành."
    rule = "NĐ 30/2020 Điều 15, Phụ lục I, Phần I, II.3"

    def __init__(self, filled: str, printed: str) -> None:
        self.filled = filled
        super().__init__(names=_NAMES[filled], printed=printed, filled=filled)


@dataclass(frozen=True)
class Note:
    """Something a person should look at: a stable code and a Vietnamese sentence."""

    code: str
    text: str


@dataclass(frozen=True)
class SignerBlock:
    """The block of the signer as read:

    ``position`` from top to bottom, ``name`` below; ``page`` counts from 0.
    """

    page: int
    position: tuple[str, ...]
    name: str


@dataclass(frozen=True)
class FoundPlaces:
    """Places in page coordinates, how sure each is (0 to 1 by ``number``, ``date``, ``signature``), and
    remarks.

    ``turned_pages`` are those whose text does not run upright in the file; there, x values and baselines
    are measured along the text's own direction. Pass the draft through ``upright`` first to avoid them.
    """

    places: Places
    signer: SignerBlock
    confidence: dict[str, float]
    notes: tuple[Note, ...]
    turned_pages: frozenset[int]


def find_places(pdf: bytes, *, signer_name: str | None = None) -> FoundPlaces:
    """Where number, date, signature and seal go on a draft.

    ``signer_name`` helps to pick the right block when a document holds several. Number and date are looked
    for on page 1, the signer's block on the last page that holds one. Raises PlaceNotFound (naming all that
    is missing), PlaceAlreadyFilled, UnreadablePdf.
    """
    with open_pdf(pdf) as document:
        look = _look(document, signer_name)
    if look.missing:
        raise PlaceNotFound(look.missing, has_text=look.has_text)
    return look.found()


def find_or_make_places(pdf: bytes, *, signer_name: str | None = None) -> FoundPlaces:
    """As ``find_places``; a place that no words show is put where the page is blank, with a note that says so.

    For scans and foreign layouts: the drafter looks at the preview before submitting. Raises PlaceNotFound
    only for a page too full to hold what is missing, PlaceAlreadyFilled, UnreadablePdf.
    """
    with open_pdf(pdf) as document:
        look = _look(document, signer_name)
        if look.missing:
            look = _completed(document, look, signer_name or "")
    if look.missing:
        raise PlaceNotFound(look.missing, has_text=look.has_text)
    return look.found()


@dataclass(frozen=True)
class _Look:
    """What a look at the pages found so far; ``signature`` is made from ``block`` unless given."""

    first: PageText
    number: _FoundNumber | None
    dated: _FoundDate | None
    block: _Block | None
    notes: tuple[Note, ...]
    signature: Box | None = None
    signer: SignerBlock | None = None

    @property
    def has_text(self) -> bool:
        return bool(self.first.lines) or self.block is not None

    @property
    def missing(self) -> list[str]:
        places = {NUMBER: self.number, DATE: self.dated, SIGNATURE: self.block or self.signature}
        return [part for part, place in places.items() if place is None]

    def found(self) -> FoundPlaces:
        assert self.number is not None and self.dated is not None
        signature, signer = self.signature, self.signer
        if self.block is not None:
            signature, signer = self.block.box(), self.block.signer
        assert signature is not None and signer is not None
        pages = (self.first, self.block.page) if self.block else (self.first,)
        turned = frozenset({page.number for page in pages if page.turn})
        remarks = [
            Note("PAGE_TURNED", f"Chữ trên trang {page + 1} bị xoay trong tệp.") for page in sorted(turned)
        ]
        return FoundPlaces(
            places=Places(self.number.place, self.dated.place, signature, seal_box_over(signature)),
            signer=signer,
            confidence={
                NUMBER: self.number.confidence,
                DATE: self.dated.confidence,
                SIGNATURE: self.block.confidence if self.block else 0.0,
            },
            notes=(*self.notes, *remarks),
            turned_pages=turned,
        )


def _look(document: Any, signer_name: str | None) -> _Look:
    first = read_page(document, 0)
    notes: list[Note] = []
    number = _find_number(first, notes)
    dated = _find_date(first, notes)
    block = _find_signature(document, signer_name, notes)
    return _Look(first, number, dated, block, tuple(notes))


_HEAD_LEFT, _HEAD_RIGHT = Region(0.08, 0.02, 0.45, 0.5), Region(0.5, 0.02, 0.95, 0.5)
_SIGNING_SIDES = (Region(0.5, 0.1, 0.93, 0.94), Region(0.1, 0.1, 0.93, 0.94))
_SIGNING_SIZES = ((150.0, 90.0), (120.0, 60.0), (110.0, 40.0))


def _completed(document: Any, look: _Look, signer_name: str) -> _Look:
    """The look with blank spots for what is missing: number top left, date top right, signature at the foot."""
    notes = list(look.notes)
    head = Sheet(document, 0)
    number, dated, signature, signer = look.number, look.dated, None, None
    if number is None and (box := head.blank(70, 16, _HEAD_LEFT)):
        number = _FoundNumber(NumberPlace(box, box.y0 + 4, 13.0), 0.0)
        notes.append(_made(NUMBER, box))
    if dated is None and (box := head.blank(190, 16, _HEAD_RIGHT)):
        dated = _FoundDate(DateGaps(box, None, None, None, box.y0 + 4, 13.0), 0.0)
        notes.append(_made(DATE, box))
    if look.block is None and (box := _signing_spot(document, head)):
        signature, signer = box, SignerBlock(box.page, (), signer_name)
        notes.append(_made(SIGNATURE, box))
    return replace(look, number=number, dated=dated, signature=signature, signer=signer, notes=tuple(notes))


def _signing_spot(document: Any, head: Sheet) -> Box | None:
    last = len(document) - 1
    sheet = head if last == 0 else Sheet(document, last)
    below = Region(0.5, sheet.foot_of_ink(), 0.93, 0.96)
    for width, height in _SIGNING_SIZES:
        if box := sheet.blank(width, height, below):
            return box
    for side in _SIGNING_SIDES:
        for width, height in _SIGNING_SIZES:
            if box := sheet.blank(width, height, side, from_below=True):
                return box
    return None


def _made(part: str, box: Box) -> Note:
    return Note(
        "PLACE_MADE",
        f"Trang không cho biết chỗ ghi {_NAMES[part]}; hệ thống đặt vào khoảng trống trên trang {box.page + 1}."
        " Hãy xem trước khi trình.",
    )


def find_signer_block(pdf: bytes, *, signer_name: str | None = None) -> SignerBlock | None:
    """The signer's position and name as printed, None when no block is recognised. Raises UnreadablePdf."""
    with open_pdf(pdf) as document:
        found = signer_block_in(document, signer_name=signer_name)
    return found[1] if found else None


def signer_block_in(
    document: Any, *, signer_name: str | None = None
) -> tuple[PageText, SignerBlock, float] | None:
    """The signer's block of a document opened with ``open_pdf``: page, words, how sure (0 to 1)."""
    block = _find_signature(document, signer_name, [])
    return (block.page, block.signer, block.confidence) if block else None


# --- number


@dataclass(frozen=True)
class _FoundNumber:
    place: NumberPlace
    confidence: float


def _find_number(page: PageText, notes: list[Note]) -> _FoundNumber | None:
    for line in _head_lines(page):
        match = _NUMBER.match(line.text)
        if match is None or page.across(line.x0) > 0.5:
            continue
        symbol = _SYMBOL.search(line.text, match.end())
        if symbol is None:
            continue
        between = [glyph for glyph in line.glyphs[match.end() : symbol.start()] if glyph is not None]
        if any(not glyph.fills_blank for glyph in between):
            if _is_number(between):
                raise PlaceAlreadyFilled(NUMBER, line.columns()[0].text)
            continue
        return _number_place(page, line, match.end(), symbol.start(), notes)
    return None


def _is_number(glyphs: Iterable[Glyph]) -> bool:
    text = "".join(glyph.text for glyph in glyphs if not glyph.fills_blank)
    return bool(re.fullmatch(r"\d{1,6}[A-Za-zĐđ]?", text))


def _number_place(page: PageText, line: Line, before: int, after: int, notes: list[Note]) -> _FoundNumber:
    word = _glyph_before(line, before)
    left, right = word.x1, _glyph_at(line, after).x0
    confidence = 1.0
    if right - left < _LEAST_NUMBER_WIDTH:
        notes.append(Note("NUMBER_GAP_NARROW", "Khoảng trống để ghi số quá hẹp; nên chừa khoảng 1 cm."))
        confidence = 0.5
        left = min(left, right - 4)
    box = _box(page, left, word.baseline - 0.25 * word.size, right, word.baseline + word.size)
    return _FoundNumber(NumberPlace(box, word.baseline, word.size), confidence)


# --- date


@dataclass(frozen=True)
class _FoundDate:
    place: DateGaps
    confidence: float


@dataclass(frozen=True)
class _Gap:
    """A stretch to be filled; ``centre`` None when it is printed already."""

    left: float
    right: float
    printed: str

    @property
    def centre(self) -> float | None:
        return None if self.printed else (self.left + self.right) / 2


def _find_date(page: PageText, notes: list[Note]) -> _FoundDate | None:
    for line in _head_lines(page):
        day = _DAY.search(line.text)
        if day is None or "," not in line.text[: day.start()] or page.across(line.x1) < 0.5:
            continue
        month = _MONTH.search(line.text, day.end())
        if month is None:
            continue
        year = _YEAR.search(line.text, month.end())
        found = _date_gaps(page, line, (day, month, year), notes)
        if found is not None:
            return found
    return None


def _date_gaps(
    page: PageText,
    line: Line,
    words: tuple[re.Match[str], re.Match[str], re.Match[str] | None],
    notes: list[Note],
) -> _FoundDate | None:
    day_word, month_word, year_word = words
    word = _glyph_at(line, day_word.start())
    day = _gap_between(line, day_word.end(), month_word.start())
    if year_word is None:
        return _wrapped_date(page, line, word, [day, _gap_after(line, month_word.end(), digits=2)], notes)
    month = _gap_between(line, month_word.end(), year_word.start())
    year = _gap_after(line, year_word.end(), digits=4)
    gaps = [day, month, year]
    if all(gap.printed for gap in gaps):
        raise PlaceAlreadyFilled(DATE, line.slice(day_word.start(), len(line.text)).text)
    if any(gap.printed and not gap.printed.isdigit() for gap in gaps):
        return None
    if any(gap.printed for gap in gaps[:2]):
        notes.append(Note("DATE_PARTLY_PRINTED", "Dự thảo đã ghi sẵn ngày hoặc tháng; cần kiểm tra lại."))
    place = _date_place(page, word, gaps)
    wide_enough = all(gap.printed or gap.right - gap.left >= word.size for gap in gaps)
    if not wide_enough:
        notes.append(Note("DATE_GAP_NARROW", "Khoảng trống để ghi ngày, tháng quá hẹp."))
    return _FoundDate(place, 1.0 if wide_enough else 0.5)


def _wrapped_date(
    page: PageText, line: Line, word: Glyph, gaps: list[_Gap], notes: list[Note]
) -> _FoundDate | None:
    """A date whose year ran over to the next line: accepted only if that line prints the year."""
    below = [other.text for other in page.columns if _continues(line, other)]
    if not any(_PRINTED_YEAR.fullmatch(text) for text in below):
        return None
    if any(gap.printed and not gap.printed.isdigit() for gap in gaps):
        return None
    notes.append(Note("DATE_WRAPPED", "Dòng ngày, tháng, năm bị xuống dòng; nên giãn cột bên phải."))
    return _FoundDate(_date_place(page, word, [*gaps, _Gap(0, 0, "year")]), 0.6)


def _continues(line: Line, other: Line) -> bool:
    drop = line.baseline - other.baseline
    return 0 < drop < 2.2 * line.size and line.x0 <= other.centre <= line.x1 + 60


def _date_place(page: PageText, word: Glyph, gaps: list[_Gap]) -> DateGaps:
    """The gaps on the baseline and in the size of a word beside them."""
    open_gaps = [gap for gap in gaps if not gap.printed]
    left = min(gap.left for gap in open_gaps)
    right = max(gap.right for gap in open_gaps)
    box = _box(page, left, word.baseline - 0.25 * word.size, right, word.baseline + word.size)
    day, month, year = (gap.centre for gap in gaps)
    return DateGaps(box, day, month, year, word.baseline, word.size)


def _gap_between(line: Line, start: int, end: int) -> _Gap:
    """The stretch between two words: what is printed in it (dots do not count), else its edges."""
    left, right = _glyph_before(line, start).x1, _glyph_at(line, end).x0
    return _Gap(left, max(right, left + 1), _printed(line, start, end))


def _gap_after(line: Line, start: int, *, digits: int) -> _Gap:
    """The stretch behind the last word of the line: what is printed there, else room for some digits."""
    word = _glyph_before(line, start)
    left = word.x1 + 0.2 * word.size
    return _Gap(left, left + (0.5 * digits + 0.2) * word.size, _printed(line, start, len(line.text)))


def _printed(line: Line, start: int, end: int) -> str:
    glyphs = (glyph for glyph in line.glyphs[start:end] if glyph is not None)
    return "".join(glyph.text for glyph in glyphs if not glyph.fills_blank)


# --- signature


@dataclass(frozen=True)
class _Block:
    """A block on one page: lines of position, the name, and the lines right above and below the blank."""

    page: PageText
    position: tuple[Line, ...]
    name: Line
    above: Line
    below: Line
    score: int

    @property
    def confidence(self) -> float:
        return min(1.0, self.score / 10)

    @property
    def signer(self) -> SignerBlock:
        return SignerBlock(self.page.number, tuple(line.text for line in self.position), self.name.text)

    def box(self) -> Box:
        """The blank between position and name, at most as tall as a signature needs, centred on the block."""
        top, bottom = self.above.bottom - 2, self.below.top + 2
        if top - bottom < _LEAST_SIGNATURE_HEIGHT:
            middle = (top + bottom) / 2
            top, bottom = middle + _LEAST_SIGNATURE_HEIGHT / 2, middle - _LEAST_SIGNATURE_HEIGHT / 2
        if top - bottom > _TALLEST_SIGNATURE:
            middle = (top + bottom) / 2
            top, bottom = middle + _TALLEST_SIGNATURE / 2, middle - _TALLEST_SIGNATURE / 2
        centre = (self.name.centre + self.position[-1].centre) / 2
        half = min(_SIGNATURE_WIDTH / 2, self.page.right - 6 - centre)
        return _box(self.page, centre - half, bottom, centre + half, top)


def _find_signature(document: Any, signer_name: str | None, notes: list[Note]) -> _Block | None:
    """The best block of the document; the last one among equals."""
    wanted = _name_key(signer_name) if signer_name else ""
    best: _Block | None = None
    for number in range(min(len(document), _MOST_PAGES) - 1, -1, -1):
        if not _may_hold_block(plain_text(document, number), wanted):
            continue
        page = read_page(document, number)
        for block in _blocks(page, wanted):
            if block.score >= _LEAST_SCORE and (best is None or block.score > best.score):
                best = block
    if best is None:
        return None
    if wanted and _name_key(best.name.text) != wanted:
        notes.append(Note("SIGNER_NAME_DIFFERS", f"Tên người ký trên văn bản là “{best.name.text}”."))
    if best.above.bottom - best.below.top < _LEAST_SIGNATURE_HEIGHT:
        notes.append(Note("SIGNATURE_GAP_NARROW", "Khoảng trống để ký giữa chức vụ và họ tên quá hẹp."))
    return best


def _may_hold_block(text: str, wanted: str) -> bool:
    folded = " ".join(fold(text).split())
    return (
        "noi nhan" in folded
        or bool(_AUTHORITY.search(text))
        or bool(wanted and wanted in folded)
        or any(position.upper() in fold(text).upper() for position in ("chu tich", "giam doc", "truong"))
    )


def _blocks(page: PageText, wanted: str) -> list[_Block]:
    """Every pair of position lines and a name below them on the right half of a page."""
    right_side = [line for line in page.columns if page.across(line.centre) > 0.45]
    found = []
    for index, name in enumerate(right_side):
        if not _is_name(name.text, wanted):
            continue
        block = _block_above(page, right_side[:index], name, wanted)
        if block is not None:
            found.append(block)
    return found


def _block_above(page: PageText, lines: Sequence[Line], name: Line, wanted: str) -> _Block | None:
    aligned = [line for line in lines if _stands_over(line, name)]
    position = _signing_position(aligned, name)
    if not position:
        return None
    between = [line for line in aligned if line.baseline < position[-1].baseline and not _is_remark(line)]
    column = [position[-1], *between, name]
    above, below = max(pairwise(column), key=lambda pair: pair[0].baseline - pair[1].baseline)
    score = _score(page, position, name, wanted, gap=above.bottom - below.top)
    return _Block(page, tuple(position), name, above, below, score)


def _signing_position(aligned: Sequence[Line], name: Line) -> list[Line]:
    """The position lines that the signature goes under.

    A second position right above the name (box 7b: a member of a steering board adds the post held elsewhere)
    is passed over when the blank lies above it.
    """
    lowest = _position_lines(aligned)
    if not lowest or lowest[-1].bottom - name.top >= _LEAST_SIGNATURE_HEIGHT:
        return lowest
    higher = _position_lines([line for line in aligned if line.baseline > lowest[0].baseline])
    if higher and higher[-1].bottom - lowest[0].top >= _LEAST_SIGNATURE_HEIGHT:
        return higher
    return lowest


def _stands_over(line: Line, name: Line) -> bool:
    drop = line.baseline - name.baseline
    overlap = min(line.x1, name.x1) - max(line.x0, name.x0)
    near = abs(line.centre - name.centre) < 45
    return 0.5 * name.size < drop < _DEEPEST_GAP and (near or overlap > 0.8 * (name.x1 - name.x0))


def _position_lines(lines: Sequence[Line]) -> list[Line]:
    """The lowest run of lines in capitals that follow each other closely."""
    run: list[Line] = []
    for line in reversed(lines):
        if run and line.baseline - run[0].baseline > 2.4 * line.size:
            break
        if _is_position(line):
            run.insert(0, line)
        elif run:
            break
    return run


def _is_position(line: Line) -> bool:
    letters = line.text.replace(" ", "")
    return line.is_capitals and 3 <= len(letters) <= 80 and not any(letter.isdigit() for letter in letters)


def _is_remark(line: Line) -> bool:
    """A line such as "(Đã ký)" or "(Chữ ký, dấu)" that stands where the signature will."""
    return line.text.startswith("(") and line.text.endswith(")")


def _is_name(text: str, wanted: str) -> bool:
    if wanted and _name_key(text) == wanted:
        return True
    words = text.split()
    if not 2 <= len(words) <= 8 or text == text.upper():
        return False
    return all(_NAME_WORD.fullmatch(word) and word[0] == word[0].upper() for word in words)


def _name_key(name: str) -> str:
    """Name folded, without academic titles ("TS.", "PGS.TS.")."""
    words = [word for word in fold(name).replace(".", ". ").split() if not word.endswith(".")]
    return " ".join(words)


def _score(page: PageText, position: Sequence[Line], name: Line, wanted: str, *, gap: float) -> int:
    """How much speaks for a block; the weights were set on the sample documents."""
    folded = [fold(line.text) for line in position]
    left_side = [line for line in page.columns if page.across(line.x0) < 0.4]
    heading = [line for line in left_side if fold(line.text).startswith("noi nhan")]
    beside = any(abs(line.baseline - position[0].baseline) < 60 for line in heading)
    score = 0
    score += 4 if wanted and _name_key(name.text) == wanted else 0
    score += 3 if beside else 0
    score += 2 if any(_AUTHORITY.match(line.text) for line in position) else 0
    score += 2 if any(word in text for text in folded for word in _POSITIONS) else 0
    score += 1 if gap >= _LEAST_SIGNATURE_HEIGHT else -2
    score += 1 if position[-1].bold and name.bold else 0
    score += 1 if abs(position[-1].centre - name.centre) < 12 else 0
    return score


# --- shared


def _head_lines(page: PageText) -> list[Line]:
    """Lines of the upper half of a page."""
    return [line for line in page.lines if page.from_top(line) < _HEAD_SHARE]


def _glyph_before(line: Line, index: int) -> Glyph:
    """The last letter before an index of the line's text."""
    return next(glyph for glyph in reversed(line.glyphs[:index]) if glyph is not None)


def _glyph_at(line: Line, index: int) -> Glyph:
    """The first letter at or after an index of the line's text."""
    return next(glyph for glyph in line.glyphs[index:] if glyph is not None)


def _box(page: PageText, x0: float, y0: float, x1: float, y1: float) -> Box:
    """A rectangle of reading coordinates as a box in page coordinates."""
    return Box(page.number, *page.to_page(x0, y0, x1, y1))
