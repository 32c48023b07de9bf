"""Which algorithms and key lengths sign, which are only read, and until when each of them can be relied upon.

Owns one table with its sources, and the questions asked of it: enrolment and signing (may this key, this digest
make a signature?), validation (is what it made proof?), preservation (when does it weaken?). Refuses to look at
certificates' owners, chains or revocation. SHA-1 is verified and never produced.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from asn1crypto import keys as asn1_keys
from asn1crypto import x509

from vanthu.pades.errors import DigestTooWeak, KeyTooWeak
from vanthu.pades.times import VIET_NAM


class Fitness(Enum):
    """What an algorithm is good for on a day."""

    FIT = "FIT"
    """Signs, and what it signed is proof."""
    LEGACY = "LEGACY"
    """Never signs any more. What it signed is proof only with evidence that it was there while the algorithm was
    fit (a time-stamp by a stronger one)."""
    BROKEN = "BROKEN"
    """Proves nothing, whenever it was made."""


@dataclass(frozen=True)
class Algorithm:
    """One row: ``name`` (``rsa``, ``ec``, ``sha256`` …) from ``least_bits`` on, fit up to and including
    ``fit_until`` (a day in Viet Nam; None: no end is known). ``legacy``: what was made until then is still read."""

    name: str
    least_bits: int
    fit_until: date | None
    legacy: bool
    source: str


_NATIONAL = "TT 15/2025/TT-BKHCN PL I"
_SUNSET = "NIST SP 800-57 Part 1 Rev. 5 bảng 4 (mức 112 bit dùng đến hết năm 2030)"

TABLE: tuple[Algorithm, ...] = (
    Algorithm("rsa", 3000, None, True, _NATIONAL),  # PKCS#1 v1.5 and PSS alike; see ``schemes``
    Algorithm("rsa", 2048, date(2030, 12, 31), True, f"{_NATIONAL}; {_SUNSET}"),
    Algorithm("rsa", 1024, date(2013, 12, 31), True, "NIST SP 800-131A Rev. 2 mục 3"),
    Algorithm("ec", 256, None, True, _NATIONAL),
    Algorithm("ed25519", 0, None, True, "RFC 8419; FIPS 186-5"),
    Algorithm("ed448", 0, None, True, "RFC 8419; FIPS 186-5"),
    Algorithm("sha256", 0, None, True, _NATIONAL),
    Algorithm("sha384", 0, None, True, _NATIONAL),
    Algorithm("sha512", 0, None, True, _NATIONAL),
    Algorithm("sha3_256", 0, None, True, _NATIONAL),
    Algorithm("sha3_384", 0, None, True, _NATIONAL),
    Algorithm("sha3_512", 0, None, True, _NATIONAL),
    Algorithm("shake256", 0, None, True, "RFC 8419"),
    Algorithm("sha224", 0, date(2030, 12, 31), True, _SUNSET),
    Algorithm(
        "sha1", 0, date(2016, 12, 31), True, "QCVN 102:2016 (chỉ để kiểm tra); NIST SP 800-131A Rev. 2"
    ),
)
"""Longest keys of an algorithm first. What is not listed is BROKEN."""

PRODUCED_DIGEST = "sha256"
"""What every signature and time-stamp request of this library uses; the table must call it FIT."""


def row_of(name: str, bits: int = 0) -> Algorithm | None:
    """The row for an algorithm with keys of ``bits``; None when it is not listed or too short."""
    return next((row for row in TABLE if row.name == name and bits >= row.least_bits), None)


def digest_fitness(name: str, at: datetime) -> Fitness:
    """Of a hash function at the instant ``at``; names as asn1crypto gives them (``sha256``)."""
    return _fitness(row_of(name), at)


def weakest(digests: Iterable[str]) -> str:
    """Of several hash functions the one that ceases to be fit first."""

    def end(name: str) -> date:
        row = row_of(name)
        return date.min if row is None else row.fit_until or date.max

    return min(digests, key=end)


def key_fitness(key: asn1_keys.PublicKeyInfo, at: datetime) -> Fitness:
    """Of a public key at the instant ``at``."""
    return _fitness(_key_row(key), at)


def fitness(certificate: x509.Certificate, digest: str, at: datetime) -> Fitness:
    """Of a signature made with the certificate's key over ``digest``: the worse of the two."""
    both = {key_fitness(certificate.public_key, at), digest_fitness(digest, at)}
    return next(found for found in (Fitness.BROKEN, Fitness.LEGACY, Fitness.FIT) if found in both)


def require_key(certificate: x509.Certificate, at: datetime) -> None:
    """Raises KeyTooWeak unless the certificate's key may make signatures at ``at``: at enrolment and before each
    signature. Source: TT 15/2025/TT-BKHCN PL I; NĐ 23/2025 Đ15."""
    if key_fitness(certificate.public_key, at) is not Fitness.FIT:
        raise KeyTooWeak


def require_digest(name: str, at: datetime) -> None:
    """Raises DigestTooWeak unless signatures may be made over this hash function at ``at`` (conflict C15)."""
    if digest_fitness(name, at) is not Fitness.FIT:
        raise DigestTooWeak(name=name.upper())


def weakens_on(certificates: Iterable[x509.Certificate], digests: Iterable[str] = ()) -> date | None:
    """The last day on which all of these are fit (in Viet Nam); None when no end is known. What is not listed
    ended on the first day there is."""
    rows = [_key_row(certificate.public_key) for certificate in certificates]
    rows += [row_of(name) for name in digests]
    if any(row is None for row in rows):
        return date.min
    return min((row.fit_until for row in rows if row and row.fit_until), default=None)


def _key_row(key: asn1_keys.PublicKeyInfo) -> Algorithm | None:
    name = "rsa" if key.algorithm.startswith("rsa") else key.algorithm
    try:
        bits = int(key.bit_size)
    except (ValueError, TypeError, KeyError):
        # Edwards curves have one length each, which asn1crypto does not tell.
        bits = 0
    return row_of(name, bits)


def _fitness(row: Algorithm | None, at: datetime) -> Fitness:
    if row is None:
        return Fitness.BROKEN
    if row.fit_until is None or at.astimezone(VIET_NAM).date() <= row.fit_until:
        return Fitness.FIT
    return Fitness.LEGACY if row.legacy else Fitness.BROKEN
