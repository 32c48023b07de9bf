"""Writes packets in the one shape that every axis is known to accept, streaming.

Owns element order, prefixes and escaping; namespaces and prefixes are those of the vendors' Java library to the
byte, because an axis refused three other shapes. Refuses packets that ``check`` finds wrong, unless told not to.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO

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
    Replacement,
    ResponseFor,
    StaffInfo,
    StatusPacket,
    TraceHop,
)
from vanthu.edxml.reader import NAMESPACE
from vanthu.edxml.times import write_date, write_time

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

    With a ``target`` the bytes are streamed into it and ``b""`` is returned; use :func:`write_to` to learn their
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
        self._depth = depth
        self._prefix = prefix
        self._lines: list[str] = []

    def leaf(self, name: str, value: object, *, always: bool = False) -> None:
        text = _wire(value)
        if text or always:
            tag = self._prefix + name
            self._lines.append(f"{self._indent}<{tag}>{text.translate(_ESCAPES)}</{tag}>\n")

    def leaves(self, values: Iterable[tuple[str, object]]) -> None:
        for name, value in values:
            self.leaf(name, value)

    def group(
        self, name: str, fill: Callable[[_Lines], None], *, always: bool = True, attributes: str = ""
    ) -> None:
        inner = _Lines(self._depth + 1, self._prefix)
        fill(inner)
        if inner._lines or always:
            tag = self._prefix + name
            self._lines.append(f"{self._indent}<{tag}{attributes}>\n")
            self._lines += inner._lines
            self._lines.append(f"{self._indent}</{tag}>\n")

    def __str__(self) -> str:
        return "".join(self._lines)

    @property
    def _indent(self) -> str:
        return "  " * self._depth


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
    return str(getattr(value, "value", value))


# --- shared parts ---


def _organization(lines: _Lines, organ: Organization) -> None:
    lines.leaf("OrganId", organ.organ_id, always=True)
    lines.leaves((("OrganizationInCharge", organ.organization_in_charge), ("OrganName", organ.organ_name)))
    _contacts(lines, organ)


def _status_organization(lines: _Lines, organ: Organization) -> None:
    """The same children in the order of the kit's status packets."""
    lines.leaf("OrganId", organ.organ_id, always=True)
    lines.leaves((("OrganName", organ.organ_name), ("OrganizationInCharge", organ.organization_in_charge)))
    _contacts(lines, organ)


def _contacts(lines: _Lines, organ: Organization) -> None:
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
    lines.group("MessageHeader", lambda header: _status_header(header, packet))
    sink.text(_HEAD + str(lines))
    sink.text("    </edXML:edXMLHeader>\n  </edXML:edXMLEnvelope>\n</edXML>\n")


def _status_header(header: _Lines, packet: StatusPacket) -> None:
    answer, staff = packet.response_for, packet.staff
    header.group("From", lambda lines: _status_organization(lines, packet.sender))
    header.group(
        "ResponseFor",
        lambda lines: lines.leaves(
            (
                ("OrganId", answer.organ_id),
                ("Code", answer.code),
                ("PromulgationDate", answer.promulgation_date),
                ("DocumentId", answer.document_id),
            )
        ),
    )
    if staff is not None:
        header.group(
            "StaffInfo",
            lambda lines: lines.leaves(
                (
                    ("Department", staff.department),
                    ("DepartmentId", staff.department_id),
                    ("Staff", staff.staff),
                    ("StaffId", staff.staff_id),
                    ("Mobile", staff.mobile),
                    ("Email", staff.email),
                )
            ),
        )
    header.leaf("StatusCode", packet.status_code, always=True)
    header.leaf("Description", packet.description)
    header.leaf("Timestamp", packet.timestamp)


# --- document ---


def _document(packet: DocumentPacket, sink: _Sink) -> None:
    lines = _Lines(3)
    lines.group("MessageHeader", lambda header: _document_header(header, packet))
    lines.group("TraceHeaderList", lambda trace: _trace(trace, packet.trace, packet.business))
    body = _Lines(2)
    body.group("edXMLBody", lambda inner: _manifest(inner, packet.attachments))
    sink.text(f"{_HEAD}{lines}    </edXML:edXMLHeader>\n{body}  </edXML:edXMLEnvelope>\n")
    if packet.attachments:
        sink.text("  <AttachmentEncoded>\n")
        for attachment in packet.attachments:
            _attachment(attachment, sink)
        sink.text("  </AttachmentEncoded>\n")
    sink.text("</edXML>\n")


