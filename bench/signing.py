"""Signing: visible signatures with a held key, very large files, a leader's folder with one unlocking.

Rates are per second of processor time (one core's worth), so a busy machine disturbs them least; the floor is raw
pyHanko with the same held key, the same image and the same file in the same run. Time-stamps and revocation answers
are left out: their services would be measured, not the product.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.conf import settings
from PIL import Image
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko.stamp import StaticStampStyle

from bench import packet, signing_large
from bench.measuring import Result, Row, rated
from bench.signing_memory import FIELD, held_key
from vanthu import pades
from vanthu.base import clock
from vanthu.demo import images
from vanthu.formalities.placement import find_or_make_places
from vanthu.issuing import actions as issuing
from vanthu.issuing import bulk_queries
from vanthu.issuing.rules import DraftData
from vanthu.issuing.uploads import check_upload
from vanthu.pades.keys import HeldKeySigner

FLOOR = "pyHanko trần: cùng khóa đã mở, cùng ảnh chữ ký, cùng tệp 1 MB, theo giây CPU"
LARGE = 100_000_000


def run(*, quick: bool = False) -> Result:
    """Rates of one core, then the large file and the folder."""
    rounds = 10 if quick else 100
    pen = images.signature(packet.LEADER)
    page = _prepared(1_000_000)
    rows: list[Row] = []
    makers: dict[str, Callable[[], rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey]] = {
        "RSA-2048": lambda: rsa.generate_private_key(65537, 2048),
        "ECDSA P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    }
    for name, make in makers.items():
        key = held_key(make())
        ours = _rate(lambda key=key: pades.sign(page, FIELD, key, signed_at=_now(), image=pen), rounds)
        raw = _rate(_raw(page, key, pen), rounds)
        notes = f"{1000 / ours:.1f} ms CPU mỗi chữ ký, trần {1000 / raw:.1f} ms; trước và sau khi ký đều kiểm tra tệp"
        rows.append(rated(f"ký hiển thị B-B, {name}", ours, "/giây CPU", raw, notes))
    rows.append(_large())
    rows.extend(signing_large.rows())
    rows.append(_folder(10 if quick else 100))
    return Result("signing", "Ký số", FLOOR, rows)


def _now() -> datetime:
    return datetime.now(UTC)


def _filled(size: int) -> bytes:
    """A letter of about ``size`` bytes; the bulk is one stream that nothing shows."""
    with pikepdf.open(io.BytesIO(packet.letter())) as document:
        document.Root.Filling = document.make_stream(os.urandom(size))
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


def _prepared(size: int) -> bytes:
    """The same with its fields reserved."""
    found = find_or_make_places(packet.letter(), signer_name=packet.LEADER)
    return pades.prepare(_filled(size), found.places, signers=[FIELD])


def _raw(page: bytes, key: pades.Pkcs12Key, pen: bytes) -> Callable[[], object]:
    style = StaticStampStyle(background=PdfImage(Image.open(io.BytesIO(pen))), border_width=0)
    metadata = PdfSignatureMetadata(field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    signer = HeldKeySigner(key)

    def sign() -> object:
        writer = IncrementalPdfFileWriter(io.BytesIO(page))
        return PdfSigner(metadata, signer=signer, stamp_style=style).sign_pdf(
            writer, existing_fields_only=True
        )

    return sign


def _rate(work: Callable[[], object], rounds: int) -> float:
    """How often in a second of processor time."""
    for _ in range(3):
        work()
    started = time.process_time()
    for _ in range(rounds):
        work()
    return rounds / (time.process_time() - started)


def _large() -> Row:
    """A file of 100 MB signed in place, in a process of its own: time, and memory above what it held before."""
    with tempfile.TemporaryDirectory(dir=Path(settings.VANTHU.data_dir)) as folder:
        path = Path(folder) / "lon.pdf"
        path.write_bytes(_prepared(LARGE))
        command = [sys.executable, "-m", "bench.signing_memory", str(path)]
        said = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    notes = (
        f"{said['cpu_ms']:.0f} ms CPU; bộ nhớ thêm {said['peak_mb'] - said['before_mb']:.0f} MB trên nền "
        f"{said['before_mb']:.0f} MB"
    )
    return Row("tệp 100 MB: sign_file (tại chỗ)", said["ms"], "ms", 1000.0, None, notes=notes, detail=said)


def _folder(count: int) -> Row:
    """A leader's folder with one unlocking: real documents, database, files; every document its own actions."""
    office, recipient = signing_large.office()
    drafter, leader = office.actor(office.specialists[0]), office.actor(office.leader)
    upload = check_upload("cong-van.pdf", packet.letter())
    waiting = []
    for order in range(count):
        data = DraftData(
            type_code="CONG_VAN",
            subject=f"Rà soát công tác chuyển đổi số lần {order}",
            signer_id=str(office.leader.pk),
            recipient_ids=[recipient],
            distribution=["Như trên", "Lưu: VT"],
        )
        document = issuing.create_draft(drafter, data).pk
        issuing.attach_main(drafter, document, upload)
        issuing.submit(drafter, document)
        waiting.append(document)
    started, processor = time.perf_counter(), time.process_time()
    batch = issuing.begin_batch(leader, waiting, packet.PASSPHRASE, start=lambda work: work())
    seconds, processor = time.perf_counter() - started, time.process_time() - processor
    signed = bulk_queries.batch_of(leader, batch.pk).signed
    if signed != count:
        raise RuntimeError(f"only {signed} of {count} were signed at {clock.now()}")
    notes = f"{processor:.1f} s CPU; mỗi văn bản một giao dịch, một sự kiện, bằng chứng và tệp xuống đĩa"
    return Row(f"ký {count} văn bản, mở khóa một lần", seconds * 1000, "ms", count * 100.0, None, notes=notes)
