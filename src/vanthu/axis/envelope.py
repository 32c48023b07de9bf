"""What the axis reads of a packet: who sends, to whom, under which id and number, how urgent; and whether its
metadata carry a mark of state secrecy. The subject is looked at for that mark and kept nowhere.

Streams the whole file once in bounded memory, so that a packet that breaks off anywhere is refused at the
door and not found by the recipient. XML safety is that of :mod:`vanthu.edxml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from vanthu.axis.errors import EnvelopeWrong
from vanthu.edxml.codes import MessageType
from vanthu.edxml.errors import PacketError
from vanthu.edxml.limits import Limits
from vanthu.edxml.xmlstream import Node, parse
from vanthu.formalities.secrecy import DECLARED_NAMES, Described, SecrecyMark, find_marks

CHUNK = 1 << 18
CODE_LENGTH = 35
DOCUMENT_ID_LENGTH = 255
DOCUMENT_CODE_LENGTH = 120
STATUS_CODE_LENGTH = 10
MOST_URGENT = 4


@dataclass(frozen=True)
class Envelope:
    """The routing part of a packet. ``recipients`` without repetitions, in the order written.

    ``document_code`` is number and notation as printed (``15/SNV-VP``). ``status_code`` and ``refers_to`` (the
    DocumentId that is reported on) stand in status packets only. ``marks`` are the marks of state secrecy.
    """

    kind: str
    sender: str
    recipients: tuple[str, ...]
    document_id: str
    business_type: int
    priority: int
    document_code: str = ""
    status_code: str = ""
    refers_to: str = ""
    marks: tuple[SecrecyMark, ...] = ()
    trace: tuple[str, ...] = ()
    """The codes of the trace, in order: the sender and every axis the packet passed (empty ones left out)."""


class _Unread:
    """Lets the attachments' text pass by."""

    def begin(self) -> int:
        """A payload starts."""
        return 0

    def feed(self, text: bytes) -> None:
        """Its text is not kept."""

    def end(self) -> None:
        """It is over."""


def read_envelope(stream: BinaryIO, kind: str) -> Envelope:
    """The envelope of the packet in ``stream``, which the caller says is of ``kind``.

    Raises :class:`EnvelopeWrong` (QCVN 102:2016/BTTTT).
    """
    return _read(_chunks(stream), kind)


def read_arriving(chunks: Iterator[bytes], kind: str) -> Envelope | EnvelopeWrong:
    """As :func:`read_envelope`, of a packet on its way in: all chunks are taken, and a fault is given, not raised.

    So the caller can first tell whether the packet arrived as it was sent.
    """
    try:
        return _read(chunks, kind)
    except EnvelopeWrong as wrong:
        for _ in chunks:
            pass
        return wrong


def _read(chunks: Iterator[bytes], kind: str) -> Envelope:
    try:
        root, _ = parse(chunks, _Unread(), Limits())
    except PacketError as error:
        raise EnvelopeWrong(reason=error.text) from None
    named = _by_name(root)
    header = _only(named, "MessageHeader")
    if header is None:
        raise EnvelopeWrong(reason="thiếu MessageHeader")
    return Envelope(
        kind=kind,
        sender=_code(_child(header, "From"), "From"),
        recipients=_recipients(header, kind),
        document_id=_document_id(header, kind),
        business_type=0
        if kind == MessageType.STATUS
        else _number(_only(named, "Bussiness"), "BussinessDocType", 3),
        priority=_number(_child(header, "OtherInfo"), "Priority", MOST_URGENT),
        document_code=_document_code(header),
        status_code=_text(header, "StatusCode")[:STATUS_CODE_LENGTH] if kind == MessageType.STATUS else "",
        refers_to=_refers_to(header) if kind == MessageType.STATUS else "",
        marks=find_marks(_described(named, header)),
        trace=tuple(filter(None, (_first_text(hop, "OrganId") for hop in named.get("TraceHeader", ())))),
    )


