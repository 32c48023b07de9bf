"""Makes a draft ready for its signatures, once, when it is submitted to the leader.

Owns the checks that a file may be signed at all, and the fields that are reserved before the first signature:
number, date, one signature per signer, the agency's seal. Everything later is an incremental update that
these fields permit. Refuses files that are encrypted, damaged, signed, or that can act by themselves.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from vanthu.pades.errors import (
    PdfActiveContent,
    PdfAlreadySigned,
    PdfDamaged,
    PdfEmpty,
    PdfEncrypted,
    PdfNotPdf,
    PdfPageRotated,
    PlaceOutsidePage,
)
from vanthu.pades.opening import Pdf, beginning, opened
from vanthu.pades.places import Area, Box, DateGaps, NumberPlace, Places

NUMBER_FIELD = "so_vb"
DATE_FIELD = "ngay_bh"
SEAL_FIELD = "con_dau"
SIGNER_FIELD = "nguoi_ky_{order}"
PARTNER_SIGNER_FIELD = "lien_tich_{order}_ky"
PARTNER_SEAL_FIELD = "lien_tich_{order}_dau"
PARTNER_FIELDS = re.compile(r"lien_tich_\d+_(ky|dau)\Z")
PARTNER_SEALS = re.compile(r"lien_tich_\d+_dau\Z")
NUMBERING_FIELD = "cap_so"
"""On a joint document the issuing agency signs number and date here, before anybody seals; it shows nothing."""

LAYOUT_KEY = "/VNTH_Layout"
"""Private key (ISO 32000 annex E) under which a text field remembers its baseline, size and gaps. The
leader's signature covers it, so nobody can move the number afterwards."""

_READ_ONLY = 1
_PRINT = 4
_PRINT_AND_LOCKED = 4 | 128
_NO_CHANGES = 1
_ACTIVE_NAMES = (b"/JavaScript", b"/JS", b"/XFA", b"/Launch", b"/SubmitForm", b"/ImportData", b"/RichMedia")
_ACTIVE_TYPES = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/RichMedia"}
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


def signer_fields(count: int) -> tuple[str, ...]:
    """Names of the signature fields of ``count`` signers in signing order; the last is the competent
    person's."""
    return tuple(SIGNER_FIELD.format(order=order) for order in range(1, count + 1))


def partner_fields(order: int) -> tuple[str, str]:
    """Names of the fields for signature and seal of the other agency number ``order`` (from 1) of a joint
    document."""
    return PARTNER_SIGNER_FIELD.format(order=order), PARTNER_SEAL_FIELD.format(order=order)


def prepare(pdf: bytes, places: Places, *, signers: Sequence[str]) -> bytes:
    """As :func:`prepare_into`, for files that fit in memory."""
    target = io.BytesIO()
    prepare_into(pdf, target, places, signers=signers)
    return target.getvalue()


def prepare_into(pdf: Pdf, target: BinaryIO, places: Places, *, signers: Sequence[str]) -> None:
    """``pdf`` rewritten cleanly into the empty ``target``, with the fields for number, date, ``signers`` (field names
    in signing order; the last one is the competent person and gets ``places.signature``) and the agency's seal.

    The seal's field locks every field and forbids any later change, so it is the last. A joint document
    (``places.partners``) is signed by everybody, numbered with ``give_number``, whose field locks number and date,
    sealed by the other agencies with ``seal_partner`` and closed with ``seal``. Rewriting drops hidden earlier
    revisions.
    Raises PdfNotPdf, PdfEncrypted, PdfDamaged, PdfEmpty, PdfAlreadySigned, PdfActiveContent, PdfPageRotated,
    PlaceOutsidePage. Source: NĐ 30/2020 PL I boxes 3, 4, 7c, 8; ISO 32000-2 12.7.5.5, 12.8.2.4.
    """
    _require_names(signers)
    with open_clean(pdf) as document:
        _require_upright(document, places)
        form = _new_form(document)
        _add_text_field(
            document,
            form,
            NUMBER_FIELD,
            places.number,
            layout=number_layout(places.number),
            label="Số văn bản",
        )
        _add_text_field(
            document, form, DATE_FIELD, places.date, layout=date_layout(places.date), label="Ngày ban hành"
        )
        for name, box in _signer_boxes(places, signers):
            _add_signature_field(document, form, name, box, "Chữ ký số")
        for order, partner in enumerate(places.partners, start=1):
            person, agency = partner_fields(order)
            _add_signature_field(document, form, person, partner.signature, "Chữ ký số")
            _add_signature_field(document, form, agency, partner.seal, "Chữ ký số của cơ quan cùng ban hành")
        if places.partners:
            _add_numbering_field(document, form)
        _add_seal_field(document, form, places)
        save_to(document, target)


def open_clean(pdf: Pdf) -> pikepdf.Pdf:
    """``pdf`` opened after all checks that do not depend on places; old form fields become plain page
    content.

    Raises PdfNotPdf, PdfEncrypted, PdfDamaged, PdfEmpty, PdfAlreadySigned, PdfActiveContent.
    """
    document = _open(pdf)
    try:
        _require_inert(document)
        _require_unsigned(document)
        _flatten_form(document)
    except BaseException:
        document.close()
        raise
    return document


