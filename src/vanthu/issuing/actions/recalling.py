"""The verbs over a document that is out: take back, recall, update; propose, decide, drop; answers and paper.

Undoing a wrong sending is the clerk's; to recall or update an issued document is decided by a leader, the clerk
proposes (``legal.recalls``; NĐ 30/2020 Đ18.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, NotYours, Role, RoleRequired, system_actor
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency
from vanthu.edxml.codes import BusinessType
from vanthu.edxml.model import Business, Replacement
from vanthu.exchange import changes, outbox
from vanthu.exchange.change_rules import (
    NOT_REGISTERED_YET,
    DocumentFrozen,
    NotAsked,
    NothingToTakeBack,
    NotPaper,
    UnknownRecipients,
)
from vanthu.exchange.models import (
    AnswerState,
    Change,
    ChangeKind,
    ChangeState,
    ChangeTarget,
    Channel,
    Delivery,
    DeliveryState,
)
from vanthu.exchange.outbox import PacketDetails
from vanthu.formalities import Urgency
from vanthu.issuing.actions.steps import touch
from vanthu.issuing.models import Draft, DraftRecipient, Stage
from vanthu.issuing.rules import (
    ChangeWithoutReason,
    NothingUpdated,
    OneDecisionAtATime,
    UpdateData,
    require_stage,
)
from vanthu.legal.recalls import DECIDED_BY, SENDER_CITATIONS
from vanthu.records import queries, sealing
from vanthu.records.models import Capacity, Direction, Document, LinkKind, Verb
from vanthu.records.participants import ask, done, include, require_step

UPDATED = ("subject", "urgency", "reply_due", "distribution")
"""Metadata that an update may change; number, date, files and signatures of an issued document never do."""


@action
def take_back(actor: Actor, document_id: UUID, deliveries: Sequence[UUID], reason: str) -> Change:
    """Ask recipients that have not registered the document to give it back (status 13, QĐ 28/2018 Đ9).

    Raises ``RoleRequired``, ``NotYours``, :class:`ChangeWithoutReason`, ``UnknownRecipients``, ``NothingToTakeBack``.
    """
    actor.require(DECIDED_BY["TAKE_BACK"])
    document = _issued(actor, document_id)
    sent = _chosen(document, deliveries)
    eligible = [delivery for delivery in sent if delivery.state in NOT_REGISTERED_YET]
    if not eligible:
        raise NothingToTakeBack
    change = _decided(_change(actor, document, ChangeKind.TAKE_BACK, reason), actor)
    changes.ask(change, eligible, actor=actor)
    _record(actor, "issuing.take_back", change, [delivery.recipient.name for delivery in eligible])
    return change


@action
def recall(actor: Actor, document_id: UUID, reason: str, decision: str = "") -> Change:
    """Recall an issued document: a leader decides at once, a clerk proposes to the leader (NĐ 30/2020 Đ18.4).

    ``decision`` names the paper by which it was decided, if there is one. Raises ``RoleRequired``, ``NotYours``,
    :class:`ChangeWithoutReason`, :class:`OneDecisionAtATime`, ``DocumentFrozen``.
    """
    document = _issued(actor, document_id)
    change = _change(actor, document, ChangeKind.RECALL, reason, decision)
    return _decide_or_propose(actor, change)


@action
def update_issued(actor: Actor, document_id: UUID, data: UpdateData, reason: str) -> Change:
    """Change what is said of an issued document, or to whom it goes (QCVN 102:2016, type 2).

    Raises what :func:`recall` raises, ``UnknownRecipients``, :class:`NothingUpdated`.
    """
    document = _issued(actor, document_id)
    change = _change(actor, document, ChangeKind.UPDATE, reason)
    change.data = _differences(document, data)
    return _decide_or_propose(actor, change)


@action
def decide_change(actor: Actor, document_id: UUID, change_id: UUID) -> Change:
    """The leader decides as the clerk proposed: it takes effect. Raises ``NotYours``, ``NotYourStep``, ``NotAsked``."""
    change = _proposed(actor, document_id, change_id)
    _carry_out(actor, _decided(change, actor))
    done(change.document, Verb.DECIDE)
    _record(actor, "issuing.change_decided", change)
    return change


@action
def drop_change(actor: Actor, document_id: UUID, change_id: UUID, reason: str) -> Change:
    """The leader decides against it, with a reason for whoever proposed. Raises what :func:`decide_change` raises."""
    if not reason.strip():
        raise ChangeWithoutReason
    change = _proposed(actor, document_id, change_id)
    change.state, change.drop_reason = ChangeState.DROPPED, reason.strip()
    change.decided_by_id, change.decided_at = actor.own_post, clock.now()
    change.save()
    done(change.document, Verb.DECIDE)
    ask(
        change.document, change.proposed_by_id, Verb.FOLLOW, reason=f"Lãnh đạo không đồng ý: {reason.strip()}"
    )
    _record(actor, "issuing.change_dropped", change)
    return change


@action
def paper_returned(actor: Actor, document_id: UUID, target_id: UUID) -> ChangeTarget:
    """Note that a paper copy came home (NĐ 30/2020 Đ18.4a). Raises ``RoleRequired``, ``NotYours``, ``NotPaper``."""
    actor.require(Role.CLERK)
    document = queries.locked(actor, document_id, Direction.OUTGOING)
    found = ChangeTarget.objects.select_for_update(of=("self",)).select_related(
        "delivery__recipient", "change"
    )
    target = found.filter(pk=target_id, change__document=document).first()
    if target is None:
        raise NotYours
    if target.delivery.channel != Channel.PAPER:
        raise NotPaper
    if target.state != AnswerState.ASKED:
        raise NotAsked
    target.state, target.answered_at = AnswerState.RETURNED, clock.now()
    target.answered_by = actor.name[:200]
    target.save()
    Delivery.objects.filter(pk=target.delivery_id).update(state=DeliveryState.RECALLED)
    _record(actor, "issuing.paper_returned", target.change, [target.delivery.recipient.name])
    return target


@action
def notice_answer(target_id: UUID) -> None:
    """A recipient answered: a refusal becomes work for the registry and the drafter; running twice is harmless."""
    target = ChangeTarget.objects.select_related("change__document", "delivery__recipient").get(pk=target_id)
    document = Document.objects.select_for_update().get(pk=target.change.document_id)
    actor = system_actor(document.agency_id)
    name, refused = target.delivery.recipient.name, target.state == AnswerState.REFUSED
    kind = ChangeKind(target.change.kind).label.lower()
    said = f"{name} từ chối {kind}: {target.answer}" if refused else f"{name} đồng ý {kind}"
    if refused:
        drafter = Draft.objects.filter(document=document).values_list("drafter_id", flat=True)
        for principal in {directory.registry_of(document.agency_id), *drafter}:
            ask(document, principal, Verb.FOLLOW, reason=said)
    data = {"recipient": name, "state": target.state, "reason": said, "change": str(target.change_id)}
    record(actor, "issuing.change_answered", kind="document", object_id=document.pk, data=data)


def replacement_details(document: Document, recipients: Sequence[Agency]) -> PacketDetails:
    """What the packet says of the documents that this one replaces (QCVN 102:2016, 2.2.7); a new one when it does not.

    Each replaced document is named with those recipients that had it.
    """
    replaced = _replaced(document)
    if not replaced:
        return PacketDetails()
    codes = {agency.pk: agency.organ_id for agency in recipients}
    having = Delivery.objects.filter(document__in=replaced, recipient__in=codes)
    holders = having.values_list("document_id", "recipient_id")
    replacements = tuple(
        Replacement(old.document_id, tuple(codes[key] for owner, key in holders if owner == old.pk))
        for old in replaced
    )
    said = ", ".join(old.code for old in replaced)
    business = Business(BusinessType.REPLACE, f"Thay thế văn bản số {said}", replacements=replacements)
    return PacketDetails(business=business)


def replace_earlier(actor: Actor, document: Document, recipients: Sequence[Agency]) -> dict[str, list[str]]:
    """The earlier documents are replaced and frozen from now on; called inside the dispatch (NĐ 30/2020 Đ18.3).

    Who has one of them and does not get the new one is asked to give it back (status 13), unless the draft says not to.
    Returns those by the number of what they are to give back.
    """
    draft = Draft.objects.get(document=document)
    asked: dict[str, list[str]] = {}
    for old in _replaced(document):
        if old.state == Stage.ISSUED:
            left_out = _left_out(old, recipients) if draft.recall_left_out else []
            if left_out:
                changes.ask(_replacing(draft, document, old), left_out, actor=actor)
                asked[old.code] = [
                    delivery.recipient_code or delivery.recipient.name for delivery in left_out
                ]
            old.state = Stage.REPLACED
            touch(old, "state")
        sealing.freeze(old)
    return asked


def _left_out(old: Document, recipients: Sequence[Agency]) -> list[Delivery]:
    keys = {agency.pk for agency in recipients}
    return [delivery for delivery in _holding(old) if delivery.recipient_id not in keys]


def _replacing(draft: Draft, document: Document, old: Document) -> Change:
    """The decision that follows from a replacement: drafted and signed with it."""
    return Change.objects.create(
        agency_id=old.agency_id,
        document=old,
        kind=ChangeKind.TAKE_BACK,
        state=ChangeState.DECIDED,
        reason=draft.recall_reason or f"Văn bản được thay thế bởi văn bản số {document.code}.",
        decision=document.code[:200],
        proposed_by_id=draft.drafter_id,
        decided_by_id=draft.signer_id,
        at=clock.now(),
        decided_at=clock.now(),
    )


def _replaced(document: Document) -> list[Document]:
    """What the document replaces, locked in one order."""
    links = document.links.filter(kind=LinkKind.REPLACES).values("target_id")
    return list(Document.objects.select_for_update().filter(pk__in=links).order_by("pk"))


def proposal_of(document: Document) -> QuerySet[Change]:
    """What waits for the leader's decision."""
    return Change.objects.filter(document=document, state=ChangeState.PROPOSED)


