"""What becomes of a received document when its sender takes it back, recalls, updates or replaces it.

Plain functions called inside the room's actions. Owns the effects (NĐ 30/2020 Đ18.4b, PL VI III.8). Refuses to
decide: the rule is ``legal.recalls``, the persons' word is in ``answering``.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.base.worker import CHECKS
from vanthu.cms import is_encrypted, is_signed
from vanthu.directory import queries as directory
from vanthu.edxml import DocumentPacket
from vanthu.edxml.media import media_type
from vanthu.edxml.model import Attachment
from vanthu.exchange import changes, inbox
from vanthu.exchange.change_rules import TAKES_BACK
from vanthu.exchange.models import AnswerState, ChangeKind, InboxPacket, IncomingChange
from vanthu.handling import destroying
from vanthu.handling.models import Assignment, Intake, IntakeVerdict, Stage
from vanthu.handling.rules import progress_of
from vanthu.legal.recalls import Answer, RecallRule, recipient_rule
from vanthu.records import files, queries, sealing
from vanthu.records.models import (
    ENCRYPTED,
    PDF,
    SIGNED,
    Capacity,
    Document,
    DocumentLink,
    FileKind,
    FileStage,
    LinkKind,
    Participation,
    Verb,
    WorkItem,
)
from vanthu.records.participants import ask

UPDATED_FIELDS = ("subject", "urgency", "reply_due", "distribution")
"""What an update may change of a received document beside its files."""

TOLD = (Capacity.DIRECTOR, Capacity.LEAD, Capacity.COLLABORATOR, Capacity.INFORMED)
"""Who had the document in hand and must know that it is gone."""


def rule_for(document: Document) -> RecallRule:
    """By which rule a request about the document is answered now."""
    return recipient_rule(progress_of(document.state))


def meet_at_birth(document: Document, packet: InboxPacket, actor: Actor) -> None:
    """A document just made: apply what its sender asked before it came, and link what replaces it or is replaced.

    So a recall that overtakes its document finds it born recalled.
    """
    link_replacements(packet, document)
    waiting = IncomingChange.objects.select_for_update().filter(about=packet, state=AnswerState.ASKED)
    for request in waiting.order_by("pk"):
        request.about = packet
        rule = rule_for(document)
        if rule.answer is Answer.AGREE:
            agree(document, request, actor, rule)


def agree(
    document: Document, request: IncomingChange, actor: Actor, rule: RecallRule, text: str = ""
) -> None:
    """Let a request take effect and tell the sender (15); document and request are locked."""
    request.rule = rule.cite
    takes_away = request.kind in TAKES_BACK or request.data.get("removed")
    if takes_away:
        cancel(document, request, actor)
    elif request.kind == ChangeKind.UPDATE and document.sealed_at is None:
        update(document, request, actor)
    kind = ChangeKind(request.kind).label.lower()
    changes.answer(request, agreed=True, actor=actor, text=text or f"Đồng ý {kind}")
    WorkItem.objects.filter(document=document, verb=Verb.ANSWER).delete()


def cancel(document: Document, request: IncomingChange, actor: Actor) -> None:
    """Seal content and metadata, end all work on the document, tell those who had it; its arrival number stays."""
    if document.sealed_at is not None:
        return
    at, progress = clock.now(), progress_of(document.state)
    document.state, document.changed_at = Stage.RECALLED, at
    sealing.seal(document, reason=request.reason, by_name=actor.name)
    inbox.hide_subjects(document)
    Assignment.objects.filter(document=document, finished_at=None).update(
        finished_at=at, result="Kết thúc vì văn bản bị thu hồi"
    )
    WorkItem.objects.filter(document=document).delete()
    told = Participation.objects.filter(document=document, capacity__in=TOLD).values_list(
        "principal", flat=True
    )
    for principal in set(told) - {actor.post_id}:
        ask(document, principal, Verb.READ, reason=f"Bên gửi đã thu hồi văn bản: {request.reason}")
    destroying.follow_policy(document, progress, request.reason)


def update(document: Document, request: IncomingChange, actor: Actor) -> None:
    """Take over what the sender changed; earlier values stay with the request, earlier files as earlier versions."""
    request.data = {**request.data, "before": told_of(document)}
    request.save(update_fields=["data"])
    document.subject = request.data["subject"] or document.subject
    document.urgency = request.data["urgency"]
    document.distribution = request.data["distribution"] or document.distribution
    due = request.data["reply_due"]
    document.reply_due = date.fromisoformat(due) if due else document.reply_due
    document.changed_at = clock.now()
    document.save()
    if _file_hashes(request.data["files"]) - _file_hashes(request.data["before"]["files"]):
        store_attachments(document, inbox.packet_of(request.inbox), actor)
        check_anew(document)


def told_of(document: Document) -> dict[str, Any]:
    """What an update is compared with: the document's present values in the shape in which a request keeps them."""
    return {
        "subject": document.subject,
        "urgency": document.urgency,
        "reply_due": document.reply_due.isoformat() if document.reply_due else "",
        "distribution": document.distribution,
        "files": [
            {"name": file.name, "sha256": file.sha256, "size": file.size}
            for file in queries.current_files(document)
        ],
    }


