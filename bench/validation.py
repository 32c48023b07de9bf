"""Validating signed PDFs: one and two signatures, confined or not, 100 MB; raw pyHanko on the same files beside it.

Processor milliseconds, because another program's load does not change them. Revocation is not asked: the authority's
answers would be measured.
"""

from __future__ import annotations

import asyncio
import io
import logging
import os
import resource
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pikepdf
from django.conf import settings
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from bench import packet
from bench.measuring import Result, Row, Times, timed
from vanthu import pades
from vanthu.demo import images, pki
from vanthu.formalities.fonts import tinos_folder
from vanthu.pades import Box, DateGaps, NumberPlace, Places, seal_box_over

FLOOR = "pyHanko trần (async_validate_pdf_signature) trên cùng tệp, cùng lượt đo, mili giây CPU"
LARGE = 100_000_000
_SIGNATURE = Box(0, 350, 210, 490, 280)
_PLACES = Places(
    number=NumberPlace(Box(0, 113, 720, 145, 737), baseline=723),
    date=DateGaps(Box(0, 300, 720, 550, 737), day_x=389, month_x=447, year_x=None, baseline=723),
    signature=_SIGNATURE,
    seal=seal_box_over(_SIGNATURE),
)


def run(*, quick: bool = False) -> Result:
    """Each figure is the best and the median of several validations."""
    logging.getLogger("pyhanko").setLevel(logging.ERROR)
    rounds = 5 if quick else 25
    folder = packet.authority(Path(settings.VANTHU.data_dir) / "authority")
    trust = pades.Trust(pki.trust_roots(folder), revocation=pades.Revocation.IGNORED)
    signed, sealed = _files(folder, packet.letter())
    rows = []
    for what, pdf in (("1 chữ ký", signed), ("2 chữ ký", sealed)):
        bare = _cpu(lambda pdf=pdf: _bare(pdf, trust), rounds)  # type: ignore[misc]
        ours = _cpu(lambda pdf=pdf: _valid(pades.validate(pdf, trust)), rounds)  # type: ignore[misc]
        rows.append(timed(f"pades.validate, {what}", ours, bare, f"{len(pdf) // 1024} kB"))
        rows.append(_confined(what, pdf, trust, bare, rounds))
    rows += _large(folder, trust, LARGE // 10 if quick else LARGE)
    return Result("validation", "Kiểm tra chữ ký số trong PDF", FLOOR, rows)


def _files(folder: Path, page: bytes) -> tuple[bytes, bytes]:
    """(signed by a leader, then sealed by the agency)."""
    now = datetime.now(UTC)
    leader, agency = (
        pades.Pkcs12Key.open(pki.p12_path(folder, slug).read_bytes(), packet.PASSPHRASE)
        for slug in ("chu-tich", "ubnd")
    )
    prepared = pades.prepare(page, _PLACES, signers=["nguoi_ky_1"])
    image = images.signature(packet.LEADER)
    signed = pades.sign(prepared, "nguoi_ky_1", leader, signed_at=now, image=image)
    font = (tinos_folder() / "400Regular/Tinos_400Regular.ttf").read_bytes()
    seal = pades.seal(
        signed, agency, number="15", issued_date=date(2026, 11, 21), font=font, signed_at=now, place="Hà Tĩnh"
    )
    return signed, seal


def _bare(pdf: bytes, trust: pades.Trust) -> None:
    async def judge() -> None:
        for signature in PdfFileReader(io.BytesIO(pdf), strict=True).embedded_signatures:
            context = ValidationContext(trust_roots=list(trust.roots), revocation_mode="soft-fail")
            status = await async_validate_pdf_signature(signature, signer_validation_context=context)
            if not status.bottom_line:
                raise RuntimeError("pyHanko does not accept the sample")

    asyncio.run(judge())


def _valid(report: pades.ValidationReport) -> None:
    if report.verdict is not pades.Verdict.VALID:
        raise RuntimeError(f"the sample is not valid: {report.all_reasons}")


def _cpu(work: Callable[[], object], rounds: int) -> Times:
    """Milliseconds of this process's processor time per call; two calls before fill caches."""
    taken = []
    for number in range(rounds + 2):
        started = time.process_time()
        work()
        if number > 1:
            taken.append((time.process_time() - started) * 1000)
    return Times(taken)


def _confined(what: str, pdf: bytes, trust: pades.Trust, bare: Times, rounds: int) -> Row:
    """Elapsed: the processor time is another process's."""
    taken = []
    for number in range(rounds + 2):
        started = time.perf_counter()
        _valid(pades.validate_within(pdf, trust))
        if number > 1:
            taken.append((time.perf_counter() - started) * 1000)
    return timed(
        f"pades.validate_within (tiến trình riêng), {what}", Times(taken), bare, "thời gian trôi qua"
    )


def _large(folder: Path, trust: pades.Trust, size: int) -> list[Row]:
    """A scan of that size, signed and validated from disk; memory of a fresh process beyond what it had before."""
    path = folder / "large.pdf"
    with pikepdf.open(io.BytesIO(packet.letter())) as document:
        document.Root["/Anh"] = document.make_indirect(document.make_stream(os.urandom(size)))
        content = io.BytesIO()
        document.save(content)
    rows = []
    for what, pdf in zip(("1 chữ ký", "2 chữ ký"), _files(folder, content.getvalue()), strict=True):
        path.write_bytes(pdf)
        ms, memory = _in_fresh_process(lambda: _validate_file(path, trust))
        about = f"tệp {size // 1_000_000} MB trên đĩa, {what}"
        rows += [
            Row(f"pades.validate, {about}", ms, "ms", 1000.0, round(ms / 1000, 2), notes="sàn: 1 giây"),
            Row(f"bộ nhớ thêm, {about}", memory, "MB", 120.0, round(memory / 120, 2), notes="sàn: 120 MB"),
        ]
    path.unlink()
    return rows


def _validate_file(path: Path, trust: pades.Trust) -> None:
    with path.open("rb") as stream:
        _valid(pades.validate(stream, trust))


def _in_fresh_process(work: Callable[[], None]) -> tuple[float, float]:
    """(elapsed milliseconds, MB of memory at most beyond what the process had at the beginning)."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        before = _resident()
        started = time.perf_counter()
        work()
        ms = (time.perf_counter() - started) * 1000
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        os.write(writing, f"{ms} {peak - before}".encode())
        os._exit(0)
    os.close(writing)
    told = os.read(reading, 100).decode().split()
    os.waitpid(child, 0)
    os.close(reading)
    if len(told) != 2:
        raise RuntimeError("the large file was not valid")
    return float(told[0]), float(told[1])


def _resident() -> float:
    """MB that this process has in memory; its highest mark is set back to it."""
    Path("/proc/self/clear_refs").write_text("5")
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20
