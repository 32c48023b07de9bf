"""Taking in a packet over the modern door: streamed, once per Idempotency-Key, with the sender's signature kept."""

from __future__ import annotations

import hashlib
import json

from django.db import connection
from django.http import HttpRequest

from vanthu.axis import actions, meter, storage
from vanthu.axis.envelope import read_envelope
from vanthu.axis.errors import PacketTooLarge
from vanthu.axis.models import Packet, PacketKind, Upload
from vanthu.axis.relay.calls import RelayCall
from vanthu.axis.relay.errors import IdempotencyKeyMissing, IdempotencyKeyReused
from vanthu.base import clock
from vanthu.base.ids import new_id
from vanthu.relay import DigestWrong, Proof, digest_of
from vanthu.vxp import CallRefused, Measured

CHUNK = 1 << 18
KEY_LENGTH = 200


def upload(call: RelayCall, kind: PacketKind, sender: str) -> Packet:
    """Accept the request's body as a packet; the same key and body again gives the first answer.

    Raises ``DigestWrong``, :class:`IdempotencyKeyMissing`, :class:`IdempotencyKeyReused`, and with a signed
    refusal what :func:`vanthu.axis.actions.take_in` refuses with.
    """
    headers = call.request.headers
    key = _idempotency_key(headers.get("Idempotency-Key", ""))
    to = headers.get("Packet-To", "")
    with storage.Spool(storage.largest_packet()) as spool:
        measured = _spooled(call.request, spool, digest_of(headers.get("Content-Digest", "")))
        meter.note(call.member, received=measured.size)
        asked = json.dumps([kind.value, sender, to, measured.sha256])
        entry = _entry(call, key, hashlib.sha256(asked.encode()).hexdigest(), measured)
        if entry.packet_id is not None:
            return Packet.objects.get(pk=entry.packet_id)
        try:
            packet = actions.take_in(
                call.member,
                read_envelope(spool.stream(), kind),
                named_sender=sender,
                to=to,
                spool=spool,
                measured=measured,
                address=call.address,
            )
        except CallRefused as refused:
            refused.receipt = actions.refuse(
                call.member, refused, sender=sender, arrived=measured, address=call.address
            )
            raise
    Upload.objects.filter(pk=entry.pk, packet_id=None).update(packet_id=packet.id)
    return packet


def _idempotency_key(text: str) -> str:
    key = text.strip()
    if not (0 < len(key) <= KEY_LENGTH and key.isascii() and key.isprintable()):
        raise IdempotencyKeyMissing
    return key


def _spooled(request: HttpRequest, spool: storage.Spool, expected: bytes) -> Measured:
    declared, limit = request.META.get("CONTENT_LENGTH") or "0", storage.largest_packet()
    if declared.isdigit() and int(declared) > limit:
        raise PacketTooLarge(limit_mb=limit >> 20)
    digest, size = hashlib.sha256(), 0
    while chunk := request.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        spool.write(chunk)
    if digest.digest() != expected:
        raise DigestWrong
    return Measured(expected, size)


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
