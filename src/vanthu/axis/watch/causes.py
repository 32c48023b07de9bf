"""Why something failed, who must act, and what to do next. Pure data and the choice of a cause; no queries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from vanthu.vietnamese.text import fold


class Party(Enum):
    """Who must act; the value names the party to people."""

    SENDER = "bên gửi"
    RECIPIENT = "bên nhận"
    OPERATOR = "đơn vị vận hành trục"
    AUTHORITY = "cơ quan có thẩm quyền"

    @property
    def label(self) -> str:
        """The name as a label stands: with a capital."""
        return self.value[0].upper() + self.value[1:]


@dataclass(frozen=True)
class Cause:
    """One kind of failure. ``resendable``: handing over again can help once the party has acted."""

    key: str
    title: str
    party: Party
    next_step: str
    resendable: bool = False


REPORTED: tuple[tuple[Cause, re.Pattern[str]], ...] = (
    (
        Cause(
            "reported-duplicate",
            "Bên nhận báo văn bản trùng",
            Party.RECIPIENT,
            "Bên nhận kiểm tra văn bản đã có trong hệ thống của mình chưa. Đã có thì không cần làm gì thêm.",
        ),
        re.compile(r"\b(trung|duplicate|ton tai|already|da co)\b"),
    ),
    (
        Cause(
            "reported-signature",
            "Bên nhận báo chữ ký số không hợp lệ",
            Party.SENDER,
            "Bên gửi kiểm tra chứng thư và ký lại, rồi gửi lại văn bản. Giao lại gói cũ không có tác dụng.",
        ),
        re.compile(r"\b(chu ky|chung thu|signature|certificate)\b"),
    ),
    (
        Cause(
            "reported-storage",
            "Hệ thống bên nhận lỗi hoặc hết chỗ chứa",
            Party.RECIPIENT,
            "Gọi quản trị hệ thống bên nhận. Khi họ sửa xong, bấm “Giao lại”.",
            resendable=True,
        ),
        re.compile(
            r"\b(luu|ghi|day|dung luong|co so du lieu|storage|disk|space|database|timeout|qua tai|ket noi"
            r"|he thong|system|internal|exception)\b"
        ),
    ),
    (
        Cause(
            "reported-format",
            "Bên nhận không đọc được gói tin",
            Party.SENDER,
            "Bên gửi kiểm tra phần mềm tạo gói edXML, sửa rồi gửi lại văn bản. Bên nhận cũng nên thử đọc lại: "
            "nếu lỗi ở phần mềm bên nhận thì bấm “Giao lại” sau khi họ sửa.",
            resendable=True,
        ),
        re.compile(r"\b(dinh dang|khong doc|xml|parse|format|invalid|hong|giai nen|zip|tep|file|base64)\b"),
    ),
)
"""Causes of a hand-over that the recipient's system reported as failed, by words (without accents) of its report."""

UNEXPLAINED = Cause(
    "reported",
    "Bên nhận báo lỗi, không rõ nguyên nhân",
    Party.RECIPIENT,
    "Hỏi quản trị hệ thống bên nhận lỗi gì. Khi họ sửa xong, bấm “Giao lại”.",
    resendable=True,
)
SILENT = Cause(
    "silent",
    "Hệ thống bên nhận không lấy gói tin",
    Party.RECIPIENT,
    "Gọi cho đầu mối của hệ thống bên nhận: dịch vụ lấy văn bản của họ đang dừng. Gói tin vẫn được giữ, không mất.",
)
STATE_SECRET = Cause(
    "state-secret",
    "Gói tin có dấu hiệu bí mật nhà nước",
    Party.AUTHORITY,
    "Mở trang sự cố, báo cáo cơ quan có thẩm quyền, rồi hai người vận hành xử lý nội dung đã niêm phong.",
)

