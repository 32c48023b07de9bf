"""The words of a PDF page with their places, read line by line as a person would.

Works in *reading* coordinates: PDF points, x to the right and y upwards as the text runs, whatever way the
page lies in the file; ``PageText.to_page`` turns a rectangle back into page coordinates. Owns nothing about
document layout. Uploads are not trusted: what cannot be parsed is UnreadablePdf, and pages with absurd
amounts of text are cut off.
"""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import pypdfium2
import pypdfium2.raw as pdfium

from vanthu.errors import VanthuError
from vanthu.pades.overlaying import PDFIUM_LOCK
from vanthu.vietnamese.text import nfc

_MOST_CHARACTERS = 40_000
_PAGES_AT_ONCE = 8
_BLANK_FILLERS = frozenset(".…_‥·․-–—")


class UnreadablePdf(VanthuError):
    """A file that is no PDF, is damaged, or is locked by a password."""

    code = "PDF_UNREADABLE"
    message = "Không đọc được tệp PDF: tệp hỏng, có mật khẩu hoặc không phải PDF."


@dataclass(frozen=True)
class Glyph:
    """One printed letter, in reading coordinates."""

    text: str
    x0: float
    x1: float
    baseline: float
    size: float
    font: str
    """Name of the font without the subset's prefix."""
    bold: bool

    @property
    def fills_blank(self) -> bool:
        """Whether it is a dot or dash of the kind that marks a blank to be filled in."""
        return self.text in _BLANK_FILLERS


@dataclass(frozen=True)
class Line:
    """Letters on one baseline from left to right.

    ``text`` and ``glyphs`` run in step; spaces have no glyph.
    """

    text: str
    glyphs: tuple[Glyph | None, ...]

    @property
    def printed(self) -> list[Glyph]:
        """Its letters without the spaces."""
        return [glyph for glyph in self.glyphs if glyph is not None]

    @cached_property
    def x0(self) -> float:
        """Left edge."""
        return self.printed[0].x0

    @cached_property
    def x1(self) -> float:
        """Right edge."""
        return max(glyph.x1 for glyph in self.printed)

    @property
    def centre(self) -> float:
        """Middle between both edges."""
        return (self.x0 + self.x1) / 2

    @cached_property
    def baseline(self) -> float:
        """Height on which the letters stand."""
        return self.printed[0].baseline

    @cached_property
    def size(self) -> float:
        """Font size of most of its letters, points."""
        return Counter(round(glyph.size, 1) for glyph in self.printed).most_common(1)[0][0]

    @property
    def top(self) -> float:
        """Upper edge, marks on capitals included."""
        return self.baseline + 0.95 * self.size

    @property
    def bottom(self) -> float:
        """Lower edge, descenders included."""
        return self.baseline - 0.25 * self.size

    @cached_property
    def bold(self) -> bool:
        """Whether most of its letters are bold."""
        return 2 * sum(glyph.bold for glyph in self.printed) > len(self.printed)

    @property
    def is_capitals(self) -> bool:
        """Whether it holds letters, all of them capitals."""
        letters = [letter for letter in self.text if letter.isalpha()]
        return len(letters) >= 2 and all(letter == letter.upper() for letter in letters)

    def slice(self, start: int, end: int) -> Line:
        """The part between two indexes of ``text``, trimmed of spaces; at least one letter must remain."""
        while start < end and self.glyphs[start] is None:
            start += 1
        while end > start and self.glyphs[end - 1] is None:
            end -= 1
        return Line(self.text[start:end], self.glyphs[start:end])

    def columns(self) -> list[Line]:
        """The line cut where a gap is too wide for a space between words, or where other letters begin (another size
        and another weight): side-by-side columns, such as the recipients and the signer's name."""
        cuts = [0]
        last: Glyph | None = None
        for index, glyph in enumerate(self.glyphs):
            if glyph is None:
                continue
            if last is not None and (_apart(last, glyph) or _unlike(last, glyph)):
                cuts.append(index)
            last = glyph
        cuts.append(len(self.glyphs))
        return [self.slice(start, end) for start, end in pairwise(cuts)]


def _apart(one: Glyph, other: Glyph) -> bool:
    return other.x0 - one.x1 > max(20.0, 1.7 * other.size)


def _unlike(one: Glyph, other: Glyph) -> bool:
    return one.bold != other.bold and abs(one.size - other.size) > 1.5


