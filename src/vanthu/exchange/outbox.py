"""Sending: plain functions that other rooms call inside their actions, in the same transaction.

Owns the rows that a dispatch leaves behind and the jobs that follow from it. Refuses to decide whether a
document may be issued; it only refuses what must never travel.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from procrastinate.contrib.django.models import ProcrastinateJob

from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.blobs.models import Blob
from vanthu.directory.models import Agency
from vanthu.edxml.codes import StatusCode
from vanthu.edxml.model import ResponseFor, StatusPacket
from vanthu.exchange import packets, rules
from vanthu.exchange.models import (
    Channel,
    Delivery,
    DeliveryState,
    InboxPacket,
    InboxState,
    OutboxPacket,
    OutboxState,
    PacketKind,
)
from vanthu.exchange.packets import PacketDetails
from vanthu.formalities import CirculationRestriction, Urgency
from vanthu.records import queries as records
from vanthu.records.models import Document, DocumentFile, FileStage
from vanthu.vxp import VxpUnreachable

__all__ = ["PacketDetails", "channel_of", "dispatch", "dispatch_paper", "report_status", "take_back"]

NEW = PacketDetails()


def channel_of(recipient: Agency) -> Channel:
    """By which way the recipient would get a document now."""
    return rules.channel_for(
        hosted=recipient.hosted,
        ready=recipient.ready,
        organ_id=recipient.organ_id,
        axis=bool(settings.VANTHU.axis_url),
    )


def dispatch(
    document: Document, recipients: Sequence[Agency], *, actor: Actor, packet_details: PacketDetails = NEW
) -> list[Delivery]:
    """Queue an issued document for its recipients; one delivery each, and one packet per channel.

    Recipients that already have a delivery of this document are left as they are. ``sent_at`` stays empty
    until the axis, or the other mailbox on this site, has it (R3). Raises :class:`rules.Restricted`,
    :class:`rules.NotIssued`, :class:`rules.NotSealed`, :class:`rules.NoRecipients`, :class:`rules.NoAddress`,
    :class:`rules.SenderWithoutCode` and the writer's ``NotWritable``.
    """
    if document.restriction:
        raise rules.Restricted(label=CirculationRestriction(document.restriction).label)
    fresh = _fresh(document, recipients)
    channels = {recipient.id: channel_of(recipient) for recipient in fresh}
    _require_addresses(fresh)
    electronic = [recipient for recipient in fresh if channels[recipient.id] is not Channel.PAPER]
    deliveries = [_delivery(document, recipient, channels[recipient.id]) for recipient in fresh]
    if electronic:
        blob = packets.save(
            packets.document_packet(
                document, _sealed_files(document), electronic, actor=actor, details=packet_details
            )
        )
        _queue_document(document, blob, deliveries)
    Delivery.objects.bulk_create(deliveries)
    return deliveries


def dispatch_paper(document: Document, recipients: Sequence[Agency]) -> list[Delivery]:
    """Note recipients that get the document on paper only, as a stamp on it or QĐ 28/2018 Đ7 demands."""
    fresh = _fresh(document, recipients)
    return Delivery.objects.bulk_create(
        [_delivery(document, recipient, Channel.PAPER) for recipient in fresh]
    )


def report_status(document: Document, code: StatusCode, *, actor: Actor, description: str = "") -> None:
    """Tell the sender of an incoming document how far it is (R25); nothing to do when it came on paper.

    Saying the same code again changes nothing. A refusal (02) also frees the identity, so that the sender may
    send a mended packet. Raises :class:`rules.ReasonNeeded`.
    """
    if code.needs_reason and not description.strip():
        raise rules.ReasonNeeded
    inbox = _origin(document)
    if inbox is None or inbox.sender is None:
        return
    at = clock.now()
    packet = packets.status_packet(
        inbox, document.agency, code, actor=actor, description=description.strip(), at=at
    )
    if code is StatusCode.REJECTED:
        InboxPacket.objects.filter(pk=inbox.pk).update(state=InboxState.REFUSED, identity=None)
    _queue_status(document, packet, inbox.sender)


def take_back(delivery: Delivery, *, actor: Actor, reason: str) -> None:
    """Ask the recipient to give back a document sent by mistake (status 13, QĐ 28/2018).

    The recipient answers 15 or 16. Raises :class:`rules.ReasonNeeded`.
    """
    if not reason.strip():
        raise rules.ReasonNeeded
    document = delivery.document
    packet = StatusPacket(
        sender=packets.organization(document.agency),
        response_for=ResponseFor(
            organ_id=delivery.recipient_code,
            code=document.code,
            document_id=document.document_id,
            promulgation_date=document.issued_date,
        ),
        status_code=StatusCode.TAKE_BACK,
        timestamp=clock.local(clock.now()).replace(microsecond=0),
        description=reason.strip(),
        staff=packets.staff_of(actor),
    )
    _queue_status(document, packet, delivery.recipient)


def enqueue(packet: OutboxPacket) -> None:
    """Put the sending of a waiting packet into the job queue, in the present transaction.

    Urgent ones overtake.
    """
    from vanthu.exchange.jobs import send_packet

    job = send_packet.configure(priority=packet.priority, schedule_at=packet.next_attempt_at)
    job.defer(outbox_id=str(packet.id))


def hurry() -> None:
    """Queue at once what waits only because the axis was silent; patience begins anew.

    Jobs queued for later find their packet sent, or not yet due, and do nothing.
    """
    waiting = OutboxPacket.objects.select_for_update(skip_locked=True).filter(
        state=OutboxState.WAITING, channel=Channel.AXIS, last_error_code=VxpUnreachable.code
    )
    for packet in waiting.filter(next_attempt_at__gt=clock.now()):
        packet.next_attempt_at, packet.attempts = None, 0
        packet.save(update_fields=["next_attempt_at", "attempts"])
        enqueue(packet)


def forgotten(since: datetime) -> list[OutboxPacket]:
    """Packets that should have been tried before ``since`` and that no job is going to try."""
    sending = ProcrastinateJob.objects.filter(task_name="exchange.send_packet", status__in=["todo", "doing"])
    jobs = sending.annotate(packet=KT("args__outbox_id")).filter(packet=Cast(OuterRef("pk"), TextField()))
    due = Coalesce("next_attempt_at", "created_at")
    waiting = OutboxPacket.objects.filter(state=OutboxState.WAITING).annotate(due=due)
    return list(waiting.filter(~Exists(jobs), due__lt=since))


def requeue(delivery: Delivery) -> OutboxPacket:
    """Queue the same bytes again for one recipient, by the way that leads there now; the row is locked."""
    earlier = delivery.packet
    assert earlier is not None
    now_by = channel_of(delivery.recipient)
    channel = delivery.channel if now_by is Channel.PAPER else now_by
    packet = OutboxPacket.objects.create(
        agency_id=delivery.agency_id,
        document_id=delivery.document_id,
        kind=PacketKind.EDOC,
        channel=channel,
        sender_code=earlier.sender_code,
        recipients=[delivery.recipient_code],
        sha256=earlier.sha256,
        size=earlier.size,
        priority=earlier.priority,
        created_at=clock.now(),
    )
    Delivery.objects.filter(pk=delivery.pk).update(
        packet=packet,
        channel=channel,
        state=DeliveryState.QUEUED,
        attempts=0,
        failed_at=None,
        next_attempt_at=None,
        last_error="",
        last_error_code="",
    )
    enqueue(packet)
    return packet


def split(packet: OutboxPacket) -> list[OutboxPacket]:
    """Queue a refused packet once per recipient, so that one bad address does not stop the others."""
    return [requeue(delivery) for delivery in packet.deliveries.select_related("packet")]


def _fresh(document: Document, recipients: Sequence[Agency]) -> list[Agency]:
    """The recipients without a delivery of this document yet, each once, in the given order."""
    if not recipients:
        raise rules.NoRecipients
    if not (document.code and document.issued_date and document.document_id):
        raise rules.NotIssued
    known = set(Delivery.objects.filter(document=document).values_list("recipient_id", flat=True))
    unique: dict[UUID, Agency] = {recipient.id: recipient for recipient in recipients}
    return [recipient for recipient in unique.values() if recipient.id not in known]


def _require_addresses(recipients: Sequence[Agency]) -> None:
    for recipient in recipients:
        if not recipient.organ_id and not recipient.address:
            raise rules.NoAddress(name=recipient.name)


def _sealed_files(document: Document) -> list[DocumentFile]:
    files = records.current_files(document)
    if not files:
        raise rules.NotSealed(name=document.subject)
    for file in files:
        if file.stage != FileStage.SEALED:
            raise rules.NotSealed(name=file.name)
    return files


def _delivery(document: Document, recipient: Agency, channel: Channel) -> Delivery:
    return Delivery(
        agency_id=document.agency_id,
        document=document,
        recipient=recipient,
        recipient_code=recipient.organ_id,
        channel=channel,
        queued_at=clock.now(),
    )


def _queue_document(document: Document, blob: Blob, deliveries: Sequence[Delivery]) -> None:
    for channel in (Channel.LOCAL, Channel.AXIS):
        mine = [delivery for delivery in deliveries if delivery.channel == channel]
        if not mine:
            continue
        packet = OutboxPacket.objects.create(
            agency_id=document.agency_id,
            document=document,
            kind=PacketKind.EDOC,
            channel=channel,
            sender_code=_code_of(document.agency),
            recipients=[delivery.recipient_code for delivery in mine],
            sha256=blob.sha256,
            size=blob.size,
            priority=document.urgency,
            created_at=clock.now(),
        )
        for delivery in mine:
            delivery.packet = packet
        enqueue(packet)


def _queue_status(document: Document, packet: StatusPacket, told: Agency) -> None:
    """Write and queue a status packet unless the same was queued before."""
    code = str(getattr(packet.status_code, "value", packet.status_code))
    key = f"{document.id}:{code}:{packet.response_for.organ_id}"[:100]
    if OutboxPacket.objects.filter(status_key=key).exists():
        return
    blob = packets.save(packet)
    try:
        with transaction.atomic():
            row = OutboxPacket.objects.create(
                agency_id=document.agency_id,
                document=document,
                kind=PacketKind.STATUS,
                channel=Channel.LOCAL if told.hosted else Channel.AXIS,
                sender_code=_code_of(document.agency),
                recipients=[packet.response_for.organ_id],
                status_code=code,
                status_key=key,
                sha256=blob.sha256,
                size=blob.size,
                priority=document.urgency or Urgency.NORMAL,
                created_at=clock.now(),
            )
    except IntegrityError:
        return
    enqueue(row)


def _origin(document: Document) -> InboxPacket | None:
    """The packet by which an incoming document came; None for paper and mail."""
    return (
        InboxPacket.objects.filter(
            Q(state=InboxState.TAKEN_IN) | Q(state=InboxState.REFUSED),
            document=document,
            kind=PacketKind.EDOC,
        )
        .select_related("sender")
        .order_by("id")
        .first()
    )


def _code_of(agency: Agency) -> str:
    if not agency.organ_id:
        raise rules.SenderWithoutCode
    return agency.organ_id
