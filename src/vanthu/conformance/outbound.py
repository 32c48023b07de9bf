"""What the software under test sends: the faults on the way to each desk, the desks' answers, and the verdicts.

Owns attempts and refusals. What the software receives is ``inbound``.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vanthu.axis.envelope import Envelope
from vanthu.axis.errors import CallMalformed, EnvelopeWrong
from vanthu.axis.wire_rules import addressed
from vanthu.conformance import letters
from vanthu.conformance.desks import BY_CODE, Desk
from vanthu.conformance.inbound import PLAIN, Inbound
from vanthu.conformance.items import NEEDS_REASON, PASSING, PERMANENT
from vanthu.conformance.report import Evidence
from vanthu.conformance.small_axis import Answer, Call, Delivery, Held
from vanthu.conformance.stage import Stage, envelope_of, evidence, is_ok
from vanthu.edxml import (
    VIETNAM,
    BusinessType,
    DocumentPacket,
    Organization,
    Packet,
    PacketError,
    StatusPacket,
    check,
    read,
)
from vanthu.vxp import ErrorCode, PacketMeter
from vanthu.vxp.answers import failed

PATIENCE = 10
"""So many polls after a refusal for good show that the packet is not sent on and on."""

MOST_REPEATS = 5
"""What the vendor's client allows itself (max-error-retry 3 to 5)."""

CHANGES = (BusinessType.RECALL, BusinessType.UPDATE)
"""Packets about an earlier document: they carry its number, so they are let pass where sendings are counted by it."""

PAUSE_SECONDS = 2
LATE_POLLS = 4
HTTP_FAULTS: dict[str, Callable[[], Answer]] = {
    "send-500": lambda: Answer(b"Internal Server Error", 500, PLAIN),
    "send-503": lambda: Answer(b"Service Unavailable", 503, PLAIN),
    "send-401": lambda: Answer("Sai token đăng nhập".encode(), 401, PLAIN),
}


@dataclass
class Attempt:
    """The sending of one document to one faulty desk."""

    item: str
    code: str
    document_id: str
    refused_at: datetime
    times: int = 1
    polls: int = 0
    over: bool = False


