"""What can go wrong between a client and an axis, on both sides of the wire.

Owns the axis' answer codes. Refuses to carry secrets or packet text in its details.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from vanthu.errors import MustAct, VanthuError


class ErrorCode(StrEnum):
    """``ErrorCode`` of an axis answer.

    Up to 23 as known axes use them; from 40 on our axis' own additions.
    """

    OK = "0"
    BAD_FILE = "10"
    BAD_CREDENTIALS = "15"
    RECEIVER_UNKNOWN = "18"
    SENDER_UNKNOWN = "19"
    SYSTEM = "20"
    FILE_PROCESSING = "21"
    BAD_EDXML = "22"
    RECEIVER_LOCKED = "23"
    BAD_REQUEST = "40"
    DOCUMENT_UNKNOWN = "41"
    TOO_LARGE = "42"
    NOT_ALLOWED = "43"
    OVER_LIMIT = "44"
    QUEUE_FULL = "45"
    ROUTING_LOOP = "50"


HTTP_STATUS = {
    ErrorCode.BAD_FILE: 400,
    ErrorCode.BAD_CREDENTIALS: 401,
    ErrorCode.RECEIVER_UNKNOWN: 422,
    ErrorCode.SENDER_UNKNOWN: 403,
    ErrorCode.SYSTEM: 503,
    ErrorCode.FILE_PROCESSING: 422,
    ErrorCode.BAD_EDXML: 422,
    ErrorCode.RECEIVER_LOCKED: 409,
    ErrorCode.DOCUMENT_UNKNOWN: 404,
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.NOT_ALLOWED: 403,
}
"""HTTP status of the answer codes where a page or the modern door refuses; 400 for the others."""


class VxpError(VanthuError):
    """Base of everything the axis protocol raises."""

    code = "AXIS_ERROR"
    message = "Lỗi khi trao đổi với trục liên thông."
    must_act = MustAct.AXIS_OPERATOR
    http_status = 502


class VxpUnreachable(VxpError):
    """No answer, or an answer that says the axis cannot work now: try again later."""

    code = "AXIS_UNREACHABLE"
    message = "Chưa kết nối được trục liên thông ({reason}); hệ thống sẽ tự gửi lại."


class VxpBusy(VxpUnreachable):
    """The axis asks for a pause: too many calls, or the recipient's queue is full.

    ``retry_after`` is how many seconds it wants, where it says so.
    """

    code = "AXIS_BUSY"

    def __init__(self, reason: str, retry_after: int | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(reason=reason)


class VxpBadAnswer(VxpError):
    """The axis answered something that is not its protocol, or a packet that is not what it promised."""

    code = "AXIS_BAD_ANSWER"
    message = "Trục liên thông trả lời không đúng giao thức ({reason})."


class VxpRefused(VxpError):
    """The axis understood and refused. ``error_code`` and ``error_desc`` are the axis' own words.

    ``receipt`` is the signed refusal, where the axis gives one.
    """

    code = "AXIS_REFUSED"
    message = "Trục liên thông từ chối: {error_desc} (mã lỗi {error_code})."
    must_act = MustAct.CLERK

    def __init__(self, error_code: str, error_desc: str, receipt: str = "") -> None:
        self.error_code = error_code
        self.receipt = receipt
        self.error_desc = error_desc
        super().__init__(error_code=error_code, error_desc=error_desc)


class CallRefused(VxpError):
    """Server side: why a call is answered with FAIL; ``answer`` is the ``ErrorCode`` on the wire."""

    code = "AXIS_CALL_REFUSED"
    message = "Lời gọi trục không hợp lệ."
    must_act = MustAct.SENDER
    http_status = 400
    """For pages and the modern door (VXP answers 200 always); from ``answer`` unless a class says so."""
    answer: ClassVar[ErrorCode] = ErrorCode.BAD_REQUEST
    receipt: str = ""
    """The signed refusal, where the axis gives one; goes into the answer as ``Receipt``."""

    def __init_subclass__(cls) -> None:
        if "answer" in cls.__dict__ and "http_status" not in cls.__dict__:
            cls.http_status = HTTP_STATUS.get(cls.answer, 400)


class BadCredentials(CallRefused):
    """Unknown system id or wrong signature; the same answer for both."""

    code = "AXIS_BAD_CREDENTIALS"
    message = "Sai SystemId hoặc SecretKey."
    answer = ErrorCode.BAD_CREDENTIALS


class BadHeaders(CallRefused):
    """The signed headers are missing, damaged, or differ from the signed text."""

    code = "AXIS_BAD_HEADERS"
    message = "Phần đầu lời gọi thiếu hoặc không khớp nội dung đã ký: {what}."


class StaleCall(CallRefused):
    """The call's time stamp is too far from the axis' clock."""

    code = "AXIS_STALE_CALL"
    message = "Thời điểm của lời gọi lệch quá mức cho phép ({timestamp}); kiểm tra đồng hồ máy gửi."
    answer = ErrorCode.BAD_CREDENTIALS


class CallUsed(StaleCall):
    """The call came before: somebody plays a recording, or the client signs several calls with one time stamp."""

    code = "AXIS_CALL_USED"
    message = "Lời gọi này đã được dùng; mỗi lời gọi phải ký lại với thời điểm mới."
