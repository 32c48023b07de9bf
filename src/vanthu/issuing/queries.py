"""The reads of issuing that its pages and its panel share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

from django.db.models import Max, QuerySet

from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency, AgencyIdentifier, Post, WorkField
from vanthu.exchange import decisions, encrypting
from vanthu.exchange.changes import NOT_ASKED
from vanthu.exchange.decisions import Decision
from vanthu.exchange.models import Delivery
from vanthu.formalities import DOCUMENT_TYPES
from vanthu.formalities.reading import FrontPage
from vanthu.issuing.joint_models import CoIssuer
from vanthu.issuing.joint_rules import joint_abbreviation
from vanthu.issuing.models import Comment, Draft, DraftRecipient, Stage
from vanthu.issuing.rules import EDITABLE, DraftData, NotADrafter, NotEditable, state_label
from vanthu.records import queries as records
from vanthu.records.models import Direction, Document, DocumentFile, DocumentLink, LinkKind
from vanthu.signing import authority_queries
from vanthu.vietnamese import fold

SURE_ENOUGH = 0.6
"""How sure a reading of the front page must be before it is put into an empty field."""

RECENT = 8
REPLACEABLE = (Stage.ISSUED, Stage.RECALLED)
"""A recalled document may get a successor; one that is replaced has it already."""
_WITH_PEOPLE = ("drafter__person", "drafter__agency", "unit", "reviewer__person", "signer__person")


@dataclass(frozen=True)
class Suggestion:
    """What the front page says, for a field that the drafter left empty."""

    field: str
    value: str


def draft_of(document: Document) -> Draft:
    """The document's draft with its people; one query."""
    return Draft.objects.select_related(*_WITH_PEOPLE).get(document=document)


def editable(actor: Actor, document_id: UUID) -> tuple[Document, Draft]:
    """The drafter's own document while it may be edited.

    Raises ``NotYours``, :class:`NotADrafter`, :class:`NotEditable`.
    """
    document = records.get(actor, document_id)
    draft = Draft.objects.select_related(*_WITH_PEOPLE).filter(document=document).first()
    if draft is None or draft.drafter_id != actor.post_id:
        raise NotADrafter
    if document.state not in EDITABLE:
        raise NotEditable(state=state_label(document.state))
    return document, draft


def signers(agency_id: UUID) -> list[Post]:
    """Who may sign for the agency, in the order of precedence."""
    return authority_queries.signers(agency_id)


class Choices(TypedDict):
    """What the drafting form offers of the agency."""

    signers: list[Post]
    areas: list[WorkField]


def choices(agency_id: UUID) -> Choices:
    """Signers and fields of work of an agency; two queries."""
    return {"signers": signers(agency_id), "areas": directory.work_fields(agency_id)}


def data_of(document: Document, draft: Draft) -> DraftData:
    """What the draft holds, in the shape in which it is entered."""
    chosen = DraftRecipient.objects.filter(document=document).values_list("agency_id", flat=True)
    reply = DocumentLink.objects.filter(source=document, kind=LinkKind.REPLY_TO).first()
    replaced = DocumentLink.objects.filter(source=document, kind=LinkKind.REPLACES).order_by("pk")
    return DraftData(
        type_code=document.type_code,
        subject=document.subject,
        urgency=document.urgency,
        restriction=document.restriction,
        steering=document.steering,
        field_id=str(draft.field_id or ""),
        issue_place=document.issue_place,
        signer_id=str(draft.signer_id or ""),
        recipient_ids=tuple(str(key) for key in chosen),
        distribution=tuple(document.distribution),
        reply_due=document.reply_due,
        reply_to_id=str(reply.target_id) if reply else "",
        replaces=tuple(replaced.values_list("target__code", flat=True)),
        recall_left_out=draft.recall_left_out,
        recall_reason=draft.recall_reason,
        note=document.note,
    )


def agencies_in_order(keys: Sequence[str]) -> list[Agency]:
    """The agencies with these keys, in the order of the keys."""
    found = {str(a.pk): a for a in Agency.objects.prefetch_related("identifiers").filter(pk__in=keys)}
    return [found[key] for key in keys if key in found]


def recipients(document: Document) -> list[Agency]:
    """The chosen recipients in order, then the agencies that issue it too, for each keeps an original; four queries."""
    chosen = DraftRecipient.objects.filter(document=document)
    partners = CoIssuer.objects.filter(document=document)
    found = [
        row.agency
        for rows in (chosen, partners)
        for row in rows.select_related("agency").prefetch_related("agency__identifiers")
    ]
    return list({agency.pk: agency for agency in found}.values())


def issuer_abbreviation(document: Document) -> str:
    """The agencies' part of the notation: the one that drafts, then those that issue the document with it."""
    partners = CoIssuer.objects.filter(document=document).order_by("ordinal")
    others = partners.values_list("agency__abbreviation", flat=True)
    return joint_abbreviation([document.agency.abbreviation, *others])


def ways_of(document: Document, chosen: Sequence[Agency]) -> list[Decision]:
    """How each recipient would get the document now, and why."""
    return decisions.of_all(
        document.agency,
        chosen,
        type_code=document.type_code,
        restricted=bool(document.restriction),
        says=decisions.said_of(document),
        posted=encrypting.posted(document, chosen),
    )


