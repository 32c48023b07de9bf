"""Does something that came after the first signature hide what its signer saw?

Owns one look at the pages: signature fields made after the first signature whose visible box lies on text ("sneaky
signature"), and fields that the first signer saw empty and that hide print since they were filled (a box laid over the
words beforehand). Such things break no signature, for forms may be filled and agencies sign beside each other, but
whoever reads must know. Refuses to judge whether they deceive.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops
from pyhanko.pdf_utils.generic import IndirectObject, StreamObject

from vanthu.pades.places import Area
from vanthu.pades.reading import READING_PROBLEMS, Reader, Signature

PDFIUM_LOCK = threading.RLock()
"""pdfium is not thread-safe: whoever calls it in a process with threads holds this lock."""

_LEAST_SIDE = 1.0
"""Points; a smaller box shows nothing."""

_SCALE = 2.0
"""Dots per point of the pictures that are compared."""

_PRINT, _LIGHTER, _LEAST_DOTS = 110, 90, 20
"""Print is darker than the first (0 is black); it is hidden where so many dots became lighter by the second."""

_MOST_DOTS_OF_PICTURES = 25_000_000
"""A page with larger pictures is not drawn; any text under a box that was filled later counts there."""


@dataclass(frozen=True)
class Covering:
    """``signatures``: fields whose signature came later and shows something over text, or hides print. ``filled``:
    whether another field hides print since it was filled."""

    signatures: frozenset[str] = frozenset()
    filled: bool = False


@dataclass(frozen=True)
class _Box:
    """A field's visible box on a page counted from 0; ``made_later`` than the first signature, or filled since."""

    field: str
    signs: bool
    page: int
    area: Area
    made_later: bool


def covering(reader: Reader, found: Sequence[Signature]) -> Covering:
    """What was laid over the pages since the first of the signatures that were ``found``."""
    if len(found) < 2:
        return Covering()
    changed = _changed_since(reader, int(found[0].signed_revision))
    if not changed:
        return Covering()
    reader.stream.seek(0)
    try:
        with PDFIUM_LOCK, pypdfium2.PdfDocument(reader.stream) as document:
            document.init_forms()  # else fields are not drawn
            boxes = [box for box in changed if _covers(document[box.page], box)]
    except (pypdfium2.PdfiumError, *READING_PROBLEMS):
        return Covering()
    return Covering(frozenset(box.field for box in boxes if box.signs), any(not box.signs for box in boxes))


def _changed_since(reader: Reader, revision: int) -> list[_Box]:
    """Visible fields on the pages that look other than when ``revision`` was signed."""
    return [
        box
        for page, (reference, widget) in _widgets(reader)
        if (box := _changed(reader, revision, page, reference, widget))
    ]


def _changed(reader: Reader, revision: int, page: int, reference: Any, widget: Any) -> _Box | None:
    area = _area(widget)
    if area is None or all(
        reader.xrefs.get_last_change(one) <= revision for one in _drawn_by(reference, widget)
    ):
        return None
    made_later = reader.xrefs.get_introducing_revision(reference) > revision
    return _Box(_inherited(widget, "/T"), _inherited(widget, "/FT") == "/Sig", page, area, made_later)


def _widgets(reader: Reader) -> Iterator[tuple[int, tuple[Any, Any]]]:
    """(page counted from 0, (reference, dictionary)) of every field's box on the pages."""
    for number, page in enumerate(_pages(reader.root["/Pages"])):
        if "/Annots" not in page:
            continue
        for entry in page["/Annots"]:
            widget = entry.get_object()
            if isinstance(entry, IndirectObject) and widget["/Subtype"] == "/Widget":
                yield number, (entry.reference, widget)


def _pages(node: Any) -> Iterator[Any]:
    for kid in node["/Kids"]:
        child = kid.get_object()
        if "/Kids" in child:
            yield from _pages(child)
        else:
            yield child


def _drawn_by(reference: Any, widget: Any) -> Iterator[Any]:
    """References of what says how a box looks: itself, its appearances, the normal one, each state of it."""
    normal = widget["/AP"]["/N"]
    states = () if isinstance(normal, StreamObject) else [normal.raw_get(state) for state in normal]
    yield reference
    for entry in (widget.raw_get("/AP"), widget["/AP"].raw_get("/N"), *states):
        if isinstance(entry, IndirectObject):
            yield entry.reference


def _area(widget: Any) -> Area | None:
    if "/Rect" not in widget or "/AP" not in widget or "/N" not in widget["/AP"]:
        return None
    x0, y0, x1, y1 = (float(number) for number in widget["/Rect"])
    left, right, bottom, top = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    visible = right - left > _LEAST_SIDE and top - bottom > _LEAST_SIDE
    return (left, bottom, right, top) if visible else None


def _inherited(widget: Any, key: str) -> str:
    """A field's own entry or its parent's: a box may be one of several of a field."""
    holder = widget if key in widget or "/Parent" not in widget else widget["/Parent"]
    return str(holder[key]) if key in holder else ""


def _covers(page: Any, box: _Box) -> bool:
    if box.made_later:
        return _has_text(page, box.area)
    return _hides_print(page, box.area)


def _has_text(page: Any, area: Area) -> bool:
    return bool(page.get_textpage().get_text_bounded(*area).strip())


def _hides_print(page: Any, area: Area) -> bool:
    if _dots_of_pictures(page) > _MOST_DOTS_OF_PICTURES:
        return _has_text(page, area)
    before, after = (_drawn(page, area, with_fields=with_fields) for with_fields in (False, True))
    if before is None or after is None:
        return False
    printed = before.point(lambda level: 255 if level < _PRINT else 0)
    lighter = ImageChops.subtract(after, before).point(lambda level: 255 if level > _LIGHTER else 0)
    return ImageChops.darker(printed, lighter).histogram()[255] >= _LEAST_DOTS


def _dots_of_pictures(page: Any) -> int:
    sizes = (item.get_px_size() for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]))
    return sum(width * height for width, height in sizes)


def _drawn(page: Any, area: Area, *, with_fields: bool) -> Image.Image | None:
    """The part of a page in grey; None where the box lies outside what is shown."""
    page.set_rotation(0)  # boxes are measured on the page as it lies in the file
    left, bottom, right, top = page.get_bbox()
    crop = (area[0] - left, area[1] - bottom, right - area[2], top - area[3])
    cut = tuple(max(0.0, side) for side in crop)
    if cut[0] + cut[2] >= right - left - 1 or cut[1] + cut[3] >= top - bottom - 1:
        return None
    bitmap = page.render(scale=_SCALE, crop=cut, may_draw_forms=with_fields, draw_annots=False)
    return bitmap.to_pil().convert("L")  # type: ignore[no-any-return]
