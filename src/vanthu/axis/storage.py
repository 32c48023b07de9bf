"""Packet bodies: small ones in the database beside the packet, large ones as files, durable before answering.

A file has the name of its packet. It is written and synced before the transaction that names it, so a crash
can leave a file without a packet (swept later), never a packet without its file.
"""

from __future__ import annotations

import io
import os
import tempfile
import time
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings

from vanthu.axis.errors import PacketTooLarge
from vanthu.axis.models import Packet, PacketBody

INLINE_LIMIT = 256 << 10
WRITE_BACK_EVERY = 1 << 20
"""So many bytes of a large body are sent on to the disk while the next arrive: less is left for the sync at its end."""
FORGOTTEN_AFTER_SECONDS = 86400
TIME_DIGITS = 6
"""A folder holds what came in about 4.7 hours: so many hexadecimal digits of the time in a packet's key."""


def largest_packet() -> int:
    """The most bytes a packet may have: four uploads' worth, since base64 and several files swell it."""
    return int(settings.VANTHU.max_upload_mb) * 4 << 20


class Spool:
    """A body on its way in: in memory while small, in a file beside its later place when it grows."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._stream: BinaryIO = io.BytesIO()
        self._path: Path | None = None
        self._size = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def write(self, chunk: bytes) -> None:
        """Take the next bytes; raises :class:`PacketTooLarge`."""
        self._size += len(chunk)
        if self._size > self.limit:
            raise PacketTooLarge(limit_mb=self.limit >> 20)
        if self._path is None and self._size > INLINE_LIMIT:
            self._move_to_file()
        self._stream.write(chunk)
        if (
            self._path is not None
            and self._size // WRITE_BACK_EVERY != (self._size - len(chunk)) // WRITE_BACK_EVERY
        ):
            self._stream.flush()
            # Linux starts writing at once what it is told will not be needed in memory.
            os.posix_fadvise(self._stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def cut(self, size: int) -> None:
        """Drop what stands behind the first ``size`` bytes."""
        self._stream.truncate(size)

    def stream(self) -> BinaryIO:
        """The body from its beginning."""
        self._stream.seek(0)
        return self._stream

    def inline(self) -> bytes | None:
        """The whole body when it is small enough for the database, else None."""
        return self.stream().read() if self._path is None else None

    def keep(self, packet_id: UUID) -> str:
        """Make the file durable under the packet's name; returns the name. Empty when the body is small."""
        if self._path is None:
            return ""
        name = f"{packet_id.hex[:TIME_DIGITS]}/{packet_id.hex[-2:]}/{packet_id.hex}"
        target = root() / name
        self._stream.flush()
        os.fsync(self._stream.fileno())
        target.parent.mkdir(parents=True, exist_ok=True)
        self._path.replace(target)
        self._path = None
        for folder in (target.parent, target.parent.parent, root()):
            _sync(folder)
        return name

    def _move_to_file(self) -> None:
        incoming = root() / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=incoming)
        self._path = Path(name)
        file = os.fdopen(handle, "w+b")
        file.write(self.stream().read())
        self._stream = file


def discard(name: str) -> None:
    """Remove the file of a packet that was not accepted after all."""
    if name:
        (root() / name).unlink(missing_ok=True)


def open_body(packet: Packet) -> BinaryIO:
    """The packet's bytes as a stream; raises ``FileNotFoundError`` when the store does not have them."""
    if packet.body_file:
        return (root() / packet.body_file).open("rb")
    body = PacketBody.objects.filter(pk=packet.pk).first()
    if body is None:
        raise FileNotFoundError(str(packet.pk))
    return io.BytesIO(bytes(body.content))


def sweep() -> int:
    """Remove files older than a day that no packet names, left by killed processes; returns how many."""
    removed, before = 0, time.time() - FORGOTTEN_AFTER_SECONDS
    for path in root().glob("*/**/*"):
        if not path.is_file() or path.stat().st_mtime > before:
            continue
        if not Packet.objects.filter(body_file=path.relative_to(root()).as_posix()).exists():
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def root() -> Path:
    """The folder of the bodies that are files."""
    return Path(settings.VANTHU.blob_dir) / "axis"
