"""Packets: accepted with a receipt, handed over, acknowledged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Model
from psycopg import Cursor
from psycopg.types.json import Jsonb

from vanthu.axis import crossing, limits, queries, routes, routing_rules, rules, stages, storage, wire_rules
from vanthu.axis.actions.incidents import refuse_state_secret
from vanthu.axis.actions.log import entry, note
from vanthu.axis.actions.shared import lock_numbers, one_at_a_time
from vanthu.axis.doorbell import doorbell
from vanthu.axis.envelope import Envelope
from vanthu.axis.models import AxisAgency, AxisDelivery, DeliveryState, Member, Packet
from vanthu.axis.receipt_key import receipt_key
from vanthu.base import clock
from vanthu.base.ids import new_id
from vanthu.errors import VanthuError
from vanthu.evidence import issue_receipt
from vanthu.evidence.batches import header_hash
from vanthu.vxp import Measured


@dataclass(frozen=True)
class Incoming:
    """A checked packet, ready to be accepted. ``content`` is the body when it goes into the database."""

    packet_id: UUID
    envelope: Envelope
    sender: AxisAgency
    recipients: tuple[queries.Addressee, ...]
    measured: Measured
    content: bytes | None
    body_file: str
    list_version: UUID | None = None
    """Version of the agency list by which sender and recipients were found; None: found just now."""


class _Repeated(Exception):
    """The packet was accepted before; ends the transaction without a trace, for nothing changes."""

    def __init__(self, packet: Packet) -> None:
        self.packet = packet


class _ListChanged(Exception):
    """The agency list is not the one by which the packet was addressed; nothing was written."""


def take_in(
    member: Member,
    envelope: Envelope,
    *,
    named_sender: str,
    to: str,
    spool: storage.Spool,
    measured: Measured,
    address: str = "",
) -> Packet:
    """Check the addresses and accept the packet durably; the same packet again gives the first answer.

    ``to`` is the signed override of the recipients (a JSON array, may be empty). Raises what
    :mod:`vanthu.axis.errors` lists; after any error nothing is accepted.
    """
    known = routes.current()
    sender = known.sender(member, named_sender, envelope.sender)
    refuse_state_secret(member, envelope, sender, spool, measured, address)
    codes = wire_rules.addressed(envelope.recipients, to)
    recipients = known.addressees(codes)
    _check_parties(sender, recipients, envelope, measured)
    limits.check_queues(addressee.agency for addressee in recipients)
    routing_rules.check_way(
        envelope.trace, crossing.own_code(), member, [found.agency.member_id for found in recipients]
    )
    packet_id = new_id()
    body_file = spool.keep(packet_id)
    content = None if body_file else spool.inline()
    incoming = Incoming(packet_id, envelope, sender, recipients, measured, content, body_file, known.version)
    try:
        packet = _accept_by_present_list(member, incoming, named_sender, codes, address)
    # After any other failure the commit may have happened: the file stays, to be swept if no packet names it.
    except _Repeated as repeated:
        storage.discard(body_file)
        return repeated.packet
    except VanthuError:
        storage.discard(body_file)
        raise
    doorbell.ring(addressee.agency.member_id for addressee in recipients)
    return packet


def _accept_by_present_list(
    member: Member, incoming: Incoming, named_sender: str, codes: Sequence[str], address: str
) -> Packet:
    """Accept; where the agency list has changed since the addresses were looked up, look again."""
    while True:
        try:
            return accept_packet(member, incoming, address)
        except _ListChanged:
            known = routes.current(ask=True)
            incoming = replace(
                incoming,
                sender=known.sender(member, named_sender, incoming.envelope.sender),
                recipients=known.addressees(codes),
                list_version=known.version,
            )
            _check_parties(incoming.sender, incoming.recipients, incoming.envelope, incoming.measured)


def _check_parties(
    sender: AxisAgency, recipients: Sequence[queries.Addressee], envelope: Envelope, measured: Measured
) -> None:
    stages.check(sender, [addressee.agency for addressee in recipients], envelope, measured.sha256)


def accept_packet(member: Member, incoming: Incoming, address: str = "") -> Packet:
    """Write the packet, its receipt, its line in the log and one delivery per recipient that does not have it yet.

    One statement where nothing of the packet is known. Re-sent for more recipients, a document goes only to the new
    ones, so that it takes effect once at each.
    """
    written = _Written(member, incoming, list(incoming.recipients), address)
    if written.insert(look=True):
        return written.packet
    with transaction.atomic():
        one_at_a_time(_same_packet_keys(incoming))
        written = _Written(member, incoming, _without_earlier(incoming), address)
        written.insert(look=False)
    return written.packet


class _Written:
    """The rows of an accepted packet, made before any lock is taken."""

    def __init__(
        self, member: Member, incoming: Incoming, fresh: Sequence[queries.Addressee], address: str
    ) -> None:
        self._incoming = incoming
        self.packet = packet = _packet(member, incoming, fresh)
        self._deliveries = [_delivery(packet, addressee) for addressee in fresh]
        packet.trials = tuple(
            row["written_code"] or row["recipient_code"] for row in self._deliveries if row["trial"]
        )
        self._line = entry(
            "accepted",
            packet.id,
            member,
            packet.accepted_at,
            address=address,
            **_said(packet, fresh),
            **(
                {"trace": list(incoming.envelope.trace)} if member.is_axis and incoming.envelope.trace else {}
            ),
        )

    def insert(self, *, look: bool) -> bool:
        """Write them; with ``look`` False is the answer when this packet or document came before."""
        locks = lock_numbers(_same_packet_keys(self._incoming)) if look else []
        connection.ensure_connection()
        # Parameters bound by the server: the body goes as it is, not as text twice its size.
        with Cursor(connection.connection) as cursor:
            cursor.execute(
                "SELECT axis_accept_packet(%s, %s, %s, %s, %s, %s, %s)",
                [
                    self._incoming.list_version,
                    locks,
                    look,
                    _JSON(_row(self.packet)),
                    _JSON(self._deliveries),
                    _JSON(_row(self._line)),
                    self._incoming.content,
                ],
            )
            [answer] = cursor.fetchone() or [""]
        if answer == "list changed":
            raise _ListChanged
        return bool(answer == "accepted")


def _row(instance: Model) -> dict[str, Any]:
    """The instance's columns, as :data:`_JSON` can write them."""
    return {column: getattr(instance, name) for column, name in _columns(type(instance))}


