"""What validation found, in a form that is kept as evidence and shown to people.

Owns the verdicts, the reasons with their plain Vietnamese sentences, and the way to and from JSON. Refuses to
hold anything that cannot be written down and read back.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from vanthu.pades.integrity import Changes
from vanthu.pades.listings import Listed
from vanthu.pades.qualified import Qualification


class Verdict(Enum):
    """EN 319 102-1 verdicts and UNSIGNED. INDETERMINATE is never shown as valid and never refuses by
    itself."""

    VALID = "VALID"
    INVALID = "INVALID"
    INDETERMINATE = "INDETERMINATE"
    UNSIGNED = "UNSIGNED"


class SignatureKind(Enum):
    """Who signed, as far as the certificate tells; the directory has the last word."""

    PERSON = "PERSON"
    AGENCY = "AGENCY"
    TIMESTAMP = "TIMESTAMP"


REMARKS: dict[str, str] = {
    "COVERS_TEXT": "Chữ ký này thêm sau và hiển thị đè lên chữ của văn bản; hãy đối chiếu nội dung phần bị đè.",
    "FILLED_OVER_TEXT": "Sau chữ ký đầu tiên có ô được điền che mất một phần chữ hoặc hình của trang; hãy mở bản trước "
    "khi điền để đối chiếu, hoặc hỏi lại cơ quan ký.",
    "SIGNATURE_OUT_OF_SIGHT": "Trong tệp còn dấu vết của một chữ ký số, nhưng bản đang hiện ra không chứa chữ ký đó "
    "(tệp có thể đã bị đưa về bản trước khi ký); hãy xin lại tệp từ cơ quan ký.",
    "CLAIMED_TIME_OFF": "Thời gian ký do máy của người ký ghi lệch với dấu thời gian; tin theo dấu thời gian.",
    "PUBLIC_AUTHORITY": "Chứng thư số do tổ chức chứng thực công cộng cấp, không phải chữ ký số chuyên dùng công vụ.",
    "CLAIMED_IN_FUTURE": "Thời gian ký do máy của người ký ghi muộn hơn thời điểm kiểm tra.",
    "HAS_JAVASCRIPT": "Tệp có mã lệnh (JavaScript), tự chạy trong một số chương trình đọc PDF và có thể làm thay đổi "
    "những gì nhìn thấy.",
    "HAS_LAUNCH": "Tệp có lệnh mở chương trình, tệp khác hoặc gửi dữ liệu ra ngoài khi xem; không bấm vào.",
    "HAS_EMBEDDED_FILES": "Tệp PDF có tệp khác đính bên trong; tệp đó được ký cùng nhưng không hiện trên trang.",
    "HAS_LAYERS": "Tệp có các lớp nội dung bật, tắt được; phần đang ẩn có thể hiện ra ở chương trình khác hoặc khi in.",
    "HAS_XFA": "Tệp có biểu mẫu động (XFA); mỗi chương trình đọc PDF có thể hiển thị một khác.",
}
"""What a reader should know although it makes no signature worse."""

REASONS: dict[str, tuple[Verdict, str]] = {
    "UNREADABLE": (Verdict.INVALID, "Không đọc được tệp PDF hoặc chữ ký số trong tệp."),
    "ENCRYPTED": (Verdict.INVALID, "Tệp PDF đặt mật khẩu nên không kiểm tra được chữ ký số."),
    "SIGNATURE_UNREADABLE": (Verdict.INVALID, "Chữ ký số bị hỏng hoặc bị sửa đổi nên không đọc được."),
    "CONTENT_CHANGED": (Verdict.INVALID, "Nội dung đã ký bị thay đổi sau khi ký."),
    "SIGNATURE_FORGED": (Verdict.INVALID, "Giá trị chữ ký không khớp với chứng thư số của người ký."),
    "COVERAGE_UNCLEAR": (Verdict.INVALID, "Chữ ký số không bao trùm trọn vẹn tệp tại thời điểm ký."),
    "FORBIDDEN_CHANGE": (Verdict.INVALID, "Tệp bị sửa đổi sau khi ký theo cách không được phép."),
    "CHANGED_AFTER_LAST_SIGNATURE": (Verdict.INVALID, "Tệp bị bổ sung nội dung sau chữ ký số cuối cùng."),
    "SIGNATURE_REMOVED": (Verdict.INVALID, "Một chữ ký số từng có trong tệp đã bị gỡ bỏ hoặc thay thế."),
    "UNKNOWN_SIGNATURE_KIND": (
        Verdict.INDETERMINATE,
        "Tệp có chữ ký số thuộc loại mà hệ thống không kiểm tra được.",
    ),
    "AMBIGUOUS_REFERENCE": (
        Verdict.INVALID,
        "Tệp có nhiều phần trùng tên hoặc mã định danh nên không xác định được phần nào đã ký.",
    ),
    "PARTLY_SIGNED": (
        Verdict.INDETERMINATE,
        "Chữ ký số chỉ bao trùm một phần của tệp; phần còn lại không được bảo đảm.",
    ),
    "SIGNED_FILE_ABSENT": (
        Verdict.INDETERMINATE,
        "Chữ ký số tách rời: không tìm thấy tệp được ký trong các tệp kèm theo.",
    ),
    "CERTIFICATE_ABSENT": (
        Verdict.INDETERMINATE,
        "Chữ ký số không kèm chứng thư số của người ký nên chưa kiểm tra được.",
    ),
    "OVER_BUDGET": (
        Verdict.INDETERMINATE,
        "Tệp quá lớn hoặc quá phức tạp nên việc kiểm tra chữ ký bị dừng giữa chừng; hệ thống sẽ thử lại.",
    ),
    "WEAK_ALGORITHM": (Verdict.INVALID, "Chữ ký số dùng thuật toán hoặc độ dài khóa không còn an toàn."),
    "UNTRUSTED": (Verdict.INVALID, "Chứng thư số không do tổ chức chứng thực được tin cậy cấp."),
    "SERVICE_WITHDRAWN": (
        Verdict.INVALID,
        "Theo danh sách tin cậy, tổ chức cấp chứng thư số không còn được công nhận tại thời điểm ký.",
    ),
    "WITHDRAWN_SINCE": (
        Verdict.INDETERMINATE,
        "Tổ chức cấp chứng thư số nay không còn được công nhận theo danh sách tin cậy, và chữ ký không có dấu thời "
        "gian chứng minh ký khi tổ chức còn được công nhận.",
    ),
    "CHAIN_BROKEN": (Verdict.INVALID, "Chuỗi chứng thư số không hợp lệ."),
    "WRONG_USAGE": (Verdict.INVALID, "Chứng thư số không được cấp để ký văn bản."),
    "CERTIFICATE_EXPIRED": (Verdict.INVALID, "Chứng thư số đã hết hạn khi ký."),
    "CERTIFICATE_NOT_YET_VALID": (Verdict.INVALID, "Chứng thư số chưa có hiệu lực khi ký."),
    "CERTIFICATE_REVOKED": (Verdict.INVALID, "Chứng thư số đã bị thu hồi."),
    "REVOKED_SINCE": (
        Verdict.INDETERMINATE,
        "Chứng thư số bị thu hồi sau thời điểm ký được ghi, nhưng không có dấu thời gian chứng minh ký trước khi "
        "bị thu hồi.",
    ),
    "LEGACY_ALGORITHM": (
        Verdict.INDETERMINATE,
        "Chữ ký số dùng thuật toán cũ nay không còn an toàn, và không có dấu thời gian chứng minh ký khi thuật toán "
        "còn an toàn.",
    ),
    "EXPIRED_SINCE": (
        Verdict.INDETERMINATE,
        "Chứng thư số nay đã hết hạn và chữ ký không có dấu thời gian chứng minh ký khi còn hạn.",
    ),
    "REVOCATION_UNKNOWN": (
        Verdict.INDETERMINATE,
        "Chưa kiểm tra được tình trạng thu hồi của chứng thư số vì không có thông tin từ tổ chức chứng thực.",
    ),
    "TIMESTAMP_BROKEN": (Verdict.INVALID, "Dấu thời gian kèm chữ ký bị sửa đổi."),
    "TIMESTAMP_UNTRUSTED": (Verdict.INDETERMINATE, "Dấu thời gian không do tổ chức được tin cậy cấp."),
    "TIMESTAMP_UNCHECKED": (
        Verdict.INDETERMINATE,
        "Chưa kiểm tra được tình trạng chứng thư của dấu thời gian.",
    ),
    "TIMESTAMP_WEAK": (
        Verdict.INDETERMINATE,
        "Dấu thời gian dùng thuật toán hoặc độ dài khóa nay không còn an toàn nên không còn là bằng chứng.",
    ),
    "TIMESTAMP_IN_FUTURE": (
        Verdict.INDETERMINATE,
        "Dấu thời gian ghi thời điểm muộn hơn thời điểm kiểm tra nên không dùng làm bằng chứng được.",
    ),
}
"""Every reason: the verdict that it leads to and what people read."""


SUB_INDICATIONS: dict[str, str] = {
    "UNREADABLE": "FORMAT_FAILURE",
    "ENCRYPTED": "FORMAT_FAILURE",
    "SIGNATURE_UNREADABLE": "FORMAT_FAILURE",
    "CONTENT_CHANGED": "HASH_FAILURE",
    "SIGNATURE_FORGED": "SIG_CRYPTO_FAILURE",
    "COVERAGE_UNCLEAR": "FORMAT_FAILURE",
    "FORBIDDEN_CHANGE": "SIG_CONSTRAINTS_FAILURE",
    "CHANGED_AFTER_LAST_SIGNATURE": "SIG_CONSTRAINTS_FAILURE",
    "SIGNATURE_REMOVED": "SIG_CONSTRAINTS_FAILURE",
    "WEAK_ALGORITHM": "CRYPTO_CONSTRAINTS_FAILURE",
    "LEGACY_ALGORITHM": "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    "UNTRUSTED": "NO_CERTIFICATE_CHAIN_FOUND",
    "SERVICE_WITHDRAWN": "NO_CERTIFICATE_CHAIN_FOUND",
    "WITHDRAWN_SINCE": "NO_CERTIFICATE_CHAIN_FOUND_NO_POE",
    "CHAIN_BROKEN": "CERTIFICATE_CHAIN_GENERAL_FAILURE",
    "WRONG_USAGE": "CHAIN_CONSTRAINTS_FAILURE",
    "CERTIFICATE_EXPIRED": "EXPIRED",
    "CERTIFICATE_NOT_YET_VALID": "NOT_YET_VALID",
    "CERTIFICATE_REVOKED": "REVOKED",
    "EXPIRED_SINCE": "OUT_OF_BOUNDS_NO_POE",
    "REVOKED_SINCE": "REVOKED_NO_POE",
    "REVOCATION_UNKNOWN": "TRY_LATER",
    "TIMESTAMP_UNCHECKED": "TRY_LATER",
    "TIMESTAMP_WEAK": "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    "TIMESTAMP_IN_FUTURE": "TIMESTAMP_ORDER_FAILURE",
}
"""EN 319 102-1 section 5.1.3: what a reason is called there; ``GENERIC`` for the others."""

_INDICATIONS = {
    Verdict.VALID: "TOTAL-PASSED",
    Verdict.INVALID: "TOTAL-FAILED",
    Verdict.INDETERMINATE: "INDETERMINATE",
    Verdict.UNSIGNED: "NO_SIGNATURE_FOUND",
}


def standard_words(verdict: Verdict, reasons: tuple[Reason, ...]) -> dict[str, Any]:
    """The verdict in the standard's words, for other programs.

    This library refuses more than the standard demands, so a sub-indication that the standard calls indeterminate may
    stand beside TOTAL-FAILED."""
    found = [SUB_INDICATIONS.get(reason.code, "GENERIC") for reason in reasons]
    return {"indication": _INDICATIONS[verdict], "sub_indications": list(dict.fromkeys(found))}


RESOLVABLE = frozenset({"REVOCATION_UNKNOWN", "TIMESTAMP_UNCHECKED", "OVER_BUDGET"})
"""Reasons that another look may resolve: somebody did not answer, or there was no room. The others stay."""


@dataclass(frozen=True)
class Reason:
    """Why a signature is not simply valid."""

    code: str
    text: str

    @classmethod
    def of(cls, code: str) -> Reason:
        """The reason or remark with this code from the tables."""
        return cls(code, REMARKS[code] if code in REMARKS else REASONS[code][1])

    @property
    def verdict(self) -> Verdict:
        """What the reason makes of a signature."""
        return Verdict.VALID if self.code in REMARKS else REASONS[self.code][0]


def verdict_of(reasons: tuple[Reason, ...]) -> Verdict:
    """The worst verdict among ``reasons``; VALID without any."""
    verdicts = {reason.verdict for reason in reasons}
    for worst in (Verdict.INVALID, Verdict.INDETERMINATE):
        if worst in verdicts:
            return worst
    return Verdict.VALID


@dataclass(frozen=True)
class SignatureReport:
    """One signature or document timestamp. Instants carry their zone; ``trusted_time`` comes from a
    timestamp."""

    field: str
    kind: SignatureKind
    verdict: Verdict
    reasons: tuple[Reason, ...]
    signer_name: str
    title: str
    organization: str
    subject_serial: str
    certificate_serial: str
    certificate_sha256: str
    issuer: str
    valid_from: datetime
    valid_until: datetime
    claimed_time: datetime | None
    trusted_time: datetime | None
    changes: Changes
    covers_whole_file: bool
    remarks: tuple[Reason, ...] = ()
    authority: str = ""
    """``anchors.Category`` of the authority that the chain leads to; empty without a chain."""
    listed: Listed | None = None
    """What a trusted list said of that authority at the instant that counts for the signature; None without a list."""
    qualification: Qualification | None = None
    """Information for readers; no verdict rests on it."""

    def as_dict(self) -> dict[str, Any]:
        """JSON-able; instants in ISO 8601."""
        instants = {name: _iso(getattr(self, name)) for name in _INSTANTS}
        plain = {name: getattr(self, name) for name in _PLAIN}
        return {
            **plain,
            **instants,
            "kind": self.kind.value,
            "verdict": self.verdict.value,
            "changes": self.changes.value,
            "authority": self.authority,
            "trusted_list": self.listed.as_dict() if self.listed else None,
            "qualification": self.qualification.as_dict() if self.qualification else None,
            "reasons": [{"code": reason.code, "text": reason.text} for reason in self.reasons],
            "remarks": [{"code": remark.code, "text": remark.text} for remark in self.remarks],
            **standard_words(self.verdict, self.reasons),
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> SignatureReport:
        """The report that ``as_dict`` wrote. Raises KeyError or ValueError for anything else."""
        instants: dict[str, Any] = {
            name: datetime.fromisoformat(kept[name]) if kept[name] else None for name in _INSTANTS
        }
        listed, qualification = kept.get("trusted_list"), kept.get("qualification")
        return cls(
            **{name: kept[name] for name in _PLAIN},
            **instants,
            kind=SignatureKind(kept["kind"]),
            verdict=Verdict(kept["verdict"]),
            changes=Changes(kept["changes"]),
            reasons=_reasons(kept["reasons"]),
            remarks=_reasons(kept.get("remarks", [])),
            authority=kept.get("authority", ""),
            listed=Listed.from_dict(listed) if listed else None,
            qualification=Qualification.from_dict(qualification) if qualification else None,
        )


_INSTANTS = ("valid_from", "valid_until", "claimed_time", "trusted_time")
_PLAIN = (
    "field",
    "signer_name",
    "title",
    "organization",
    "subject_serial",
    "certificate_serial",
    "certificate_sha256",
    "issuer",
    "covers_whole_file",
)


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _reasons(kept: list[dict[str, str]]) -> tuple[Reason, ...]:
    return tuple(Reason(entry["code"], entry["text"]) for entry in kept)


@dataclass(frozen=True)
class Evidence:
    """The certificates and revocation data (DER) that a verdict rests on: with them it can be repeated
    without any network years later (TT 15/2025/TT-BKHCN; requirement L33)."""

    certificates: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    timestamps: tuple[bytes, ...] = ()
    """Tokens (RFC 3161) found in the file, oldest first."""

    def with_more(self, other: Evidence) -> Evidence:
        """Both together, nothing twice."""
        joined = {
            name: tuple(dict.fromkeys((*getattr(self, name), *getattr(other, name)))) for name in _EVIDENCE
        }
        return Evidence(**joined)

    def as_dict(self) -> dict[str, list[str]]:
        """JSON-able, base64."""
        return {name: [base64.b64encode(der).decode() for der in getattr(self, name)] for name in _EVIDENCE}

    @classmethod
    def from_dict(cls, kept: dict[str, list[str]]) -> Evidence:
        """The evidence that ``as_dict`` wrote; a kind that was not written then is empty."""
        read = {name: tuple(map(base64.b64decode, kept.get(name, ()))) for name in _EVIDENCE}
        return cls(**read)


_EVIDENCE = ("certificates", "ocsps", "crls", "timestamps")


@dataclass(frozen=True)
class ValidationReport:
    """The judgement on a whole file at ``checked_at``; ``evidence`` is kept apart because it is large."""

    verdict: Verdict
    checked_at: datetime
    signatures: tuple[SignatureReport, ...] = ()
    reasons: tuple[Reason, ...] = ()
    """Reasons that concern the file rather than one signature."""
    remarks: tuple[Reason, ...] = ()
    """What a reader should know of the file although it makes no signature worse."""
    level: str = ""
    """What every signature reaches (``levels.Level``): ``B-LT``; empty for a file without any."""
    evidence: Evidence = field(default=Evidence(), compare=False, repr=False)

    @property
    def all_reasons(self) -> tuple[Reason, ...]:
        """The file's reasons, then each signature's, without repetition."""
        found = [*self.reasons, *(reason for item in self.signatures for reason in item.reasons)]
        return tuple(dict.fromkeys(found))

    def as_dict(self) -> dict[str, Any]:
        """JSON-able, without the evidence."""
        return {
            "verdict": self.verdict.value,
            "checked_at": self.checked_at.isoformat(),
            "signatures": [item.as_dict() for item in self.signatures],
            "reasons": [{"code": reason.code, "text": reason.text} for reason in self.reasons],
            "remarks": [{"code": remark.code, "text": remark.text} for remark in self.remarks],
            "level": self.level,
            **standard_words(self.verdict, self.all_reasons),
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> ValidationReport:
        """The report that ``as_dict`` wrote. Raises KeyError or ValueError for anything else."""
        return cls(
            verdict=Verdict(kept["verdict"]),
            checked_at=datetime.fromisoformat(kept["checked_at"]),
            signatures=tuple(SignatureReport.from_dict(item) for item in kept["signatures"]),
            reasons=_reasons(kept["reasons"]),
            remarks=_reasons(kept.get("remarks", [])),
            level=kept.get("level", ""),
        )
