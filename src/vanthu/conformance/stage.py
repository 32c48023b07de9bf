"""What both directions of a trial share: the axis, who is tried, the referee, and posting packets to whom is tried."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vanthu.axis.envelope import Envelope, read_envelope
from vanthu.axis.errors import EnvelopeWrong
from vanthu.conformance.acts import Script
from vanthu.conformance.desks import COUNTERPART
from vanthu.conformance.report import Evidence, Referee, body_hash, told_arguments
from vanthu.conformance.small_axis import Answer, Call, Delivery, Held, Request, SmallAxis
from vanthu.vxp import CallRefused, PacketMeter


@dataclass
class _Waiting:
    polls: int
    work: Callable[[], None]


@dataclass
class Stage:
    """The trial's common things. ``tested`` is the system id of the software under test.

    ``chosen`` are the items of the scenarios that are played; ``slow_seconds`` what a slow answer takes; ``patience``
    how long software that goes on asking may leave undone what it has to do by itself.
    """

    axis: SmallAxis
    referee: Referee
    script: Script
    tested: str
    chosen: Collection[str]
    slow_seconds: float
    patience: timedelta
    clock: Callable[[], datetime]
    _later: list[_Waiting] = field(default_factory=list)

    def post(self, body: bytes, kind: str, sender: str, to: str = "") -> Delivery:
        """Put a packet into the queue of the software under test, past all checks of senders.

        ``to`` is one of its agencies, the first where left out.
        """
        return self.deliver(self.hold(body, kind, sender), to)

    def hold(self, body: bytes, kind: str, sender: str) -> Held:
        """Keep a packet of the counterpart, for nobody yet."""
        meter = PacketMeter()
        meter.update(body)
        envelope = envelope_of(body, kind) or Envelope(kind, sender, (), "", 0, 0)
        return self.axis.hold(COUNTERPART, kind, envelope, body, meter.whole())

    def deliver(self, packet: Held, to: str = "") -> Delivery:
        """Put a kept packet into the queue of the software under test."""
        return self.axis.deliver(packet, self.axis.agencies[to or self.script.to.organ_id])

    def after_polls(self, count: int, work: Callable[[], None]) -> None:
        """Do something once the software under test has asked for its list so many times more."""
        self._later.append(_Waiting(count, work))

    def polled(self) -> None:
        """The software under test asked for its list."""
        for waiting in self._later:
            waiting.polls -= 1
        ready = [waiting for waiting in self._later if waiting.polls <= 0]
        self._later = [waiting for waiting in self._later if waiting.polls > 0]
        for waiting in ready:
            waiting.work()


def envelope_of(body: bytes, kind: str) -> Envelope | None:
    """The packet's envelope; None for what is no packet."""
    try:
        return read_envelope(io.BytesIO(body), kind)
    except (EnvelopeWrong, CallRefused):
        return None


def evidence(request: Request, answer: Answer, at: datetime, told: str = "") -> Evidence:
    """One call and its answer as the report keeps them."""
    shown = told or answer.content[:160].decode(errors="replace").replace("\n", " ")
    if answer.cut_after is not None:
        shown = f"kết nối bị cắt sau {answer.cut_after} byte"
    return Evidence(
        at.isoformat(timespec="milliseconds"),
        f"{request.verb} /{request.operation}",
        told_arguments(request.headers),
        body_hash(request.body),
        len(request.body),
        answer.status,
        shown,
        round(answer.wait * 1000),
    )


def is_ok(answer: Answer) -> bool:
    """Whether an answer says that the call was carried out."""
    return answer.status == 200 and b'"status": "OK"' in answer.content[:40]


def packet_call(call: Call) -> bool:
    """Whether a call fetches a packet."""
    return call.operation in ("getEdoc", "downloadEdoc")
