"""Reading and writing packets: milliseconds, packets per second, and how much memory the largest ones take.

Memory is the peak of a process of its own (:mod:`bench.packet_memory`), which the system measures.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bench.measuring import Result, Row, rated, repeat, timed
from vanthu.edxml import (
    Attachment,
    Content,
    DocumentPacket,
    Organization,
    Packet,
    ResponseFor,
    Signer,
    StaffInfo,
    StatusCode,
    StatusPacket,
    TraceHop,
    read,
    write,
    write_to,
)

MB = 1 << 20
FLOOR = "base64 → byte và SHA-256 của cùng dữ liệu (tệp lớn: thêm ghi đĩa và fsync), cùng lượt đo"
SENDER = Organization(
    "H27.14", "Sở Nội vụ tỉnh Hà Tĩnh", address="Số 1, phường Thành Sen", email="snv@example.vn"
)


def run(*, quick: bool = False) -> Result:
    """Small, 10 MB and 500 MB packets."""
    rounds = 3 if quick else 9
    large = 50 if quick else 500
    rows = [*_statuses(300 if quick else 3_000), *_ten_megabytes(rounds)]
    with tempfile.TemporaryDirectory(dir=os.environ["VANTHU_DATA_DIR"]) as folder:
        rows += _memory(Path(folder), large, quick=quick)
    return Result("packets", "Gói tin edXML: đọc, ghi, bộ nhớ", FLOOR, rows)


# --- small ---


def _statuses(count: int) -> list[Row]:
    packet = _status()
    raw = write(packet)

    def floor() -> None:
        hashlib.sha256(base64.b64decode(base64.b64encode(raw))).hexdigest()

    best = _rate(floor, count)
    return [
        rated(f"{what} gói trạng thái ({len(raw)} byte)", _rate(work, count), "gói/s mỗi nhân", best)
        for what, work in (("đọc", lambda: read(raw)), ("ghi", lambda: write(packet)))
    ]


def _rate(work: Callable[[], object], count: int) -> float:
    """Calls per second of processor time, the best of three turns."""
    turns = []
    for _ in range(3):
        started = time.process_time()
        for _ in range(count):
            work()
        turns.append(count / (time.process_time() - started))
    return round(max(turns))


def _status() -> StatusPacket:
    return StatusPacket(
        sender=Organization(
            "H27.150", "Ủy ban nhân dân xã Cẩm Bình", address="Xã Cẩm Bình", email="ub@example.vn"
        ),
        response_for=ResponseFor(
            "H27.14", "152/SNV-VTLT", "H27.14,2026/03/09,152/SNV-VTLT", date(2026, 3, 9)
        ),
        status_code=StatusCode.ACCEPTED,
        timestamp=datetime(2026, 3, 9, 2, tzinfo=UTC),
        description="Văn thư - Văn phòng: Tiếp nhận văn bản, vào sổ văn bản đến",
        staff=StaffInfo("Văn phòng", "Đỗ Thị Ánh", "anh@example.vn", "0900000001"),
    )


def _document(*files: Attachment) -> DocumentPacket:
    return DocumentPacket(
        sender=SENDER,
        recipients=(Organization("H27.150", "Ủy ban nhân dân xã Cẩm Bình"),),
        document_id="H27.14,2026/03/09,152/SNV-VTLT",
        code_number="152",
        code_notation="SNV-VTLT",
        promulgation_date=date(2026, 3, 9),
        subject="V/v nộp lưu hồ sơ điện tử",
        type_name="Công văn",
        type=2,
        type_detail=18,
        place="Hà Tĩnh",
        signer=Signer("", "Giám đốc", "Lê Thị Thủy"),
        trace=(TraceHop("H27.14", datetime(2026, 3, 9, 1, tzinfo=UTC)),),
        attachments=files,
    )


# --- ten megabytes ---


def _ten_megabytes(rounds: int) -> list[Row]:
    noise = b"%PDF-1.7\n" + os.urandom(10 * MB * 3 // 4)
    rows = []
    for name, how in (("van-ban.pdf", "PDF như nó là"), ("anh.png", "tệp nén ZIP")):
        packet = _document(Attachment(name, Content.of(noise), content_id="1"))
        raw = write(packet)
        text = base64.b64encode(noise)
        floor = repeat(lambda text=text, raw=raw: _least(text, raw), rounds)  # type: ignore[misc]
        size = f"{len(raw) / MB:.0f} MB"
        rows.append(timed(f"đọc gói {size}, {how}", repeat(lambda raw=raw: read(raw), rounds), floor))  # type: ignore[misc]
        writing = repeat(lambda packet=packet: write_to(packet, io.BytesIO()), rounds)  # type: ignore[misc]
        rows.append(timed(f"ghi gói {size}, {how}", writing, floor))
    return rows


def _least(text: bytes, raw: bytes) -> None:
    hashlib.sha256(raw).hexdigest()
    hashlib.sha256(binascii.a2b_base64(text)).hexdigest()


# --- memory ---


def _memory(folder: Path, large: int, *, quick: bool) -> list[Row]:
    ten = _written(folder, "10.edxml", [10 * 3 // 4])
    big = _written(folder, "large.edxml", [large // 5] * 5)
    started = time.perf_counter()
    _least_on_disk(big, folder)
    floor = round(time.perf_counter() - started, 2)
    return [
        _peak("đọc gói 10 MB", "read", ten),
        _peak(f"đọc, lưu kho, băm, chuyển tiếp gói có {large} MB tệp kèm", "forward", big, floor),
        _peak("gói giả 2 GB base64: từ chối ở giới hạn", "endless", Path(str((256 if quick else 2048) * MB))),
    ]


def _written(folder: Path, name: str, sizes: list[int]) -> Path:
    """A packet with attachments of so many megabytes; every second one travels as a ZIP."""
    noise = os.urandom(MB)
    files = []
    for number, size in enumerate(sizes):
        path = folder / f"{number}.bin"
        with path.open("wb") as out:
            out.write(b"%PDF-1.7\n" + number.to_bytes(2, "big"))
            for _ in range(size):
                out.write(noise)
        kind = "png" if number % 2 else "pdf"
        files.append(Attachment(f"tep-{number}.{kind}", Content.from_path(path), content_id=str(number)))
    packet: Packet = _document(*files)
    with (folder / name).open("wb") as out:
        write_to(packet, out)
    for number in range(len(sizes)):
        (folder / f"{number}.bin").unlink()
    return folder / name


def _least_on_disk(packet: Path, folder: Path) -> None:
    """Read the file once, hash it, decode three quarters of it, hash and keep that."""
    whole, content = hashlib.sha256(), hashlib.sha256()
    letters = base64.b64encode(os.urandom(48 * 1024))
    with packet.open("rb") as source, (folder / "floor.bin").open("wb") as target:
        while chunk := source.read(len(letters)):
            whole.update(chunk)
            data = binascii.a2b_base64(letters)
            content.update(data)
            target.write(data)
        target.flush()
        os.fsync(target.fileno())
    (folder / "floor.bin").unlink()


def _peak(what: str, task: str, argument: Path, floor: float | None = None) -> Row:
    """Run one task in a process of its own."""
    database = os.environ["VANTHU_DATABASE_URL"].replace("bench_template", "bench_packets")
    done = subprocess.run(
        [sys.executable, "-m", "bench.packet_memory", task, str(argument)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"VANTHU_DATABASE_URL": database},
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    notes = f"{found['seconds']:.2f} s; trước đó {found['before_mb']:.0f} MB, tăng {found['grown_mb']:.0f} MB"
    notes += f"; {found['said']}" if found["said"] else ""
    notes += f"; sàn {floor:.2f} s" if floor else ""
    return Row(f"đỉnh bộ nhớ: {what}", found["peak_mb"], "MB", notes=notes, detail=found)