@cache
def _columns(model: type[Model]) -> tuple[tuple[str, str], ...]:
    """Each column of the table with the attribute that holds its value."""
    return tuple((str(field.column), field.attname) for field in model._meta.concrete_fields)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)


_JSON = partial(Jsonb, dumps=json.JSONEncoder(ensure_ascii=False, default=_plain).encode)


def _packet(member: Member, incoming: Incoming, fresh: Sequence[queries.Addressee]) -> Packet:
    accepted_at = clock.now()
    receipt = issue_receipt(
        receipt_key(),
        packet_sha256=incoming.measured.sha256,
        size=incoming.measured.size,
        sender=incoming.envelope.sender,
        recipients=[addressee.written or addressee.code for addressee in fresh],
        doc_id=str(incoming.packet_id),
        accepted_at=accepted_at,
    )
    return Packet(
        id=incoming.packet_id,
        kind=incoming.envelope.kind,
        member=member,
        sender=incoming.sender,
        sender_code=incoming.envelope.sender,
        document_id=incoming.envelope.document_id,
        document_code=incoming.envelope.document_code,
        status_code=incoming.envelope.status_code,
        refers_to=incoming.envelope.refers_to,
        business_type=incoming.envelope.business_type,
        priority=incoming.envelope.priority,
        sha256=incoming.measured.sha256,
        size=incoming.measured.size,
        body_file=incoming.body_file,
        accepted_at=accepted_at,
        receipt=receipt,
        notices=[_notice(addressee) for addressee in fresh if addressee.notice],
    )


@transaction.atomic
def mark_handed_over(member: Member, delivery: AxisDelivery, address: str = "") -> None:
    """Note the first time the recipient's system fetched the packet; of two at once, one is on record."""
    now = clock.now()
    waiting = AxisDelivery.objects.filter(pk=delivery.pk, handed_over_at=None)
    if waiting.update(handed_over_at=now, updated_at=now):
        delivery.handed_over_at = delivery.updated_at = now
        note("handed_over", delivery, member, now, address)


