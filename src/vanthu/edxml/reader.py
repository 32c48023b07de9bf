"""Reads any packet in circulation into the model, noting every defect it lives with.

Owns the tolerance rules: elements by local name in any order and namespace, missing parts, odd dates,
unmatched attachments, the 2803-era containers. Refuses what cannot be decided safely: two different values
where one may stand, a header hidden inside a signature, anything beyond the limits.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, TypeVar
from urllib.parse import unquote

from vanthu.edxml.attachments import PayloadStore, Unwrapper
from vanthu.edxml.codes import BusinessType, StatusCode, status_code
from vanthu.edxml.container import Source, is_mime, skip_leading
from vanthu.edxml.content import SpoolFile
from vanthu.edxml.errors import BadValue, DuplicateElement, NotAPacket, NotXml, TooManyAttachments
from vanthu.edxml.limits import Limits
from vanthu.edxml.mime import Part, mime_parts
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
from vanthu.edxml.strangers import strangers
from vanthu.edxml.times import is_strict_date, is_strict_time, read_date, read_time
from vanthu.edxml.xmlstream import SIGNATURE_NAMES, WRAPPER_NAME, Node, parse

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
_CONTACTS = frozenset({"OrganAdd", "Email", "Telephone", "Fax", "Website", "Mobile"})
_FLAGS = {"1": True, "true": True, "0": False, "false": False}
_ABSENT = ("", "null")
_MOST_UNKNOWN = 1000
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
    content_type: str


class _Reading:
    def __init__(self, source: Source, limits: Limits, spool_dir: Path | None) -> None:
        self._source = source
        self._limits = limits
        shared = SpoolFile(spool_dir)
        self._store = PayloadStore(limits, shared)
        self._unwrapper = Unwrapper(limits, shared)
        self._notes: dict[tuple[NoteCode, str], Note] = {}
        self._unknown: list[UnknownValue] = []
        self._old = False

    def result(self) -> ReadResult:
        roots = self._opened(self._parse(self._source))
        signature = self._signature(roots)
        packet = self._packet(roots)
        return ReadResult(
            packet, tuple(self._notes.values()), self._source.sha256, self._source.size, signature, self._old
        )

    def _note(self, code: NoteCode, detail: str = "") -> None:
        if len(self._notes) < _MOST_NOTES:
            self._notes.setdefault((code, detail), Note(code, detail))

    # --- the file ---

    def _parse(self, source: Source) -> list[Node]:
        if skip_leading(source):
            self._note(NoteCode.LEADING_BYTES)
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
        root, namespaces = parse(chunks, self._store, self._limits, self._note)
        if root.name == "Envelope":
            self._old = True
        for namespace in sorted(namespaces):
            if not namespace.startswith(_HARMLESS_NAMESPACES):
                self._note(NoteCode.FOREIGN_NAMESPACE, namespace[:100])
        return root

    def _raw_part(self, part: Part) -> Node:
        """A MIME part that is the file itself, in the shape of an Attachment element."""
        if part.is_base64:
            number = self._store.begin()
            for piece in part.pieces:
                self._store.feed(piece.decode("latin-1"))
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
        self._note(NoteCode.WRAPPED)
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
        self._keep_strangers(roots)
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
                for other in found[1:]:
                    if other != found[0]:
                        self._keep(name, other.text)
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
        text = self._text(node, name)
        if not text:
            return None
        said = _FLAGS.get(text.lower())
        if said is None:
            self._note(NoteCode.BAD_FLAG, name)
            self._keep(name, text)
        return said

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
        else:
            self._note(NoteCode.MANY_UNKNOWN, f"{_MOST_UNKNOWN}")

    def _keep_strangers(self, roots: list[Node]) -> None:
        """Whatever the model has no place for, wherever it stands."""
        for stranger in strangers(roots):
            self._note(NoteCode.UNKNOWN_ELEMENT, stranger.name[:100])
            for leaf in stranger.walk():
                if not leaf.children:
                    path = stranger.name if leaf is stranger else f"{stranger.name}/{leaf.name}"
                    self._keep(path[:200], leaf.text)

    # --- parts that both kinds of packet share ---

    def _sender(self, header: Node) -> Organization:
        sender = self._one(header, "From")
        organization = self._organization(sender) if sender else None
        if organization is None or organization.organ_id in _ABSENT:
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
        said = (answer.organ_id, answer.code, answer.document_id)
        return None if answer.promulgation_date is None and set(said) <= set(_ABSENT) else answer

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
            answers = [self._response_in_header(header)]
        if any(answer != answers[0] for answer in answers[1:]):
            raise DuplicateElement(element="ResponseFor")
        staff = self._one(header, "StaffInfo")
        code = self._status_code(header)
        timestamp = self._time(header, "Timestamp")
        if timestamp is None:
            self._note(NoteCode.MISSING, "Timestamp")
        return StatusPacket(
            sender=self._sender(header),
            response_for=answers[0],
            status_code=code,
            timestamp=timestamp,
            description=self._text(header, "Description"),
            staff=self._staff(staff) if staff else None,
            unknown=tuple(self._unknown),
        )

    def _response_in_header(self, header: Node) -> ResponseFor:
        """What a status is about when it says so in a document's fields instead of ResponseFor."""
        recipient = self._one(header, "To")
        number, notation = self._code(self._one(header, "Code"))
        answer = ResponseFor(
            organ_id=self._text(recipient, "OrganId"),
            code="/".join(part for part in (number, notation) if part),
            document_id=self._text(header, "DocumentId"),
            promulgation_date=self._date(self._one(header, "PromulgationInfo"), "PromulgationDate"),
        )
        if not answer.organ_id or not (answer.document_id or answer.code):
            raise NotAPacket(missing="ResponseFor")
        self._note(NoteCode.MISSING, "ResponseFor")
        return answer

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
            if organ_id in _ABSENT:
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
                ReceiverChange(self._text(receiver, "OrganId"), self._receiver_type(receiver))
                for receiver in (receivers.all("Receiver") if receivers else ())
            ),
        )

    def _receiver_type(self, receiver: Node) -> int:
        number = self._number(receiver, "ReceiverType")
        if number is None:
            self._note(NoteCode.MISSING, "ReceiverType")
            return ReceiverChange.NOT_SAID
        return number

    # --- attachments ---

    def _attachments(self, nodes: list[Node]) -> Iterator[Attachment]:
        found = [node for node in nodes if node.name.lower() == "attachment"]
        if len(found) > self._limits.max_attachments:
            raise TooManyAttachments(limit=self._limits.max_attachments)
        references = self._references(nodes)
        matched = self._match(found, references)
        for number, node in enumerate(found, start=1):
            yield self._attachment(node, matched[number - 1], number)

    def _references(self, nodes: list[Node]) -> list[_Reference]:
        manifests = [node for node in nodes if node.name.lower() in _MANIFEST_NAMES]
        if any(other != manifests[0] for other in manifests[1:]):
            raise DuplicateElement(element="Manifest")
        lines = manifests[0].all("Reference") if manifests else []
        if len(lines) > self._limits.max_attachments:
            raise TooManyAttachments(limit=self._limits.max_attachments)
        return [
            _Reference(
                content_id=_plain_id(self._text(node, "ContentId") or node.attributes.get("href", "")),
                name=self._text(node, "AttachmentName"),
                description=self._text(node, "Description"),
                content_type=self._text(node, "ContentType"),
            )
            for node in lines
        ]

    def _match(self, found: list[Node], references: list[_Reference]) -> list[_Reference | None]:
        """For each attachment its manifest line: by content id (and name, where ids repeat), by name, by order."""
        free = list(references)
        matched: list[_Reference | None] = [None] * len(found)
        ids = [_key(_plain_id(self._text(node, "ContentId")) or self._name(node)) for node in found]
        names = [_key(self._name(node)) for node in found]
        rounds: tuple[tuple[NoteCode | None, Callable[[int, _Reference], bool]], ...] = (
            (None, lambda at, line: ids[at] == _key(line.content_id) != "" and names[at] == _key(line.name)),
            (None, lambda at, line: ids[at] == _key(line.content_id) != ""),
            (NoteCode.MATCHED_BY_NAME, lambda at, line: names[at] == _key(line.name) != ""),
            (NoteCode.MATCHED_BY_ORDER, lambda _at, _line: True),
        )
        for code, fits in rounds:
            for index, node in enumerate(found):
                if matched[index] is None and (line := next((one for one in free if fits(index, one)), None)):
                    free.remove(line)
                    matched[index] = line
                    if code is not None:
                        self._note(code, self._name(node))
        for index, node in enumerate(found):
            if matched[index] is None:
                self._note(NoteCode.NOT_IN_MANIFEST, self._name(node))
        for line in free:
            self._note(NoteCode.NOT_IN_PACKET, line.name or line.description or line.content_id)
        return matched

    def _name(self, node: Node) -> str:
        return self._text(node, "AttachmentName", "FileName", "name", "Name")

    def _attachment(self, node: Node, line: _Reference | None, number: int) -> Attachment:
        name = self._name(node) or (line.name or line.description if line else "") or f"tep-dinh-kem-{number}"
        payload_node = self._payload_node(node)
        declared = (
            self._text(node, "ContentType", "FileType", "MimeType")
            or node.attributes.get("Content-Type", "")
            or (line.content_type if line else "")
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
    """A content id without ``cid:`` and the angle brackets of MIME."""
    bare = text.strip()
    bare = bare[4:] if bare[:4].lower() == "cid:" else bare
    return bare.strip().removeprefix("<").removesuffix(">").strip()


def _key(text: str) -> str:
    """An id or name as it is compared: addresses escape letters, and accents are written in two ways."""
    return unicodedata.normalize("NFC", unquote(text))
