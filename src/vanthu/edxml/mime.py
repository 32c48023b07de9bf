"""The MIME parts of 2803-era files, cut while streaming.

Owns boundaries, part headers and transfer encodings. Refuses to know what the parts mean, beyond telling XML from
files that travel as they are.
"""

from __future__ import annotations

import binascii
import email
import email.errors
import email.header
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from itertools import chain

from vanthu.edxml.container import Source
from vanthu.edxml.errors import NotXml

_BOUNDARY = re.compile(rb'(?i)boundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))')
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n|\A\r?\n")
_LONGEST_HEAD = 64 * 1024
_ENOUGH = 256
_SPACE = b" \t\r\n"
_BASE64_ONLY = re.compile(rb"[A-Za-z0-9+/=\r\n]{16,}")
_XML_TYPES = ("", "text/xml", "application/xml", "text/plain")
_XML_STARTS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Part:
    """One part: what its headers say, and its bytes with the transfer encoding undone.

    ``is_base64`` means that ``pieces`` are base64 text still, for the decoder that attachments share.
    """

    content_id: str
    name: str
    content_type: str
    is_xml: bool
    is_base64: bool
    pieces: Iterator[bytes]


def mime_parts(source: Source) -> Iterator[Part]:
    """The parts one after the other; each must be used up before the next. Raises ``NotXml``."""
    stream = _Parts(source, _find_boundary(source))
    while (headers := stream.next_part()) is not None:
        yield _part(headers, stream.body())


def _part(headers: bytes, body: Iterator[bytes]) -> Part:
    said = email.message_from_string(headers.strip().decode("utf-8", "replace"))
    encoding = _header(said, "Content-Transfer-Encoding").strip().lower()
    content_type = _header(said, "Content-Type").partition(";")[0].strip().lower()
    content_id = _header(said, "Content-ID").strip().removeprefix("<").removesuffix(">")
    decoded = _unquoted(body) if encoding == "quoted-printable" else body
    first = _first(decoded)
    is_base64 = encoding == "base64" or (not encoding and _BASE64_ONLY.fullmatch(first[:64]) is not None)
    is_xml = first.lstrip(_SPACE).startswith(_XML_STARTS) and content_type != "text/html"
    pieces: Iterator[bytes] = chain((first.lstrip(_SPACE) if is_xml else first,), decoded)
    if is_xml:
        is_base64 = False
    elif is_base64 and content_type in _XML_TYPES and _decoded(first[:64]).startswith(_XML_STARTS):
        is_base64, is_xml, pieces = False, True, _without_base64(pieces)
    return Part(content_id, _file_name(said) or content_id, content_type, is_xml, is_base64, pieces)


def _header(said: Message, name: str) -> str:
    return str(said.get(name, ""))


def _file_name(said: Message) -> str:
    """The name in the headers, MIME words decoded; empty when there is none."""
    try:
        name = said.get_filename("") or ""
        return str(email.header.make_header(email.header.decode_header(name))).strip()
    except (LookupError, ValueError, email.errors.MessageError):
        return ""


def _first(pieces: Iterator[bytes]) -> bytes:
    """The first bytes, some hundred at least unless the part is shorter."""
    first = b""
    while len(first) < _ENOUGH and (piece := next(pieces, None)) is not None:
        first += piece
    return first


