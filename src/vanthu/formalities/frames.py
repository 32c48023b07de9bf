"""Pages as their readers see them: sizes, and rectangles measured from the top left corner in millimetres.

Owns the way between what a person points at and page coordinates, whatever the page's rotation and crop. Refuses to
judge what stands there.
"""

from __future__ import annotations

from dataclasses import dataclass

import pikepdf

from vanthu.formalities.pdftext import UnreadablePdf
from vanthu.pades.opening import Pdf, opened
from vanthu.pades.places import POINTS_PER_MM, Area, Box
from vanthu.pades.preparing import page_rotation, user_unit, visible_area


@dataclass(frozen=True)
class Spot:
    """A rectangle on a page as shown: ``page`` from 1, the other values in millimetres from its top left corner."""

    page: int
    left: float
    top: float
    width: float
    height: float

    @property
    def values(self) -> list[float]:
        """For storing; ``Spot(*values)`` is the way back."""
        return [self.page, self.left, self.top, self.width, self.height]


@dataclass(frozen=True)
class Frame:
    """The visible part of a page in page coordinates, how far it is turned for showing (degrees clockwise), and how
    many points one unit of it is."""

    page: int
    area: Area
    rotate: int = 0
    unit: float = 1.0

    @property
    def width(self) -> float:
        """Millimetres as shown."""
        return self._sides()[0]

    @property
    def height(self) -> float:
        """Millimetres as shown."""
        return self._sides()[1]

    def _sides(self) -> tuple[float, float]:
        x0, y0, x1, y1 = self.area
        sides = ((x1 - x0) / self._per_mm, (y1 - y0) / self._per_mm)
        return (sides[1], sides[0]) if self.rotate in (90, 270) else sides

    @property
    def _per_mm(self) -> float:
        return POINTS_PER_MM / self.unit

    def spot(self, box: Box) -> Spot:
        """A box as its reader sees it."""
        x0, y0, x1, y1 = self.area
        across, down = {
            0: ((box.x0 - x0, box.x1 - x0), (y1 - box.y1, y1 - box.y0)),
            90: ((box.y0 - y0, box.y1 - y0), (box.x0 - x0, box.x1 - x0)),
            180: ((x1 - box.x1, x1 - box.x0), (box.y0 - y0, box.y1 - y0)),
            270: ((y1 - box.y1, y1 - box.y0), (x1 - box.x1, x1 - box.x0)),
        }[self.rotate]
        left, top = across[0] / self._per_mm, down[0] / self._per_mm
        width, height = (across[1] - across[0]) / self._per_mm, (down[1] - down[0]) / self._per_mm
        return Spot(self.page + 1, left, top, width, height)

    def box(self, spot: Spot) -> Box:
        """The way back. Raises ``ValueError`` for a spot without extent."""
        x0, y0, x1, y1 = self.area
        left, right = spot.left * self._per_mm, (spot.left + spot.width) * self._per_mm
        top, foot = spot.top * self._per_mm, (spot.top + spot.height) * self._per_mm
        corners = {
            0: (x0 + left, y1 - foot, x0 + right, y1 - top),
            90: (x0 + top, y0 + left, x0 + foot, y0 + right),
            180: (x1 - right, y0 + top, x1 - left, y0 + foot),
            270: (x1 - foot, y1 - right, x1 - top, y1 - left),
        }[self.rotate]
        return Box(self.page, *corners)

    def holds(self, spot: Spot) -> bool:
        """Whether the spot lies on the visible page, to a tenth of a millimetre."""
        slack = 0.1
        across = -slack <= spot.left and spot.left + spot.width <= self.width + slack
        return across and -slack <= spot.top and spot.top + spot.height <= self.height + slack


def frames_of(pdf: Pdf) -> tuple[Frame, ...]:
    """Every page as a frame. Raises UnreadablePdf."""
    try:
        with opened(pdf) as document:
            return tuple(
                Frame(number, visible_area(page), page_rotation(page) // 90 * 90 % 360, user_unit(page))
                for number, page in enumerate(document.pages)
            )
    except pikepdf.PdfError as problem:
        raise UnreadablePdf from problem
