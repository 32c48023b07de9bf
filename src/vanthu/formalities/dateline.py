"""The number and the date at the head of page 1: the blanks in which the clerk's system writes them.

Boxes 3 and 4 of NĐ 30/2020, Phụ lục I. Refuses a draft in which they are filled already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from vanthu.formalities.pdftext import Glyph, Line, PageText
from vanthu.formalities.remarks import DATE, NUMBER, Note, PlaceAlreadyFilled
from vanthu.pades.places import Box, DateGaps, NumberPlace

_HEAD_SHARE = 0.5
_NUMBER = re.compile(r"(?<!\w)số\s*:?", re.IGNORECASE)
_SYMBOL = re.compile(r"[/\-–]\s*[0-9A-ZĐĂÂÊÔƠƯ]")
_DAY, _MONTH, _YEAR = (
    re.compile(rf"(?<!\w){word}(?!\w)", re.IGNORECASE) for word in ("ngày", "tháng", "năm")
)
_PRINTED_YEAR = re.compile(r"năm\s*\d{4}", re.IGNORECASE)
_LEAST_NUMBER_WIDTH = 14.0


@dataclass(frozen=True)
class FoundNumber:
    place: NumberPlace
    confidence: float


def find_number(page: PageText, notes: list[Note]) -> FoundNumber | None:
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


def _number_place(page: PageText, line: Line, before: int, after: int, notes: list[Note]) -> FoundNumber:
    word = _glyph_before(line, before)
    left, right = word.x1, _glyph_at(line, after).x0
    confidence = 1.0
    if right - left < _LEAST_NUMBER_WIDTH:
        notes.append(Note("NUMBER_GAP_NARROW", "Khoảng trống để ghi số quá hẹp; nên chừa khoảng 1 cm."))
        confidence = 0.5
        left = min(left, right - 4)
    box = _box(page, left, word.baseline - 0.25 * word.size, right, word.baseline + word.size)
    return FoundNumber(NumberPlace(box, word.baseline, word.size), confidence)


@dataclass(frozen=True)
class FoundDate:
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


def find_date(page: PageText, notes: list[Note]) -> FoundDate | None:
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
) -> FoundDate | None:
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
    return FoundDate(place, 1.0 if wide_enough else 0.5)


def _wrapped_date(
    page: PageText, line: Line, word: Glyph, gaps: list[_Gap], notes: list[Note]
) -> FoundDate | None:
    """A date whose year ran over to the next line: accepted only if that line prints the year."""
    below = [other.text for other in page.columns if _continues(line, other)]
    if not any(_PRINTED_YEAR.fullmatch(text) for text in below):
        return None
    if any(gap.printed and not gap.printed.isdigit() for gap in gaps):
        return None
    notes.append(Note("DATE_WRAPPED", "Dòng ngày, tháng, năm bị xuống dòng; nên giãn cột bên phải."))
    return FoundDate(_date_place(page, word, [*gaps, _Gap(0, 0, "year")]), 0.6)


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