def _unquoted(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Quoted-printable undone; cut behind a line, or where no escape is being written."""
    rest = b""
    for piece in pieces:
        rest += piece
        cut = rest.rfind(b"\n") + 1
        if not cut and len(rest) > _LONGEST_HEAD:
            escape = rest.rfind(b"=", -3)
            cut = len(rest) if escape == -1 else escape
        whole, rest = rest[:cut], rest[cut:]
        yield binascii.a2b_qp(whole)
    yield binascii.a2b_qp(rest)


def _decoded(text: bytes) -> bytes:
    """Whole groups of base64; empty for anything else."""
    letters = text.translate(None, _SPACE)
    try:
        return binascii.a2b_base64(letters[: len(letters) - len(letters) % 4])
    except binascii.Error:
        return b""


def _without_base64(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        letters = rest + piece.translate(None, _SPACE)
        whole = len(letters) - len(letters) % 4
        rest = letters[whole:]
        yield _decoded(letters[:whole])
    if rest:
        raise NotXml(line=1, column=0, reason="phần MIME mã hóa base64 bị cắt cụt")


def _find_boundary(source: Source) -> bytes:
    """The line that separates the parts."""
    head = source.peek(_LONGEST_HEAD)[:_LONGEST_HEAD]
    if head.startswith(b"--"):
        return head.split(b"\n", 1)[0].strip()
    found = _BOUNDARY.search(head)
    if not found:
        raise NotXml(line=1, column=0, reason="không tìm thấy ranh giới các phần MIME")
    named: bytes = found[1] or found[2]
    # Some writers forget the two dashes that the standard puts before the name.
    bare = named.startswith(b"--") and b"\n--" + named not in head and b"\n" + named in head
    return named if bare else b"--" + named


class _Parts:
    """Cuts a stream at lines that begin with the boundary, holding no more than a piece and a boundary."""

    def __init__(self, source: Source, mark: bytes) -> None:
        self._source = source
        self._mark = b"\n" + mark
        self._buffer = b""
        self._started = False
        self._inside = False
        self._ended = False

    def next_part(self) -> bytes | None:
        """Move behind the next boundary; returns the part's headers, ``None`` at the closing boundary or the end."""
        if not self._started:
            self._started = True
            self._skip_preamble()
        for _rest in self.body():  # what the reader of the last part left over
            pass
        headers = None if self._ended else self._headers()
        self._inside = headers is not None
        return headers

    def body(self) -> Iterator[bytes]:
        """The pieces up to the next boundary line, without the line break that belongs to it."""
        if not self._inside:
            return
        while (at := self._buffer.find(self._mark)) == -1:
            keep = len(self._mark) + 1
            if len(self._buffer) > keep:
                piece, self._buffer = self._buffer[:-keep], self._buffer[-keep:]
                yield piece
            if not self._more():
                self._inside, self._ended = False, True
                piece, self._buffer = self._buffer, b""
                if piece:
                    yield piece
                return
        piece, self._buffer = self._buffer[:at], self._buffer[at + len(self._mark) :]
        self._inside = False
        self._ended = self._closing()
        if piece:
            yield piece.removesuffix(b"\r")

    def _skip_preamble(self) -> None:
        """Move behind the first boundary; the file's headers name it too, hence only at a line's start."""
        self._buffer = b"\n" + self._buffer
        while (at := self._buffer.find(self._mark)) == -1:
            if len(self._buffer) > _LONGEST_HEAD or not self._more():
                raise NotXml(line=1, column=0, reason="không tìm thấy phần MIME nào")
        self._buffer = self._buffer[at + len(self._mark) :]
        self._ended = self._closing()

    def _headers(self) -> bytes | None:
        self._drop_line()
        while True:
            if self._buffer.lstrip(_SPACE).startswith(b"<"):  # a part without headers
                self._buffer = self._buffer.lstrip(_SPACE)
                return b""
            found = _BLANK_LINE.search(self._buffer)
            if found:
                headers, self._buffer = self._buffer[: found.start()], self._buffer[found.end() :]
                return headers
            if len(self._buffer) > _LONGEST_HEAD:
                raise NotXml(line=1, column=0, reason="đầu phần MIME quá dài")
            if not self._more():
                return None

    def _drop_line(self) -> None:
        """What is left of the boundary's own line."""
        while b"\n" not in self._buffer[:1024] and len(self._buffer) < 1024 and self._more():
            pass
        line, newline, rest = self._buffer[:1024].partition(b"\n")
        if newline and not line.strip():
            self._buffer = rest + self._buffer[1024:]

    def _closing(self) -> bool:
        while len(self._buffer) < 2 and self._more():
            pass
        return self._buffer.startswith(b"--")

    def _more(self) -> bool:
        chunk = self._source.next()
        self._buffer += chunk
        return bool(chunk)
