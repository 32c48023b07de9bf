"""Places that a person points at: made into what the signing library reserves, and judged.

Owns the parts that are placed, what each needs, and what a place may cover. Refuses places off the page or on top of
each other; what covers words is only said, for the person decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from vanthu.errors import VanthuError
from vanthu.formalities.blank import Sheet
from vanthu.formalities.frames import Frame, Spot
from vanthu.formalities.pdftext import PageText, open_pdf, read_page
from vanthu.formalities.placement import FoundPlaces, SealForm
from vanthu.pades.opening import Pdf
from vanthu.pades.places import (
    Area,
    Box,
    DateGaps,
    NumberPlace,
    PartnerPlace,
    Places,
    meets,
    seal_text_spot,
    under_seal,
)


class Part(str, Enum):
    """What is placed. The date is written either as a whole line or into the gaps of a printed one."""

    NUMBER = "number"
    DATE = "date"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    SIGNATURE = "signature"
    SEAL = "seal"
    PARTNER_1 = "partner-1"
    PARTNER_1_SEAL = "partner-1-seal"
    PARTNER_2 = "partner-2"
    PARTNER_2_SEAL = "partner-2-seal"
    PARTNER_3 = "partner-3"
    PARTNER_3_SEAL = "partner-3-seal"
    PARTNER_4 = "partner-4"
    PARTNER_4_SEAL = "partner-4-seal"

    @property
    def label(self) -> str:
        """Vietnamese name."""
        return _LABELS[self]


PARTNERS = (
    (Part.PARTNER_1, Part.PARTNER_1_SEAL),
    (Part.PARTNER_2, Part.PARTNER_2_SEAL),
    (Part.PARTNER_3, Part.PARTNER_3_SEAL),
    (Part.PARTNER_4, Part.PARTNER_4_SEAL),
)
"""Signature and seal of each other agency of a joint document, in its order."""

_LABELS = {
    Part.NUMBER: "Số văn bản",
    Part.DATE: "Ngày ban hành",
    Part.DAY: "Ngày",
    Part.MONTH: "Tháng",
    Part.YEAR: "Năm",
    Part.SIGNATURE: "Chữ ký",
    Part.SEAL: "Dấu của cơ quan",
    **dict.fromkeys((signature for signature, _ in PARTNERS), "Chữ ký của cơ quan cùng ban hành"),
    **dict.fromkeys((stamp for _, stamp in PARTNERS), "Dấu của cơ quan cùng ban hành"),
}

_SIGNED_BY = {Part.SEAL: Part.SIGNATURE, **{stamp: signature for signature, stamp in PARTNERS}}
"""Over whose signature each seal stands."""

GAPS = (Part.DAY, Part.MONTH, Part.YEAR)
Spots = Mapping[Part, Spot]

SIZES_MM: dict[Part, tuple[float, float]] = {
    Part.NUMBER: (18.0, 5.8),
    Part.DATE: (78.0, 5.8),
    Part.DAY: (7.0, 5.8),
    Part.MONTH: (7.0, 5.8),
    Part.YEAR: (11.0, 5.8),
    Part.SIGNATURE: (48.0, 26.0),
    **{signature: (48.0, 26.0) for signature, _ in PARTNERS},
}
"""Width and height of a part that the page does not show; the seal has its real size."""

_LARGEST_FONT, _SMALLEST_FONT = 14.0, 8.0
_DESCENT, _LINE = 0.25, 1.25
"""Of the font's size: what hangs below the baseline, and a line's height."""
_LEAST_MM = 2.0
_NEAR_WORDS = 24.0
"""Points above and below the signature within which the seal may reach position and name (NĐ 30/2020 PL I, box 8)."""
_LEAST_SHARE, _MOST_SHARE = 0.18, 0.48


class PlacesIncomplete(VanthuError):
    """Number, date, signature and seal each need a place."""

    code = "PLACES_INCOMPLETE"
    message = "Chưa có vị trí cho {names}."
    rule = "NĐ 30/2020 Phụ lục I"


class PlaceOffPage(VanthuError):
    """A part sticks out of the page, or its page does not exist."""

    code = "PLACE_OFF_PAGE"
    message = "Vị trí của “{name}” nằm ngoài trang {page}; hãy đưa vào trong trang."


class PlaceTooSmall(VanthuError):
    """Nothing could be read in so small a box."""

    code = "PLACE_TOO_SMALL"
    message = "Ô của “{name}” quá nhỏ; mỗi cạnh cần ít nhất 2 mm."


class PlacesOverlap(VanthuError):
    """Two parts lie on each other; only the seal lies on the signature."""

    code = "PLACES_OVERLAP"
    message = "“{one}” và “{other}” chồng lên nhau; hãy tách ra."


@dataclass(frozen=True)
class Finding:
    """What a person must confirm about a part."""

    part: Part
    text: str


def places_by_hand(
    spots: Spots, frames: tuple[Frame, ...], seal: SealForm, pdf: Pdf, *, partners: int = 0
) -> Places:
    """What ``prepare`` reserves for the spots that a person chose, with those of ``partners`` other agencies.

    Raises PlacesIncomplete, PlaceOffPage, PlaceTooSmall, PlacesOverlap.
    """
    pairs = PARTNERS[:partners]
    _require_parts(spots, pairs)
    for part, spot in spots.items():
        page_exists = 1 <= spot.page <= len(frames)
        if not page_exists or not frames[spot.page - 1].holds(spot):
            raise PlaceOffPage(name=part.label, page=spot.page)
        if min(spot.width, spot.height) < _LEAST_MM:
            raise PlaceTooSmall(name=part.label)
    boxes = {part: frames[spot.page - 1].box(spot) for part, spot in spots.items()}
    _require_apart(boxes)
    return Places(
        number=_number(boxes[Part.NUMBER]),
        date=_date(boxes),
        signature=boxes[Part.SIGNATURE],
        seal=boxes[Part.SEAL],
        seal_text=_seal_text(pdf, boxes[Part.SEAL]) if seal.with_text else None,
        partners=tuple(PartnerPlace(boxes[signature], boxes[stamp]) for signature, stamp in pairs),
    )


def spots_of(found: FoundPlaces, frames: tuple[Frame, ...]) -> dict[Part, Spot]:
    """Places that were found, as spots to begin from."""
    return {part: frames[box.page].spot(box) for part, box in boxes_of(found.places).items()}


def boxes_of(places: Places) -> dict[Part, Box]:
    """Each part's box; gaps of a printed date become small boxes of their own."""
    boxes = {
        Part.NUMBER: places.number.box,
        Part.SIGNATURE: places.signature,
        Part.SEAL: places.seal,
    }
    date = places.date
    gaps = {Part.DAY: date.day_x, Part.MONTH: date.month_x, Part.YEAR: date.year_x}
    known = {part: x for part, x in gaps.items() if x is not None}
    for part, x in known.items():
        half = (1.15 if part is Part.YEAR else 0.65) * date.font_size
        low = date.baseline - _DESCENT * date.font_size
        boxes[part] = Box(date.box.page, x - half, low, x + half, low + _LINE * date.font_size)
    if not known:
        boxes[Part.DATE] = date.box
    for (signature, stamp), place in zip(PARTNERS, places.partners, strict=False):
        boxes[signature], boxes[stamp] = place.signature, place.seal
    return boxes


