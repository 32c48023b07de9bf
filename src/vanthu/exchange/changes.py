"""Take-back, recall, update and replacement on their way: plain functions called inside actions, on both sides.

The sender's half asks recipients and reads their answers; the recipient's half finds the document that a request is
about, whichever of the two came first, and answers. Refuses to decide who may ask or agree: ``issuing`` and
``handling`` do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from vanthu.base import clock
from vanthu.base.actors import Actor, system_actor
from vanthu.base.announcements import announce
from vanthu.base.locks import hold
from vanthu.directory.models import Agency
from vanthu.edxml.codes import BusinessType, StatusCode
from vanthu.edxml.model import Business, DocumentChange, DocumentPacket, ReceiverChange, StatusPacket
from vanthu.exchange import outbox, packets
from vanthu.exchange.announcements import ChangeAnswered, ChangeAsked
from vanthu.exchange.change_rules import (
    BUSINESS_OF,
    CLOSED,
    KIND_OF,
    TAKES_BACK,
    Asking,
    DocumentFrozen,
    Event,
    OrphanChange,
    ended_by,
    ordinary,
    replies,
)
from vanthu.exchange.models import (
    AnswerState,
    Change,
    ChangeKind,
    ChangeTarget,
    Channel,
    Delivery,
    DeliveryState,
    InboxPacket,
    InboxState,
    IncomingChange,
    PacketKind,
)
from vanthu.exchange.rules import Restricted
from vanthu.identifiers import same
from vanthu.records.models import Document

BRINGS_A_DOCUMENT = (BusinessType.NEW.value, BusinessType.REPLACE.value)
NOT_ASKED = frozenset({DeliveryState.FAILED, DeliveryState.RECALLED})
"""Deliveries that have nothing to give back."""


# The sender's side


def require_open(document: Document) -> None:
    """Raise ``DocumentFrozen`` for a document that was recalled or replaced (PL VI III.8.a)."""
    if document.frozen_at is not None:
        raise DocumentFrozen


def ask(change: Change, deliveries: Sequence[Delivery], *, actor: Actor) -> list[ChangeTarget]:
    """Ask each recipient to agree: a status 13, or an edXML packet of the kind; paper is noted (NĐ 30/2020 Đ18.4a).

    Each recipient gets a packet of its own, so that one bad address stops nobody else. What was asked of the same
    recipients before and has no answer ends.
    """
    ChangeTarget.objects.filter(
        delivery__in=deliveries, state=AnswerState.ASKED, change__kind__in=ended_by(change.kind)
    ).exclude(change=change).update(state=AnswerState.ENDED)
    for delivery in deliveries:
        delivery.document = change.document  # as it is now, whenever the row was read
    electronic = [delivery for delivery in deliveries if delivery.channel != Channel.PAPER]
    carried = _carried(change, electronic, actor)
    return ChangeTarget.objects.bulk_create(
        ChangeTarget(change=change, delivery=delivery, packet=carried.get(delivery.pk), asked_at=clock.now())
        for delivery in deliveries
    )


def _carried(change: Change, deliveries: Sequence[Delivery], actor: Actor) -> dict[UUID, Any]:
    """The packet that goes to each recipient."""
    if not deliveries:
        return {}
    if change.kind == ChangeKind.TAKE_BACK:
        return {
            delivery.pk: outbox.take_back(
                delivery, actor=actor, reason=change.reason, key=f"{change.pk}:{delivery.pk}"
            )
            for delivery in deliveries
        }
    document = change.document
    if document.restriction:
        raise Restricted(label=document.get_restriction_display())
    details = packets.PacketDetails(
        business=Business(
            doc_type=BUSINESS_OF[ChangeKind(change.kind)],
            reason=change.reason,
            document_id=document.document_id,
            infos=_infos(change),
        )
    )
    return outbox.request(deliveries, actor=actor, details=details, document_id=_packet_id(change))


def _packet_id(change: Change) -> str:
    """The identifier of the request's packet.

    A first recall carries the document's own, as the vendor's kit does. What may come more than once gets one of its
    own, for an axis takes the same identifier and kind for a repetition.
    """
    earlier = Change.objects.filter(document=change.document, kind=change.kind).exclude(pk=change.pk)
    if change.kind == ChangeKind.RECALL and not earlier.exists():
        return change.document.document_id
    return str(change.pk)


def _infos(change: Change) -> tuple[DocumentChange, ...]:
    if change.kind != ChangeKind.UPDATE:
        return ()
    removed, added = change.data.get("removed", []), change.data.get("added", [])
    receivers = [ReceiverChange(code, 0) for code in removed] + [ReceiverChange(code, 1) for code in added]
    return (
        DocumentChange(
            document_info=bool(change.data.get("after")),
            document_receiver=bool(receivers),
            receivers=tuple(receivers),
        ),
    )


def note_answers(delivery: Delivery) -> None:
    """Read what a recipient reported (15, 16; of a recall 02, 03 too) as answers; the delivery's row is locked."""
    targets = _targets(delivery)
    found = replies(_askings(targets), _events(delivery)) if targets else []
    for target, reply in zip(targets, found, strict=True):
        if reply is not None and target.state not in CLOSED and target.state != reply.state:
            target.state = reply.state
            target.answered_at, target.answered_by = reply.event.at, reply.event.staff
            target.answer, target.answer_code = reply.event.description, reply.event.code
            target.save(update_fields=["state", "answered_at", "answered_by", "answer", "answer_code"])
            announce(ChangeAnswered(target.pk, target.state == AnswerState.AGREED))


