"""One stranger's file judged, in words for everybody. Nothing of it is kept.

Owns what the result page says. The judgement is the signing room's, by the site's trust list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vanthu.pades import SignatureKind, SignatureReport, ValidationReport, Verdict
from vanthu.pades.integrity import Changes
from vanthu.signing import service, verdicts

Text = str | Promise


@dataclass(frozen=True)
class Saying:
    """How a verdict is put: colour, icon, headline, sentence."""

    tone: str
    icon: str
    title: Text
    sentence: Text


VERDICTS = {
    Verdict.VALID: Saying(
        "good",
        "shield-check",
        _("Chữ ký số hợp lệ"),
        _("Mọi chữ ký số trong tệp hợp lệ và nội dung không bị thay đổi kể từ khi ký."),
    ),
    Verdict.INDETERMINATE: Saying(
        "warn",
        "shield-exclamation",
        _("Chưa kết luận được"),
        _("Chưa đủ căn cứ để nói hợp lệ hay không. Hãy xem lý do ở từng chữ ký và kiểm tra lại sau."),
    ),
    Verdict.INVALID: Saying(
        "bad",
        "shield-x",
        _("Chữ ký số không hợp lệ"),
        _("Không nên tin dùng tệp này. Hãy liên hệ cơ quan ban hành để nhận lại văn bản."),
    ),
    Verdict.UNSIGNED: Saying(
        "neutral",
        "shield",
        _("Tệp không có chữ ký số"),
        _("Không có căn cứ để biết ai lập tệp và nội dung có bị thay đổi hay không."),
    ),
}
COVERED = Saying(
    "warn",
    "shield-exclamation",
    _("Chữ ký số hợp lệ, nhưng có phần bị che"),
    _(
        "Sau chữ ký đầu tiên có nội dung hiện đè lên trang. Hãy đọc lưu ý bên dưới và đối chiếu trước khi tin dùng."
    ),
)
_COVERING = {"COVERS_TEXT", "FILLED_OVER_TEXT"}
_KINDS = {
    SignatureKind.PERSON: (_("Người ký"), "signature"),
    SignatureKind.AGENCY: (_("Cơ quan ký"), "rubber-stamp"),
    SignatureKind.TIMESTAMP: (_("Dấu thời gian"), "clock-check"),
}
_CHANGES = {
    Changes.NONE: _("Không có gì được thêm vào tệp sau chữ ký này."),
    Changes.MAINTENANCE: _("Sau chữ ký này chỉ có dấu thời gian và bằng chứng được thêm."),
    Changes.PERMITTED: _(
        "Sau chữ ký này tệp được bổ sung theo cách chữ ký cho phép (điền số, ngày, ký tiếp)."
    ),
    Changes.FORBIDDEN: _("Tệp bị sửa đổi sau chữ ký này."),
}
_SMALL = {
    Verdict.VALID: ("good", _("Hợp lệ")),
    Verdict.INDETERMINATE: ("warn", _("Chưa kết luận được")),
    Verdict.INVALID: ("bad", _("Không hợp lệ")),
    Verdict.UNSIGNED: ("neutral", _("Không có chữ ký số")),
}


@dataclass(frozen=True)
class Checked:
    """The result for one file."""

    name: str
    size: int
    sha256: str
    report: ValidationReport

    @property
    def saying(self) -> Saying:
        """The headline."""
        signatures = (remark for item in self.report.signatures for remark in item.remarks)
        remarks = {remark.code for remark in (*self.report.remarks, *signatures)}
        covered = self.report.verdict is Verdict.VALID and remarks & _COVERING
        return COVERED if covered else VERDICTS[self.report.verdict]

    @property
    def signatures(self) -> list[dict[str, Any]]:
        """Each signature for the page, in the order in which they were made."""
        return [_shown(item) for item in self.report.signatures]

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {"name": self.name, "size": self.size, "sha256": self.sha256, **self.report.as_dict()}


def checked(upload: UploadedFile[Any]) -> Checked:
    """Judge an upload by the site's trust list, now."""
    upload.seek(0)
    sha256 = hashlib.file_digest(upload, "sha256").hexdigest()
    upload.seek(0)
    report = service.judge(cast(BinaryIO, upload.file))
    return Checked(_plain(upload.name or ""), upload.size or 0, sha256, report)


def _plain(name: str) -> str:
    kept = "".join(char for char in name.replace("\\", "/").rsplit("/", 1)[-1] if ord(char) >= 32)
    return kept[:200]


def _shown(item: SignatureReport) -> dict[str, Any]:
    tone, word = _SMALL[item.verdict]
    label, icon = _KINDS[item.kind]
    return {
        "tone": tone,
        "word": word,
        "label": label,
        "icon": icon,
        "name": item.signer_name,
        "lines": list(dict.fromkeys(part for part in _who(item) if part and part != item.signer_name)),
        "reasons": [reason.text for reason in item.reasons],
        "remarks": [remark.text for remark in item.remarks],
        "proved": item.trusted_time,
        "claimed": None if item.trusted_time else item.claimed_time,
        "changes": _CHANGES[item.changes],
        "issuer": item.issuer,
        "serial": item.certificate_serial,
        "by_list": list(verdicts.by_list(item)),
        "valid_from": item.valid_from,
        "valid_until": item.valid_until,
    }


def _who(item: SignatureReport) -> Iterator[str]:
    yield item.title
    yield item.organization
