"""One trial of an axis: the member systems that the kit plays, what it sends, and how it finds that again.

Owns sending and looking; refuses to judge (``probes``). Sends only packets that say they are trials, and
acknowledges at the end whatever of them still waits.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import itertools
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from vanthu.conformance import letters
from vanthu.conformance.report import Evidence
from vanthu.conformance.signed_wire import Modern
from vanthu.conformance.wire import NoAnswer, Reply, Spoil, Wire
from vanthu.edxml import DocumentPacket, Organization, write
from vanthu.vxp.headers import PACKET_TYPE
from vanthu.vxp.rows import text_of


class Wrong(Exception):
    """The axis did something else than expected; the text is a Vietnamese sentence about what was seen."""


class NotTried(Exception):
    """The item cannot be exercised in this trial; the text says what is needed."""


@dataclass(frozen=True)
class Side:
    """One member system that the kit plays, and the agency it sends as."""

    wire: Wire
    code: str

    @property
    def organization(self) -> Organization:
        """The agency as it stands in packets."""
        return Organization(self.code, "Cơ quan thử nghiệm kết nối")


@dataclass
class Sent:
    """A packet of the trial, with the axis' answer and, once found, the row by which the recipient sees it."""

    body: bytes
    reply: Reply
    packet: DocumentPacket | None = None
    row: Mapping[str, Any] = field(default_factory=dict)

    @property
    def doc_id(self) -> str:
        """The sender's document id at the axis."""
        return text_of(self.reply.said, "DocId")

    @property
    def received_id(self) -> str:
        """The recipient's document id at the axis."""
        return text_of(self.row, "docId")


