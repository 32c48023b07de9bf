"""Reads XML of any size in bounded memory: a small tree, attachment text handed on as it comes.

Owns the XML safety rules: no DOCTYPE, hence no entities and nothing fetched; bounded depth, count, text and
token size. Refuses to know what the elements mean, except which one carries base64.

Why expat and not lxml: both hand out long text in pieces when fed in pieces (measured 10 against 16 MB for a
196 MB text), but expat refuses a DOCTYPE at its first token, tells the byte offset of each event (the
packet's signature is kept as the very bytes that came) and builds nothing by itself. Prefixes are cut off and
not resolved: packets with undeclared or wrongly bound prefixes are in circulation and must be readable.

Base64 goes past expat where nothing in it can be markup: what comes inside an attachment's content is handed on
as far as the next ``<`` or ``&``, which halves the time of a 10 MB packet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol
from xml.parsers import expat

from vanthu.edxml.errors import ForbiddenDoctype, NotXml, TooDeep, TooLarge, TooManyElements
from vanthu.edxml.limits import Limits
from vanthu.edxml.notes import NoteCode

PAYLOAD_NAMES = frozenset(
    {
        *("contenttransferencoded", "contenttransferencoding", "content", "value"),
        *("attachmentcontent", "filecontent", "data"),
    }
)
"""Children of Attachment (in any letter case) whose text is base64."""

WRAPPER_NAME = "message"
"""The element in which gateways of the 2803 era hand over a whole packet as base64."""

_NO_WRAPPER_BELOW = frozenset({"edXML", "edXMLEnvelope", "MessageHeader", "Status", "ErrorList"})

SIGNATURE_NAMES = frozenset({"Signature", "DigitalSignature"})

_ASCII_COMPATIBLE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[^\0]")
_PADDING = b"\0\x1a \t\r\n"
_HEAD = 256
_FIRST_STEP = 8192
"""Bytes that expat gets before content is looked for behind them: content that is passed by is spared its look.

Each step is twice the one before, since expat begins a tag anew that ends in none of them.
"""
# What .NET's StringWriter puts before text that is then saved as UTF-8.
_FALSE_UTF16 = re.compile(
    rb"""(?i)(?:\xef\xbb\xbf)?<\?xml[^>]{0,80}encoding\s*=\s*["'](?:utf-?16|ucs-?2|unicode)"""
)


@dataclass(slots=True)
class Node:
    """One element: local name, attributes by local name, children, own text (trimmed when asked for)."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    payload: int | None = None
    """Number of the payload whose text went to the sink instead of here."""
    source: bytes | None = field(default=None, compare=False)
    """The very bytes of a signature element."""

    @property
    def text(self) -> str:
        """Own text, trimmed at both ends."""
        return "".join(self.pieces).strip()

    def all(self, name: str) -> list[Node]:
        """Children with that local name."""
        return [child for child in self.children if child.name == name]

    def walk(self) -> Iterator[Node]:
        """This element and everything below it, in document order."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))


class PayloadSink(Protocol):
    """Takes the base64 text of attachments as it comes."""

    def begin(self) -> int:
        """A payload starts; returns its number."""

    def feed(self, text: bytes) -> None:
        """More text of the current payload; a letter outside ASCII is some byte that is no base64."""

    def end(self) -> None:
        """The current payload is complete."""


def parse(
    chunks: Iterable[bytes],
    sink: PayloadSink,
    limits: Limits,
    tell: Callable[[NoteCode], None] = lambda _code: None,
) -> tuple[Node, frozenset[str]]:
    """The tree of one XML document and all namespace addresses declared in it.

    ``tell`` hears of defects around the document. Raises ``NotXml``, ``ForbiddenDoctype``, ``TooDeep``,
    ``TooManyElements``, ``TooLarge``.
    """
    return _Parse(sink, limits, tell).run(chunks)