def reported(delivery: Delivery) -> list[Event]:
    """What a recipient reported of the document's own way; refusals of a recall are left out."""
    events = _events(delivery)
    targets = _targets(delivery)
    return ordinary(_askings(targets), events) if targets else events


def _targets(delivery: Delivery) -> list[ChangeTarget]:
    return list(delivery.change_targets.select_related("change").order_by("asked_at", "pk"))


def _askings(targets: Sequence[ChangeTarget]) -> list[Asking]:
    return [Asking(target.asked_at, target.change.kind) for target in targets]


def _events(delivery: Delivery) -> list[Event]:
    return [Event(row.code, row.at, row.staff, row.description) for row in delivery.statuses.all()]


def given_back(delivery: Delivery) -> bool:
    """Whether the recipient gave the document back, or sent the paper home."""
    agreed = delivery.change_targets.filter(state__in=CLOSED).select_related("change")
    return any(takes_away(target.change, delivery) for target in agreed)


def takes_away(change: Change, delivery: Delivery) -> bool:
    """Whether this recipient loses the document by the change."""
    return change.kind in TAKES_BACK or str(delivery.recipient_id) in change.data.get("removed_keys", [])


# The recipient's side


@dataclass(frozen=True)
class Asked:
    """What a packet asks, whatever its shape: the documents by identifier, else one by number and date."""

    kind: ChangeKind
    about: tuple[str, ...]
    reason: str = ""
    code: str = ""
    issued: date | None = None
    data: dict[str, Any] = field(default_factory=dict)


def asked_by_status(packet: StatusPacket) -> Asked:
    """A take-back (13)."""
    response = packet.response_for
    return Asked(
        ChangeKind.TAKE_BACK,
        (response.document_id.strip()[:500],),
        packet.description,
        response.code,
        response.promulgation_date,
    )


def asked_by_document(packet: DocumentPacket, agency: Agency) -> Asked | None:
    """A recall, an update or a replacement; None for a new document and kinds that the standard lacks."""
    kind = KIND_OF.get(int(packet.business_type))
    if kind is None or packet.business is None:
        return None
    about = tuple(dict.fromkeys(identifier.strip()[:500] for identifier in packet.acts_on))
    return Asked(
        kind,
        about,
        packet.business.reason,
        packet.code if kind is not ChangeKind.REPLACE else "",
        packet.promulgation_date,
        _told(packet, agency) if kind is ChangeKind.UPDATE else {},
    )


