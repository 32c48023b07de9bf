"""One task on one packet in a process of its own: ``python -m bench.packet_memory read|forward|endless …``.

Prints JSON: the peak of the process' memory (VmHWM) in MB, what it held before the task, and the seconds it took.
"""

from __future__ import annotations

import io
import json
import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from vanthu.edxml import DocumentPacket, PacketError, TraceHop, read, write_to


def _read(argument: str) -> str:
    read(Path(argument))
    return ""


def _forward(argument: str) -> str:
    """What an agency site does with a packet: keep it, keep each file, pass it on with one more hop."""
    from vanthu.blobs import store

    with Path(argument).open("rb") as source:
        kept = store.put(source)
    packet = read(store.path_of(kept.sha256)).packet
    assert isinstance(packet, DocumentPacket)
    for one in packet.attachments:
        with one.content.open() as stream:
            assert store.put(stream).sha256 == one.content.sha256
    hop = TraceHop("H27", datetime(2026, 3, 9, 2, tzinfo=UTC))
    with tempfile.TemporaryFile(dir=Path(argument).parent) as target:
        write_to(replace(packet, trace=(*packet.trace, hop)), target)
        target.seek(0)
        store.put(target)
    return ""


class _Endless(io.RawIOBase):
    """A packet whose one attachment goes on and on."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._left = size
        self._head: bytes | None = b"<edXML><AttachmentEncoded><Attachment><Content>"
        self._more = b"QUJD" * (16 * 1024)

    def read(self, size: int = -1) -> bytes:
        head, self._head = self._head, None
        piece = head or (self._more if self._left > 0 else b"")
        self._left -= len(piece)
        return piece


def _endless(argument: str) -> str:
    try:
        read(_Endless(int(argument)))
    except PacketError as refusal:
        return refusal.code
    return "read"


TASKS: dict[str, Callable[[str], str]] = {"read": _read, "forward": _forward, "endless": _endless}


def _peak_mb() -> float:
    # Not getrusage: its peak counts what the parent held when it forked.
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) / 1024


def main() -> None:
    """Do the task and say what it took."""
    task, argument = sys.argv[1:3]
    if task == "forward":
        import django

        django.setup()
        from vanthu.blobs.models import Blob

        Blob.objects.exists()  # the connection and the query compiler are not the packet's doing
    before, started = _peak_mb(), time.perf_counter()
    said = TASKS[task](argument)
    seconds, peak = time.perf_counter() - started, _peak_mb()
    found = {
        "peak_mb": peak,
        "before_mb": before,
        "grown_mb": peak - before,
        "seconds": seconds,
        "said": said,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
