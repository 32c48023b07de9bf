"""The bytes of an attachment: small in memory, large in an unnamed temporary file or wherever they live.

Owns opening them again and again without holding them; refuses to name files on disk (an unnamed file needs
no cleaning up and cannot be reached by a name that came from outside).
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, BinaryIO

CHUNK = 64 * 1024
"""Bytes handled at a time, reading and writing."""

IN_MEMORY = 256 * 1024
"""A content up to this size stays in memory; beyond, it goes to disk."""


class Content:
    """Immutable bytes that can be opened any number of times; equal when their bytes are equal.

    Make one with :meth:`of`, :meth:`from_path` or :meth:`from_opener`.
    """

    __slots__ = ("_open", "_sha256", "_size")

    def __init__(self, opener: Callable[[], BinaryIO], size: int, sha256: str) -> None:
        self._open = opener
        self._size = size
        self._sha256 = sha256

    @classmethod
    def of(cls, data: bytes) -> Content:
        """Content held in memory."""
        kept = bytes(data)
        return cls(lambda: io.BytesIO(kept), len(kept), hashlib.sha256(kept).hexdigest())

    @classmethod
    def from_path(cls, path: Path) -> Content:
        """Content of a file that stays where it is and must not change meanwhile. Raises ``OSError``."""
        with path.open("rb") as handle:
            digest, size = _measure(handle)
        return cls(lambda: path.open("rb"), size, digest)

    @classmethod
    def from_opener(cls, opener: Callable[[], BinaryIO], *, size: int, sha256: str) -> Content:
        """Content that someone else keeps (a blob store); size in bytes and hash as that keeper vouches."""
        return cls(opener, size, sha256.lower())

    @property
    def size(self) -> int:
        """Bytes."""
        return self._size

    @property
    def sha256(self) -> str:
        """Lower-case hexadecimal SHA-256."""
        return self._sha256

    def open(self) -> BinaryIO:
        """A new reader at the first byte; the caller closes it."""
        return self._open()

    def chunks(self, size: int = CHUNK) -> Iterator[bytes]:
        """All bytes, in pieces of at most ``size``."""
        with self.open() as handle:
            while chunk := handle.read(size):
                yield chunk

    def read(self) -> bytes:
        """All bytes at once; only for contents known to be small."""
        with self.open() as handle:
            return handle.read()

    def head(self, size: int) -> bytes:
        """The first ``size`` bytes (fewer when the content is shorter)."""
        with self.open() as handle:
            return handle.read(size)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Content):
            return NotImplemented
        return (self._size, self._sha256) == (other._size, other._sha256)

    def __hash__(self) -> int:
        return hash((self._size, self._sha256))

    def __repr__(self) -> str:
        return f"Content(size={self._size}, sha256={self._sha256[:12]}…)"


def _measure(handle: BinaryIO) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    while chunk := handle.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


class SpoolFile:
    """One unnamed file that several spools fill one after the other: a packet of many files opens only one.

    ``directory`` is where it lives (the system's temporary directory when ``None``); made when first needed.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._file: IO[bytes] | None = None
        self._size = 0

    def append(self, data: bytes | bytearray) -> int:
        """Add bytes at the end; returns where they begin."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._directory)  # noqa: SIM115 - lives as long as its contents
        begin = self._size
        self._file.write(data)
        self._size += len(data)
        return begin

    def reader(self, begin: int, size: int) -> BinaryIO:
        """A new reader of ``size`` bytes from ``begin`` on."""
        assert self._file is not None
        self._file.flush()
        return io.BufferedReader(_Stretch(self._file, begin, size), CHUNK)


class Spool:
    """Collects bytes of unknown length into a :class:`Content`, going to disk when they grow.

    ``directory`` is where the unnamed file lives (the system's temporary directory when ``None``). Spools with
    the same ``shared`` file must be filled one after the other.
    """

    def __init__(self, directory: Path | None = None, *, shared: SpoolFile | None = None) -> None:
        self._file = shared or SpoolFile(directory)
        self._memory = bytearray()
        self._begin: int | None = None
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self._digest.update(data)
        self.size += len(data)
        if self._begin is not None:
            self._file.append(data)
            return
        self._memory += data
        if len(self._memory) > IN_MEMORY:
            self._begin = self._file.append(self._memory)
            self._memory = bytearray()

    def finish(self) -> Content:
        """The collected bytes; the spool must not be used afterwards."""
        digest = self._digest.hexdigest()
        if self._begin is None:
            kept = bytes(self._memory)
            return Content(lambda: io.BytesIO(kept), self.size, digest)
        file, begin, size = self._file, self._begin, self.size
        return Content(lambda: file.reader(begin, size), size, digest)


class _Stretch(io.RawIOBase):
    """A reader with its own position over a part of a file that several readers share; it keeps the file alive."""

    def __init__(self, shared: IO[bytes], begin: int, size: int) -> None:
        super().__init__()
        self._shared = shared
        self._begin = begin
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position}.get(whence, self._size)
        if base + offset < 0:
            raise ValueError("negative seek position")
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        wanted = max(0, min(len(buffer), self._size - self._position))
        data = os.pread(self._shared.fileno(), wanted, self._begin + self._position)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