def recent_recipients(actor: Actor, limit: int = RECENT) -> list[Agency]:
    """To whom the actor's own drafts went most recently: three taps instead of typing."""
    mine = DraftRecipient.objects.filter(document__created_by_id=actor.post_id)
    latest = mine.values("agency_id").annotate(last=Max("document__created_at")).order_by("-last")
    return agencies_in_order([str(row["agency_id"]) for row in latest[:limit]])


def pick_agencies(actor: Actor, text: str) -> list[Agency]:
    """Agencies for the recipients picker: by what was typed, or the recent ones while nothing is."""
    if not text.strip():
        return recent_recipients(actor)
    return directory.find_agencies(text, exclude=actor.agency_id)


def comments(document: Document) -> QuerySet[Comment]:
    """What was said of the document, oldest first."""
    return Comment.objects.filter(document=document).select_related("author__person")


def draft_files(document: Document) -> tuple[DocumentFile | None, list[DocumentFile]]:
    """The main file and the annexes in force."""
    files = records.current_files(document)
    main = next((file for file in files if file.kind == "MAIN"), None)
    return main, [file for file in files if file.kind == "ANNEX"]


def replaceable(actor: Actor, code: str) -> Document | None:
    """The newest document of this number that the agency issued, that the actor takes part in and that is in force."""
    found = records.visible(actor).filter(
        direction=Direction.OUTGOING, code=code.strip(), state__in=REPLACEABLE
    )
    return found.order_by("-pk").first()


def replacing_data(actor: Actor, document_id: UUID) -> DraftData:
    """A document that takes the place of an issued one: same kind, same recipients. Raises ``NotYours``."""
    replaced = records.get(actor, document_id, Direction.OUTGOING)
    chosen = DraftRecipient.objects.filter(document=replaced).values_list("agency_id", flat=True)
    return DraftData(
        type_code=replaced.type_code,
        subject=replaced.subject,
        urgency=replaced.urgency,
        steering=replaced.steering,
        recipient_ids=tuple(str(key) for key in chosen),
        distribution=tuple(replaced.distribution),
        replaces=(replaced.code,),
    )


def left_out(document: Document, chosen: Sequence[Agency]) -> list[Agency]:
    """Who has a document that this one replaces, and would not hear of it (NĐ 30/2020 Đ18.3); one query when none.

    ``chosen`` are the recipients of the new one.
    """
    replaced = list(document.links.filter(kind=LinkKind.REPLACES).values_list("target_id", flat=True))
    if not replaced:
        return []
    having = Delivery.objects.filter(document__in=replaced).exclude(state__in=NOT_ASKED)
    keys = set(having.values_list("recipient_id", flat=True)) - {agency.pk for agency in chosen}
    return list(Agency.objects.filter(pk__in=keys).prefetch_related("identifiers").order_by("name", "pk"))


def reply_data(actor: Actor, document_id: UUID) -> tuple[DraftData, Document]:
    """A letter that answers an incoming document: subject, sender as recipient, link. Raises ``NotYours``."""
    answered = records.get(actor, document_id)
    sender = AgencyIdentifier.objects.filter(code=answered.issuer_organ_id).first()
    data = DraftData(
        type_code="CONG_VAN",
        subject=reply_subject(answered),
        urgency=answered.urgency,
        recipient_ids=(str(sender.agency_id),) if sender and sender.agency_id != actor.agency_id else (),
        reply_to_id=str(answered.pk),
    )
    return data, answered


def reply_subject(answered: Document) -> str:
    """As letters say it: "V/v trả lời Công văn số 12/SKHCN-CĐS ngày 20/11/2026 của Sở Nội vụ"."""
    kind = DOCUMENT_TYPES.get(answered.type_code)
    parts = [f"V/v trả lời {kind.name if kind else 'văn bản'}"]
    if answered.code:
        parts.append(f"số {answered.code}")
    if answered.issued_date:
        parts.append(f"ngày {answered.issued_date:%d/%m/%Y}")
    if answered.issuer_name:
        parts.append(f"của {answered.issuer_name}")
    return " ".join(parts)[:500]


def suggestions(page: FrontPage, leaders: Sequence[Post]) -> list[Suggestion]:
    """What the front page offers for the form's fields, as far as the reading is sure enough."""
    offered = [
        ("type_code", page.type.code if page.type and page.type.issuable else "", "type"),
        ("subject", page.subject, "subject"),
        ("issue_place", page.place, "place"),
        ("signer_id", _leader_named(page.signer_name, leaders), "signer_name"),
        ("distribution", "\n".join(page.recipients), "recipients"),
    ]
    return [
        Suggestion(field, value)
        for field, value, part in offered
        if value and page.confidence.get(part, 1.0) >= SURE_ENOUGH
    ]


def _leader_named(name: str, leaders: Sequence[Post]) -> str:
    wanted = fold(name)
    same = [str(post.pk) for post in leaders if fold(post.person.full_name) == wanted]
    return same[0] if len(same) == 1 else ""


def saved_at(document: Document) -> str:
    """When the draft was last kept, as the drafter reads it."""
    return clock.local(document.changed_at).strftime("%H:%M")