def asked_of(document: Document, rule: RecallRule) -> set[UUID]:
    """The principals who are asked for an answer: the registry, and the leaders to whom the document was submitted."""
    principals: set[UUID] = set()
    if Role.CLERK in rule.asks:
        principals.add(directory.registry_of(document.agency_id))
    if Role.LEADER in rule.asks:
        directors = Participation.objects.filter(document=document, capacity=Capacity.DIRECTOR)
        principals |= set(directors.values_list("principal", flat=True))
    return principals


def link_replacements(packet: InboxPacket, document: Document) -> None:
    """Link the document of a packet to those it replaces and to those that replace it, as far as they are here."""
    newer = IncomingChange.objects.filter(about=packet, kind=ChangeKind.REPLACE).select_related(
        "inbox__document"
    )
    for request in newer:
        _link(request.inbox.document, document)
    older = IncomingChange.objects.filter(inbox=packet, kind=ChangeKind.REPLACE).select_related(
        "about__document"
    )
    for request in older:
        _link(document, request.about.document if request.about else None)


def _link(newer: Document | None, older: Document | None) -> None:
    if newer is not None and older is not None:
        DocumentLink.objects.get_or_create(source=newer, target=older, kind=LinkKind.REPLACES)


def check_anew(document: Document) -> None:
    """Have the changed files checked as they were at the reception."""
    from vanthu.handling.jobs import check

    Intake.objects.filter(document=document).update(verdict=IntakeVerdict.CHECKING, check_attempts=0)
    check.configure(priority=CHECKS + document.urgency).defer(document_id=str(document.pk))


def _file_hashes(told: list[dict[str, Any]]) -> set[str]:
    return {file["sha256"] for file in told}


def store_attachments(document: Document, content: DocumentPacket, actor: Actor) -> None:
    """The first PDF (or the first file) is the document, the others are what came with it; encrypted ones as well."""
    attachments = list(content.attachments)
    mains = [item for item in attachments if _is_pdf(item)] or attachments
    main = mains[0] if mains else None
    ordinal = 0
    for item in attachments:
        is_main = item is main
        with item.content.open() as stream:
            files.add_version(
                document,
                stream,
                kind=FileKind.MAIN if is_main else FileKind.ANNEX,
                stage=FileStage.RECEIVED,
                name=item.safe_name,
                actor=actor,
                media_type=_kind_of(item),
                ordinal=0 if is_main else ordinal,
            )
        ordinal += 0 if is_main else 1


def _kind_of(item: Attachment) -> str:
    """What the sender calls it, unless it is an envelope: then nobody may show it as what it is called."""
    head = item.content.head(64)
    if is_encrypted(head):
        return ENCRYPTED
    return SIGNED if is_signed(head) and item.content_type == PDF else item.content_type


def _is_pdf(item: Attachment) -> bool:
    return media_type(item.name.removesuffix(".p7m")) == PDF
