"""What stands around the XML: nothing (QCVN 102) or the MIME parts of the 2803-era files.

Owns telling the two apart and cutting MIME parts, streaming; refuses to interpret XML.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from vanthu.edxml.content import CHUNK
from vanthu.edxml.errors import NotXml, TooLarge
from vanthu.edxml.limits import Limits

_BOM = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
_MIME_START = re.compile(rb"(?i)(mime-version|content-type|content-id|message-id|soapaction|--[^\r\n-])")
_BOUNDARY = re.compile(rb'(?i)boundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))')
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n")
_LONGEST_HEAD = 64 * 1024


class Source:
    """The packet's bytes in pieces, counted, hashed and limited as they pass."""

    def __init__(self, source: bytes | BinaryIO | Path, limits: Limits) -> None:
        self._limits = limits
        self._digest = hashlib.sha256()
        self._own = not isinstance(source, (bytes, bytearray, memoryview)) and isinstance(source, Path)
        self._handle = _opened(source)
        self._ahead = b""
        self.size = 0

    def close(self) -> None:
        """Close what was opened here; the caller's stream stays open."""
        if self._own:
            self._handle.close()

    @property
    def sha256(self) -> str:
        """Lower-case hexadecimal hash of everything read so far."""
        return self._digest.hexdigest()

    def peek(self, size: int) -> bytes:
        """The next bytes, at least ``size`` of them unless the source ends, without using them up."""
        while len(self._ahead) < size:
            chunk = self._read()
            if not chunk:
                break
            self._ahead += chunk
        return self._ahead

    def drop(self, size: int) -> None:
        """Use up bytes that were peeked at."""
        self._ahead = self._ahead[size:]

    def next(self) -> bytes:
        """The next piece; empty at the end. Raises ``TooLarge``."""
        if self._ahead:
            ahead, self._ahead = self._ahead, b""
            return ahead
        return self._read()

    def chunks(self) -> Iterator[bytes]:
        """All remaining pieces."""
        while chunk := self.next():
            yield chunk

    def _read(self) -> bytes:
        chunk = self._handle.read(CHUNK) or b""
        self.size += len(chunk)
        if self.size > self._limits.max_size:
            raise TooLarge(what="toàn bộ gói tin", limit=self._limits.max_size)
        self._digest.update(chunk)
        return chunk


def _opened(source: bytes | BinaryIO | Path) -> BinaryIO:
    if isinstance(source, Path):
        return source.open("rb")
    if isinstance(source, (bytes, bytearray, memoryview)):
        return io.BytesIO(source)
    return source


def skip_leading(source: Source) -> bool:
    """Use up a byte order mark and white space before the XML; tells whether there was white space."""
    head = source.peek(1024)
    if head.startswith(_BOM):
        source.drop(len(_BOM))
        head = source.peek(1024)
    spaces = len(head) - len(head.lstrip(b" \t\r\n"))
    source.drop(spaces)
    return spaces > 0


def is_mime(source: Source) -> bool:
    """Whether MIME headers, not XML, come next. Raises ``NotXml`` for anything else."""
    head = source.peek(64)
    if head.startswith((b"<", *_UTF16_MARKS)):
        return False
    if _MIME_START.match(head):
        return True
    raise NotXml(line=1, column=0, reason="không bắt đầu bằng thẻ XML" if head else "tệp rỗng")


def mime_parts(source: Source) -> Iterator[Iterator[bytes]]:
    """The XML of each MIME part as an iterator of pieces; each must be used up before the next."""
    boundary = _find_boundary(source)
    stream = _Parts(source, b"--" + boundary)
    while stream.next_part():
        yield stream.body()


def _find_boundary(source: Source) -> bytes:
    head = source.peek(_LONGEST_HEAD)[:_LONGEST_HEAD]
    if head.startswith(b"--"):
        return head.split(b"\n", 1)[0].strip()[2:]
    found = _BOUNDARY.search(head)
    if not found:
        raise NotXml(line=1, column=0, reason="không tìm thấy ranh giới các phần MIME")
    return found[1] or found[2]


class _Parts:
    """Cuts a stream at lines that begin with the boundary, holding no more than a piece and a boundary."""

    def __init__(self, source: Source, mark: bytes) -> None:
        self._source = source
        self._mark = mark
        self._buffer = b""
        self._started = False
        self._inside = False
        self._ended = False

    def next_part(self) -> bool:
        """Move behind the next boundary and its part headers; false at the closing boundary or the end."""
        if not self._started:
            self._started = True
            self._skip_preamble()
        for _rest in self.body():  # what the reader of the last part left over
            pass
        if self._ended or not self._skip_headers():
            return False
        self._inside = True
        return True

    def body(self) -> Iterator[bytes]:
        """The pieces up to the next boundary line."""
        if not self._inside:
            return
        mark = b"\n" + self._mark
        while True:
            at = self._buffer.find(mark)
            if at != -1:
                piece, self._buffer = self._buffer[:at], self._buffer[at + len(mark) :]
                self._inside = False
                self._ended = self._closing()
                if piece:
                    yield piece
                return
            keep = len(mark)
            if len(self._buffer) > keep:
                piece, self._buffer = self._buffer[:-keep], self._buffer[-keep:]
                yield piece
            if not self._more():
                self._inside, self._ended = False, True
                piece, self._buffer = self._buffer, b""
                if piece:
                    yield piece
                return

    def _skip_preamble(self) -> None:
        """Move behind the first boundary; the file's headers name it too, hence only at a line's start."""
        self._buffer = b"\n" + self._buffer
        mark = b"\n" + self._mark
        while (at := self._buffer.find(mark)) == -1:
            if len(self._buffer) > _LONGEST_HEAD or not self._more():
                raise NotXml(line=1, column=0, reason="không tìm thấy phần MIME nào")
        self._buffer = self._buffer[at + len(mark) :]
        self._ended = self._closing()

    def _skip_headers(self) -> bool:
        while True:
            stripped = self._buffer.lstrip(b" \t\r\n")
            if stripped.startswith(b"<"):  # a part without headers
                self._buffer = stripped
                return True
            found = _BLANK_LINE.search(self._buffer)
            if found:
                self._buffer = self._buffer[found.end() :].lstrip(b" \t\r\n")
                return True
            if len(self._buffer) > _LONGEST_HEAD:
                raise NotXml(line=1, column=0, reason="đầu phần MIME quá dài")
            if not self._more():
                return False

    def _closing(self) -> bool:
        while len(self._buffer) < 2 and self._more():
            pass
        return self._buffer.startswith(b"--")

    def _more(self) -> bool:
        chunk = self._source.next()
        self._buffer += chunk
        return bool(chunk)
