"""Keys made by the application: UUIDv7, ordered by time, so that large tables can be ranged by key."""

from __future__ import annotations

from uuid import NAMESPACE_URL, UUID, uuid5

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A fresh time-ordered key (RFC 9562, version 7)."""
    return uuid7()


def principal_of_role(agency_id: UUID, role: str) -> UUID:
    """The principal that stands for everybody holding ``role`` in the agency, for example its registry."""
    return uuid5(NAMESPACE_URL, f"vanthu:{agency_id}:{role}")
