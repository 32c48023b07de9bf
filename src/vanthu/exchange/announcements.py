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
class TakeBackAsked(Announcement):
    """The sender asks to take back a document that an agency of this site received (status 13)."""

    agency_id: UUID
    inbox_id: UUID
