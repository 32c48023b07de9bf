"""What the agent says, in Vietnamese, by stable code. The site has its own sentences for the same codes."""

from __future__ import annotations

WORDS = {
    "TOKEN_ABSENT": "Không thấy thiết bị. Hãy cắm thiết bị rồi làm lại.",
    "LIBRARY_ABSENT": "Không tìm thấy phần mềm (thư viện PKCS#11) của thiết bị; chạy lại với --library.",
    "CERTIFICATE_DIFFERS": "Thiết bị đang cắm không có chứng thư số đã đăng ký với trang.",
    "KEY_ABSENT": "Thiết bị không có khóa bí mật của chứng thư số này.",
    "PIN_WRONG": "Mã PIN không đúng. Nhập sai nhiều lần, thiết bị sẽ tự khóa.",
    "PIN_LAST_TRY": "Mã PIN không đúng và chỉ còn một lần nhập.",
    "PIN_LOCKED": "Thiết bị đã bị khóa vì nhập sai mã PIN nhiều lần. Hãy liên hệ nơi cấp.",
    "PIN_EXPIRED": "Mã PIN phải được đổi bằng phần mềm của thiết bị trước khi dùng.",
    "DEVICE_BUSY": "Thiết bị đang được chương trình khác dùng. Hãy thử lại.",
    "SCHEME_ABSENT": "Thiết bị không ký được theo cách mà trang yêu cầu (RSASSA-PSS). Hãy báo quản trị.",
    "DEVICE_TROUBLE": "Thiết bị báo lỗi. Hãy rút ra, cắm lại rồi làm lại.",
    "USER_REFUSED": "Bạn đã từ chối.",
    "PAGE_GONE": "Trang đã đóng hoặc tải lại; chưa làm gì. Hãy làm lại trên trang.",
    "TIMED_OUT": "Hết thời gian chờ xác nhận; chưa làm gì.",
    "AGENT_BUSY": "vanthu-agent đang chờ trả lời một yêu cầu khác.",
    "REQUEST_EXPIRED": "Yêu cầu đã hết hạn hoặc đã được dùng.",
    "REQUEST_NOT_PROVED": "Yêu cầu không phải do trang đã ghép nối lập ra; đã từ chối.",
    "REQUEST_UNREADABLE": "Không đọc được yêu cầu.",
    "NOT_A_DOCUMENT_SIGNATURE": "Dữ liệu được gửi tới không phải là chữ ký văn bản; đã từ chối.",
    "NOT_AN_ENCRYPTION_KEY": "Chứng thư số này không dùng để mã hóa; đã từ chối.",
    "PAIRING_CODE_WRONG": "Mã ghép nối không đúng.",
    "PAIRING_CLOSED": "vanthu-agent đang không chờ ghép nối. Hãy mở lại với “vanthu-agent --pair”.",
}


def said(code: str) -> str:
    """The sentence of a code."""
    return WORDS.get(code, code)


def grouped(digest: bytes) -> str:
    """A digest as people can compare it: groups of four."""
    text = digest.hex()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def spaced(code: str) -> str:
    """A pairing code as it is read aloud."""
    return f"{code[:4]} {code[4:]}"
