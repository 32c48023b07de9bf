"""Reading the log as evidence: the proof file of a packet or refusal, and the check of the whole log.

A member gets the proof of what it sent (with every recipient's events) or received (with its own). Refuses to
change anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from asn1crypto import x509
from django.conf import settings
from django.db.models import Q, QuerySet

from vanthu.axis.errors import DeliveryUnknown, EvidencePending
from vanthu.axis.models import AxisDelivery, AxisKey, EvidenceBatch, LogEntry, Member, Packet
from vanthu.axis.receipt_key import receipt_key
from vanthu.base import clock
from vanthu.evidence import GENESIS, EvidenceError, merkle, public_jwk
from vanthu.evidence.batches import header_hash, read_header
from vanthu.evidence.proofs import Entry, SealedBatch, write_proof
from vanthu.evidence.timestamps import certificates_of, check_stamp
from vanthu.pades import certificates_in


@dataclass(frozen=True)
class LogVerdict:
    """How far the log holds: its entries and batches, how many of these lack a time-stamp, what is broken."""

    entries: int
    batches: int
    unstamped: int
    open: int
    broken_at: int | None = None
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Whether every batch follows from the one before and covers its entries."""
        return self.broken_at is None


def proof_file(doc_id: str, caller: Member | None = None) -> bytes:
    """The proof of what an id stands for: a packet, a delivery, or a refusal.

    ``caller`` None is the operator. Raises :class:`DeliveryUnknown`, also for what is another member's, and
    :class:`EvidencePending` while the entry waits for its batch or time-stamp.
    """
    statement, lines = _found(doc_id, caller)
    kept = [line for line in lines if line.batch is not None and _sealed(line.batch)]
    if not kept or kept[0].id != lines[0].id:
        raise EvidencePending
    batches = {line.batch_id: line.batch for line in kept}
    tokens = [bytes(batch.token) for batch in batches.values() if batch and batch.token]
    return write_proof(
        receipt_key(),
        statement=statement,
        entries=[_entry(line) for line in kept],
        batches=[SealedBatch(batch.header, bytes(batch.token or b"")) for batch in batches.values() if batch],
        keys=known_keys(),
        certificates=_certificates(tokens),
        issued_at=clock.now(),
    )


def known_keys() -> list[dict[str, Any]]:
    """Every public key that signed for this axis, the one in use first."""
    own = public_jwk(receipt_key())
    others = AxisKey.objects.exclude(kid=own["kid"]).order_by("-since")
    return [own, *others.values_list("jwk", flat=True)]


def verify_log() -> LogVerdict:
    """Compute the whole log anew: the chain of headers, their signatures and time-stamps, every entry."""
    keys = {"keys": known_keys()}
    previous, number, last, unstamped = GENESIS, 0, 0, 0
    waiting = LogEntry.objects.filter(batch=None).count()
    for batch in EvidenceBatch.objects.order_by("number").iterator(chunk_size=200):
        number += 1
        reason = _fault(batch, keys, number, last, previous)
        if reason:
            return LogVerdict(last, number - 1, unstamped, waiting, number, reason)
        previous, last, unstamped = batch.hash, batch.last, unstamped + (batch.token is None)
    return LogVerdict(last, number, unstamped, waiting)


def _fault(batch: EvidenceBatch, keys: dict[str, Any], number: int, last: int, previous: str) -> str:
    try:
        header = read_header(batch.header, keys)
        if batch.token is not None:
            check_stamp(bytes(batch.token), batch.header.encode())
    except EvidenceError as problem:
        return problem.text
    if (header.number, header.first, header.previous) != (number, last + 1, previous):
        return "lô không nối với lô trước"
    if batch.number != number or batch.hash != header_hash(batch.header):
        return "mã băm của lô bị sửa"
    leaves = _leaves(batch)
    if len(leaves) != header.count or merkle.root(leaves).hex() != header.root:
        return "sự kiện trong lô bị sửa, thừa hoặc thiếu"
    return "" if batch.last == last + header.count else "số thứ tự của lô bị sửa"


def _found(doc_id: str, caller: Member | None) -> tuple[str, Sequence[LogEntry]]:
    key = _uuid(doc_id)
    for find in (_of_packet, _of_delivery, _of_refusal):
        found = find(key, caller) if key else None
        if found is not None:
            statement, lines = found
            return statement, list(lines.select_related("batch").order_by("id"))
    raise DeliveryUnknown(doc_id=doc_id[:60])


Found = tuple[str, "QuerySet[LogEntry]"]


def _of_packet(key: UUID, caller: Member | None) -> Found | None:
    packet = Packet.objects.filter(pk=key).first()
    if packet is None or (caller is not None and packet.member_id != caller.id):
        return None
    return packet.receipt, LogEntry.objects.filter(about=key)


def _of_delivery(key: UUID, caller: Member | None) -> Found | None:
    delivery = AxisDelivery.objects.filter(pk=key).select_related("packet").first()
    if delivery is None or (caller is not None and delivery.member_id != caller.id):
        return None
    lines = LogEntry.objects.filter(Q(delivery=None) | Q(delivery=key), about=delivery.packet_id)
    return delivery.packet.receipt, lines


def _of_refusal(key: UUID, caller: Member | None) -> Found | None:
    lines = LogEntry.objects.filter(about=key, event="refused")
    line = lines.first()
    if line is None or (caller is not None and line.member != caller.id):
        return None
    return line.statement, lines


def _sealed(batch: EvidenceBatch) -> bool:
    return batch.token is not None or not settings.VANTHU.tsa_url


def _entry(line: LogEntry) -> Entry:
    assert line.batch is not None
    assert line.position is not None
    [path] = merkle.paths(_leaves(line.batch), [line.position])
    return Entry(line.content.encode(), line.batch.number, line.position, tuple(path))


def _leaves(batch: EvidenceBatch) -> list[bytes]:
    contents = batch.entries.order_by("position").values_list("content", flat=True)
    return [merkle.leaf(content.encode()) for content in contents]


def _certificates(tokens: Sequence[bytes]) -> list[bytes]:
    """Those of the trust folder that complete the chains of the tokens' certificates."""
    wanted = {name for token in tokens for name in _issuers(certificates_of(token))}
    found: dict[bytes, None] = {}
    known = list(certificates_in(settings.VANTHU.trust_dir, "*.pem"))
    while True:
        more = [c for c in known if c.subject.dump() in wanted and c.dump() not in found]
        if not more:
            return list(found)
        for certificate in more:
            found[certificate.dump()] = None
            wanted.add(certificate.issuer.dump())


def _issuers(certificates: Sequence[bytes]) -> Iterator[bytes]:
    for der in certificates:
        yield x509.Certificate.load(der).issuer.dump()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
