"""Why the axis answers FAIL. ``answer`` is the ``ErrorCode`` on the wire, the text its ``ErrorDesc``."""

from __future__ import annotations

from vanthu.errors import MustAct, VanthuError
from vanthu.vxp import CallRefused, ErrorCode


class SenderMismatch(CallRefused):
    """The sender named in the call or the packet is not an agency of the calling member.

    The text is the one that known axes answer, since clients in use look for it.
    """

    code = "AXIS_SENDER_MISMATCH"
    message = "Don vi gui {found} khong dung voi ma da dang ky: {registered}"
    answer = ErrorCode.SENDER_UNKNOWN


class SenderDissolved(CallRefused):
    """The sender ceased to exist; ``last_day`` is its last one, ``why`` names its successor or the decision."""

    code = "AXIS_SENDER_DISSOLVED"
    message = (
        "{sender} đã thôi hoạt động từ sau ngày {last_day} ({why}), không gửi văn bản mới qua trục được nữa; chỉ còn"
        " báo được trạng thái của văn bản đã nhận. Cơ quan hiện đảm nhận việc này gửi theo mã của mình; nếu ngày ghi"
        " nhầm, đề nghị đơn vị vận hành trục sửa."
    )
    answer = ErrorCode.SENDER_UNKNOWN
    must_act = MustAct.CLERK


class ReceiverUnknown(CallRefused):
    """No agency of the axis goes by these codes."""

    code = "AXIS_RECEIVER_UNKNOWN"
    message = "Đơn vị nhận không tồn tại trên trục: {codes}."
    answer = ErrorCode.RECEIVER_UNKNOWN


class ReceiverDissolved(CallRefused):
    """The agencies ceased to exist and nobody follows them; ``agencies`` names each with its day and decision."""

    code = "AXIS_RECEIVER_DISSOLVED"
    message = (
        "Đơn vị nhận đã giải thể, không có cơ quan kế thừa: {agencies}. Văn bản không gửi được tới đó: bên gửi xác định"
        " cơ quan hiện đảm nhận việc này rồi gửi tới cơ quan ấy; cần hỏi thì liên hệ đơn vị vận hành trục."
    )
    answer = ErrorCode.RECEIVER_UNKNOWN


class ReceiverLocked(CallRefused):
    """The agencies exist but take nothing at present."""

    code = "AXIS_RECEIVER_LOCKED"
    message = "Đơn vị nhận đang bị khóa: {codes}."
    answer = ErrorCode.RECEIVER_LOCKED


class SenderNotLive(CallRefused):
    """The sender has not passed its trial: it exchanges with trial partners and others on the way only."""

    code = "AXIS_SENDER_NOT_LIVE"
    message = (
        "{sender} chưa trao đổi chính thức qua trục (giai đoạn: {stage}), không gửi được tới {codes}. Chỉ gửi thử"
        " được tới đơn vị cũng đang thử nghiệm{partners}. Văn bản này hãy gửi bằng đường khác; hoàn thành thử"
        " nghiệm rồi đề nghị đơn vị vận hành trục chuyển sang chính thức."
    )
    answer = ErrorCode.RECEIVER_LOCKED
    rule = "QĐ 28/2018/QĐ-TTg"


class ReceiverNotLive(CallRefused):
    """The agencies are on their way onto the axis: nothing official can be sent to them yet."""

    code = "AXIS_RECEIVER_NOT_LIVE"
    message = (
        "Đơn vị nhận chưa trao đổi chính thức qua trục: {codes}. Hãy gửi bản giấy hoặc bằng đường khác cho tới khi"
        " trục chuyển đơn vị đó sang chính thức."
    )
    answer = ErrorCode.RECEIVER_LOCKED
    rule = "QĐ 28/2018/QĐ-TTg"


class EnvelopeWrong(CallRefused):
    """The body is no edXML packet that can be routed."""

    code = "AXIS_ENVELOPE_WRONG"
    message = "Gói tin edXML sai định dạng: {reason}"
    answer = ErrorCode.BAD_EDXML


class HashMismatch(CallRefused):
    """The body that arrived is not the one that was signed."""

    code = "AXIS_HASH_MISMATCH"
    message = "Tệp nhận được không khớp mã băm hash-file ({size} byte)."
    answer = ErrorCode.BAD_FILE


class PacketTooLarge(CallRefused):
    """The body is larger than this axis takes."""

    code = "AXIS_PACKET_TOO_LARGE"
    message = "Gói tin vượt quá {limit_mb} MB."
    answer = ErrorCode.TOO_LARGE


class OverLimit(CallRefused):
    """The member asks for more than its share at present; ``retry_after`` in seconds."""

    code = "AXIS_OVER_LIMIT"
    message = "Hệ thống gọi trục {reason}; hãy thử lại sau {retry_after} giây."
    answer = ErrorCode.OVER_LIMIT
    http_status = 429


class QueueFull(CallRefused):
    """Too much waits for the systems of these recipients; ``retry_after`` in seconds."""

    code = "AXIS_QUEUE_FULL"
    message = (
        "Hàng chờ của đơn vị nhận đã đầy: {codes}; hệ thống bên nhận chưa tải gói tin về. Hãy thử lại sau"
        " {retry_after} giây, hoặc báo đơn vị vận hành trục."
    )
    answer = ErrorCode.QUEUE_FULL
    must_act = MustAct.AXIS_OPERATOR
    http_status = 503


