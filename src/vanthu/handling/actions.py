"""The verbs of handling: take in, register or refuse, direct, start, report, complete (R81–R89)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, Role, system_actor
from vanthu.base.ids import new_id
from vanthu.base.worker import CHECKS
from vanthu.blobs import store
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency, Post
from vanthu.edxml import DocumentPacket, StatusCode, read
from vanthu.exchange import outbox
from vanthu.exchange import queries as exchange
from vanthu.exchange.models import InboxPacket, InboxState
from vanthu.formalities import Steering, find_by_name
from vanthu.handling import recalls
from vanthu.handling.models import (
    Assignment,
    AssignmentRole,
    Directive,
    Intake,
    ProgressNote,
    RejectReason,
    Stage,
)
from vanthu.handling.rules import (
    Check,
    DirectiveIncomplete,
    NothingToSay,
    RejectWithoutReason,
    ResultMissing,
    StillEncrypted,
    missing_in_directive,
    next_look,
    require_stage,
    verdict_of,
)
from vanthu.legal.calendars import calendar_at
from vanthu.records import numbers, queries
from vanthu.records.models import Capacity, Direction, Document, LinkKind, Verb
from vanthu.records.participants import ask, done, include, require_step
from vanthu.signing import preserving
from vanthu.worktime import reception_deadline

UNKNOWN_TYPE = "CONG_VAN"
PART_OF_ROLE = {
    AssignmentRole.LEAD: (Capacity.LEAD, Verb.HANDLE),
    AssignmentRole.COLLABORATE: (Capacity.COLLABORATOR, Verb.COLLABORATE),
    AssignmentRole.INFORM: (Capacity.INFORMED, Verb.READ),
}


# --- intake --------------------------------------------------------------------------------------------------------


@action
def take_in(inbox_id: UUID) -> Document:
    """Make the stored packet an incoming document of its agency and report 01 (R6, R25). Running twice is harmless."""
    packet = InboxPacket.objects.select_for_update().get(pk=inbox_id)
    assert packet.agency_id is not None
    actor = system_actor(packet.agency_id)
    if packet.document is not None:
        document = packet.document
        record(actor, "handling.take_in_again", kind="document", object_id=document.id)
        return document
    content = read(store.path_of(packet.sha256)).packet
    assert isinstance(content, DocumentPacket)
    document = _document_from(content, packet, actor)
    recalls.store_attachments(document, content, actor)
    Intake.objects.create(
        document=document,
        inbox=packet,
        received_at=packet.received_at,
        deadline=reception_deadline(packet.received_at, calendar_at(packet.received_at), document.urgency),
    )
    packet.document, packet.state = document, InboxState.TAKEN_IN
    packet.save(update_fields=["document", "state"])
    registry = directory.registry_of(document.agency_id)
    include(document, registry, Capacity.REGISTRY)
    ask(document, registry, Verb.REGISTER, due_at=document.intake.deadline)
    outbox.report_status(document, StatusCode.ARRIVED, actor=actor, description="Văn bản đã đến hệ thống")
    recalls.meet_at_birth(document, packet, actor)
    record(
        actor,
        "handling.take_in",
        kind="document",
        object_id=document.id,
        data={"packet_sha256": packet.sha256, "from": packet.sender_code, "code": document.code},
    )
    return document


@action
def keep_check_report(document_id: UUID, checks: Sequence[Check], attempts: int = 1) -> Document:
    """Keep what the automatic check found as evidence beside the document (R82); when another look may find more, it is
    enqueued in the same transaction. ``attempts``: which look this was, counted from 1."""
    document = Document.objects.select_for_update().get(pk=document_id)
    intake = Intake.objects.get(document=document)
    intake.checks = [check.as_dict() for check in checks]
    intake.verdict = verdict_of(checks)
    intake.checked_at = clock.now()
    intake.check_attempts = attempts
    intake.save(update_fields=["checks", "verdict", "checked_at", "check_attempts"])
    _look_again(document, next_look(checks, attempts), attempts)
    record(
        system_actor(document.agency_id),
        "handling.check",
        kind="document",
        object_id=document.id,
        data={"verdict": intake.verdict, "checks": intake.checks},
    )
    return document


def _look_again(document: Document, gap: timedelta | None, attempts: int) -> None:
    from vanthu.handling.jobs import check

    if gap is not None:
        check.configure(priority=CHECKS, schedule_in={"seconds": int(gap.total_seconds())}).defer(
            document_id=str(document.id), attempt=attempts
        )


@action
def register(actor: Actor, document_id: UUID, *, submit_to: UUID | None = None) -> Document:
    """The clerk registers: arrival number, then submission to the leader, and 03 to the sender (NĐ 30/2020 Đ22)."""
    document, intake = _for_clerk(actor, document_id)
    if any(file.is_encrypted for file in queries.current_files(document)):
        raise StillEncrypted
    leader = _leader(actor, submit_to)
    book = numbers.register_for(document.agency_id, Direction.INCOMING, document.type_code)
    entry = numbers.take_number(book, document, actor)
    document.arrival_number, document.arrived_at = entry.number, entry.at
    _move(document, Stage.REGISTERED, "arrival_number", "arrived_at")
    _decided(intake, actor)
    preserving.enrol(queries.current_files(document))
    done(document, Verb.REGISTER)
    include(document, leader.id, Capacity.DIRECTOR)
    ask(document, leader.id, Verb.DIRECT)
    outbox.report_status(
        document, StatusCode.ACCEPTED, actor=actor, description=f"Đã tiếp nhận, số đến {entry.number}"
    )
    record(
        actor,
        "handling.register",
        kind="document",
        object_id=document.id,
        data={"arrival_number": entry.number, "submitted_to": leader.id, "verdict": intake.verdict},
    )
    return document


@action
def reject(actor: Actor, document_id: UUID, code: str, reason: str) -> Document:
    """The clerk refuses with a coded reason and a text; no arrival number is given (R17, R18)."""
    if code not in RejectReason.values or not reason.strip():
        raise RejectWithoutReason
    document, intake = _for_clerk(actor, document_id)
    intake.reject_code, intake.reject_reason = code, reason.strip()[:500]
    _decided(intake, actor)
    _move(document, Stage.REJECTED)
    done(document, Verb.REGISTER, Verb.OPEN)
    label = RejectReason(code).label
    outbox.report_status(
        document, StatusCode.REJECTED, actor=actor, description=f"{label}: {intake.reject_reason}"
    )
    record(
        actor,
        "handling.reject",
        kind="document",
        object_id=document.id,
        data={"code": code, "reason": intake.reject_reason},
    )
    return document


# --- directive and work --------------------------------------------------------------------------------------------


@action
def direct(
    actor: Actor,
    document_id: UUID,
    *,
    text: str,
    lead: UUID | None,
    collaborators: Sequence[UUID] = (),
    informed: Sequence[UUID] = (),
    due_at: datetime | None = None,
) -> Directive:
    """The leader's directive: lead, collaborators, for information, deadline; 04 to the sender (R87–R89)."""
    document = queries.locked(actor, document_id, Direction.INCOMING)
    require_step(actor, document, Verb.DIRECT, state_label=Stage(document.state).label)
    actor.require(Role.LEADER)
    require_stage(document.state, Stage.REGISTERED)
    parts = _parts(actor.agency_id, text, lead, collaborators, informed, due_at)
    directive = Directive.objects.create(
        document=document, author_id=actor.own_post, text=text.strip(), due_at=due_at, at=clock.now()
    )
    for post_id, role in parts:
        Assignment.objects.create(document=document, directive=directive, post_id=post_id, role=role)
        capacity, verb = PART_OF_ROLE[role]
        include(document, post_id, capacity)
        ask(document, post_id, verb, due_at=due_at)
    document.due_at = due_at
    _move(document, Stage.ASSIGNED, "due_at")
    done(document, Verb.DIRECT)
    names = _names(parts)
    outbox.report_status(
        document, StatusCode.ASSIGNED, actor=actor, description=f"Đã phân công xử lý: {names}"
    )
    record(
        actor,
        "handling.direct",
        kind="document",
        object_id=document.id,
        data={"text": directive.text, "due_at": due_at, "parts": [(p, r.value) for p, r in parts]},
    )
    return directive


