"""Reading whom the site trusts: its own roots, its trusted lists with their services, what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asn1crypto import x509
from django.db.models import Q, QuerySet

from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.pades import Category, Purpose
from vanthu.signing.trust_lists import keeps_trust
from vanthu.signing.trust_models import TrustList
from vanthu.signing.trust_rules import overdue
from vanthu.signing.trusting import trust
from vanthu.trustlists import Pointer, Service, TrustedList


@dataclass(frozen=True)
class Root:
    """A trusted root of the site's own folder."""

    name: str
    category: Category
    fingerprint: str
    valid_until: datetime


@dataclass(frozen=True)
class ServiceLine:
    """One service of a list as the page shows it."""

    service: Service
    use: str
    granted: bool
    since: datetime
    word: str
    valid_until: datetime | None


@dataclass(frozen=True)
class ListShown:
    """A list in use. ``overdue``: it is older than it says it may become."""

    row: TrustList
    found: TrustedList
    overdue: bool
    services: list[ServiceLine]

    @property
    def pointers(self) -> tuple[Pointer, ...]:
        """Other lists that it names; they are not followed."""
        return self.found.pointers


_USES = {
    Purpose.SIGNING: "Cấp chứng thư ký số",
    Purpose.TIME_STAMPS: "Cấp dấu thời gian",
    None: "Không dùng cho văn bản",
}


def roots() -> list[Root]:
    """The roots of the folder ``VANTHU_TRUST_DIR``, the government's first."""
    own = trust()
    listed = [(root, Category.GOVERNMENT) for root in own.roots]
    listed += [(one.certificate, one.category) for one in own.anchors if one.granted is None]
    return [
        Root(_called(root), category, root.sha256.hex(), root.not_valid_after) for root, category in listed
    ]


def lists() -> list[ListShown]:
    """The lists in use with their services, read in one query."""
    now = clock.now()
    return [
        ListShown(row, found, overdue(row.next_update, now), list(_lines(found, now)))
        for row in TrustList.objects.filter(active=True).select_related("kept_by").order_by("name")
        for found in (TrustedList.from_dict(row.content),)
    ]


def sequence_of(list_id: UUID) -> int | None:
    """The sequence number of a list in use; None for any other."""
    found = TrustList.objects.filter(pk=list_id, active=True).values_list("sequence", flat=True)
    return found.first()


def ended() -> QuerySet[TrustList]:
    """The lists that were given up, the last one first."""
    return TrustList.objects.filter(active=False).defer("content").order_by("-ended_at")[:20]


def troubled(actor: Actor) -> list[TrustList]:
    """For the keepers: lists that are overdue or could not be looked at. No query for anybody else's sake."""
    if actor.is_system or not keeps_trust(actor):
        return []
    old = Q(next_update=None) | Q(next_update__lt=clock.now())
    return list(TrustList.objects.filter(old | ~Q(problem=""), active=True).defer("content"))


def _lines(found: TrustedList, now: datetime) -> Iterator[ServiceLine]:
    for service in found.services:
        present = service.history[0]
        certificates = [x509.Certificate.load(der) for der in service.certificates]
        yield ServiceLine(
            service=service,
            use=_USES[service.purpose],
            granted=any(since <= now and (until is None or now < until) for since, until in service.granted),
            since=present.since,
            word=present.word,
            valid_until=max((one.not_valid_after for one in certificates), default=None),
        )


def _called(certificate: x509.Certificate) -> str:
    return str(certificate.subject.native.get("common_name") or certificate.subject.human_friendly)
