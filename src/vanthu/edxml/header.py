"""What a packet's header says: the fields of a status or of a document (QCVN 102:2016, 1.3 and 2.2).

Owns which element a field is read from, whatever the vendor calls it. Refuses to look at attachments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vanthu.edxml.codes import BusinessType, StatusCode, status_code
from vanthu.edxml.elements import ABSENT, Values, texts
from vanthu.edxml.errors import BadValue, DuplicateElement, NotAPacket
from vanthu.edxml.model import (
    Attachment,
    Business,
    DocumentChange,
    DocumentPacket,
    Organization,
    ReceiverChange,
    Replacement,
    ResponseFor,
    Signer,
    StaffInfo,
    StatusPacket,
    TraceHop,
)
from vanthu.edxml.notes import NoteCode
from vanthu.edxml.xmlstream import Node


class HeaderReader:
    """Reads headers; what is odd goes into ``values``."""

    def __init__(self, values: Values) -> None:
        self._values = values

    # --- parts that both kinds of packet share ---

    def _sender(self, header: Node) -> Organization:
        sender = self._values.one(header, "From")
        organization = self._organization(sender) if sender else None
        if organization is None or organization.organ_id in ABSENT:
            raise NotAPacket(missing="From/OrganId")
        return organization

    def _organization(self, node: Node) -> Organization:
        return Organization(
            organ_id=self._values.text(node, "OrganId"),
            organ_name=self._values.text(node, "OrganName"),
            organization_in_charge=self._values.text(node, "OrganizationInCharge"),
            address=self._values.text(node, "OrganAdd"),
            email=self._values.text(node, "Email"),
            telephone=self._values.text(node, "Telephone"),
            fax=self._values.text(node, "Fax"),
            website=self._values.text(node, "Website"),
        )

    def _response_for(self, node: Node) -> ResponseFor | None:
        code = self._values.one(node, "Code")
        number, notation = self._code(code)
        answer = ResponseFor(
            organ_id=self._values.text(node, "OrganId"),
            code=code.text if code and code.text else "/".join(part for part in (number, notation) if part),
            document_id=self._values.text(node, "DocumentId"),
            promulgation_date=self._values.date(node, "PromulgationDate"),
        )
        said = (answer.organ_id, answer.code, answer.document_id)
        return None if answer.promulgation_date is None and set(said) <= set(ABSENT) else answer

    def _staff(self, node: Node) -> StaffInfo:
        return StaffInfo(
            department=self._values.text(node, "Department"),
            staff=self._values.text(node, "Staff"),
            email=self._values.text(node, "Email"),
            mobile=self._values.text(node, "Mobile"),
            department_id=self._values.text(node, "DepartmentId"),
            staff_id=self._values.text(node, "StaffId"),
        )

    def _code(self, node: Node | None) -> tuple[str, str]:
        number, notation = self._values.text(node, "CodeNumber"), self._values.text(node, "CodeNotation")
        if node is not None and not number and not notation and node.text:
            number, _slash, notation = (part.strip() for part in node.text.partition("/"))
        return number, notation

    # --- a status ---

    def status(self, header: Node) -> StatusPacket:
        """The report that a header with a StatusCode is."""
        answers = [found for node in header.all("ResponseFor") if (found := self._response_for(node))]
        if not answers:
            answers = [self._response_in_header(header)]
        if any(answer != answers[0] for answer in answers[1:]):
            raise DuplicateElement(element="ResponseFor")
        staff = self._values.one(header, "StaffInfo")
        code = self._status_code(header)
        timestamp = self._values.time(header, "Timestamp")
        if timestamp is None:
            self._values.note(NoteCode.MISSING, "Timestamp")
        return StatusPacket(
            sender=self._sender(header),
            response_for=answers[0],
            status_code=code,
            timestamp=timestamp,
            description=self._values.text(header, "Description"),
            staff=self._staff(staff) if staff else None,
            unknown=tuple(self._values.unknown),
        )

    def _response_in_header(self, header: Node) -> ResponseFor:
        """What a status is about when it says so in a document's fields instead of ResponseFor."""
        recipient = self._values.one(header, "To")
        number, notation = self._code(self._values.one(header, "Code"))
        answer = ResponseFor(
            organ_id=self._values.text(recipient, "OrganId"),
            code="/".join(part for part in (number, notation) if part),
            document_id=self._values.text(header, "DocumentId"),
            promulgation_date=self._values.date(
                self._values.one(header, "PromulgationInfo"), "PromulgationDate"
            ),
        )
        if not answer.organ_id or not (answer.document_id or answer.code):
            raise NotAPacket(missing="ResponseFor")
        self._values.note(NoteCode.MISSING, "ResponseFor")
        return answer

    def _status_code(self, header: Node) -> StatusCode | str:
        text = self._values.text(header, "StatusCode")
        if not text:
            raise BadValue(element="StatusCode", value="")
        code = status_code(text.zfill(2) if text.isascii() and text.isdigit() else text)
        if not isinstance(code, StatusCode):
            self._values.note(NoteCode.UNKNOWN_STATUS, text[:50])
            return text
        return code

    # --- a document ---

    def document(self, header: Node, nodes: list[Node], attachments: Iterable[Attachment]) -> DocumentPacket:
        """The document of a header; ``nodes`` are all elements outside signatures, where the trace stands."""
        number, notation = self._code(self._values.one(header, "Code"))
        issued = self._values.one(header, "PromulgationInfo")
        kind = self._values.one(header, "DocumentType")
        other = self._values.one(header, "OtherInfo")
        places = self._values.one(header, "ToPlaces")
        tasks = header.all("ResponseForTask")
        trace = self._trace_list(nodes)
        packet = DocumentPacket(
            sender=self._sender(header),
            recipients=tuple(self._organization(node) for node in header.all("To")),
            document_id=self._values.text(header, "DocumentId"),
            code_number=number,
            code_notation=notation,
            promulgation_date=self._values.date(issued, "PromulgationDate"),
            subject=self._values.text(header, "Subject"),
            type_name=self._values.text(kind, "TypeName"),
            type=self._values.number(kind, "Type"),
            type_detail=self._values.number(kind, "TypeDetail"),
            place=self._values.text(issued, "Place"),
            content=self._values.text(header, "Content"),
            signer=self._signer(self._values.one(header, "SignerInfo", "Author")),
            due_date=self._values.date(header, "DueDate"),
            priority=self._values.number(other, "Priority") or 0,
            sphere=self._values.text(other, "SphereOfPromulgation"),
            typer_notation=self._values.text(other, "TyperNotation"),
            promulgation_amount=self._values.number(other, "PromulgationAmount"),
            page_amount=self._values.number(other, "PageAmount"),
            reply_fors=self._values.text(other, "ReplyFors"),
            direction=bool(self._values.flag(other, "Direction")),
            reference_codes=self._values.text(other, "ReferenceCodes"),
            appendixes=texts(self._values.one(other, "Appendixes"), "Appendix"),
            responses_for=tuple(self._responses_for(header)),
            steering_type=self._values.number(header, "SteeringType"),
            task_codes=tuple(code for task in tasks for code in texts(task, "TaskCode")),
            application_type=self._values.text(header, "ApplicationType"),
            to_places=texts(places, "Place"),
            trace=tuple(self._hops(trace)),
            business=self._business(trace),
            attachments=tuple(attachments),
            unknown=tuple(self._values.unknown),
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
                self._values.note(NoteCode.MISSING, name)

    def _signer(self, node: Node | None) -> Signer:
        return Signer(
            competence=self._values.text(node, "Competence"),
            position=self._values.text(node, "Position", "Function"),
            full_name=self._values.text(node, "FullName"),
        )

    def _responses_for(self, header: Node) -> Iterator[ResponseFor]:
        for node in header.all("ResponseFor"):
            answer = self._response_for(node)
            if answer is None:
                self._values.note(NoteCode.EMPTY_RESPONSE_FOR)
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
            sender = self._values.one(node, "Sender")
            organ_id = (
                self._values.text(node, "OrganId")
                or self._values.text(sender, "OrganId")
                or self._values.text(node, "Sender")
            )
            if organ_id in ABSENT:
                self._values.note(NoteCode.TRACE_WITHOUT_ORGAN)
                organ_id = ""
            yield TraceHop(organ_id, self._values.time(node, "Timestamp"))

    def _business(self, trace: Node | None) -> Business | None:
        node = self._values.one(trace, "Bussiness", "Business")
        if node is None:
            self._values.note(NoteCode.NO_BUSINESS)
            return None
        replaced = self._values.one(node, "ReplacementInfoList")
        return Business(
            doc_type=self._business_type(node),
            reason=self._values.text(node, "BussinessDocReason", "BusinessDocReason"),
            document_id=self._values.text(node, "DocumentId"),
            paper=self._values.flag(node, "Paper"),
            infos=tuple(self._change(info) for info in node.all("BussinessDocumentInfo")),
            replacements=tuple(
                Replacement(
                    self._values.text(info, "DocumentId"),
                    texts(self._values.one(info, "OrganIdList"), "OrganId"),
                )
                for info in (replaced.all("ReplacementInfo") if replaced else ())
            ),
            staff=tuple(self._staff(staff) for staff in node.all("StaffInfo")),
        )

    def _business_type(self, node: Node) -> int:
        text = self._values.text(node, "BussinessDocType", "BusinessDocType")
        if not text:
            self._values.note(NoteCode.NO_BUSINESS)
            return BusinessType.NEW
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            raise BadValue(element="BussinessDocType", value=text[:20])
        try:
            return BusinessType(int(text))
        except ValueError:
            self._values.note(NoteCode.UNKNOWN_BUSINESS, text)
            return int(text)

    def _change(self, node: Node) -> DocumentChange:
        receivers = self._values.one(node, "ReceiverList")
        return DocumentChange(
            document_info=bool(self._values.flag(node, "DocumentInfo")),
            document_receiver=bool(self._values.flag(node, "DocumentReceiver")),
            receivers=tuple(
                ReceiverChange(self._values.text(receiver, "OrganId"), self._receiver_type(receiver))
                for receiver in (receivers.all("Receiver") if receivers else ())
            ),
        )

    def _receiver_type(self, receiver: Node) -> int:
        number = self._values.number(receiver, "ReceiverType")
        if number is None:
            self._values.note(NoteCode.MISSING, "ReceiverType")
            return ReceiverChange.NOT_SAID
        return number
