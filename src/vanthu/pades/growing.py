"""Files that only grow while they are worked on: what was hashed once is not read again.

A large file is signed in a copy of one's own, to which a revision is appended; guards before and after, the signature
itself, the judgement and the store each need the hash of nearly the same bytes. Owns the memory of those hashes, and
that writing through it forgets what no longer holds. Refuses to notice writing by others: the file must be one's own.
"""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path, PosixPath
from typing import Any, BinaryIO

PIECE = 1 << 20


class Beginnings:
    """Hashes of a file's beginnings, to go on with."""

    def __init__(self) -> None:
        self._known: dict[str, dict[int, hashlib._Hash]] = {}

    def hashed(self, algorithm: str, stream: BinaryIO, end: int) -> hashlib._Hash:
        """The hash of the first ``end`` bytes, as an object of the caller's own; where ``stream`` stands afterwards is
        not said. Raises EOFError when it is shorter."""
        known = self._known.setdefault(algorithm, {0: hashlib.new(algorithm)})
        position = max(place for place in known if place <= end)
        state = known[position].copy()
        stream.seek(position)
        while position < end:
            piece = stream.read(min(PIECE, end - position))
            if not piece:
                raise EOFError("the file ends before what is to be hashed")
            state.update(piece)
            position += len(piece)
            known[position] = state.copy()
        return state

    def remember(self, algorithm: str, position: int, state: hashlib._Hash) -> None:
        """What somebody who read the beginning anyway has hashed."""
        self._known.setdefault(algorithm, {0: hashlib.new(algorithm)})[position] = state.copy()

    def forget(self, behind: int) -> None:
        """What lies behind this position is going to change."""
        for known in self._known.values():
            for place in [place for place in known if place > behind]:
                del known[place]


class _Remembering:
    beginnings: Beginnings


class _Read(_Remembering, io.BufferedReader):
    """A file that is read."""


class _Grown(_Remembering, io.BufferedRandom):
    """A file that is appended to; writing earlier is noticed."""

    def write(self, data: Any, /) -> int:
        self.beginnings.forget(self.tell())
        return super().write(data)

    def truncate(self, size: int | None = None, /) -> int:
        self.beginnings.forget(self.tell() if size is None else size)
        return super().truncate(size)


class OwnFile(PosixPath):
    """The path of a file that nobody else writes; however often it is opened, its beginnings are remembered."""

    @property
    def beginnings(self) -> Beginnings:
        """Of this very object: another one with the same path knows nothing."""
        known: Beginnings = self.__dict__.setdefault("_beginnings", Beginnings())
        return known

    def open(self, mode: str = "r", *args: Any, **named: Any) -> Any:
        """See Path."""
        if mode == "rb":
            return remembering(self, self.beginnings)
        if mode == "r+b":
            grown = _Grown(io.FileIO(self, "r+b"))
            grown.beginnings = self.beginnings
            return grown
        if set(mode) & set("wx+"):
            self.beginnings.forget(0)
        return super().open(mode, *args, **named)


def remembering(path: Path, beginnings: Beginnings | None = None) -> BinaryIO:
    """A file that does not change while it is open, to be read; its beginnings are remembered."""
    read = _Read(io.FileIO(path, "rb"))
    read.beginnings = beginnings or Beginnings()
    return read


def beginnings_of(stream: BinaryIO) -> Beginnings:
    """What is remembered of the file behind ``stream``; nothing yet for any other stream."""
    return stream.beginnings if isinstance(stream, _Remembering) else Beginnings()


def is_remembered(stream: BinaryIO) -> bool:
    """Whether hashing the whole of ``stream`` again costs nothing worth mentioning."""
    return isinstance(stream, _Remembering)


def sha256_of(stream: BinaryIO) -> str:
    """The SHA-256 (hexadecimal) of the whole file."""
    end = stream.seek(0, os.SEEK_END)
    return beginnings_of(stream).hashed("sha256", stream, end).hexdigest()