def _told(packet: DocumentPacket, agency: Agency) -> dict[str, Any]:
    """What an update says the document is now, kept so that pages need not read the packet again."""
    assert packet.business is not None
    codes = set(agency.identifiers.values_list("code", flat=True))
    changes = [change for info in packet.business.infos for change in info.receivers]
    return {
        "subject": packet.subject[:500],
        "urgency": min(max(packet.priority, 0), 4),
        "reply_due": packet.due_date.isoformat() if packet.due_date else "",
        "distribution": list(packet.to_places),
        "files": [
            {"name": item.safe_name, "sha256": item.content.sha256, "size": item.content.size}
            for item in packet.attachments
        ],
        "removed": any(change.organ_id in codes and change.receiver_type == 0 for change in changes),
        "receivers": [[change.organ_id, change.receiver_type] for change in changes],
    }


def hold_documents(agency: Agency, sender: Agency, identifiers: Iterable[str]) -> None:
    """Keep a document and the requests about it from missing each other when both arrive at once."""
    hold(f"{agency.pk}:{sender.pk}:{packets.spellings(known)[1]}" for known in identifiers if known.strip())


def open_requests(row: InboxPacket, asked: Asked) -> list[IncomingChange]:
    """Keep what a stored packet asks, one request per document; the row is saved, the documents are held.

    A request for a document that is not here waits for it. The same request again is no new one, but its sender is
    told again what was answered. A newer request ends an older one about the same document.
    """
    assert row.agency and row.sender
    opened = []
    for wire_id in asked.about:
        about = _about(row, wire_id, asked)
        if about is None and asked.kind is ChangeKind.REPLACE and same(wire_id, row.wire_id):
            continue  # it names itself: some systems replace a document under its own identifier
        earlier = _earlier(row, about, wire_id)
        repeated = next((known for known in earlier if _repeats(row, known, asked, wire_id)), None)
        if repeated is not None:
            answer_again(repeated, row)
            continue
        for known in earlier:
            if known.state == AnswerState.ASKED and known.kind in ended_by(asked.kind):
                known.state = AnswerState.ENDED
                known.save(update_fields=["state"])
        opened.append(_opened(row, asked, wire_id, about))
    return opened


def _opened(row: InboxPacket, asked: Asked, wire_id: str, about: InboxPacket | None) -> IncomingChange:
    assert row.agency and row.sender
    request, _ = IncomingChange.objects.update_or_create(
        inbox=row,
        wire_id=wire_id,
        defaults={
            "agency": row.agency,
            "sender": row.sender,
            "kind": asked.kind,
            "reason": asked.reason,
            "asked_at": row.received_at,
            "data": asked.data,
            "state": AnswerState.WAITING,
        },
    )
    if about is not None:
        found_document(request, about)
    return request


def found_document(request: IncomingChange, about: InboxPacket) -> None:
    """The document that a request is about is here: somebody must answer, or the system does."""
    request.about = about
    replaces = request.kind == ChangeKind.REPLACE
    request.state = AnswerState.AGREED if replaces else AnswerState.ASKED
    request.save(update_fields=["about", "state"])
    if not replaces:
        announce(ChangeAsked(request.agency_id, request.pk), priority=about.priority)


def match(request: IncomingChange, about: InboxPacket) -> None:
    """A clerk found the document that a waiting request is about; both rows are locked.

    Like a request that named it: it ends an older one, and a replacement is told of too, so that the two are linked.
    """
    earlier = IncomingChange.objects.filter(
        about=about, state=AnswerState.ASKED, kind__in=ended_by(request.kind)
    )
    earlier.exclude(pk=request.pk).update(state=AnswerState.ENDED)
    found_document(request, about)
    if request.kind == ChangeKind.REPLACE:
        announce(ChangeAsked(request.agency_id, request.pk), priority=about.priority)


def waiting_for(row: InboxPacket) -> list[IncomingChange]:
    """Requests that came before the document in this packet; recalls last, so that they prevail."""
    waiting = IncomingChange.objects.filter(
        agency=row.agency,
        sender=row.sender,
        state=AnswerState.WAITING,
        wire_id__in=packets.spellings(row.wire_id),
    )
    waiting = waiting.exclude(inbox=row).exclude(inbox__state=InboxState.DISCARDED)
    return list(waiting.select_related("inbox").order_by("pk"))