def _issued(actor: Actor, document_id: UUID) -> Document:
    if not (actor.has(Role.CLERK) or actor.has(Role.LEADER)):
        raise RoleRequired(role="văn thư hoặc lãnh đạo")
    document = queries.locked(actor, document_id, Direction.OUTGOING)
    if document.frozen_at is not None:
        raise DocumentFrozen
    require_stage(document.state, Stage.ISSUED)
    return document


def _chosen(document: Document, keys: Sequence[UUID]) -> list[Delivery]:
    found = Delivery.objects.select_for_update(of=("self",)).select_related("recipient", "document__agency")
    chosen = list(found.filter(document=document, pk__in=keys).order_by("pk"))
    if not chosen or len(chosen) != len(set(keys)):
        raise UnknownRecipients
    return chosen


def _change(actor: Actor, document: Document, kind: ChangeKind, reason: str, decision: str = "") -> Change:
    if not reason.strip():
        raise ChangeWithoutReason
    if proposal_of(document).exists():
        raise OneDecisionAtATime
    return Change(
        agency_id=document.agency_id,
        document=document,
        kind=kind,
        state=ChangeState.PROPOSED,
        reason=reason.strip(),
        decision=decision.strip()[:200],
        proposed_by_id=actor.own_post,
        at=clock.now(),
    )


