"""Writes one more hop into a packet that leaves for another axis, and changes no other byte of it.

QCVN 102:2016/BTTTT wants a ``TraceHeader`` per hop. Reading the packet and writing it anew would change what the
sender wrote; so the element is put into the text at the place where it belongs, in the spelling (prefix) that the
packet itself uses. Owns that place. Refuses packets in encodings where text is not ASCII-compatible.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from xml.parsers import expat
from xml.sax.saxutils import escape

from vanthu.edxml.errors import ForbiddenDoctype, NotXml, TooLarge
from vanthu.edxml.limits import Limits

CHUNK = 1 << 16
UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
TIME = "%Y/%m/%d %H:%M:%S"


@dataclass(frozen=True)
class Splice:
    """Where the new text goes: ``text`` stands instead of the ``cut`` bytes at ``offset``."""

    offset: int
    cut: int
    text: bytes


def splice(stream: BinaryIO, organ_id: str, at: datetime, limits: Limits | None = None) -> Splice:
    """How a hop of ``organ_id`` at the instant ``at`` (in the zone it is given in) is written into the packet.

    Reads from the beginning, no further than the header. The same packet, code and instant always give the same
    answer. Raises ``NotXml``, ``ForbiddenDoctype``, ``TooLarge``.
    """
    hop = _Hop(escape(organ_id), at.strftime(TIME))
    return _Search(hop, (limits or Limits()).max_text).run(stream)


class Spliced(io.RawIOBase):
    """The packet with its new hop as a stream of its own, in constant memory; closes the original with it."""

    def __init__(self, original: BinaryIO, change: Splice) -> None:
        self._original = original
        self._change = change
        self._position = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """From the beginning and from the end."""
        return True

    def tell(self) -> int:
        """Bytes from the beginning."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position counted from the beginning or the end."""
        if whence == io.SEEK_END:
            offset += self._original.seek(0, io.SEEK_END) + len(self._change.text) - self._change.cut
        elif whence != io.SEEK_SET:
            raise io.UnsupportedOperation("positions are counted from the beginning or the end")
        self._position = offset
        return offset

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most ``size``; empty at the end."""
        if size < 0:
            pieces = iter(lambda: self.read(CHUNK), b"")
            return b"".join(pieces)
        before, text = self._change.offset, self._change.text
        if self._position < before:
            self._original.seek(self._position)
            found = self._original.read(min(size, before - self._position))
        elif self._position < before + len(text):
            found = text[self._position - before :][:size]
        else:
            self._original.seek(self._position - len(text) + self._change.cut)
            found = self._original.read(size)
        self._position += len(found)
        return found

    def close(self) -> None:
        """Close the original too."""
        self._original.close()
        super().close()


@dataclass(frozen=True)
class _Hop:
    organ_id: str
    timestamp: str

    def written(self, prefix: str) -> bytes:
        """The element with the prefix that its neighbours have."""
        return (
            f"<{prefix}TraceHeader><{prefix}OrganId>{self.organ_id}</{prefix}OrganId>"
            f"<{prefix}Timestamp>{self.timestamp}</{prefix}Timestamp></{prefix}TraceHeader>"
        ).encode()


class _Found(Exception):
    """Ends the search early: what follows is of no interest."""


class _Search:
    """One pass over the header.

    The place is behind the last ``TraceHeader``; without one, at the beginning of ``TraceHeaderList``; without a
    list, behind ``MessageHeader``, with a list around it.
    """

    def __init__(self, hop: _Hop, limit: int) -> None:
        self._hop = hop
        self._limit = limit
        self._seen = bytearray()
        self._list: str | None = None
        self._empty_list_at: int | None = None
        self._place: Callable[[], Splice] | None = None
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        self._parser = parser

    def run(self, stream: BinaryIO) -> Splice:
        stream.seek(0)
        try:
            while chunk := stream.read(CHUNK):
                if not self._seen and chunk.startswith(UTF16):
                    raise NotXml(line=1, column=0, reason="bảng mã UTF-16, không ghi thêm vết được")
                self._seen += chunk
                if len(self._seen) > self._limit:
                    raise TooLarge(what="phần đầu gói tin", limit=self._limit)
                self._parser.Parse(chunk, False)
        except _Found:
            pass
        except expat.ExpatError as problem:
            raise NotXml(
                line=problem.lineno, column=problem.offset, reason=expat.ErrorString(problem.code)
            ) from None
        if self._place is None:
            raise NotXml(line=1, column=0, reason="thiếu MessageHeader")
        return self._place()

    def _doctype(self, *_details: object) -> None:
        raise ForbiddenDoctype

    def _start(self, tag: str, _attributes: dict[str, str]) -> None:
        prefix, name = _split(tag)
        at = self._parser.CurrentByteIndex
        if self._list is not None and self._empty_list_at is not None:
            self._empty_list_at = None
            self._place = lambda: Splice(at, 0, self._hop.written(prefix))
        if name == "TraceHeaderList":
            self._list, self._empty_list_at = tag, at

    def _end(self, tag: str) -> None:
        prefix, name = _split(tag)
        at = self._parser.CurrentByteIndex
        if name == "TraceHeader" and self._list is not None:
            self._place = lambda: Splice(self._after(at, tag), 0, self._hop.written(prefix))
        elif name == "MessageHeader":
            self._place = lambda: self._with_list(self._after(at, tag), f"{prefix}TraceHeaderList", prefix)
        elif name == "TraceHeaderList":
            if self._empty_list_at is not None:
                self._place = self._in_empty_list(self._empty_list_at, at, tag)
            raise _Found
        elif name == "edXMLHeader":
            raise _Found

    def _in_empty_list(self, start: int, end: int, tag: str) -> Callable[[], Splice]:
        prefix, _ = _split(tag)
        if self._closes(end, tag):
            return lambda: Splice(end, 0, self._hop.written(prefix))
        # "<TraceHeaderList/>": the slash gives way to content and an end tag.
        close = self._seen.index(b"/>", start)
        return lambda: Splice(close, 2, b">" + self._hop.written(prefix) + f"</{tag}>".encode())

    def _with_list(self, offset: int, tag: str, prefix: str) -> Splice:
        text = f"<{tag}>".encode() + self._hop.written(prefix) + f"</{tag}>".encode()
        return Splice(offset, 0, text)

    def _after(self, at: int, tag: str) -> int:
        """The byte behind an element whose end was told at ``at``: its end tag, or behind ``<x/>`` already."""
        return self._seen.index(b">", at) + 1 if self._closes(at, tag) else at

    def _closes(self, at: int, tag: str) -> bool:
        end_tag = b"</" + tag.encode()
        behind = bytes(self._seen[at + len(end_tag) : at + len(end_tag) + 1])
        return self._seen.startswith(end_tag, at) and behind in (b">", b" ", b"\t", b"\r", b"\n")


def _split(tag: str) -> tuple[str, str]:
    """``edXML:To`` as ``("edXML:", "To")``."""
    prefix, colon, name = tag.rpartition(":")
    return prefix + colon, name
