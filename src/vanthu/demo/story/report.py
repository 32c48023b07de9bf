"""What a story found, for people and for machines."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Moment:
    """One line of the timeline: seconds since the story began."""

    seconds: float
    who: str
    what: str


@dataclass
class Proof:
    """One thing that was re-read and compared."""

    name: str
    holds: bool
    detail: str = ""


@dataclass
class RecipientLine:
    """How far a document came at one recipient, as the sender sees it."""

    name: str
    channel: str
    state: str
    statuses: list[str]
    expected: str

    @property
    def holds(self) -> bool:
        """Whether the sender sees what the recipient did."""
        return self.state == self.expected


@dataclass
class DocumentLine:
    """One document of the story."""

    file: str
    document: str
    code: str = ""
    sha256: str = ""
    recipients: list[RecipientLine] = field(default_factory=list)
    proofs: list[Proof] = field(default_factory=list)
    opinions: list[str] = field(default_factory=list)
    """What other programs say (``pdfsig``); printed beside the verdict, no part of it."""


@dataclass
class StoryReport:
    """Everything: timeline, documents, proofs over the whole, and the verdict that follows from them."""

    timeline: list[Moment] = field(default_factory=list)
    documents: list[DocumentLine] = field(default_factory=list)
    proofs: list[Proof] = field(default_factory=list)
    refused: str = ""

    @property
    def holds(self) -> bool:
        """True only when something was done and every proof of it holds."""
        proofs = [*self.proofs, *(proof for line in self.documents for proof in line.proofs)]
        arrived = all(recipient.holds for line in self.documents for recipient in line.recipients)
        return (
            bool(self.documents and proofs) and not self.refused and arrived and all(p.holds for p in proofs)
        )

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"holds": self.holds, **asdict(self)}
