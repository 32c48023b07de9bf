"""Why a call over the modern door is not believed. Owns the codes and sentences; refuses to know who calls."""

from __future__ import annotations

from vanthu.errors import MustAct, VanthuError


class RelayError(VanthuError):
    """Base of what is wrong with a signed call."""

    code = "RELAY_ERROR"
    message = "Lời gọi có chữ ký không hợp lệ."
    must_act = MustAct.SENDER
    http_status = 401
    receipt: str = ""
    """The signed refusal of a packet, where the axis gives one."""


class SignatureMissing(RelayError):
    """No signature of this profile, or one that does not cover what it must."""

    code = "RELAY_SIGNATURE_MISSING"
    message = "Lời gọi thiếu chữ ký thông điệp (RFC 9421) hoặc chữ ký không bao gồm: {what}."


class SignatureWrong(RelayError):
    """The signature does not belong to this message and key."""

    code = "RELAY_SIGNATURE_WRONG"
    message = "Chữ ký thông điệp không khớp nội dung lời gọi; kiểm tra khóa và máy chủ trung gian."


class SignatureExpired(RelayError):
    """The signature is too old, or from the future."""

    code = "RELAY_SIGNATURE_EXPIRED"
    message = "Chữ ký thông điệp đã hết hạn hoặc đồng hồ lệch (tạo lúc {created}); hãy chỉnh giờ máy gửi."


class SignatureUsed(RelayError):
    """The same signed call came before."""

    code = "RELAY_SIGNATURE_USED"
    message = "Lời gọi này đã được dùng; mỗi lời gọi phải có một chữ ký mới."


class KeyUnknown(RelayError):
    """Nobody has registered this key, or it is valid no longer."""

    code = "RELAY_KEY_UNKNOWN"
    message = "Khóa {kid} chưa được đăng ký trên trục hoặc đã bị thu hồi; hãy đăng ký khóa của hệ thống."


class DigestWrong(RelayError):
    """The body is not the one that Content-Digest names."""

    code = "RELAY_DIGEST_WRONG"
    message = "Nội dung nhận được không khớp Content-Digest đã ký."
    http_status = 400
