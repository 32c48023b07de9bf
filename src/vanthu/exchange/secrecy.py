"""Documents with a mark of state secrecy at an agency's door: held apart when they come, refused when they go.

What comes is never taken in: its packet stands in quarantine without its subject, and only two people of the agency
together destroy it or decide that the mark is none (QĐ 28/2018/QĐ-TTg Đ4; Luật Bảo vệ bí mật nhà nước 117/2025/QH15;
R31, R58). Owns the steps of such a case. Refuses to show any of the content.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from vanthu.audit.ledger import action
from vanthu.base import clock
from vanthu.base.actors import Actor, NotYours, Role, system_actor
from vanthu.blobs import destruction
from vanthu.edxml.model import DocumentPacket
from vanthu.exchange import actions, enclosed, hiding, rules
from vanthu.exchange.models import InboxPacket, InboxState, SecretCase, SecretState
from vanthu.formalities.secrecy import DECLARED_NAMES, Described, SecrecyMark, find_marks, ranked
from vanthu.legal.calendars import calendar_at
from vanthu.records.models import Document
from vanthu.vietnamese.text import fold
from vanthu.worktime import reception_deadline

MAY_DECIDE = (Role.CLERK, Role.LEADER)
MOST_WAITING = 50


def marks_of(packet: DocumentPacket) -> tuple[SecrecyMark, ...]:
    """The marks in what a packet says about its document and inside its signed files, the highest level first."""
    told = find_marks(
        Described(
            subject=packet.subject,
            notation=packet.code,
            sphere=packet.sphere,
            declared=tuple(
                value.text
                for value in packet.unknown
                if fold(value.path.rpartition("/")[2]).lower() in DECLARED_NAMES
            ),
            attachment_names=tuple(item.name for item in packet.attachments),
        )
    )
    return ranked((*told, *enclosed.marks_in(packet.attachments)))


def cleared(row: InboxPacket) -> bool:
    """Whether two people decided that this packet's mark is none."""
    return SecretCase.objects.filter(inbox=row.pk, state=SecretState.CLEARED).exists()


def cleared_for(document: Document) -> bool:
    """Whether two people decided so of the packet that a document came with."""
    return SecretCase.objects.filter(inbox__document=document, state=SecretState.CLEARED).exists()


def refuse_held(row: InboxPacket) -> None:
    """Raise :class:`rules.SecretHeld` for a packet that only two people may deal with."""
    if row.error_code == rules.SecretArrived.code and not cleared(row):
        raise rules.SecretHeld


def hold(
    actor: Actor,
    row: InboxPacket,
    marks: Sequence[SecrecyMark],
    opened: Callable[[], AbstractContextManager[BinaryIO]],
) -> InboxPacket:
    """Set a packet with a mark apart; nothing of what it is about is kept beside its bytes, and those encrypted.

    ``opened`` gives the bytes, from their beginning. Raises ``Superseded``.
    """
    with opened() as source:
        hidden = hiding.hide(source)
    return _hold(actor, row, marks, *hidden)


@action
def _hold(
    actor: Actor, row: InboxPacket, marks: Sequence[SecrecyMark], hidden_sha256: str, key_box: str
) -> InboxPacket:
    first = marks[0]
    error = rules.SecretArrived(level=first.level.value, place=first.place.value)
    row.state, row.identity, row.subject = InboxState.QUARANTINED, None, ""
    row.error_code, row.error_text, row.must_act = error.code, error.text, error.must_act.value
    actions.keep(row)
    told = [
        {"place": mark.place.value, "level": mark.level.value, "citation": mark.citation} for mark in marks
    ]
    hidden = {"hidden_sha256": hidden_sha256, "key_box": key_box}
    SecretCase.objects.get_or_create(
        inbox=row, defaults={"level": first.level.value, "marks": told, **hidden}
    )
    destruction.doom([row.sha256])
    actions.record_inbox(
        actor, row, "exchange.secret_held", level=first.level.value, places=[one["place"] for one in told]
    )
    return row


def case_of(actor: Actor, inbox_id: UUID) -> SecretCase:
    """A case of the actor's agency, for clerks and leaders. Raises ``NotYours``, ``RoleRequired``."""
    _require_role(actor)
    found = SecretCase.objects.filter(inbox=inbox_id, inbox__agency_id=actor.agency_id)
    case = found.select_related("inbox", "inbox__sender").first()
    if case is None:
        raise NotYours
    return case


def cases(actor: Actor) -> list[SecretCase]:
    """The cases of the actor's agency, open ones first, newest first. Raises ``RoleRequired``."""
    _require_role(actor)
    found = SecretCase.objects.filter(inbox__agency_id=actor.agency_id).select_related("inbox")
    return sorted(found.order_by("-inbox_id")[:200], key=lambda case: not case.is_open)


def waiting(actor: Actor) -> list[SecretCase]:
    """Open cases that the actor can take a step further, the oldest first; nothing for other roles.

    Not those in which the actor asked and another person has to confirm.
    """
    if not any(actor.has(role) for role in MAY_DECIDE):
        return []
    open_ones = SecretCase.objects.exclude(state__in=(SecretState.PURGED, SecretState.CLEARED))
    mine = ~Q(state=SecretState.HELD) & Q(asked_person=actor.person_id)
    found = open_ones.exclude(mine).filter(inbox__agency_id=actor.agency_id)
    return list(found.select_related("inbox").order_by("inbox_id")[:MOST_WAITING])


