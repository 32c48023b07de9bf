"""Finding where number, date, signature and seal go on a draft, from the words printed on it.

Boxes of NĐ 30/2020, Phụ lục I: number (3) and date (4) at the top of page 1, signature (7c) between the
signer's position and name, seal (8) over its left third. Refuses to change the file, and to guess on a page without
text: there a person points at the places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from vanthu.formalities.blank import Region, Sheet
from vanthu.formalities.dateline import FoundDate, FoundNumber, find_date, find_number
from vanthu.formalities.pdftext import PageText, open_pdf, plain_text, read_page
from vanthu.formalities.remarks import DATE, NUMBER, PLACE_NAMES, SIGNATURE, Note, PlaceNotFound
from vanthu.formalities.signerblock import Block, SignerBlock, find_signature, find_signature_of, partners_of
from vanthu.pades.opening import Pdf
from vanthu.pades.places import (
    SEAL_DIAMETER_MM,
    Area,
    Box,
    DateGaps,
    NumberPlace,
    PartnerPlace,
    Places,
    seal_spot,
    seal_text_spot,
)


@dataclass(frozen=True)
class SealForm:
    """What the seal needs: its real size in millimetres, and whether lines of text stand with it."""

    width_mm: float = SEAL_DIAMETER_MM
    height_mm: float = SEAL_DIAMETER_MM
    with_text: bool = False


ROUND_SEAL = SealForm()


@dataclass(frozen=True)
class FoundPartner:
    """The signer's block of another agency beside the wanted one, and the places in it."""

    signer: SignerBlock
    place: PartnerPlace


@dataclass(frozen=True)
class FoundPlaces:
    """Places in page coordinates, how sure each is (0 to 1 by ``number``, ``date``, ``signature``), and
    remarks.

    ``turned_pages`` are those whose text does not run upright in the file; there, x values and baselines
    are measured along the text's own direction. Pass the draft through ``upright`` first to avoid them.
    ``partners`` are the blocks beside the signer's, from left to right: on a joint document (văn bản liên tịch) the
    other agencies', on minutes the secretary's. ``under_seal`` are the words that the seal's ring reaches, because the
    blank is lower than the seal.
    """

    places: Places
    signer: SignerBlock
    confidence: dict[str, float]
    notes: tuple[Note, ...]
    turned_pages: frozenset[int]
    partners: tuple[FoundPartner, ...] = ()
    under_seal: tuple[str, ...] = ()

    def joint_places(self) -> Places:
        """The places with those of the partners, for a document that several agencies sign and seal."""
        return replace(self.places, partners=tuple(partner.place for partner in self.partners))


def find_places(pdf: Pdf, *, signer_name: str | None = None, seal: SealForm = ROUND_SEAL) -> FoundPlaces:
    """Where number, date, signature and seal go on a draft.

    ``signer_name`` helps to pick the right block when a document holds several. Number and date are looked
    for on page 1, the signer's block on the last page that holds one. Raises PlaceNotFound (naming all that
    is missing), PlaceAlreadyFilled, UnreadablePdf.
    """
    with open_pdf(pdf) as document:
        look = _look(document, signer_name)
    if look.missing:
        raise PlaceNotFound(look.missing, has_text=look.has_text)
    return look.found(seal)


def find_or_make_places(
    pdf: Pdf, *, signer_name: str | None = None, seal: SealForm = ROUND_SEAL
) -> FoundPlaces:
    """As ``find_places``; a place that the words of its page do not show is put where that page is blank, with a note.

    For foreign layouts: the drafter looks at the preview before submitting. Raises PlaceNotFound for a page too full
    to hold what is missing and for one without text (a scan), PlaceAlreadyFilled, UnreadablePdf.
    """
    with open_pdf(pdf) as document:
        look = _look(document, signer_name)
        if look.missing:
            wordless = [part for part in look.missing if not _has_words(document, part, look)]
            if wordless:
                raise PlaceNotFound(wordless, has_text=False)
            look = _completed(document, look, signer_name or "")
    if look.missing:
        raise PlaceNotFound(look.missing, has_text=look.has_text)
    return look.found(seal)


