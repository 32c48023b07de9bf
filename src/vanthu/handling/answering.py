"""The verbs of the recipient when a sender takes back, recalls or updates a document: consider, agree, refuse, note."""

from __future__ import annotations

from uuid import UUID

from vanthu.audit.ledger import action, record
from vanthu.base.actors import Actor, NotYours, system_actor
from vanthu.exchange import changes
from vanthu.exchange.change_rules import NotAsked
from vanthu.exchange.models import AnswerState, ChangeKind, InboxPacket, IncomingChange
from vanthu.handling import recalls
from vanthu.handling.models import Stage
from vanthu.handling.rules import RefusalWithoutReason
from vanthu.legal.recalls import Answer
from vanthu.records import queries
from vanthu.records.models import Direction, Document, Verb
from vanthu.records.participants import ask, done, require_step


@action
def consider(request_id: UUID) -> IncomingChange:
    """Answer a request as the rule says, or ask those who must; running twice is harmless (NĐ 30/2020 Đ18.4b).

    A document that is stored but not made yet is left to ``take_in``, which locks the same packet.
    """
    packet = InboxPacket.objects.select_for_update().get(asked_changes=request_id)
    document = packet.document and Document.objects.select_for_update().get(pk=packet.document.pk)
    request = IncomingChange.objects.select_for_update().get(pk=request_id)
    request.about = packet
    actor = system_actor(request.agency_id)
    verb = "handling.change_seen"
    if document is not None and request.kind == ChangeKind.REPLACE:
        recalls.link_replacements(packet, document)
    if document is not None and request.state == AnswerState.ASKED:
        rule = recalls.rule_for(document)
        if rule.answer is Answer.AGREE:
            recalls.agree(document, request, actor, rule)
            verb = "handling.change_agreed"
        else:
            request.rule = rule.cite
            request.save(update_fields=["rule"])
            for principal in recalls.asked_of(document, rule):
                ask(document, principal, Verb.ANSWER, reason=_question(request))
            verb = "handling.change_considered"
    kind, key = ("document", document.pk) if document else ("inbox", packet.pk)
    record(actor, verb, kind=kind, object_id=key, data=_about(request))
    return request


@action
def agree(actor: Actor, document_id: UUID, request_id: UUID, text: str = "") -> Document:
    """Clerk or leader agrees: the change takes effect here and the sender is told (15).

    Raises ``NotYours``, ``NotYourStep``, ``NotAsked``.
    """
    document, request = _asked(actor, document_id, request_id)
    recalls.agree(document, request, actor, recalls.rule_for(document), text.strip())
    record(actor, "handling.change_agreed", kind="document", object_id=document.pk, data=_about(request))
    return document


@action
def refuse(actor: Actor, document_id: UUID, request_id: UUID, reason: str) -> Document:
    """Clerk or leader refuses with a reason: the document stays and the sender is told (16).

    Raises ``NotYours``, ``NotYourStep``, ``NotAsked``, ``RefusalWithoutReason``.
    """
    if not reason.strip():
        raise RefusalWithoutReason
    document, request = _asked(actor, document_id, request_id)
    request.rule = recalls.rule_for(document).cite
    changes.answer(request, agreed=False, actor=actor, text=reason.strip())
    done(document, Verb.ANSWER)
    record(actor, "handling.change_refused", kind="document", object_id=document.pk, data=_about(request))
    return document


@action
def noted(actor: Actor, document_id: UUID) -> Document:
    """Somebody who had a recalled document in hand has read that it is gone. Raises ``NotYours``, ``NotYourStep``."""
    if not queries.visible(actor).filter(pk=document_id, direction=Direction.INCOMING).exists():
        raise NotYours
    document = Document.objects.select_for_update().get(pk=document_id)
    require_step(actor, document, Verb.READ, state_label=Stage(document.state).label)
    if document.sealed_at is None:
        raise NotAsked
    done(document, Verb.READ, principal=actor.own_post)
    record(actor, "handling.recall_noted", kind="document", object_id=document.pk)
    return document


def _asked(actor: Actor, document_id: UUID, request_id: UUID) -> tuple[Document, IncomingChange]:
    """The document and the request, both locked, when it is this actor who is asked."""
    document = queries.locked(actor, document_id, Direction.INCOMING)
    found = IncomingChange.objects.select_for_update(of=("self",)).select_related("about", "inbox")
    request = found.filter(pk=request_id, about__document=document).first()
    if request is None:
        raise NotYours
    if request.state != AnswerState.ASKED:
        raise NotAsked
    require_step(actor, document, Verb.ANSWER, state_label=Stage(document.state).label)
    return document, request


def _question(request: IncomingChange) -> str:
    kind = ChangeKind(request.kind).label.lower()
    return f"{request.sender.name} yêu cầu {kind}: {request.reason}"


def _about(request: IncomingChange) -> dict[str, str]:
    return {
        "asked": request.kind,
        "request": str(request.pk),
        "sender": request.sender.name,
        "reason": request.answer or request.reason,
        "rule": request.rule,
    }
