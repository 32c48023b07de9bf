"""Where number, date, signature and seal stand on a page.

Owns the geometry that a document's layout reader hands to the signing library, and the rules of geometry in the law:
the seal covers about the left third of the signature, at its real size; nothing covers text. Refuses to look into PDF
files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

POINTS_PER_MM = 72 / 25.4

Area = tuple[float, float, float, float]
"""A rectangle x0, y0, x1, y1 in points, wherever the origin is."""

SEAL_DIAMETER_MM = 36.0
"""Diameter of the round seal of most agencies; callers pass another one for an agency whose seal differs."""


def millimetres(length: float) -> float:
    """``length`` in millimetres as PDF points."""
    return length * POINTS_PER_MM


@dataclass(frozen=True)
class Box:
    """A rectangle on a page: PDF points, origin at the bottom left of the page as it lies in the file (before
    /Rotate); ``page`` counts from 0."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        if self.page < 0 or self.x1 <= self.x0 or self.y1 <= self.y0:
            raise ValueError(f"not a box: {self}")

    @property
    def width(self) -> float:
        """Points."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Points."""
        return self.y1 - self.y0

    @property
    def area(self) -> Area:
        """Without its page."""
        return self.x0, self.y0, self.x1, self.y1


@dataclass(frozen=True)
class NumberPlace:
    """Where the number goes in ``Số: .../QĐ-UBND``: written centred in ``box`` on ``baseline`` (page
    points)."""

    box: Box
    baseline: float
    font_size: float = 13.0


@dataclass(frozen=True)
class DateGaps:
    """Where the date goes in a printed line such as ``Hà Tĩnh, ngày    tháng    năm 2026``.

    ``day_x``, ``month_x`` and ``year_x`` are the CENTRES (page points) of the gaps that await digits; a part
    that is None is already printed and is left alone. When all three are None the whole line is written into
    ``box``, centred. ``box`` must hold every digit that will be written.
    """

    box: Box
    day_x: float | None
    month_x: float | None
    year_x: float | None
    baseline: float
    font_size: float = 13.0


@dataclass(frozen=True)
class Places:
    """Everything that is reserved on a document before its first signature (NĐ 30/2020 PL I, boxes 3, 4, 7c,
    8).

    ``signature`` is the competent signer's box; ``initials`` are boxes for those who sign before them (ký
    nháy), in signing order, empty when their signatures are invisible. ``seal_text`` is where the seal's lines of
    text go, under rules that ask for some. ``partners`` are the other agencies of a joint document.
    """

    number: NumberPlace
    date: DateGaps
    signature: Box
    seal: Box
    initials: tuple[Box, ...] = ()
    seal_text: Box | None = None
    partners: tuple[PartnerPlace, ...] = ()


@dataclass(frozen=True)
class PartnerPlace:
    """Signature and seal of another agency that issues a joint document (văn bản liên tịch)."""

    signature: Box
    seal: Box


def seal_box_over(signature: Box, *, diameter_mm: float = SEAL_DIAMETER_MM) -> Box:
    """The seal's box at true size, its right edge one third into ``signature``, centred on its height.

    Source: NĐ 30/2020 PL I.II.8a ("kích thước thực tế", "trùm lên khoảng 1/3 hình ảnh chữ ký … về bên trái").
    """
    return Box(signature.page, *_seal_at(signature.area, _Size.round(diameter_mm), 1 / 3, 0.0))


_SHARES = (1 / 3, 0.31, 0.36, 0.29, 0.38, 0.27, 0.40, 0.25)
"""How much of the signature's width the seal may cover and still be "about one third", the best first."""

_SEAL_TEXT = (150.0, 24.0)
"""Width and height in points of the two lines that some rules put beside the seal."""

_TEXT_STEPS = (15.0, 8.0)
"""Points to the side and along the page between the spots that are tried for them."""

_SHIFTS = 12
"""Steps up and down that are tried, a tenth of the signature's height at most apart."""


@dataclass(frozen=True)
class _Size:
    width: float
    height: float

    @classmethod
    def round(cls, diameter_mm: float) -> _Size:
        return cls(millimetres(diameter_mm), millimetres(diameter_mm))


@dataclass(frozen=True)
class SealSpot:
    """Where the seal goes: its ``area``, the share of the signature's width under it, and the words it touches."""

    area: Area
    share: float
    touched: tuple[Area, ...]


