"""What the exchange room tells the rooms above it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from vanthu.base.announcements import Announcement


@dataclass(frozen=True)
class PacketArrived(Announcement):
    """A document packet is stored for an agency of this site and waits to be taken in."""

    agency_id: UUID
    inbox_id: UUID


@dataclass(frozen=True)
class StatusReported(Announcement):
    """A recipient reported a status; ``code`` is the one reported, whatever the visible state became."""

    delivery_id: UUID
    code: str


@dataclass(frozen=True)
class DeliveryFailed(Announcement):
    """A delivery reached its final failure; the sender's clerk must act."""

    delivery_id: UUID
    code: str


@dataclass(frozen=True)
class ChangeAsked(Announcement):
    """A sender asks to take back, recall or update a document that an agency of this site received (13, 1, 2)."""

    agency_id: UUID
    change_id: UUID


@dataclass(frozen=True)
class ChangeAnswered(Announcement):
    """A recipient agreed to a change of a document, or refused it (15, 16)."""

    target_id: UUID
    agreed: bool