def findings(pdf: Pdf, places: Places) -> list[Finding]:
    """What the places cover, and a seal that does not lie on about a third of the signature; for the person to
    confirm. Raises UnreadablePdf."""
    boxes = boxes_of(places)
    with open_pdf(pdf) as document:
        found = [
            Finding(part, text)
            for part, box in boxes.items()
            for text in _covered(document, part, box, boxes.get(_SIGNED_BY.get(part, part), box))
        ]
    for stamp, signature in _SIGNED_BY.items():
        if stamp in boxes and not _covers_third(boxes[stamp], boxes[signature]):
            found.append(Finding(stamp, "Dấu không trùm lên khoảng 1/3 chữ ký về bên trái."))
    return found


def _covers_third(seal: Box, signature: Box) -> bool:
    share = (seal.x1 - signature.x0) / signature.width
    level = seal.y0 < signature.y1 and signature.y0 < seal.y1
    return seal.page == signature.page and level and _LEAST_SHARE <= share <= _MOST_SHARE


def _require_parts(spots: Spots, pairs: Sequence[tuple[Part, Part]]) -> None:
    wanted = (Part.NUMBER, Part.SIGNATURE, Part.SEAL, *(part for pair in pairs for part in pair))
    absent = [part for part in wanted if part not in spots]
    if Part.DATE not in spots:
        absent += [part for part in (Part.DAY, Part.MONTH) if part not in spots]
    if absent:
        raise PlacesIncomplete(names=", ".join(part.label.lower() for part in absent))


