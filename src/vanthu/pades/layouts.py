"""How picture and lines share the box of the agency's signature: over a person's signature, or in a page's corner.

Owns sizes and the corner of the page as its reader sees it, whatever its rotation, crop and unit. Refuses to sign.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import pikepdf
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from vanthu.pades import appearance
from vanthu.pades.appearance import Canvas
from vanthu.pades.pdfobjects import Reference
from vanthu.pades.places import Area, Box, millimetres
from vanthu.pades.preparing import LAYOUT_KEY, page_rotation, user_unit, visible_area
from vanthu.pades.text import Run, TextFont

CORNER_MARGIN_MM = 10.0

Clearing = Callable[[BinaryIO, float, float], tuple[float, float]]
"""Tells how far from the right and the top edge of page 1 as displayed a mark of a width and a height stands clear of
what is printed there; all in the page's units."""
LINE_HEIGHT = 1.2
"""Of the font's size, from one baseline to the next."""

_GAP = 4.0
_SMALLEST = 5.0


def sealed(
    writer: BasePdfFileWriter,
    widget: Any,
    canvas: Canvas,
    png: bytes,
    lines: Sequence[str],
    font: TextFont,
) -> Reference:
    """The seal's appearance: the picture alone, or with ``lines`` where ``prepare`` kept a place for them."""
    kept = widget.get(LAYOUT_KEY)
    if kept is None or not lines:
        return appearance.image(writer, canvas, png)
    picture, text = _area(kept["/Picture"]), _area(kept["/Text"])
    return appearance.stamp(writer, canvas, png, picture, font, _fitted(text, lines, font))


def _area(kept: Any) -> Area:
    x0, y0, x1, y1 = (float(edge) for edge in kept)
    return x0, y0, x1, y1


def _fitted(area: Area, lines: Sequence[str], font: TextFont) -> list[Run]:
    """The lines centred in the area, as large as fits, at most 10 points."""
    widest = max(font.width(line, 1) for line in lines)
    room = min((area[2] - area[0]) / widest, (area[3] - area[1]) / (LINE_HEIGHT * len(lines)))
    size = max(_SMALLEST, min(10.0, room))
    middle = (area[0] + area[2]) / 2
    return [
        Run(middle - font.width(line, size) / 2, area[3] - size * (LINE_HEIGHT * order + 0.9), size, line)
        for order, line in enumerate(lines)
    ]


@dataclass(frozen=True)
class Corner:
    """The agency's mark in the corner of page 1: its box in the page's units, what stands in it in points as seen.

    ``unit`` is the page's: a length in points divided by it is a length on the page.
    """

    box: Box
    lines: tuple[str, ...]
    size: float
    picture: float
    unit: float


def corner(
    pdf: BinaryIO,
    font: TextFont,
    lines: Sequence[str],
    size: float,
    picture_mm: float = 0.0,
    clearing: Clearing | None = None,
) -> Corner:
    """Where ``lines`` (and a picture before them) stand at the top right of page 1 as displayed.

    The lines cover nothing where ``clearing`` finds such a spot; a seal of real size finds none on most pages, and its
    ink lets the print under it be read.
    """
    picture = millimetres(picture_mm)
    words = max(font.width(line, size) for line in lines) + 2, len(lines) * size * LINE_HEIGHT + 2
    width, height = words[0] + (picture + _GAP if picture else 0), max(words[1], picture)
    pdf.seek(0)
    with pikepdf.open(pdf, access_mode=pikepdf.AccessMode.stream) as document:
        page = document.pages[0]
        unit, area, rotate = user_unit(page), visible_area(page), page_rotation(page)
    usual = millimetres(CORNER_MARGIN_MM) / unit
    margins = clearing(pdf, words[0] / unit, words[1] / unit) if clearing else (usual, usual)
    box = _corner_box(area, rotate, (width / unit, height / unit), margins)
    return Corner(box, tuple(lines), size, picture, unit)


def _corner_box(area: Area, rotate: int, size: tuple[float, float], margins: tuple[float, float]) -> Box:
    left, low, right, high = area
    (width, height), (across, down) = size, margins
    if rotate == 90:  # displayed top = page left, displayed right = page top
        return Box(0, left + down, high - across - width, left + down + height, high - across)
    if rotate == 180:
        return Box(0, left + across, low + down, left + across + width, low + down + height)
    if rotate == 270:
        return Box(0, right - down - height, low + across, right - down, low + across + width)
    return Box(0, right - across - width, high - down - height, right - across, high - down)


def cornered(
    writer: BasePdfFileWriter, canvas: Canvas, placed: Corner, font: TextFont, png: bytes | None
) -> Reference:
    """The appearance of the mark: lines right-aligned, or left-aligned beside the picture."""
    unit, size = placed.unit, placed.size / placed.unit
    picture = placed.picture / unit
    start = picture + _GAP / unit if png else None
    runs = [
        Run(
            start if start is not None else canvas.width - 1 / unit - font.width(line, size),
            canvas.height - 1 / unit - size * (LINE_HEIGHT * order + 0.9),
            size,
            line,
        )
        for order, line in enumerate(placed.lines)
    ]
    if png is None:
        return appearance.text(writer, canvas, font, runs)
    return appearance.stamp(writer, canvas, png, (0, 0, picture, canvas.height), font, runs)
