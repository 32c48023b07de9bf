"""What stands on a copy: the block of a paper copy under its line, and the mark by which anybody can look it up.

Owns the drawing (typst, Tinos) and where it goes; nothing covers what is printed already. Refuses to touch a signed
file: a paper copy is printed from a rendition, an electronic one is marked before the agency signs it.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

import pikepdf
import qrcode
import typst

from vanthu.formalities.blank import Region, Sheet
from vanthu.formalities.fonts import tinos_folder
from vanthu.formalities.pdftext import open_pdf
from vanthu.pades.preparing import open_clean, page_rotation, save_to

_TEMPLATE = Path(__file__).with_name("copy.typ")
A4 = (595.28, 841.89)
FOOT = 62.0
"""Points at the foot of a page that the block leaves free: the bottom margin of the decree and the mark."""
MARK = (222.0, 50.0)
"""Width and height of the mark on an electronic copy, points."""
FOOTER_HEIGHT = 17.0
_BELOW = Region(0.06, 0.86, 0.97, 0.99)
_ANYWHERE = Region(0.03, 0.02, 0.97, 0.99)
_FOOTER = Region(0.07, 0.93, 0.97, 0.99)


@dataclass(frozen=True)
class Mark:
    """What the conversion must show (NĐ 137/2024 Đ4, Đ5): ``lines`` beside the code for ``url``."""

    url: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """The parts of a paper copy (NĐ 30/2020 PL I Phần II.II, mẫu 3.1)."""

    form: str
    agency: str
    code: str
    dateline: str
    note: str
    authority: tuple[str, ...]
    signer: str
    recipients: tuple[str, ...]


def marked(pdf: BinaryIO, mark: Mark, target: BinaryIO) -> None:
    """``pdf`` with the mark where its first page is blank, else on a sheet of its own at the end; ready to be signed.
    Written into the empty file ``target``.

    Raises what ``pades.prepare`` raises for files that may not be signed.
    """
    spot = _spot(pdf)
    with open_clean(pdf) as document, ExitStack() as stack:
        if spot is None:
            document.add_blank_page(page_size=A4)
            page, spot = document.pages[-1], (60.0, 60.0)
        else:
            page = document.pages[0]
        drawn = _drawn([{**_size(page), "mark": {**_mark(mark), "x": spot[0], "y": spot[1]}}])
        _overlay(stack, [page], drawn)
        save_to(document, target)


def printed(
    sources: Sequence[Path], block: Block, mark: Mark, footer: Sequence[str], target: BinaryIO
) -> None:
    """All pages of ``sources`` as they look, then the block under its line: on the last page where there is room, else
    on the next. ``footer`` stands at the foot of each page as far as nothing is printed there. Written into the empty
    file ``target``."""
    with ExitStack() as stack:
        document = stack.enter_context(pikepdf.new())
        for path in sources:
            _append_flat(stack, document, path)
        looks = _looks(document)
        height = _height(block)
        free_from = looks[-1].free_from
        last = _size(document.pages[-1])
        if free_from is None or free_from + height > last["height"] - FOOT or last["width"] < A4[0] * 0.95:
            document.add_blank_page(page_size=A4)
            looks.append(_Look(free_from=40.0, footer=A4[1] - 40))
        pages = [
            {**_size(page), "footer": {"lines": list(footer), "y": look.footer} if look.footer else None}
            for page, look in zip(document.pages, looks, strict=True)
        ]
        pages[-1]["block"] = {**asdict(block), "y": looks[-1].free_from}
        pages[-1]["mark"] = _mark(mark)
        _overlay(stack, list(document.pages), _drawn(pages))
        save_to(document, target)


@dataclass(frozen=True)
class _Look:
    """Points from the top of the page as it is seen: where its ink ends (None: do not write here), where a footer may
    stand (None: nowhere)."""

    free_from: float | None
    footer: float | None


def _looks(pages: pikepdf.Pdf) -> list[_Look]:
    with tempfile.TemporaryFile() as stream:
        save_to(pages, stream)
        with open_pdf(stream) as document:
            return [_look(document, number) for number in range(len(document))]


def _look(document: Any, number: int) -> _Look:
    page = document[number]
    turned = page.get_rotation() != 0
    left, low, right, high = page.get_cropbox()
    page.close()
    if turned:
        return _Look(None, None)
    sheet = Sheet(document, number)
    box = sheet.blank((right - left) * 0.85, FOOTER_HEIGHT, _FOOTER, from_below=True)
    return _Look(sheet.foot_of_ink() * (high - low) + 14, high - box.y1 if box else None)


def _spot(pdf: BinaryIO) -> tuple[float, float] | None:
    """Left and top of the mark on the first page, from its top left corner; None where it has no blank spot."""
    with open_pdf(pdf) as document:
        page = document[0]
        turned = page.get_rotation() != 0
        left, _, _, high = page.get_cropbox()
        page.close()
        if turned:
            return None
        sheet = Sheet(document, 0)
        box = sheet.blank(*MARK, _BELOW, from_below=True) or sheet.blank(*MARK, _ANYWHERE, from_below=True)
    return (box.x0 - left, high - box.y1) if box else None


def _append_flat(stack: ExitStack, document: pikepdf.Pdf, path: Path) -> None:
    """Pages with their signatures and fields as plain drawing; nothing that acts or can be filled in."""
    source = stack.enter_context(pikepdf.open(path, access_mode=pikepdf.AccessMode.stream))
    source.flatten_annotations("print")
    for page in source.pages:
        for key in ("/Annots", "/AA"):
            if key in page.obj:
                del page.obj[key]
    document.pages.extend(source.pages)


def _size(page: Any) -> dict[str, Any]:
    left, low, right, high = (float(edge) for edge in page.cropbox)
    turned = page_rotation(page) in (90, 270)
    wide, tall = right - left, high - low
    return {"width": tall if turned else wide, "height": wide if turned else tall}


def _height(block: Block) -> float:
    """Points that the block takes."""
    head = 76 + 15 * (len(block.agency) // 30) + (28 if block.note else 0)
    signing = 16 * len(block.authority) + 96
    receiving = 20 + 14 * len(block.recipients) + MARK[1] + 16
    return float(head + max(signing, receiving))


def _overlay(stack: ExitStack, pages: Sequence[Any], drawn: bytes) -> None:
    over = stack.enter_context(pikepdf.open(io.BytesIO(drawn)))
    for page, layer in zip(pages, over.pages, strict=True):
        page.add_overlay(layer, pikepdf.Rectangle(*(float(edge) for edge in page.cropbox)))


def _drawn(pages: Sequence[dict[str, Any]]) -> bytes:
    data = json.dumps({"pages": list(pages)}, ensure_ascii=False)
    fonts = [tinos_folder()]
    return bytes(
        typst.compile(_TEMPLATE, font_paths=fonts, ignore_system_fonts=True, sys_inputs={"data": data})
    )


def _mark(mark: Mark) -> dict[str, Any]:
    code = qrcode.QRCode(border=0, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(mark.url)
    code.make(fit=True)
    rows = code.get_matrix()
    return {"runs": _runs(rows), "modules": len(rows), "lines": list(mark.lines), "x": 0.0, "y": 0.0}


def _runs(rows: Sequence[Sequence[bool]]) -> list[tuple[int, int, int]]:
    """Dark modules that touch, as (left, top, length)."""
    found = []
    for top, row in enumerate(rows):
        left = 0
        for dark, group in groupby(row):
            length = len(list(group))
            if dark:
                found.append((left, top, length))
            left += length
    return found