def suggest_places(pdf: Pdf, *, signer_name: str | None = None, seal: SealForm = ROUND_SEAL) -> FoundPlaces:
    """Where a person begins who puts the places by hand: what the words show, else a blank spot, else the usual spot.

    Never the last word: nothing is signed at a suggestion. Raises PlaceAlreadyFilled, UnreadablePdf.
    """
    with open_pdf(pdf) as document:
        look = _look(document, signer_name)
        if look.missing:
            look = _usual(_completed(document, look, signer_name or ""), document, signer_name or "")
    return look.found(seal)


def find_partners(pdf: Pdf, wanted: Sequence[tuple[str, SealForm]]) -> list[FoundPartner | None]:
    """The blocks of the other signers of a joint document (văn bản liên tịch) by their names, each with its agency's
    seal, wherever on the pages they stand; None for a name that no block bears. Raises UnreadablePdf."""
    with open_pdf(pdf) as document:
        blocks = [find_signature_of(document, name) for name, _ in wanted]
        return [
            _partner(block.page, block, seal) if block else None
            for block, (_, seal) in zip(blocks, wanted, strict=True)
        ]


def refuse_filled(pdf: Pdf) -> None:
    """Raise PlaceAlreadyFilled when number or date is printed on page 1; also UnreadablePdf."""
    with open_pdf(pdf) as document:
        first = read_page(document, 0)
    find_number(first, [])
    find_date(first, [])


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
    signing_page: PageText | None = None

    @property
    def has_text(self) -> bool:
        return bool(self.first.lines) or self.block is not None

    @property
    def missing(self) -> list[str]:
        places = {NUMBER: self.number, DATE: self.dated, SIGNATURE: self.block or self.signature}
        return [part for part, place in places.items() if place is None]

    def found(self, seal: SealForm) -> FoundPlaces:
        assert self.number is not None and self.dated is not None
        signature, signer = self.signature, self.signer
        if self.block is not None:
            signature, signer = self.block.box(), self.block.signer
        assert signature is not None and signer is not None
        page = self.block.page if self.block else self.signing_page
        assert page is not None
        stamped = _stamped(page, signature, seal)
        partners = partners_of(self.block) if self.block else ()
        places = Places(
            number=self.number.place,
            date=self.dated.place,
            signature=signature,
            seal=stamped.box,
            seal_text=stamped.text,
        )
        turned = frozenset({item.number for item in (self.first, page) if item.turn})
        return FoundPlaces(
            places=places,
            signer=signer,
            confidence={
                NUMBER: self.number.confidence,
                DATE: self.dated.confidence,
                SIGNATURE: self.block.confidence if self.block else 0.0,
            },
            notes=(*self.notes, *_joint_notes(partners), *_turned_notes(turned)),
            turned_pages=turned,
            partners=tuple(_partner(page, other, seal) for other in partners),
            under_seal=stamped.words,
        )


def _partner(page: PageText, block: Block, seal: SealForm) -> FoundPartner:
    signature = block.box()
    return FoundPartner(block.signer, PartnerPlace(signature, _stamped(page, signature, seal).box))


@dataclass(frozen=True)
class _Stamped:
    box: Box
    text: Box | None
    words: tuple[str, ...]


def _stamped(page: PageText, signature: Box, seal: SealForm) -> _Stamped:
    """The seal over a signature on its page, chosen in reading coordinates."""
    area = page.to_reading(signature.x0, signature.y0, signature.x1, signature.y1)
    spot = seal_spot(area, page.areas, width_mm=seal.width_mm, height_mm=seal.height_mm, page=page.area)
    words = tuple(
        line.text for line, place in zip(page.columns, page.areas, strict=True) if place in spot.touched
    )
    beside = seal_text_spot(spot.area, (*page.areas, area), page.area) if seal.with_text else None
    return _Stamped(_boxed(page, spot.area), _boxed(page, beside) if beside else None, words)


