"""Taking in a packet over the modern door: streamed, once per Idempotency-Key, with the sender's signature kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from vanthu.axis import actions, limits, meter, payloads, storage
from vanthu.axis.envelope import CODE_LENGTH, Envelope, argued_envelope, read_arriving
from vanthu.axis.errors import EnvelopeWrong
from vanthu.axis.models import Packet, Upload
from vanthu.axis.relay.calls import RelayCall
from vanthu.axis.relay.errors import IdempotencyKeyMissing, IdempotencyKeyReused
from vanthu.base import clock
from vanthu.base.ids import new_id
from vanthu.relay import DigestWrong, Proof, RelayError, digest_of
from vanthu.vxp import CallRefused, Measured

CHUNK = 1 << 18
KEY_LENGTH = 200


@dataclass(frozen=True)
class Asked:
    """What a call asks to be sent; ``document_id`` and ``priority`` are of types whose body the axis does not read."""

    kind: str
    sender: str
    document_id: str = ""
    priority: str = ""


@dataclass
class _Arrived:
    """What has come of the body so far."""

    digest: Any = field(default_factory=hashlib.sha256)
    size: int = 0

    def measured(self) -> Measured:
        return Measured(self.digest.digest(), self.size)


def upload(call: RelayCall, asked: Asked) -> Packet:
    """Accept the request's body as a packet; the same key and body again gives the first answer.

    A refusal is on record and carries the axis' signature, whatever of the packet it finds wrong. Raises
    ``DigestWrong``, :class:`IdempotencyKeyMissing`, :class:`IdempotencyKeyReused`, ``CallMalformed`` for a type
    that this axis does not carry, and what :func:`vanthu.axis.actions.take_in` raises.
    """
    arrived = _Arrived()
    try:
        return _taken_in(call, asked, arrived)
    except (CallRefused, RelayError) as refused:
        refused.receipt = actions.refuse(
            call.member,
            refused,
            sender=asked.sender[:CODE_LENGTH],
            arrived=arrived.measured(),
            address=call.address,
        )
        raise
    finally:
        meter.note(call.member, received=arrived.size)


def _taken_in(call: RelayCall, asked: Asked, arrived: _Arrived) -> Packet:
    headers = call.request.headers
    key = _idempotency_key(headers.get("Idempotency-Key", ""))
    to = headers.get("Packet-To", "")
    payload = payloads.find(asked.kind, "type")
    with storage.Spool(limits.packet_bytes(call.member, payload.max_mb)) as spool:
        expected = digest_of(headers.get("Content-Digest", ""))
        envelope = _envelope(asked, payload, _arriving(call, spool, arrived))
        measured = arrived.measured()
        if measured.digest != expected:
            raise DigestWrong
        wanted = [payload.name, asked.sender, to, measured.sha256]
        if payload.addressing is payloads.Addressing.ARGUMENTS:
            wanted += [asked.document_id, asked.priority]
        entry = _entry(call, key, hashlib.sha256(json.dumps(wanted).encode()).hexdigest(), measured)
        if entry.packet_id is not None:
            return Packet.objects.get(pk=entry.packet_id)
        if isinstance(envelope, EnvelopeWrong):
            raise envelope
        packet = actions.take_in(
            call.member,
            envelope,
            named_sender=asked.sender,
            to=to,
            spool=spool,
            measured=measured,
            address=call.address,
        )
    Upload.objects.filter(pk=entry.pk, packet_id=None).update(packet_id=packet.id)
    return packet


def _envelope(
    asked: Asked, payload: payloads.PayloadType, chunks: Iterator[bytes]
) -> Envelope | EnvelopeWrong:
    """What the arriving packet says, or what is wrong with it; all of it has arrived afterwards."""
    if payload.addressing is payloads.Addressing.HEADER:
        return read_arriving(chunks, payload.name)
    for _ in chunks:
        pass
    return argued_envelope(payload.name, asked.sender, asked.document_id, asked.priority)


def _idempotency_key(text: str) -> str:
    key = text.strip()
    if not (0 < len(key) <= KEY_LENGTH and key.isascii() and key.isprintable()):
        raise IdempotencyKeyMissing
    return key


def _arriving(call: RelayCall, spool: storage.Spool, arrived: _Arrived) -> Iterator[bytes]:
    declared = call.request.META.get("CONTENT_LENGTH") or "0"
    limits.check_size(int(declared) if declared.isdigit() else 0, spool.limit)
    while chunk := call.request.read(CHUNK):
        arrived.digest.update(chunk)
        arrived.size += len(chunk)
        spool.write(chunk)
        yield chunk


def _entry(call: RelayCall, key: str, fingerprint: str, measured: Measured) -> Upload:
    """The row of this key, made now or by an earlier try; raises :class:`IdempotencyKeyReused`.

    Not flushed by itself: the acceptance that follows is, and with it all that was written before.
    """
    proof = json.dumps(Proof.of(call.claim).as_json())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO axis_upload (id, member_id, key, fingerprint, sha256, proof, created_at) "
            "SELECT %s, %s, %s, %s, %s, %s, %s FROM set_config('synchronous_commit', 'off', true) "
            "ON CONFLICT (member_id, key) DO NOTHING",
            [new_id(), call.member.id, key, fingerprint, measured.sha256, proof, clock.now()],
        )
    entry = Upload.objects.get(member=call.member, key=key)
    if entry.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    return entry
