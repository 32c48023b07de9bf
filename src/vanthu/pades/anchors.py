"""Where trust begins: a certificate, what it is trusted for, by which kind of authority, and when.

Owns the categories of R104 and the days on which a listed service counts. Refuses to know where anchors come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from asn1crypto import x509

from vanthu.pades.listings import Listing


class Category(Enum):
    """Whose authority it is (QĐ 33/2019/QĐ-UBND Đ11.3; NĐ 68/2024; Luật Giao dịch điện tử 2023 Đ22)."""

    GOVERNMENT = "GOVERNMENT"
    """The public-duty service of the Government Cipher Committee: what agencies sign with."""
    PUBLIC = "PUBLIC"
    """A licensed authority that serves the public: what everybody else signs with."""


class Purpose(Enum):
    """What a certificate below the anchor is used for."""

    SIGNING = "SIGNING"
    """Signatures of people and agencies, and encryption to them."""
    TIME_STAMPS = "TIME_STAMPS"


EVERYTHING = frozenset(Purpose)


@dataclass(frozen=True)
class Anchor:
    """A trusted certificate; it need not be self-signed. ``granted`` are the spans in which it counts, each from an
    instant to the one from which it no longer did (None: still does); None: always."""

    certificate: x509.Certificate
    category: Category
    purposes: frozenset[Purpose] = EVERYTHING
    granted: tuple[tuple[datetime, datetime | None], ...] | None = None
    listing: Listing | None = None
    """Where it stands in a trusted list; None for a root of one's own."""
    digest: bytes = field(default=b"", compare=False, repr=False)
    subject: str = field(default="", compare=False, repr=False)
    """SHA-256 and comparable name of the certificate. Given along, they spare reading hundreds of certificates of which
    a judgement needs one or two."""

    def __post_init__(self) -> None:
        if not self.digest:
            object.__setattr__(self, "digest", bytes(self.certificate.sha256))
            object.__setattr__(self, "subject", self.certificate.subject.hashable)

    def counts(self, at: datetime) -> bool:
        """Whether it is trusted at an instant."""
        return self.granted is None or any(_within(span, at) for span in self.granted)

    def ended(self, at: datetime) -> datetime | None:
        """When it last stopped counting before ``at``; None when it never counted before."""
        ends = [until for _, until in self.granted or () if until is not None and until <= at]
        return max(ends, default=None)


def purpose_of(certificate: x509.Certificate) -> Purpose:
    """What a certificate is used for: time-stamps when it was issued for nothing else (RFC 3161 section 2.3)."""
    purposes = certificate.extended_key_usage_value
    stamps = purposes is not None and set(purposes.native) == {"time_stamping"}
    return Purpose.TIME_STAMPS if stamps else Purpose.SIGNING


@dataclass(frozen=True)
class InForce:
    """The anchors for one purpose at one instant, by the SHA-256 of their certificates."""

    counting: dict[bytes, Anchor]
    resting: dict[bytes, Anchor]
    """Known, yet not trusted at that instant."""

    def near(self, certificates: Sequence[x509.Certificate]) -> InForce:
        """Only those in which a chain of these certificates can end. A list of hundreds of services would otherwise
        cost more than judging the signature."""
        issuers = {one.issuer.hashable for one in certificates}
        own = {bytes(one.sha256) for one in certificates}

        def kept(anchors: dict[bytes, Anchor]) -> dict[bytes, Anchor]:
            return {about: one for about, one in anchors.items() if about in own or one.subject in issuers}

        return InForce(kept(self.counting), kept(self.resting))


def in_force(anchors: Iterable[Anchor], purpose: Purpose, at: datetime) -> InForce:
    """Which anchors count; one certificate may be listed more than once, and counts if any entry does, by the first
    that does."""
    counting: dict[bytes, Anchor] = {}
    resting: dict[bytes, Anchor] = {}
    for anchor in anchors:
        if purpose in anchor.purposes:
            chosen = counting if anchor.counts(at) else resting
            chosen.setdefault(anchor.digest, anchor)
    return InForce(counting, {about: one for about, one in resting.items() if about not in counting})


def _within(span: tuple[datetime, datetime | None], at: datetime) -> bool:
    since, until = span
    return since <= at and (until is None or at < until)