def seal_spot(
    signature: Area,
    text: Sequence[Area],
    *,
    width_mm: float = SEAL_DIAMETER_MM,
    height_mm: float = SEAL_DIAMETER_MM,
    page: Area | None = None,
) -> SealSpot:
    """The best spot for the seal over the left third of ``signature`` as the reader sees it (x to the right).

    The seal is an ellipse inside its area. Of the spots that cover between a quarter and two fifths of the signature,
    the one that touches the fewest words is taken, then the one nearest to a third, then the one least moved up or
    down; ``touched`` is empty unless the blank is lower than the seal. ``page`` bounds where it may stand. Source:
    NĐ 30/2020 PL I.II.8a.
    """
    size = _Size(millimetres(width_mm), millimetres(height_mm))
    near = [area for area in text if meets(area, _around(signature, size))]
    tries = [
        (_seal_at(signature, size, share, shift), rank, shift)
        for rank, share in enumerate(_SHARES)
        for shift in _shifts(signature)
    ]
    fitting = [found for found in tries if page is None or _inside(found[0], page)] or tries
    best, rank, _ = min(fitting, key=lambda found: (_weight(found[0], near), found[1], abs(found[2])))
    return SealSpot(best, _SHARES[rank], under_seal(best, near))


def under_seal(seal: Area, words: Sequence[Area]) -> tuple[Area, ...]:
    """Those of the words that the seal's ellipse reaches."""
    return tuple(word for word in words if _weight(seal, [word]))


def seal_text_spot(seal: Area, text: Sequence[Area], page: Area) -> Area:
    """Where two lines of text stand near the seal (rules that ask for them): below it, beside it or above it, else at
    the nearest spot that covers no word; where every spot covers some, the one that covers the fewest. In the
    coordinates of ``seal_spot``."""
    best, least = None, float("inf")
    for area in _near_seal(seal):
        if not _inside(area, page):
            continue
        covered = sum(_overlap(area, word) for word in text)
        if covered < least:
            best, least = area, covered
        if not covered:
            break
    return best or next(iter(_near_seal(seal)))


def _near_seal(seal: Area) -> Iterator[Area]:
    """Spots for the lines, the usual ones first, then those around the seal from near to far."""
    x0, y0, x1, y1 = seal
    width, height = _SEAL_TEXT
    middle, centre = (x0 + x1) / 2 - width / 2, (y0 + y1) / 2 - height / 2
    usual = [(middle, y0 - height - 2), (x0 - width - 2, centre), (x0 - width - 2, y0), (middle, y1 + 2)]
    across, along = _TEXT_STEPS
    around = [
        (middle + across * right, centre + along * up) for right in range(-12, 13) for up in range(-20, 21)
    ]
    around.sort(key=lambda spot: (spot[0] - middle) ** 2 + (spot[1] - centre) ** 2)
    for x, y in (*usual, *around):
        area = (x, y, x + width, y + height)
        if not meets(area, seal):
            yield area


def _overlap(one: Area, other: Area) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, width) * max(0.0, height)


def _seal_at(signature: Area, size: _Size, share: float, shift: float) -> Area:
    x0, y0, x1, y1 = signature
    right = x0 + (x1 - x0) * share
    middle = (y0 + y1) / 2 + shift
    return right - size.width, middle - size.height / 2, right, middle + size.height / 2


def _shifts(signature: Area) -> Iterable[float]:
    """From the middle up and down by at most four tenths of the signature's height: the seal still lies on it."""
    reach = 0.4 * (signature[3] - signature[1])
    return (reach * step / _SHIFTS for step in range(-_SHIFTS, _SHIFTS + 1))


def _around(signature: Area, size: _Size) -> Area:
    x0, y0, x1, y1 = signature
    return x0 - size.width, y0 - size.height, x1, y1 + size.height


def meets(one: Area, other: Area) -> bool:
    """Whether two rectangles share some of their inside."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _inside(area: Area, page: Area) -> bool:
    return page[0] <= area[0] and page[1] <= area[1] and area[2] <= page[2] and area[3] <= page[3]


def _weight(seal: Area, words: Sequence[Area]) -> float:
    """How much of the words lies under the seal's ellipse, as an area of its rows; 0 touches nothing."""
    return sum(_under_ellipse(seal, word) for word in words)


def _under_ellipse(seal: Area, word: Area) -> float:
    """Area of ``word`` inside the ellipse, measured at five heights of the word."""
    across, along = (seal[0] + seal[2]) / 2, (seal[1] + seal[3]) / 2
    half_width, half_height = (seal[2] - seal[0]) / 2, (seal[3] - seal[1]) / 2
    height = word[3] - word[1]
    covered = 0.0
    for step in range(5):
        offset = (word[1] + height * step / 4 - along) / half_height
        if abs(offset) >= 1:
            continue
        reach = half_width * (1 - offset * offset) ** 0.5
        width = min(word[2], across + reach) - max(word[0], across - reach)
        covered += max(0.0, width) * height / 5
    return covered
