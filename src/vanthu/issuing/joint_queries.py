"""The reads about joint documents: who issues them together, what of it one person may do, what was asked of whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vanthu.base.actors import Actor, Role
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency
from vanthu.issuing.joint_models import CoIssuer
from vanthu.issuing.joint_rules import MOST_CO_ISSUERS, Step
from vanthu.issuing.models import Draft, Stage
from vanthu.pades import partner_fields
from vanthu.records.models import Document, Verb, WorkItem
from vanthu.signing.senders import Sender


def co_issuers(document: Document) -> list[CoIssuer]:
    """Who issues the document together with its agency, in order; one query."""
    found = CoIssuer.objects.filter(document=document)
    return list(found.select_related("agency", "post__person").order_by("ordinal"))


def part_of(actor: Actor, document: Document) -> CoIssuer | None:
    """The actor's agency in somebody else's joint document; None for the agency that drafts."""
    if actor.agency_id == document.agency_id:
        return None
    return CoIssuer.objects.select_related("agency").get(document=document, agency_id=actor.agency_id)


def handed_to(document: Document, step: Step) -> CoIssuer | None:
    """The agency elsewhere whose turn it is when the clerk obtains what it signs; None without any left."""
    partners = [one for one in co_issuers(document) if not one.here]
    return next((one for one in partners if not _did(one, step)), None)


def sender_of(one: CoIssuer) -> Sender:
    """The agency as its certificates may call it, with its signer."""
    codes = frozenset(identifier.code for identifier in one.agency.identifiers.all())
    return Sender(frozenset({one.agency.name}), codes, one.signer_name)


@dataclass(frozen=True)
class Line:
    """One agency of a joint document as its page shows it; ``co_issuer`` is None for the agency that drafts.

    ``asked`` says what is asked of it now, ``handed`` what the clerk obtains from it elsewhere.
    """

    agency: Agency
    who: str
    position: str
    co_issuer: CoIssuer | None
    signed_at: datetime | None
    sealed_at: datetime | None
    asked: Step | None = None
    handed: Step | None = None

    @property
    def left(self) -> bool:
        """Whether it withdrew after the number was given."""
        return self.co_issuer is not None and self.co_issuer.left_at is not None


def lines(document: Document, draft: Draft) -> list[Line]:
    """Every agency of a joint document with what it did and what it is asked; empty for a document of one agency."""
    partners = co_issuers(document)
    if not partners:
        return []
    waiting = set(WorkItem.objects.filter(document=document).values_list("principal", "verb"))
    found = [_lead(document, draft, waiting)]
    step = Step.SIGN if document.state == Stage.SUBMITTED else Step.SEAL
    obtaining = any(verb == Verb.OBTAIN for _, verb in waiting)
    left = handed_to(document, step) if obtaining else None
    return [*found, *(_partner(one, waiting, step if one == left else None) for one in partners)]


def _did(one: CoIssuer, step: Step) -> bool:
    return (one.signed_at if step is Step.SIGN else one.sealed_at) is not None


def _lead(document: Document, draft: Draft, waiting: set[tuple[UUID, str]]) -> Line:
    signer = draft.signer
    asked = None
    if signer is not None and (signer.pk, Verb.SIGN.value) in waiting:
        asked = Step.SIGN
    elif any(verb == Verb.NUMBER for _, verb in waiting):
        asked = Step.SEAL
    return Line(
        document.agency,
        signer.person.full_name if signer else "",
        signer.position if signer else "",
        None,
        draft.signed_at,
        draft.issued_at,
        asked,
    )


def _partner(one: CoIssuer, waiting: set[tuple[UUID, str]], handed: Step | None) -> Line:
    asked = None
    if one.post_id and (one.post_id, Verb.SIGN.value) in waiting:
        asked = Step.SIGN
    elif (directory.registry_of(one.agency_id), Verb.SEAL.value) in waiting:
        asked = Step.SEAL
    return Line(
        one.agency,
        one.signer_name,
        one.signer_position,
        one,
        one.signed_at,
        one.sealed_at,
        asked,
        handed,
    )


def field_of(one: CoIssuer, step: Step) -> str:
    """The name of the field in the file that an agency signs or seals in."""
    person, agency = partner_fields(one.ordinal)
    return person if step is Step.SIGN else agency


def room_left(partners: Sequence[CoIssuer]) -> bool:
    """Whether one more agency may be named."""
    return len(partners) < MOST_CO_ISSUERS


def may_obtain(actor: Actor, document: Document) -> bool:
    """Whether the actor brings in what agencies elsewhere sign: the clerk whose work it is."""
    mine = WorkItem.objects.filter(document=document, verb=Verb.OBTAIN, principal__in=actor.principals)
    return actor.has(Role.CLERK) and mine.exists()
