"""What stands around the XML: nothing (QCVN 102) or the MIME headers of the 2803-era files.

Owns the packet's bytes as they come in, counted, hashed and limited, and telling the two apart; the parts of a
MIME file are cut in ``mime``. Refuses to interpret XML.
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
_MIME_START = re.compile(rb"[A-Za-z][A-Za-z0-9-]{0,60}:[ \t\r\n]|--[^\r\n]|(?i:content-type|mime-version):")


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
    rest = head.removeprefix(_BOM)
    bare = rest.lstrip(b" \t\r\n").removeprefix(_BOM).lstrip(b" \t\r\n")
    source.drop(len(head) - len(bare))
    return len(bare) < len(rest)


def is_mime(source: Source) -> bool:
    """Whether MIME headers, not XML, come next. Raises ``NotXml`` for anything else."""
    head = source.peek(64)
    if head.startswith((b"<", *_UTF16_MARKS)):
        return False
    if _MIME_START.match(head):
        return True
    raise NotXml(line=1, column=0, reason="không bắt đầu bằng thẻ XML" if head else "tệp rỗng")