def _decide_or_propose(actor: Actor, change: Change) -> Change:
    if actor.has(DECIDED_BY[change.kind]):
        _carry_out(actor, _decided(change, actor))
        _record(actor, "issuing.change_decided", change)
        return change
    change.save()
    for leader in _deciders(change.document):
        include(change.document, leader, Capacity.SIGNER)
        kind = ChangeKind(change.kind).label.lower()
        ask(change.document, leader, Verb.DECIDE, reason=f"Đề nghị {kind}: {change.reason}")
    _record(actor, "issuing.change_proposed", change)
    return change


def _deciders(document: Document) -> list[UUID]:
    """Who signed, while still a leader; else every leader (NĐ 30/2020 Đ13)."""
    leaders = list(directory.holders(document.agency_id, Role.LEADER).values_list("pk", flat=True))
    signer = Draft.objects.filter(document=document).values_list("signer_id", flat=True).first()
    return [signer] if signer in leaders and signer else leaders


def _decided(change: Change, actor: Actor) -> Change:
    change.state = ChangeState.DECIDED
    change.decided_by_id, change.decided_at = actor.own_post, clock.now()
    change.save()
    return change


def _proposed(actor: Actor, document_id: UUID, change_id: UUID) -> Change:
    document = queries.locked(actor, document_id, Direction.OUTGOING)
    change = Change.objects.select_for_update(of=("self",)).filter(pk=change_id, document=document).first()
    if change is None:
        raise NotYours
    if change.state != ChangeState.PROPOSED:
        raise NotAsked
    require_step(actor, document, Verb.DECIDE, state_label=Stage(document.state).label)
    actor.require(DECIDED_BY[change.kind])
    change.document = document
    return change