class Trial:
    """What the probes share. ``other`` is missing when only one member system may be used.

    ``too_large`` bytes are more than the axis takes (0: not tried); ``register``: its agency list may be changed.
    """

    def __init__(
        self,
        one: Side,
        other: Side | None,
        journal: list[Evidence],
        *,
        clock: Callable[[], datetime],
        too_large: int = 0,
        register: bool = False,
        unknown_code: str = "X99.KHONGCO",
    ) -> None:
        self.one, self._other, self.journal, self.clock = one, other, journal, clock
        self.too_large, self.register, self.unknown_code = too_large, register, unknown_code
        self._numbers = itertools.count(1)
        self.mark = uuid4().hex[:8].upper()
        self._arrived: set[str] = set()
        self._doors: dict[str, Modern] = {}

    @property
    def sides(self) -> tuple[Side, ...]:
        """The member systems of this trial, one or two."""
        return (self.one,) if self._other is None else (self.one, self._other)

    @property
    def other(self) -> Side:
        """The second member system; raises :class:`NotTried`."""
        if self._other is None:
            raise NotTried("cần hệ thống thành viên thứ hai (--other-system-id, --other-secret-file)")
        return self._other

    def modern(self, side: Side) -> Modern:
        """A side's line to the modern door, its key registered; raises :class:`NotTried` where there is none."""
        if side.code not in self._doors:
            door = Modern(side.wire, self.clock)
            if side.wire.send("axis/v2/about", {}, verb="GET").http_status != 200:
                raise NotTried("trục không có cửa hiện đại (/axis/v2/about)")
            reply = door.enrol()
            if reply.http_status != 201:
                raise Wrong(f"không đăng ký được khóa: HTTP {reply.http_status} {reply.told}")
            self._doors[side.code] = door
        return self._doors[side.code]

    def letter(self, *, to: str = "", **more: Any) -> DocumentPacket:
        """A new letter from the first side to the second (or to another code), different from every other."""
        code = to or self.sides[-1].code
        number = f"{next(self._numbers)}"
        more.setdefault("subject", f"Thử nghiệm kết nối {self.mark}-{number}")
        found = letters.letter(
            self.one.organization, Organization(code, "Bên nhận thử"), number, self.clock(), **more
        )
        return replace(found, document_id=f"{found.document_id}-{self.mark}")

    def send(
        self,
        body: bytes,
        *,
        side: Side | None = None,
        kind: str = "edoc",
        sender: str = "",
        claimed: str = "",
        tail: bytes = b"",
        spoil: Spoil | None = None,
    ) -> Reply:
        """Send bytes as they are; ``claimed`` in the place of the right hash, ``tail`` after the packet."""
        side = side or self.one
        return side.wire.call(
            "sendEdoc",
            {
                "servicetype": "eDoc",
                "messagetype": kind,
                "hash-file": claimed or hashlib.sha256(body).hexdigest(),
                "from": sender or side.code,
            },
            body + tail,
            content_type=PACKET_TYPE,
            spoil=spoil,
        )

    def deliver(self, packet: DocumentPacket | None = None, **how: Any) -> Sent:
        """Send a letter and find it in the second side's list; raises :class:`Wrong` when it is not there."""
        packet = packet or self.letter()
        return replace(self.deliver_bytes(write(packet), **how), packet=packet)

    def deliver_bytes(self, body: bytes, *, kind: str = "edoc", **how: Any) -> Sent:
        """Send bytes and find them in the list of the second side."""
        before = set(self.ids(self.other, kind))
        reply = accepted(self.send(body, kind=kind, **how))
        found = self.new_rows(body, before, kind)
        if not found:
            raise Wrong(f"gói tin được nhận ({reply.told}) nhưng không hiện ở bên nhận")
        return Sent(body, reply, row=found[0])

    def new_rows(self, body: bytes, before: set[str], kind: str = "edoc") -> list[Mapping[str, Any]]:
        """Rows of the second side that were not there before and carry exactly these bytes."""
        rows = [row for row in self.rows(self.other, kind) if text_of(row, "docId") not in before]
        found = [row for row in rows if self.download(self.other, text_of(row, "docId")) == body]
        self._arrived |= {text_of(row, "docId") for row in found}
        return found

    def rows(self, side: Side, kind: str = "edoc") -> list[Mapping[str, Any]]:
        """What waits for a side."""
        return accepted(
            side.wire.call("getReceivedEdocList", {"servicetype": "eDoc", "messagetype": kind})
        ).rows

    def ids(self, side: Side, kind: str = "edoc") -> list[str]:
        """The docIds that wait for a side."""
        return [text_of(row, "docId") for row in self.rows(side, kind)]

    def download(self, side: Side, doc_id: str) -> bytes:
        """One packet by ``downloadEdoc``, or by ``getEdoc`` where an axis lacks it."""
        reply = side.wire.call("downloadEdoc", {"docId": doc_id, "filePath": "store"}, verb="GET")
        if reply.http_status == 404:
            return self.get(side, doc_id)
        if reply.http_status != 200 or reply.said:
            raise Wrong(f"downloadEdoc trả lời {reply.http_status} {reply.told}")
        return reply.content

    def get(self, side: Side, doc_id: str) -> bytes:
        """One packet by ``getEdoc``."""
        reply = accepted(side.wire.call("getEdoc", {"docId": doc_id, "filePath": "store"}, b"{}"))
        try:
            return base64.b64decode("".join(text_of(reply.said, "data").split()), validate=True)
        except (binascii.Error, ValueError):
            raise Wrong("getEdoc: data không phải base64") from None

    def acknowledge(self, side: Side, doc_id: str, state: str, description: str = "") -> Reply:
        """Report a transport state."""
        arguments = {"docid": doc_id, "status": state}
        if description:
            arguments["description"] = description
        return side.wire.call("updateStatus", arguments, b"{}")

    def sent_rows(self, side: Side, doc_id: str) -> list[Mapping[str, Any]]:
        """What the axis tells of a packet to a side; nothing when it refuses."""
        return side.wire.call(
            "getSentEdocList", {"servicetype": "eDoc", "messagetype": "edoc", "docId": doc_id}
        ).rows

    def clear(self) -> None:
        """Acknowledge what the trial sent and nobody acknowledged."""
        with suppress(NoAnswer, NotTried, Wrong):
            waiting = {*self.ids(self.other, "edoc"), *self.ids(self.other, "status")}
            for doc_id in waiting & self._arrived:
                self.acknowledge(self.other, doc_id, "done")

    def days(self, count: int) -> datetime:
        """The instant so many days from now (negative: ago)."""
        return self.clock() + timedelta(days=count)


def accepted(reply: Reply) -> Reply:
    """The reply, when the call was carried out; raises :class:`Wrong` with the axis' words."""
    if not reply.ok:
        raise Wrong(f"bị từ chối: HTTP {reply.http_status} {reply.told}".strip())
    return reply


def refused(reply: Reply) -> str:
    """What the axis said in refusing; raises :class:`Wrong` when it carried the call out or broke."""
    if reply.ok:
        raise Wrong("trục vẫn thực hiện lời gọi")
    if not reply.refused:
        raise Wrong(f"câu trả lời không phải lời từ chối: HTTP {reply.http_status} {reply.told}".strip())
    return f"từ chối: HTTP {reply.http_status} {reply.told}".strip()
