"""A small document system that does everything right; its subclasses each do one thing wrong."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx

from vanthu.conformance.acts import ACTS
from vanthu.conformance.desks import DESKS
from vanthu.conformance.letters import PAGE, about, changed, letter, replacement, status
from vanthu.edxml import (
    BusinessType,
    DocumentPacket,
    Organization,
    PacketError,
    ResponseFor,
    StatusPacket,
    read,
    write,
)
from vanthu.evidence import new_key
from vanthu.relay import Client as ModernClient
from vanthu.vxp import Client, ReceivedRow, VxpError

DOUBTFUL = {act.name for act in ACTS if act.doubtful}


@dataclass
class Robot:
    """``url`` and ``http`` lead to the axis; ``clock`` is everybody's."""

    url: str
    http: httpx.Client
    clock: Callable[[], datetime]
    secret: str = "khoa-mot"
    documents: dict[str, DocumentPacket] = field(default_factory=dict)
    stored: set[str] = field(default_factory=set)
    outbox: list[tuple[bytes, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    number: int = 0

    def __post_init__(self) -> None:
        self.client = Client(self.url, "W01", self.secret, http=self.http, clock=self.clock)
        self.home = Organization("W01", "Cơ quan thử")

    def live(self, rounds: int) -> None:
        """So many turns of polling and sending."""
        for _ in range(rounds):
            with suppress(VxpError):
                self.poll()
            self.send_waiting()

    # --- receiving

    def poll(self) -> None:
        for kind in ("edoc", "status"):
            for row in self.client.received(kind):
                with suppress(VxpError):
                    self.fetch(row)

    def fetch(self, row: ReceivedRow) -> None:
        if row.doc_id in self.stored:
            self.client.update_status(row.doc_id, "done")
            return
        target = io.BytesIO()
        self.client.download(row.doc_id, target, sha256=row.sha256 or None)
        self.keep(row, target.getvalue())

    def keep(self, row: ReceivedRow, body: bytes) -> None:
        try:
            packet = read(io.BytesIO(body)).packet
        except PacketError:
            self.client.update_status(row.doc_id, "fail", "Khong doc duoc")
            return
        self.stored.add(row.doc_id)
        self.client.update_status(row.doc_id, "done")
        if isinstance(packet, StatusPacket):
            self.take_status(packet)
        else:
            self.take_document(packet)

    def take_status(self, packet: StatusPacket) -> None:
        if packet.status_code == "13":
            self.say(self.documents[packet.response_for.document_id], "15")

    def take_document(self, packet: DocumentPacket) -> None:
        if packet.business_type in (BusinessType.RECALL, BusinessType.UPDATE):
            self.say(packet, "16" if packet.business_type == BusinessType.RECALL else "15")
            return
        if packet.document_id in self.documents or packet.sender.organ_id.startswith("X"):
            return
        self.documents[packet.document_id] = packet
        self.say(packet, "01")
        if any(f"({name})" in packet.subject for name in DOUBTFUL):
            self.doubt(packet)
        elif "(in-new)" in packet.subject:
            for code in ("03", "04", "05", "06"):
                self.say(packet, code)

    def doubt(self, packet: DocumentPacket) -> None:
        self.say(packet, "02")

    def say(self, packet: DocumentPacket, code: str) -> None:
        at = self.clock()
        told = about(packet, packet.sender.organ_id)
        self.outbox.append((status(self.home, told, code, at, f"Lý do {code}"), "status"))

    # --- sending

    def write_to(self, desk: str, **more: Any) -> DocumentPacket:
        self.number += 1
        made = letter(
            self.home,
            Organization(desk, "Đối tác"),
            str(self.number),
            self.clock(),
            subject=f"Văn bản {self.number}",
            files=(("cong-van.pdf", PAGE),),
            **more,
        )
        self.outbox.append((write(made), "edoc"))
        return made

    def send_waiting(self) -> None:
        waiting, self.outbox = self.outbox, []
        for body, kind in waiting:
            try:
                self.send(body, kind)
            except VxpError as error:
                if error.code == "AXIS_REFUSED" and error.details.get("error_code") not in ("15", "401"):
                    self.refused.append(str(error.details.get("error_code")))
                else:
                    self.later(body, kind)

    def send(self, body: bytes, kind: str) -> None:
        self.client.send_edoc(body, sender="W01", message_type=kind)

    def later(self, body: bytes, kind: str) -> None:
        self.outbox.append((body, kind))

    # --- a working day

    def do_everything(self) -> None:
        """Write to every desk, change and take back, reply: what a clerk does in a trial."""
        self.client.agencies()
        self.live(3)
        received = next(iter(self.documents.values()))
        named = ResponseFor(
            received.sender.organ_id, received.code, received.document_id, received.promulgation_date
        )
        first = self.write_to(DESKS[0].code, responses=(named,))
        refusing = self.write_to(DESKS[1].code)
        others = {desk.item: self.write_to(desk.code) for desk in DESKS[2:]}
        self.live(2)
        late = changed(others["send-500"], BusinessType.UPDATE, "Sai ngày")
        self.outbox.append((write(replace(late, document_id="cap-nhat-1")), "edoc"))
        for original in (first, refusing):
            for kind in (BusinessType.UPDATE, BusinessType.RECALL):
                self.outbox.append((write(changed(original, kind, "Sai số liệu")), "edoc"))
        told = about(refusing, refusing.recipients[0].organ_id)
        self.outbox.append((status(self.home, told, "13", self.clock(), "Gửi nhầm"), "status"))
        newer = self.write_to(DESKS[0].code)
        self.outbox[-1] = (write(replacement(first, newer, "Ban hành lại")), "edoc")
        self.live(14)

    def write_to_some(self, *desks: str) -> None:
        """A shorter day: receive, and write to these desks."""
        for suffix in desks:
            self.write_to(f"W00.{suffix}")
        self.live(13)


class Modern(Robot):
    """Right over the modern door: waits there, asks what changed in the agency list."""

    door: type[ModernClient] = ModernClient

    def __post_init__(self) -> None:
        super().__post_init__()
        self.modern = self.door(
            self.url, "W01", new_key(), secret=self.secret, http=self.http, clock=self.clock
        )
        self.client = self.modern  # type: ignore[assignment] - the same methods
        self.known, self.version = "", 0

    def poll(self) -> None:
        self.version = self.modern.agency_changes(self.version).version
        self.known = self.modern.wait(0, self.known).known
        super().poll()


class ForgetsWhatItKnew(Modern):
    def poll(self) -> None:
        self.known = ""
        super().poll()


class _NewKeys(ModernClient):
    def _json(self, method: str, path: str, headers: Any, *rest: Any, **more: Any) -> Any:
        if "Idempotency-Key" in headers:
            headers = {**headers, "Idempotency-Key": str(uuid4())}
        return super()._json(method, path, headers, *rest, **more)


class TakesNewKeys(Modern):
    door = _NewKeys


class _HalfSigned(ModernClient):
    def _sign(self, request: httpx.Request, covered: Sequence[str]) -> None:
        super()._sign(request, [name for name in covered if name != "@query"])


class LeavesTheQueryOpen(Modern):
    door = _HalfSigned


class UsesTheOlderDownload(Robot):
    """Right in its way: fetches by getEdoc and compares the hash of the list itself."""

    def fetch(self, row: ReceivedRow) -> None:
        if row.doc_id in self.stored:
            super().fetch(row)
            return
        body = self.client.get(row.doc_id)
        if hashlib.sha256(body).hexdigest() == row.sha256:
            self.keep(row, body)


class AcknowledgesFirst(Robot):
    """Says done before it has the packet."""

    def fetch(self, row: ReceivedRow) -> None:
        self.client.update_status(row.doc_id, "done")
        super().fetch(row)


class SeesNoRepetition(Robot):
    """Makes a document of whatever comes."""

    def fetch(self, row: ReceivedRow) -> None:
        self.stored.discard(row.doc_id)
        super().fetch(row)

    def take_document(self, packet: DocumentPacket) -> None:
        self.documents.pop(packet.document_id, None)
        super().take_document(packet)

    def say(self, packet: DocumentPacket, code: str) -> None:
        self.number += 1
        at = self.clock().replace(microsecond=0)
        told = about(packet, packet.sender.organ_id)
        self.outbox.append((status(self.home, told, code, at, f"Lần {self.number}"), "status"))


class ChecksNoHash(Robot):
    """Takes whatever bytes come."""

    def fetch(self, row: ReceivedRow) -> None:
        target = io.BytesIO()
        with suppress(VxpError):
            self.client.download(row.doc_id, target)
        self.keep(row, target.getvalue())


class NamesAnew(Robot):
    """Gives a document another DocumentId each time it sends it."""

    def later(self, body: bytes, kind: str) -> None:
        packet = read(io.BytesIO(body)).packet
        if isinstance(packet, DocumentPacket):
            body = write(replace(packet, document_id=f"{packet.document_id}-{self.number}x"))
        super().later(body, kind)


class NeverStops(Robot):
    """Sends a refused packet again and again."""

    def send_waiting(self) -> None:
        for body, kind in self.outbox:
            with suppress(VxpError):
                self.send(body, kind)


class GivesUp(Robot):
    """Forgets a packet that could not be sent at once."""

    def later(self, body: bytes, kind: str) -> None:
        return


class TakesBadPapers(Robot):
    """Registers a document whatever its signature is."""

    def doubt(self, packet: DocumentPacket) -> None:
        self.say(packet, "03")


class ChokesOnStrangers(Robot):
    """Never acknowledges what it does not understand."""

    def keep(self, row: ReceivedRow, body: bytes) -> None:
        if b"MessageHeader" in body and b"X99" not in body:
            super().keep(row, body)


class StopsAtTheFirst(Robot):
    """Looks at nothing behind the first row."""

    def poll(self) -> None:
        for kind in ("edoc", "status"):
            for row in self.client.received(kind)[:1]:
                self.client.download(row.doc_id, io.BytesIO())


class IgnoresRepetitions(Robot):
    """Leaves what it has already lying at the axis."""

    def fetch(self, row: ReceivedRow) -> None:
        if row.doc_id not in self.stored:
            super().fetch(row)


class LosesTheId(Robot):
    """Reports with a DocumentId of its own making."""

    def say(self, packet: DocumentPacket, code: str) -> None:
        super().say(replace(packet, document_id=packet.document_id.split(",")[-1]), code)


class GivesNoReason(Robot):
    """Refuses without a word."""

    def say(self, packet: DocumentPacket, code: str) -> None:
        told = about(packet, packet.sender.organ_id)
        self.outbox.append((status(self.home, told, code, self.clock()), "status"))


class HashesWrongly(Robot):
    """Hashes the packet's text instead of its bytes."""

    def send(self, body: bytes, kind: str) -> None:
        from vanthu.vxp import sign
        from vanthu.vxp.headers import PACKET_TYPE

        arguments = {
            "servicetype": "eDoc",
            "messagetype": kind,
            "hash-file": hashlib.sha256(body.decode().lower().encode()).hexdigest(),
            "from": "W01",
        }
        headers = sign("W01", self.secret, arguments, at=self.clock(), content_type=PACKET_TYPE)
        self.http.post(f"{self.url}/sendEdoc", headers=headers, content=body)


class ClockIsWrong(Robot):
    """Its clock stopped in spring."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.client = Client(
            self.url, "W01", self.secret, http=self.http, clock=lambda: datetime(2026, 3, 1).astimezone()
        )