def _carry_out(actor: Actor, change: Change) -> None:
    if change.kind == ChangeKind.RECALL:
        _carry_out_recall(actor, change)
    else:
        _carry_out_update(actor, change)


def _carry_out_recall(actor: Actor, change: Change) -> None:
    """Freeze the document and its metadata, then ask every recipient (PL VI III.8.a)."""
    document = change.document
    changes.ask(change, _holding(document), actor=actor)
    document.state = Stage.RECALLED
    touch(document, "state")
    sealing.freeze(document)
    done(document, Verb.FOLLOW)


def _carry_out_update(actor: Actor, change: Change) -> None:
    """Apply the change here, send to those added, ask those whom it concerns."""
    document = change.document
    concerned = [delivery for delivery in _holding(document) if _concerns(change, delivery)]
    for name, value in change.data["after"].items():
        setattr(document, name, value or (None if name == "reply_due" else value))
    document.changed_at = clock.now()
    document.save()
    document.refresh_from_db()
    added = list(Agency.objects.filter(pk__in=change.data["added_keys"]).prefetch_related("identifiers"))
    _add(document, added, actor)
    if concerned:
        changes.ask(change, concerned, actor=actor)


def _concerns(change: Change, delivery: Delivery) -> bool:
    """Whoever is taken off; whoever has it electronically, when what is said of the document changes."""
    by_wire = delivery.channel != Channel.PAPER
    return changes.takes_away(change, delivery) or bool(by_wire and change.data["after"])


def _add(document: Document, added: Sequence[Agency], actor: Actor) -> None:
    if not added:
        return
    for agency in added:
        DraftRecipient.objects.get_or_create(document=document, agency=agency)
    if document.restriction:
        outbox.dispatch_paper(document, added)
    else:
        outbox.dispatch(document, added, actor=actor)


def _holding(document: Document) -> list[Delivery]:
    """Deliveries of recipients that have the document, or will."""
    found = Delivery.objects.select_for_update(of=("self",)).filter(document=document)
    found = found.exclude(state__in=changes.NOT_ASKED).select_related(
        "recipient", "document__agency", "agency"
    )
    return list(found.order_by("pk"))


def _differences(document: Document, data: UpdateData) -> dict[str, Any]:
    """Before and after of what changes, and who is added or taken off; raises :class:`NothingUpdated`."""
    wanted = {
        "subject": " ".join(data.subject.split())[:500] or document.subject,
        "urgency": int(Urgency(data.urgency)),
        "reply_due": data.reply_due,
        "distribution": [line.strip() for line in data.distribution if line.strip()] or document.distribution,
    }
    changed = {name: value for name, value in wanted.items() if getattr(document, name) != value}
    having = {str(delivery.recipient_id): delivery for delivery in _holding(document)}
    added = Agency.objects.filter(pk__in=data.added).exclude(pk=document.agency_id).exclude(pk__in=having)
    if set(data.removed) - set(having):
        raise UnknownRecipients
    found = {
        "before": {name: _plain(getattr(document, name)) for name in changed},
        "after": {name: _plain(value) for name, value in changed.items()},
        "added": [agency.organ_id for agency in added],
        "added_keys": [str(agency.pk) for agency in added],
        "removed": [having[key].recipient_code for key in data.removed],
        "removed_keys": list(data.removed),
    }
    if not (changed or found["added_keys"] or found["removed_keys"]):
        raise NothingUpdated
    return found


def _plain(value: Any) -> Any:
    return (
        value.isoformat()
        if hasattr(value, "isoformat")
        else value or ([] if isinstance(value, list) else value)
    )


def _record(actor: Actor, verb: str, change: Change, names: Sequence[str] = ()) -> None:
    data = {
        "change": str(change.pk),
        "kind": change.kind,
        "reason": change.drop_reason or change.reason,
        "decision": change.decision,
        "rule": SENDER_CITATIONS[change.kind],
        "recipients": list(names),
        "data": change.data,
    }
    record(actor, verb, kind="document", object_id=change.document_id, data=data)
