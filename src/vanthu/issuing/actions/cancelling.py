"""The verbs that give up a document after it got its number: the register keeps the number, struck with the reason."""

from __future__ import annotations

from uuid import UUID

from vanthu.audit.ledger import action, record
from vanthu.base.actors import Actor, Role
from vanthu.directory import queries as directory
from vanthu.issuing.actions.steps import require_waiting, said, touch
from vanthu.issuing.joint_queries import co_issuers
from vanthu.issuing.joint_rules import said_cancelled
from vanthu.issuing.models import Draft, Stage
from vanthu.issuing.rules import CancelWithoutReason, require_stage
from vanthu.records import numbers, queries
from vanthu.records.models import Direction, Document, Verb
from vanthu.records.participants import ask, done, stop_sharing


@action
def cancel_numbered(actor: Actor, document_id: UUID, reason: str) -> Document:
    """The clerk or the signer of the agency that drafts gives up a document that was not sent yet (NĐ 30/2020 Đ15).

    The number stays taken. Everybody who had a hand in the document reads why (at most 500 characters are kept); other
    agencies see it until they have.
    Raises :class:`CancelWithoutReason`, ``NotYours``, ``RoleRequired``, ``WrongStage``.
    """
    document = queries.locked(actor, document_id, Direction.OUTGOING)
    reason = reason.strip()[:500]
    if not reason:
        raise CancelWithoutReason
    draft = Draft.objects.get(document=document)
    if draft.signer_id not in actor.principals:
        actor.require(Role.CLERK)
    require_stage(document.state, Stage.NUMBERED, Stage.SEALED)
    numbers.void_entry(document.register_entries.get(voided_at=None), reason)
    document.state = Stage.VOIDED
    touch(document, "state")
    done(document, *Verb)
    _tell(actor, document, draft, reason)
    data = {**said(document), "reason": reason}
    record(actor, "issuing.cancel_numbered", kind="document", object_id=document.pk, data=data)
    return document


@action
def note_cancelled(actor: Actor, document_id: UUID) -> Document:
    """Somebody who had a hand in a cancelled document has read that it is; with another agency it is shared no longer.

    Raises ``NotYours``, ``NotYourStep``.
    """
    document = queries.locked_open(actor, document_id, Direction.OUTGOING)
    require_waiting(actor, document, Verb.READ, Stage.VOIDED)
    for principal in actor.principals:
        done(document, Verb.READ, principal=principal)
    stop_sharing(document, actor.principals)
    record(actor, "issuing.cancel_noted", kind="document", object_id=document.pk)
    return document


def _tell(actor: Actor, document: Document, draft: Draft, reason: str) -> None:
    text = said_cancelled(document.agency.name, document.code, reason)
    registry = directory.registry_of(document.agency_id)
    own = dict.fromkeys(key for key in (draft.drafter_id, draft.signer_id, registry) if key)
    told = [(document.agency_id, key) for key in own if key not in actor.principals]
    for one in co_issuers(document):
        if one.post_id:
            told += [(one.agency_id, key) for key in (one.post_id, directory.registry_of(one.agency_id))]
    for agency_id, principal in told:
        ask(document, principal, Verb.READ, reason=text, agency_id=agency_id)
