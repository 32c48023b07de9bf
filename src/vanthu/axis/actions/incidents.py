"""Packets with a mark of state secrecy: stopped before the queue, sealed, and destroyed only by two people.

QĐ 28/2018/QĐ-TTg (no document of state secrecy over the axis); Luật Bảo vệ bí mật nhà nước 117/2025/QH15.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from vanthu.audit.ledger import action, record
from vanthu.axis import operator_rules as rules
from vanthu.axis import sealing, storage
from vanthu.axis.actions.shared import OPERATOR_CHAIN, acting, one_at_a_time
from vanthu.axis.envelope import Envelope
from vanthu.axis.models import AxisAgency, IncidentState, Member, SecrecyIncident
from vanthu.axis.operator_errors import IncidentUnknown, StateSecretRefused
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.base.ids import new_id
from vanthu.vxp import Measured


def refuse_state_secret(
    member: Member,
    envelope: Envelope,
    sender: AxisAgency,
    spool: storage.Spool,
    measured: Measured,
    address: str = "",
) -> None:
    """Stop a packet whose metadata carry a mark: seal it, note the incident, raise :class:`StateSecretRefused`.

    Passes what carries none, and what two operators cleared: the same bytes from the same sender.
    """
    if not envelope.marks:
        return
    known = SecrecyIncident.objects.filter(sender=sender, sha256=measured.sha256).first()
    if known is not None and known.state == IncidentState.CLEARED:
        return
    actor = acting(member, address)
    if known is not None:
        note_repetition(actor, known.pk)
    else:
        _stop(actor, member, envelope, sender, spool, measured)
    first = envelope.marks[0]
    raise StateSecretRefused(level=first.level.value, place=first.place.value)


def _stop(
    actor: Actor,
    member: Member,
    envelope: Envelope,
    sender: AxisAgency,
    spool: storage.Spool,
    measured: Measured,
) -> None:
    now, key = clock.now(), new_id()
    sealed_file, sealed_key = sealing.seal(spool.stream(), key)
    incident = SecrecyIncident(
        id=key,
        member=member,
        sender=sender,
        sender_code=envelope.sender,
        recipient_codes=list(envelope.recipients),
        kind=str(envelope.kind),
        document_id=envelope.document_id,
        sha256=measured.sha256,
        size=measured.size,
        marks=[
            {"place": m.place.value, "level": m.level.value, "rule": m.rule, "citation": m.citation}
            for m in envelope.marks
        ],
        level=envelope.marks[0].level.value,
        address=actor.address,
        first_at=now,
        last_at=now,
        sealed_file=sealed_file,
        sealed_key=sealed_key,
    )
    if open_incident(actor, incident).pk != incident.pk:
        sealing.destroy(sealed_file)


@action
def open_incident(actor: Actor, incident: SecrecyIncident) -> SecrecyIncident:
    """Record a stopped packet; when the same packet was stopped at the same instant, that incident counts."""
    one_at_a_time([f"incident:{incident.sender_id}:{incident.sha256}"])
    earlier = SecrecyIncident.objects.filter(sender=incident.sender_id, sha256=incident.sha256).first()
    if earlier is not None:
        return _again(actor, earlier)
    incident.save(force_insert=True)
    _say(actor, "axis.secret_stopped", incident)
    return incident


@action
def note_repetition(actor: Actor, incident_id: UUID) -> SecrecyIncident:
    """The same packet was sent again, and stopped again."""
    return _again(actor, SecrecyIncident.objects.select_for_update().get(pk=incident_id))


def _again(actor: Actor, incident: SecrecyIncident) -> SecrecyIncident:
    incident.attempts, incident.last_at = incident.attempts + 1, clock.now()
    incident.save(update_fields=["attempts", "last_at"])
    _say(actor, "axis.secret_stopped_again", incident)
    return incident


@action
def ask_purge(incident_id: UUID, actor: Actor, reason: str) -> SecrecyIncident:
    """First person: ask that the sealed content be destroyed. Raises ``IncidentStep``, ``ReasonMissing``."""
    return _ask(incident_id, actor, IncidentState.PURGE_ASKED, reason)


@action
def ask_clear(incident_id: UUID, actor: Actor, reason: str) -> SecrecyIncident:
    """First person: ask that the packet be taken for no state secret, so that its sender may send it again."""
    return _ask(incident_id, actor, IncidentState.CLEAR_ASKED, reason)


@action
def take_back_request(incident_id: UUID, actor: Actor) -> SecrecyIncident:
    """Take back a request that nobody confirmed; anybody on duty may. Raises ``IncidentStep``."""
    incident = _locked(incident_id)
    incident.state = rules.incident_after(incident.state, IncidentState.SEALED)
    incident.asked_by, incident.asked_person, incident.asked_at, incident.reason = "", None, None, ""
    incident.save(update_fields=["state", "asked_by", "asked_person", "asked_at", "reason"])
    _say(actor, "axis.incident_request_withdrawn", incident)
    return incident


def confirm_request(incident_id: UUID, actor: Actor) -> SecrecyIncident:
    """Second person: do what the first asked. The key is forgotten with the decision, then the file goes.

    Raises ``IncidentStep``, ``SecondPersonNeeded``. Killed in between, the file is swept; it cannot be opened.
    """
    incident = _confirm(incident_id, actor)
    sealing.destroy(incident.sealed_file)
    return incident


@action
def _confirm(incident_id: UUID, actor: Actor) -> SecrecyIncident:
    incident = _locked(incident_id)
    incident.state = rules.incident_confirmed(incident.state, incident.asked_person, actor.person_id)
    incident.sealed_key, incident.decided_by, incident.decided_at = "", actor.name, clock.now()
    incident.save(update_fields=["state", "sealed_key", "decided_by", "decided_at"])
    _say(actor, f"axis.incident_{incident.state}", incident, {"askedBy": incident.asked_by})
    return incident


@action
def note_report(incident_id: UUID, actor: Actor, reported_to: str) -> SecrecyIncident:
    """Note to which authority the incident was reported. Raises ``ReasonMissing``."""
    incident = _locked(incident_id)
    incident.reported_to = rules.reason_given(reported_to)[:300]
    incident.reported_by, incident.reported_at = actor.name, clock.now()
    incident.save(update_fields=["reported_to", "reported_by", "reported_at"])
    _say(actor, "axis.incident_reported", incident, {"to": incident.reported_to})
    return incident


def _ask(incident_id: UUID, actor: Actor, wanted: IncidentState, reason: str) -> SecrecyIncident:
    incident = _locked(incident_id)
    incident.state = rules.incident_after(incident.state, wanted)
    incident.asked_by, incident.asked_person, incident.asked_at = actor.name, actor.person_id, clock.now()
    incident.reason = rules.reason_given(reason)
    incident.save(update_fields=["state", "asked_by", "asked_person", "asked_at", "reason"])
    _say(actor, f"axis.incident_{wanted}", incident, {"reason": incident.reason})
    return incident


def _locked(incident_id: UUID) -> SecrecyIncident:
    found = SecrecyIncident.objects.select_for_update().filter(pk=incident_id).first()
    if found is None:
        raise IncidentUnknown
    return found


def _say(actor: Actor, verb: str, incident: SecrecyIncident, more: dict[str, Any] | None = None) -> None:
    """Calls are told in the member's chain, what operators do in the operator's; both name the incident."""
    acts_here = actor.person_id is not None
    teller = rules.in_chain(actor, OPERATOR_CHAIN) if acts_here else actor
    data = {
        "from": incident.sender_code,
        "to": incident.recipient_codes,
        "documentId": incident.document_id,
        "sha256": incident.sha256,
        "size": incident.size,
        "level": incident.level,
        "places": [mark["place"] for mark in incident.marks],
        **(more or {}),
    }
    record(teller, verb, kind="axis.incident", object_id=incident.id, data=data)