class Outbound:
    """The sending half of a trial."""

    def __init__(self, stage: Stage, inbound: Inbound) -> None:
        self._stage, self._inbound = stage, inbound
        self._attempts: list[Attempt] = []
        self._theirs: dict[str, DocumentPacket] = {}
        self._seen: set[str] = set()
        self._break = ""

    # --- calls

    def instead(self, call: Call) -> Answer | None:
        """A fault in the place of an answer, before anything is accepted."""
        self._break = ""
        if call.operation != "sendEdoc":
            return None
        envelope = envelope_of(call.request.body, call.signed.argument("messagetype").lower())
        desk = self._faulty_desk(call, envelope) if envelope else None
        if envelope is None or desk is None:
            return None
        seen = evidence(call.request, Answer(status=0), self._stage.clock(), "trước khi trả lời")
        known = self._attempt(desk.item, envelope, seen)
        if known is not None:
            return self._again(known, desk.item, seen)
        self._attempts.append(
            Attempt(desk.item, envelope.document_code, envelope.document_id, self._stage.clock())
        )
        return self._first(desk.item, seen)

    def afterwards(self, call: Call, answer: Answer, seen: Evidence) -> Answer:
        """What goes out, and what it shows."""
        if call.operation == "getReceivedEdocList":
            self._waited(seen)
        if call.operation != "sendEdoc":
            return answer
        self._judge_call(call, answer, seen)
        if not is_ok(answer):
            return answer
        packet = next(
            (held for held in self._stage.axis.packets if held.doc_id.encode() in answer.content), None
        )
        if packet is not None:
            self._accepted(packet, seen)
        if self._break == "lost-receipt":
            return replace(answer, cut_after=0)
        return replace(answer, wait=self._stage.slow_seconds) if self._break == "send-slow" else answer

    # --- faults

    def _faulty_desk(self, call: Call, envelope: Envelope) -> Desk | None:
        if envelope.kind != "edoc" or envelope.business_type in CHANGES:
            return None
        try:
            codes = addressed(envelope.recipients, call.signed.argument("to"))
        except (CallMalformed, EnvelopeWrong):
            return None
        desks = [BY_CODE[code] for code in codes if code in BY_CODE]
        return next((desk for desk in desks if desk.fault and desk.item in self._stage.chosen), None)

    def _attempt(self, item: str, envelope: Envelope, seen: Evidence) -> Attempt | None:
        """The earlier attempt with this document; tells when it comes under another DocumentId."""
        for attempt in self._attempts:
            if attempt.item != item or not envelope.document_code or attempt.code != envelope.document_code:
                continue
            if attempt.document_id != envelope.document_id:
                self._stage.referee.wrong(
                    item,
                    f"gửi lại {attempt.code} dưới DocumentId khác: {attempt.document_id} / {envelope.document_id}",
                    seen,
                )
            return attempt
        return None

    def _first(self, item: str, seen: Evidence) -> Answer | None:
        self._stage.referee.still_open(item, "đã gây sự cố, chờ phần mềm gửi lại", seen)
        if item in HTTP_FAULTS:
            return HTTP_FAULTS[item]()
        if item.startswith("fail-"):
            return _failed(item)
        self._break = item
        return None

    def _again(self, attempt: Attempt, item: str, seen: Evidence) -> Answer | None:
        attempt.times += 1
        code = item.removeprefix("fail-")
        referee = self._stage.referee
        if code in PERMANENT:
            if attempt.times > MOST_REPEATS + 1:
                referee.wrong(item, f"gửi lại {attempt.times - 1} lần gói tin đã bị từ chối", seen)
            return _failed(item)
        early = attempt.refused_at + timedelta(seconds=PAUSE_SECONDS)
        if code == "44" and self._stage.clock() < early:
            referee.wrong(item, f"gửi lại trước khi hết {PAUSE_SECONDS} giây của Retry-After", seen)
        referee.right(item, f"gửi lại cùng DocumentId {attempt.document_id}", seen)
        attempt.over = True
        return None

    def _waited(self, seen: Evidence) -> None:
        """The software lives on: what it did not repeat without end is right, what it forgot is wrong."""
        for attempt in self._attempts:
            if not attempt.over:
                attempt.polls += 1
                self._judge_waiting(attempt, seen)

    def _judge_waiting(self, attempt: Attempt, seen: Evidence) -> None:
        referee = self._stage.referee
        permanent = attempt.item.removeprefix("fail-") in PERMANENT
        if permanent and attempt.polls >= PATIENCE and attempt.times <= MOST_REPEATS + 1:
            attempt.over = True
            referee.right(attempt.item, f"gửi lại {attempt.times - 1} lần rồi dừng", seen)
        elif attempt.item == "send-slow" and attempt.polls >= PATIENCE:
            attempt.over = True
            referee.right(attempt.item, "chờ câu trả lời, không gửi lại", seen)
        elif not permanent and self._stage.clock() - attempt.refused_at > self._stage.patience:
            minutes = self._stage.patience.total_seconds() / 60
            referee.wrong(attempt.item, f"không gửi lại {attempt.code} sau {minutes:.0f} phút", seen)

    # --- what arrived

    def _judge_call(self, call: Call, answer: Answer, seen: Evidence) -> None:
        referee = self._stage.referee
        meter = PacketMeter()
        meter.update(call.request.body)
        claimed = call.signed.argument("hash-file")
        if meter.settle(claimed) is None:
            digest = hashlib.sha256(call.request.body).hexdigest()
            referee.wrong("call-hash", f"hash-file {claimed[:70]}, nội dung có {digest}", seen)
        else:
            referee.right("call-hash", f"hash-file {len(claimed)} ký tự khớp nội dung", seen)
        if is_ok(answer):
            referee.right("call-sender", f"gửi dưới mã {call.signed.argument('from')}", seen)
        elif f'"{ErrorCode.SENDER_UNKNOWN.value}"'.encode() in answer.content:
            referee.wrong("call-sender", f"gửi dưới mã {call.signed.argument('from')}", seen)

    def _accepted(self, held: Held, seen: Evidence) -> None:
        if held.doc_id in self._seen:
            return
        self._seen.add(held.doc_id)
        try:
            packet = read(io.BytesIO(held.body)).packet
        except PacketError as error:
            self._stage.referee.wrong("out-document", f"không đọc được: {error.text}", seen)
            return
        if isinstance(packet, StatusPacket):
            self._status(packet, seen)
        else:
            self._document(packet, held, seen)

    def _document(self, packet: DocumentPacket, held: Held, seen: Evidence) -> None:
        referee = self._stage.referee
        wrong = _errors(packet, self._stage.clock())
        told = referee.wrong if wrong else referee.right
        told("out-document", wrong or f"văn bản {packet.code}", seen)
        damaged = [one.name for one in packet.attachments if one.damaged]
        if damaged or not packet.attachments:
            referee.wrong("out-files", f"tệp hỏng: {', '.join(damaged) or 'không có tệp nào'}", seen)
        else:
            referee.right("out-files", f"{len(packet.attachments)} tệp đọc được", seen)
        first = packet.trace[0].organ_id if packet.trace else ""
        told = referee.right if first == packet.sender.organ_id else referee.wrong
        told("out-trace", f"TraceHeader đầu tiên: {first or 'không có'}", seen)
        if held.envelope.marks:
            referee.wrong("out-no-secret", "gói tin mang dấu hiệu bí mật nhà nước", seen)
        else:
            referee.right("out-no-secret", "không gói nào có dấu hiệu bí mật nhà nước", seen)
        self._business(packet, seen)
        if packet.business_type in (BusinessType.NEW, BusinessType.REPLACE):
            self._theirs[packet.document_id] = packet
            self._inbound.sent_first(packet)
        for organ in packet.recipients:
            if organ.organ_id in BY_CODE:
                self._answer(BY_CODE[organ.organ_id], packet)

    def _business(self, packet: DocumentPacket, seen: Evidence) -> None:
        referee = self._stage.referee
        for response in packet.responses_for:
            found = self._inbound.knows(response.document_id)
            told = referee.right if found else referee.wrong
            told("out-reply", f"phúc đáp {response.document_id or 'không có DocumentId'}", seen)
        items = {1: "out-recall", 2: "out-update", 3: "out-replace"}
        item = items.get(int(packet.business_type))
        if item:
            missing = [known for known in packet.acts_on if known not in self._theirs]
            told = referee.wrong if missing else referee.right
            told(item, f"dẫn văn bản {', '.join(missing or packet.acts_on)}", seen)

    def _status(self, packet: StatusPacket, seen: Evidence) -> None:
        code = str(getattr(packet.status_code, "value", packet.status_code))
        about, referee = packet.response_for, self._stage.referee
        item = "out-take-back" if code == "13" else f"out-{code}"
        known = about.document_id in self._theirs if code == "13" else self._inbound.knows(about.document_id)
        wrong = _errors(packet, self._stage.clock())
        if not known:
            referee.wrong(item, f"không có văn bản mang DocumentId {about.document_id or '(trống)'}", seen)
            return
        if code in NEEDS_REASON and not packet.description:
            wrong = "thiếu lý do (Description)"
        if wrong:
            referee.wrong(item, wrong, seen)
        else:
            referee.right(item, f"trạng thái {code} cho {about.document_id}", seen)
        if code == "13":
            self._answer_change(about.organ_id, self._theirs[about.document_id])
        else:
            self._inbound.reported(packet, seen)

    # --- the desks

    def _answer(self, desk: Desk, packet: DocumentPacket) -> None:
        if packet.business_type in CHANGES:
            about = self._theirs.get(packet.acts_on[0], packet)
            self._answer_change(desk.code, about)
            return
        now, bodies = self._stage.clock(), dict[str, bytes]()
        for code in desk.answers:
            body = bodies.setdefault(code, self._status_body(desk, packet, code, now))
            item = desk.item if desk.item in ("in-mixed", "unknown-status") else f"in-{code}"
            group = f"{packet.document_id} {item}" if item == "in-mixed" else ""
            self._inbound.follow(self._post(body, desk, packet), item, group)
        if desk.late:
            late = self._status_body(desk, packet, desk.late, now)
            self._stage.after_polls(
                LATE_POLLS,
                lambda: self._inbound.follow(self._post(late, desk, packet), "in-late"),
            )

    def _answer_change(self, code: str, packet: DocumentPacket) -> None:
        desk = BY_CODE.get(code)
        if desk is not None:
            body = self._status_body(desk, packet, desk.change, self._stage.clock())
            self._inbound.follow(self._post(body, desk, packet), f"in-{desk.change}")

    def _post(self, body: bytes, desk: Desk, packet: DocumentPacket) -> Delivery:
        """A status for whoever sent the packet."""
        return self._stage.post(body, "status", desk.code, packet.sender.organ_id)

    def _status_body(self, desk: Desk, packet: DocumentPacket, code: str, now: datetime) -> bytes:
        """A status of the desk; steps that come later carry a later time."""
        at = now + timedelta(seconds=int(code) if int(code) <= 7 else 0)
        about = letters.about(packet, packet.sender.organ_id)
        said = "Thử nghiệm: không thuộc thẩm quyền" if code in NEEDS_REASON else "Thử nghiệm"
        return letters.status(Organization(desk.code, desk.vi), about, code, at, said)


def _failed(item: str) -> Answer:
    code = item.removeprefix("fail-")
    vi, _ = PASSING.get(code) or PERMANENT[code]
    headers = {"Retry-After": str(PAUSE_SECONDS)} if code in ("44", "45") else {}
    return Answer.of(failed(ErrorCode(code), f"Thử nghiệm: {vi}"), headers=headers)


def _errors(packet: Packet, now: datetime) -> str:
    """The first errors of a packet against the standard; empty when it has none."""
    found = [
        problem.text for problem in check(packet, today=now.astimezone(VIETNAM).date()) if problem.is_error
    ]
    return "; ".join(found[:3])
