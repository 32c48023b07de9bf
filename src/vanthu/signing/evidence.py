"""Evidence of signatures: what each validation rested on, kept beside the document and readable without this system.

Owns the manifest and the archive that people download. A plain function keeps it inside whatever transaction keeps the
validation; contents are blobs, so a kill leaves nothing or bytes that nobody names. Refuses to judge.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from asn1crypto import x509

from vanthu.blobs import store
from vanthu.blobs.models import Blob
from vanthu.pades import Evidence, ValidationReport, standard_report
from vanthu.signing.evidence_models import SignatureEvidence
from vanthu.signing.models import Validation

FORMAT = "vanthu-signature-evidence/1"
INLINE = 32_768
"""Larger pieces (CRLs of a busy authority) are blobs of their own, stored once for all documents."""

STANDARD_REPORT = "validation-report.xml"
"""The name under which the report after ETSI TS 119 102-2 is given away."""

_FOLDERS = {"certificates": ("cert", "cer"), "ocsps": ("ocsp", "der"), "crls": ("crl", "crl")}


def keep(validation: Validation, report: ValidationReport) -> SignatureEvidence:
    """Keep what ``report`` rested on beside its ``validation``; a plain function for inside an action or a job."""
    attachments: list[str] = []
    content = {
        "format": FORMAT,
        "content_sha256": validation.sha256,
        "report": report.as_dict(),
        **{kind: [_piece(der, attachments) for der in getattr(report.evidence, kind)] for kind in _FOLDERS},
        "timestamps": [_piece(token, attachments) for token in report.evidence.timestamps],
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return SignatureEvidence.objects.create(
        validation=validation.pk,
        sha256=validation.sha256,
        verdict=report.verdict.value,
        level=report.level,
        manifest_sha256=_stored(text.encode()),
        attachments=sorted(set(attachments)),
        at=report.checked_at,
    )


def read(record: SignatureEvidence) -> tuple[ValidationReport, Evidence]:
    """The report as it was, and the evidence it rested on. Raises ``BlobMissing``, ``BlobDamaged``."""
    manifest = _manifest(record)
    kinds = {kind: tuple(_bytes(piece) for piece in manifest[kind]) for kind in (*_FOLDERS, "timestamps")}
    return ValidationReport.from_dict(manifest["report"]), Evidence(**kinds)


def standard(record: SignatureEvidence) -> bytes:
    """The report after ETSI TS 119 102-2, made from what was kept whenever somebody asks: the very bytes that it had
    when the signature was checked, for report and evidence are all that it is made of.

    Raises ``BlobMissing``, ``BlobDamaged``."""
    report, rested_on = read(record)
    return standard_report(replace(report, evidence=rested_on), sha256=record.sha256)


def archive(record: SignatureEvidence, *, about: str, more: Sequence[tuple[str, bytes]] = ()) -> bytes:
    """A ZIP for people and other programs: manifest, certificates, OCSP answers, CRLs, time-stamps, each in the file
    format that its own tools read. ``about`` says in one line of which document, ``more`` are further files by name.
    The same bytes each time."""
    manifest = _manifest(record)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in (*_files(record, manifest, about), *more):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, data)
    return packed.getvalue()


def _files(record: SignatureEvidence, manifest: dict[str, Any], about: str) -> Iterator[tuple[str, bytes]]:
    yield "README.txt", _READ_ME.format(about=about, sha256=record.sha256, verdict=record.verdict).encode()
    yield "manifest.json", store.read(record.manifest_sha256)
    for kind, (folder, suffix) in _FOLDERS.items():
        for order, piece in enumerate(manifest[kind], 1):
            data = _bytes(piece)
            yield f"{folder}/{order:02d}{_named(kind, data)}.{suffix}", data
    for order, piece in enumerate(manifest["timestamps"], 1):
        yield f"timestamp/{order:02d}.tst", _bytes(piece)
    yield STANDARD_REPORT, standard(record)


_READ_ME = """Bằng chứng chữ ký số của: {about}
SHA-256 của tệp được kiểm tra: {sha256}
Kết quả khi kiểm tra: {verdict}

validation-report.xml   báo cáo kiểm tra theo chuẩn ETSI TS 119 102-2, để phần mềm khác đọc
manifest.json   báo cáo kiểm tra và mọi dữ liệu dưới đây (base64)
cert/           chứng thư số của người ký, cơ quan, tổ chức chứng thực, dấu thời gian (DER)
ocsp/, crl/     tình trạng thu hồi tại thời điểm kiểm tra (DER)
timestamp/      dấu thời gian RFC 3161 có trong tệp (CMS, DER)
evidence-record/  nếu có: dấu thời gian trên chính bằng chứng này; record.json ghi tệp và manifest nào,
                NN.txt là những dòng được đóng dấu (dòng 2 là SHA-256 của record.json), NN.tst là dấu thời gian

Xem bằng công cụ khác:
  openssl x509 -inform DER -in cert/01*.cer -noout -text
  openssl ocsp -respin ocsp/01.der -resp_text -noverify
  openssl ts -reply -token_in -in timestamp/01.tst -text
  openssl ts -verify -data evidence-record/01.txt -in evidence-record/01.tst -token_in -CAfile GOC.pem
"""


def _named(kind: str, data: bytes) -> str:
    if kind != "certificates":
        return ""
    return f"-{x509.Certificate.load(data).serial_number:x}"


def _piece(data: bytes, attachments: list[str]) -> dict[str, Any]:
    digest = hashlib.sha256(data).hexdigest()
    if len(data) <= INLINE:
        return {"sha256": digest, "data": base64.b64encode(data).decode()}
    attachments.append(_stored(data))
    return {"sha256": digest, "blob": digest}


def _stored(data: bytes) -> str:
    """The content's hash, stored unless it is; asking first spares a flush to the disk for what many documents
    share."""
    digest = hashlib.sha256(data).hexdigest()
    if not (Blob.objects.filter(pk=digest, doomed_at=None).exists() and store.path_of(digest).exists()):
        store.put(data)
    return digest


def _manifest(record: SignatureEvidence) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(store.read(record.manifest_sha256))
    return found


def _bytes(piece: dict[str, Any]) -> bytes:
    return store.read(piece["blob"]) if "blob" in piece else base64.b64decode(piece["data"])