@action
def start(actor: Actor, document_id: UUID) -> Document:
    """The lead begins; 05 goes to the sender, once."""
    document, part = _for_lead(actor, document_id)
    require_stage(document.state, Stage.ASSIGNED)
    part.started_at = clock.now()
    part.save(update_fields=["started_at"])
    _move(document, Stage.IN_PROGRESS)
    outbox.report_status(document, StatusCode.IN_PROGRESS, actor=actor, description="Đang xử lý")
    record(actor, "handling.start", kind="document", object_id=document.id)
    return document


@action
def add_note(actor: Actor, document_id: UUID, text: str) -> ProgressNote:
    """Say how the work stands; everybody who takes part may."""
    if not text.strip():
        raise NothingToSay
    document = queries.locked(actor, document_id, Direction.INCOMING)
    note = ProgressNote.objects.create(
        document=document, author_id=actor.own_post, text=text.strip(), at=clock.now()
    )
    record(actor, "handling.note", kind="document", object_id=document.id, data={"text": note.text})
    return note


@action
def finish_part(actor: Actor, document_id: UUID, result: str = "") -> Document:
    """A collaborator has done their part, or somebody informed has read it."""
    document = queries.locked(actor, document_id, Direction.INCOMING)
    part = _open_part(actor, document, AssignmentRole.COLLABORATE, AssignmentRole.INFORM)
    _, verb = PART_OF_ROLE[AssignmentRole(part.role)]
    require_step(actor, document, verb, state_label=Stage(document.state).label)
    part.finished_at, part.result = clock.now(), result.strip()
    part.save(update_fields=["finished_at", "result"])
    done(document, verb, principal=actor.own_post)
    record(
        actor,
        "handling.finish_part",
        kind="document",
        object_id=document.id,
        data={"role": part.role, "result": part.result},
    )
    return document