class _Parse:
    def __init__(self, sink: PayloadSink, limits: Limits, tell: Callable[[NoteCode], None]) -> None:
        self._sink = sink
        self._limits = limits
        self._tell = tell
        self._root: Node | None = None
        self._path: list[Node] = []
        self._elements = 0
        self._text = 0
        self._namespaces: set[str] = set()
        self._signature: tuple[Node, int] | None = None
        self._window = bytearray()
        self._window_start = 0
        self._fed = 0
        self._passed = 0
        self._passed_lines = 0
        self._can_pass = False
        self._cdata = False
        self._parser = self._make_parser(None)

    def _make_parser(self, encoding: str | None) -> expat.XMLParserType:
        parser = expat.ParserCreate(encoding)
        parser.buffer_text = True
        parser.buffer_size = 64 * 1024
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartCdataSectionHandler = self._cdata_begins
        parser.EndCdataSectionHandler = self._cdata_ends
        return parser

    def run(self, chunks: Iterable[bytes]) -> tuple[Node, frozenset[str]]:
        pieces = iter(chunks)
        head = self._head(pieces)
        try:
            for piece in chain((head,), pieces):
                self._feed(piece)
            self._parser.Parse(b"", True)
        except expat.ExpatError as problem:
            if not self._only_padding_follows(pieces):
                line = problem.lineno + self._passed_lines
                raise NotXml(line=line, column=problem.offset, reason=_reason(problem)) from None
            self._tell(NoteCode.TRAILING_BYTES)
        except (LookupError, ValueError):
            # The declared encoding is unknown to Python, or is one of several bytes per letter.
            raise NotXml(line=1, column=0, reason="bảng mã ký tự không được hỗ trợ") from None
        if self._root is None:
            raise NotXml(line=1, column=0, reason="tệp rỗng")
        return self._root, frozenset(self._namespaces)

    def _head(self, pieces: Iterator[bytes]) -> bytes:
        """The first bytes; a false claim to be UTF-16 is overruled."""
        head = b""
        while len(head) < _HEAD and (piece := next(pieces, None)) is not None:
            head += piece
        self._can_pass = _ASCII_COMPATIBLE.match(head) is not None
        if _FALSE_UTF16.match(head):
            self._parser = self._make_parser("utf-8")
            self._tell(NoteCode.FALSE_ENCODING)
        return head

    def _only_padding_follows(self, pieces: Iterator[bytes]) -> bool:
        """Whether the document was complete and only filling bytes of some gateway stand behind it."""
        if self._root is None or self._path:
            return False
        rest = self._window[self._parser.ErrorByteIndex + self._passed - self._window_start :]
        return not rest.strip(_PADDING) and all(not piece.strip(_PADDING) for piece in pieces)

    def _feed(self, chunk: bytes) -> None:
        start, step = 0, _FIRST_STEP
        while start < len(chunk):
            content_ends = self._pass_content(chunk, start)
            if content_ends > start:
                step = _FIRST_STEP
            self._take(chunk[content_ends : content_ends + step])
            start = content_ends + step
            step *= 2

    def _take(self, piece: bytes) -> None:
        self._window += piece
        self._fed += len(piece)
        self._parser.Parse(piece, False)
        position = self._position()
        if self._fed - position > self._limits.max_token + len(piece):
            raise TooLarge(what="một thẻ XML", limit=self._limits.max_token)
        keep_from = self._signature[1] if self._signature else position
        if self._fed - keep_from > self._limits.max_text:
            raise TooLarge(what="chữ ký XML", limit=self._limits.max_text)
        drop = max(0, keep_from - self._window_start)
        del self._window[:drop]
        self._window_start += drop

    def _position(self) -> int:
        """Offset in the document of what expat looks at now."""
        return self._parser.CurrentByteIndex + self._passed

    def _pass_content(self, chunk: bytes, start: int) -> int:
        """Hand the sink what is certainly attachment content from ``start`` on; returns where expat goes on.

        Only where expat has nothing half-read, outside CDATA, whose end is no markup of its own, and outside
        signatures, whose bytes are kept.
        """
        inside = self._can_pass and self._path and self._path[-1].payload is not None
        if not inside or self._cdata or self._signature is not None or self._window:
            return start
        end = min(_found_before(b"<", chunk, start), _found_before(b"&", chunk, start))
        self._sink.feed(chunk if end - start == len(chunk) else chunk[start:end])
        passed = end - start
        self._passed += passed
        if chunk.find(b"\n", start, end) >= 0:  # far faster than counting none
            self._passed_lines += chunk.count(b"\n", start, end)
        self._fed += passed
        self._window_start += passed
        return end

    def _doctype(self, *_details: object) -> None:
        raise ForbiddenDoctype

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        limits = self._limits
        self._elements += 1 + len(attributes)
        if self._elements > limits.max_elements:
            raise TooManyElements(limit=limits.max_elements)
        if len(self._path) >= limits.max_depth:
            raise TooDeep(limit=limits.max_depth)
        node = Node(_local(tag), self._plain_attributes(attributes))
        if self._path:
            self._path[-1].children.append(node)
        else:
            self._root = node
        if self._is_payload(node):
            node.payload = self._sink.begin()
        if self._signature is None and node.name in SIGNATURE_NAMES:
            self._signature = (node, self._position())
        self._path.append(node)

    def _plain_attributes(self, attributes: dict[str, str]) -> dict[str, str]:
        plain: dict[str, str] = {}
        for name, value in attributes.items():
            self._count_text(len(value))
            if name == "xmlns" or name.startswith("xmlns:"):
                self._namespaces.add(value)
            else:
                plain[_local(name)] = value
        return plain

    def _is_payload(self, node: Node) -> bool:
        if self._path and self._path[-1].name.lower() == "attachment":
            return node.name.lower() in PAYLOAD_NAMES
        return node.name == WRAPPER_NAME and not any(above.name in _NO_WRAPPER_BELOW for above in self._path)

    def _end(self, _tag: str) -> None:
        node = self._path.pop()
        if node.payload is not None:
            self._sink.end()
        if self._signature is not None and self._signature[0] is node:
            begin = self._signature[1] - self._window_start
            close = self._window.find(b">", self._position() - self._window_start)
            node.source = bytes(self._window[begin : close + 1])
            self._signature = None

    def _data(self, text: str) -> None:
        if not self._path:
            return
        node = self._path[-1]
        if node.payload is not None:
            self._sink.feed(text.encode("ascii", "replace"))
            return
        self._count_text(len(text))
        node.pieces.append(text)

    def _cdata_begins(self) -> None:
        self._cdata = True

    def _cdata_ends(self) -> None:
        self._cdata = False

    def _count_text(self, size: int) -> None:
        self._text += size
        if self._text > self._limits.max_text:
            raise TooLarge(what="phần đầu gói tin", limit=self._limits.max_text)


def _found_before(mark: bytes, chunk: bytes, start: int) -> int:
    found = chunk.find(mark, start)
    return len(chunk) if found == -1 else found


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _reason(problem: expat.ExpatError) -> str:
    if problem.code == expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]:
        return "tệp bị cắt cụt hoặc rỗng"
    return expat.ErrorString(problem.code)
