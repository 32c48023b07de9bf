"""Reads any packet in circulation into the model, noting every defect it lives with.

Owns the tolerance rules: elements by local name in any order and namespace, missing parts, odd dates,
unmatched attachments, the 2803-era containers. Refuses what cannot be decided safely: two different values
where one may stand, a header hidden inside a signature, anything beyond the limits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

from vanthu.edxml.attachments import PayloadStore, Unwrapper
from vanthu.edxml.codes import BusinessType, StatusCode, status_code
from vanthu.edxml.container import Source, is_mime, mime_parts, skip_leading
from vanthu.edxml.errors import BadValue, DuplicateElement, NotAPacket, NotXml, TooManyAttachments
from vanthu.edxml.limits import Limits
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
    UnknownValue,
)
from vanthu.edxml.notes import Note, NoteCode
from vanthu.edxml.times import is_strict_date, is_strict_time, read_date, read_time
from vanthu.edxml.xmlstream import SIGNATURE_NAMES, Node, parse

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
"""The one namespace of QCVN 102:2016."""

_HARMLESS_NAMESPACES = (
    NAMESPACE,
    "http://www.w3.org/",
    "http://schemas.xmlsoap.org/",
    "http://www.w3.org/2000/09/xmldsig#",
)
_SIGNATURE_PLACES = frozenset({"edXMLHeader", "Header"})
_MANIFEST_NAMES = frozenset({"edxmlmanifest", "manifest"})
_HEADER_CHILDREN = frozenset(
    {
        *("From", "To", "DocumentId", "Code", "PromulgationInfo", "DocumentType", "Subject", "Content"),
        *("SignerInfo", "Author", "DueDate", "OtherInfo", "ResponseFor", "SteeringType", "ResponseForTask"),
        *("ApplicationType", "ToPlaces", "StatusCode", "Description", "Timestamp", "StaffInfo"),
    }
)
_OTHER_CHILDREN = frozenset(
    {
        *("Priority", "SphereOfPromulgation", "TyperNotation", "PromulgationAmount", "PageAmount"),
        *("ReplyFors", "Direction", "ReferenceCodes", "Appendixes"),
    }
)
_CONTACTS = frozenset({"OrganAdd", "Email", "Telephone", "Fax", "Website", "Mobile"})
_MOST_UNKNOWN = 100
_MOST_NOTES = 500

T = TypeVar("T")


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


@dataclass
class _Reference:
    """One line of the manifest."""

    content_id: str
    name: str
    description: str


class _Reading:
    def __init__(self, source: Source, limits: Limits, spool_dir: Path | None) -> None:
        self._source = source
        self._limits = limits
        self._store = PayloadStore(limits, spool_dir)
        self._unwrapper = Unwrapper(limits, spool_dir)
        self._notes: dict[tuple[NoteCode, str], Note] = {}
        self._unknown: list[UnknownValue] = []
        self._old = False

    def result(self) -> ReadResult:
        roots = self._parse()
        signature = self._signature(roots)
        packet = self._packet(roots)
        return ReadResult(
            packet, tuple(self._notes.values()), self._source.sha256, self._source.size, signature, self._old
        )

    def _note(self, code: NoteCode, detail: str = "") -> None:
        if len(self._notes) < _MOST_NOTES:
            self._notes.setdefault((code, detail), Note(code, detail))

    # --- the file ---

    def _parse(self) -> list[Node]:
        if skip_leading(self._source):
            self._note(NoteCode.LEADING_BYTES)
        if not is_mime(self._source):
            return [self._parse_xml(self._source.chunks())]
        self._old = True
        roots: list[Node] = []
        for part in mime_parts(self._source):
            if len(roots) > self._limits.max_attachments:
                raise TooManyAttachments(limit=self._limits.max_attachments)
            roots.append(self._parse_xml(part))
        if not roots:
            raise NotXml(line=1, column=0, reason="không có phần MIME nào")
        for _rest in self._source.chunks():
            pass
        return roots

    def _parse_xml(self, chunks: Iterable[bytes]) -> Node:
        root, namespaces = parse(chunks, self._store, self._limits)
        if root.name == "Envelope":
            self._old = True
        for namespace in sorted(namespaces):
            if not namespace.startswith(_HARMLESS_NAMESPACES):
                self._note(NoteCode.FOREIGN_NAMESPACE, namespace[:100])
        return root

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
        self._note(NoteCode.SIGNATURE_PRESENT if in_place else NoteCode.SIGNATURE_MISPLACED)
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
            self._note(NoteCode.OLD_CONTAINER)
        if statuses:
            return self._status(statuses[0])
        if not headers:
            raise NotAPacket(missing="MessageHeader")
        if headers[0].all("StatusCode"):
            return self._status(headers[0])
        return self._document(headers[0], nodes)

    # --- single elements ---

    def _one(self, node: Node | None, *names: str) -> Node | None:
        """The only child of that name (the first name that exists).

        Two that differ are refused, unless they only tell how to reach someone.
        """
        if node is None:
            return None
        for name in names:
            found = node.all(name)
            if name not in _CONTACTS and any(other != found[0] for other in found[1:]):
                raise DuplicateElement(element=name)
            if len(found) > 1:
                self._note(NoteCode.REPEATED_ELEMENT, name)
            if found:
                return found[0]
        return None

    def _text(self, node: Node | None, *names: str) -> str:
        found = self._one(node, *names)
        return found.text if found else ""

    def _number(self, node: Node | None, name: str) -> int | None:
        text = self._text(node, name)
        if not text:
            return None
        digits = text.removeprefix("-")
        if digits.isascii() and digits.isdigit() and len(digits) <= 9:
            return int(text)
        self._note(NoteCode.BAD_NUMBER, name)
        self._keep(name, text)
        return None

    def _flag(self, node: Node | None, name: str) -> bool | None:
        text = self._text(node, name).lower()
        return text in ("1", "true") if text else None

    def _date(self, node: Node | None, name: str) -> date | None:
        return self._moment(self._text(node, name), name, read_date, is_strict_date)

    def _time(self, node: Node | None, name: str) -> datetime | None:
        return self._moment(self._text(node, name), name, read_time, is_strict_time)

    def _moment(
        self, text: str, name: str, reader: Callable[[str], T | None], is_strict: Callable[[str], bool]
    ) -> T | None:
        if not text:
            return None
        moment = reader(text)
        if moment is None:
            self._note(NoteCode.BAD_DATE, name)
            self._keep(name, text)
        elif not is_strict(text):
            self._note(NoteCode.DATE_FORMAT, name)
        return moment

    def _keep(self, path: str, text: str) -> None:
        if len(self._unknown) < _MOST_UNKNOWN:
            self._unknown.append(UnknownValue(path, text))

    def _keep_strangers(self, node: Node | None, known: frozenset[str]) -> None:
        for child in node.children if node else ():
            if child.name in known:
                continue
            self._note(NoteCode.UNKNOWN_ELEMENT, child.name[:100])
            for leaf in child.walk():
                if not leaf.children:
                    path = child.name if leaf is child else f"{child.name}/{leaf.name}"
                    self._keep(path[:200], leaf.text)

    # --- parts that both kinds of packet share ---

    def _sender(self, header: Node) -> Organization:
        sender = self._one(header, "From")
        organization = self._organization(sender) if sender else None
        if organization is None or not organization.organ_id:
            raise NotAPacket(missing="From/OrganId")
        return organization

    def _organization(self, node: Node) -> Organization:
        return Organization(
            organ_id=self._text(node, "OrganId"),
            organ_name=self._text(node, "OrganName"),
            organization_in_charge=self._text(node, "OrganizationInCharge"),
            address=self._text(node, "OrganAdd"),
            email=self._text(node, "Email"),
            telephone=self._text(node, "Telephone"),
            fax=self._text(node, "Fax"),
            website=self._text(node, "Website"),
        )

    def _response_for(self, node: Node) -> ResponseFor | None:
        code = self._one(node, "Code")
        number, notation = self._code(code)
        answer = ResponseFor(
            organ_id=self._text(node, "OrganId"),
            code=code.text if code and code.text else "/".join(part for part in (number, notation) if part),
            document_id=self._text(node, "DocumentId"),
            promulgation_date=self._date(node, "PromulgationDate"),
        )
        return None if answer == ResponseFor("") else answer

    def _staff(self, node: Node) -> StaffInfo:
        return StaffInfo(
            department=self._text(node, "Department"),
            staff=self._text(node, "Staff"),
            email=self._text(node, "Email"),
            mobile=self._text(node, "Mobile"),
            department_id=self._text(node, "DepartmentId"),
            staff_id=self._text(node, "StaffId"),
        )

    def _code(self, node: Node | None) -> tuple[str, str]:
        number, notation = self._text(node, "CodeNumber"), self._text(node, "CodeNotation")
        if node is not None and not number and not notation and node.text:
            number, _slash, notation = (part.strip() for part in node.text.partition("/"))
        return number, notation

    # --- a status ---

    def _status(self, header: Node) -> StatusPacket:
        answers = [found for node in header.all("ResponseFor") if (found := self._response_for(node))]
        if not answers:
            raise NotAPacket(missing="ResponseFor")
        if any(answer != answers[0] for answer in answers[1:]):
            raise DuplicateElement(element="ResponseFor")
        staff = self._one(header, "StaffInfo")
        code = self._status_code(header)
        timestamp = self._time(header, "Timestamp")
        if timestamp is None:
            self._note(NoteCode.MISSING, "Timestamp")
        self._keep_strangers(header, _HEADER_CHILDREN)
        return StatusPacket(
            sender=self._sender(header),
            response_for=answers[0],
            status_code=code,
            timestamp=timestamp,
            description=self._text(header, "Description"),
            staff=self._staff(staff) if staff else None,
            unknown=tuple(self._unknown),
        )

    def _status_code(self, header: Node) -> StatusCode | str:
        text = self._text(header, "StatusCode")
        if not text:
            raise BadValue(element="StatusCode", value="")
        code = status_code(text.zfill(2) if text.isascii() and text.isdigit() else text)
        if not isinstance(code, StatusCode):
            self._note(NoteCode.UNKNOWN_STATUS, text[:50])
            return text
        return code

    # --- a document ---

    def _document(self, header: Node, nodes: list[Node]) -> DocumentPacket:
        number, notation = self._code(self._one(header, "Code"))
        issued = self._one(header, "PromulgationInfo")
        kind = self._one(header, "DocumentType")
        other = self._one(header, "OtherInfo")
        places = self._one(header, "ToPlaces")
        tasks = header.all("ResponseForTask")
        trace = self._trace_list(nodes)
        self._keep_strangers(header, _HEADER_CHILDREN)
        self._keep_strangers(other, _OTHER_CHILDREN)
        packet = DocumentPacket(
            sender=self._sender(header),
            recipients=tuple(self._organization(node) for node in header.all("To")),
            document_id=self._text(header, "DocumentId"),
            code_number=number,
            code_notation=notation,
            promulgation_date=self._date(issued, "PromulgationDate"),
            subject=self._text(header, "Subject"),
            type_name=self._text(kind, "TypeName"),
            type=self._number(kind, "Type"),
            type_detail=self._number(kind, "TypeDetail"),
            place=self._text(issued, "Place"),
            content=self._text(header, "Content"),
            signer=self._signer(self._one(header, "SignerInfo", "Author")),
            due_date=self._date(header, "DueDate"),
            priority=self._number(other, "Priority") or 0,
            sphere=self._text(other, "SphereOfPromulgation"),
            typer_notation=self._text(other, "TyperNotation"),
            promulgation_amount=self._number(other, "PromulgationAmount"),
            page_amount=self._number(other, "PageAmount"),
            reply_fors=self._text(other, "ReplyFors"),
            direction=bool(self._flag(other, "Direction")),
            reference_codes=self._text(other, "ReferenceCodes"),
            appendixes=_texts(self._one(other, "Appendixes"), "Appendix"),
            responses_for=tuple(self._responses_for(header)),
            steering_type=self._number(header, "SteeringType"),
            task_codes=tuple(code for task in tasks for code in _texts(task, "TaskCode")),
            application_type=self._text(header, "ApplicationType"),
            to_places=_texts(places, "Place"),
            trace=tuple(self._hops(trace)),
            business=self._business(trace),
            attachments=tuple(self._attachments(nodes)),
            unknown=tuple(self._unknown),
        )
        self._note_missing(packet)
        return packet

    def _note_missing(self, packet: DocumentPacket) -> None:
        required = {
            "To": packet.recipients,
            "DocumentId": packet.document_id,
            "Code": packet.code,
            "PromulgationDate": packet.promulgation_date,
            "Subject": packet.subject,
            "TypeName": packet.type_name,
        }
        for name, value in required.items():
            if not value:
                self._note(NoteCode.MISSING, name)

    def _signer(self, node: Node | None) -> Signer:
        return Signer(
            competence=self._text(node, "Competence"),
            position=self._text(node, "Position", "Function"),
            full_name=self._text(node, "FullName"),
        )

    def _responses_for(self, header: Node) -> Iterator[ResponseFor]:
        for node in header.all("ResponseFor"):
            answer = self._response_for(node)
            if answer is None:
                self._note(NoteCode.EMPTY_RESPONSE_FOR)
            else:
                yield answer

    # --- trace and business ---

    def _trace_list(self, nodes: list[Node]) -> Node | None:
        lists = [node for node in nodes if node.name == "TraceHeaderList"]
        if any(other != lists[0] for other in lists[1:]):
            raise DuplicateElement(element="TraceHeaderList")
        return lists[0] if lists else None

    def _hops(self, trace: Node | None) -> Iterator[TraceHop]:
        for node in trace.all("TraceHeader") if trace else ():
            sender = self._one(node, "Sender")
            organ_id = (
                self._text(node, "OrganId") or self._text(sender, "OrganId") or self._text(node, "Sender")
            )
            if organ_id in ("", "null"):
                self._note(NoteCode.TRACE_WITHOUT_ORGAN)
                organ_id = ""
            yield TraceHop(organ_id, self._time(node, "Timestamp"))

    def _business(self, trace: Node | None) -> Business | None:
        node = self._one(trace, "Bussiness", "Business")
        if node is None:
            self._note(NoteCode.NO_BUSINESS)
            return None
        replaced = self._one(node, "ReplacementInfoList")
        return Business(
            doc_type=self._business_type(node),
            reason=self._text(node, "BussinessDocReason", "BusinessDocReason"),
            document_id=self._text(node, "DocumentId"),
            paper=self._flag(node, "Paper"),
            infos=tuple(self._change(info) for info in node.all("BussinessDocumentInfo")),
            replacements=tuple(
                Replacement(self._text(info, "DocumentId"), _texts(self._one(info, "OrganIdList"), "OrganId"))
                for info in (replaced.all("ReplacementInfo") if replaced else ())
            ),
            staff=tuple(self._staff(staff) for staff in node.all("StaffInfo")),
        )

    def _business_type(self, node: Node) -> int:
        text = self._text(node, "BussinessDocType", "BusinessDocType")
        if not text:
            self._note(NoteCode.NO_BUSINESS)
            return BusinessType.NEW
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            raise BadValue(element="BussinessDocType", value=text[:20])
        try:
            return BusinessType(int(text))
        except ValueError:
            self._note(NoteCode.UNKNOWN_BUSINESS, text)
            return int(text)

    def _change(self, node: Node) -> DocumentChange:
        receivers = self._one(node, "ReceiverList")
        return DocumentChange(
            document_info=bool(self._flag(node, "DocumentInfo")),
            document_receiver=bool(self._flag(node, "DocumentReceiver")),
            receivers=tuple(
                ReceiverChange(self._text(receiver, "OrganId"), self._number(receiver, "ReceiverType") or 0)
                for receiver in (receivers.all("Receiver") if receivers else ())
            ),
        )

    # --- attachments ---

    def _attachments(self, nodes: list[Node]) -> Iterator[Attachment]:
        found = [node for node in nodes if node.name.lower() == "attachment"]
        references = self._references(nodes)
        matched = self._match(found, references)
        for number, node in enumerate(found, start=1):
            yield self._attachment(node, matched[number - 1], number)

    def _references(self, nodes: list[Node]) -> list[_Reference]:
        manifests = [node for node in nodes if node.name.lower() in _MANIFEST_NAMES]
        if any(other != manifests[0] for other in manifests[1:]):
            raise DuplicateElement(element="Manifest")
        return [
            _Reference(
                content_id=_plain_id(self._text(node, "ContentId") or node.attributes.get("href", "")),
                name=self._text(node, "AttachmentName"),
                description=self._text(node, "Description"),
            )
            for node in (manifests[0].all("Reference") if manifests else ())
        ]

    def _match(self, found: list[Node], references: list[_Reference]) -> list[_Reference | None]:
        """For each attachment its manifest line: by content id, then by name, then by order."""
        free = list(references)
        matched: list[_Reference | None] = []
        for node in found:
            wanted = _plain_id(self._text(node, "ContentId")) or self._name(node)
            matched.append(_take(free, "content_id", wanted))
        for index, node in enumerate(found):
            if matched[index] is None:
                matched[index] = _take(free, "name", self._name(node))
                if matched[index] is not None:
                    self._note(NoteCode.MATCHED_BY_NAME, self._name(node))
        for index, node in enumerate(found):
            if matched[index] is not None:
                continue
            matched[index] = free.pop(0) if free else None
            code = NoteCode.MATCHED_BY_ORDER if matched[index] else NoteCode.NOT_IN_MANIFEST
            self._note(code, self._name(node))
        for line in free:
            self._note(NoteCode.NOT_IN_PACKET, line.name or line.description or line.content_id)
        return matched

    def _name(self, node: Node) -> str:
        return self._text(node, "AttachmentName", "FileName", "name", "Name")

    def _attachment(self, node: Node, line: _Reference | None, number: int) -> Attachment:
        name = self._name(node) or (line.name or line.description if line else "") or f"tep-dinh-kem-{number}"
        payload_node = self._payload_node(node)
        declared = self._text(node, "ContentType", "FileType", "MimeType") or node.attributes.get(
            "Content-Type", ""
        )
        payload = self._store.of(payload_node.payload if payload_node else None)
        unwrapped = self._unwrapper.unwrap(name, payload, declared)
        notes = tuple(Note(code, name) for code in unwrapped.codes)
        for note in notes:
            self._note(note.code, note.detail)
        content_id = _plain_id(self._text(node, "ContentId")) or (line.content_id if line else "")
        return Attachment(
            name=name,
            content=unwrapped.content,
            content_id=content_id or f"{number}",
            description=self._text(node, "Description") or (line.description if line else ""),
            declared_type=declared,
            damaged=unwrapped.damaged,
            notes=notes,
        )

    def _payload_node(self, node: Node) -> Node | None:
        payloads = [child for child in node.children if child.payload is not None]
        if len(payloads) > 1:
            raise DuplicateElement(element="ContentTransferEncoded")
        return payloads[0] if payloads else None


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


def _texts(node: Node | None, name: str) -> tuple[str, ...]:
    return tuple(child.text for child in node.all(name) if child.text) if node else ()


def _plain_id(text: str) -> str:
    return text.strip().removeprefix("cid:").strip()


def _take(lines: list[_Reference], field: str, wanted: str) -> _Reference | None:
    """Remove and return the first line whose field has that value; none for an empty one."""
    for index, line in enumerate(lines):
        if wanted and getattr(line, field) == wanted:
            return lines.pop(index)
    return None
