"""Receipts and refusals: what an axis states, signed, about a packet that it was given.

A receipt names the packet by its hash, who sent it, to whom, under which id and when; nothing of the packet's
content. That instant is the sending time of an electronic document (NĐ 30/2020; R3). A refusal names the packet as
far as it was read, and why it was not taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from vanthu.evidence.errors import BadKey, ReceiptInvalid, StatementInvalid
from vanthu.evidence.keys import Key, KeySource
from vanthu.evidence.statements import issue, verify

RECEIPT = "vanthu-receipt"
REFUSAL = "vanthu-refusal"
VERSION = 1


@dataclass(frozen=True)
class Receipt:
    """What a verified receipt says. ``size`` in bytes, ``accepted_at`` aware in UTC."""

    packet_sha256: str
    size: int
    sender: str
    recipients: tuple[str, ...]
    doc_id: str
    accepted_at: datetime


@dataclass(frozen=True)
class Refusal:
    """What a verified refusal says.

    ``member`` is the calling system, ``sender`` the agency that it named; ``packet_sha256`` is empty and ``size`` 0
    where the packet was not read to its end. ``answer`` is the code on the wire, ``code`` this product's own.
    """

    refusal_id: str
    member: str
    sender: str
    packet_sha256: str
    size: int
    answer: str
    code: str
    reason: str
    refused_at: datetime


def issue_receipt(
    key: Key,
    *,
    packet_sha256: str,
    size: int,
    sender: str,
    recipients: Sequence[str],
    doc_id: str,
    accepted_at: datetime,
) -> str:
    """The signed receipt. ``packet_sha256`` lower-case hex, ``size`` bytes, ``accepted_at`` an aware instant.

    Raises ``ValueError`` for an instant without zone.
    """
    statement = {
        "acceptedAt": written(accepted_at),
        "docId": doc_id,
        "recipients": sorted(recipients),
        "sender": sender,
        "sha256": packet_sha256,
        "size": size,
        "version": VERSION,
    }
    return issue(key, RECEIPT, statement)


def issue_refusal(key: Key, refusal: Refusal) -> str:
    """The signed refusal; raises ``ValueError`` for an instant without zone."""
    statement = {
        "answer": refusal.answer,
        "code": refusal.code,
        "member": refusal.member,
        "reason": refusal.reason,
        "refusalId": refusal.refusal_id,
        "refusedAt": written(refusal.refused_at),
        "sender": refusal.sender,
        "sha256": refusal.packet_sha256,
        "size": refusal.size,
        "version": VERSION,
    }
    return issue(key, REFUSAL, statement)


def verify_receipt(receipt: str, key: KeySource) -> Receipt:
    """What the receipt says, once its signature holds under the axis' public key (PEM, JWK or JWK set).

    Raises :class:`ReceiptInvalid`, :class:`BadKey`.
    """
    said = _verified(receipt, key, RECEIPT)
    try:
        return Receipt(
            packet_sha256=str(said["sha256"]),
            size=int(said["size"]),
            sender=str(said["sender"]),
            recipients=tuple(map(str, said["recipients"])),
            doc_id=str(said["docId"]),
            accepted_at=instant(said["acceptedAt"]),
        )
    except (ValueError, KeyError, TypeError):
        raise ReceiptInvalid(reason="nội dung hỏng") from None


def verify_refusal(refusal: str, key: KeySource) -> Refusal:
    """What the refusal says, once its signature holds. Raises :class:`ReceiptInvalid`, :class:`BadKey`."""
    said = _verified(refusal, key, REFUSAL)
    try:
        return Refusal(
            refusal_id=str(said["refusalId"]),
            member=str(said["member"]),
            sender=str(said["sender"]),
            packet_sha256=str(said["sha256"]),
            size=int(said["size"]),
            answer=str(said["answer"]),
            code=str(said["code"]),
            reason=str(said["reason"]),
            refused_at=instant(said["refusedAt"]),
        )
    except (ValueError, KeyError, TypeError):
        raise ReceiptInvalid(reason="nội dung hỏng") from None


def written(at: datetime) -> str:
    """An instant as statements spell it: UTC, microseconds; raises ``ValueError`` for one without zone."""
    if at.tzinfo is None:
        raise ValueError("an instant must be aware")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def instant(text: str) -> datetime:
    """The instant behind :func:`written`; raises ``ValueError``."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found


def _verified(token: str, key: KeySource, kind: str) -> Mapping[str, Any]:
    try:
        said = verify(token, key, kind)
    except StatementInvalid as problem:
        raise ReceiptInvalid(**problem.details) from None
    if said.get("version") != VERSION:
        raise ReceiptInvalid(reason="phiên bản chưa được hỗ trợ")
    return said


__all__ = [
    "BadKey",
    "Receipt",
    "ReceiptInvalid",
    "Refusal",
    "instant",
    "issue_receipt",
    "issue_refusal",
    "verify_receipt",
    "verify_refusal",
    "written",
]
