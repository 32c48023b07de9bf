"""Feeds the packet reader with bytes that a coverage-guided fuzzer makes up; run by hand, for as long as one likes.

    python -m pip install atheris
    nice -n 19 python tools/fuzz_packets.py FOLDER -max_total_time=600

FOLDER collects inputs that reach new code, so that the next run goes on from there. Options that begin with one
dash are libFuzzer's. What it finds becomes a test in ``tests/edxml``. atheris is no requirement of the test suite,
whose own fuzzing (hypothesis) follows the same law.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import BinaryIO, cast

import atheris

with atheris.instrument_imports(include=["vanthu.edxml"]):
    from vanthu import edxml

LIMITS = edxml.Limits(max_size=1 << 20, max_unpacked=4 << 20, max_elements=5_000)


def one_input(data: bytes) -> None:
    """The law: refused with a sentence, or read; what passes the check comes back the same from the writer."""
    try:
        result = edxml.read(data, limits=LIMITS)
    except edxml.PacketError as refusal:
        assert refusal.text
        return
    assert all(note.text for note in result.notes)
    _same_in_pieces(data, result.packet)
    json.dumps(edxml.describe(result.packet))
    if any(problem.is_error for problem in edxml.check(result.packet)):
        return
    packet = _as_written(result.packet)
    assert edxml.read(edxml.write(packet)).packet == packet


def _same_in_pieces(data: bytes, packet: edxml.Packet) -> None:
    """What came in small pieces is the same, unless it is refused or said to be damaged."""
    pieces = [data[start : start + 97] for start in range(0, len(data), 97)]
    stream = SimpleNamespace(read=lambda _size: pieces.pop(0) if pieces else b"")
    try:
        again = edxml.read(cast(BinaryIO, stream), limits=LIMITS).packet
    except edxml.PacketError:
        return
    if not any(one.damaged for side in (packet, again) for one in getattr(side, "attachments", ())):
        assert again == packet


def _as_written(packet: edxml.Packet) -> edxml.Packet:
    """Without hops that name no agency, which are never passed on, and without archives, which may be peeled."""
    if isinstance(packet, edxml.StatusPacket):
        return packet
    return replace(
        packet,
        trace=tuple(hop for hop in packet.trace if hop.organ_id),
        attachments=tuple(one for one in packet.attachments if one.content.head(2) != b"PK"),
    )


def seeds() -> Iterator[bytes]:
    """Good packets of every kind to start from."""
    from tests.edxml import packets

    pdf = packets.PDF[:300]
    yield edxml.write(packets.status())
    for make in (packets.update, packets.replacement, packets.recall, packets.document):
        yield edxml.write(
            replace(make(), attachments=(packets.pdf(data=pdf), packets.pdf("a.png", pdf, "2")))
        )
    old = packets.raw(attachments=packets.attached("a.pdf", packets.zipped(packets.zipped(pdf))))
    yield old
    head = b'Content-Type: multipart/related; boundary="b"\r\n\r\n--b\r\nContent-Type: text/xml\r\n'
    raw_parts = (
        b"\r\n--b\r\nContent-ID: <a.pdf>\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(pdf),
        b"\r\n--b\r\nContent-ID: <c.pdf>\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=25PDF=\r\n",
        b'\r\n--b\r\nContent-Disposition: attachment; filename="=?utf-8?q?b=2Epdf?="\r\n\r\n' + pdf,
    )
    yield head + b"\r\n" + old + b"".join(raw_parts) + b"\r\n--b--\r\n"
    yield head + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(old) + b"\r\n--b--\r\n"
    status = base64.b64encode(edxml.write(packets.status()))
    yield b"<Envelope><Body><message>" + status + b"</message></Body></Envelope>"


def main() -> None:
    """Put the seeds into the folder and fuzz."""
    folder = next((Path(word) for word in sys.argv[1:] if not word.startswith("-")), None)
    if folder is None:
        raise SystemExit(__doc__)
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds()):
        (folder / f"seed-{number}").write_bytes(seed)
    atheris.Setup([*sys.argv, "-max_len=16384", "-rss_limit_mb=1024"], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