@action
def complete(actor: Actor, document_id: UUID, result: str = "") -> Document:
    """The lead closes the work with a result, an answer sent or a note; 06 goes to the sender (NĐ 30/2020 Đ24)."""
    document, part = _for_lead(actor, document_id)
    require_stage(document.state, Stage.ASSIGNED, Stage.IN_PROGRESS)
    answer = _answer(document)
    if not result.strip() and answer is None:
        raise ResultMissing
    part.finished_at, part.result = clock.now(), result.strip()
    part.save(update_fields=["finished_at", "result"])
    Intake.objects.filter(document=document).update(completed_at=clock.now(), result=result.strip())
    _move(document, Stage.COMPLETED)
    done(document, Verb.HANDLE, Verb.COLLABORATE)
    outbox.report_status(
        document,
        StatusCode.COMPLETED,
        actor=actor,
        description=f"Hoàn thành: văn bản trả lời {answer.code}" if answer else "Hoàn thành",
    )
    record(
        actor,
        "handling.complete",
        kind="document",
        object_id=document.id,
        data={"result": result.strip(), "answer": answer.code if answer else ""},
    )
    return document


# --- shared steps --------------------------------------------------------------------------------------------------


def _document_from(content: DocumentPacket, packet: InboxPacket, actor: Actor) -> Document:
    kind = find_by_name(content.type_name)
    now = clock.now()
    agency = Agency.objects.get(pk=actor.agency_id)
    return Document.objects.create(
        id=new_id(),
        agency=agency,
        direction=Direction.INCOMING,
        state=Stage.ARRIVED,
        type_code=kind.code if kind else UNKNOWN_TYPE,
        subject=content.subject[:500],
        urgency=min(max(content.priority, 0), 4),
        steering=exchange.steering_of(packet) or Steering.ORDINARY,
        trial=packet.trial,
        notation=content.code_notation[:60],
        code=content.code[:80],
        issued_date=content.promulgation_date,
        issue_place=content.place[:50],
        issuer_name=content.sender.organ_name[:200],
        issuer_organ_id=content.sender.organ_id[:35],
        document_id=content.document_id[:200],
        signer_name=content.signer.full_name[:100],
        signer_position=content.signer.position[:200],
        signer_competence=content.signer.competence[:100],
        distribution=list(content.to_places),
        page_count=content.page_amount or 0,
        reply_due=content.due_date,
        created_at=now,
        changed_at=now,
    )


