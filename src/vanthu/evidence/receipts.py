"""Receipts: a signed statement by an axis that it took a packet, checkable by anybody offline.

A receipt is a compact JWS (RFC 7515). It names the packet by its hash, who sent it, to whom, under which id
and when; nothing of the packet's content. That instant is the sending time of an electronic document (NĐ
30/2020; R3).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from vanthu.evidence.canonical import canonical
from vanthu.evidence.errors import BadKey, ReceiptInvalid
from vanthu.evidence.keys import Key, KeySource, algorithm, verifying_key

TYPE = "vanthu-receipt"
VERSION = 1
ALGORITHMS = ["ES256", "Ed25519"]
MAX_RECEIPT = 1 << 20


@dataclass(frozen=True)
class Receipt:
    """What a verified receipt says. ``size`` in bytes, ``accepted_at`` aware in UTC."""

    packet_sha256: str
    size: int
    sender: str
    recipients: tuple[str, ...]
    doc_id: str
    accepted_at: datetime


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
    if accepted_at.tzinfo is None:
        raise ValueError("accepted_at must be aware")
    payload = canonical(
        {
            "acceptedAt": accepted_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "docId": doc_id,
            "recipients": sorted(recipients),
            "sender": sender,
            "sha256": packet_sha256,
            "size": size,
            "version": VERSION,
        }
    )
    name = algorithm(key)
    header = {"alg": name, "kid": key.thumbprint(), "typ": TYPE}
    return str(jws.serialize_compact(header, payload, key, algorithms=[name]))


def verify_receipt(receipt: str, key: KeySource) -> Receipt:
    """What the receipt says, once its signature holds under the axis' public key (PEM, JWK or JWK set).

    Raises :class:`ReceiptInvalid`, :class:`BadKey`.
    """
    text = receipt.strip()
    if len(text) > MAX_RECEIPT:
        raise ReceiptInvalid(reason="quá dài")
    header = _header(text)
    verifier = verifying_key(key, str(header.get("kid", "")))
    try:
        opened = jws.deserialize_compact(text, verifier, algorithms=[algorithm(verifier)])
    except (JoseError, ValueError, TypeError):
        raise ReceiptInvalid(reason="chữ ký không khớp khóa của trục") from None
    if header.get("typ") != TYPE:
        raise ReceiptInvalid(reason="không phải biên nhận")
    return _receipt(opened.payload)


def _header(text: str) -> dict[str, Any]:
    try:
        return dict(jws.extract_compact(text.encode()).headers())
    except (JoseError, ValueError, TypeError):
        raise ReceiptInvalid(reason="không phải biên nhận") from None


def _receipt(payload: bytes) -> Receipt:
    try:
        said = json.loads(payload)
        if said["version"] != VERSION:
            raise ReceiptInvalid(reason="phiên bản chưa được hỗ trợ")
        return Receipt(
            packet_sha256=str(said["sha256"]),
            size=int(said["size"]),
            sender=str(said["sender"]),
            recipients=tuple(map(str, said["recipients"])),
            doc_id=str(said["docId"]),
            accepted_at=datetime.fromisoformat(said["acceptedAt"]),
        )
    except (ValueError, KeyError, TypeError):
        raise ReceiptInvalid(reason="nội dung hỏng") from None


__all__ = ["BadKey", "Receipt", "ReceiptInvalid", "issue_receipt", "verify_receipt"]