def _document_header(header: _Lines, packet: DocumentPacket) -> None:
    header.group("From", lambda lines: _organization(lines, packet.sender))
    for recipient in packet.recipients:
        header.group("To", lambda lines, recipient=recipient: _organization(lines, recipient))
    header.leaf("DocumentId", packet.document_id)
    header.group("Code", lambda lines: _code(lines, packet))
    header.group("PromulgationInfo", lambda lines: _promulgation(lines, packet))
    header.group("DocumentType", lambda lines: _document_type(lines, packet))
    header.leaf("Subject", packet.subject, always=True)
    header.leaf("Content", packet.content)
    header.group("SignerInfo", lambda lines: _signer(lines, packet))
    header.leaf("DueDate", packet.due_date)
    header.group("OtherInfo", lambda lines: _other(lines, packet))
    for answer in packet.responses_for:
        header.group("ResponseFor", lambda lines, answer=answer: _response_for(lines, answer))
    header.leaf("SteeringType", packet.steering_type)
    for task in packet.task_codes:
        header.group("ResponseForTask", lambda lines, task=task: lines.leaf("TaskCode", task))
    header.leaf("ApplicationType", packet.application_type)
    header.group("ToPlaces", lambda lines: _repeat(lines, "Place", packet.to_places), always=False)


def _code(lines: _Lines, packet: DocumentPacket) -> None:
    lines.leaf("CodeNumber", packet.code_number, always=True)
    lines.leaf("CodeNotation", packet.code_notation, always=True)


def _promulgation(lines: _Lines, packet: DocumentPacket) -> None:
    lines.leaf("Place", packet.place, always=True)
    lines.leaf("PromulgationDate", packet.promulgation_date, always=True)


def _document_type(lines: _Lines, packet: DocumentPacket) -> None:
    lines.leaves((("Type", packet.type), ("TypeDetail", packet.type_detail)))
    lines.leaf("TypeName", packet.type_name, always=True)


def _signer(lines: _Lines, packet: DocumentPacket) -> None:
    lines.leaves((("Competence", packet.signer.competence), ("Position", packet.signer.position)))
    lines.leaf("FullName", packet.signer.full_name, always=True)


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
    lines.group("Appendixes", lambda inner: _repeat(inner, "Appendix", packet.appendixes), always=False)


def _response_for(lines: _Lines, answer: ResponseFor) -> None:
    lines.leaves(
        (
            ("OrganId", answer.organ_id),
            ("Code", answer.code),
            ("DocumentId", answer.document_id),
            ("PromulgationDate", answer.promulgation_date),
        )
    )


def _repeat(lines: _Lines, name: str, values: Iterable[str]) -> None:
    for value in values:
        lines.leaf(name, value)


def _trace(lines: _Lines, hops: Iterable[TraceHop], business: Business | None) -> None:
    for hop in hops:
        if hop.organ_id:  # axes refuse an empty one
            lines.group(
                "TraceHeader",
                lambda inner, hop=hop: inner.leaves(
                    (("OrganId", hop.organ_id), ("Timestamp", hop.timestamp))
                ),
            )
    if business is not None:
        lines.group("Bussiness", lambda inner: _business(inner, business))


def _business(lines: _Lines, business: Business) -> None:
    lines.leaf("DocumentId", business.document_id)
    lines.leaf("BussinessDocType", business.doc_type)
    lines.leaf("BussinessDocReason", business.reason)
    lines.leaf("Paper", business.paper)
    for info in business.infos:
        lines.group("BussinessDocumentInfo", lambda inner, info=info: _change(inner, info))
    lines.group("ReplacementInfoList", lambda inner: _replacements(inner, business), always=False)
    for staff in business.staff:
        lines.group("StaffInfo", lambda inner, staff=staff: _staff(inner, staff))


def _change(lines: _Lines, info: DocumentChange) -> None:
    lines.leaf("DocumentInfo", info.document_info)
    lines.leaf("DocumentReceiver", info.document_receiver)
    lines.group("ReceiverList", lambda inner: _receivers(inner, info), always=False)


def _receivers(lines: _Lines, info: DocumentChange) -> None:
    for receiver in info.receivers:
        lines.group(
            "Receiver",
            lambda inner, receiver=receiver: inner.leaves(
                (("OrganId", receiver.organ_id), ("ReceiverType", receiver.receiver_type))
            ),
        )


def _replacements(lines: _Lines, business: Business) -> None:
    for replacement in business.replacements:
        lines.group(
            "ReplacementInfo", lambda inner, replacement=replacement: _replacement(inner, replacement)
        )


def _replacement(lines: _Lines, replacement: Replacement) -> None:
    lines.leaf("DocumentId", replacement.document_id)
    lines.group("OrganIdList", lambda inner: _repeat(inner, "OrganId", replacement.organ_ids), always=False)


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


def _manifest(lines: _Lines, attachments: Iterable[Attachment]) -> None:
    lines.group("edXMLManifest", lambda inner: _references(inner, attachments), attributes=' version="1.0"')


def _references(lines: _Lines, attachments: Iterable[Attachment]) -> None:
    for attachment in attachments:
        label, _wrap = transport_type(attachment.name)
        values = (
            ("ContentId", f"cid:{attachment.content_id}"),
            ("ContentType", label),
            ("Description", attachment.description),
            ("AttachmentName", attachment.name),
        )
        lines.group("Reference", lambda inner, values=values: inner.leaves(values))


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