def _for_clerk(actor: Actor, document_id: UUID) -> tuple[Document, Intake]:
    document = queries.locked(actor, document_id, Direction.INCOMING)
    require_step(actor, document, Verb.REGISTER, state_label=Stage(document.state).label)
    actor.require(Role.CLERK)
    require_stage(document.state, Stage.ARRIVED)
    return document, Intake.objects.get(document=document)


def _for_lead(actor: Actor, document_id: UUID) -> tuple[Document, Assignment]:
    document = queries.locked(actor, document_id, Direction.INCOMING)
    require_step(actor, document, Verb.HANDLE, state_label=Stage(document.state).label)
    return document, _open_part(actor, document, AssignmentRole.LEAD)


def _open_part(actor: Actor, document: Document, *roles: AssignmentRole) -> Assignment:
    part = Assignment.objects.filter(
        document=document, post_id=actor.own_post, role__in=roles, finished_at=None
    ).last()
    if part is None:
        require_step(actor, document, Verb.HANDLE, state_label=Stage(document.state).label)
        raise DirectiveIncomplete(missing="bạn không được giao việc này")
    return part


def _leader(actor: Actor, post_id: UUID | None) -> Post:
    leaders = directory.holders(actor.agency_id, Role.LEADER)
    leader = leaders.filter(pk=post_id).first() if post_id else leaders.first()
    if leader is None:
        raise DirectiveIncomplete(missing="cơ quan chưa có lãnh đạo để trình")
    return leader


def _parts(
    agency_id: UUID,
    text: str,
    lead: UUID | None,
    collaborators: Sequence[UUID],
    informed: Sequence[UUID],
    due_at: datetime | None,
) -> list[tuple[UUID, AssignmentRole]]:
    wanted = [(lead, AssignmentRole.LEAD)] if lead else []
    wanted += [(post, AssignmentRole.COLLABORATE) for post in collaborators]
    wanted += [(post, AssignmentRole.INFORM) for post in informed]
    known = set(directory.colleagues(agency_id).values_list("pk", flat=True))
    parts = [(post, role) for post, role in wanted if post in known]
    lacking = missing_in_directive(
        text=text,
        lead=any(role is AssignmentRole.LEAD for _, role in parts),
        people=sum(role is not AssignmentRole.INFORM for _, role in parts),
        has_deadline=due_at is not None,
        repeated=len({post for post, _ in parts}) != len(parts),
    )
    if len(parts) != len(wanted):
        lacking.append("có người không thuộc cơ quan")
    if lacking:
        raise DirectiveIncomplete(missing=", ".join(lacking))
    return parts


def _names(parts: Sequence[tuple[UUID, AssignmentRole]]) -> str:
    posts = Post.objects.select_related("person").in_bulk([post for post, _ in parts])
    said = [
        f"{posts[post].person.full_name} ({role.label.lower()})"
        for post, role in parts
        if role is not AssignmentRole.INFORM
    ]
    return ", ".join(said)


def _answer(document: Document) -> Document | None:
    """The newest answer to the document that has been issued."""
    link = (
        document.linked_from.filter(kind=LinkKind.REPLY_TO, source__number__isnull=False)
        .select_related("source")
        .order_by("-id")
        .first()
    )
    return link.source if link else None


def _decided(intake: Intake, actor: Actor) -> None:
    intake.decided_by_id, intake.decided_at = actor.post_id, clock.now()
    intake.save()


def _move(document: Document, stage: Stage, *fields: str) -> None:
    document.state = stage
    document.changed_at = clock.now()
    document.save(update_fields=["state", "changed_at", *fields])
