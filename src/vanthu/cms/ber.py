"""Walks through BER from a file without holding it (X.690), as far as CMS needs it.

Owns headers, lengths (definite and indefinite) and their limits; refuses tags beyond 30 and nesting without end.
Everything wrong is :class:`Malformed`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

CONSTRUCTED = 0x20
_DEEPEST = 12
_LONGEST_LENGTH = 8
_CHUNK = 1 << 20


class Malformed(ValueError):
    """The bytes are not the BER that was expected."""


@dataclass(frozen=True)
class Header:
    """One tag and length; ``size`` is None for the indefinite form, ``begin`` where the value begins."""

    tag: int
    begin: int
    size: int | None

    @property
    def constructed(self) -> bool:
        """Whether the value is made of elements."""
        return bool(self.tag & CONSTRUCTED)


def read_header(stream: BinaryIO) -> Header:
    """The header at the present position; the stream stands at the value afterwards. Raises Malformed."""
    tag = _byte(stream)
    if tag & 0x1F == 0x1F:
        raise Malformed("long tag")
    first = _byte(stream)
    size: int | None = first
    if first == 0x80:
        if not tag & CONSTRUCTED:
            raise Malformed("indefinite primitive")
        size = None
    elif first & 0x80:
        count = first & 0x7F
        if count > _LONGEST_LENGTH:
            raise Malformed("length too long")
        size = int.from_bytes(_exactly(stream, count), "big")
    return Header(tag, stream.tell(), size)


def expect(stream: BinaryIO, *tags: int) -> Header:
    """A header with one of these tags. Raises Malformed."""
    header = read_header(stream)
    if header.tag not in tags:
        raise Malformed(f"tag {header.tag:#x}")
    return header


def whole(stream: BinaryIO, limit: int) -> bytes:
    """The element at the present position with its header, at most ``limit`` bytes. Raises Malformed."""
    begin = stream.tell()
    skip(stream, read_header(stream))
    size = stream.tell() - begin
    if size > limit:
        raise Malformed("element too large")
    stream.seek(begin)
    return _exactly(stream, size)


def skip(stream: BinaryIO, header: Header, depth: int = 0) -> None:
    """Go behind the value that ``header`` opened. Raises Malformed."""
    if depth > _DEEPEST:
        raise Malformed("nested too deep")
    if header.size is not None:
        _jump(stream, header.size)
        return
    while not at_end(stream):
        skip(stream, read_header(stream), depth + 1)


def at_end(stream: BinaryIO) -> bool:
    """Whether an end-of-contents mark stands here; it is consumed. Raises Malformed at the end of the file."""
    mark = stream.read(2)
    if mark == b"\0\0":
        return True
    if len(mark) < 2:
        raise Malformed("ends too early")
    stream.seek(-2, os.SEEK_CUR)
    return False


def strings(stream: BinaryIO, header: Header, most: int, depth: int = 0) -> list[tuple[int, int]]:
    """Where the bytes of an octet string lie, in one or many pieces: (offset, size); at most ``most`` pieces."""
    if not header.constructed:
        assert header.size is not None
        _jump(stream, header.size)
        return [(header.begin, header.size)]
    if depth > _DEEPEST:
        raise Malformed("nested too deep")
    found: list[tuple[int, int]] = []
    end = None if header.size is None else header.begin + header.size
    while not (at_end(stream) if end is None else stream.tell() >= end):
        found += strings(stream, expect(stream, 0x04, 0x24), most, depth + 1)
        if len(found) > most:
            raise Malformed("too many pieces")
    return found


def read_strings(stream: BinaryIO, pieces: Sequence[tuple[int, int]]) -> Iterator[bytes]:
    """The bytes that :func:`strings` found, in chunks of bounded size. Raises Malformed where the file ends."""
    for begin, size in pieces:
        stream.seek(begin)
        left = size
        while left:
            chunk = stream.read(min(_CHUNK, left))
            if not chunk:
                raise Malformed("ends too early")
            left -= len(chunk)
            yield chunk


def length(size: int) -> bytes:
    """The definite length octets of DER."""
    if size < 0x80:
        return bytes([size])
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def opening(tag: int, size: int) -> bytes:
    """Tag and length of an element of ``size`` bytes."""
    return bytes([tag]) + length(size)


def element(tag: int, value: bytes) -> bytes:
    """A whole element."""
    return opening(tag, len(value)) + value


def _jump(stream: BinaryIO, size: int) -> None:
    if size:
        stream.seek(size - 1, os.SEEK_CUR)
        _byte(stream)


def _byte(stream: BinaryIO) -> int:
    return _exactly(stream, 1)[0]


def _exactly(stream: BinaryIO, size: int) -> bytes:
    if size > 1 << 26:
        raise Malformed("element too large")
    data = stream.read(size)
    if len(data) != size:
        raise Malformed("ends too early")
    return data
