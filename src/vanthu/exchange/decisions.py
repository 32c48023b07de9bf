"""How each recipient gets a document, and why: finds out the facts, lets the rules of ``legal`` decide.

Also the two things clerks enter for that: why a side is not ready (QĐ 28/2018/QĐ-TTg Đ7.1) and which documents must
be accompanied by paper (Đ7.2.b). Refuses to send.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from vanthu.base import clock
from vanthu.directory.models import OUTSIDE, Agency
from vanthu.exchange import routes
from vanthu.exchange.models import Channel, NotReady, PaperList
from vanthu.exchange.routes import Route
from vanthu.formalities import DOCUMENT_TYPES, Family
from vanthu.formalities.secrecy import Described, find_marks
from vanthu.identifiers import parse
from vanthu.legal.channels import Case, ChannelRule, Fact, RecipientClass, Verdict, classes_of, decide
from vanthu.records.models import Document


@dataclass(frozen=True)
class Decision:
    """How one recipient gets a document. ``because`` is the recorded reason of a side that is not ready."""

    agency: Agency
    rule: ChannelRule
    route: Route
    because: NotReady | None = None
    listed: PaperList | None = None

    @property
    def with_paper(self) -> bool:
        """Whether a paper original follows the electronic one."""
        return self.rule.verdict is Verdict.HYBRID

    @property
    def citation(self) -> str:
        """The text that decides; for the head's list also the decision that made it."""
        return f"{self.rule.citation}; {self.listed.decision}" if self.listed else self.rule.citation


def said_of(document: Document, file_names: Sequence[str] = ()) -> Described:
    """What an agency's own document says about itself, for marks of state secrecy."""
    return Described(subject=document.subject, notation=document.code, attachment_names=tuple(file_names))


def of_all(
    sender: Agency,
    recipients: Sequence[Agency],
    *,
    type_code: str,
    restricted: bool = False,
    says: Described | None = None,
    on: date | None = None,
    posted: Collection[UUID] = (),
) -> list[Decision]:
    """One decision per recipient, in their order; five queries, however many there are.

    ``says`` is what the document says about itself, for marks of state secrecy. ``on``: a Vietnam date. ``posted``:
    recipients who get paper because nothing can be encrypted to them.
    """
    day = on or clock.today()
    ways = routes.of_all([sender, *recipients])
    exceptions = _exceptions(sender, recipients)
    lists = list(_lists(sender, day).filter(Q(type_code="") | Q(type_code=type_code)))
    kind = DOCUMENT_TYPES.get(type_code)
    common = {Fact.RESTRICTED} if restricted else set()
    if says is not None and find_marks(says):
        common.add(Fact.SECRET)
    decisions = []
    for agency in recipients:
        because = exceptions.get(agency.id) or exceptions.get(None)
        listed = next((row for row in lists if row.recipient_id in (None, agency.id)), None)
        facts = common | _facts(agency, ways[agency.id], because, listed)
        if agency.id in posted:
            facts.add(Fact.UNENCRYPTABLE)
        case = Case(
            type_code=type_code,
            normative=kind is not None and kind.family is Family.LEGAL_NORMATIVE,
            locality=parse(sender.organ_id).level1,
            classes=_classes(sender, agency),
            facts=frozenset(facts),
        )
        rule = decide(case, day)
        decisions.append(
            Decision(
                agency,
                rule,
                _followed(ways[agency.id], rule),
                because if rule.id == "QD28_7_1" else None,
                listed if rule.id == "LIST_7_3b" else None,
            )
        )
    return decisions


def open_exceptions(agency_id: UUID) -> list[NotReady]:
    """What the agency noted of sides that are not ready and that still holds, newest first."""
    found = NotReady.objects.filter(agency=agency_id, ended_at=None)
    return list(found.select_related("recipient", "noted_by__person").order_by("-id"))


def paper_lists(agency_id: UUID) -> list[PaperList]:
    """The agency's list of documents that paper accompanies, those in force first."""
    return list(
        PaperList.objects.filter(agency=agency_id).select_related("recipient").order_by("-since", "-id")
    )


def _facts(agency: Agency, way: Route, because: NotReady | None, listed: PaperList | None) -> set[Fact]:
    found = set()
    if because is not None or not agency.ready:
        found.add(Fact.NOT_READY)
    if way.channel is Channel.PAPER:
        found.add(Fact.UNREACHABLE)
    if listed is not None:
        found.add(Fact.LISTED)
    return found


def _classes(sender: Agency, agency: Agency) -> frozenset[RecipientClass]:
    return classes_of(
        parse(sender.organ_id).levels,
        parse(agency.organ_id).levels,
        superior=agency.superior or (sender.parent_id is not None and sender.parent_id == agency.id),
        outside=agency.kind in OUTSIDE,
    )


def _followed(way: Route, rule: ChannelRule) -> Route:
    """The way that the rule leaves: paper where it says so."""
    if rule.verdict is Verdict.PAPER and way.channel is not Channel.PAPER:
        return replace(way, channel=Channel.PAPER, code=way.agency.organ_id, axis=None)
    return way


def _exceptions(sender: Agency, recipients: Sequence[Agency]) -> dict[UUID | None, NotReady]:
    found = NotReady.objects.filter(
        Q(recipient__in=recipients) | Q(recipient=None), agency=sender, ended_at=None
    ).order_by("id")
    return {row.recipient_id: row for row in found}


def _lists(sender: Agency, day: date) -> QuerySet[PaperList]:
    return PaperList.objects.filter(Q(until=None) | Q(until__gt=day), agency=sender, since__lte=day)