@dataclass(frozen=True)
class PageText:
    """All lines of one page from top to bottom, in reading coordinates.

    ``turn`` is how far the text is turned in the file (0, 90, 180 or 270 degrees against the clock);
    ``shown_turn`` how far the page is turned for showing. ``left`` … ``top`` bound the visible (cropped)
    page.
    """

    number: int
    lines: tuple[Line, ...]
    left: float
    bottom: float
    right: float
    top: float
    turn: int
    shown_turn: int

    @property
    def width(self) -> float:
        """Points."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Points."""
        return self.top - self.bottom

    @cached_property
    def columns(self) -> tuple[Line, ...]:
        """All lines cut into columns, top to bottom, then left to right."""
        return tuple(column for line in self.lines for column in line.columns())

    def from_top(self, line: Line) -> float:
        """How far down the page a line stands: 0 at the top edge, 1 at the bottom."""
        return (self.top - line.baseline) / self.height

    def across(self, x: float) -> float:
        """How far across the page: 0 at the left edge, 1 at the right."""
        return (x - self.left) / self.width

    def to_reading(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        """A rectangle of page coordinates in reading coordinates; the way back from ``to_page``."""
        return _turned_box((x0, y0, x1, y1), self.turn)

    def to_page(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        """A rectangle in page coordinates (before /Rotate): x0, y0, x1, y1 with x0 < x1, y0 < y1."""
        first, second = _unturn(x0, y0, self.turn), _unturn(x1, y1, self.turn)
        return (
            min(first[0], second[0]),
            min(first[1], second[1]),
            max(first[0], second[0]),
            max(first[1], second[1]),
        )

    @cached_property
    def areas(self) -> tuple[tuple[float, float, float, float], ...]:
        """Where its words stand: one rectangle x0, y0, x1, y1 per column of each line, in step with ``columns``."""
        return tuple((line.x0, line.bottom, line.x1, line.top) for line in self.columns)

    @property
    def area(self) -> tuple[float, float, float, float]:
        """The visible page."""
        return self.left, self.bottom, self.right, self.top

    @property
    def text(self) -> str:
        """The whole page as text, one line under the other."""
        return "\n".join(line.text for line in self.lines)


class Pages:
    """The pages of a pdfium document by their number, one at a time: the one before is closed by then.

    pdfium keeps every stream that it has read until the document is closed, so the document is opened anew after
    :data:`_PAGES_AT_ONCE` pages: a scan of a thousand needs no more memory than one of a few.
    """

    def __init__(self, data: bytes | BinaryIO | Path) -> None:
        self._data = data
        self._document = pypdfium2.PdfDocument(data)
        self._looked_at = 0

    def __len__(self) -> int:
        return len(self._document)

    def __getitem__(self, number: int) -> Any:
        if self._looked_at >= _PAGES_AT_ONCE:
            self._document.close()
            self._document = pypdfium2.PdfDocument(self._data)
            self._looked_at = 0
        self._looked_at += 1
        return self._document[number]

    def close(self) -> None:
        """No page is asked for afterwards."""
        self._document.close()


@contextmanager
def open_pdf(data: bytes | BinaryIO | Path) -> Iterator[Pages]:
    """A pdfium document, with the lock held until it is closed again.

    Raises UnreadablePdf, also for damage that shows only while its pages are read.
    """
    with PDFIUM_LOCK:
        try:
            document = Pages(data)
        except pypdfium2.PdfiumError as error:
            raise UnreadablePdf from error
        try:
            if len(document) == 0:
                raise UnreadablePdf
            yield document
        except pypdfium2.PdfiumError as error:
            raise UnreadablePdf from error
        finally:
            document.close()


def plain_text(document: Any, number: int) -> str:
    """The text of one page in file order, NFC: quick, for deciding whether to look closer."""
    page = document[number]
    try:
        text_page = page.get_textpage()
        count = min(max(text_page.count_chars(), 0), _MOST_CHARACTERS)
        text = text_page.get_text_range(0, count) if count else ""
        text_page.close()
    finally:
        page.close()
    return nfc(text)


def read_page(document: Any, number: int) -> PageText:
    """One page (counted from 0) as lines. Raises UnreadablePdf for a page without extent."""
    page = document[number]
    try:
        text_page = page.get_textpage()
        raw = list(_raw_glyphs(text_page))
        text_page.close()
        turn = _main_turn(raw)
        glyphs = [_to_glyph(item, turn) for item in raw if item.turn == turn]
        left, bottom, right, top = _turned_box(page.get_cropbox(), turn)
        shown = int(page.get_rotation())
    finally:
        page.close()
    if not (right - left > 1 and top - bottom > 1):
        raise UnreadablePdf
    lines = tuple(_lines(glyphs))
    return PageText(number, lines, left, bottom, right, top, turn, shown)


@dataclass(frozen=True)
class _RawGlyph:
    text: str
    box: tuple[float, float, float, float]
    origin: tuple[float, float]
    size: float
    turn: int
    font: str
    bold: bool


def _raw_glyphs(text_page: Any) -> Iterator[_RawGlyph]:
    """Visible letters in page coordinates; combining marks are joined to the letter before them."""
    pending: _RawGlyph | None = None
    for index in range(min(text_page.count_chars(), _MOST_CHARACTERS)):
        letter = _letter(text_page, index)
        if letter is None:
            continue
        if unicodedata.combining(letter) and pending is not None:
            pending = _with_mark(pending, letter)
            continue
        if pending is not None:
            yield pending
        pending = _raw_glyph(text_page, index, letter)
    if pending is not None:
        yield pending


def _letter(text_page: Any, index: int) -> str | None:
    """The character at an index if it is printed, else None."""
    code_point = pdfium.FPDFText_GetUnicode(text_page, index)
    if code_point <= 0x20 or 0xD800 <= code_point <= 0xDFFF or code_point > 0x10FFFF:
        return None
    letter = chr(code_point)
    if letter.isspace() or unicodedata.category(letter) in {"Cc", "Cf", "Cn"}:
        return None
    return letter


def _with_mark(glyph: _RawGlyph, mark: str) -> _RawGlyph:
    return replace(glyph, text=nfc(glyph.text + mark))


def _raw_glyph(text_page: Any, index: int, letter: str) -> _RawGlyph:
    matrix = pdfium.FS_MATRIX()
    turn, scale = 0, 1.0
    if pdfium.FPDFText_GetMatrix(text_page, index, matrix):
        turn = round(math.degrees(math.atan2(matrix.b, matrix.a)) / 90) * 90 % 360
        scale = math.hypot(matrix.c, matrix.d) or 1.0
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(text_page, index, x, y)
    box = text_page.get_charbox(index, loose=True)
    size = pdfium.FPDFText_GetFontSize(text_page, index) * scale
    font = _font_name(text_page, index)
    bold = _is_bold(font, int(pdfium.FPDFText_GetFontWeight(text_page, index)))
    return _RawGlyph(nfc(letter), box, (x.value, y.value), size, turn, font, bold)


def _font_name(text_page: Any, index: int) -> str:
    name = ctypes.create_string_buffer(128)
    pdfium.FPDFText_GetFontInfo(text_page, index, name, len(name), None)
    return name.value.decode("utf-8", "replace").split("+")[-1]


def _is_bold(font: str, weight: int) -> bool:
    """By the font's name, which every producer sets, or by the weight that only some declare."""
    return weight >= 600 or any(word in font.lower() for word in ("bold", "black", "heavy"))


def _main_turn(glyphs: list[_RawGlyph]) -> int:
    """The turn of most letters; an upright page when there are none."""
    return Counter(glyph.turn for glyph in glyphs).most_common(1)[0][0] if glyphs else 0


def _to_glyph(raw: _RawGlyph, turn: int) -> Glyph:
    x0, _, x1, _ = _turned_box(raw.box, turn)
    baseline = _turn(*raw.origin, turn)[1]
    return Glyph(raw.text, x0, x1, baseline, raw.size, raw.font, raw.bold)


def _turn(x: float, y: float, turn: int) -> tuple[float, float]:
    """Page coordinates to reading coordinates."""
    return {0: (x, y), 90: (y, -x), 180: (-x, -y), 270: (-y, x)}[turn]


def _unturn(x: float, y: float, turn: int) -> tuple[float, float]:
    """Reading coordinates to page coordinates."""
    return {0: (x, y), 90: (-y, x), 180: (-x, -y), 270: (y, -x)}[turn]


def _turned_box(box: tuple[float, float, float, float], turn: int) -> tuple[float, float, float, float]:
    first, second = _turn(box[0], box[1], turn), _turn(box[2], box[3], turn)
    return (
        min(first[0], second[0]),
        min(first[1], second[1]),
        max(first[0], second[0]),
        max(first[1], second[1]),
    )


def _lines(glyphs: list[Glyph]) -> Iterator[Line]:
    """Letters gathered by baseline, top to bottom."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda item: -item.baseline):
        if rows and abs(rows[-1][0].baseline - glyph.baseline) <= 0.25 * max(glyph.size, 4.0):
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    for row in rows:
        yield _line(sorted(row, key=lambda item: item.x0))


def _line(row: list[Glyph]) -> Line:
    """One line, a space put in wherever letters stand apart; letters printed twice count once."""
    text: list[str] = []
    glyphs: list[Glyph | None] = []
    last: Glyph | None = None
    for glyph in row:
        if last is not None:
            if glyph.text == last.text and glyph.x0 - last.x0 < 0.12 * glyph.size:
                continue
            if glyph.x0 - last.x1 > 0.14 * glyph.size:
                text.append(" ")
                glyphs.append(None)
        for letter in glyph.text:
            text.append(letter)
            glyphs.append(glyph)
        last = glyph
    return Line("".join(text), tuple(glyphs))
