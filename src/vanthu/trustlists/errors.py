"""The refusals of the library, each with its stable code and a sentence for whoever keeps the lists."""

from __future__ import annotations

from vanthu.errors import MustAct, VanthuError


class TrustListProblem(VanthuError):
    """Base of the refusals of a list."""

    code = "TRUST_LIST_PROBLEM"
    message = "Không dùng được danh sách tin cậy."
    must_act = MustAct.ADMINISTRATOR
    rule = "ETSI TS 119 612"


class ListUnreadable(TrustListProblem):
    """No trusted list as the standard writes it, or beyond the limits."""

    code = "TRUST_LIST_UNREADABLE"
    message = (
        "Tệp không phải là danh sách tin cậy đúng chuẩn ETSI TS 119 612 ({what}). Hãy kiểm tra lại địa chỉ "
        "hoặc tệp."
    )


class ListNotSigned(TrustListProblem):
    """Unsigned, changed after it was signed, or signed with weak algorithms."""

    code = "TRUST_LIST_SIGNATURE_INVALID"
    message = (
        "Chữ ký của danh sách tin cậy không hợp lệ ({what}); không dùng danh sách này. Hãy tải lại từ nơi "
        "công bố."
    )


class ListWrongSigner(TrustListProblem):
    """Somebody else than expected signed it."""

    code = "TRUST_LIST_WRONG_SIGNER"
    message = (
        "Danh sách tin cậy do chứng thư số {fingerprint} ký, không phải chứng thư đã khai báo. Hãy đối chiếu dấu vân "
        "tay với nơi quản lý danh sách rồi khai báo lại nếu đúng."
    )


class ListYoungerThanNow(TrustListProblem):
    """It says that it will be issued later."""

    code = "TRUST_LIST_ISSUED_IN_FUTURE"
    message = (
        "Danh sách tin cậy ghi ngày phát hành {when}, muộn hơn hiện tại. Hãy kiểm tra đồng hồ của máy chủ."
    )