class RoutingLoop(CallRefused):
    """The packet has passed this axis before, or comes from the very axis that it would go to."""

    code = "AXIS_ROUTING_LOOP"
    message = "Gói tin đã qua trục {code}, không nhận lại để tránh chuyển vòng; kiểm tra mã đơn vị nhận."
    answer = ErrorCode.ROUTING_LOOP


class CallMalformed(CallRefused):
    """An argument has a value that the operation does not know."""

    code = "AXIS_CALL_MALFORMED"
    message = "Tham số {name} không hợp lệ."


class DeliveryUnknown(CallRefused):
    """No packet with this id is addressed to, or was sent by, the calling member."""

    code = "AXIS_DELIVERY_UNKNOWN"
    message = "Không có gói tin {doc_id} dành cho đơn vị."
    answer = ErrorCode.DOCUMENT_UNKNOWN


class EvidencePending(CallRefused):
    """The entry is not in a closed and stamped batch yet."""

    code = "AXIS_EVIDENCE_PENDING"
    message = "Bằng chứng chưa được niêm phong và đóng dấu thời gian; hãy lấy lại sau ít phút."
    answer = ErrorCode.SYSTEM


class BodyDropped(CallRefused):
    """The packet was taken over by all recipients long ago; only its evidence is kept."""

    code = "AXIS_BODY_DROPPED"
    message = (
        "Mọi bên nhận đã nhận gói tin {doc_id} và thời hạn lưu trên trục đã hết; trục chỉ còn giữ bằng chứng."
    )
    answer = ErrorCode.DOCUMENT_UNKNOWN


class AlreadyAcknowledged(CallRefused):
    """A packet that was taken over cannot go back to an earlier transport state."""

    code = "AXIS_ALREADY_ACKNOWLEDGED"
    message = "Gói tin đã được xác nhận “{state}”, không chuyển sang “{wanted}” được."


class AgencyNotYours(CallRefused):
    """The agency, or the one it would hang under, belongs to another member."""

    code = "AXIS_AGENCY_NOT_YOURS"
    message = "Mã {code} không thuộc các đơn vị của hệ thống đang gọi."
    answer = ErrorCode.NOT_ALLOWED


class CodeTaken(VanthuError):
    """A member or agency code is already in use."""

    code = "AXIS_CODE_TAKEN"
    message = "Mã {code} đã được dùng trên trục."
    must_act = MustAct.AXIS_OPERATOR
    http_status = 409


class EntryWrong(VanthuError):
    """A code or name that cannot stand in the axis' lists."""

    code = "AXIS_ENTRY_WRONG"
    message = "«{given}» không dùng được. Mã dài 1 đến 35 ký tự, không có dấu cách; tên dài 1 đến 200 ký tự."
    must_act = MustAct.AXIS_OPERATOR


class MemberUnknown(VanthuError):
    """No member system has this id."""

    code = "AXIS_MEMBER_UNKNOWN"
    message = "Trục không có hệ thống thành viên {system_id}."
    must_act = MustAct.AXIS_OPERATOR
    http_status = 404


class AgencyUnknown(VanthuError):
    """No agency goes or went by this code."""

    code = "AXIS_AGENCY_UNKNOWN"
    message = "Trục không có cơ quan nào mang mã {code}. Kiểm tra lại mã, hoặc thêm cơ quan trước."
    must_act = MustAct.AXIS_OPERATOR
    http_status = 404


class SuccessionWrong(VanthuError):
    """The successor is the agency itself, or one that this agency succeeds."""

    code = "AXIS_SUCCESSION_WRONG"
    message = "{successor} không thể kế thừa {code}: chuỗi kế thừa sẽ quay lại chính cơ quan này."
    must_act = MustAct.AXIS_OPERATOR
    http_status = 409


class DissolutionPast(VanthuError):
    """The last day lies in the past: what was accepted since then cannot be refused any more."""

    code = "AXIS_DISSOLUTION_PAST"
    message = (
        "Ngày cuối cùng hoạt động phải từ hôm nay trở đi; gói tin trục đã nhận từ ngày {last_day} không thể từ chối"
        " ngược lại."
    )
    must_act = MustAct.AXIS_OPERATOR


class DissolutionInForce(VanthuError):
    """The last day is over: the dissolution cannot be taken back, only a successor named."""

    code = "AXIS_DISSOLUTION_IN_FORCE"
    message = (
        "{code} đã giải thể từ sau ngày {last_day}, không bỏ được nữa. Nếu có cơ quan tiếp nhận nhiệm vụ thì ghi Sáp"
        " nhập vào cơ quan đó; gói tin sẽ chuyển tới đó."
    )
    must_act = MustAct.AXIS_OPERATOR
    http_status = 409


class TrialNotPassed(VanthuError):
    """The agency has not shown everything that its trial asks for."""

    code = "AXIS_TRIAL_NOT_PASSED"
    message = (
        "{code} chưa qua thử nghiệm, chưa thể chuyển sang chính thức. Còn thiếu: {missing}. Hãy cho đơn vị gửi,"
        " nhận thử các nội dung này; trục tự ghi nhận."
    )
    must_act = MustAct.AXIS_OPERATOR
    rule = "QĐ 28/2018/QĐ-TTg"
    http_status = 409
