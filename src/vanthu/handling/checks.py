"""The automatic reception check, in the order of requirements 2.4.11: complete, intact, authentic, not a duplicate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vanthu.blobs import store
from vanthu.directory.models import Agency
from vanthu.edxml import BusinessType, DocumentPacket, check, read
from vanthu.exchange.models import InboxPacket
from vanthu.handling import contents
from vanthu.handling.authorities import PUBLIC, authority_checks
from vanthu.handling.rules import Check, Outcome
from vanthu.pades import SignatureReport, ValidationReport, Verdict
from vanthu.pades.report import RESOLVABLE
from vanthu.records import queries
from vanthu.records.models import PDF, Document, DocumentFile, FileKind
from vanthu.signing import service
from vanthu.signing.senders import Fit, Sender, fits

BUSINESS: dict[int, str] = {
    BusinessType.RECALL: "thu hồi",
    BusinessType.UPDATE: "cập nhật",
    BusinessType.REPLACE: "thay thế",
}

_OUTCOMES = {
    Verdict.VALID: Outcome.PASS,
    Verdict.INVALID: Outcome.FAIL,
    Verdict.INDETERMINATE: Outcome.UNKNOWN,
}
_INTACT = "hợp lệ, nội dung nguyên vẹn"


def run_checks(document: Document) -> list[Check]:
    """Look at everything that can be looked at without a person; asks OCSP and CRL addresses."""
    packet = InboxPacket.objects.filter(intake=document.pk).first()
    found: list[Check] = []
    if packet is not None:
        found += _envelope(packet)
    found += _duplicates(document)
    readable = queries.readable_files(document)
    files = [file for file in readable if file.kind != FileKind.CONTENT]
    found += _files(files)
    for file in files:
        if file.is_encrypted:
            found += _encrypted(file)
    found += [contents.said_of(file) for file in readable if file.kind == FileKind.CONTENT]
    found += _all_signatures(document, [file for file in readable if not file.is_encrypted])
    return found


def _all_signatures(document: Document, files: Sequence[DocumentFile]) -> Iterator[Check]:
    """PDF files are expected to be signed, themselves or as the content of a signed file; others are judged where they
    are, and may be the signature of a file."""
    names = [(file.name, file.sha256) for file in files if file.kind != FileKind.CONTENT]
    reports = {file.pk: _report_on(file, [one for one in names if one[1] != file.sha256]) for file in files}
    inside = {file.source_sha256: reports[file.pk] for file in files if file.kind == FileKind.CONTENT}
    beside = {
        signature.field: _OUTCOMES[signature.verdict]
        for file in files
        if file.media_type != PDF
        for signature in reports[file.pk].signatures
    }
    for file in files:
        report = reports[file.pk]
        if report.verdict is not Verdict.UNSIGNED:
            yield from _signatures(file, report)
            yield from authority_checks(document, file.name, report.signatures)
            if file.kind == FileKind.MAIN:
                more = inside[file.sha256].signatures if file.sha256 in inside else ()
                yield from _whose(document, (*report.signatures, *more))
        elif file.kind == FileKind.CONTENT:
            continue
        elif file.name in beside:
            yield Check("SIGNATURES", beside[file.name], f"{file.name}: có chữ ký số tách rời ở tệp kèm theo")
        elif file.media_type == PDF:
            outcome = Outcome.FAIL if file.kind == FileKind.MAIN else Outcome.WARN
            yield Check("SIGNATURES", outcome, f"Tệp {file.name} không có chữ ký số")


def _report_on(file: DocumentFile, beside: Sequence[tuple[str, str]]) -> ValidationReport:
    return ValidationReport.from_dict(service.check(file.sha256, beside).report)


def _envelope(packet: InboxPacket) -> Iterator[Check]:
    result = read(store.path_of(packet.sha256))
    assert isinstance(result.packet, DocumentPacket)
    if result.packet.business_type != BusinessType.NEW:
        about = ", ".join(result.packet.acts_on)
        kind = BUSINESS.get(result.packet.business_type, "nghiệp vụ chưa rõ")
        yield Check(
            "BUSINESS", Outcome.WARN, f"Bên gửi gửi gói {kind} đối với {about}; văn thư đối chiếu và xử lý"
        )
    problems = check(result.packet)
    if problems:
        said = " ".join(problem.text for problem in problems[:5])
        yield Check("ENV_SCHEMA", Outcome.WARN, f"Gói tin có trường chưa đúng chuẩn: {said}")
    else:
        yield Check("ENV_SCHEMA", Outcome.PASS, "Gói tin đúng chuẩn QCVN 102:2016")
    for note in result.notes[:5]:
        yield Check("ENV_NOTE", Outcome.WARN, note.text)
    damaged = [item.name for item in result.packet.attachments if item.damaged]
    if not result.packet.attachments:
        yield Check("MANIFEST", Outcome.FAIL, "Gói tin không có tệp văn bản nào")
    elif damaged:
        yield Check("MANIFEST", Outcome.FAIL, f"Tệp hỏng trước khi đến: {', '.join(damaged)}")
    else:
        yield Check("MANIFEST", Outcome.PASS, f"Đủ {len(result.packet.attachments)} tệp, đọc được")


def _duplicates(document: Document) -> Iterator[Check]:
    earlier = queries.duplicates_of(document).first()
    if earlier is None:
        yield Check("DUP", Outcome.PASS, "Chưa có văn bản trùng số, ký hiệu, cơ quan ban hành")
    else:
        arrival = f", số đến {earlier.arrival_number}" if earlier.arrival_number else ""
        yield Check("DUP", Outcome.WARN, f"Trùng với văn bản {earlier.code} đã nhận{arrival}")


def _files(files: list[DocumentFile]) -> Iterator[Check]:
    if not files:
        yield Check("INTEGRITY", Outcome.FAIL, "Không có tệp nào được lưu")
        return
    for file in files:
        store.require_whole(file.sha256)
    yield Check("INTEGRITY", Outcome.PASS, f"Đã lưu và đối chiếu mã băm {len(files)} tệp")


def _encrypted(file: DocumentFile) -> Iterator[Check]:
    text = f"{file.name}: đã mã hóa cho nơi nhận, chưa kiểm tra được bên trong; văn thư mở khóa"
    yield Check("ENCRYPTED", Outcome.WARN, text)


def _signatures(file: DocumentFile, report: ValidationReport) -> Iterator[Check]:
    said = "; ".join(_sentences(report))
    again = any(reason.code in RESOLVABLE for reason in report.all_reasons)
    yield Check("SIGNATURES", _OUTCOMES[report.verdict], f"{file.name}: {said}", again=again)
    for remark in report.remarks:
        yield Check("FILE_REMARK", Outcome.WARN, f"{file.name}: {remark.text}")
    for signature in report.signatures:
        for remark in signature.remarks:
            if remark.code == PUBLIC:
                continue
            yield Check("SIG_REMARK", Outcome.WARN, f"{file.name}: {signature.signer_name}: {remark.text}")


def _whose(document: Document, signatures: Sequence[SignatureReport]) -> Iterator[Check]:
    """Whether the named person and the sender's agency signed (R65), as far as the certificates say."""
    found = dict(fits(signatures, _sender(document)))
    signed = {Fit.AGENCY_SIGNED, Fit.SIGNER_SIGNED}
    if found and set(found) <= signed:
        yield Check("SIG_MATCH", Outcome.PASS, "Người ký và cơ quan ban hành khớp với chữ ký số")
        return
    for fit, about in found.items():
        if fit not in signed:
            said = _MISFITS[fit].format(about=about, sender=document.issuer_name, signer=document.signer_name)
            yield Check("SIG_MATCH", Outcome.WARN, said)


_MISFITS = {
    Fit.AGENCY_MISSING: "Không thấy chữ ký số của cơ quan {sender}",
    Fit.OTHER_AGENCY: "Chữ ký số cơ quan là của {about}, không phải của bên gửi {sender}",
    Fit.SIGNER_MISSING: "Người ký trên phong bì ({signer}) không có trong chữ ký số",
    Fit.SIGNER_OF_ANOTHER_AGENCY: "Chứng thư số của {signer} không ghi thuộc cơ quan {sender}",
}


def _sender(document: Document) -> Sender:
    """All names and codes that the directory knows of the issuer."""
    codes, names = {document.issuer_organ_id}, {document.issuer_name}
    agency = Agency.objects.filter(identifiers__code=document.issuer_organ_id).first()
    if agency is not None:
        codes |= {identifier.code for identifier in agency.identifiers.all()}
        names.add(agency.name)
    return Sender(frozenset(filter(None, names)), frozenset(filter(None, codes)), document.signer_name)


def _sentences(report: ValidationReport) -> Iterator[str]:
    yield from (reason.text for reason in report.reasons)
    for signature in report.signatures:
        said = "; ".join(reason.text for reason in signature.reasons) or _INTACT
        yield f"{signature.signer_name}: {said}"
