"""The number and the date of a document in the fields that were reserved for them, as the law wants them written.

Owns how both look and what is kept of them (``05``; ``05/03/2026``). Refuses to choose a number and to sign.
Source: NĐ 30/2020 Đ15; PL I.II.3, 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from vanthu.pades import appearance
from vanthu.pades.errors import FieldMissing, NotNumberedYet, NumberDiffers, PdfDamaged
from vanthu.pades.fieldwork import canvas, draw, entry, field_named, require_field
from vanthu.pades.integrity import Wholeness
from vanthu.pades.opening import Pdf, beginning
from vanthu.pades.pdfobjects import name as name_of
from vanthu.pades.pdfobjects import string
from vanthu.pades.preparing import DATE_FIELD, LAYOUT_KEY, NUMBER_FIELD, NUMBERING_FIELD
from vanthu.pades.reading import READING_PROBLEMS, open_reader
from vanthu.pades.text import Run, TextFont, load_font


def fields(pdf: Pdf) -> dict[str, str]:
    """The values of ``so_vb`` and ``ngay_bh`` in the file's last revision, empty when not filled; fields that
    the file does not have are absent. Raises PdfDamaged, PdfEncrypted."""
    reader = open_reader(beginning(pdf))
    try:
        values = {name: field_named(reader, name) for name in (NUMBER_FIELD, DATE_FIELD)}
        return {name: str(entry(item, "/V") or "") for name, item in values.items() if item is not None}
    except READING_PROBLEMS as problem:
        raise PdfDamaged from problem


def fields_match(pdf: Pdf, number: str, issued_date: date) -> bool:
    """Whether the number and date in the file are those of the register; part of accepting a sealed file."""
    return fields(pdf) == {NUMBER_FIELD: number, DATE_FIELD: kept_date(issued_date)}


def kept_date(day: date) -> str:
    """The date as the field's value: ``21/11/2026``."""
    return day.strftime("%d/%m/%Y")


def printed_day(day: date) -> str:
    """Days below 10 get a leading zero (NĐ 30/2020 PL I.II.4b)."""
    return f"{day.day:02d}"


def printed_month(day: date) -> str:
    """Months 1 and 2 get a leading zero, the others none (NĐ 30/2020 PL I.II.4b)."""
    return f"{day.month:02d}" if day.month <= 2 else str(day.month)


def fitting(words: str, size: float, room: float, font: TextFont) -> float:
    """The size in points at which the words fit into the room (points), at most the wanted ``size``."""
    needed = font.width(words, size)
    return min(size, size * room / needed) if needed else size


@dataclass(frozen=True)
class Written:
    """What the number's and the date's fields hold."""

    number: str
    issued_date: date
    place: str


def write_number(writer: IncrementalPdfFileWriter, written: Written, font: bytes, slanted: bytes) -> None:
    upright, italic = load_font(font), load_font(slanted)
    runs = _number_runs(writer, written.number, upright)
    _fill(writer, NUMBER_FIELD, written.number, runs, upright)
    runs = _date_runs(writer, written.issued_date, written.place, italic)
    _fill(writer, DATE_FIELD, kept_date(written.issued_date), runs, italic)


def require_number(writer: IncrementalPdfFileWriter, found: Sequence[Wholeness], written: Written) -> None:
    if NUMBERING_FIELD not in {state.field for state in found}:
        raise NotNumberedYet
    kept = [str(entry(require_field(writer, name), "/V") or "") for name in (NUMBER_FIELD, DATE_FIELD)]
    if kept != [written.number, kept_date(written.issued_date)]:
        raise NumberDiffers(kept=" ".join(kept))


def _fill(writer: IncrementalPdfFileWriter, name: str, value: str, runs: list[Run], font: TextFont) -> None:
    widget = require_field(writer, name)
    widget[name_of("V")] = string(value)
    draw(writer, widget, appearance.text(writer, canvas(widget), font, runs))


def _layout(writer: IncrementalPdfFileWriter, name: str) -> tuple[Any, dict[str, float]]:
    widget = require_field(writer, name)
    kept = entry(widget, LAYOUT_KEY)
    if kept is None:
        raise FieldMissing(field=name)
    return widget, {str(key)[1:]: float(value) for key, value in kept.items()}


def _number_runs(writer: IncrementalPdfFileWriter, number: str, font: TextFont) -> list[Run]:
    widget, layout = _layout(writer, NUMBER_FIELD)
    return [_centred(widget, layout, number, font)]


def _date_runs(writer: IncrementalPdfFileWriter, day: date, place: str, font: TextFont) -> list[Run]:
    widget, layout = _layout(writer, DATE_FIELD)
    parts = {"Day": printed_day(day), "Month": printed_month(day), "Year": str(day.year)}
    gaps = {name: layout[name] for name in parts if name in layout}
    if not gaps:
        before = f"{place}, " if place else ""
        line = f"{before}ngày {parts['Day']} tháng {parts['Month']} năm {parts['Year']}"
        return [_centred(widget, layout, line, font)]
    left, low = float(widget["/Rect"][0]), float(widget["/Rect"][1])
    size = layout["Size"]
    return [
        Run(x - left - font.width(parts[name], size) / 2, layout["Baseline"] - low, size, parts[name])
        for name, x in gaps.items()
    ]


def _centred(widget: Any, layout: dict[str, float], words: str, font: TextFont) -> Run:
    """``words`` in the middle of the field, smaller when they would not fit."""
    left, low, right, _ = (float(edge) for edge in widget["/Rect"])
    size = fitting(words, layout["Size"], right - left, font)
    return Run((right - left - font.width(words, size)) / 2, layout["Baseline"] - low, size, words)
