"""What a page says when signing or opening on the person's own computer did not work.

By the codes that vanthu-agent uses. These are never raised here: the page shows them for the agent's answer, or for
its silence.
"""

from __future__ import annotations

from vanthu.errors import VanthuError
from vanthu.pades.errors import KeyDamaged, PinExpired, PinLastTry, PinLocked, PinWrong


class AgentAbsent(VanthuError):
    code = "AGENT_ABSENT"
    message = (
        "Không thấy vanthu-agent trên máy này. Hãy mở chương trình, hoặc cài đặt theo hướng dẫn ở trang "
        "“Khóa ký của tôi”."
    )


class AgentUnpaired(VanthuError):
    code = "AGENT_UNPAIRED"
    message = "vanthu-agent trên máy này chưa ghép nối với trang. Hãy ghép nối ở trang “Khóa ký của tôi”."


class AgentBusy(VanthuError):
    code = "AGENT_BUSY"
    message = "vanthu-agent đang chờ bạn trả lời một yêu cầu khác. Hãy trả lời ở cửa sổ của nó rồi làm lại."


class TokenNotPlugged(VanthuError):
    code = "AGENT_TOKEN_ABSENT"
    message = "Không thấy thiết bị trên máy này. Hãy cắm thiết bị rồi làm lại; chưa có gì thay đổi."


class TokenLibraryAbsent(VanthuError):
    code = "AGENT_LIBRARY_ABSENT"
    message = (
        "vanthu-agent không tìm thấy phần mềm của thiết bị. Hãy cài phần mềm do nơi cấp thiết bị cung cấp."
    )


class TokenCertificateDiffers(VanthuError):
    code = "AGENT_CERTIFICATE_DIFFERS"
    message = (
        "Thiết bị đang cắm không có chứng thư số đã đăng ký. Hãy cắm đúng thiết bị, hoặc đăng ký lại khóa "
        "nếu chứng thư đã được cấp mới."
    )


class TokenInUse(VanthuError):
    code = "AGENT_TOKEN_BUSY"
    message = "Thiết bị đang được chương trình khác dùng. Hãy đóng chương trình đó rồi làm lại."


class TokenFailed(VanthuError):
    code = "AGENT_TOKEN_TROUBLE"
    message = "Thiết bị báo lỗi. Hãy rút ra, cắm lại rồi làm lại; chưa có gì thay đổi."


class TokenSchemeAbsent(VanthuError):
    code = "AGENT_TOKEN_SCHEME_ABSENT"
    message = (
        "Thiết bị không ký được theo RSASSA-PSS mà hệ thống đang dùng; chưa có gì được ký. Quản trị hệ thống cần "
        "đặt lại VANTHU_RSA_SIGNATURES, hoặc bạn dùng thiết bị khác."
    )


class PageGone(VanthuError):
    code = "AGENT_PAGE_GONE"
    message = "Trang đã đóng hoặc tải lại khi vanthu-agent đang hỏi; chưa có gì được ký. Hãy ký lại."


class OwnerRefused(VanthuError):
    code = "AGENT_REFUSED_BY_OWNER"
    message = "Bạn đã từ chối ở cửa sổ vanthu-agent; chưa có gì thay đổi."


class OwnerTooSlow(VanthuError):
    code = "AGENT_TIMED_OUT"
    message = "Hết thời gian chờ xác nhận ở cửa sổ vanthu-agent; chưa có gì thay đổi. Hãy làm lại."


class RequestTooOld(VanthuError):
    code = "AGENT_REQUEST_EXPIRED"
    message = "Yêu cầu đã hết hạn hoặc đã được dùng. Hãy làm lại."


class RequestRefused(VanthuError):
    code = "AGENT_REQUEST_REFUSED"
    message = "vanthu-agent không tin yêu cầu này và đã từ chối. Hãy ghép nối lại; nếu lặp lại, báo quản trị."


class NotForOpening(VanthuError):
    code = "AGENT_NOT_AN_ENCRYPTION_KEY"
    message = "Chứng thư số này không được cấp để mã hóa nên vanthu-agent không mở tệp bằng nó."


class PairingCodeWrong(VanthuError):
    code = "AGENT_PAIRING_CODE_WRONG"
    message = "Mã ghép nối không đúng. Hãy xem lại mã ở cửa sổ vanthu-agent; sai năm lần thì phải lấy mã mới."


class PairingClosed(VanthuError):
    code = "AGENT_PAIRING_CLOSED"
    message = "vanthu-agent không chạy hoặc không chờ ghép nối. Hãy mở nó và bấm “Ghép nối trang mới”."


BY_AGENT_CODE: dict[str, type[VanthuError]] = {
    "ABSENT": AgentAbsent,
    "NOT_PAIRED": AgentUnpaired,
    "AGENT_BUSY": AgentBusy,
    "TOKEN_ABSENT": TokenNotPlugged,
    "LIBRARY_ABSENT": TokenLibraryAbsent,
    "CERTIFICATE_DIFFERS": TokenCertificateDiffers,
    "KEY_ABSENT": KeyDamaged,
    "PIN_WRONG": PinWrong,
    "PIN_LAST_TRY": PinLastTry,
    "PIN_LOCKED": PinLocked,
    "PIN_EXPIRED": PinExpired,
    "DEVICE_BUSY": TokenInUse,
    "SCHEME_ABSENT": TokenSchemeAbsent,
    "DEVICE_TROUBLE": TokenFailed,
    "USER_REFUSED": OwnerRefused,
    "PAGE_GONE": PageGone,
    "TIMED_OUT": OwnerTooSlow,
    "REQUEST_EXPIRED": RequestTooOld,
    "REQUEST_NOT_PROVED": RequestRefused,
    "REQUEST_UNREADABLE": RequestRefused,
    "NOT_A_DOCUMENT_SIGNATURE": RequestRefused,
    "NOT_AN_ENCRYPTION_KEY": NotForOpening,
    "PAIRING_CODE_WRONG": PairingCodeWrong,
    "PAIRING_CLOSED": PairingClosed,
}
"""The agent's code → what the page says."""
