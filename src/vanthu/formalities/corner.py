"""The free spot in the top right corner of page 1, for the agency's mark on annexes and copies.

Box 14 of NĐ 30/2020, Phụ lục I. Looks at ink, so that it serves scans too. Refuses to draw.
"""

from __future__ import annotations

from typing import BinaryIO

from vanthu.formalities.blank import Sheet
from vanthu.formalities.pdftext import open_pdf
from vanthu.pades.layouts import CORNER_MARGIN_MM
from vanthu.pades.places import millimetres

_NEAREST_MM = 4.0
_FARTHEST_DOWN_MM, _FARTHEST_IN_MM = 30.0, 25.0


def clear_corner(pdf: bytes | BinaryIO, width: float, height: float) -> tuple[float, float]:
    """How far from the right and the top edge, in points as displayed, a mark of this size covers nothing.

    Ten millimetres from both edges when that is free; else the nearest free spot to it in the corner, at least four
    millimetres from the edges; ten when nothing there is free. Raises UnreadablePdf.
    """
    usual = millimetres(CORNER_MARGIN_MM)
    with open_pdf(pdf) as document:
        sheet = Sheet(document, 0)
    spots = [
        (millimetres(across), millimetres(down))
        for across in _steps(_FARTHEST_IN_MM)
        for down in _steps(_FARTHEST_DOWN_MM)
    ]
    spots.sort(key=lambda spot: abs(spot[1] - usual) + 2 * abs(spot[0] - usual))
    return next((spot for spot in spots if sheet.clear_from_corner(*spot, width, height)), (usual, usual))


def _steps(farthest: float) -> list[float]:
    return [_NEAREST_MM + step for step in range(round(farthest - _NEAREST_MM) + 1)]
