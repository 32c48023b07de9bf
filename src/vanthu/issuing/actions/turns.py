"""Whose turn it is to sign and to seal: plain functions inside the actions, one path for one agency and for several.

Owns what is asked of whom and what is shared with other agencies; the decision is ``joint_rules.whose_turn``.
"""

from __future__ import annotations

from uuid import UUID

from vanthu.directory import queries as directory
from vanthu.issuing.joint_models import CoIssuer
from vanthu.issuing.joint_queries import co_issuers
from vanthu.issuing.joint_rules import Party, said_left, whose_turn
from vanthu.issuing.models import Draft
from vanthu.records.models import Capacity, Document, Verb, WorkItem
from vanthu.records.participants import ask, include, share, unshare


def ask_people(document: Document, draft: Draft) -> bool:
    """Ask whoever signs next; False when everybody has signed."""
    parties: list[Party[CoIssuer | None]] = [Party(None, True, draft.signed_at is not None)]
    parties += [Party(one, one.here, one.signed_at is not None) for one in co_issuers(document)]
    turn = whose_turn(parties, in_order=draft.in_order)
    for one in turn:
        if one is None:
            _ask_lead(document, draft)
        elif one.post_id is not None:
            share(document, one.agency_id, one.post_id)
            share(document, one.agency_id, directory.registry_of(one.agency_id))
            _ask_once(document, one, Verb.SIGN)
        else:
            _obtain(document)
    return bool(turn)


def ask_seals(document: Document, draft: Draft) -> None:
    """After number and date: ask the other agencies to seal; when all have, or one has withdrawn, the clerk of the one
    that drafts."""
    partners = co_issuers(document)
    left = [said_left(one.agency.name, one.left_reason) for one in partners if one.left_at is not None]
    parties = [Party(one, one.here, one.sealed_at is not None) for one in partners]
    turn = [] if left or draft.numbered_at is None else whose_turn(parties, in_order=False)
    for one in turn:
        if one.here:
            _ask_once(document, one, Verb.SEAL)
        else:
            _obtain(document)
    if not turn:
        registry = directory.registry_of(document.agency_id)
        ask(document, registry, Verb.NUMBER, due_at=draft.dispatch_deadline, reason="; ".join(left))


def take_back_from_all(document: Document) -> list[str]:
    """Nobody else sees the document any more, and no agency has signed it; answers who had."""
    unshare(document)
    signed = CoIssuer.objects.filter(document=document).exclude(signed_at=None)
    names = list(signed.order_by("ordinal").values_list("signer_name", flat=True))
    signed.update(signed_at=None, sealed_at=None, serial="")
    return names


def _ask_lead(document: Document, draft: Draft) -> None:
    assert draft.signer_id is not None
    include(document, draft.signer_id, Capacity.SIGNER)
    if not _asked(document, Verb.SIGN, draft.signer_id):
        ask(document, draft.signer_id, Verb.SIGN)


def _ask_once(document: Document, one: CoIssuer, verb: Verb) -> None:
    principal = one.post_id if verb is Verb.SIGN else directory.registry_of(one.agency_id)
    assert principal is not None
    if not _asked(document, verb, principal):
        ask(document, principal, verb, agency_id=one.agency_id)


def _obtain(document: Document) -> None:
    registry = directory.registry_of(document.agency_id)
    include(document, registry, Capacity.REGISTRY)
    if not _asked(document, Verb.OBTAIN, registry):
        ask(document, registry, Verb.OBTAIN)


def _asked(document: Document, verb: Verb, principal: UUID) -> bool:
    return WorkItem.objects.filter(document=document, verb=verb, principal=principal).exists()
