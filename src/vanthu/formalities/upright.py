"""Setting turned and enlarged pages right, so that what is later written on them stands as the text does, at its size.

Only for drafts: a signed file must never pass through here, since it changes page content.
"""

from __future__ import annotations

import io
from typing import Any, BinaryIO

import pikepdf

from vanthu.errors import VanthuError
from vanthu.formalities.pdftext import UnreadablePdf, open_pdf, read_page
from vanthu.pades.opening import Pdf, opened
from vanthu.pades.preparing import page_rotation, user_unit

_BOXES = ("/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox")
Matrix = tuple[float, float, float, float]
_MATRICES: dict[int, Matrix] = {90: (0, -1, 1, 0), 180: (-1, 0, 0, -1), 270: (0, 1, -1, 0)}


class SignedAlready(VanthuError):
    """A file with signatures was given where only a draft may be changed."""

    code = "SIGNED_ALREADY"
    message = "Tệp đã có chữ ký số nên không được chỉnh lại trang. Hãy dùng bản dự thảo chưa ký."


def upright(pdf: bytes) -> bytes:
    """As :func:`upright_into`, for files that fit in memory; the very same bytes when there is nothing to do."""
    target = io.BytesIO()
    return target.getvalue() if upright_into(pdf, target) else pdf


def upright_into(pdf: Pdf, target: BinaryIO) -> bool:
    """The same document with every page running upright in the file, in units of 1/72 inch; it looks as before.

    A page with text is turned until its text runs upright, a page without (a scan) until it lies as it is shown.
    False when there is nothing to do: then nothing is written. Raises SignedAlready, UnreadablePdf.
    """
    try:
        with opened(pdf) as document:
            turns = _turns(pdf, document)
            units = {number: user_unit(page) for number, page in enumerate(document.pages)}
            units = {number: unit for number, unit in units.items() if unit != 1.0}
            if not turns and not units:
                return False
            if _is_signed(document):
                raise SignedAlready
            for number, turn in turns.items():
                _turn_back(document, document.pages[number], turn)
            for number, unit in units.items():
                _scale(document, document.pages[number], unit)
            document.save(target)
    except pikepdf.PdfError as error:
        raise UnreadablePdf from error
    return True


def _turns(pdf: Pdf, document: pikepdf.Pdf) -> dict[int, int]:
    """By how much to turn back, by page number, the pages that declare /Rotate."""
    shown = {number: page_rotation(page) // 90 * 90 % 360 for number, page in enumerate(document.pages)}
    turns = {}
    with open_pdf(pdf) as pages:
        for number in filter(shown.get, shown):
            page = read_page(pages, number)
            turns[number] = page.turn if page.lines else shown[number]
    return {number: turn for number, turn in turns.items() if turn}


def _is_signed(document: Any) -> bool:
    form = document.Root.get("/AcroForm")
    return form is not None and int(form.get("/SigFlags", 0)) & 1 == 1


def _turn_back(document: Any, page: Any, turn: int) -> None:
    rotation = page_rotation(page)
    _transform(document, page, _MATRICES[turn])
    page["/Rotate"] = (rotation - turn) % 360


def _scale(document: Any, page: Any, unit: float) -> None:
    """One unit of the page becomes 1/72 inch, so that real sizes are real."""
    _transform(document, page, (unit, 0, 0, unit))
    del page.obj["/UserUnit"]


def _transform(document: Any, page: Any, matrix: Matrix) -> None:
    boxes = {name: _moved(page.get(name), matrix) for name in _BOXES if page.get(name) is not None}
    boxes["/MediaBox"], boxes["/CropBox"] = _moved(page.mediabox, matrix), _moved(page.cropbox, matrix)
    shift_x, shift_y = -boxes["/MediaBox"][0], -boxes["/MediaBox"][1]
    a, b, c, d = matrix
    before = f"q {a:g} {b:g} {c:g} {d:g} {shift_x:.4f} {shift_y:.4f} cm\n".encode()
    page.contents_add(document.make_stream(before), prepend=True)
    page.contents_add(document.make_stream(b"\nQ"))
    for name, box in boxes.items():
        page[name] = pikepdf.Array(_shifted(box, shift_x, shift_y))
    for annotation in page.get("/Annots", ()):
        rectangle = annotation.get("/Rect")
        if rectangle is not None:
            annotation["/Rect"] = pikepdf.Array(_shifted(_moved(rectangle, matrix), shift_x, shift_y))


def _moved(box: Any, matrix: Matrix) -> tuple[float, float, float, float]:
    a, b, c, d = matrix
    x0, y0, x1, y1 = (float(value) for value in box)
    xs = (a * x0 + c * y0, a * x1 + c * y1)
    ys = (b * x0 + d * y0, b * x1 + d * y1)
    return min(xs), min(ys), max(xs), max(ys)


def _shifted(box: tuple[float, float, float, float], x: float, y: float) -> list[float]:
    return [round(value, 4) for value in (box[0] + x, box[1] + y, box[2] + x, box[3] + y)]
