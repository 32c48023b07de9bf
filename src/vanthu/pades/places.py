"""Where number, date, signature and seal stand on a page.

Owns the geometry that a document's layout reader hands to the signing library, and the one rule of geometry
in the law: the seal covers about the left third of the signature. Refuses to look into PDF files.
"""

from __future__ import annotations

from dataclasses import dataclass

POINTS_PER_MM = 72 / 25.4

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
    nháy), in signing order, empty when their signatures are invisible.
    """

    number: NumberPlace
    date: DateGaps
    signature: Box
    seal: Box
    initials: tuple[Box, ...] = ()


def seal_box_over(signature: Box, *, diameter_mm: float = SEAL_DIAMETER_MM) -> Box:
    """The seal's box at true size, its right edge one third into ``signature``, centred on its height.

    Source: NĐ 30/2020 PL I.II.8a ("kích thước thực tế", "trùm lên khoảng 1/3 hình ảnh chữ ký … về bên trái").
    """
    size = millimetres(diameter_mm)
    right = signature.x0 + signature.width / 3
    middle = (signature.y0 + signature.y1) / 2
    return Box(signature.page, right - size, middle - size / 2, right, middle + size / 2)
