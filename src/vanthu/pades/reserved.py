"""What ``prepare`` reserved in a file: each field's box, what it remembers, whether it is filled or signed.

For showing where things will come before they do. Refuses to change the file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Array, Name

from vanthu.pades.errors import PdfDamaged
from vanthu.pades.opening import Pdf, opened
from vanthu.pades.places import Area, Box
from vanthu.pades.preparing import LAYOUT_KEY


@dataclass(frozen=True)
class ReservedField:
    """One field on its page; ``layout`` holds baseline, size and gaps (page points) of a text field, ``areas`` the
    parts of a seal that shows text too (points from the box's lower left corner)."""

    name: str
    box: Box
    filled: bool
    layout: dict[str, float] = field(default_factory=dict)
    areas: dict[str, Area] = field(default_factory=dict)


def reserved_fields(pdf: Pdf) -> dict[str, ReservedField]:
    """The visible fields by name; empty for a file that was not prepared. Raises PdfDamaged."""
    try:
        with opened(pdf) as document:
            form = document.Root.get(Name.AcroForm)
            pages = {page.obj.objgen: number for number, page in enumerate(document.pages)}
            found = [_read(item, pages) for item in (form.get(Name.Fields, ()) if form is not None else ())]
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError) as problem:
        raise PdfDamaged from problem
    return {item.name: item for item in found if item is not None}


def _read(item: Any, pages: dict[tuple[int, int], int]) -> ReservedField | None:
    x0, y0, x1, y1 = (float(edge) for edge in item.Rect)
    if x1 <= x0 or y1 <= y0:
        return None
    page = item.get(Name.P)
    number = pages.get(page.objgen, 0) if page is not None else 0
    value = item.get(Name.V)
    filled = value is not None and (item.get(Name.FT) == Name.Sig or bool(str(value)))
    layout: dict[str, float] = {}
    areas: dict[str, Area] = {}
    for key, kept in (item.get(LAYOUT_KEY) or {}).items():
        if isinstance(kept, Array):
            a0, b0, a1, b1 = (float(edge) for edge in kept)
            areas[key[1:]] = (a0, b0, a1, b1)
        else:
            layout[key[1:]] = float(kept)
    return ReservedField(str(item.T), Box(number, x0, y0, x1, y1), filled, layout, areas)