def decide_by(case: SecretCase) -> datetime:
    """By when the case is to be decided: as an incoming document is to be dealt with (NĐ 30/2020 Đ23.1)."""
    at = case.inbox.received_at
    return reception_deadline(at, calendar_at(at))


@action
def report(actor: Actor, inbox_id: UUID, told: str) -> SecretCase:
    """Note to whom the case was reported. Raises ``NotYours``, ``RoleRequired``, ``ReasonNeeded``."""
    case = _locked(actor, inbox_id)
    case.reported_to, case.reported_by, case.reported_at = _words(told)[:300], actor.name, clock.now()
    case.save(update_fields=["reported_to", "reported_by", "reported_at"])
    return _told(actor, case, "exchange.secret_reported", to=case.reported_to)


@action
def ask(actor: Actor, inbox_id: UUID, wanted: SecretState, reason: str) -> SecretCase:
    """First person: ask to destroy the content, or to take the mark for none.

    Raises ``NotYours``, ``RoleRequired``, ``ReasonNeeded``, :class:`rules.SecretStep`.
    """
    case = _locked(actor, inbox_id)
    rules.secret_may_become(case.state, wanted)
    case.state, case.reason = wanted, _words(reason)
    case.asked_by, case.asked_person, case.asked_at = actor.name, actor.person_id, clock.now()
    case.save(update_fields=["state", "reason", "asked_by", "asked_person", "asked_at"])
    return _told(actor, case, "exchange.secret_asked", wanted=wanted.value, reason=case.reason)


@action
def withdraw(actor: Actor, inbox_id: UUID) -> SecretCase:
    """Take back what nobody confirmed yet. Raises ``NotYours``, ``RoleRequired``, :class:`rules.SecretStep`."""
    case = _locked(actor, inbox_id)
    rules.secret_may_become(case.state, SecretState.HELD)
    case.state, case.reason, case.asked_by, case.asked_person, case.asked_at = (
        SecretState.HELD,
        "",
        "",
        None,
        None,
    )
    case.save(update_fields=["state", "reason", "asked_by", "asked_person", "asked_at"])
    return _told(actor, case, "exchange.secret_withdrawn")


@action
def confirm(actor: Actor, inbox_id: UUID) -> SecretCase:
    """Second person: do what the first asked. The key of what is to be destroyed is gone at once, its file after
    ``destruction.PAUSE``.

    A cleared packet is placed like any other by the next round of the inbox. Raises ``NotYours``, ``RoleRequired``,
    :class:`rules.SecretStep`, :class:`rules.SecondPerson`.
    """
    case = _locked(actor, inbox_id)
    case.state = rules.secret_confirmed(case.state, case.asked_person, actor.person_id)
    case.decided_by, case.decided_at = actor.name, clock.now()
    case.save(update_fields=["state", "decided_by", "decided_at"])
    if case.state == SecretState.PURGED:
        InboxPacket.objects.filter(pk=case.inbox_id).update(state=InboxState.DISCARDED)
        hiding.forget(case)
        destruction.doom([case.inbox.sha256])
    return _told(actor, case, "exchange.secret_decided", decided=case.state, asked_by=case.asked_by)


def destroy_purged() -> int:
    """Destroy the contents that two people gave up, as soon as nobody holds them; returns how many. May run twice."""
    waiting = SecretCase.objects.filter(state=SecretState.PURGED, destroyed_at=None).select_related("inbox")
    return sum(_destroyed(case) for case in waiting.order_by("decided_at")[:200])


@transaction.atomic
def _destroyed(case: SecretCase) -> bool:
    fates = [destruction.destroy(one) for one in (case.inbox.sha256, case.hidden_sha256) if one]
    if any(fate is not destruction.Fate.DESTROYED for fate in fates):
        return False
    _note_destroyed(case)
    return True


@action
def _note_destroyed(case: SecretCase) -> None:
    case.destroyed_at = clock.now()
    case.save(update_fields=["destroyed_at"])
    assert case.inbox.agency_id is not None
    _told(system_actor(case.inbox.agency_id), case, "exchange.secret_destroyed")


def _locked(actor: Actor, inbox_id: UUID) -> SecretCase:
    case_of(actor, inbox_id)
    return SecretCase.objects.select_for_update(of=("self",)).select_related("inbox").get(inbox=inbox_id)


def _require_role(actor: Actor) -> None:
    if not any(actor.has(role) for role in MAY_DECIDE):
        actor.require(Role.CLERK)


def _words(text: str) -> str:
    words = " ".join(text.replace("\0", "").split())[:500]
    if len(words) < 5:
        raise rules.ReasonNeeded
    return words


def _told(actor: Actor, case: SecretCase, verb: str, **more: Any) -> SecretCase:
    actions.record_inbox(actor, case.inbox, verb, level=case.level, **more)
    return case
