"""A small axis in memory and a folder: answers the VXP operations as the axis of this product does.

Shares with the real one how calls are checked (``vxp``), packets are read and addressed (``axis.envelope``,
``axis.wire_rules``) and refusals are worded (``axis.errors``). Owns no evidence and no rights beyond a trial;
refuses to serve in earnest, and to keep anything beyond its process (``lasting`` plays its calls again).
"""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from vanthu.axis.envelope import Envelope, read_envelope
from vanthu.axis.errors import (
    AgencyNotYours,
    CallMalformed,
    DeliveryUnknown,
    HashMismatch,
    PacketTooLarge,
    ReceiverLocked,
    ReceiverUnknown,
)
from vanthu.axis.wire_rules import addressed, check_sender, code_key, next_state
from vanthu.edxml.codes import MessageType
from vanthu.vxp import CallRefused, Measured, PacketMeter, SignedCall, parse_and_verify
from vanthu.vxp.answers import WIRE_TIME, done, failed, wire_time
from vanthu.vxp.headers import HASH_FILE, JSON_TYPE, PACKET_TYPE, VIETNAM

WAITING = ("initial", "processing")
KINDS = tuple(kind.value for kind in MessageType)
CLOCK_WINDOW = timedelta(days=1)
"""As wide as the real axis' default: the vendor's client keeps one time stamp for its whole life."""


@dataclass(frozen=True)
class MemberSystem:
    """A system that may call."""

    system_id: str
    name: str
    secret: str = field(repr=False)


@dataclass
class Agency:
    """An agency of a member. ``old_code`` is its identifier of an earlier generation."""

    code: str
    name: str
    member: str
    old_code: str = ""
    locked: bool = False
    version: int = 1
    deleted: bool = False


@dataclass(frozen=True)
class Held:
    """An accepted packet; its body lies in ``file``."""

    doc_id: str
    kind: str
    member: str
    envelope: Envelope
    file: Path
    sha256: str
    size: int
    accepted_at: datetime

    @property
    def body(self) -> bytes:
        """The packet's bytes."""
        return self.file.read_bytes()


@dataclass
class Delivery:
    """One packet for one recipient; ``doc_id`` is what the recipient's system sees."""

    doc_id: str
    packet: Held
    recipient: str
    member: str
    created: datetime
    updated: datetime
    state: str = "initial"
    description: str = ""
    acknowledged: datetime | None = None


@dataclass(frozen=True)
class Request:
    """A call as it came over the wire."""

    verb: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def operation(self) -> str:
        """The operation's name: the path without its slash and query."""
        return self.path.partition("?")[0].strip("/")


@dataclass(frozen=True)
class Answer:
    """What goes back. ``cut_after``: the connection breaks after so many bytes of the body, without the rest.

    ``wait`` seconds before the first byte; where ``later`` is given, what it returns goes out instead: it takes at most
    that time, and no longer than until there is something to say.
    """

    content: bytes = b""
    status: int = 200
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    wait: float = 0.0
    later: Callable[[], Answer] | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any], **more: Any) -> Answer:
        """A JSON object."""
        return cls(json.dumps(said, ensure_ascii=False).encode(), **more)


@dataclass(frozen=True)
class Call:
    """A verified call."""

    request: Request
    signed: SignedCall
    named: str = ""
    """The operation, where the call came by another door than that of its name."""
    nonce: str = ""

    @property
    def member(self) -> str:
        """The system id of who calls."""
        return self.signed.system_id

    @property
    def operation(self) -> str:
        """Which operation."""
        return self.named or self.request.operation

    @property
    def stamp(self) -> str:
        """What tells this call from one that repeats it: its nonce, else its time stamp."""
        return self.nonce or self.signed.timestamp

    @property
    def kind(self) -> str:
        """The transport type asked for; raises ``CallMalformed``."""
        found = self.signed.required("messagetype").lower()
        if found not in KINDS:
            raise CallMalformed(name="messagetype")
        return found


class Watcher(Protocol):
    """Sees every call and may answer in the axis' place."""

    def instead(self, call: Call) -> Answer | None:
        """An answer given without carrying the call out; None to let it be."""

    def afterwards(self, call: Call, answer: Answer) -> Answer:
        """The answer that goes out after the call was carried out or refused."""

    def not_verified(self, request: Request, refused: CallRefused, answer: Answer) -> None:
        """A call whose signature or time did not hold."""


class Door(Protocol):
    """Another door of the same axis, for everything under ``base``; called with the axis' lock held."""

    base: str

    def answer(self, request: Request) -> Answer:
        """Answer one call."""


