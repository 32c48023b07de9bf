"""Marks on a document: urgency, circulation restriction, form of a copy.

State secrecy is not among them: such documents stay outside this product.
"""

from __future__ import annotations

from enum import Enum, IntEnum, StrEnum


class Urgency(IntEnum):
    """How fast a document must travel (NĐ 30/2020, Phụ lục I, III.2.b); the values are those of edXML
    ``Priority``.
    """

    NORMAL = 0
    URGENT = 1
    VERY_URGENT = 2
    EXPRESS = 3
    EXPRESS_TIMED = 4

    @property
    def label(self) -> str:
        """Vietnamese name: ``Thường``, ``Khẩn``, ``Thượng khẩn``, ``Hỏa tốc``, ``Hỏa tốc hẹn giờ``."""
        return _URGENCY_LABELS[self]

    @property
    def is_urgent(self) -> bool:
        """Whether "at once" applies instead of ordinary deadlines."""
        return self is not Urgency.NORMAL

    @property
    def stamp_text(self) -> str:
        """Text of the stamp in box 10b; empty for ordinary documents."""
        return self.label.upper() if self.is_urgent else ""

    @property
    def stamp_size_mm(self) -> tuple[float, float] | None:
        """Width and height of the stamp in millimetres, None without a stamp.

        The decree sizes three stamps; the appointed-time one takes the largest size.
        """
        return _STAMP_SIZES_MM.get(self)


_URGENCY_LABELS = {
    Urgency.NORMAL: "Thường",
    Urgency.URGENT: "Khẩn",
    Urgency.VERY_URGENT: "Thượng khẩn",
    Urgency.EXPRESS: "Hỏa tốc",
    Urgency.EXPRESS_TIMED: "Hỏa tốc hẹn giờ",
}
_STAMP_SIZES_MM = {
    Urgency.URGENT: (20.0, 8.0),
    Urgency.VERY_URGENT: (40.0, 8.0),
    Urgency.EXPRESS: (30.0, 8.0),
    Urgency.EXPRESS_TIMED: (40.0, 8.0),
}


class Steering(StrEnum):
    """What a document is to the steering of its sender (edXML ``SteeringType``, QCVN 102:2016, 1.13)."""

    ORDINARY = ""
    STEERING = "STEERING"
    REPORT = "REPORT"

    @property
    def label(self) -> str:
        """Vietnamese name, as the draft form and the lists have it."""
        return _STEERING_LABELS[self]


_STEERING_LABELS = {
    Steering.ORDINARY: "Không",
    Steering.STEERING: "Văn bản chỉ đạo",
    Steering.REPORT: "Báo cáo kết quả chỉ đạo",
}


class CirculationRestriction(Enum):
    """Stamps that keep a document off the network (Hà Tĩnh QĐ 33/2019, Điều 6; NĐ 30 PL I, III.2.c)."""

    NONE = ""
    RETURN_AFTER_MEETING = "RETURN_AFTER_MEETING"
    RETURN_AFTER_READING = "RETURN_AFTER_READING"
    INTERNAL_ONLY = "INTERNAL_ONLY"
    RECALLABLE = "RECALLABLE"

    @property
    def label(self) -> str:
        """Text of the stamp in box 11, in capitals; empty for NONE."""
        return _RESTRICTION_LABELS[self]

    @property
    def forbids_network(self) -> bool:
        """Whether the document may not be sent electronically outside the agency."""
        return self is not CirculationRestriction.NONE


_RESTRICTION_LABELS = {
    CirculationRestriction.NONE: "",
    CirculationRestriction.RETURN_AFTER_MEETING: "TRẢ LẠI SAU KHI HỌP",
    CirculationRestriction.RETURN_AFTER_READING: "XEM XONG TRẢ LẠI",
    CirculationRestriction.INTERNAL_ONLY: "LƯU HÀNH NỘI BỘ",
    CirculationRestriction.RECALLABLE: "TÀI LIỆU THU HỒI",
}


class CopyForm(Enum):
    """Form of a copy and the abbreviation in its notation (NĐ 30/2020, Phụ lục III, mục I)."""

    TRUE_COPY = "SY"
    EXTRACT = "TrS"
    SECONDARY_COPY = "SL"

    @property
    def label(self) -> str:
        """Text printed on the copy: ``SAO Y``, ``TRÍCH SAO``, ``SAO LỤC``."""
        return {"SY": "SAO Y", "TrS": "TRÍCH SAO", "SL": "SAO LỤC"}[self.value]
