"""What a clerk says by hand: which document a status or a request is about that named none this agency knows.

Owns the search among what may be meant and the verb that ties it. Refuses to tie anything to a document that was
not sent to, or received from, the agency that speaks or one whose work it took over: nobody reports or recalls for
somebody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from vanthu.audit.ledger import action
from vanthu.base.actors import Actor, NotYours, Role
from vanthu.directory import queries as directory
from vanthu.exchange import actions, changes, rules
from vanthu.exchange.models import (
    AnswerState,
    ChangeKind,
    Delivery,
    InboxPacket,
    InboxState,
    IncomingChange,
    PacketKind,
)
from vanthu.records.models import Document
from vanthu.vietnamese import fold

LIMIT = 20
"""As many as a clerk looks through; more words find fewer."""

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Candidate:
    """A document that may be meant; ``key`` is the delivery's or the bringing packet's."""

    key: UUID
    document: Document
    other: str


@dataclass(frozen=True)
class Search:
    """What a clerk typed: words of number, subject or agency, and dates of the document."""

    words: tuple[str, ...]
    dates: tuple[date, ...]


def search_of(text: str) -> Search:
    """Read "15/UBND 20/11/2026 du toan": a date in Vietnamese order is a date, the rest are words."""
    words: list[str] = []
    dates: list[date] = []
    for part in text.split()[:12]:
        found = _date(part)
        if found:
            dates.append(found)
        else:
            words.append(fold(part))
    return Search(tuple(words), tuple(dates))


def candidates(row: InboxPacket, text: str = "") -> list[Candidate]:
    """What an orphan may be about, newest first: sent to the agency that reports, or received from the one that asks.

    One query.
    """
    if row.sender_id is None:
        return []
    if row.error_code == rules.Orphan.code:
        sent = Delivery.objects.filter(agency=row.agency_id, recipient__in=directory.line_of(row.sender_id))
        found = _matching(sent.select_related("document", "recipient"), search_of(text))
        return [Candidate(one.pk, one.document, one.recipient.name) for one in found]
    received = InboxPacket.objects.filter(
        agency=row.agency_id,
        sender__in=directory.line_of(row.sender_id),
        kind=PacketKind.EDOC,
        business_type__in=changes.BRINGS_A_DOCUMENT,
        state__in=[InboxState.TAKEN_IN, InboxState.REFUSED],
        document__isnull=False,
        document__sealed_at=None,
    )
    return [
        Candidate(one.pk, one.document, one.sender_name)
        for one in _matching(received.select_related("document"), search_of(text))
        if one.document
    ]


def orphan(actor: Actor, inbox_id: UUID) -> InboxPacket:
    """The quarantined packet that lacks its document. Raises ``RoleRequired``, ``NotYours``, ``NotQuarantined``."""
    actor.require(Role.CLERK)
    row = InboxPacket.objects.filter(pk=inbox_id, agency_id=actor.agency_id).first()
    if row is None:
        raise NotYours
    _require_orphan(row)
    return row


def replacement(
    actor: Actor, request_id: UUID, among: QuerySet[IncomingChange] | None = None
) -> IncomingChange:
    """A replacement whose earlier document is not here. Raises ``RoleRequired``, ``NotYours``, ``NotQuarantined``."""
    actor.require(Role.CLERK)
    found = (IncomingChange.objects.all() if among is None else among).select_related("inbox__agency")
    request = found.filter(pk=request_id, agency_id=actor.agency_id, kind=ChangeKind.REPLACE).first()
    if request is None:
        raise NotYours
    if request.state != AnswerState.WAITING:
        raise rules.NotQuarantined
    return request


@action
def match_request(actor: Actor, inbox_id: UUID, about_id: UUID) -> InboxPacket:
    """Say which received document an orphan request is about; it is then asked or answered like any other.

    Raises ``RoleRequired``, ``NotYours``, ``NotQuarantined``, :class:`rules.NotItsDocument`.
    """
    actor.require(Role.CLERK)
    row = _locked(actor, inbox_id)
    about = _about(row, about_id)
    requests = list(IncomingChange.objects.select_for_update().filter(inbox=row, state=AnswerState.WAITING))
    if not requests:
        raise rules.NotQuarantined
    for request in requests:
        changes.match(request, about)
    row.first, row.document, row.state = about, about.document, InboxState.TAKEN_IN
    row.error_code = row.error_text = row.must_act = ""
    row.save()
    actions.record_inbox(actor, row, "exchange.matched", asked=requests[0].kind, document=about.code)
    return row


@action
def match_replacement(actor: Actor, request_id: UUID, about_id: UUID) -> IncomingChange:
    """Say which received document a newer one replaces that named none this agency knows (NĐ 30/2020 Đ18.3).

    Raises ``RoleRequired``, ``NotYours``, ``NotQuarantined``, :class:`rules.NotItsDocument`.
    """
    request = replacement(actor, request_id, IncomingChange.objects.select_for_update(of=("self",)))
    about = _about(request.inbox, about_id)
    changes.match(request, about)
    actions.record_inbox(actor, request.inbox, "exchange.matched", asked=request.kind, document=about.code)
    return request


def _locked(actor: Actor, inbox_id: UUID) -> InboxPacket:
    found = InboxPacket.objects.select_for_update(of=("self",)).select_related("agency", "sender")
    row = found.filter(pk=inbox_id, agency_id=actor.agency_id).first()
    if row is None:
        raise NotYours
    _require_orphan(row)
    return row


def _require_orphan(row: InboxPacket) -> None:
    if row.state != InboxState.QUARANTINED or not row.lacks_document:
        raise rules.NotQuarantined


def _about(row: InboxPacket, about_id: UUID) -> InboxPacket:
    """The packet that brought the chosen document, locked, when its sender is the one that asks."""
    found = InboxPacket.objects.select_for_update(of=("self",)).select_related("document")
    assert row.agency_id and row.sender_id
    about = found.filter(
        pk=about_id,
        agency_id=row.agency_id,
        sender__in=directory.line_of(row.sender_id),
        kind=PacketKind.EDOC,
    ).first()
    if about is None or about.document is None or about.pk == row.pk:
        raise rules.NotItsDocument
    return about


def _matching(found: QuerySet[M], wanted: Search) -> Sequence[M]:
    terms = Q()
    for word in wanted.words:
        terms &= Q(document__search_text__contains=word)
    for day in wanted.dates:
        terms &= Q(document__issued_date=day)
    return list(found.filter(terms).order_by("-pk")[:LIMIT])


def _date(part: str) -> date | None:
    numbers = part.replace("-", "/").split("/")
    if len(numbers) != 3 or not all(number.isascii() and number.isdigit() for number in numbers):
        return None
    day, month, year = (int(number) for number in numbers)
    try:
        return date(year, month, day)
    except ValueError:
        return None
