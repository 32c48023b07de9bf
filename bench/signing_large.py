"""A letter with a scanned file of 100 MB behind it, through the site's own verbs from the upload to the seal.

Database, working copies, guards, validation, evidence: what people wait for. Memory is this process' peak during the
verb above what it held before the first one. A hundred scanned pages, a picture of 1 MB on each.
"""

from __future__ import annotations

import functools
import gc
import io
import os
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import pikepdf
from django.conf import settings
from pikepdf import Array, Dictionary, Name

from bench import packet, seeding
from bench.measuring import Row
from bench.signing_memory import peak_mb
from vanthu.base.actors import Actor
from vanthu.demo import images
from vanthu.formalities.fonts import tinos_folder
from vanthu.issuing import actions as issuing
from vanthu.issuing import preview
from vanthu.issuing.models import Draft
from vanthu.issuing.rules import DraftData
from vanthu.issuing.uploads import check_upload
from vanthu.records.models import Document

PAGES, PICTURE = 100, 1000
"""Scanned pages, and how many grey pixels a side each has."""
LIMIT_MB = 120


@functools.cache
def office() -> tuple[seeding.Office, str]:
    """An agency whose leader and clerk have their keys, and the key of one that it writes to."""
    keys = packet.authority(Path(settings.VANTHU.data_dir) / "authority")
    office = seeding.office(packet.SENDER, "UBND", "H27")
    packet.enrol(office, office.leader, keys, "chu-tich", images.signature(packet.LEADER))
    font = tinos_folder() / "700Bold/Tinos_700Bold.ttf"
    packet.enrol(office, None, keys, "ubnd", images.seal(packet.SENDER, font=font))
    return office, str(seeding.office(packet.RECIPIENT, "SNV", "H27.14").agency.pk)


def rows() -> list[Row]:
    """One row per verb."""
    with tempfile.TemporaryFile(dir=Path(settings.VANTHU.data_dir)) as letter:
        office()
        base = _peak_from_here()
        _write_letter(letter)
        return [_measured(name, verb, base) for name, verb in _verbs(letter)]


def _verbs(letter: BinaryIO) -> Iterator[tuple[str, Callable[[], Any]]]:
    """The verbs in their order; each is measured before the next is made."""
    at, recipient = office()
    drafter, leader, clerk = (at.actor(post) for post in (at.specialists[0], at.leader, at.clerk))
    data = DraftData("CONG_VAN", "Hồ sơ quét 100 MB", signer_id=str(at.leader.pk), recipient_ids=[recipient])
    key = issuing.create_draft(drafter, data).pk
    yield "tải lên (attach_main)", lambda: issuing.attach_main(drafter, key, check_upload("lon.pdf", letter))
    yield "xem chỗ đặt (desk)", lambda: preview.desk(_document(key), Draft.objects.get(document_id=key))
    yield "trình (submit)", lambda: issuing.submit(drafter, key)
    yield "xem trước chữ ký (preview)", lambda: preview.coming(leader, _document(key))
    yield "ký (sign_document)", lambda: issuing.sign_document(leader, key, packet.PASSPHRASE)
    yield "lấy lại để sửa (reopen)", lambda: issuing.reopen(drafter, key, "Sửa căn cứ")
    issuing.submit(drafter, key)
    issuing.sign_document(leader, key, packet.PASSPHRASE)
    yield "cấp số, đóng dấu (seal_document)", lambda: _sealed(clerk, key)


def _document(key: UUID) -> Document:
    return Document.objects.get(pk=key)


def _sealed(clerk: Actor, document: UUID) -> None:
    issuing.assign_number(clerk, document)
    issuing.seal_document(clerk, document, packet.PASSPHRASE)


def _measured(name: str, verb: Callable[[], Any], base: float) -> Row:
    gc.collect()
    _peak_from_here()
    started, processor = time.perf_counter(), time.process_time()
    verb()
    wall, cpu, peak = time.perf_counter() - started, time.process_time() - processor, peak_mb()
    detail = {"cpu_ms": cpu * 1000, "before_mb": base, "peak_mb": peak}
    notes = f"{cpu * 1000:.0f} ms CPU; bộ nhớ thêm {peak - base:.0f} MB (mức cần đạt: dưới {LIMIT_MB} MB)"
    return Row(f"tệp 100 MB qua hệ thống: {name}", wall * 1000, "ms", 1000.0, notes=notes, detail=detail)


def _peak_from_here() -> float:
    """Forget the process' earlier peak; what it holds now, MB."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return peak_mb()


def _write_letter(target: BinaryIO) -> None:
    with pikepdf.open(io.BytesIO(packet.letter())) as document:
        for _ in range(PAGES):
            document.add_blank_page()
            page = document.pages[-1]
            picture = document.make_stream(zlib.compress(os.urandom(PICTURE * PICTURE), 0))
            picture.stream_dict = Dictionary(
                Type=Name.XObject,
                Subtype=Name.Image,
                Width=PICTURE,
                Height=PICTURE,
                ColorSpace=Name.DeviceGray,
                BitsPerComponent=8,
                Filter=Name.FlateDecode,
            )
            page.obj.Resources = Dictionary(XObject=Dictionary(Scan=picture))
            page.obj.MediaBox = Array([0, 0, 595, 842])
            page.obj.Contents = document.make_stream(b"q 595 0 0 842 0 0 cm /Scan Do Q")
        document.save(target)
