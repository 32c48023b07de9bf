"""A packet as plain data for a command line, a log or an API: no bytes of attachments, only what they are."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from vanthu.edxml.codes import BusinessType, priority_label, status_label
from vanthu.edxml.content import Content
from vanthu.edxml.model import DocumentPacket, Packet
from vanthu.edxml.notes import Note


def describe(packet: Packet) -> dict[str, Any]:
    """Everything the packet says, JSON-able: dates as ISO 8601 texts, attachments by size and SHA-256."""
    plain: dict[str, Any] = {"message_type": packet.message_type.value, **_plain(packet)}
    if isinstance(packet, DocumentPacket):
        plain["code"] = packet.code
        plain["acts_on"] = list(packet.acts_on)
        plain["priority_label"] = priority_label(packet.priority)
        known = [kind for kind in BusinessType if kind == packet.business_type]
        plain["business_label"] = known[0].label if known else f"loại nghiệp vụ {packet.business_type}"
    else:
        plain["status_label"] = status_label(packet.status_code)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Content):
        return {"size": value.size, "sha256": value.sha256}
    if isinstance(value, Note):
        return {"code": value.code.value, "text": value.text}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value
