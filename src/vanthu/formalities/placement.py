"""Finding where number, date, signature and seal go on a draft, from the words printed on it.

Boxes of NĐ 30/2020, Phụ lục I: number (3) and date (4) at the top of page 1, signature (7c) between the
signer's position and name, seal (8) over its left third. Refuses to change the file. A scan without text has
no findable places: the person then points at them by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from vanthu.formalities.blank import Region, Sheet
from vanthu.formalities.dateline import FoundDate, FoundNumber, find_date, find_number
from vanthu.formalities.pdftext import PageText, open_pdf, read_page
from vanthu.formalities.remarks import DATE, NUMBER, PLACE_NAMES, SIGNATURE, Note, PlaceNotFound
from vanthu.formalities.signerblock import Block, SignerBlock, find_signature
from vanthu.pades.places import Box, DateGaps, NumberPlace, Places, seal_box_over


@dataclass(frozen=True)
class FoundPlaces:
    """Places in page coordinates, how sure each is (0 to 1 by ``number``, ``date``, ``signature``), and
    remarks.

    ``turned_pages`` are those whose text does not run upright in the file; there, x values and baselines
    are measured along the text's own direction. Pass the draft through ``upright`` first to avoid them.
    """

    places: Places
    signer: SignerBlock
    confidence: dict[str, float]
    notes: tuple[Note, ...]
    turned_pages: frozenset[int]


def find_places(pdf: bytes, *, signer_name: str | None = None) -> FoundPlaces:
    """Where number, date, signature and seal go on a draft.

    ``signer_name`` helps to pick the right block when a document holds several. Number and date are looked
    for on page 1, the signer's block on the last page that holds one. Raises PlaceNotFound (naming all that
    is missing), PlaceAlreadyFilled, UnreadablePdf.
    """
    with open_pdf(pdf) as document:
        look = _look(document, signer_name)
    if look.missing:
        raise PlaceNotFound(look.missing, has_text=look.has_text)
    return look.found()


def find_or_make_places(pdf: bytes, *, signer_name: str | None = None) -> FoundPlaces:
    """As ``find_places``; a place that no words show is put where the page is blank, with a note that says so.

    For scans and foreign layouts: the drafter looks at the preview before submitting. Raises PlaceNotFound
    only for a page too full to hold what is missing, PlaceAlreadyFilled, UnreadablePdf.
    """
    with open_pdf(pdf) as document:
        look = _look(document, signer_name)
        if look.missing:
            look = _completed(document, look, signer_name or "")
    if look.missing:
        raise PlaceNotFound(look.missing, has_text=look.has_text)
    return look.found()


@dataclass(frozen=True)
class _Look:
    """What a look at the pages found so far; ``signature`` is made from ``block`` unless given."""

    first: PageText
    number: FoundNumber | None
    dated: FoundDate | None
    block: Block | None
    notes: tuple[Note, ...]
    signature: Box | None = None
    signer: SignerBlock | None = None

    @property
    def has_text(self) -> bool:
        return bool(self.first.lines) or self.block is not None

    @property
    def missing(self) -> list[str]:
        places = {NUMBER: self.number, DATE: self.dated, SIGNATURE: self.block or self.signature}
        return [part for part, place in places.items() if place is None]

    def found(self) -> FoundPlaces:
        assert self.number is not None and self.dated is not None
        signature, signer = self.signature, self.signer
        if self.block is not None:
            signature, signer = self.block.box(), self.block.signer
        assert signature is not None and signer is not None
        pages = (self.first, self.block.page) if self.block else (self.first,)
        turned = frozenset({page.number for page in pages if page.turn})
        remarks = [
            Note("PAGE_TURNED", f"Chữ trên trang {page + 1} bị xoay trong tệp.") for page in sorted(turned)
        ]
        return FoundPlaces(
            places=Places(self.number.place, self.dated.place, signature, seal_box_over(signature)),
            signer=signer,
            confidence={
                NUMBER: self.number.confidence,
                DATE: self.dated.confidence,
                SIGNATURE: self.block.confidence if self.block else 0.0,
            },
            notes=(*self.notes, *remarks),
            turned_pages=turned,
        )


def _look(document: Any, signer_name: str | None) -> _Look:
    first = read_page(document, 0)
    notes: list[Note] = []
    number = find_number(first, notes)
    dated = find_date(first, notes)
    block = find_signature(document, signer_name, notes)
    return _Look(first, number, dated, block, tuple(notes))


_HEAD_LEFT, _HEAD_RIGHT = Region(0.08, 0.02, 0.45, 0.5), Region(0.5, 0.02, 0.95, 0.5)
_SIGNING_SIDES = (Region(0.5, 0.1, 0.93, 0.94), Region(0.1, 0.1, 0.93, 0.94))
_SIGNING_SIZES = ((150.0, 90.0), (120.0, 60.0), (110.0, 40.0))


def _completed(document: Any, look: _Look, signer_name: str) -> _Look:
    """The look with blank spots for what is missing: number top left, date top right, signature at the foot."""
    notes = list(look.notes)
    head = Sheet(document, 0)
    number, dated, signature, signer = look.number, look.dated, None, None
    if number is None and (box := head.blank(70, 16, _HEAD_LEFT)):
        number = FoundNumber(NumberPlace(box, box.y0 + 4, 13.0), 0.0)
        notes.append(_made(NUMBER, box))
    if dated is None and (box := head.blank(190, 16, _HEAD_RIGHT)):
        dated = FoundDate(DateGaps(box, None, None, None, box.y0 + 4, 13.0), 0.0)
        notes.append(_made(DATE, box))
    if look.block is None and (box := _signing_spot(document, head)):
        signature, signer = box, SignerBlock(box.page, (), signer_name)
        notes.append(_made(SIGNATURE, box))
    return replace(look, number=number, dated=dated, signature=signature, signer=signer, notes=tuple(notes))


def _signing_spot(document: Any, head: Sheet) -> Box | None:
    last = len(document) - 1
    sheet = head if last == 0 else Sheet(document, last)
    below = Region(0.5, sheet.foot_of_ink(), 0.93, 0.96)
    for width, height in _SIGNING_SIZES:
        if box := sheet.blank(width, height, below):
            return box
    for side in _SIGNING_SIDES:
        for width, height in _SIGNING_SIZES:
            if box := sheet.blank(width, height, side, from_below=True):
                return box
    return None


def _made(part: str, box: Box) -> Note:
    return Note(
        "PLACE_MADE",
        f"Trang không cho biết chỗ ghi {PLACE_NAMES[part]}; hệ thống đặt vào khoảng trống trên trang {box.page + 1}."
        " Hãy xem trước khi trình.",
    )
