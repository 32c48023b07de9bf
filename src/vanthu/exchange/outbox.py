"""Sending: plain functions that other rooms call inside their actions, in the same transaction.

Owns the rows that a dispatch leaves behind and the jobs that follow from it. Refuses to decide whether a
document may be issued; it only refuses what must never travel.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

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
from vanthu.edxml.model import Attachment, DocumentPacket, Organization, ResponseFor, StatusPacket
from vanthu.exchange import axes, completeness, decisions, encrypting, packets, routes, rules
from vanthu.exchange.axes import Axis
from vanthu.exchange.decisions import Decision
from vanthu.exchange.models import (
    Channel,
    Delivery,
    DeliveryState,
    InboxPacket,
    InboxState,
    OutboxPacket,
    OutboxState,
    PacketKind,
    Transport,
)
from vanthu.exchange.packets import PacketDetails
from vanthu.exchange.profiles import STANDARD
from vanthu.exchange.routes import Route
from vanthu.formalities import CirculationRestriction, Urgency
from vanthu.legal.channels import Verdict
from vanthu.records import queries as records
from vanthu.records.models import Document, DocumentFile, FileStage
from vanthu.vxp import VxpUnreachable

__all__ = [
    "PacketDetails",
    "answer_change",
    "dispatch",
    "dispatch_paper",
    "report_status",
    "request",
    "require_certificates",
    "take_back",
]

NEW = PacketDetails()
WITHOUT_DELIVERY = Q(kind=PacketKind.STATUS) | Q(change_targets__isnull=False)
"""Packets that bring no document to anybody: statuses, and requests about documents that are out."""


def dispatch(
    document: Document, recipients: Sequence[Agency], *, actor: Actor, packet_details: PacketDetails = NEW
) -> list[Delivery]:
    """Queue an issued document for its recipients; one delivery each, and one packet per channel and axis.

    Recipients that already have a delivery of this document are left as they are. ``sent_at`` stays empty
    until the axis, or the other mailbox on this site, has it (R3). Raises :class:`rules.Restricted`,
    :class:`rules.NotIssued`, :class:`rules.NotSealed`, :class:`rules.NoRecipients`, :class:`rules.NoAddress`,
    :class:`rules.SenderWithoutCode`, :class:`rules.ChannelRefused`, :class:`rules.Incomplete`,
    :class:`rules.TooLongForAxis`, :class:`rules.TooLargeForAxis`, ``LacksCertificate`` and the
    writer's ``NotWritable``.
    """
    if document.restriction:
        raise rules.Restricted(label=CirculationRestriction(document.restriction).label)
    fresh = _fresh(document, recipients)
    _require_addresses(fresh)
    plan = encrypting.plan_of(document, fresh)
    decided = _decisions(document, fresh, plan.posted if plan else ())
    deliveries = {decision.agency.id: _delivery(document, decision) for decision in decided}
    electronic = [decision.route for decision in decided if decision.route.channel is not Channel.PAPER]
    accompanied = {decision.agency.id for decision in decided if decision.with_paper}
    if electronic:
        completeness.require(document, electronic)
    readers = plan.readers([way.agency for way in electronic]) if plan else frozenset()
    files = _sealed_files(document) if electronic else []
    for together in _by_packet(electronic, accompanied, readers):
        paper, encrypted = together[0].agency.id in accompanied, together[0].agency.id in readers
        cipher = together[0].profile.encryption
        packet = packets.document_packet(
            document,
            files,
            sender=packets.organization(document.agency, _code_of(document.agency, together[0].axis)),
            recipients=_named_on(together[0].axis, electronic),
            actor=actor,
            details=replace(packet_details, paper=True) if paper else packet_details,
            attachments=plan.attachments(files, readers, cipher) if plan and encrypted else None,
        )
        for way in together:
            deliveries[way.agency.id].encrypted = encrypted
        _queue_document(document, packet, together[0], [deliveries[way.agency.id] for way in together])
    return Delivery.objects.bulk_create(list(deliveries.values()))


def require_certificates(document: Document, recipients: Sequence[Agency]) -> None:
    """Raise ``LacksCertificate`` when a document that is to be encrypted could not be sent as it was decided.

    For asking before a number is given; :func:`dispatch` asks again.
    """
    plan = encrypting.plan_of(document, recipients)
    if plan is not None:
        decided = _decisions(document, recipients, plan.posted)
        plan.readers([one.agency for one in decided if one.route.channel is not Channel.PAPER])


def dispatch_paper(document: Document, recipients: Sequence[Agency]) -> list[Delivery]:
    """Note recipients that get the document on paper only, as a stamp on it or QĐ 28/2018 Đ7 demands."""
    fresh = _fresh(document, recipients)
    return Delivery.objects.bulk_create(
        [_delivery(document, decision) for decision in _decisions(document, fresh)]
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
    way = _way_back(inbox)
    packet = packets.status_packet(
        inbox,
        packets.organization(document.agency, way.sender),
        code,
        actor=actor,
        description=description.strip(),
        at=at,
    )
    if code is StatusCode.REJECTED:
        InboxPacket.objects.filter(pk=inbox.pk).update(state=InboxState.REFUSED, identity=None)
    _queue_status(document, packet, way)


def take_back(delivery: Delivery, *, actor: Actor, reason: str, key: str) -> OutboxPacket:
    """Ask the recipient to give back a document sent by mistake (status 13, QĐ 28/2018).

    The recipient answers 15 or 16. ``key`` names the request: asking twice under one is asking once. Raises
    :class:`rules.ReasonNeeded`.
    """
    if not reason.strip():
        raise rules.ReasonNeeded
    document = delivery.document
    way = _way_to(delivery)
    packet = StatusPacket(
        sender=packets.organization(document.agency, way.sender),
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
    return _queue_status(document, packet, way, key=key)


def answer_change(
    document: Document, inbox: InboxPacket, code: StatusCode, *, actor: Actor, description: str, key: str
) -> OutboxPacket:
    """Tell the sender of ``inbox`` that a change of its document is agreed to (15) or refused (16).

    ``key`` names the answer: saying it twice is saying it once. Raises :class:`rules.ReasonNeeded`.
    """
    if code.needs_reason and not description.strip():
        raise rules.ReasonNeeded
    way = _way_back(inbox)
    packet = packets.status_packet(
        inbox,
        packets.organization(document.agency, way.sender),
        code,
        actor=actor,
        description=description.strip(),
        at=clock.now(),
    )
    return _queue_status(document, packet, way, key=key)


def request(
    deliveries: Sequence[Delivery], *, actor: Actor, details: PacketDetails, document_id: str
) -> dict[UUID, OutboxPacket]:
    """Queue a packet about a document for those who have it already, by the way it went; delivery → packet.

    ``document_id`` is the packet's own identifier. Each recipient gets a packet of its own, so that one bad address
    stops nobody else. Raises what :func:`dispatch` raises.
    """
    queued: dict[UUID, OutboxPacket] = {}
    for name, encrypted in dict.fromkeys((delivery.axis, delivery.encrypted) for delivery in deliveries):
        together = [one for one in deliveries if (one.axis, one.encrypted) == (name, encrypted)]
        document, way = together[0].document, _way_to(together[0])
        axis = axes.by_name(name) if name else None
        files = _sealed_files(document)
        packet = packets.document_packet(
            document,
            files,
            sender=packets.organization(document.agency, way.sender),
            recipients=[packets.organization(one.recipient, one.recipient_code) for one in together],
            actor=actor,
            details=details,
            attachments=_encrypted_again(together, files, axis) if encrypted else None,
        )
        packet = replace(packet, document_id=document_id)
        blob = packets.save(packets.fitting(packet, axis.profile, axis.title) if axis else packet)
        for delivery in together:
            queued[delivery.pk] = _copy(delivery, way, blob)
    return queued


def _encrypted_again(
    deliveries: Sequence[Delivery], files: Sequence[DocumentFile], axis: Axis | None
) -> tuple[Attachment, ...]:
    """The files for those who got them encrypted before. Raises ``LacksCertificate``."""
    recipients = [delivery.recipient for delivery in deliveries]
    plan = encrypting.plan_again(deliveries[0].document, recipients)
    profile = axis.profile if axis else STANDARD
    return plan.attachments(files, plan.readers(recipients), profile.encryption)


def _copy(delivery: Delivery, way: _Way, blob: Blob) -> OutboxPacket:
    packet = OutboxPacket.objects.create(
        agency_id=delivery.agency_id,
        document_id=delivery.document_id,
        kind=PacketKind.EDOC,
        channel=Channel.AXIS if way.axis else Channel.LOCAL,
        axis=way.axis,
        sender_code=way.sender,
        recipients=[delivery.recipient_code],
        sha256=blob.sha256,
        size=blob.size,
        priority=delivery.document.urgency,
        created_at=clock.now(),
    )
    enqueue(packet)
    return packet


def enqueue(packet: OutboxPacket) -> None:
    """Put the sending of a waiting packet into the job queue, in the present transaction.

    Urgent ones overtake.
    """
    from vanthu.exchange.jobs import send_packet

    job = send_packet.configure(priority=packet.priority, schedule_at=packet.next_attempt_at)
    job.defer(outbox_id=str(packet.id))


def hurry(axis: Axis) -> None:
    """Queue at once what waits only because an axis was silent; patience begins anew.

    Jobs queued for later find their packet sent, or not yet due, and do nothing.
    """
    waiting = OutboxPacket.objects.select_for_update(skip_locked=True).filter(
        state=OutboxState.WAITING, channel=Channel.AXIS, last_error_code=VxpUnreachable.code
    )
    for packet in waiting.filter(next_attempt_at__gt=clock.now()):
        if axes.by_name(packet.axis) != axis:
            continue
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
    """Queue the document again for one recipient, by the way that leads there now; the row is locked.

    The same bytes, but for a recipient's system that could not read them: an axis does not carry those twice, so
    the packet gets the time of this sending.
    """
    earlier = delivery.packet
    assert earlier is not None
    refused = delivery.transport == Transport.REFUSED
    blob = packets.stamped_again(earlier.sha256) if refused else Blob.objects.get(pk=earlier.sha256)
    way = routes.of(delivery.recipient)
    channel, axis = (
        (delivery.channel, delivery.axis) if way.channel is Channel.PAPER else (way.channel, way.axis_name)
    )
    packet = OutboxPacket.objects.create(
        agency_id=delivery.agency_id,
        document_id=delivery.document_id,
        kind=PacketKind.EDOC,
        channel=channel,
        axis=axis,
        sender_code=earlier.sender_code,
        recipients=[delivery.recipient_code],
        sha256=blob.sha256,
        size=blob.size,
        priority=earlier.priority,
        created_at=clock.now(),
    )
    Delivery.objects.filter(pk=delivery.pk).update(
        packet=packet,
        channel=channel,
        axis=axis,
        state=DeliveryState.QUEUED,
        attempts=0,
        failed_at=None,
        transport="",
        transport_at=None,
        transport_text="",
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


def _decisions(
    document: Document, recipients: Sequence[Agency], posted: Collection[UUID] = ()
) -> list[Decision]:
    """How each gets the document. Raises :class:`rules.ChannelRefused`."""
    found = decisions.of_all(
        document.agency,
        recipients,
        type_code=document.type_code,
        restricted=bool(document.restriction),
        says=decisions.said_of(document, [file.name for file in records.current_files(document)]),
        posted=posted,
    )
    for decision in found:
        if decision.rule.verdict is Verdict.REFUSED:
            raise rules.ChannelRefused(sentence=decision.rule.sentence, citation=decision.citation)
    return found


def _delivery(document: Document, decision: Decision) -> Delivery:
    way = decision.route
    return Delivery(
        agency_id=document.agency_id,
        document=document,
        recipient=way.agency,
        recipient_code=way.code,
        channel=way.channel,
        axis=way.axis_name,
        rule=decision.rule.id,
        with_paper=decision.with_paper,
        queued_at=clock.now(),
    )


def _by_packet(
    ways: Sequence[Route], accompanied: Collection[UUID], readers: Collection[UUID]
) -> list[list[Route]]:
    """The electronic ways in groups that share one packet: by axis, by whether paper follows, by encryption."""
    groups: dict[tuple[str, bool, bool], list[Route]] = {}
    for way in ways:
        key = (way.axis_name, way.agency.id in accompanied, way.agency.id in readers)
        groups.setdefault(key, []).append(way)
    return list(groups.values())


def _named_on(axis: Axis | None, everybody: Sequence[Route]) -> list[Organization]:
    """Everybody who gets the document, as packets on an axis name them; who else has it is no secret."""
    codes = routes.codes_on([way.agency for way in everybody], axis)
    return [packets.organization(way.agency, codes[way.agency.id]) for way in everybody]


def _queue_document(
    document: Document, packet: DocumentPacket, way: Route, deliveries: Sequence[Delivery]
) -> None:
    blob = packets.save(packets.fitting(packet, way.profile, way.title))
    if blob.size > way.profile.max_packet_mb << 20:
        raise rules.TooLargeForAxis(axis=way.title, size=blob.size >> 20, limit=way.profile.max_packet_mb)
    row = OutboxPacket.objects.create(
        agency_id=document.agency_id,
        document=document,
        kind=PacketKind.EDOC,
        channel=way.channel,
        axis=way.axis_name,
        sender_code=packet.sender.organ_id,
        recipients=[delivery.recipient_code for delivery in deliveries],
        sha256=blob.sha256,
        size=blob.size,
        priority=document.urgency,
        created_at=clock.now(),
    )
    for delivery in deliveries:
        delivery.packet = row
    enqueue(row)


@dataclass(frozen=True)
class _Way:
    """How a status packet travels: by which axis (empty: on this site) and under which of our identifiers."""

    axis: str
    sender: str


def _way_back(inbox: InboxPacket) -> _Way:
    """By the axis that the document came through; by the way that leads to the sender when it is gone."""
    assert inbox.agency and inbox.sender
    if inbox.source == axes.LOCAL or inbox.sender.hosted:
        return _Way("", _code_of(inbox.agency, None))
    axis = axes.by_name(inbox.source)
    return _Way(axis.name if axis else inbox.source, _code_of(inbox.agency, axis))


def _way_to(delivery: Delivery) -> _Way:
    """By the axis that the document went through."""
    if delivery.recipient.hosted:
        return _Way("", _code_of(delivery.agency, None))
    axis = axes.by_name(delivery.axis)
    return _Way(axis.name if axis else delivery.axis, _code_of(delivery.agency, axis))


def _queue_status(document: Document, packet: StatusPacket, way: _Way, *, key: str = "") -> OutboxPacket:
    """Write and queue a status packet unless the same was queued before."""
    code = str(getattr(packet.status_code, "value", packet.status_code))
    key = key or f"{document.id}:{code}:{packet.response_for.organ_id}"[:100]
    known = OutboxPacket.objects.filter(status_key=key).first()
    if known is not None:
        return known
    blob = packets.save(packet)
    try:
        with transaction.atomic():
            row = OutboxPacket.objects.create(
                agency_id=document.agency_id,
                document=document,
                kind=PacketKind.STATUS,
                channel=Channel.AXIS if way.axis else Channel.LOCAL,
                axis=way.axis,
                sender_code=way.sender,
                recipients=[packet.response_for.organ_id],
                status_code=code,
                status_key=key,
                sha256=blob.sha256,
                size=blob.size,
                priority=document.urgency or Urgency.NORMAL,
                created_at=clock.now(),
            )
    except IntegrityError:
        return OutboxPacket.objects.get(status_key=key)
    enqueue(row)
    return row


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


def _code_of(agency: Agency, axis: Axis | None) -> str:
    code = routes.code_on(agency, axis)
    if not code:
        raise rules.SenderWithoutCode
    return code