class SmallAxis:
    """The axis. ``clock`` gives aware instants; bodies go into ``folder``; at most ``largest`` bytes each."""

    def __init__(
        self,
        members: Sequence[MemberSystem],
        agencies: Sequence[Agency],
        *,
        folder: Path,
        clock: Callable[[], datetime],
        largest: int = 64 << 20,
        new_id: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        self.members = {member.system_id: member for member in members}
        self.agencies = {agency.code: agency for agency in agencies}
        self.deliveries: dict[str, Delivery] = {}
        self.packets: list[Held] = []
        self.clock, self.largest, self._new_id = clock, largest, new_id
        self.watcher: Watcher | None = None
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        """Told after every call, for those who wait for what comes."""
        self._folder = folder
        self.other_door: Door | None = None
        self._operations: dict[str, tuple[tuple[str, ...], Callable[[Call], Answer]]] = {
            "sendEdoc": (("POST",), self._send),
            "getReceivedEdocList": (("POST", "GET"), self._received),
            "getEdoc": (("POST", "GET"), self._get),
            "downloadEdoc": (("GET", "POST"), self._download),
            "getSentEdocList": (("POST", "GET"), self._sent),
            "updateStatus": (("POST",), self._acknowledge),
            "countReceiveEdoc": (("GET", "POST"), lambda call: self._count(call, MessageType.EDOC)),
            "countReceiveStatus": (("GET", "POST"), lambda call: self._count(call, MessageType.STATUS)),
            "getAgenciesList": (("POST", "GET"), self._agencies),
            "getAgenciesListQD20": (("POST", "GET"), self._agencies_of_level),
            "getSynchronizeUnit": (("POST", "GET"), self._units),
            "registerAgency": (("POST",), self._register),
            "deleteAgency": (("POST",), self._delete),
        }

    # --- calls

    def answer(self, request: Request) -> Answer:
        """Answer one call; never raises for what a caller did."""
        with self.changed:
            answer = self._answered(request)
            self.changed.notify_all()
            return answer

    def _answered(self, request: Request) -> Answer:
        if self.other_door and request.path.startswith(self.other_door.base):
            return self.other_door.answer(request)
        found = self._operations.get(request.operation)
        if found is None:
            return Answer(b"Not Found", 404, "text/plain")
        if request.verb not in found[0]:
            return Answer(b"Method Not Allowed", 405, "text/plain")
        try:
            call = Call(request, self.verified(request))
        except CallRefused as refused:
            answer = Answer.of(failed(refused.answer, refused.text))
            if self.watcher:
                self.watcher.not_verified(request, refused, answer)
            return answer
        return self.carried(call)

    def carried(self, call: Call) -> Answer:
        """Carry a verified call out, or what the watcher does in its place. The lock is held."""
        early = self.watcher.instead(call) if self.watcher else None
        if early is not None:
            return early
        try:
            answer = self._operations[call.operation][1](call)
        except CallRefused as refused:
            answer = Answer.of(failed(refused.answer, refused.text))
        return self.watcher.afterwards(call, answer) if self.watcher else answer

    def verified(self, request: Request) -> SignedCall:
        """The signed call behind a request; raises what ``vxp`` refuses with."""

        def secret(system_id: str) -> str | None:
            member = self.members.get(system_id)
            return member.secret if member else None

        return parse_and_verify(request.headers, secret, now=self.clock(), window=CLOCK_WINDOW)

    # --- sending

    def _send(self, call: Call) -> Answer:
        if len(call.request.body) > self.largest:
            raise PacketTooLarge(limit_mb=self.largest >> 20)
        signed = call.signed
        measured = self.measured(call.request.body, signed.required("hash-file"))
        body = call.request.body[: measured.size]
        envelope = read_envelope(io.BytesIO(body), call.kind)
        own = [
            key
            for agency in self.agencies.values()
            if agency.member == call.member
            for key in keys_of(agency)
        ]
        check_sender(signed.required("from"), envelope.sender, own, call.member)
        recipients = self._recipients(addressed(envelope.recipients, signed.argument("to")))
        packet = self.accept(call.member, call.kind, envelope, recipients, body, measured)
        return Answer.of(done(DocId=packet.doc_id))

    def measured(self, body: bytes, claimed: str) -> Measured:
        """The packet whose hash was claimed; raises ``HashMismatch``."""
        meter = PacketMeter()
        meter.update(body)
        measured = meter.settle(claimed)
        if measured is None:
            raise HashMismatch(size=len(body))
        return measured

    def _recipients(self, codes: Sequence[str]) -> list[Agency]:
        known = {
            key: agency for agency in self.agencies.values() if not agency.deleted for key in keys_of(agency)
        }
        missing = [code for code in codes if code_key(code) not in known]
        if missing:
            raise ReceiverUnknown(codes=", ".join(missing))
        found = list({known[code_key(code)].code: known[code_key(code)] for code in codes}.values())
        locked = [agency.code for agency in found if agency.locked]
        if locked:
            raise ReceiverLocked(codes=", ".join(locked))
        return found

    def accept(
        self,
        member: str,
        kind: str,
        envelope: Envelope,
        recipients: Sequence[Agency],
        body: bytes,
        measured: Measured,
    ) -> Held:
        """Hold the packet for those recipients who do not have it yet; the same again gives the first packet."""
        earlier = self.earlier(member, envelope, measured.sha256)
        having = {delivery.recipient for delivery in earlier}
        fresh = [agency for agency in recipients if agency.code not in having]
        if not fresh:
            wanted = {agency.code for agency in recipients}
            return next(delivery.packet for delivery in earlier if delivery.recipient in wanted)
        packet = self.hold(member, kind, envelope, body, measured)
        for agency in fresh:
            self.deliver(packet, agency)
        return packet

    def earlier(self, member: str, envelope: Envelope, sha256: str) -> list[Delivery]:
        """Deliveries of the same packet, or of the same document where the first try did not end in ``fail``."""
        same = (envelope.document_id, envelope.business_type, envelope.sender)
        return [
            delivery
            for delivery in self.deliveries.values()
            if delivery.packet.member == member
            and (
                delivery.packet.sha256 == sha256
                or (
                    envelope.document_id
                    and _identity(delivery.packet.envelope) == same
                    and delivery.state != "fail"
                )
            )
        ]

    def hold(self, member: str, kind: str, envelope: Envelope, body: bytes, measured: Measured) -> Held:
        """Keep a packet's body."""
        file = self._folder / f"{measured.sha256}.edxml"
        file.write_bytes(body)
        packet = Held(
            self._new_id(), kind, member, envelope, file, measured.sha256, measured.size, self.clock()
        )
        self.packets.append(packet)
        return packet

    def deliver(self, packet: Held, agency: Agency) -> Delivery:
        """Put a packet into the queue of the recipient's system."""
        now = self.clock()
        delivery = Delivery(self._new_id(), packet, agency.code, agency.member, now, now)
        self.deliveries[delivery.doc_id] = delivery
        return delivery

    def _sent(self, call: Call) -> Answer:
        doc_id = call.signed.required("docId")
        found = [
            delivery
            for delivery in self.deliveries.values()
            if delivery.packet.doc_id == doc_id and delivery.packet.member == call.member
        ]
        if not found:
            raise DeliveryUnknown(doc_id=doc_id)
        return Answer.of(done(data=[_sent_row(delivery) for delivery in found]))

    # --- receiving

    def waiting(self, member: str, kind: str) -> list[Delivery]:
        """What waits for a member, oldest first."""
        return [
            delivery
            for delivery in self.deliveries.values()
            if delivery.member == member and delivery.packet.kind == kind and delivery.state in WAITING
        ]

    def _received(self, call: Call) -> Answer:
        since, until = _instant(call, "fromDate"), _instant(call, "toDate")
        rows = [
            _received_row(delivery)
            for delivery in self.waiting(call.member, call.kind)
            if (since is None or delivery.created >= since) and (until is None or delivery.created <= until)
        ]
        limit = call.signed.argument("limit")
        return Answer.of(done(data=rows[: int(limit)] if limit.isdigit() else rows))

    def delivery_for(self, member: str, doc_id: str) -> Delivery:
        """The member's delivery; raises ``DeliveryUnknown`` also for somebody else's."""
        found = self.deliveries.get(doc_id)
        if found is None or found.member != member:
            raise DeliveryUnknown(doc_id=doc_id)
        return found

    def _get(self, call: Call) -> Answer:
        body = self.delivery_for(call.member, call.signed.required("docId")).packet.body
        return Answer.of(done(data=base64.b64encode(body).decode()))

    def _download(self, call: Call) -> Answer:
        packet = self.delivery_for(call.member, call.signed.required("docId")).packet
        return Answer(packet.body, content_type=PACKET_TYPE, headers={HASH_FILE: packet.sha256})

    def _acknowledge(self, call: Call) -> Answer:
        signed = call.signed
        delivery = self.delivery_for(call.member, signed.required("docid"))
        delivery.state = next_state(delivery.state, signed.required("status").lower())
        delivery.description, delivery.updated = signed.argument("description")[:500], self.clock()
        if delivery.state not in WAITING:
            delivery.acknowledged = delivery.acknowledged or delivery.updated
        return Answer.of(done())

    def _count(self, call: Call, kind: str) -> Answer:
        return Answer.of(done(count=len(self.waiting(call.member, kind))))

    # --- the agency list

    def _listed(self) -> list[Agency]:
        return [agency for agency in self.agencies.values() if not agency.deleted]

    def _agencies(self, _call: Call) -> Answer:
        return Answer.of(done(data=[_agency_row(row) | {"oldCode": row.old_code} for row in self._listed()]))

    def _agencies_of_level(self, call: Call) -> Answer:
        level = call.signed.argument("level", "1")
        rows = [row for row in self._listed() if str(len(row.code.split("."))) == level]
        return Answer.of(done(data=[_agency_row(row) | {"code102": row.old_code} for row in rows]))

    def _units(self, call: Call) -> Answer:
        newer = call.signed.argument("fromVersion", "0")
        rows = [row for row in self.agencies.values() if row.version > int(newer if newer.isdigit() else 0)]
        return Answer.of(done(data=[self._unit_row(row) for row in rows]))

    def _unit_row(self, agency: Agency) -> dict[str, Any]:
        return _agency_row(agency) | {
            "version": agency.version,
            "centerCode": agency.member,
            "deleted": agency.deleted,
            "modifyDate": wire_time(self.clock()),
            "isAgency": True,
        }

    def _register(self, call: Call) -> Answer:
        row = _registration(call.request.body)
        known = self.agencies.get(row["code"])
        if (known and known.member != call.member) or not self._owns(call.member, row["pcode"]):
            raise AgencyNotYours(code=row["code"])
        self.agencies[row["code"]] = Agency(
            row["code"], row["name"], call.member, version=self._next_version()
        )
        return Answer.of(done())

    def _delete(self, call: Call) -> Answer:
        code = call.signed.required("AgencyCode")
        if not self._owns(call.member, code):
            raise AgencyNotYours(code=code)
        self.agencies[code].deleted, self.agencies[code].version = True, self._next_version()
        return Answer.of(done())

    def _owns(self, member: str, code: str) -> bool:
        found = self.agencies.get(code)
        return found is not None and found.member == member

    def _next_version(self) -> int:
        return 1 + max((agency.version for agency in self.agencies.values()), default=0)


def keys_of(agency: Agency) -> list[str]:
    """The agency's codes in the spelling that is compared."""
    return [code_key(code) for code in (agency.code, agency.old_code) if code]


def _identity(envelope: Envelope) -> tuple[str, int, str]:
    return envelope.document_id, envelope.business_type, envelope.sender


def _received_row(delivery: Delivery) -> dict[str, Any]:
    packet = delivery.packet
    return {
        "docId": delivery.doc_id,
        "serviceType": "eDoc",
        "messageType": packet.kind,
        "created_time": wire_time(delivery.created),
        "updated_time": wire_time(delivery.updated),
        "from": packet.envelope.sender,
        "to": delivery.recipient,
        "status": delivery.state,
        "status_desc": delivery.description,
        "contentSha256": packet.sha256,
        "contentLength": packet.size,
    }


def _sent_row(delivery: Delivery) -> dict[str, str]:
    return {
        "serviceType": "eDoc",
        "messageType": delivery.packet.kind,
        "senderDocId": delivery.packet.doc_id,
        "receiverDocId": delivery.doc_id,
        "fromCode": delivery.packet.envelope.sender,
        "toCode": delivery.recipient,
        "sendStatus": "done",
        "sendStatusDesc": "",
        "receiveStatus": delivery.state,
        "receiveStatusDesc": delivery.description,
        "title": "",
        "notation": delivery.packet.envelope.document_code,
        "sentTime": wire_time(delivery.packet.accepted_at),
        "receivedTime": wire_time(delivery.acknowledged),
    }


def _agency_row(agency: Agency) -> dict[str, str]:
    parent = agency.code.rpartition(".")[0]
    return {"id": agency.code, "pid": parent, "code": agency.code, "name": agency.name, "mail": ""}


def _registration(body: bytes) -> dict[str, str]:
    try:
        given = json.loads(body)
        row = {name: str(given.get(name) or "").strip() for name in ("code", "name", "pcode")}
    except (ValueError, AttributeError, RecursionError):
        raise CallMalformed(name="body") from None
    if not (row["code"] and row["name"]) or len(row["code"]) > 35:
        raise CallMalformed(name="code")
    return row


def _instant(call: Call, name: str) -> datetime | None:
    text = call.signed.argument(name)
    try:
        return datetime.strptime(text, WIRE_TIME).replace(tzinfo=VIETNAM) if text else None
    except ValueError:
        raise CallMalformed(name=name) from None
