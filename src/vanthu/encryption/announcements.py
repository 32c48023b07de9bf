"""What the encryption room tells the rooms above it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from vanthu.base.announcements import Announcement


@dataclass(frozen=True)
class CertificatesChanged(Announcement):
    """Contents for an agency of this site are encrypted to other certificates from now on."""

    agency_id: UUID
