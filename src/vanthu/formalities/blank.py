"""Blank spots on a page: where something can stand without covering anything, found by looking at the page.

For pages whose words do not say where number, date and signature go (scans, foreign layouts). Refuses to judge
layout: it only knows ink and paper.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PIL import Image

from vanthu.pades.places import Box

SCALE = 0.5
"""Pixels per point: fine enough to see a line of text, coarse enough to look at a page in milliseconds."""
STEP = 4
PALE = 245
"""Grey level from which on a pixel counts as paper; scans are never quite white."""
SPECKS = 0.002
"""Share of dark pixels that is still dust on a scan."""


@dataclass(frozen=True)
class Region:
    """A part of a page in shares of its width and height, measured from the top left corner."""

    left: float
    top: float
    right: float
    bottom: float


class Sheet:
    """One page as ink and paper. Open the document with ``open_pdf`` and keep it open meanwhile."""

    def __init__(self, document: Any, number: int) -> None:
        page = document[number]
        try:
            self._left, self._bottom, _, _ = page.get_cropbox()
            picture = page.render(scale=SCALE, grayscale=True).to_pil()
        finally:
            page.close()
        self.number = number
        self._ink = picture.convert("L").point(lambda level: 255 if level < PALE else 0)

    def blank(self, width: float, height: float, region: Region, *, from_below: bool = False) -> Box | None:
        """The first blank box of this size (points) in the region, from its top or its foot; None without one."""
        size = (round(width * SCALE), round(height * SCALE))
        for x, y in self._corners(size, region, from_below):
            if self._is_blank((x, y, x + size[0], y + size[1])):
                return self._box(x, y, size)
        return None

    def is_blank(self, box: Box) -> bool:
        """Whether nothing is printed in a box of this page (page coordinates)."""
        down = self._ink.size[1]
        area = (
            round((box.x0 - self._left) * SCALE),
            round(down - (box.y1 - self._bottom) * SCALE),
            round((box.x1 - self._left) * SCALE),
            round(down - (box.y0 - self._bottom) * SCALE),
        )
        return self._is_blank(area)

    def clear_from_corner(self, right: float, top: float, width: float, height: float) -> bool:
        """Whether a box (points) at this distance from the right and the top edge is on the page and blank."""
        x1 = self._ink.size[0] - round(right * SCALE)
        x0, y0 = x1 - math.ceil(width * SCALE), round(top * SCALE)
        y1 = y0 + math.ceil(height * SCALE)
        return x0 >= 0 and y1 <= self._ink.size[1] and self._is_blank((x0, y0, x1, y1))

    def foot_of_ink(self) -> float:
        """Where the last ink of the page ends, as a share of its height from the top; 0 for a blank page."""
        bounds = self._ink.getbbox()
        return bounds[3] / self._ink.size[1] if bounds else 0.0

    def _corners(self, size: tuple[int, int], region: Region, from_below: bool) -> Iterator[tuple[int, int]]:
        across, down = self._ink.size
        rows = range(round(region.top * down), round(region.bottom * down) - size[1] + 1, STEP)
        columns = range(round(region.left * across), round(region.right * across) - size[0] + 1, STEP)
        for y in reversed(rows) if from_below else rows:
            for x in columns:
                yield x, y

    def _is_blank(self, area: tuple[int, int, int, int]) -> bool:
        part: Image.Image = self._ink.crop(area)
        if part.getbbox() is None:
            return True
        dark = part.histogram()[255]
        return dark <= SPECKS * part.size[0] * part.size[1]

    def _box(self, x: int, y: int, size: tuple[int, int]) -> Box:
        down = self._ink.size[1]
        left, top = self._left + x / SCALE, self._bottom + (down - y) / SCALE
        return Box(self.number, left, top - size[1] / SCALE, left + size[0] / SCALE, top)