def _by_name(root: Node) -> dict[str, list[Node]]:
    """Every element of the packet under its name, in document order."""
    named: dict[str, list[Node]] = {}
    for node in root.walk():
        named.setdefault(node.name, []).append(node)
    return named


def _document_code(header: Node) -> str:
    code = _first(header, "Code")
    parts = [_first_text(code, name) for name in ("CodeNumber", "CodeNotation")] if code else []
    return "/".join(part for part in parts if part)[:DOCUMENT_CODE_LENGTH]


def _refers_to(header: Node) -> str:
    answered = _first(header, "ResponseFor")
    return _first_text(answered, "DocumentId")[:DOCUMENT_ID_LENGTH] if answered else ""


def _described(named: Mapping[str, Sequence[Node]], header: Node) -> Described:
    other = _first(header, "OtherInfo")
    return Described(
        subject=_first_text(header, "Subject"),
        notation=_document_code(header),
        sphere=_first_text(other, "SphereOfPromulgation") if other else "",
        declared=tuple(
            node.text for name, nodes in named.items() if name.lower() in DECLARED_NAMES for node in nodes
        ),
        attachment_names=tuple(node.text for node in named.get("AttachmentName", ())),
    )


def _first(parent: Node, name: str) -> Node | None:
    return next(iter(parent.all(name)), None)


def _first_text(parent: Node, name: str) -> str:
    found = _first(parent, name)
    return found.text if found else ""


def argued_envelope(kind: str, sender: str, document_id: str, priority: str) -> Envelope:
    """The envelope of an opaque payload, from the signed arguments of its call (R182).

    Its recipients stand in the call's ``to``. Raises :class:`EnvelopeWrong` for an id that is too long.
    """
    if len(document_id) > DOCUMENT_ID_LENGTH:
        raise EnvelopeWrong(reason=f"documentid dài quá {DOCUMENT_ID_LENGTH} ký tự")
    return Envelope(
        kind=kind,
        sender=sender,
        recipients=(),
        document_id=document_id,
        business_type=0,
        priority=_whole(priority, MOST_URGENT),
    )


def _recipients(header: Node, kind: str) -> tuple[str, ...]:
    if kind == MessageType.STATUS and not _text(header, "StatusCode"):
        raise EnvelopeWrong(reason="gói trạng thái thiếu StatusCode")
    name = "ResponseFor" if kind == MessageType.STATUS else "To"
    return tuple(dict.fromkeys(_code(node, name) for node in header.all(name)))


def _document_id(header: Node, kind: str) -> str:
    found = "" if kind == MessageType.STATUS else _text(header, "DocumentId")
    if len(found) > DOCUMENT_ID_LENGTH:
        raise EnvelopeWrong(reason=f"DocumentId dài quá {DOCUMENT_ID_LENGTH} ký tự")
    return found


def _only(named: Mapping[str, Sequence[Node]], name: str) -> Node | None:
    """The one element of that name anywhere: two of them would let two readers see two packets."""
    found = named.get(name, ())
    if len(found) > 1:
        raise EnvelopeWrong(reason=f"có {len(found)} phần tử {name}")
    return found[0] if found else None


def _child(parent: Node, name: str) -> Node | None:
    found = parent.all(name)
    if len(found) > 1:
        raise EnvelopeWrong(reason=f"có {len(found)} phần tử {name}")
    return found[0] if found else None


def _text(parent: Node, name: str) -> str:
    node = _child(parent, name)
    return node.text if node else ""


def _code(organization: Node | None, name: str) -> str:
    code = _text(organization, "OrganId") if organization else ""
    if not code or len(code) > CODE_LENGTH:
        raise EnvelopeWrong(reason=f"{name} thiếu OrganId hoặc OrganId dài quá {CODE_LENGTH} ký tự")
    return code


def _number(parent: Node | None, name: str, largest: int) -> int:
    return _whole(_text(parent, name) if parent else "", largest)


def _whole(text: str, largest: int) -> int:
    """The number written; 0 for what is none, or is larger than any the standard knows."""
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    return value if value <= largest else 0


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk
