"""The code lists of the wire: message kinds, business kinds, statuses, urgency, kinds of document.

Owns numbers and their Vietnamese labels. Disputed lists (DocumentType, SteeringType) are read by name or kept
as raw numbers; see the standard's section 1.5 and the differing practice of vendors.
"""

from __future__ import annotations

import unicodedata
from enum import IntEnum, StrEnum


class MessageType(StrEnum):
    """The two transport kinds that an axis knows; everything else is inside the packet."""

    EDOC = "edoc"
    STATUS = "status"


class BusinessType(IntEnum):
    """BussinessDocType (QCVN 102:2016, 2.2.1)."""

    NEW = 0
    RECALL = 1
    UPDATE = 2
    REPLACE = 3

    @property
    def label(self) -> str:
        """Vietnamese name."""
        return _BUSINESS_LABELS[self.value]

    @property
    def default_reason(self) -> str:
        """The BussinessDocReason customary on the wire when nobody typed one."""
        return _BUSINESS_REASONS[self.value]


_BUSINESS_LABELS = {0: "Văn bản mới", 1: "Thu hồi văn bản", 2: "Cập nhật văn bản", 3: "Thay thế văn bản"}
_BUSINESS_REASONS = {
    0: "Văn bản điện tử mới",
    1: "Thu hồi văn bản điện tử",
    2: "Cập nhật văn bản điện tử",
    3: "Thay thế văn bản điện tử",
}


class StatusCode(StrEnum):
    """Business statuses (QĐ 28/2018/QĐ-TTg). Unknown codes stay plain ``str``: use :func:`status_code`."""

    ARRIVED = "01"
    REJECTED = "02"
    ACCEPTED = "03"
    ASSIGNED = "04"
    IN_PROGRESS = "05"
    COMPLETED = "06"
    TAKE_BACK = "13"
    CHANGE_AGREED = "15"
    CHANGE_REFUSED = "16"

    @property
    def label(self) -> str:
        """Vietnamese name."""
        return _STATUS_LABELS[self.value]

    @property
    def needs_reason(self) -> bool:
        """Whether a Description is mandatory with this status."""
        return self in (StatusCode.REJECTED, StatusCode.TAKE_BACK, StatusCode.CHANGE_REFUSED)


_STATUS_LABELS = {
    "01": "Đã đến",
    "02": "Từ chối tiếp nhận",
    "03": "Đã tiếp nhận",
    "04": "Phân công xử lý",
    "05": "Đang xử lý",
    "06": "Hoàn thành",
    "13": "Lấy lại",
    "15": "Đồng ý cập nhật, lấy lại",
    "16": "Từ chối cập nhật, lấy lại",
}


def status_code(text: str) -> StatusCode | str:
    """The member for a known code, else the text itself, unchanged."""
    try:
        return StatusCode(text)
    except ValueError:
        return text


def status_label(code: str) -> str:
    """Vietnamese name of any status code, known or not."""
    known = status_code(code)
    return known.label if isinstance(known, StatusCode) else f"mã trạng thái {code}"


_PRIORITY_LABELS = ("Thường", "Khẩn", "Thượng khẩn", "Hỏa tốc", "Hỏa tốc hẹn giờ")


def priority_label(priority: int) -> str:
    """Vietnamese name of OtherInfo/Priority (0 to 4); the raw number when outside the list."""
    return _PRIORITY_LABELS[priority] if 0 <= priority < len(_PRIORITY_LABELS) else f"mức khẩn {priority}"


# DocumentType/Type 1: legal normative documents; Type 2: administrative documents. The key is TypeDetail.
NORMATIVE_TYPES = {
    1: "Hiến pháp",
    2: "Luật",
    3: "Pháp lệnh",
    4: "Lệnh",
    5: "Nghị quyết",
    6: "Nghị quyết liên tịch",
    7: "Nghị định",
    8: "Quyết định",
    9: "Thông tư",
    10: "Thông tư liên tịch",
    11: "Chỉ thị",
}
ADMINISTRATIVE_TYPES = {
    1: "Nghị quyết (cá biệt)",
    2: "Quyết định (cá biệt)",
    3: "Chỉ thị (cá biệt)",
    4: "Quy chế",
    5: "Quy định",
    6: "Thông cáo",
    7: "Thông báo",
    8: "Hướng dẫn",
    9: "Chương trình",
    10: "Kế hoạch",
    11: "Phương án",
    12: "Đề án",
    13: "Dự án",
    14: "Báo cáo",
    15: "Biên bản",
    16: "Tờ trình",
    17: "Hợp đồng",
    18: "Công văn",
    19: "Công điện",
    20: "Bản ghi nhớ",
    21: "Bản cam kết",
    22: "Bản thỏa thuận",
    23: "Giấy chứng nhận",
    24: "Giấy ủy quyền",
    25: "Giấy mời",
    26: "Giấy giới thiệu",
    27: "Giấy nghỉ phép",
    28: "Giấy đi đường",
    29: "Giấy biên nhận hồ sơ",
    30: "Phiếu gửi",
    31: "Phiếu chuyển",
    32: "Thư công",
}


def type_codes(type_name: str) -> tuple[int, int] | None:
    """(Type, TypeDetail) to write for a document kind's Vietnamese name, ``None`` when the list lacks it.

    Compared without accents, case and the bracket "(cá biệt)". A name that both lists hold (Nghị quyết,
    Quyết định, Chỉ thị) is taken as administrative, the only kind most agencies issue.
    """
    wanted = _fold(type_name)
    for kind, names in ((2, ADMINISTRATIVE_TYPES), (1, NORMATIVE_TYPES)):
        for detail, name in names.items():
            if _fold(name) == wanted:
                return kind, detail
    return None


def _fold(text: str) -> str:
    plain = text.replace("(cá biệt)", "").replace("đ", "d").replace("Đ", "D")
    letters = (char for char in unicodedata.normalize("NFD", plain) if not unicodedata.combining(char))
    return " ".join("".join(letters).lower().split())