def _boxed(page: PageText, area: Area) -> Box:
    return Box(page.number, *page.to_page(*area))


def _joint_notes(partners: tuple[Block, ...]) -> list[Note]:
    names = ", ".join(block.name.text for block in partners)
    return (
        [Note("JOINT_DOCUMENT", f"Bên cạnh còn chỗ ký của {names}; hãy xem đúng chỗ của người ký.")]
        if partners
        else []
    )


def _turned_notes(turned: frozenset[int]) -> list[Note]:
    return [Note("PAGE_TURNED", f"Chữ trên trang {page + 1} bị xoay trong tệp.") for page in sorted(turned)]


def _look(document: Any, signer_name: str | None) -> _Look:
    first = read_page(document, 0)
    notes: list[Note] = []
    number = find_number(first, notes)
    dated = find_date(first, notes)
    block = find_signature(document, signer_name, notes)
    return _Look(first, number, dated, block, tuple(notes))


def _has_words(document: Any, part: str, look: _Look) -> bool:
    """Whether the page on which this part belongs has words at all."""
    if part != SIGNATURE:
        return bool(look.first.lines)
    return bool(plain_text(document, len(document) - 1).strip())


_HEAD_LEFT, _HEAD_RIGHT = Region(0.08, 0.02, 0.45, 0.5), Region(0.5, 0.02, 0.95, 0.5)
_SIGNING_SIDES = (Region(0.5, 0.1, 0.93, 0.94), Region(0.1, 0.1, 0.93, 0.94))
_SIGNING_SIZES = ((150.0, 90.0), (120.0, 60.0), (110.0, 40.0))


def _completed(document: Any, look: _Look, signer_name: str) -> _Look:
    """The look with blank spots for what is missing: number top left, date top right, signature at the foot."""
    head = Sheet(document, 0)
    return _made_up(
        look,
        document,
        signer_name,
        number=lambda: head.blank(70, 16, _HEAD_LEFT),
        dated=lambda: head.blank(190, 16, _HEAD_RIGHT),
        signature=lambda: _signing_spot(document, head),
    )


def _usual(look: _Look, document: Any, signer_name: str) -> _Look:
    """The look with the places of the decree's scheme for what is still missing, whatever is printed there."""
    last = read_page(document, len(document) - 1)
    return _made_up(
        look,
        document,
        signer_name,
        number=lambda: _share_of(look.first, (0.17, 0.13), (70, 16)),
        dated=lambda: _share_of(look.first, (0.52, 0.13), (190, 16)),
        signature=lambda: _share_of(last, (0.58, 0.75), (140, 80)),
    )


def _share_of(page: PageText, corner: tuple[float, float], size: tuple[float, float]) -> Box:
    """A box of a size in points whose top left corner stands at shares of the page's width and height."""
    left = page.left + corner[0] * page.width
    top = page.top - corner[1] * page.height
    width, height = min(size[0], page.right - left), min(size[1], top - page.bottom)
    return _boxed(page, (left, top - height, left + width, top))


Finder = Callable[[], Box | None]


def _made_up(
    look: _Look, document: Any, signer_name: str, *, number: Finder, dated: Finder, signature: Finder
) -> _Look:
    notes = list(look.notes)
    if look.number is None and (box := number()):
        look = replace(look, number=FoundNumber(NumberPlace(box, box.y0 + 4, 13.0), 0.0))
        notes.append(_made(NUMBER, box))
    if look.dated is None and (box := dated()):
        look = replace(look, dated=FoundDate(DateGaps(box, None, None, None, box.y0 + 4, 13.0), 0.0))
        notes.append(_made(DATE, box))
    if look.block is None and look.signature is None and (box := signature()):
        page = read_page(document, box.page)
        signer = SignerBlock(box.page, (), signer_name)
        look = replace(look, signature=box, signer=signer, signing_page=page)
        notes.append(_made(SIGNATURE, box))
    return replace(look, notes=tuple(notes))


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
