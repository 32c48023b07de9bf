"""The verbs over a joint document that an agency signed and does not seal: it withdraws, comes back, is asked again.

Before the number a withdrawal gives the draft back, as a refusal does. Afterwards the number stands in the register, so
the agency that drafts decides: ask again, or cancel the document with its number (``cancelling``).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, NotYours, Role
from vanthu.issuing.actions.approval import give_back
from vanthu.issuing.actions.steps import touch
from vanthu.issuing.actions.turns import ask_seals
from vanthu.issuing.joint_models import CoIssuer
from vanthu.issuing.joint_queries import co_issuers, part_of
from vanthu.issuing.joint_rules import LeavingWithoutReason, PartnerNotAsked, may_leave, said_reminded
from vanthu.issuing.models import Draft, Stage
from vanthu.issuing.rules import WrongStage, require_stage
from vanthu.records import queries
from vanthu.records.models import Direction, Document, Verb
from vanthu.records.participants import done, remind


@action
def leave_joint(actor: Actor, document_id: UUID, reason: str) -> Document:
    """Another agency's signer or clerk withdraws it from a document that it has signed, with a reason (at most 500
    characters are kept).

    Raises :class:`LeavingWithoutReason`, ``NotYours``, :class:`WrongStage` once the agency that drafts has sealed.
    """
    document, part = _own_part(actor, document_id)
    reason = reason.strip()[:500]
    if not reason:
        raise LeavingWithoutReason
    left = part.left_at is not None
    if not may_leave(Stage(document.state), signed=part.signed_at is not None, left=left):
        raise WrongStage(state=Stage(document.state).label)
    said: dict[str, Any] = {"agency": part.agency.name, "reason": reason, "code": document.code}
    draft = Draft.objects.select_related("reviewer__person", "signer__person").get(document=document)
    if document.state == Stage.NUMBERED:
        part.left_at, part.left_reason = clock.now(), reason
        part.save(update_fields=["left_at", "left_reason"])
        _ask_anew(document, draft)
    else:
        said["voided"] = give_back(actor, document, draft, reason)
    record(actor, "issuing.leave_joint", kind="document", object_id=document.pk, data=said)
    return document


@action
def rejoin_joint(actor: Actor, document_id: UUID) -> Document:
    """The agency that withdrew takes that back. Raises ``NotYours``, :class:`WrongStage`."""
    document, part = _own_part(actor, document_id)
    require_stage(document.state, Stage.NUMBERED)
    if part.left_at is None:
        raise WrongStage(state=Stage(document.state).label)
    _come_back(document, part)
    said = {"agency": part.agency.name}
    record(actor, "issuing.rejoin_joint", kind="document", object_id=document.pk, data=said)
    return document


@action
def ask_partner_again(actor: Actor, document_id: UUID, co_issuer_id: UUID) -> CoIssuer:
    """Clerk or drafter reminds an agency of this site of what is asked of it, or asks one that withdrew once more.

    Raises ``NotYours``, ``RoleRequired``, :class:`WrongStage`, :class:`PartnerNotAsked`.
    """
    document = queries.locked(actor, document_id, Direction.OUTGOING)
    if Draft.objects.get(document=document).drafter_id != actor.post_id:
        actor.require(Role.CLERK)
    require_stage(document.state, Stage.SUBMITTED, Stage.NUMBERED)
    one = next((one for one in co_issuers(document) if one.pk == co_issuer_id), None)
    if one is None:
        raise NotYours
    left = one.left_at is not None
    if left:
        _come_back(document, one)
    now = clock.now()
    said = said_reminded(document.agency.name, f"{clock.local(now):%H:%M %d/%m/%Y}")
    if not remind(document, one.agency_id, said) and not left:
        raise PartnerNotAsked(name=one.agency.name)
    one.reminded_at = now
    one.save(update_fields=["reminded_at"])
    record(
        actor,
        "issuing.invite_again" if left else "issuing.remind_partner",
        kind="document",
        object_id=document.pk,
        data={"agency": one.agency.name},
    )
    return one


def _own_part(actor: Actor, document_id: UUID) -> tuple[Document, CoIssuer]:
    document = queries.locked_open(actor, document_id, Direction.OUTGOING)
    part = part_of(actor, document)
    if part is None:
        raise NotYours
    return document, part


def _come_back(document: Document, one: CoIssuer) -> None:
    one.left_at, one.left_reason = None, ""
    one.save(update_fields=["left_at", "left_reason"])
    _ask_anew(document, Draft.objects.get(document=document))


def _ask_anew(document: Document, draft: Draft) -> None:
    done(document, Verb.SEAL, Verb.OBTAIN, Verb.NUMBER)
    ask_seals(document, draft)
    touch(document)
