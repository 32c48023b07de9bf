"""The form fields of a file that is being signed: finding one, the space that it has, what it shows.

Owns the reading of fields through a writer, earlier revisions included. Refuses to decide what goes into them.
"""

from __future__ import annotations

from typing import Any

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from vanthu.pades import appearance
from vanthu.pades.errors import AlreadySealed, FieldAlreadySigned, FieldMissing
from vanthu.pades.pdfobjects import Reference, dictionary
from vanthu.pades.pdfobjects import name as name_of
from vanthu.pades.preparing import SEAL_FIELD


def top_fields(handler: Any) -> list[Any]:
    form = entry(handler.root, "/AcroForm")
    return [] if form is None else [item.get_object() for item in entry(form, "/Fields") or ()]


def entry(item: Any, key: str) -> Any | None:
    """A value with references followed (pyHanko's own ``get`` does not follow them); None when absent."""
    try:
        return item[key]
    except KeyError:
        return None


def field_named(handler: Any, name: str) -> Any | None:
    for item in top_fields(handler):
        if str(entry(item, "/T")) == name:
            return item
    return None


def require_field(handler: Any, name: str) -> Any:
    found = field_named(handler, name)
    if found is None:
        raise FieldMissing(field=name)
    return found


def empty_signature_field(writer: IncrementalPdfFileWriter, name: str) -> Any:
    widget = require_field(writer, name)
    if entry(widget, "/FT") != "/Sig":
        raise FieldMissing(field=name)
    sealing = field_named(writer, SEAL_FIELD)
    if sealing is not None and entry(sealing, "/V") is not None:
        raise AlreadySealed
    if entry(widget, "/V") is not None:
        raise FieldAlreadySigned(field=name)
    return widget


def signature_fields(writer: IncrementalPdfFileWriter) -> list[str]:
    return [str(item["/T"]) for item in top_fields(writer) if entry(item, "/FT") == "/Sig"]


def is_visible(widget: Any) -> bool:
    left, low, right, high = (float(edge) for edge in widget["/Rect"])
    return right > left and high > low


def canvas(widget: Any) -> appearance.Canvas:
    left, low, right, high = (float(edge) for edge in widget["/Rect"])
    rotate = _inherited_rotation(entry(widget, "/P"))
    if rotate in (90, 270):
        return appearance.Canvas(high - low, right - left, rotate)
    return appearance.Canvas(right - left, high - low, rotate)


def _inherited_rotation(page: Any) -> int:
    for _ in range(50):
        if page is None:
            return 0
        if "/Rotate" in page:
            return int(page["/Rotate"]) % 360
        page = entry(page, "/Parent")
    return 0


def draw(writer: IncrementalPdfFileWriter, widget: Any, form: Reference) -> None:
    widget[name_of("AP")] = dictionary({"N": form})
    writer.update_container(widget)
