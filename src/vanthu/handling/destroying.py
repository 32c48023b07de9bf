"""Destroying the content of a document that its sender recalled: proposed by the clerk, decided by a leader.

Where the site's policy says so, what nobody registered goes without asking (``legal.recalls.DESTRUCTION_RULES``). The
register's row, the hashes and the minutes stay (PL VI III.8.c). Refuses what is not recalled.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.conf import settings

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, NotYours, Role, system_actor
from vanthu.blobs import destruction
from vanthu.blobs.destruction import Fate
from vanthu.directory import queries as directory
from vanthu.directory.models import Post
from vanthu.environment import RecalledContent
from vanthu.exchange import packets
from vanthu.exchange.models import IncomingChange
from vanthu.handling.models import Destruction, DestructionState, Stage
from vanthu.handling.rules import (
    DestructionBegun,
    DestructionWithoutReason,
    NotSealed,
    SecondPersonNeeded,
)
from vanthu.legal.recalls import Progress, destruction_rule
from vanthu.records import queries, sealing
from vanthu.records.models import Capacity, Direction, Document, Verb
from vanthu.records.participants import ask, done, include, require_step

TOLD_BY_UPDATES = ("subject", "distribution", "files", "before", "reply_due")
"""What a request about a document keeps of its content."""


def follow_policy(document: Document, progress: Progress, reason: str) -> None:
    """Called inside the action that sealed a document: destroy it, have that proposed, or neither."""
    if settings.VANTHU.recall_destroys_content is not RecalledContent.PURGE:
        return
    rule = destruction_rule(progress)
    if rule.asks:
        text = f"Bên gửi đã thu hồi văn bản: {reason}"
        ask(document, directory.registry_of(document.agency_id), Verb.DESTROY, reason=text)
        return
    minutes = _minutes(document, DestructionState.DECIDED, reason, rule.cite)
    minutes.decided_at = minutes.asked_at
    _give_up(document, minutes)


@action
def ask_destruction(actor: Actor, document_id: UUID, reason: str) -> Destruction:
    """The clerk proposes that the content of a recalled document be destroyed; a leader decides.

    Raises ``RoleRequired``, ``NotYours``, ``NotSealed``, ``DestructionBegun``, ``DestructionWithoutReason``.
    """
    actor.require(Role.CLERK)
    document = _sealed(actor, document_id)
    if not reason.strip():
        raise DestructionWithoutReason
    if Destruction.objects.filter(document=document).exclude(state=DestructionState.DROPPED).exists():
        raise DestructionBegun
    rule = destruction_rule(Progress.CANCELLED)
    minutes = _minutes(document, DestructionState.ASKED, reason.strip(), rule.cite)
    minutes.asked_by_id = actor.own_post
    minutes.save()
    done(document, Verb.DESTROY)
    for leader in directory.holders(document.agency_id, Role.LEADER):
        include(document, leader.pk, Capacity.INFORMED)
        ask(document, leader.pk, Verb.DESTROY, reason=f"Đề nghị tiêu hủy nội dung: {minutes.reason}")
    _record(actor, "handling.destruction_asked", minutes, reason=minutes.reason)
    return minutes


@action
def decide_destruction(actor: Actor, document_id: UUID) -> Destruction:
    """A leader who did not propose it decides: the content is given up and destroyed after a pause.

    Raises ``RoleRequired``, ``NotYours``, ``NotYourStep``, ``DestructionBegun``, ``SecondPersonNeeded``.
    """
    document, minutes = _asked(actor, document_id)
    minutes.state = DestructionState.DECIDED
    minutes.decided_by_id, minutes.decided_at = actor.own_post, clock.now()
    _give_up(document, minutes)
    done(document, Verb.DESTROY)
    _record(actor, "handling.destruction_decided", minutes)
    return minutes


@action
def drop_destruction(actor: Actor, document_id: UUID, reason: str) -> Destruction:
    """A leader decides against it: the content stays sealed. Raises what :func:`decide_destruction` raises."""
    if not reason.strip():
        raise DestructionWithoutReason
    document, minutes = _asked(actor, document_id)
    minutes.state, minutes.drop_reason = DestructionState.DROPPED, reason.strip()
    minutes.decided_by_id, minutes.decided_at = actor.own_post, clock.now()
    minutes.save()
    done(document, Verb.DESTROY)
    _record(actor, "handling.destruction_dropped", minutes, reason=minutes.drop_reason)
    return minutes


@action
def destroy_contents(destruction_id: UUID) -> bool:
    """Destroy what was given up, content by content, and close the minutes; False while some have to wait.

    What another agency of this site holds too stays there, and the minutes say so. Running twice, or again after a
    kill between any two lines, ends the same.
    """
    minutes = Destruction.objects.select_for_update().get(pk=destruction_id)
    fates = [destruction.destroy(str(one["sha256"])) for one in minutes.contents]
    finished = Fate.WAITING not in fates
    if finished and minutes.state != DestructionState.DONE:
        for one, fate in zip(minutes.contents, fates, strict=True):
            one["fate"] = fate.value
        minutes.state, minutes.done_at = DestructionState.DONE, clock.now()
        minutes.save()
    verb = "handling.destroyed" if finished else "handling.destruction_waits"
    _record(system_actor(minutes.document.agency_id), verb, minutes)
    return finished


def _minutes(document: Document, state: DestructionState, reason: str, cite: str) -> Destruction:
    return Destruction(document=document, state=state, reason=reason, rule=cite, asked_at=clock.now())


def _give_up(document: Document, minutes: Destruction) -> None:
    """Nobody of the agency holds the content any more; a job destroys it when its pause is over."""
    from vanthu.handling.jobs import destroy

    files = sealing.purge(document)
    minutes.contents = _contents(
        [{"name": file.name, "sha256": file.sha256, "size": file.size} for file in files]
        + [asdict(content) for content in sealing.contents_derived(document)]
        + [{"name": "", "sha256": sha256} for sha256 in packets.carrying(document)]
    )
    minutes.save()
    for request in IncomingChange.objects.filter(about__document=document):
        request.data = {name: value for name, value in request.data.items() if name not in TOLD_BY_UPDATES}
        request.save(update_fields=["data"])
    destruction.doom(str(one["sha256"]) for one in minutes.contents)
    pause = int(destruction.PAUSE.total_seconds()) + 1
    destroy.configure(schedule_in={"seconds": pause}).defer(destruction_id=str(minutes.pk))


def _contents(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each content once; the first name counts."""
    return list({one["sha256"]: one for one in reversed(found)}.values())[::-1]


