"""The verbs of the exchange.

What background work and clerks change, one transaction and one audit event each.

An action that finds its work done by somebody else raises :class:`Superseded`, which leaves no trace.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, NotYours, Role, system_actor
from vanthu.base.announcements import announce
from vanthu.edxml.model import StatusPacket
from vanthu.errors import VanthuError
from vanthu.exchange import changes, outbox, rules, transport
from vanthu.exchange.announcements import DeliveryFailed, PacketArrived, StatusReported
from vanthu.exchange.models import (
    Channel,
    Delivery,
    DeliveryState,
    DeliveryStatus,
    InboxPacket,
    InboxState,
    OutboxPacket,
    OutboxState,
    PacketKind,
)
from vanthu.vxp import Notice


class Superseded(Exception):
    """Somebody else did it meanwhile; the action is rolled back and nothing is wrong."""


# Sending


def begin(outbox_id: UUID) -> OutboxPacket | None:
    """Count a try of a waiting packet; None when it is sent, or when a later job is to try it.

    Two workers may try at the same time (the second when the first was taken for dead): the axis and the
    mailboxes here answer the same packet alike, and :func:`left` lets one of them through. No audit event: a
    try changes nothing that anybody sees, and its outcome is recorded.
    """
    due = Q(next_attempt_at=None) | Q(next_attempt_at__lte=clock.now() + rules.TOLERANCE)
    taken = OutboxPacket.objects.filter(due, pk=outbox_id, state=OutboxState.WAITING).update(
        attempts=F("attempts") + 1
    )
    return OutboxPacket.objects.get(pk=outbox_id) if taken else None


@action
def left(
    packet: OutboxPacket,
    *,
    axis_doc_id: str,
    receipt: str,
    at: datetime,
    trials: Collection[str] = (),
    notices: Sequence[Notice] = (),
) -> None:
    """The packet left the sender's control at ``at``.

    The axis accepted it, for ``trials`` (codes of recipients) as a trial, and said ``notices`` of some; or the other
    mailbox holds it (R3).
    """
    watched = packet.kind == PacketKind.EDOC and packet.channel == Channel.AXIS
    changed = OutboxPacket.objects.filter(pk=packet.pk, state=OutboxState.WAITING).update(
        state=OutboxState.SENT,
        sent_at=at,
        ask_at=transport.next_ask(at, clock.now()) if watched else None,
        axis_doc_id=axis_doc_id,
        receipt=receipt,
        next_attempt_at=None,
        last_error="",
        last_error_code="",
    )
    if not changed:
        raise Superseded
    told = {notice.code: notice.text for notice in notices}
    for delivery in _locked_deliveries(packet):
        delivery.sent_at = delivery.sent_at or at
        delivery.notice = told.get(delivery.recipient_code, "")[:500]
        delivery.axis_doc_id, delivery.receipt = axis_doc_id, receipt
        delivery.trial = delivery.recipient_code in trials
        delivery.attempts, delivery.next_attempt_at = packet.attempts, None
        delivery.last_error = delivery.last_error_code = ""
        _settle(delivery)
    _record_packet(
        packet,
        "exchange.sent",
        axis_doc_id=axis_doc_id,
        receipt=receipt,
        sent_at=at.isoformat(),
        **({"notices": told} if told else {}),
    )


@action
def postponed(packet: OutboxPacket, error: VanthuError) -> None:
    """A try failed for a passing reason: the packet waits for its next try, or has used up its last."""
    at = clock.now()
    again = rules.next_try(packet.attempts, at, random.random())  # noqa: S311 - jitter needs no secrecy
    if again is None:
        _fail(packet, error)
        return
    text = rules.again_text(error, f"{clock.local(again):%H:%M:%S %d/%m/%Y}")[:1000]
    problem: dict[str, Any] = {"last_error_code": error.code, "last_error": text, "next_attempt_at": again}
    changed = OutboxPacket.objects.filter(pk=packet.pk, state=OutboxState.WAITING).update(**problem)
    if not changed:
        raise Superseded
    packet.deliveries.update(attempts=packet.attempts, **problem)
    packet.next_attempt_at = again
    outbox.enqueue(packet)
    _record_packet(packet, "exchange.postponed", error=error.text, again=again.isoformat())


@action
def refused(packet: OutboxPacket, error: VanthuError, *, split: bool = False) -> None:
    """The axis said no.

    One bad recipient must not stop the others, so a common packet is split before it fails.
    """
    if split and packet.kind == PacketKind.EDOC and len(packet.recipients) > 1:
        changed = OutboxPacket.objects.filter(pk=packet.pk, state=OutboxState.WAITING).update(
            state=OutboxState.SPLIT,
            last_error_code=error.code,
            last_error=error.text[:1000],
        )
        if not changed:
            raise Superseded
        outbox.split(packet)
        _record_packet(packet, "exchange.split", error=error.text)
        return
    _fail(packet, error)


@action
def resend(actor: Actor, delivery_id: UUID) -> Delivery:
    """Send a failed document again to one recipient.

    Raises ``NotYours``, ``NotResendable``, ``DocumentFrozen``, ``RoleRequired``.
    """
    actor.require(Role.CLERK)
    delivery = _locked_delivery(actor, delivery_id)
    if delivery.state != DeliveryState.FAILED:
        raise rules.NotResendable(state=DeliveryState(delivery.state).label)
    changes.require_open(delivery.document)
    outbox.requeue(delivery)
    record(actor, "exchange.resent", kind="document", object_id=delivery.document_id, data=_about(delivery))
    delivery.refresh_from_db()
    return delivery


@action
def resend_status(actor: Actor, outbox_id: UUID) -> None:
    """Send a status, or a request about a document, that could not be delivered again.

    Raises ``NotYours``, ``RoleRequired``.
    """
    actor.require(Role.CLERK)
    failed = OutboxPacket.objects.filter(
        outbox.WITHOUT_DELIVERY, pk=outbox_id, agency_id=actor.agency_id, state=OutboxState.FAILED
    )
    changed = OutboxPacket.objects.filter(pk__in=failed).update(
        state=OutboxState.WAITING, attempts=0, next_attempt_at=None
    )
    if not changed:
        raise NotYours
    packet = OutboxPacket.objects.get(pk=outbox_id)
    outbox.enqueue(packet)
    data = _packet_data(packet)
    record(actor, "exchange.status_resent", kind="document", object_id=packet.document_id, data=data)


@action
def posted(actor: Actor, delivery_id: UUID, reason: str = "") -> Delivery:
    """The paper copy for a recipient left the house: the only original, or the one that follows the electronic.

    Paper beside an electronic original that no rule asks for needs a ``reason`` (R16). Raises ``NotYours``,
    ``NotResendable``, ``PaperRefused``, ``RoleRequired``.
    """
    actor.require(Role.CLERK)
    delivery = _locked_delivery(actor, delivery_id)
    if (delivery.sent_at if delivery.channel == Channel.PAPER else delivery.paper_sent_at) is not None:
        raise rules.NotResendable(state=DeliveryState(delivery.state).label)
    if delivery.channel == Channel.PAPER:
        delivery.sent_at = clock.now()
    elif delivery.with_paper or reason.strip():
        delivery.with_paper, delivery.paper_sent_at = True, clock.now()
    else:
        raise rules.PaperRefused
    _settle(delivery)
    data = _about(delivery) | ({"reason": reason.strip()} if reason.strip() else {})
    record(actor, "exchange.posted", kind="document", object_id=delivery.document_id, data=data)
    return delivery


# Receiving


@action
def store_document(
    actor: Actor, row: InboxPacket, *, identity: str, replaces: changes.Asked | None = None
) -> InboxPacket:
    """A document packet is in this agency's mailbox; the same document again is kept as a duplicate.

    ``replaces`` are earlier documents that this one takes the place of. Raises :class:`Superseded` when the packet is
    stored already.
    """
    assert row.agency and row.sender
    changes.hold_documents(row.agency, row.sender, (row.wire_id, *(replaces.about if replaces else ())))
    if not _keep_first(row, identity):
        row.identity, row.state = None, InboxState.DUPLICATE
        row.first = InboxPacket.objects.get(agency=row.agency, identity=identity)
        keep(row)
    verb = "exchange.duplicate" if row.state == InboxState.DUPLICATE else "exchange.received"
    record_inbox(actor, row, verb)
    if row.state == InboxState.STORED:
        if replaces is not None:
            changes.open_requests(row, replaces)
        changes.meet(row)
        announce(PacketArrived(row.agency.id, row.id), priority=row.priority)
    return row


@action
def store_status(actor: Actor, row: InboxPacket, delivery: Delivery, packet: StatusPacket) -> InboxPacket:
    """A recipient reported on a delivery: keep the event, let the visible state follow.

    Raises :class:`Superseded`.
    """
    locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
    _, new = DeliveryStatus.objects.get_or_create(
        delivery=locked,
        code=row.status_code,
        at=packet.timestamp or row.received_at,
        defaults={
            "received_at": row.received_at,
            "staff": packet.staff.staff[:200] if packet.staff else "",
            "department": packet.staff.department[:250] if packet.staff else "",
            "description": packet.description,
            "raw": row.sha256,
        },
    )
    changes.note_answers(locked)
    _settle(locked)
    row.delivery = locked
    row.state = InboxState.TAKEN_IN if new else InboxState.DUPLICATE
    keep(row)
    record_inbox(
        actor,
        row,
        "exchange.status",
        code=row.status_code,
        shown=locked.state,
        delivery=str(locked.id),
        name=row.sender_name or row.sender_code,
        reason=row.subject,
    )
    if new:
        announce(StatusReported(locked.id, row.status_code))
    return row


@action
def store_change(actor: Actor, row: InboxPacket, asked: changes.Asked) -> InboxPacket:
    """The sender takes back, recalls or updates what it sent: find the document, or set the request apart.

    A request for a document that has yet to come takes effect when it does. Raises :class:`Superseded`.
    """
    assert row.agency and row.sender
    changes.hold_documents(row.agency, row.sender, asked.about)
    row.state, row.error_code, row.error_text, row.must_act = InboxState.TAKEN_IN, "", "", ""
    keep(row)
    opened = changes.open_requests(row, asked)
    about = next((request.about for request in opened if request.about), None)
    if not opened:
        row.state = InboxState.DUPLICATE
    elif about is None:
        error = changes.orphan(row, asked)
        row.state, row.error_code = InboxState.QUARANTINED, error.code
        row.error_text, row.must_act = error.text[:1000], error.must_act.value
    else:
        row.first, row.document = about, about.document
    keep(row)
    said = {"asked": asked.kind.value, "reason": asked.reason, "about": list(asked.about)}
    record_inbox(actor, row, "exchange.change_asked", **said)
    return row


@action
def quarantine(actor: Actor, row: InboxPacket, error: VanthuError) -> InboxPacket:
    """Set a packet apart with the reason and who must act; its bytes are kept. Raises :class:`Superseded`."""
    row.state, row.identity = InboxState.QUARANTINED, None
    row.error_code, row.error_text = error.code, error.text[:1000]
    row.must_act = error.must_act.value
    keep(row)
    record_inbox(actor, row, "exchange.quarantined", error=error.code, text=error.text)
    return row


@action
def acknowledged(rows: Sequence[InboxPacket], answer: str) -> None:
    """The axis knows that the packet is kept here; it will not list it again."""
    at = clock.now()
    InboxPacket.objects.filter(pk__in=[row.pk for row in rows], acknowledged_at=None).update(
        acknowledged_at=at
    )
    first = rows[0]
    record_inbox(_system(first), first, "exchange.acknowledged", answer=answer)


@action
def discard(actor: Actor, inbox_id: UUID, reason: str) -> None:
    """Put a quarantined packet aside for good, with a reason; its bytes stay.

    Raises ``NotYours``, ``ReasonNeeded``, ``SecretHeld``.
    """
    actor.require(Role.CLERK)
    if not reason.strip():
        raise rules.ReasonNeeded
    row = InboxPacket.objects.select_for_update().filter(pk=inbox_id, agency_id=actor.agency_id).first()
    if row is None:
        raise NotYours
    if row.state != InboxState.QUARANTINED:
        raise rules.NotQuarantined
    if row.error_code == rules.SecretArrived.code:
        raise rules.SecretHeld
    row.state = InboxState.DISCARDED
    row.save(update_fields=["state"])
    record_inbox(actor, row, "exchange.discarded", reason=reason.strip())


# Parts


def keep(row: InboxPacket) -> None:
    """Write the row; :class:`Superseded` when the same packet is already stored for the agency."""
    try:
        with transaction.atomic():
            row.save(force_insert=row._state.adding)
    except IntegrityError as error:
        raise Superseded from error


def _keep_first(row: InboxPacket, identity: str) -> bool:
    """Write the row as the first of its identity; False when there is one already."""
    same = InboxPacket.objects.filter(agency=row.agency, identity=identity).exclude(pk=row.pk)
    if same.exists():
        return False
    row.identity, row.state = identity, InboxState.STORED
    row.error_code = row.error_text = row.must_act = ""
    try:
        keep(row)
    except Superseded:
        if same.exists():
            return False
        raise
    return True


def _settle(delivery: Delivery) -> None:
    """Derive what the delivery shows from all that is known of it, and save it."""
    events = [(event.code, event.at) for event in changes.reported(delivery)]
    delivery.state = rules.visible_state(
        (code for code, _ in events), sent=delivery.sent_at is not None, failed=delivery.failed_at is not None
    )
    if changes.given_back(delivery):
        delivery.state = DeliveryState.RECALLED
    delivery.received_at = rules.received_at(events)
    delivery.save()


def _fail(packet: OutboxPacket, error: VanthuError) -> None:
    at = clock.now()
    problem = {"last_error_code": error.code, "last_error": error.text[:1000], "next_attempt_at": None}
    changed = OutboxPacket.objects.filter(pk=packet.pk, state=OutboxState.WAITING).update(
        state=OutboxState.FAILED, **problem
    )
    if not changed:
        raise Superseded
    for delivery in _locked_deliveries(packet):
        delivery.failed_at, delivery.attempts = at, packet.attempts
        delivery.last_error_code, delivery.last_error = error.code, error.text[:1000]
        delivery.next_attempt_at = None
        _settle(delivery)
        announce(DeliveryFailed(delivery.id, error.code))
    _record_packet(packet, "exchange.failed", error=error.text)


def _locked_deliveries(packet: OutboxPacket) -> list[Delivery]:
    return list(Delivery.objects.select_for_update().filter(packet=packet).order_by("pk"))


def _locked_delivery(actor: Actor, delivery_id: UUID) -> Delivery:
    delivery = Delivery.objects.select_for_update().filter(pk=delivery_id, agency_id=actor.agency_id).first()
    if delivery is None:
        raise NotYours
    return delivery


def _system(row: InboxPacket) -> Actor:
    assert row.agency_id is not None
    return system_actor(row.agency_id)


def _about(delivery: Delivery) -> dict[str, Any]:
    return {
        "delivery": str(delivery.id),
        "recipient": delivery.recipient_code,
        "name": delivery.recipient.name,
    }


def _packet_data(packet: OutboxPacket) -> dict[str, Any]:
    return {
        "packet": str(packet.id),
        "kind": packet.kind,
        "channel": packet.channel,
        "recipients": packet.recipients,
        "status": packet.status_code,
        "sha256": packet.sha256,
        "attempts": packet.attempts,
    }


def _record_packet(packet: OutboxPacket, verb: str, **more: Any) -> None:
    data = _packet_data(packet) | more
    record(system_actor(packet.agency_id), verb, kind="document", object_id=packet.document_id, data=data)


def record_inbox(actor: Actor, row: InboxPacket, verb: str, **more: Any) -> None:
    """The audit event about a packet that came, in the history of its document where it has one."""
    data = {
        "source": row.source,
        "axis_doc_id": row.axis_doc_id,
        "kind": row.kind,
        "sender": row.sender_code,
        "document_id": row.wire_id,
        "sha256": row.sha256,
        "state": row.state,
        "packet": str(row.id),
    }
    about = row.delivery.document_id if row.delivery else row.document_id
    kind = "document" if about else "inbox"
    record(actor, verb, kind=kind, object_id=about or row.id, data=data | more)
