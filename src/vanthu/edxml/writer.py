"""Writes packets in the one shape that every axis is known to accept, streaming.

Owns element order, prefixes and escaping; namespaces and prefixes are those of the vendors' Java library to
the byte, because an axis refused three other shapes. Refuses packets that ``check`` finds wrong, unless told
not to.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO, TypeVar

from vanthu.edxml.attachments import encoded
from vanthu.edxml.checks import check, illegal_characters
from vanthu.edxml.errors import NotWritable
from vanthu.edxml.media import transport_type
from vanthu.edxml.model import (
    Attachment,
    Business,
    DocumentChange,
    DocumentPacket,
    Organization,
    Packet,
    ReceiverChange,
    Replacement,
    ResponseFor,
    Signer,
    StaffInfo,
    StatusPacket,
    TraceHop,
)
from vanthu.edxml.reader import NAMESPACE
from vanthu.edxml.times import write_date, write_time

T = TypeVar("T")

_HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<edXML xmlns="{NAMESPACE}">
  <edXML:edXMLEnvelope xmlns:edXML="{NAMESPACE}">
    <edXML:edXMLHeader>
"""
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


@dataclass(frozen=True)
class Written:
    """What was written: bytes and their lower-case hex SHA-256."""

    size: int
    sha256: str


def write(packet: Packet, target: BinaryIO | None = None, *, strict: bool = True) -> bytes:
    """The packet as edXML (QCVN 102:2016); the same packet always gives the same bytes.

    With a ``target`` the bytes are streamed into it and ``b""`` is returned; :func:`write_to` tells their
    hash. Raises ``NotWritable`` when ``strict`` and ``check(packet)`` finds errors, and always for characters
    that XML cannot carry.
    """
    if target is not None:
        write_to(packet, target, strict=strict)
        return b""
    memory = io.BytesIO()
    write_to(packet, memory, strict=strict)
    return memory.getvalue()


def write_to(packet: Packet, target: BinaryIO, *, strict: bool = True) -> Written:
    """Stream the packet into ``target`` in bounded memory; see :func:`write`."""
    problems = tuple(problem for problem in check(packet) if problem.is_error) if strict else ()
    problems = problems or illegal_characters(packet)
    if problems:
        raise NotWritable(summary="; ".join(problem.text for problem in problems[:5]), problems=problems)
    sink = _Sink(target)
    if isinstance(packet, StatusPacket):
        _status(packet, sink)
    else:
        _document(packet, sink)
    return Written(sink.size, sink.digest.hexdigest())


class _Sink:
    """Writes text and bytes, counting and hashing."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.size = 0
        self.digest = hashlib.sha256()

    def raw(self, data: bytes) -> None:
        self._target.write(data)
        self.size += len(data)
        self.digest.update(data)

    def text(self, text: str) -> None:
        self.raw(text.encode())


class _Lines:
    """Builds indented elements with the ``edXML:`` prefix; empty optional leaves are left out."""

    def __init__(self, depth: int, prefix: str = "edXML:") -> None:
        self._indent = "  " * depth
        self._depth = depth
        self._prefix = prefix
        self._lines: list[str] = []

    def leaf(self, name: str, value: object, *, always: bool = False) -> None:
        """An element with text."""
        text = _wire(value)
        if text or always:
            tag = self._prefix + name
            self._lines.append(f"{self._indent}<{tag}>{text.translate(_ESCAPES)}</{tag}>\n")

    def leaves(self, values: Iterable[tuple[str, object]]) -> None:
        """Several optional elements with text."""
        for name, value in values:
            self.leaf(name, value)

    def repeat(self, name: str, values: Iterable[object]) -> None:
        """One element per value."""
        for value in values:
            self.leaf(name, value)

    def group(self, name: str, fill: Callable[[_Lines, T], None], value: T, attributes: str = "") -> None:
        """An element whose children ``fill`` writes from ``value``; written even when it stays empty."""
        inner = _Lines(self._depth + 1, self._prefix)
        fill(inner, value)
        tag = self._prefix + name
        self._lines += (f"{self._indent}<{tag}{attributes}>\n", *inner._lines, f"{self._indent}</{tag}>\n")

    def groups(self, name: str, fill: Callable[[_Lines, T], None], values: Iterable[T]) -> None:
        """One element per value."""
        for value in values:
            self.group(name, fill, value)

    def __str__(self) -> str:
        return "".join(self._lines)


def _wire(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return write_time(value)
    if isinstance(value, date):
        return write_date(value)
    if isinstance(value, int):
        return str(int(value))
    return str(value)


# --- shared parts ---


def _organization(lines: _Lines, organ: Organization) -> None:
    lines.leaf("OrganId", organ.organ_id, always=True)
    lines.leaves((("OrganizationInCharge", organ.organization_in_charge), ("OrganName", organ.organ_name)))
    lines.leaves(
        (
            ("OrganAdd", organ.address),
            ("Email", organ.email),
            ("Telephone", organ.telephone),
            ("Fax", organ.fax),
            ("Website", organ.website),
        )
    )


# --- status ---


def _status(packet: StatusPacket, sink: _Sink) -> None:
    lines = _Lines(3)
    lines.group("MessageHeader", _status_header, packet)
    sink.text(_HEAD + str(lines))
    sink.text("    </edXML:edXMLHeader>\n  </edXML:edXMLEnvelope>\n</edXML>\n")


def _status_header(lines: _Lines, packet: StatusPacket) -> None:
    """In the order of the Java library; its kit's sample files have another, which every reader takes too."""
    lines.group("ResponseFor", _response_for, packet.response_for)
    lines.group("From", _organization, packet.sender)
    lines.leaf("StatusCode", packet.status_code, always=True)
    lines.leaf("Description", packet.description)
    lines.leaf("Timestamp", packet.timestamp)
    if packet.staff is not None:
        lines.group("StaffInfo", _staff, packet.staff)


