"""Reads any packet in circulation into the model, noting every defect it lives with.

Owns opening the file: what stands around the XML, the 2803-era containers, wrapping gateways, where header and
signature are. The fields are read by ``header``, attachments by ``manifest``, single elements by ``elements``. Refuses
what cannot be decided safely: two different values where one may stand, a header hidden inside a signature, anything
beyond the limits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from vanthu.edxml.attachments import PayloadStore, Unwrapper
from vanthu.edxml.container import Source, is_mime, skip_leading
from vanthu.edxml.content import SpoolFile
from vanthu.edxml.elements import Values
from vanthu.edxml.errors import DuplicateElement, NotAPacket, NotXml, TooManyAttachments
from vanthu.edxml.header import HeaderReader
from vanthu.edxml.limits import Limits
from vanthu.edxml.manifest import AttachmentReader
from vanthu.edxml.mime import Part, mime_parts
from vanthu.edxml.model import Packet
from vanthu.edxml.notes import Note, NoteCode
from vanthu.edxml.xmlstream import SIGNATURE_NAMES, WRAPPER_NAME, Node, parse

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
"""The one namespace of QCVN 102:2016."""

_HARMLESS_NAMESPACES = (
    NAMESPACE,
    "http://www.w3.org/",
    "http://schemas.xmlsoap.org/",
    "http://www.w3.org/2000/09/xmldsig#",
)
_REPLACED = "\ufffd"
"""What a decoder puts where bytes are none of its letters (Unicode 5.22)."""

_SIGNATURE_PLACES = frozenset({"edXMLHeader", "Header"})


@dataclass(frozen=True)
class ReadResult:
    """A packet and what is to be known about the bytes it came in.

    ``sha256`` (lower-case hex) and ``size`` (bytes) are of the whole file as read. ``signature`` is the XML
    signature element, byte for byte, unverified; ``None`` when there is none. ``old_container`` is true for
    2803-era files.
    """

    packet: Packet
    notes: tuple[Note, ...]
    sha256: str
    size: int
    signature: bytes | None = None
    old_container: bool = False


def read(
    source: bytes | BinaryIO | Path, *, limits: Limits | None = None, spool_dir: Path | None = None
) -> ReadResult:
    """Read one packet of any variant in bounded memory.

    ``source`` is the bytes, a binary stream (read to its end, not closed) or a path. Attachments larger than
    256 KB go to unnamed files in ``spool_dir`` (the system's temporary directory by default), which vanish
    with the last ``Content`` that uses them. Raises ``PacketError`` for anything wrong with the packet and
    ``OSError`` when the source itself cannot be read. QCVN 102:2016/BTTTT.
    """
    bounds = limits or Limits()
    stream = Source(source, bounds)
    try:
        return _Reading(stream, bounds, spool_dir).result()
    finally:
        stream.close()


class _Reading:
    def __init__(self, source: Source, limits: Limits, spool_dir: Path | None) -> None:
        self._source = source
        self._limits = limits
        self._values = Values()
        shared = SpoolFile(spool_dir)
        self._store = PayloadStore(limits, shared)
        self._header = HeaderReader(self._values)
        self._attachments = AttachmentReader(self._values, self._store, Unwrapper(limits, shared), limits)
        self._old = False

    def result(self) -> ReadResult:
        roots = self._opened(self._parse(self._source))
        signature = self._signature(roots)
        packet = self._packet(roots)
        return ReadResult(
            packet, self._values.notes, self._source.sha256, self._source.size, signature, self._old
        )

    # --- the file ---

    def _parse(self, source: Source) -> list[Node]:
        if skip_leading(source):
            self._values.note(NoteCode.LEADING_BYTES)
        if not is_mime(source):
            return [self._parse_xml(source.chunks())]
        self._old = True
        roots: list[Node] = []
        for part in mime_parts(source):
            if len(roots) > self._limits.max_attachments:
                raise TooManyAttachments(limit=self._limits.max_attachments)
            roots.append(self._parse_xml(part.pieces) if part.is_xml else self._raw_part(part))
        if not roots:
            raise NotXml(line=1, column=0, reason="không có phần MIME nào")
        for _rest in source.chunks():
            pass
        return roots

    def _parse_xml(self, chunks: Iterable[bytes]) -> Node:
        root, namespaces = parse(chunks, self._store, self._limits, self._values.note)
        if root.name == "Envelope":
            self._old = True
        for namespace in sorted(namespaces):
            if not namespace.startswith(_HARMLESS_NAMESPACES):
                self._values.note(NoteCode.FOREIGN_NAMESPACE, namespace[:100])
        return root

    def _raw_part(self, part: Part) -> Node:
        """A MIME part that is the file itself, in the shape of an Attachment element."""
        if part.is_base64:
            number = self._store.begin()
            for piece in part.pieces:
                self._store.feed(piece)
            self._store.end()
        else:
            number = self._store.add_bytes(part.pieces)
        return Node(
            "Attachment",
            {"Content-Type": part.content_type},
            [
                Node("ContentId", pieces=[part.content_id]),
                Node("AttachmentName", pieces=[part.name]),
                Node("ContentTransferEncoded", payload=number),
            ],
        )

    def _opened(self, roots: list[Node]) -> list[Node]:
        """The packet itself where a gateway left it, as base64, in the envelope of its own call."""
        nodes = [node for root in roots for node in root.walk()]
        wrappers = [node for node in nodes if node.name == WRAPPER_NAME and node.payload is not None]
        if not wrappers or any(node.name in ("MessageHeader", "Status") for node in nodes):
            return roots
        if len(wrappers) > 1:
            raise DuplicateElement(element=WRAPPER_NAME)
        self._values.note(NoteCode.WRAPPED)
        with self._store.of(wrappers[0].payload).content.open() as inner:
            return self._parse(Source(inner, self._limits))

    def _signature(self, roots: list[Node]) -> bytes | None:
        found = [(parent, node) for root in roots for parent, node in _signatures(root)]
        filled = [(parent, node) for parent, node in found if node.children or node.text]
        if not filled:
            return None
        if len(filled) > 1:
            raise DuplicateElement(element="Signature")
        parent, node = filled[0]
        if any(below.name in ("MessageHeader", "Status") for below in node.walk()):
            raise DuplicateElement(element="MessageHeader")
        in_place = parent is not None and parent.name in _SIGNATURE_PLACES
        self._values.note(NoteCode.SIGNATURE_PRESENT if in_place else NoteCode.SIGNATURE_MISPLACED)
        return node.source

    def _packet(self, roots: list[Node]) -> Packet:
        nodes = [node for root in roots for node in _outside_signatures(root)]
        headers = [node for node in nodes if node.name == "MessageHeader"]
        if len(headers) > 1:
            raise DuplicateElement(element="MessageHeader")
        statuses = [node for node in nodes if node.name == "Status" and node.all("StatusCode")]
        if len(statuses) > 1:
            raise DuplicateElement(element="Status")
        if self._old:
            self._values.note(NoteCode.OLD_CONTAINER)
        for node in nodes:
            if _REPLACED in node.text:
                self._values.note(NoteCode.DAMAGED_TEXT, node.name[:100])
        self._values.keep_strangers(roots)
        if statuses:
            return self._header.status(statuses[0])
        if not headers:
            raise NotAPacket(missing="MessageHeader")
        if headers[0].all("StatusCode"):
            return self._header.status(headers[0])
        return self._header.document(headers[0], nodes, self._attachments.attachments(nodes))


def _signatures(root: Node) -> Iterator[tuple[Node | None, Node]]:
    """Outermost signature elements with their parents."""
    waiting: list[tuple[Node | None, Node]] = [(None, root)]
    while waiting:
        parent, node = waiting.pop()
        if node.name in SIGNATURE_NAMES:
            yield parent, node
        else:
            waiting.extend((node, child) for child in reversed(node.children))


def _outside_signatures(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.name not in SIGNATURE_NAMES:
            yield node
            waiting.extend(reversed(node.children))
