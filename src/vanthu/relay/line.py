"""What an agency site asks of its line to an axis, whichever protocol carries it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from vanthu.relay.proofs import Proof
from vanthu.relay.publications import Publication
from vanthu.vxp import AgencyRow, MessageType, ReceivedRow, SendAnswer, SentRow, TransportStatus, UnitRow


class Line(Protocol):
    """A line to an axis: ``vanthu.vxp.Client`` and ``vanthu.relay.Client`` both are one.

    Every method may raise ``VxpUnreachable``, ``VxpRefused`` or ``VxpBadAnswer``.
    """

    endpoint: str
    system_id: str

    def send_edoc(
        self,
        body: bytes | BinaryIO | Path,
        *,
        sender: str,
        message_type: MessageType,
        to: Sequence[str] | None = None,
    ) -> SendAnswer:
        """Send one packet."""

    def received(
        self,
        message_type: MessageType,
        from_date: datetime | None = None,
        to_date: datetime | None = None,
        limit: int | None = None,
    ) -> Sequence[ReceivedRow]:
        """What waits for this member; ``limit`` asks for the first rows only, which not every axis heeds."""

    def download(self, doc_id: str, target: BinaryIO, *, sha256: str | None = None) -> None:
        """Fetch one packet."""

    def update_status(self, doc_id: str, status: TransportStatus, description: str = "") -> None:
        """Acknowledge one packet."""

    def sent(self, doc_id: str, message_type: MessageType = "edoc") -> list[SentRow]:
        """Transport states of one packet this member sent."""

    def agencies(self) -> list[AgencyRow]:
        """Every agency reachable through the axis."""

    def units(self, newer_than: int = 0) -> list[UnitRow]:
        """The agency list with versions and deletions, from a version on."""

    def evidence(self, doc_id: str) -> bytes:
        """The proof file of a packet (our axis only)."""

    def close(self) -> None:
        """Give the connections back."""


@dataclass(frozen=True)
class SignedRow(ReceivedRow):
    """A packet that waits, with the sender system's signature where it travels in the list (statuses)."""

    proof: Proof | None = None


@dataclass(frozen=True)
class Waiting:
    """How much waits for this member; ``known`` goes into the next question."""

    edoc: int
    status: int
    known: str
    other: int = 0

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self.edoc or self.status or self.other)


@dataclass(frozen=True)
class AgencyChanges:
    """What changed in an axis' agency list up to ``version``.

    ``gone`` are codes by which nobody is reached any more. ``whole``: these are all agencies there are, whatever
    was known before.
    """

    version: int
    rows: tuple[AgencyRow, ...]
    gone: frozenset[str]
    whole: bool
    publications: Mapping[str, Publication] = field(default_factory=dict)
    """Code → what the agency published for being encrypted to."""
    successors: Mapping[str, str] = field(default_factory=dict)
    """Code of an agency that ceased to exist → code of who took its work over."""


@dataclass(frozen=True)
class Shown:
    """One item of an agency's trial; ``passed_at`` is an aware instant, None while it is missing.

    ``doc_id`` is the packet that showed it, as this member knows it.
    """

    item: str
    text: str
    passed_at: datetime | None
    doc_id: str


@dataclass(frozen=True)
class Lack:
    """What a survey found missing at an agency."""

    text: str
    lack: str


@dataclass(frozen=True)
class OnTheWay:
    """How far an agency is on its way onto an axis; ``stage`` from NOT_READY to LIVE."""

    code: str
    stage: str
    stage_at: datetime | None
    items: tuple[Shown, ...]
    gaps: tuple[Lack, ...]


@dataclass(frozen=True)
class Partner:
    """An agency with which those on the way can try everything."""

    code: str
    name: str


@dataclass(frozen=True)
class About:
    """What an axis says of itself."""

    name: str
    version: int
    wait_seconds: float
    answer: dict[str, Any]
