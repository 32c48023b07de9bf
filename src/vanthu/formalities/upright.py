"""Setting turned pages upright, so that what is later written on them stands as the text does.

Only for drafts: a signed file must never pass through here, since it changes page content.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pikepdf

from vanthu.errors import VanthuError
from vanthu.formalities.pdftext import UnreadablePdf, open_pdf, read_page

_BOXES = ("/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox")
_MATRICES = {90: (0, -1, 1, 0), 180: (-1, 0, 0, -1), 270: (0, 1, -1, 0)}


class SignedAlready(VanthuError):
    """A file with signatures was given where only a draft may be changed."""

    code = "SIGNED_ALREADY"
    message = "Tệp đã có chữ ký số nên không được chỉnh lại trang. Hãy dùng bản dự thảo chưa ký."


def upright(pdf: bytes) -> bytes:
    """The same document with the text of every page running upright in the file; it looks as before.

    Gives back the very same bytes when no page is turned. Raises SignedAlready, UnreadablePdf.
    """
    turns = _turned_pages(pdf)
    if not turns:
        return pdf
    try:
        with pikepdf.open(BytesIO(pdf)) as document:
            if _is_signed(document):
                raise SignedAlready
            for number, turn in turns.items():
                _turn_back(document, document.pages[number], turn)
            target = BytesIO()
            document.save(target)
    except pikepdf.PdfError as error:
        raise UnreadablePdf from error
    return target.getvalue()


def _turned_pages(pdf: bytes) -> dict[int, int]:
    """Turn of the text by page number, of pages that declare /Rotate and hold turned text."""
    with open_pdf(pdf) as document:
        rotated = [number for number in range(len(document)) if document.get_page(number).get_rotation()]
        turns = {number: read_page(document, number).turn for number in rotated}
    return {number: turn for number, turn in turns.items() if turn}


def _is_signed(document: Any) -> bool:
    form = document.Root.get("/AcroForm")
    return form is not None and int(form.get("/SigFlags", 0)) & 1 == 1


def _turn_back(document: Any, page: Any, turn: int) -> None:
    a, b, c, d = _MATRICES[turn]
    boxes = {name: _turned(page.get(name), turn) for name in _BOXES if page.get(name) is not None}
    boxes.setdefault("/MediaBox", _turned(page.mediabox, turn))
    shift_x, shift_y = -boxes["/MediaBox"][0], -boxes["/MediaBox"][1]
    before = f"q {a} {b} {c} {d} {shift_x:.4f} {shift_y:.4f} cm\n".encode()
    page.contents_add(document.make_stream(before), prepend=True)
    page.contents_add(document.make_stream(b"\nQ"))
    for name, box in boxes.items():
        page[name] = pikepdf.Array(_shifted(box, shift_x, shift_y))
    for annotation in page.get("/Annots", ()):
        rectangle = annotation.get("/Rect")
        if rectangle is not None:
            annotation["/Rect"] = pikepdf.Array(_shifted(_turned(rectangle, turn), shift_x, shift_y))
    page["/Rotate"] = (int(page.get("/Rotate", 0)) - turn) % 360


def _turned(box: Any, turn: int) -> tuple[float, float, float, float]:
    a, b, c, d = _MATRICES[turn]
    x0, y0, x1, y1 = (float(value) for value in box)
    xs = (a * x0 + c * y0, a * x1 + c * y1)
    ys = (b * x0 + d * y0, b * x1 + d * y1)
    return min(xs), min(ys), max(xs), max(ys)


def _shifted(box: tuple[float, float, float, float], x: float, y: float) -> list[float]:
    return [round(value, 4) for value in (box[0] + x, box[1] + y, box[2] + x, box[3] + y)]