_FIX_SENDER = "Bên gửi sửa phần mềm theo câu báo lỗi rồi gửi lại."
REFUSALS: dict[str, Cause] = {
    cause.key: cause
    for cause in (
        Cause(
            "AXIS_BAD_CREDENTIALS",
            "Sai SystemId hoặc SecretKey",
            Party.SENDER,
            "Hệ thống gọi đối chiếu SystemId và SecretKey. Nếu họ không tự xử lý được, đổi khóa bí mật cho họ.",
        ),
        Cause(
            "AXIS_STALE_CALL",
            "Đồng hồ máy gọi lệch",
            Party.SENDER,
            "Hệ thống gọi chỉnh đồng hồ theo máy chủ thời gian (NTP).",
        ),
        Cause(
            "AXIS_BAD_HEADERS",
            "Phần đầu lời gọi thiếu hoặc bị sửa trên đường",
            Party.SENDER,
            "Hệ thống gọi kiểm tra proxy hoặc cổng mạng của mình có cắt bớt phần đầu không.",
        ),
        Cause(
            "AXIS_SENDER_MISMATCH",
            "Cơ quan gửi không thuộc hệ thống đang gọi",
            Party.OPERATOR,
            "Kiểm tra mã cơ quan: nếu đúng là của hệ thống này thì đăng ký, nếu không thì yêu cầu bên gửi sửa mã.",
        ),
        Cause(
            "AXIS_RECEIVER_UNKNOWN",
            "Mã bên nhận chưa có trên trục",
            Party.OPERATOR,
            "Đăng ký cơ quan nhận hoặc khai mã cũ của họ. Nếu mã sai, bên gửi sửa rồi gửi lại.",
        ),
        Cause(
            "AXIS_RECEIVER_DISSOLVED",
            "Bên nhận đã giải thể, không có cơ quan kế thừa",
            Party.SENDER,
            "Bên gửi gửi tới cơ quan hiện đảm nhận việc đó. Nếu có cơ quan kế thừa thì ghi Sáp nhập ở trang cơ quan.",
        ),
        Cause(
            "AXIS_RECEIVER_LOCKED",
            "Bên nhận đang bị tạm khóa",
            Party.OPERATOR,
            "Mở khóa cơ quan nhận khi xong việc, rồi báo bên gửi gửi lại.",
        ),
        Cause(
            "AXIS_SENDER_NOT_LIVE",
            "Cơ quan gửi chưa chính thức trên trục",
            Party.OPERATOR,
            "Cho cơ quan gửi thử với đối tác thử nghiệm; đủ nội dung thì chuyển sang chính thức ở trang cơ quan.",
        ),
        Cause(
            "AXIS_RECEIVER_NOT_LIVE",
            "Cơ quan nhận chưa chính thức trên trục",
            Party.OPERATOR,
            "Đôn đốc cơ quan nhận hoàn thành thử nghiệm rồi chuyển sang chính thức; trong lúc đó bên gửi gửi bản giấy.",
        ),
        Cause("AXIS_ENVELOPE_WRONG", "Gói tin sai định dạng edXML", Party.SENDER, _FIX_SENDER),
        Cause(
            "AXIS_HASH_MISMATCH",
            "Nội dung nhận được khác nội dung đã ký",
            Party.SENDER,
            "Bên gửi gửi lại. Lặp lại nhiều lần thì kiểm tra đường truyền giữa hai bên.",
        ),
        Cause(
            "AXIS_PACKET_TOO_LARGE",
            "Gói tin vượt giới hạn dung lượng",
            Party.SENDER,
            "Bên gửi giảm dung lượng tệp kèm theo, hoặc đề nghị nâng giới hạn.",
        ),
        Cause(
            "AXIS_AGENCY_NOT_YOURS",
            "Hệ thống đụng tới cơ quan của hệ thống khác",
            Party.OPERATOR,
            "Xác định cơ quan thuộc hệ thống nào và chuyển cơ quan sang đúng hệ thống nếu cần.",
        ),
        Cause(
            "AXIS_SECRET_UNREADABLE",
            "Trục không mở được khóa bí mật của thành viên",
            Party.OPERATOR,
            "Trả lại đúng tệp khóa của trục (VANTHU_SECRET_KEY_FILE), hoặc đổi khóa bí mật của thành viên.",
        ),
    )
}

CALLERS_MISTAKE = Cause("call-wrong", "Lời gọi sai", Party.SENDER, _FIX_SENDER)


def reported_cause(description: str) -> Cause:
    """The cause behind the words with which a recipient's system reported a failed hand-over."""
    words = fold(description)
    return next((cause for cause, pattern in REPORTED if pattern.search(words)), UNEXPLAINED)


def refusal_cause(code: str) -> Cause:
    """The cause behind the code of a refused call; what is plainly the caller's mistake is one cause."""
    return REFUSALS.get(code, CALLERS_MISTAKE)


FORWARDS: dict[str, Cause] = {
    code: Cause(f"forward-{key}", title, party, step, resendable=party is Party.OPERATOR)
    for code, key, title, party, step in (
        (
            "AXIS_UNREACHABLE",
            "unreachable",
            "Trục cấp trên không trả lời cho tới khi hết hạn thử",
            Party.OPERATOR,
            "Kiểm tra đường truyền và gọi đơn vị vận hành trục cấp trên. Khi đã thông, bấm “Giao lại”.",
        ),
        (
            "AXIS_REFUSED",
            "refused",
            "Trục cấp trên từ chối gói tin",
            Party.OPERATOR,
            "Đọc câu trả lời của trục cấp trên; sai mã cơ quan thì sửa danh sách cơ quan, sai gói tin thì báo bên gửi. "
            "Xong thì bấm “Giao lại”.",
        ),
        (
            "AXIS_BAD_ANSWER",
            "bad-answer",
            "Trục cấp trên trả lời không đúng giao thức",
            Party.OPERATOR,
            "Báo đơn vị vận hành trục cấp trên kèm câu trả lời. Khi họ sửa xong, bấm “Giao lại”.",
        ),
        (
            "AXIS_BODY_DROPPED",
            "body-dropped",
            "Trục không còn giữ nội dung gói tin",
            Party.SENDER,
            "Bên gửi gửi lại văn bản.",
        ),
    )
}
"""By the code with which the last try to hand a packet to the parent axis ended."""

FORWARD_UNEXPLAINED = Cause(
    "forward-other",
    "Không chuyển được gói tin lên trục cấp trên",
    Party.SENDER,
    "Bên gửi xem câu báo lỗi, sửa gói tin rồi gửi lại.",
)


def forward_cause(code: str) -> Cause:
    """The cause behind the code with which handing a packet to the parent axis failed."""
    return FORWARDS.get(code, FORWARD_UNEXPLAINED)
