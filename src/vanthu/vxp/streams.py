"""Packet bodies on their way out: readable twice, hashed and cut into chunks in constant memory."""

from __future__ import annotations

import hashlib
import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

CHUNK = 1 << 18


@contextmanager
def readable(body: bytes | BinaryIO | Path) -> Iterator[BinaryIO]:
    """The body as a stream that can be read twice: once for its hash, once for the wire."""
    if isinstance(body, bytes):
        yield io.BytesIO(body)
    elif isinstance(body, Path):
        with body.open("rb") as stream:
            yield stream
    elif body.seekable():
        yield body
    else:
        with tempfile.TemporaryFile() as spool:
            shutil.copyfileobj(body, spool, CHUNK)
            spool.seek(0)
            yield spool


def measure(stream: BinaryIO) -> tuple[bytes, int]:
    """SHA-256 digest and size in bytes from the present position, which is restored."""
    start, digest, size = stream.tell(), hashlib.sha256(), 0
    for chunk in chunks(stream):
        digest.update(chunk)
        size += len(chunk)
    stream.seek(start)
    return digest.digest(), size


def chunks(stream: BinaryIO) -> Iterator[bytes]:
    """The rest of a stream, piece by piece."""
    while chunk := stream.read(CHUNK):
        yield chunk
