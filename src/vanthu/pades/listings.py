"""Where an anchor stands in a trusted list: which list, which service, and what was said of it from when until when.

Owns the facts that reports name and that :mod:`vanthu.pades.qualified` judges by, as a list wrote them (ETSI TS 119 612
section 5.5). Refuses to read lists: :mod:`vanthu.trustlists` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any


class Use(Enum):
    """What a certificate is for, by the list (``AdditionalServiceInformation``) or by itself (``QcType``)."""

    SIGNATURE = "SIGNATURE"
    """Of a person."""
    SEAL = "SEAL"
    """Of an organisation."""
    WEBSITE = "WEBSITE"


class Assertion(Enum):
    """How many of a criteria list's conditions have to hold (TS 119 612 section 5.5.9.2.2.1)."""

    ALL = "all"
    AT_LEAST_ONE = "atLeastOne"
    NONE = "none"


@dataclass(frozen=True)
class Criteria:
    """Which certificates of a service a qualifier is about. Each entry of ``usages`` (name of the bit, wanted value),
    ``policies``, ``purposes`` and ``attributes`` (object identifiers) is one condition; so is each of ``nested``.
    ``unknown``: there are conditions of a kind that nobody here can judge."""

    assertion: Assertion = Assertion.ALL
    usages: tuple[tuple[tuple[str, bool], ...], ...] = ()
    policies: tuple[tuple[str, ...], ...] = ()
    purposes: tuple[tuple[str, ...], ...] = ()
    attributes: tuple[tuple[str, ...], ...] = ()
    nested: tuple[Criteria, ...] = ()
    unknown: bool = False

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "assertion": self.assertion.value,
            **{name: [list(one) for one in getattr(self, name)] for name in _CONDITIONS},
            "usages": [[list(bit) for bit in one] for one in self.usages],
            "nested": [one.as_dict() for one in self.nested],
            "unknown": self.unknown,
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> Criteria:
        """What ``as_dict`` wrote."""
        return cls(
            Assertion(kept["assertion"]),
            usages=tuple(tuple((name, bool(value)) for name, value in one) for one in kept["usages"]),
            nested=tuple(map(cls.from_dict, kept["nested"])),
            unknown=kept["unknown"],
            **{name: tuple(map(tuple, kept[name])) for name in _CONDITIONS},
        )


_CONDITIONS = ("policies", "purposes", "attributes")


@dataclass(frozen=True)
class Qualifiers:
    """What the list says of some of a service's certificates: last parts of the qualifiers' addresses
    (``QCWithQSCD``), and of which."""

    names: tuple[str, ...]
    criteria: Criteria


@dataclass(frozen=True)
class Period:
    """What a service was from an instant until another (None: still is). ``type`` and ``status`` are the last parts of
    the standard's addresses (``CA/QC``, ``granted``); ``uses`` is empty where the list names none."""

    since: datetime
    until: datetime | None
    type: str
    status: str
    granted: bool
    uses: frozenset[Use] = frozenset()
    qualifiers: tuple[Qualifiers, ...] = ()

    def covers(self, at: datetime) -> bool:
        """Whether an instant lies in it."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class ListName:
    """Which edition of which list. ``next_update`` is None for a list that is closed for good."""

    territory: str
    sequence: int
    issued: datetime
    next_update: datetime | None
    operator: str


@dataclass(frozen=True)
class Listing:
    """One service of a list, ``periods`` newest first."""

    list: ListName
    provider: str
    service: str
    periods: tuple[Period, ...]

    def at(self, moment: datetime) -> Period | None:
        """What the list says of the service at an instant; None before its first entry."""
        return next((one for one in self.periods if one.covers(moment)), None)


@dataclass(frozen=True)
class Listed:
    """What a list said of the authority behind one signature at the instant that counts for it, for the report."""

    territory: str
    sequence: int
    issued: datetime
    operator: str
    provider: str
    service: str
    type: str
    status: str
    """Empty: the service was not listed yet."""
    since: datetime | None

    @classmethod
    def of(cls, listing: Listing, moment: datetime) -> Listed:
        """The listing as it stood at ``moment``."""
        named, period = listing.list, listing.at(moment)
        return cls(
            territory=named.territory,
            sequence=named.sequence,
            issued=named.issued,
            operator=named.operator,
            provider=listing.provider,
            service=listing.service,
            type=period.type if period else "",
            status=period.status if period else "",
            since=period.since if period else None,
        )

    def as_dict(self) -> dict[str, Any]:
        """JSON-able; instants in ISO 8601."""
        since = self.since.isoformat() if self.since else None
        return {**vars(self), "issued": self.issued.isoformat(), "since": since}

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> Listed:
        """What ``as_dict`` wrote."""
        since = datetime.fromisoformat(kept["since"]) if kept["since"] else None
        return cls(**{**kept, "issued": datetime.fromisoformat(kept["issued"]), "since": since})
