"""Why a piece of evidence does not hold."""

from __future__ import annotations

from vanthu.errors import MustAct, VanthuError


class EvidenceError(VanthuError):
    """Base of everything that verification raises."""

    code = "EVIDENCE_ERROR"
    message = "Bằng chứng điện tử không dùng được."
    http_status = 422


class ReceiptInvalid(EvidenceError):
    """Not a receipt, or not signed by this key, or its content is damaged."""

    code = "EVIDENCE_RECEIPT_INVALID"
    message = "Biên nhận không hợp lệ: {reason}."


class StatementInvalid(EvidenceError):
    """Not a signed statement, or not signed by this key, or its content is damaged."""

    code = "EVIDENCE_STATEMENT_INVALID"
    message = "Văn bản có chữ ký không hợp lệ: {reason}."


class StampInvalid(EvidenceError):
    """The time-stamp is unreadable, or belongs to something else."""

    code = "EVIDENCE_STAMP_INVALID"
    message = "Dấu thời gian không hợp lệ: {reason}."


class ProofInvalid(EvidenceError):
    """The evidence file does not prove what it claims, or was changed."""

    code = "EVIDENCE_PROOF_INVALID"
    message = "Tệp bằng chứng không hợp lệ: {reason}."


class BadKey(EvidenceError):
    """The key file or key set holds no key that can sign or verify receipts."""

    code = "EVIDENCE_BAD_KEY"
    message = "Khóa không dùng được: cần khóa EC P-256 hoặc Ed25519 ở dạng PEM hoặc JWK."
    must_act = MustAct.ADMINISTRATOR


class NotCanonical(EvidenceError):
    """A value that has no single spelling in canonical JSON."""

    code = "EVIDENCE_NOT_CANONICAL"
    message = "Giá trị {what} không ghi được thành JSON chuẩn tắc."
    must_act = MustAct.ADMINISTRATOR
