"""Pure decisions about copies: which forms exist in which direction, of what, by whom, and what they are called."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from vanthu.copying.models import Form, Way
from vanthu.errors import MustAct, VanthuError
from vanthu.formalities import number_text

PERMITTED: dict[Form, frozenset[Way]] = {
    Form.TRUE_COPY: frozenset({Way.PAPER_TO_PAPER, Way.ELECTRONIC_TO_PAPER, Way.PAPER_TO_ELECTRONIC}),
    Form.SECONDARY_COPY: frozenset({Way.PAPER_TO_PAPER, Way.PAPER_TO_ELECTRONIC, Way.ELECTRONIC_TO_PAPER}),
    Form.EXTRACT: frozenset(Way),
}
"""NĐ 30/2020 Đ25: nobody makes an electronic true copy of an electronic document; forwarding it is enough."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no letter that can be taken for a digit."""
LOOKUP_LENGTH = 16
_MEANT = str.maketrans("OIL", "011", "- .\t")
REGISTER_NAME = "Sổ đăng ký bản sao"


class CopyWayNotAllowed(VanthuError):
    """The decree knows no such copy."""

    code = "COPY_WAY_NOT_ALLOWED"
    message = "Không có hình thức “{form}” {way}. Hãy chọn hình thức hoặc hướng sao khác."
    rule = "NĐ 30/2020 Đ25"


class CopyIncomplete(VanthuError):
    """Something that the copy must say is missing."""

    code = "COPY_INCOMPLETE"
    message = "Chưa sao được: {missing}."
    rule = "NĐ 30/2020 PL I Phần II"


class CopySourceNotIssued(VanthuError):
    """Only what bears its agency's signature is copied."""

    code = "COPY_SOURCE_NOT_ISSUED"
    message = "Văn bản chưa có bản gốc điện tử đã ký số của cơ quan ban hành nên chưa sao được."
    rule = "NĐ 30/2020 Đ25"
    http_status = 409


class CopySourceWithdrawn(VanthuError):
    """Recalled or replaced by its issuer."""

    code = "COPY_SOURCE_WITHDRAWN"
    message = "Văn bản đã bị thu hồi hoặc được thay thế nên không sao nữa."
    rule = "NĐ 30/2020 Đ18.4"
    http_status = 409


class CopySourceSecret(VanthuError):
    """State secrets are copied under another law, never here."""

    code = "COPY_SOURCE_SECRET"
    message = "Tệp có dấu chỉ mức độ mật ({mark}); không sao văn bản bí mật nhà nước trên hệ thống này."
    rule = "NĐ 30/2020 Đ27.2"


class CopySignerUnknown(VanthuError):
    """The head did not give this person the authority to sign copies."""

    code = "COPY_SIGNER_UNKNOWN"
    message = "Người được chọn không có thẩm quyền ký bản sao của cơ quan. Hãy chọn người khác."
    must_act = MustAct.CLERK
    rule = "NĐ 30/2020 Đ27.1"


class CopyAlreadyWithdrawn(VanthuError):
    """It was withdrawn before."""

    code = "COPY_ALREADY_WITHDRAWN"
    message = "Bản sao này đã bị thu hồi trước đó."
    http_status = 409


class ScanBelowStandard(VanthuError):
    """The scan is not what the decree asks of a digitised document."""

    code = "SCAN_BELOW_STANDARD"
    message = (
        "Bản quét chưa đạt tiêu chuẩn số hóa: {problems}. Hãy quét lại: ảnh màu, từ 200 dpi, tỷ lệ 100%."
    )
    rule = "NĐ 30/2020 PL I Phần II.I.2"


@dataclass(frozen=True)
class Wanted:
    """What the clerk asks for. ``source_*`` are needed where no document of the system is copied."""

    form: Form
    way: Way
    signer_id: UUID | None
    made_from: str = ""
    extent: str = ""
    sheets: int = 1
    recipients: list[str] = field(default_factory=list)
    source_code: str = ""
    source_date: date | None = None
    source_issuer: str = ""
    source_subject: str = ""

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        day = self.source_date.isoformat() if self.source_date else None
        return {**asdict(self), "signer_id": str(self.signer_id or ""), "source_date": day}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Wanted:
        """What ``as_dict`` wrote."""
        return cls(
            **{
                **kept,
                "form": Form(kept["form"]),
                "way": Way(kept["way"]),
                "signer_id": UUID(kept["signer_id"]) if kept["signer_id"] else None,
                "source_date": date.fromisoformat(kept["source_date"]) if kept["source_date"] else None,
            }
        )


def require_possible(wanted: Wanted, *, has_document: bool, has_upload: bool) -> None:
    """Raise :class:`CopyWayNotAllowed` or :class:`CopyIncomplete`."""
    if wanted.way not in PERMITTED[wanted.form]:
        raise CopyWayNotAllowed(form=wanted.form.label, way=wanted.way.label.lower())
    lacking = missing(wanted, has_document=has_document, has_upload=has_upload)
    if lacking:
        raise CopyIncomplete(missing=", ".join(lacking))


def missing(wanted: Wanted, *, has_document: bool, has_upload: bool) -> list[str]:
    """What the copy still lacks, as ends of the sentence "Chưa sao được: …"."""
    found = []
    if wanted.signer_id is None:
        found.append("chưa chọn người ký bản sao")
    if wanted.form is Form.SECONDARY_COPY and not wanted.made_from:
        found.append("chưa ghi sao từ bản sao y nào")
    if wanted.form is Form.EXTRACT and not wanted.extent:
        found.append("chưa ghi phần được trích")
    if needs_upload(wanted.form, wanted.way) and not has_upload:
        found.append("chưa có tệp bản trích" if wanted.form is Form.EXTRACT else "chưa có tệp bản quét")
    if not has_document:
        if wanted.way in (Way.ELECTRONIC_TO_PAPER, Way.ELECTRONIC_TO_ELECTRONIC):
            found.append("chưa chọn văn bản điện tử trên hệ thống")
        if not wanted.source_code or not wanted.source_issuer or wanted.source_date is None:
            found.append("chưa ghi đủ số, ký hiệu, ngày và cơ quan ban hành của văn bản giấy")
    return found


def needs_upload(form: Form, way: Way) -> bool:
    """Whether the clerk brings the pages: a scan of the paper, or the extract made anew."""
    return form is Form.EXTRACT or way in (Way.PAPER_TO_ELECTRONIC, Way.PAPER_TO_PAPER)


def is_scan(form: Form, way: Way) -> bool:
    """Whether the pages brought are a digitised paper, which has its own standard."""
    return form is not Form.EXTRACT and way is Way.PAPER_TO_ELECTRONIC


def copy_code(number: int, form: Form, abbreviation: str) -> str:
    """``01/SY-UBND`` (Phụ lục III mẫu 3.1)."""
    return f"{number_text(number)}/{form.value}" + (f"-{abbreviation}" if abbreviation else "")


def new_lookup() -> str:
    """A code that nobody can guess: 80 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LOOKUP_LENGTH))


def read_lookup(text: str) -> str:
    """A code as somebody typed it off paper: blanks, dashes, small letters and look-alikes are taken for what they
    mean; empty when it cannot be one."""
    typed = text.upper().translate(_MEANT)
    return typed if len(typed) == LOOKUP_LENGTH and set(typed) <= set(ALPHABET) else ""


def spelled(lookup: str) -> str:
    """The code in groups of four, as it is printed."""
    return "-".join(lookup[start : start + 4] for start in range(0, len(lookup), 4))