def meet(row: InboxPacket) -> None:
    """A document packet was stored: requests that waited for it are about it now and leave the quarantine."""
    for request in waiting_for(row):
        found_document(request, row)
        InboxPacket.objects.filter(pk=request.inbox_id, state=InboxState.QUARANTINED).update(
            state=InboxState.TAKEN_IN, first=row, error_code="", error_text="", must_act=""
        )


def orphan(row: InboxPacket, asked: Asked) -> OrphanChange:
    """Why a request lies in quarantine."""
    name = row.sender_name or row.sender_code
    return OrphanChange(
        name=name, kind=asked.kind.label.lower(), document=asked.code or ", ".join(asked.about)
    )


def answer(request: IncomingChange, *, agreed: bool, actor: Actor, text: str) -> None:
    """Answer a request with 15 or 16 and keep who did; the request's row is locked."""
    assert request.about is not None and request.about.document is not None
    code = StatusCode.CHANGE_AGREED if agreed else StatusCode.CHANGE_REFUSED
    request.state = AnswerState.AGREED if agreed else AnswerState.REFUSED
    request.answered_at, request.answered_by, request.answer = clock.now(), actor.name[:200], text
    request.save(update_fields=["state", "answered_at", "answered_by", "answer", "rule"])
    outbox.answer_change(
        request.about.document, request.about, code, actor=actor, description=text, key=f"{request.pk}:{code}"
    )


def answer_again(request: IncomingChange, row: InboxPacket) -> None:
    """The sender repeats what was agreed to: it is told once more, for the first answer may have been lost."""
    if request.state != AnswerState.AGREED or request.kind == ChangeKind.REPLACE:
        return
    assert request.about is not None and request.about.document is not None
    outbox.answer_change(
        request.about.document,
        request.about,
        StatusCode.CHANGE_AGREED,
        actor=system_actor(request.agency_id),
        description=request.answer,
        key=f"{row.pk}:{StatusCode.CHANGE_AGREED}",
    )


def _about(row: InboxPacket, identifier: str, asked: Asked) -> InboxPacket | None:
    """The packet that brought the document, locked; by identifier, else by number and date when that is unambiguous."""
    brought = InboxPacket.objects.select_for_update(of=("self",)).filter(
        agency=row.agency,
        sender=row.sender,
        kind=PacketKind.EDOC,
        business_type__in=BRINGS_A_DOCUMENT,
        state__in=[InboxState.STORED, InboxState.TAKEN_IN, InboxState.REFUSED],
    )
    brought = brought.exclude(pk=row.pk)
    found = brought.filter(wire_id__in=packets.spellings(identifier)).order_by("-pk").first()
    if found is not None or not (asked.code and asked.issued):
        return found
    by_code = brought.filter(code__in=packets.spellings(asked.code), promulgation_date=asked.issued)
    candidates = list(by_code[:2])
    return candidates[0] if len(candidates) == 1 else None


def _earlier(row: InboxPacket, about: InboxPacket | None, wire_id: str) -> list[IncomingChange]:
    """What the sender asked of the same document before and is not refused or ended."""
    known = IncomingChange.objects.filter(
        agency=row.agency,
        sender=row.sender,
        state__in=[AnswerState.WAITING, AnswerState.ASKED, AnswerState.AGREED],
    ).exclude(inbox=row)
    known = known.exclude(inbox__state=InboxState.DISCARDED).select_related("inbox", "about__document")
    if about is not None:
        return list(known.filter(about=about))
    return list(known.filter(about=None, wire_id__in=packets.spellings(wire_id)))


def _repeats(row: InboxPacket, known: IncomingChange, asked: Asked, wire_id: str) -> bool:
    if known.kind != asked.kind:
        return False
    if asked.kind in TAKES_BACK or known.inbox.sha256 == row.sha256:
        return True
    return known.inbox.wire_id == row.wire_id and not same(row.wire_id, wire_id)


def asked_before(document_id: UUID) -> list[IncomingChange]:
    """Every request about a received document, oldest first, and what it replaces that is not here; one query."""
    unmet = Q(inbox__document_id=document_id, kind=ChangeKind.REPLACE, state=AnswerState.WAITING)
    found = IncomingChange.objects.filter(Q(about__document_id=document_id) | unmet)
    return list(found.select_related("sender", "inbox").order_by("pk"))
