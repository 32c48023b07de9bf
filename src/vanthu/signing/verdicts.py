"""How the kept checks of signed files read on a page: one line per signature, details below, earlier results.

Owns the words. The caller has looked whether the document may be seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy

from vanthu.base import clock
from vanthu.pades import Category, SignatureKind, SignatureReport, ValidationReport, Verdict
from vanthu.pades.integrity import Changes
from vanthu.pades.listings import Listed
from vanthu.pades.preparing import NUMBERING_FIELD
from vanthu.records.models import DocumentFile, FileKind
from vanthu.signing.models import Validation

_LEVELS = {Verdict.VALID: "green", Verdict.INDETERMINATE: "amber", Verdict.INVALID: "red"}
TEMPLATE = "signing/signatures.html"


@dataclass(frozen=True)
class Kept:
    """The newest kept check of a content and, when it said something else, the one before it."""

    latest: Validation
    before: Validation | None


def kept(contents: Sequence[str]) -> dict[str, Kept]:
    """What is kept about each content (SHA-256) that was checked; one query."""
    found: dict[str, Kept] = {}
    for validation in Validation.objects.filter(sha256__in=contents).order_by("at", "pk"):
        known = found.get(validation.sha256)
        before = known.before if known else None
        if known and known.latest.verdict != validation.verdict:
            before = known.latest
        found[validation.sha256] = Kept(validation, before)
    return found


def rows(files: Sequence[DocumentFile], checks: dict[str, Kept]) -> list[dict[str, Any]]:
    """The rows of :data:`TEMPLATE`: the main file's signatures, then one line per other file."""
    return [row for file in files for row in _file_rows(file, checks.get(file.sha256))]


def _file_rows(file: DocumentFile, known: Kept | None) -> Iterator[dict[str, Any]]:
    if known is None:
        yield {"level": "none", "title": file.name, "sentence": gettext("Chưa kiểm tra chữ ký."), "at": None}
        return
    report = ValidationReport.from_dict(known.latest.report)
    if file.kind != FileKind.MAIN:
        yield _file_row(file, report, known.before)
        return
    yield from (
        _signature_row(item) for item in report.signatures if item.kind is not SignatureKind.TIMESTAMP
    )
    if report.reasons or report.remarks or known.before:
        yield _file_row(file, report, known.before)


def _file_row(file: DocumentFile, report: ValidationReport, before: Validation | None) -> dict[str, Any]:
    told = [one.text for one in (*report.all_reasons, *report.remarks)]
    level = "amber" if report.verdict is Verdict.VALID and told else _LEVELS.get(report.verdict, "none")
    return {
        "level": level,
        "title": file.name,
        "sentence": told[0] if told else gettext("Có chữ ký số của cơ quan, nội dung nguyên vẹn."),
        "at": report.checked_at,
        "details": [*told[1:], *([_said_before(before)] if before else [])],
    }


def _said_before(validation: Validation) -> str:
    words = {
        Verdict.VALID: gettext("hợp lệ"),
        Verdict.INVALID: gettext("không hợp lệ"),
        Verdict.INDETERMINATE: gettext("chưa kết luận được"),
        Verdict.UNSIGNED: gettext("không có chữ ký"),
    }
    told = {"when": _moment(validation.at), "verdict": words[Verdict(validation.verdict)]}
    return gettext("Kết quả lần trước, lúc %(when)s: %(verdict)s") % told


def _signature_row(item: SignatureReport) -> dict[str, Any]:
    reasons = [reason.text for reason in item.reasons]
    intact = gettext("Chứng thư số được tin cậy, nội dung không thay đổi từ khi ký.")
    return {
        "level": _LEVELS.get(item.verdict, "none"),
        "title": item.signer_name,
        "sentence": reasons[0] if reasons else intact,
        "at": item.trusted_time or item.claimed_time,
        "details": [*reasons[1:], *(remark.text for remark in item.remarks), *_details(item)],
    }


def _details(item: SignatureReport) -> Iterator[str]:
    if item.field == NUMBERING_FIELD:
        yield gettext("Ký ở ô dành cho số và ngày ban hành của văn bản liên tịch")
    if item.title or item.organization:
        yield ", ".join(filter(None, (item.title, item.organization)))
    if item.trusted_time:
        when = _moment(item.trusted_time)
        yield gettext("Dấu thời gian chứng minh chữ ký có từ %(when)s") % {"when": when}
    if item.claimed_time:
        yield gettext("Máy của người ký ghi thời gian ký %(when)s") % {"when": _moment(item.claimed_time)}
    if item.changes is Changes.PERMITTED:
        yield gettext("Sau chữ ký này có điền ô dành sẵn hoặc ký thêm, trong phạm vi cho phép")
    yield gettext("Cấp bởi %(issuer)s") % {"issuer": item.issuer}
    if item.authority == Category.GOVERNMENT.value:
        yield gettext("Chữ ký số chuyên dùng công vụ")
    yield from by_list(item)
    until = {"serial": item.certificate_serial, "day": date_format(clock.local(item.valid_until), "d/m/Y")}
    yield gettext("Số hiệu chứng thư %(serial)s, hiệu lực đến %(day)s") % until


def by_list(item: SignatureReport) -> Iterator[str]:
    """What a trusted list said of the authority when it counted, and what the certificate is called by it."""
    if item.listed is not None:
        yield _listed(item.listed)
    if item.qualification is not None:
        yield " ".join(map(gettext, item.qualification.sentences))


def _listed(listed: Listed) -> str:
    told = {
        "list": f"{listed.territory} {listed.sequence}".strip(),
        "day": _day(listed.issued),
        "service": listed.service,
        "status": _STATUSES.get(listed.status, listed.status),
        "since": _day(listed.since) if listed.since else "",
    }
    if listed.since is None:
        return gettext("Danh sách tin cậy %(list)s ngày %(day)s: chưa có dịch vụ %(service)s khi ký") % told
    return (
        gettext("Danh sách tin cậy %(list)s ngày %(day)s: dịch vụ %(service)s %(status)s từ %(since)s") % told
    )


_STATUSES = {
    "granted": gettext_lazy("được công nhận"),
    "recognisedatnationallevel": gettext_lazy("được công nhận"),
    "withdrawn": gettext_lazy("không còn được công nhận"),
    "deprecatedatnationallevel": gettext_lazy("không còn được công nhận"),
}
"""The statuses of TS 119 612 in use today; others are shown as they are written."""


def _day(instant: datetime) -> str:
    return date_format(clock.local(instant), "d/m/Y")


def _moment(instant: datetime) -> str:
    return date_format(clock.local(instant), "H:i d/m/Y")
