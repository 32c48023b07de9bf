"""Large streams of a PDF stay in their file until somebody asks for their bytes.

Owns that a reader which walks over every object (the difference analysis does) needs no memory for what they hold.
Refuses to change anything that is read.
"""

from __future__ import annotations

import os
import re
from typing import Any, BinaryIO

from pyhanko.pdf_utils.generic import StreamObject

LARGE = 1 << 16
"""Bytes from which on a stream is left where it is."""

_MAY_BE_LARGE = re.compile(rb"/Length\s+(?:\d{5,}\b|\d+\s+\d+\s+R).*?\bstream\b", re.DOTALL)


def may_be_large(beginning: bytes) -> bool:
    """Whether an object that begins like this may hold a large stream."""
    return _MAY_BE_LARGE.search(beginning) is not None


class Later(bytes):
    """Stands for ``size`` bytes of a file from ``start`` on."""

    source: BinaryIO
    start: int
    size: int

    @classmethod
    def of(cls, source: BinaryIO, start: int, size: int) -> Later:
        """Nothing is read yet."""
        later = cls()
        later.source, later.start, later.size = source, start, size
        return later

    def __getitem__(self, part: Any) -> bytes:  # type: ignore[override]
        """All but the last byte: what is left when a stream's length was one too high. Else the bytes themselves."""
        if part == slice(None, -1, None):
            return Later.of(self.source, self.start, self.size - 1)
        return self.fetched()[part]  # type: ignore[no-any-return]

    def fetched(self) -> bytes:
        """The bytes; where the file stands does not change."""
        before = self.source.tell()
        self.source.seek(self.start)
        try:
            return self.source.read(self.size)
        finally:
            self.source.seek(before)


class Sparing:
    """A file as a parser reads it, but that large reads are put off."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.seek, self.tell = source.seek, source.tell

    def read(self, size: int = -1) -> bytes:
        """As of a file."""
        if size < LARGE:
            return self._source.read(size)
        start = self._source.tell()
        end = self._source.seek(0, os.SEEK_END)
        self._source.seek(start)
        if start + size > end:
            return self._source.read(size)
        self._source.seek(start + size)
        return Later.of(self._source, start, size)


class LargeStream(StreamObject):
    """A stream whose bytes are fetched each time they are asked for."""

    @classmethod
    def instead(cls, read: StreamObject) -> LargeStream:
        """The same object, with what was put off."""
        large = cls(dict(read), encoded_data=read._encoded_data)
        large.container_ref = read.container_ref
        return large

    @property
    def _encoded_data(self) -> bytes | None:
        given = self._kept
        return given.fetched() if isinstance(given, Later) else given

    @_encoded_data.setter
    def _encoded_data(self, given: bytes | None) -> None:
        self._kept = given


def fetched_later(read: Any) -> Any:
    """What a parser read through :class:`Sparing`; anything else than a large stream as it is."""
    if type(read) is StreamObject and isinstance(read._encoded_data, Later):
        return LargeStream.instead(read)
    return read