def _sealed(actor: Actor, document_id: UUID) -> Document:
    if not queries.visible(actor).filter(pk=document_id, direction=Direction.INCOMING).exists():
        raise NotYours
    document = Document.objects.select_for_update().get(pk=document_id)
    if document.sealed_at is None:
        raise NotSealed
    return document


def _asked(actor: Actor, document_id: UUID) -> tuple[Document, Destruction]:
    actor.require(Role.LEADER)
    document = _sealed(actor, document_id)
    found = Destruction.objects.select_for_update(of=("self",)).select_related("asked_by")
    minutes = found.filter(document=document, state=DestructionState.ASKED).first()
    if minutes is None:
        raise DestructionBegun
    require_step(actor, document, Verb.DESTROY, state_label=Stage(document.state).label)
    asked_by = minutes.asked_by
    decides = Post.objects.get(pk=actor.own_post)
    if asked_by is None or asked_by.person_id == decides.person_id:
        raise SecondPersonNeeded
    return document, minutes


def _record(actor: Actor, verb: str, minutes: Destruction, **more: str) -> None:
    document = minutes.document
    data = {
        "minutes": str(minutes.pk),
        "why": minutes.reason,
        "rule": minutes.rule,
        "code": document.code,
        "arrival_number": document.arrival_number,
        "document_id": document.document_id,
        "contents": minutes.contents,
        **more,
    }
    record(actor, verb, kind="document", object_id=document.pk, data=data)