# --- document ---


def _document(packet: DocumentPacket, sink: _Sink) -> None:
    lines = _Lines(3)
    lines.group("MessageHeader", _document_header, packet)
    lines.group("TraceHeaderList", _trace, packet)
    body = _Lines(2)
    body.group("edXMLBody", _body, packet.attachments)
    sink.text(f"{_HEAD}{lines}    </edXML:edXMLHeader>\n{body}  </edXML:edXMLEnvelope>\n")
    if packet.attachments:
        sink.text("  <AttachmentEncoded>\n")
        for attachment in packet.attachments:
            _attachment(attachment, sink)
        sink.text("  </AttachmentEncoded>\n")
    sink.text("</edXML>\n")


def _document_header(lines: _Lines, packet: DocumentPacket) -> None:
    lines.group("From", _organization, packet.sender)
    lines.groups("To", _organization, packet.recipients)
    lines.leaf("DocumentId", packet.document_id)
    lines.group("Code", _code, packet)
    lines.group("PromulgationInfo", _promulgation, packet)
    lines.group("DocumentType", _document_type, packet)
    lines.leaf("Subject", packet.subject, always=True)
    lines.leaf("Content", packet.content)
    lines.group("SignerInfo", _signer, packet.signer)
    lines.leaf("DueDate", packet.due_date)
    lines.group("OtherInfo", _other, packet)
    lines.groups("ResponseFor", _response_for, packet.responses_for)
    lines.leaf("SteeringType", packet.steering_type)
    lines.groups("ResponseForTask", _task, packet.task_codes)
    lines.leaf("ApplicationType", packet.application_type)
    if packet.to_places:
        lines.group("ToPlaces", _places, packet.to_places)


def _code(lines: _Lines, packet: DocumentPacket) -> None:
    lines.leaf("CodeNumber", packet.code_number, always=True)
    lines.leaf("CodeNotation", packet.code_notation, always=True)


def _promulgation(lines: _Lines, packet: DocumentPacket) -> None:
    lines.leaf("Place", packet.place, always=True)
    lines.leaf("PromulgationDate", packet.promulgation_date, always=True)


def _document_type(lines: _Lines, packet: DocumentPacket) -> None:
    lines.leaves((("Type", packet.type), ("TypeDetail", packet.type_detail)))
    lines.leaf("TypeName", packet.type_name, always=True)


def _signer(lines: _Lines, signer: Signer) -> None:
    lines.leaves((("Competence", signer.competence), ("Position", signer.position)))
    lines.leaf("FullName", signer.full_name, always=True)


def _other(lines: _Lines, packet: DocumentPacket) -> None:
    lines.leaves(
        (
            ("Priority", packet.priority),
            ("SphereOfPromulgation", packet.sphere),
            ("TyperNotation", packet.typer_notation),
            ("PromulgationAmount", packet.promulgation_amount),
            ("PageAmount", packet.page_amount),
            ("ReplyFors", packet.reply_fors),
            ("Direction", "true" if packet.direction else "false"),
            ("ReferenceCodes", packet.reference_codes),
        )
    )
    if packet.appendixes:
        lines.group("Appendixes", _appendixes, packet.appendixes)


