"""Does a signature that came later show something over the text that earlier signers saw?

Owns one look at the page: signature fields made after the first signature whose visible box lies on text. Such a
signature breaks nothing (agencies number and date documents that way), but whoever reads must know ("sneaky
signature"). Refuses to judge whether it deceives.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pypdfium2

from vanthu.pades.reading import READING_PROBLEMS, Reader, Signature

_LEAST_SIDE = 1.0
"""Points; a smaller box shows nothing."""


def fields_over_text(reader: Reader, found: Sequence[Signature]) -> frozenset[str]:
    """Names of the signature fields made after the first signature of the file whose box covers text of its page."""
    later = _made_later(reader, found)
    if not later:
        return frozenset()
    reader.stream.seek(0)
    try:
        with pypdfium2.PdfDocument(reader.stream) as document:
            return frozenset(name for name, page, box in later if _has_text(document, page, box))
    except (pypdfium2.PdfiumError, *READING_PROBLEMS):
        return frozenset()


def _made_later(
    reader: Reader, found: Sequence[Signature]
) -> list[tuple[str, int, tuple[float, float, float, float]]]:
    """(field, page counted from 0, box in page points) of visible fields that the first signature did not know."""
    later = []
    if len(found) > 1:
        pages = _page_numbers(reader)
        for signature in found[1:]:
            reference: Any = signature.sig_field.get_container_ref()
            introduced = reader.xrefs.get_introducing_revision(reference)
            box = _box(signature.sig_field)
            if introduced > found[0].signed_revision and box and signature.sig_field.get("/P") is not None:
                page = pages.get(signature.sig_field.raw_get("/P").reference.idnum)
                if page is not None:
                    later.append((str(signature.field_name), page, box))
    return later


def _box(field: Any) -> tuple[float, float, float, float] | None:
    if "/Rect" not in field or "/AP" not in field:
        return None
    x0, y0, x1, y1 = (float(number) for number in field["/Rect"])
    left, right, bottom, top = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    visible = right - left > _LEAST_SIDE and top - bottom > _LEAST_SIDE
    return (left, bottom, right, top) if visible else None


def _page_numbers(reader: Reader) -> dict[int, int]:
    """Object number of each page → its place in the document."""
    numbers: dict[int, int] = {}

    def walk(node: Any) -> None:
        for kid in node["/Kids"]:
            child = kid.get_object()
            if "/Kids" in child:
                walk(child)
            else:
                numbers[kid.reference.idnum] = len(numbers)

    walk(reader.root["/Pages"])
    return numbers


def _has_text(document: Any, page: int, box: tuple[float, float, float, float]) -> bool:
    text = document[page].get_textpage()
    left, bottom, right, top = box
    return bool(text.get_text_bounded(left, bottom, right, top).strip())