def save_to(document: pikepdf.Pdf, target: BinaryIO) -> None:
    """Into an empty file: one revision, PDF 1.7 at least, the same bytes for the same content."""
    document.save(target, min_version="1.7", deterministic_id=True, linearize=False)


def _open(pdf: Pdf) -> pikepdf.Pdf:
    stream = beginning(pdf)
    if b"%PDF-" not in stream.read(1024):
        raise PdfNotPdf
    try:
        document = opened(stream, attempt_recovery=False)
    except pikepdf.PasswordError:
        raise PdfEncrypted from None
    except pikepdf.PdfError as problem:
        raise PdfDamaged from problem
    try:
        if document.is_encrypted:
            raise PdfEncrypted
        if _page_count(document) == 0:
            raise PdfEmpty
    except BaseException:
        document.close()
        raise
    return document


def _page_count(document: pikepdf.Pdf) -> int:
    try:
        return len(document.pages)
    except (pikepdf.PdfError, RuntimeError, TypeError, AttributeError) as problem:
        raise PdfDamaged from problem


def _require_inert(document: pikepdf.Pdf) -> None:
    for item in document.objects:
        if not isinstance(item, Dictionary | pikepdf.Stream | Array):
            continue
        found = _active(_attributes(item))
        if found:
            raise PdfActiveContent(found=found)


def _attributes(item: Any) -> Any:
    return item.stream_dict if isinstance(item, pikepdf.Stream) else item


def _active(item: Any) -> str | None:
    """What in ``item`` can act by itself. The cheap look at the bytes spares most objects the walk."""
    described = item.unparse(resolved=True)
    if not any(name in described for name in _ACTIVE_NAMES):
        return None
    for part in _direct_parts(item):
        if part.get(Name.JS) is not None or str(part.get(Name.S, "")) == "/JavaScript":
            return "JavaScript"
        if part.get(Name.XFA) is not None:
            return "XFA"
        for key in (Name.S, Name.Subtype):
            kind = part.get(key)
            if isinstance(kind, Name) and str(kind) in _ACTIVE_TYPES:
                return str(kind)[1:]
    return None


def _direct_parts(item: Any, depth: int = 0) -> Iterator[Any]:
    if depth > 20:
        raise PdfDamaged
    if isinstance(item, Dictionary):
        yield item
        children = list(item.values())
    elif isinstance(item, Array):
        children = list(item)
    else:
        return
    for child in children:
        if isinstance(child, Dictionary | Array) and not child.is_indirect:
            yield from _direct_parts(child, depth + 1)


def _require_unsigned(document: pikepdf.Pdf) -> None:
    for item in document.objects:
        if isinstance(item, Dictionary) and item.get(Name.ByteRange) is not None:
            raise PdfAlreadySigned


def _flatten_form(document: pikepdf.Pdf) -> None:
    """Fields of the draft would stay fillable after the leader signed, so they become plain content."""
    if document.Root.get(Name.AcroForm) is None:
        return
    document.flatten_annotations("all")
    if Name.AcroForm in document.Root:
        del document.Root.AcroForm
    for page in document.pages:
        annotations = page.obj.get(Name.Annots)
        if isinstance(annotations, Array):
            kept = [item for item in annotations if item.get(Name.Subtype) != Name.Widget]
            page.obj.Annots = Array(kept)


def _require_names(signers: Sequence[str]) -> None:
    reserved = {NUMBER_FIELD, DATE_FIELD, SEAL_FIELD, NUMBERING_FIELD}
    if not signers or len(set(signers)) != len(signers):
        raise ValueError("at least one signer, and no field name twice")
    for name in signers:
        if name in reserved or not _FIELD_NAME.fullmatch(name):
            raise ValueError(f"not a name for a signature field: {name!r}")


def _require_upright(document: pikepdf.Pdf, places: Places) -> None:
    for box in (places.number.box, places.date.box):
        if box.page < len(document.pages) and page_rotation(document.pages[box.page]):
            raise PdfPageRotated(page=box.page + 1)


def page_rotation(page: Any) -> int:
    """Degrees clockwise by which a viewer turns the page: 0, 90, 180 or 270."""
    node, depth = page.obj, 0
    while node is not None and depth < 50:
        if Name.Rotate in node:
            return int(node.Rotate) % 360
        node, depth = node.get(Name.Parent), depth + 1
    return 0


def visible_area(page: Any) -> Area:
    """The part of a page that a viewer shows (CropBox within MediaBox), in the page's own points."""
    sheet = [float(edge) for edge in page.mediabox]
    crop = [float(edge) for edge in page.cropbox]
    left, low = max(sheet[0], crop[0]), max(sheet[1], crop[1])
    right, high = min(sheet[2], crop[2]), min(sheet[3], crop[3])
    if right - left < 1 or high - low < 1:
        raise PdfDamaged
    return left, low, right, high


def user_unit(page: Any) -> float:
    """How many 72nds of an inch one unit of the page is (ISO 32000-2 table 31); 1 but for very large sheets."""
    value = float(page.obj.get(Name.UserUnit, 1))
    return value if 0 < value <= 1000 else 1.0