def _appendixes(lines: _Lines, appendixes: tuple[str, ...]) -> None:
    lines.repeat("Appendix", appendixes)


def _places(lines: _Lines, places: tuple[str, ...]) -> None:
    lines.repeat("Place", places)


def _task(lines: _Lines, code: str) -> None:
    lines.leaf("TaskCode", code)


def _response_for(lines: _Lines, answer: ResponseFor) -> None:
    lines.leaves(
        (
            ("OrganId", answer.organ_id),
            ("Code", answer.code),
            ("DocumentId", answer.document_id),
            ("PromulgationDate", answer.promulgation_date),
        )
    )


def _trace(lines: _Lines, packet: DocumentPacket) -> None:
    # Axes refuse a hop without an agency, so one that came so is not passed on.
    lines.groups("TraceHeader", _hop, (hop for hop in packet.trace if hop.organ_id))
    if packet.business is not None:
        lines.group("Bussiness", _business, packet.business)


def _hop(lines: _Lines, hop: TraceHop) -> None:
    lines.leaves((("OrganId", hop.organ_id), ("Timestamp", hop.timestamp)))


def _business(lines: _Lines, business: Business) -> None:
    lines.leaf("DocumentId", business.document_id)
    lines.leaf("BussinessDocType", business.doc_type)
    lines.leaf("BussinessDocReason", business.reason)
    lines.leaf("Paper", business.paper)
    lines.groups("BussinessDocumentInfo", _change, business.infos)
    if business.replacements:
        lines.group("ReplacementInfoList", _replacements, business.replacements)
    lines.groups("StaffInfo", _staff, business.staff)


def _change(lines: _Lines, info: DocumentChange) -> None:
    lines.leaf("DocumentInfo", info.document_info)
    lines.leaf("DocumentReceiver", info.document_receiver)
    if info.receivers:
        lines.group("ReceiverList", _receivers, info.receivers)


def _receivers(lines: _Lines, receivers: tuple[ReceiverChange, ...]) -> None:
    lines.groups("Receiver", _receiver, receivers)


def _receiver(lines: _Lines, receiver: ReceiverChange) -> None:
    lines.leaves((("OrganId", receiver.organ_id), ("ReceiverType", receiver.receiver_type)))


def _replacements(lines: _Lines, replacements: tuple[Replacement, ...]) -> None:
    lines.groups("ReplacementInfo", _replacement, replacements)


def _replacement(lines: _Lines, replacement: Replacement) -> None:
    lines.leaf("DocumentId", replacement.document_id)
    if replacement.organ_ids:
        lines.group("OrganIdList", _organ_ids, replacement.organ_ids)


def _organ_ids(lines: _Lines, organ_ids: tuple[str, ...]) -> None:
    lines.repeat("OrganId", organ_ids)


def _staff(lines: _Lines, staff: StaffInfo) -> None:
    lines.leaves(
        (
            ("Department", staff.department),
            ("DepartmentId", staff.department_id),
            ("Staff", staff.staff),
            ("StaffId", staff.staff_id),
            ("Email", staff.email),
            ("Mobile", staff.mobile),
        )
    )


# --- attachments ---


def _body(lines: _Lines, attachments: tuple[Attachment, ...]) -> None:
    lines.group("edXMLManifest", _manifest, attachments, attributes=' version="1.0"')


def _manifest(lines: _Lines, attachments: tuple[Attachment, ...]) -> None:
    lines.groups("Reference", _reference, attachments)


def _reference(lines: _Lines, attachment: Attachment) -> None:
    label, _wrap = transport_type(attachment.name)
    lines.leaves(
        (
            ("ContentId", f"cid:{attachment.content_id}"),
            ("ContentType", label),
            ("Description", attachment.description),
            ("AttachmentName", attachment.name),
        )
    )


def _attachment(attachment: Attachment, sink: _Sink) -> None:
    label, _wrap = transport_type(attachment.name)
    lines = _Lines(3, prefix="")
    lines.leaves(
        (
            ("ContentId", f"cid:{attachment.content_id}"),
            ("AttachmentName", attachment.name),
            ("Description", attachment.description),
            ("ContentType", label),
        )
    )
    sink.text(f'    <Attachment>\n{lines}      <edXML:ContentTransferEncoded xmlns:edXML="{NAMESPACE}">')
    for piece in encoded(attachment.name, attachment.content, attachment.content_id):
        sink.raw(piece)
    sink.text("</edXML:ContentTransferEncoded>\n    </Attachment>\n")
