"""The verbs by which clerks note who is not ready for electronic documents and what paper must accompany.

Each is one transaction with one audit event. Refuses to decide a channel (``decisions`` does).
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, NotYours, Role
from vanthu.directory.models import Agency
from vanthu.exchange import rules
from vanthu.exchange.models import Cause, NotReady, PaperList, Side


@action
def note_not_ready(
    actor: Actor, *, recipient: Agency | None, cause: Cause, since: date, reason: str, evidence: str
) -> NotReady:
    """Note that a recipient (None: the actor's own agency) cannot exchange electronically (QĐ 28/2018 Đ7.1).

    From now on it gets paper. Raises ``RoleRequired``, ``ReasonNeeded``, ``AlreadyNoted``.
    """
    actor.require(Role.CLERK)
    if not (reason.strip() and evidence.strip()):
        raise rules.ReasonNeeded
    assert actor.post_id is not None
    row = NotReady(
        agency_id=actor.agency_id,
        recipient=recipient,
        side=Side.RECEIVER if recipient else Side.SENDER,
        cause=cause,
        since=since,
        reason=reason.strip()[:500],
        evidence=evidence.strip()[:500],
        noted_by_id=actor.post_id,
        noted_at=clock.now(),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise rules.AlreadyNoted from error
    _record(actor, "exchange.not_ready", row)
    return row


@action
def end_not_ready(actor: Actor, exception_id: UUID) -> None:
    """The side is ready again. Raises ``RoleRequired``, ``NotYours``."""
    actor.require(Role.CLERK)
    row = (
        NotReady.objects.select_for_update()
        .filter(pk=exception_id, agency_id=actor.agency_id, ended_at=None)
        .first()
    )
    if row is None:
        raise NotYours
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    _record(actor, "exchange.ready_again", row)


@action
def add_to_paper_list(
    actor: Actor,
    *,
    decision: str,
    since: date,
    until: date | None = None,
    type_code: str = "",
    recipient: Agency | None = None,
) -> PaperList:
    """Enter a line of the head's list of documents that paper accompanies (QĐ 28/2018 Đ7.2.b).

    Raises ``RoleRequired``, ``ReasonNeeded`` (no decision is named).
    """
    actor.require(Role.CLERK)
    if not decision.strip():
        raise rules.ReasonNeeded
    assert actor.post_id is not None
    row = PaperList.objects.create(
        agency_id=actor.agency_id,
        decision=decision.strip()[:200],
        type_code=type_code,
        recipient=recipient,
        since=since,
        until=until,
        noted_by_id=actor.post_id,
    )
    record(
        actor,
        "exchange.paper_listed",
        kind="directory",
        object_id=row.id,
        data={
            "decision": row.decision,
            "type": type_code,
            "recipient": recipient.organ_id if recipient else "",
            "since": since.isoformat(),
            "until": until.isoformat() if until else "",
        },
    )
    return row


@action
def end_paper_list(actor: Actor, line_id: UUID) -> None:
    """The line is not in force from today on. Raises ``RoleRequired``, ``NotYours``."""
    actor.require(Role.CLERK)
    today = clock.today()
    row = PaperList.objects.select_for_update().filter(pk=line_id, agency_id=actor.agency_id).first()
    if row is None or (row.until is not None and row.until <= today):
        raise NotYours
    row.until = today
    row.save(update_fields=["until"])
    data = {"decision": row.decision, "type": row.type_code, "until": today.isoformat()}
    record(actor, "exchange.paper_unlisted", kind="directory", object_id=row.id, data=data)


def _record(actor: Actor, verb: str, row: NotReady) -> None:
    data = {
        "recipient": row.recipient.organ_id if row.recipient else "",
        "name": row.recipient.name if row.recipient else actor.agency_name,
        "side": row.side,
        "cause": row.cause,
        "since": row.since.isoformat(),
        "reason": row.reason,
        "evidence": row.evidence,
    }
    record(actor, verb, kind="directory", object_id=row.id, data=data)
