"""The answers of an axis as small records. Unknown fields are ignored, missing ones are empty text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


def text_of(row: Mapping[str, Any], *names: str) -> str:
    """The first non-empty value under any of the names, without regard to case, as text."""
    lowered = {str(name).lower(): value for name, value in row.items()}
    for name in names:
        value = lowered.get(name.lower())
        if value not in (None, ""):
            return str(value)
    return ""


@dataclass(frozen=True)
class Notice:
    """What the axis tells the sender of a packet about one recipient, for example that it was merged into another."""

    code: str
    """The recipient as the sender wrote it."""
    text: str


@dataclass(frozen=True)
class SendAnswer:
    """The axis took the packet: its document id there, and the signed receipt when the axis gives one.

    ``notices`` are for the sender's clerk; ``trials`` the codes of recipients to which it goes as a trial, None where
    the axis does not tell.
    """

    doc_id: str
    receipt: str | None
    notices: tuple[Notice, ...] = ()
    trials: tuple[str, ...] | None = None


@dataclass(frozen=True)
class ReceivedRow:
    """One packet that waits for this member.

    ``sha256`` and ``size`` (bytes) only where the axis tells them, and ``trial``: sent to try the exchange.
    """

    doc_id: str
    service_type: str
    message_type: str
    created: str
    updated: str
    sender: str
    recipient: str
    status: str
    status_desc: str
    sha256: str = ""
    size: int | None = None
    document_id: str = ""
    priority: int = 0
    trial: bool = False

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> ReceivedRow:
        """From one row of ``getReceivedEdocList``."""
        size, urgency = text_of(row, "contentLength"), text_of(row, "priority")
        return cls(
            doc_id=text_of(row, "docId"),
            service_type=text_of(row, "serviceType"),
            message_type=text_of(row, "messageType"),
            created=text_of(row, "created_time", "createdTime"),
            updated=text_of(row, "updated_time", "updatedTime"),
            sender=text_of(row, "from"),
            recipient=text_of(row, "to"),
            status=text_of(row, "status"),
            status_desc=text_of(row, "status_desc", "statusDesc"),
            sha256=text_of(row, "contentSha256").lower(),
            size=int(size) if size.isascii() and size.isdigit() else None,
            document_id=text_of(row, "documentId"),
            priority=int(urgency) if urgency.isascii() and urgency.isdigit() else 0,
        )


@dataclass(frozen=True)
class PublicationRow:
    """What one agency of the axis' list publishes for being encrypted to, as it stands in the answer: nothing of it is
    believed yet."""

    code: str
    version: int
    publication: Mapping[str, Any]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> PublicationRow:
        """From one row of ``getEncryptionList``."""
        given, version = row.get("publication"), text_of(row, "version")
        return cls(
            code=text_of(row, "code"),
            version=int(version) if version.isascii() and version.isdigit() else 0,
            publication=given if isinstance(given, Mapping) else {},
        )


@dataclass(frozen=True)
class SentRow:
    """One recipient of a packet this member sent, with the transport states on both sides.

    ``trial``: sent to try the exchange, where the axis tells.
    """

    sender_doc_id: str
    receiver_doc_id: str
    sender: str
    recipient: str
    message_type: str
    send_status: str
    send_status_desc: str
    receive_status: str
    receive_status_desc: str
    sent_time: str
    received_time: str
    trial: bool = False

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> SentRow:
        """From one row of ``getSentEdocList``."""
        return cls(
            sender_doc_id=text_of(row, "senderDocId"),
            receiver_doc_id=text_of(row, "receiverDocId"),
            sender=text_of(row, "fromCode"),
            recipient=text_of(row, "toCode"),
            message_type=text_of(row, "messageType"),
            send_status=text_of(row, "sendStatus"),
            send_status_desc=text_of(row, "sendStatusDesc"),
            receive_status=text_of(row, "receiveStatus"),
            receive_status_desc=text_of(row, "receiveStatusDesc"),
            sent_time=text_of(row, "sentTime"),
            received_time=text_of(row, "receivedTime"),
        )


@dataclass(frozen=True)
class AgencyRow:
    """One agency of the axis' list. ``old_code`` is an earlier identifier of the same agency, if any.

    ``old_codes`` are all of them and ``stage`` how far the agency is on its way onto the axis, where the axis
    tells.
    """

    id: str
    parent_id: str
    code: str
    name: str
    email: str
    old_code: str
    old_codes: tuple[str, ...] = ()
    stage: str = ""

    @property
    def earlier(self) -> tuple[str, ...]:
        """Its earlier identifiers, as far as they are told."""
        return self.old_codes or ((self.old_code,) if self.old_code else ())

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> AgencyRow:
        """From one row of ``getAgenciesList`` or ``getAgenciesListQD20``."""
        return cls(
            id=text_of(row, "id"),
            parent_id=text_of(row, "pid"),
            code=text_of(row, "code"),
            name=text_of(row, "name"),
            email=text_of(row, "mail"),
            old_code=text_of(row, "oldCode", "code102"),
        )


@dataclass(frozen=True)
class UnitRow:
    """One row of the delta list: an agency as of ``version``; ``deleted`` when it left the axis.

    ``successor`` is the code of who gets its mail after a merger, ``stage`` how far it is on its way onto the
    axis (NOT_READY … LIVE), where the axis tells.
    """

    id: str
    parent_id: str
    code: str
    name: str
    email: str
    version: int
    center_code: str
    deleted: bool
    modified: str
    is_agency: bool
    successor: str = ""
    stage: str = ""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> UnitRow:
        """From one row of ``getSynchronizeUnit``."""
        version = text_of(row, "version")
        return cls(
            id=text_of(row, "id"),
            parent_id=text_of(row, "pid"),
            code=text_of(row, "code"),
            name=text_of(row, "name"),
            email=text_of(row, "mail"),
            version=int(version) if version.isascii() and version.isdigit() else 0,
            center_code=text_of(row, "centerCode"),
            deleted=_truth(text_of(row, "deleted")),
            modified=text_of(row, "modifyDate"),
            is_agency=_truth(text_of(row, "isAgency")),
            successor=text_of(row, "successorCode"),
            stage=text_of(row, "stage"),
        )


def _truth(text: str) -> bool:
    return text.lower() in ("1", "true", "yes")
