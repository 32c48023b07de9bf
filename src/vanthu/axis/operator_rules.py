"""Pure decisions about what operators do: handing over again, and the two people of a secrecy incident."""

from __future__ import annotations

from uuid import UUID

from vanthu.axis.models import DeliveryState, IncidentState
from vanthu.axis.operator_errors import IncidentStep, NotResendable, ReasonMissing, SecondPersonNeeded
from vanthu.base.actors import Actor


def may_hand_over_again(state: str) -> None:
    """Only what its recipient's system reported as failed is handed over again; raises :class:`NotResendable`."""
    if state != DeliveryState.FAIL:
        raise NotResendable(state=DeliveryState(state).label)


_INCIDENT_STEPS = {
    IncidentState.SEALED: (IncidentState.PURGE_ASKED, IncidentState.CLEAR_ASKED),
    IncidentState.PURGE_ASKED: (IncidentState.SEALED, IncidentState.PURGED),
    IncidentState.CLEAR_ASKED: (IncidentState.SEALED, IncidentState.CLEARED),
    IncidentState.PURGED: (),
    IncidentState.CLEARED: (),
}


def incident_after(current: str, wanted: IncidentState) -> IncidentState:
    """The state of an incident after a step; raises :class:`IncidentStep` where the step does not follow."""
    if wanted not in _INCIDENT_STEPS[IncidentState(current)]:
        raise IncidentStep(state=IncidentState(current).label)
    return wanted


def incident_confirmed(current: str, asked: UUID | None, confirming: UUID | None) -> IncidentState:
    """What a confirmation makes of the request. Asker and confirmer must be two people, neither a program.

    Raises :class:`IncidentStep`, :class:`SecondPersonNeeded`.
    """
    ends = {
        IncidentState.PURGE_ASKED: IncidentState.PURGED,
        IncidentState.CLEAR_ASKED: IncidentState.CLEARED,
    }
    wanted = ends.get(IncidentState(current))
    if wanted is None:
        raise IncidentStep(state=IncidentState(current).label)
    if asked is None or confirming is None or asked == confirming:
        raise SecondPersonNeeded
    return wanted


def reason_given(text: str) -> str:
    """A reason that says something, trimmed to 500 characters; raises :class:`ReasonMissing`."""
    reason = " ".join(text.replace("\0", "").split())[:500]
    if len(reason) < 5:
        raise ReasonMissing
    return reason


def in_chain(actor: Actor, chain: UUID) -> Actor:
    """The person as the actor of an act that is told in another chain than that of the person's agency."""
    return Actor(
        agency_id=chain,
        name=actor.name,
        position=actor.position,
        post_id=actor.post_id,
        person_id=actor.person_id,
        agency_name=actor.agency_name,
        address=actor.address,
    )
