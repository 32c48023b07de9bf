"""What stops an operator, and why a packet with a mark of state secrecy is refused."""

from __future__ import annotations

from vanthu.errors import MustAct, VanthuError
from vanthu.vxp import CallRefused, ErrorCode


class StateSecretRefused(CallRefused):
    """The packet's metadata carry a mark of state secrecy; it was stopped, sealed and reported to the operator."""

    code = "AXIS_STATE_SECRET"
    message = (
        "Gói tin có dấu hiệu bí mật nhà nước (độ {level} tại {place}): trục không nhận và đã niêm phong. "
        "Dừng gửi qua mạng và báo người phụ trách bảo vệ bí mật nhà nước của cơ quan."
    )
    rule = "QĐ 28/2018/QĐ-TTg; Luật Bảo vệ bí mật nhà nước 117/2025/QH15"
    answer = ErrorCode.NOT_ALLOWED


class IncidentUnknown(VanthuError):
    """No incident has this id."""

    code = "AXIS_INCIDENT_UNKNOWN"
    message = "Không có sự cố này."
    must_act = MustAct.AXIS_OPERATOR
    http_status = 404


class IncidentStep(VanthuError):
    """The incident is in another state than the step needs, for example because a colleague was quicker."""

    code = "AXIS_INCIDENT_STEP"
    message = "Sự cố đang ở trạng thái “{state}”, không làm bước này được. Tải lại trang để xem ai đã làm gì."
    must_act = MustAct.AXIS_OPERATOR
    http_status = 409


class SecondPersonNeeded(VanthuError):
    """The person who asked cannot confirm."""

    code = "AXIS_SECOND_PERSON"
    message = "Người đề nghị không được tự xác nhận. Đăng nhập bằng tài khoản của một người vận hành khác."
    must_act = MustAct.AXIS_OPERATOR
    rule = "Luật Bảo vệ bí mật nhà nước 117/2025/QH15"
    http_status = 403


class ReasonMissing(VanthuError):
    """A reason, or the name of an authority, must be given in words."""

    code = "AXIS_REASON_MISSING"
    message = "Hãy ghi rõ nội dung (ít nhất 5 ký tự); nội dung này được lưu vào nhật ký."
    must_act = MustAct.AXIS_OPERATOR


class NotResendable(VanthuError):
    """Only a failed hand-over can be repeated."""

    code = "AXIS_NOT_RESENDABLE"
    message = "Lượt giao đang ở trạng thái “{state}”; chỉ giao lại được khi bên nhận báo lỗi."
    must_act = MustAct.AXIS_OPERATOR
    http_status = 409


class BodyGone(VanthuError):
    """The packet's bytes are no longer held."""

    code = "AXIS_BODY_GONE"
    message = "Trục không còn giữ nội dung gói tin này nên không giao lại được. Bên gửi phải gửi lại văn bản."
    must_act = MustAct.SENDER
    http_status = 410


class PacketUnknown(VanthuError):
    """No packet has this id."""

    code = "AXIS_PACKET_UNKNOWN"
    message = "Trục không có gói tin này."
    must_act = MustAct.AXIS_OPERATOR
    http_status = 404
