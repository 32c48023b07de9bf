"""What the modern door refuses beyond what every door of the axis does."""

from __future__ import annotations

from vanthu.errors import MustAct, VanthuError
from vanthu.vxp import CallRefused, ErrorCode


class IdempotencyKeyMissing(CallRefused):
    """An upload without a usable Idempotency-Key."""

    code = "AXIS_IDEMPOTENCY_KEY_MISSING"
    message = "Lời gửi gói tin cần phần đầu Idempotency-Key (1 đến 200 ký tự ASCII)."


class IdempotencyKeyReused(CallRefused):
    """The key stands for another upload."""

    code = "AXIS_IDEMPOTENCY_KEY_REUSED"
    message = "Idempotency-Key này đã dùng cho một lần gửi khác; hãy dùng khóa mới cho gói tin mới."
    http_status = 422


class KeyTaken(CallRefused):
    """The key is somebody's, or was revoked."""

    code = "AXIS_KEY_TAKEN"
    message = "Khóa {kid} đã được đăng ký cho hệ thống khác hoặc đã bị thu hồi; hãy tạo khóa mới."
    answer = ErrorCode.NOT_ALLOWED
    http_status = 409


class TooManyKeys(CallRefused):
    """More keys at once than a change of keys ever needs."""

    code = "AXIS_TOO_MANY_KEYS"
    message = "Hệ thống đã có {limit} khóa còn hiệu lực; hãy thu hồi khóa cũ trước."
    answer = ErrorCode.NOT_ALLOWED
    http_status = 409


class KeyNotFound(CallRefused):
    """No valid key of this name, or not one that may speak for the agency."""

    code = "AXIS_KEY_NOT_FOUND"
    message = "Không có khóa {kid} còn hiệu lực, hoặc khóa không thuộc hệ thống của cơ quan đã nêu."
    answer = ErrorCode.DOCUMENT_UNKNOWN


class PublicationOutdated(CallRefused):
    """A newer publication of the same agency came before."""

    code = "AXIS_PUBLICATION_OUTDATED"
    message = "Trục đã có bản công bố chứng thư số mã hóa mới hơn của cơ quan {code}."
    answer = ErrorCode.NOT_ALLOWED
    http_status = 409


class NoProof(CallRefused):
    """The packet did not come with a message signature."""

    code = "AXIS_NO_PROOF"
    message = "Gói tin này được gửi bằng giao thức cũ nên không có chữ ký của hệ thống gửi."
    answer = ErrorCode.DOCUMENT_UNKNOWN


class WaitingRoomFull(VanthuError):
    """Too many calls wait already."""

    code = "AXIS_WAITING_ROOM_FULL"
    message = "Trục đang có quá nhiều lời gọi chờ; hãy hỏi lại sau vài giây."
    must_act = MustAct.SENDER
    http_status = 503
    retry_after = 5


class WebhookNotAllowed(CallRefused):
    """The address of a webhook that the axis will not call."""

    code = "AXIS_WEBHOOK_NOT_ALLOWED"
    message = "Trục không gọi được địa chỉ {url}: {reason}."
    http_status = 422


class WebhookUnknown(CallRefused):
    """No such webhook of the caller."""

    code = "AXIS_WEBHOOK_UNKNOWN"
    message = "Không có webhook {id} của hệ thống đang gọi."
    answer = ErrorCode.DOCUMENT_UNKNOWN


class TooManyWebhooks(CallRefused):
    """More webhooks than one system needs."""

    code = "AXIS_TOO_MANY_WEBHOOKS"
    message = "Mỗi hệ thống chỉ đăng ký được {limit} webhook; hãy bỏ webhook cũ trước."
    answer = ErrorCode.NOT_ALLOWED
    http_status = 409


class RangeWrong(CallRefused):
    """A part of the packet that does not exist."""

    code = "AXIS_RANGE_WRONG"
    message = "Khoảng byte {range} nằm ngoài gói tin ({size} byte)."
    http_status = 416