def hand_over(member: Member, doc_id: str, address: str = "") -> AxisDelivery:
    """The delivery whose packet the member may fetch now; raises :class:`DeliveryUnknown`."""
    delivery = queries.delivery_for(member, doc_id)
    if delivery.handed_over_at is None:
        mark_handed_over(member, delivery, address)
    return delivery


@transaction.atomic
def acknowledge(
    member: Member, doc_id: str, status: str, description: str, address: str = ""
) -> AxisDelivery:
    """The recipient's system says how far it is: ``processing``, ``done`` (stored durably) or ``fail``.

    The same state again changes nothing but is on record. Raises :class:`DeliveryUnknown`,
    ``AlreadyAcknowledged``, ``CallMalformed``.
    """
    found = queries.delivery_for(member, doc_id)
    delivery = AxisDelivery.objects.select_for_update().get(pk=found.pk)
    state = DeliveryState(wire_rules.next_state(delivery.state, status))
    now = clock.now()
    delivery.state, delivery.description, delivery.updated_at = state, description[:500], now
    if state in (DeliveryState.DONE, DeliveryState.FAIL):
        delivery.acknowledged_at = delivery.acknowledged_at or now
    delivery.save(update_fields=["state", "description", "updated_at", "acknowledged_at"])
    note("acknowledged", delivery, member, now, address, state=state.value, description=delivery.description)
    return delivery


def _without_earlier(incoming: Incoming) -> list[queries.Addressee]:
    """The recipients that do not have this packet or document yet; none left: it is a repetition.

    The same bytes count whatever became of them. The same document in other bytes (built anew) does not count
    where the first try ended in ``fail``.
    """
    earlier = queries.earlier_deliveries(incoming.sender, incoming.envelope, incoming.measured.sha256)
    if not earlier:
        return list(incoming.recipients)
    having = {
        delivery.recipient_id
        for delivery in earlier
        if delivery.packet.sha256 == incoming.measured.sha256 or delivery.state != DeliveryState.FAIL
    }
    fresh = [addressee for addressee in incoming.recipients if addressee.agency.id not in having]
    if not fresh:
        wanted = {addressee.agency.id for addressee in incoming.recipients}
        raise _Repeated(next(delivery.packet for delivery in earlier if delivery.recipient_id in wanted))
    return fresh


def _delivery(packet: Packet, addressee: queries.Addressee) -> dict[str, Any]:
    """The columns of an :class:`AxisDelivery`; one that is missing here is null in the table."""
    at = packet.accepted_at.isoformat()
    return {
        "id": str(new_id()),
        "packet_id": str(packet.id),
        "recipient_id": str(addressee.agency.id),
        "recipient_code": addressee.code,
        "written_code": addressee.written,
        "member_id": str(addressee.agency.member_id),
        "origin_id": str(packet.member_id),
        "kind": packet.kind,
        "priority": packet.priority,
        "trial": rules.is_trial(packet.sender, addressee.agency),
        "state": DeliveryState.INITIAL.value,
        "description": "",
        "created_at": at,
        "updated_at": at,
    }


def _notice(addressee: queries.Addressee) -> dict[str, str]:
    """As it goes into the answer of ``sendEdoc``."""
    return {
        "code": addressee.written or addressee.code,
        "successor": addressee.agency.code if addressee.written else "",
        "text": addressee.notice,
    }


def _said(packet: Packet, fresh: Sequence[queries.Addressee]) -> dict[str, object]:
    moved = {addressee.written: addressee.code for addressee in fresh if addressee.written}
    return ({"successors": moved} if moved else {}) | {
        "statement": header_hash(packet.receipt),
        "kind": str(packet.kind),
        "sha256": packet.sha256,
        "size": packet.size,
        "from": packet.sender_code,
        "to": [addressee.code for addressee in fresh],
    }


def _same_packet_keys(incoming: Incoming) -> list[str]:
    sender, envelope = incoming.sender.id, incoming.envelope
    keys = [f"{sender}:{incoming.measured.sha256}"]
    if envelope.document_id:
        keys.append(f"{sender}:{envelope.business_type}:{envelope.document_id}")
    return keys
