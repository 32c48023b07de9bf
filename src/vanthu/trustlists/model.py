"""What a trusted list says, and what follows from it for trust.

Owns the meaning of types and statuses (TS 119 612 sections 5.5.1 and 5.5.4). Anything that it does not know counts for
nothing: an unknown status is not granted, an unknown type is not trusted.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vanthu.pades import Anchor, Category, Purpose
from vanthu.pades.certificates import certificate as known_certificate
from vanthu.pades.listings import Criteria, Listing, ListName, Period, Qualifiers, Use

_SVC = "http://uri.etsi.org/TrstSvc/Svctype/"
_STATUS = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/"
PURPOSES = {
    f"{_SVC}CA/QC": Purpose.SIGNING,
    f"{_SVC}CA/PKC": Purpose.SIGNING,
    f"{_SVC}TSA/QTST": Purpose.TIME_STAMPS,
    f"{_SVC}TSA": Purpose.TIME_STAMPS,
    f"{_SVC}TSA/TSS-QC": Purpose.TIME_STAMPS,
    f"{_SVC}TSA/TSS-AdESQCandQES": Purpose.TIME_STAMPS,
}
GRANTED = {
    f"{_STATUS}{name}"
    for name in (
        "granted",
        "recognisedatnationallevel",
        "undersupervision",
        "supervisionincessation",
        "accredited",
        "setbynationallaw",
    )
}
"""Statuses under which a service is recognised; the last four were written before 2016."""

LIST_OF_LISTS = "listofthelists"


@dataclass(frozen=True)
class Status:
    """What a service was from an instant on: its type and status as the standard's addresses; for which uses its
    certificates are (empty: not said), and what else is said of some of them."""

    uri: str
    since: datetime
    type: str
    uses: frozenset[Use] = frozenset()
    qualifiers: tuple[Qualifiers, ...] = ()

    @property
    def granted(self) -> bool:
        """Whether the service was recognised."""
        return self.uri in GRANTED

    @property
    def word(self) -> str:
        """The last part of the address: ``granted``, ``withdrawn``."""
        return self.uri.rstrip("/").rpartition("/")[2]

    def period(self, until: datetime | None) -> Period:
        """The same as the judge of signatures knows it."""
        kind = self.type.removeprefix(_SVC)
        return Period(self.since, until, kind, self.word, self.granted, self.uses, self.qualifiers)

    def as_list(self) -> list[Any]:
        """JSON-able; what lists rarely say is written only where it is said."""
        plain = [self.uri, self.since.isoformat(), self.type]
        if not self.uses and not self.qualifiers:
            return plain
        said = [[list(one.names), one.criteria.as_dict()] for one in self.qualifiers]
        return [*plain, sorted(use.value for use in self.uses), said]

    @classmethod
    def from_list(cls, kept: list[Any]) -> Status:
        """What ``as_list`` wrote."""
        uri, since, kind, uses, said = [*kept, [], []][:5]
        return cls(
            uri,
            datetime.fromisoformat(since),
            kind,
            frozenset(map(Use, uses)),
            tuple(Qualifiers(tuple(names), Criteria.from_dict(criteria)) for names, criteria in said),
        )


@dataclass(frozen=True)
class Service:
    """One service of a provider; ``history`` newest first, the first is the present one. ``for_websites``: the list
    says that it serves web sites only."""

    provider: str
    name: str
    certificates: tuple[bytes, ...]
    history: tuple[Status, ...]
    for_websites: bool = False

    @property
    def purpose(self) -> Purpose | None:
        """What it is trusted for; None for services that are shown but not used."""
        return None if self.for_websites else PURPOSES.get(self.history[0].type)

    @property
    def granted(self) -> tuple[tuple[datetime, datetime | None], ...]:
        """The spans in which it counts, newest first."""
        found: list[tuple[datetime, datetime | None]] = []
        until: datetime | None = None
        for status in self.history:
            if status.granted and PURPOSES.get(status.type) is self.purpose:
                found.append((status.since, until))
            until = status.since
        return tuple(found)

    def anchors(self, category: Category, named: ListName) -> Iterator[Anchor]:
        """Where trust begins by this service of the list that is so named."""
        if self.purpose is not None:
            ends = (None, *(status.since for status in self.history))
            periods = tuple(status.period(until) for status, until in zip(self.history, ends, strict=False))
            listing = Listing(named, self.provider, self.name, periods)
            for der in self.certificates:
                yield Anchor(
                    known_certificate(der), category, frozenset({self.purpose}), self.granted, listing
                )

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "provider": self.provider,
            "name": self.name,
            "certificates": [base64.b64encode(der).decode() for der in self.certificates],
            "history": [one.as_list() for one in self.history],
            "for_websites": self.for_websites,
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> Service:
        """What ``as_dict`` wrote."""
        return cls(
            kept["provider"],
            kept["name"],
            tuple(map(base64.b64decode, kept["certificates"])),
            tuple(map(Status.from_list, kept["history"])),
            kept["for_websites"],
        )


@dataclass(frozen=True)
class Pointer:
    """Another list that a list names: where it lies, of which territory, who signs it (SHA-256 of certificates)."""

    url: str
    territory: str
    signers: tuple[str, ...]


@dataclass(frozen=True)
class TrustedList:
    """A list whose signature was checked. ``next_update`` is None for a list that is closed for good."""

    operator: str
    scheme: str
    territory: str
    sequence: int
    issued: datetime
    next_update: datetime | None
    signer: str
    """SHA-256 of the certificate that signed it."""
    services: tuple[Service, ...] = ()
    pointers: tuple[Pointer, ...] = field(default=())
    of_lists: bool = False

    @property
    def named(self) -> ListName:
        """Which edition of which list it is."""
        return ListName(self.territory, self.sequence, self.issued, self.next_update, self.operator)

    def anchors(self, category: Category) -> Iterator[Anchor]:
        """Where trust begins by this list."""
        for service in self.services:
            yield from service.anchors(category, self.named)

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "operator": self.operator,
            "scheme": self.scheme,
            "territory": self.territory,
            "sequence": self.sequence,
            "issued": self.issued.isoformat(),
            "next_update": self.next_update.isoformat() if self.next_update else None,
            "signer": self.signer,
            "services": [service.as_dict() for service in self.services],
            "pointers": [[one.url, one.territory, list(one.signers)] for one in self.pointers],
            "of_lists": self.of_lists,
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> TrustedList:
        """What ``as_dict`` wrote."""
        until = kept["next_update"]
        plain = {
            name: kept[name] for name in ("operator", "scheme", "territory", "sequence", "signer", "of_lists")
        }
        return cls(
            **plain,
            issued=datetime.fromisoformat(kept["issued"]),
            next_update=datetime.fromisoformat(until) if until else None,
            services=tuple(map(Service.from_dict, kept["services"])),
            pointers=tuple(
                Pointer(url, territory, tuple(signers)) for url, territory, signers in kept["pointers"]
            ),
        )