def _signer_boxes(places: Places, signers: Sequence[str]) -> Iterator[tuple[str, Box | None]]:
    initials: list[Box | None] = [*places.initials]
    for order, name in enumerate(signers[:-1]):
        yield name, initials[order] if order < len(initials) else None
    yield signers[-1], places.signature


def number_layout(place: NumberPlace) -> dict[str, float]:
    """What the number's field must remember, in page points."""
    return {"Baseline": place.baseline, "Size": place.font_size}


def date_layout(gaps: DateGaps) -> dict[str, float]:
    """What the date's field must remember, in page points; a gap that is printed already is absent."""
    known = {"Day": gaps.day_x, "Month": gaps.month_x, "Year": gaps.year_x}
    centres = {name: x for name, x in known.items() if x is not None}
    return {"Baseline": gaps.baseline, "Size": gaps.font_size, **centres}


def _new_form(document: pikepdf.Pdf) -> Any:
    form = document.make_indirect(Dictionary(Fields=Array([])))
    document.Root.AcroForm = form
    return form


def _add_text_field(
    document: pikepdf.Pdf,
    form: Any,
    name: str,
    place: NumberPlace | DateGaps,
    *,
    layout: dict[str, float],
    label: str,
) -> None:
    blank = document.make_stream(b"")
    blank.Type, blank.Subtype = Name.XObject, Name.Form
    blank.BBox = Array([0, 0, _exact(place.box.width), _exact(place.box.height)])
    field = _widget(document, name, place.box, label)
    field.FT, field.Ff, field.F = Name.Tx, _READ_ONLY, _PRINT
    field.V = String("")
    field.DA = String(f"/Tinos {place.font_size:g} Tf 0 g")
    field.AP = Dictionary(N=blank)
    field[LAYOUT_KEY] = Dictionary({f"/{key}": _exact(value) for key, value in layout.items()})
    form.Fields.append(field)


def _add_signature_field(
    document: pikepdf.Pdf, form: Any, name: str, box: Box | None, label: str, *, lock: bool = False
) -> None:
    field = _widget(document, name, box, label)
    field.FT, field.F = Name.Sig, _PRINT_AND_LOCKED
    if lock:
        field.Lock = document.make_indirect(
            Dictionary(Type=Name.SigFieldLock, Action=Name.All, P=_NO_CHANGES)
        )
    form.Fields.append(field)


def _add_numbering_field(document: pikepdf.Pdf, form: Any) -> None:
    _add_signature_field(document, form, NUMBERING_FIELD, None, "Cấp số, ngày ban hành")
    form.Fields[-1].Lock = document.make_indirect(
        Dictionary(
            Type=Name.SigFieldLock,
            Action=Name.Include,
            Fields=Array([String(NUMBER_FIELD), String(DATE_FIELD)]),
        )
    )


def _add_seal_field(document: pikepdf.Pdf, form: Any, places: Places) -> None:
    """The seal's field; where it also shows text, it remembers which part is the picture's."""
    seal, text = places.seal, places.seal_text
    whole = seal if text is None else _around(seal, text)
    _add_signature_field(document, form, SEAL_FIELD, whole, "Chữ ký số của cơ quan", lock=True)
    if text is not None:
        parts = {"/Picture": _part(seal, whole), "/Text": _part(text, whole)}
        form.Fields[-1][LAYOUT_KEY] = Dictionary(
            {key: Array([_exact(edge) for edge in part]) for key, part in parts.items()}
        )


def _around(one: Box, other: Box) -> Box:
    return Box(
        one.page,
        min(one.x0, other.x0),
        min(one.y0, other.y0),
        max(one.x1, other.x1),
        max(one.y1, other.y1),
    )


def _part(part: Box, whole: Box) -> Area:
    return part.x0 - whole.x0, part.y0 - whole.y0, part.x1 - whole.x0, part.y1 - whole.y0


def _widget(document: pikepdf.Pdf, name: str, box: Box | None, label: str) -> Any:
    page = document.pages[_page_of(document, box, label)]
    corners = (box.x0, box.y0, box.x1, box.y1) if box else (0.0, 0.0, 0.0, 0.0)
    field = document.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            T=String(name),
            TU=String(label),
            Rect=Array([_exact(corner) for corner in corners]),
            P=page.obj,
        )
    )
    if page.obj.get(Name.Annots) is None:
        page.obj.Annots = document.make_indirect(Array([]))
    page.obj.Annots.append(field)
    return field


def _page_of(document: pikepdf.Pdf, box: Box | None, label: str) -> int:
    if box is None:
        return 0
    if box.page >= len(document.pages):
        raise PlaceOutsidePage(what=label, page=box.page + 1)
    left, low, right, high = visible_area(document.pages[box.page])
    slack = 1.0
    if box.x0 < left - slack or box.y0 < low - slack or box.x1 > right + slack or box.y1 > high + slack:
        raise PlaceOutsidePage(what=label, page=box.page + 1)
    return box.page


def _exact(value: float) -> Decimal:
    return Decimal(f"{value:.3f}")