def _require_apart(boxes: Mapping[Part, Box]) -> None:
    items = list(boxes.items())
    for index, (one, box) in enumerate(items):
        for other, second in items[index + 1 :]:
            together = other == _SIGNED_BY.get(one) or one == _SIGNED_BY.get(other)
            if not together and box.page == second.page and meets(box.area, second.area):
                raise PlacesOverlap(one=one.label, other=other.label)


def _font_size(box: Box) -> float:
    return max(_SMALLEST_FONT, min(_LARGEST_FONT, box.height / _LINE))


def _number(box: Box) -> NumberPlace:
    size = _font_size(box)
    return NumberPlace(box, box.y0 + _DESCENT * size, size)


def _date(boxes: Mapping[Part, Box]) -> DateGaps:
    """A whole line, or the gaps on the day's baseline."""
    if Part.DATE in boxes:
        line = boxes[Part.DATE]
        size = _font_size(line)
        return DateGaps(line, None, None, None, line.y0 + _DESCENT * size, size)
    day = boxes[Part.DAY]
    gaps = [boxes[part] for part in GAPS if part in boxes and boxes[part].page == day.page]
    size = _font_size(day)
    around = Box(day.page, min(box.x0 for box in gaps), day.y0, max(box.x1 for box in gaps), day.y1)
    day_x, month_x, year_x = (_middle(boxes.get(part)) for part in GAPS)
    return DateGaps(around, day_x, month_x, year_x, day.y0 + _DESCENT * size, size)


def _middle(box: Box | None) -> float | None:
    return (box.x0 + box.x1) / 2 if box else None


def _seal_text(pdf: Pdf, seal: Box) -> Box:
    with open_pdf(pdf) as document:
        page = read_page(document, seal.page)
    area = page.to_reading(seal.x0, seal.y0, seal.x1, seal.y1)
    return Box(seal.page, *page.to_page(*seal_text_spot(area, page.areas, page.area)))


def _covered(document: Any, part: Part, box: Box, signature: Box) -> Iterator[str]:
    page = read_page(document, box.page)
    if not page.lines:
        if not Sheet(document, box.page).is_blank(box):
            yield f"Có nét in dưới vị trí của “{part.label}”."
        return
    words = _words_under(page, box, signature) if part in _SIGNED_BY else _words_in(page, box)
    if words:
        under, label = ", ".join(words)[:120], part.label
        yield f"“{label}” đè lên chữ “{under}”."


def _words_in(page: PageText, box: Box) -> list[str]:
    area = page.to_reading(box.x0, box.y0, box.x1, box.y1)
    return [
        line.text
        for line, (x0, y0, x1, y1) in zip(page.columns, page.areas, strict=True)
        if meets(area, (x0 + 1, y0 + 0.25 * line.size, x1 - 1, y1 - 0.25 * line.size))
        and any(
            not glyph.fills_blank
            for glyph in line.printed
            if area[0] < glyph.x1 - 1 and glyph.x0 + 1 < area[2]
        )
    ]


def _words_under(page: PageText, seal: Box, signature: Box) -> list[str]:
    """Words under the ring, but for position and name right above and below the signature."""
    area = page.to_reading(seal.x0, seal.y0, seal.x1, seal.y1)
    x0, y0, x1, y1 = page.to_reading(signature.x0, signature.y0, signature.x1, signature.y1)
    block: Area = (x0, y0 - _NEAR_WORDS, x1, y1 + _NEAR_WORDS)
    touched = under_seal(area, page.areas)
    return [
        line.text
        for line, place in zip(page.columns, page.areas, strict=True)
        if place in touched and not meets(place, block)
    ]
