"""Defects of a packet that the reader lived with, each with a stable code and one Vietnamese sentence.

Owns the list of what is tolerated; whoever shows or logs a packet reads it from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class NoteCode(StrEnum):
    """Stable code of a tolerated defect; the value is what is stored and sent over the API."""

    FOREIGN_NAMESPACE = "EDXML_FOREIGN_NAMESPACE"
    OLD_CONTAINER = "EDXML_OLD_CONTAINER"
    LEADING_BYTES = "EDXML_LEADING_BYTES"
    TRAILING_BYTES = "EDXML_TRAILING_BYTES"
    FALSE_ENCODING = "EDXML_FALSE_ENCODING"
    WRAPPED = "EDXML_WRAPPED"
    NO_BUSINESS = "EDXML_NO_BUSINESS"
    UNKNOWN_BUSINESS = "EDXML_UNKNOWN_BUSINESS"
    TRACE_WITHOUT_ORGAN = "EDXML_TRACE_WITHOUT_ORGAN"
    EMPTY_RESPONSE_FOR = "EDXML_EMPTY_RESPONSE_FOR"
    DATE_FORMAT = "EDXML_DATE_FORMAT"
    BAD_DATE = "EDXML_BAD_DATE"
    BAD_NUMBER = "EDXML_BAD_NUMBER"
    BAD_FLAG = "EDXML_BAD_FLAG"
    UNKNOWN_STATUS = "EDXML_UNKNOWN_STATUS"
    REPEATED_ELEMENT = "EDXML_REPEATED_ELEMENT"
    UNKNOWN_ELEMENT = "EDXML_UNKNOWN_ELEMENT"
    MANY_UNKNOWN = "EDXML_MANY_UNKNOWN"
    MISSING = "EDXML_MISSING"
    SIGNATURE_PRESENT = "EDXML_SIGNATURE_PRESENT"
    SIGNATURE_MISPLACED = "EDXML_SIGNATURE_MISPLACED"
    NOT_IN_MANIFEST = "EDXML_NOT_IN_MANIFEST"
    NOT_IN_PACKET = "EDXML_NOT_IN_PACKET"
    MATCHED_BY_NAME = "EDXML_MATCHED_BY_NAME"
    MATCHED_BY_ORDER = "EDXML_MATCHED_BY_ORDER"
    MISLABELLED = "EDXML_MISLABELLED"
    OTHER_KIND = "EDXML_OTHER_KIND"
    DOUBLE_ZIP = "EDXML_DOUBLE_ZIP"
    UNEXPECTED_ARCHIVE = "EDXML_UNEXPECTED_ARCHIVE"
    BROKEN_ZIP = "EDXML_BROKEN_ZIP"
    BROKEN_BASE64 = "EDXML_BROKEN_BASE64"
    EMPTY_ATTACHMENT = "EDXML_EMPTY_ATTACHMENT"
    DAMAGED = "EDXML_DAMAGED"
    DAMAGED_TEXT = "EDXML_DAMAGED_TEXT"


_TEXTS = {
    NoteCode.FOREIGN_NAMESPACE: "Gói tin dùng không gian tên khác với QCVN 102:2016: {detail}.",
    NoteCode.OLD_CONTAINER: "Gói tin theo mẫu cũ (công văn 2803/BTTTT-THH năm 2014).",
    NoteCode.LEADING_BYTES: "Có ký tự thừa trước phần XML.",
    NoteCode.TRAILING_BYTES: "Có ký tự thừa sau phần XML.",
    NoteCode.FALSE_ENCODING: "Gói tin khai sai bảng mã ký tự; đọc theo UTF-8.",
    NoteCode.WRAPPED: "Gói tin nằm trong một phong bì khác; đã lấy ra.",
    NoteCode.NO_BUSINESS: "Gói tin không nêu loại nghiệp vụ; coi là văn bản mới.",
    NoteCode.UNKNOWN_BUSINESS: "Loại nghiệp vụ «{detail}» không có trong quy chuẩn.",
    NoteCode.TRACE_WITHOUT_ORGAN: "Một chặng trong lịch sử luân chuyển không có mã định danh cơ quan.",
    NoteCode.EMPTY_RESPONSE_FOR: "Phần «phúc đáp văn bản» để trống; bỏ qua.",
    NoteCode.DATE_FORMAT: "Ngày tháng ở {detail} không viết theo mẫu năm/tháng/ngày.",
    NoteCode.BAD_DATE: "Không đọc được ngày tháng ở {detail}.",
    NoteCode.BAD_NUMBER: "Không đọc được số ở {detail}.",
    NoteCode.BAD_FLAG: "Không đọc được giá trị có/không ở {detail}.",
    NoteCode.UNKNOWN_STATUS: "Mã trạng thái «{detail}» không có trong quy chuẩn.",
    NoteCode.REPEATED_ELEMENT: "Phần tử {detail} bị lặp lại; dùng giá trị đầu tiên.",
    NoteCode.UNKNOWN_ELEMENT: "Phần tử {detail} không có trong quy chuẩn; giữ nguyên giá trị.",
    NoteCode.MANY_UNKNOWN: "Gói tin có quá nhiều giá trị lạ; chỉ giữ {detail} giá trị đầu.",
    NoteCode.MISSING: "Thiếu {detail}.",
    NoteCode.SIGNATURE_PRESENT: "Gói tin có chữ ký XML; chưa được kiểm tra.",
    NoteCode.SIGNATURE_MISPLACED: "Chữ ký XML nằm sai vị trí trong gói tin; không dùng để tin cậy.",
    NoteCode.NOT_IN_MANIFEST: "Tệp «{detail}» có trong gói tin nhưng không có trong danh mục tệp.",
    NoteCode.NOT_IN_PACKET: "Tệp «{detail}» có trong danh mục nhưng không có trong gói tin.",
    NoteCode.MATCHED_BY_NAME: "Tệp «{detail}» được ghép với danh mục theo tên vì mã nội dung không khớp.",
    NoteCode.MATCHED_BY_ORDER: "Tệp «{detail}» được ghép với danh mục theo thứ tự vì mã và tên không khớp.",
    NoteCode.MISLABELLED: "Tệp «{detail}» bị ghi sai kiểu nội dung; đã nhận dạng lại theo dữ liệu.",
    NoteCode.OTHER_KIND: "Dữ liệu của tệp «{detail}» không đúng loại tệp mà tên tệp cho biết.",
    NoteCode.DOUBLE_ZIP: "Tệp «{detail}» bị nén nhiều lần; đã giải nén.",
    NoteCode.UNEXPECTED_ARCHIVE: "Tệp «{detail}» là tệp nén chứa nhiều tệp; giữ nguyên tệp nén.",
    NoteCode.BROKEN_ZIP: "Tệp «{detail}» là tệp nén bị hỏng, không giải nén được.",
    NoteCode.BROKEN_BASE64: "Dữ liệu mã hóa base64 của tệp «{detail}» bị hỏng.",
    NoteCode.EMPTY_ATTACHMENT: "Tệp «{detail}» không có nội dung.",
    NoteCode.DAMAGED: "Tệp «{detail}» đã bị hỏng trước khi đến đơn vị (mất byte khi truyền).",
    NoteCode.DAMAGED_TEXT: "Chữ ở {detail} đã mất trước khi đến đơn vị (sai bảng mã khi truyền); đối chiếu với tệp.",
}


@dataclass(frozen=True)
class Note:
    """One tolerated defect.

    ``code`` is stable; ``detail`` is the element path or attachment name it is about (from the packet: escape
    it before showing); ``text`` is the Vietnamese sentence.
    """

    code: NoteCode
    detail: str = ""

    @property
    def text(self) -> str:
        """One Vietnamese sentence for the clerk."""
        return _TEXTS[self.code].replace("{detail}", self.detail)
