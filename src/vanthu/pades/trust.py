"""Whom to trust, and whether a certificate was good at an instant.

Owns the chain from a certificate to a trusted root, its revocation status, and the fetching of OCSP answers
and CRLs. Refuses to visit any address that is not named in a certificate on a chain to a trusted root, so
that a hostile file cannot send this machine anywhere.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import httpx
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import pem, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.authority import AuthorityWithCert
from pyhanko_certvalidator.errors import (
    DisallowedAlgorithmError,
    ExpiredError,
    InsufficientRevinfoError,
    NotYetValidError,
    OCSPFetchError,
    PathBuildingError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.errors import InvalidCertificateError as ChainUseError
from pyhanko_certvalidator.fetchers.common_utils import format_ocsp_request, process_ocsp_response_data
from pyhanko_certvalidator.path import ValidationPath

from vanthu.pades.anchors import Anchor, Category, InForce, in_force, purpose_of
from vanthu.pades.errors import TrustUnreadable
from vanthu.pades.report import Evidence
from vanthu.pades.running import run
from vanthu.pades.web import authority_client

LARGEST_OCSP = 200_000
LARGEST_CRL = 30_000_000
_URLS_PER_CERTIFICATE = 3


class Revocation(Enum):
    """How much must be known about revocation before a certificate counts as good."""

    REQUIRED = "require"
    """Every certificate below the root must have an answer."""
    WHERE_OFFERED = "hard-fail"
    """Only those that name an OCSP or CRL address."""
    IGNORED = "soft-fail"
    """None: only for material that is known not to have any."""


class RevocationSource(Protocol):
    """Where current revocation data comes from; raises nothing, an unreachable authority yields nothing."""

    async def fetch(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Evidence:
        """An OCSP answer or a CRL about ``certificate``, or empty evidence."""


class HungHosts:
    """Hosts that took the question and never answered: whoever shares this waits for each once in ``seconds``."""

    def __init__(self, seconds: float = 20.0, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._until: dict[str, float] = {}

    def add(self, host: str) -> None:
        """``host`` has just let somebody wait in vain."""
        self._until[host] = self._clock() + self._seconds

    def __contains__(self, host: str) -> bool:
        return self._clock() < self._until.get(host, 0.0)


class HttpRevocationSource:
    """OCSP first, then CRL (also when OCSP tells of a revocation), over HTTP; ``timeout`` in seconds per
    request. Answers are remembered and a host that failed is not tried again by the same object, so keep one
    per validation (the default) or per short batch. ``hung`` tells several objects whom not to wait for."""

    def __init__(self, *, timeout: float = 5.0, hung: HungHosts | None = None) -> None:
        self._timeout = timeout
        self._hung = hung or HungHosts()
        self._silent_hosts: set[str] = set()
        self._answers: dict[bytes, Evidence] = {}

    async def fetch(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Evidence:
        """See RevocationSource."""
        about = bytes(certificate.sha256)
        if about not in self._answers:
            self._answers[about] = await self._ask_authority(certificate, issuer)
        return self._answers[about]

    async def _ask_authority(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Evidence:
        ocsps: tuple[bytes, ...] = ()
        async with authority_client(self._timeout) as client:
            for url in list(certificate.ocsp_urls)[:_URLS_PER_CERTIFICATE]:
                answer = await self._ocsp(client, url, certificate, issuer)
                if answer is not None and not tells_of_revocation(answer):
                    return Evidence(ocsps=(answer,))
                if answer is not None:
                    ocsps = (answer,)
                    break
            for url in _crl_urls(certificate)[:_URLS_PER_CERTIFICATE]:
                listed = await self._crl(client, url)
                if listed is not None:
                    return Evidence(ocsps=ocsps, crls=(listed,))
        return Evidence(ocsps=ocsps)

    async def _ocsp(
        self, client: httpx.AsyncClient, url: str, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> bytes | None:
        request = format_ocsp_request(
            certificate, AuthorityWithCert(issuer), certid_hash_algo="sha1", request_nonces=False
        )
        headers = {"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"}
        body = await self._ask(client, "POST", url, LARGEST_OCSP, content=request.dump(), headers=headers)
        if body is None:
            return None
        try:
            process_ocsp_response_data(body, ocsp_request=request, ocsp_url=url)
        except (OCSPFetchError, ValueError, TypeError):
            return None
        return body

    async def _crl(self, client: httpx.AsyncClient, url: str) -> bytes | None:
        body = await self._ask(client, "GET", url, LARGEST_CRL)
        try:
            return None if body is None else bytes(asn1_crl.CertificateList.load(body, strict=True).dump())
        except (ValueError, TypeError):
            return None

    async def _ask(
        self, client: httpx.AsyncClient, method: str, url: str, largest: int, **more: Any
    ) -> bytes | None:
        try:
            host = httpx.URL(url).netloc.decode()
            if (
                not url.startswith(("http://", "https://"))
                or host in self._silent_hosts
                or host in self._hung
            ):
                return None
            async with client.stream(method, url, **more) as answer:
                answer.raise_for_status()
                return await _bounded(answer, largest)
        except httpx.TransportError as problem:
            self._silent_hosts.add(host)
            if isinstance(problem, httpx.TimeoutException):
                self._hung.add(host)
        except (httpx.HTTPError, httpx.InvalidURL):
            pass
        return None


class RememberingSource:
    """Asks at most once in ``seconds`` about a certificate, whichever file is being judged.

    A busy site judges hundreds of files of the same few signers; asking each time costs more than judging. What is
    remembered is an authority's signed answer, so a revocation is noticed ``seconds`` later at most. Silence is
    never remembered here. ``make`` gives a fresh source per question, so that a host that was away is tried again.
    """

    MOST = 1000

    def __init__(
        self,
        make: Callable[[], RevocationSource],
        seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make, self._seconds, self._clock = make, seconds, clock
        self._answers: dict[bytes, tuple[float, Evidence]] = {}
        self._lock = threading.Lock()

    async def fetch(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Evidence:
        """See RevocationSource."""
        about = bytes(certificate.sha256)
        with self._lock:
            until, answer = self._answers.get(about, (0.0, Evidence()))
        if self._clock() < until:
            return answer
        answer = await self._make().fetch(certificate, issuer)
        if answer.ocsps or answer.crls:
            with self._lock:
                if len(self._answers) >= self.MOST:
                    self._answers.clear()
                self._answers[about] = (self._clock() + self._seconds, answer)
        return answer


def tells_of_revocation(answer: bytes) -> bool:
    """Whether an OCSP answer says anything but good. Then a CRL is wanted too: it shows whether the
    certificate was still good at an earlier instant, which the answer alone does not prove to the path
    validator."""
    basic = asn1_ocsp.OCSPResponse.load(answer).basic_ocsp_response
    return any(single["cert_status"].name != "good" for single in basic["tbs_response_data"]["responses"])


async def _bounded(answer: httpx.Response, largest: int) -> bytes | None:
    body = bytearray()
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > largest:
            return None
    return bytes(body)


def _crl_urls(certificate: x509.Certificate) -> list[str]:
    points = certificate.crl_distribution_points
    return [point.url for point in points if point.url]


@dataclass(frozen=True)
class Trust:
    """Whom to trust and how to learn about revocation.

    ``roots`` are trusted always, for everything, as the government's; ``anchors`` as each says.
    ``ocsps`` and ``crls`` are DER data already at hand. With ``allow_fetching`` fresh data is asked from
    ``source`` (HTTP by default) and that at hand is the fallback. ``retroactive``: an answer given later than
    the instant in question counts for it, as receivers who check days later need; CAs that suspend and
    reinstate certificates would want it off.
    """

    roots: tuple[x509.Certificate, ...]
    intermediates: tuple[x509.Certificate, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    allow_fetching: bool = False
    retroactive: bool = True
    revocation: Revocation = Revocation.REQUIRED
    source: RevocationSource | None = field(default=None, compare=False)
    anchors: tuple[Anchor, ...] = ()

    def in_force(self, certificate: x509.Certificate, at: datetime) -> InForce:
        """The anchors by which ``certificate`` may be trusted at an instant; a root counts whatever a list says."""
        roots = tuple(Anchor(root, Category.GOVERNMENT) for root in self.roots)
        return in_force((*roots, *self.anchors), purpose_of(certificate), at)

    def offline_with(self, evidence: Evidence) -> Trust:
        """The same trust, resting on kept evidence instead of the network."""
        kept = tuple(map(x509.Certificate.load, evidence.certificates))
        return replace(
            self,
            intermediates=(*self.intermediates, *kept),
            ocsps=(*self.ocsps, *evidence.ocsps),
            crls=(*self.crls, *evidence.crls),
            allow_fetching=False,
        )


def certificates_in(folder: Path | None, pattern: str) -> tuple[x509.Certificate, ...]:
    """All certificates of the PEM files of a trust folder that match, in order of name; none without a folder.

    Raises TrustUnreadable.
    """
    files = sorted(folder.glob(pattern)) if folder else []
    return tuple(certificate for file in files for certificate in _in_file(file))


def _in_file(file: Path) -> list[x509.Certificate]:
    try:
        blocks = [der for _, _, der in pem.unarmor(file.read_bytes(), multiple=True)]
        found = [x509.Certificate.load(der, strict=True) for der in blocks]
        for certificate in found:
            certificate.serial_number  # noqa: B018 - parses: a key in PEM form is no certificate
        return found
    except ValueError as problem:
        raise TrustUnreadable(file=str(file)) from problem


class Standing(Enum):
    """A certificate's standing at an instant."""

    GOOD = "GOOD"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    UNTRUSTED = "UNTRUSTED"
    WITHDRAWN = "WITHDRAWN"
    """The chain leads to a listed service that was not granted then."""
    CHAIN_BROKEN = "CHAIN_BROKEN"
    WEAK = "WEAK"
    UNKNOWN = "UNKNOWN"
    """The chain is good but nothing is known about revocation."""


@dataclass(frozen=True)
class ChainResult:
    """A standing and the evidence that it rests on."""

    standing: Standing
    evidence: Evidence = field(default_factory=Evidence)
    revoked_at: datetime | None = None
    """Since when the certificate, or one above it, is revoked, or the service withdrawn."""
    anchor: Anchor | None = None
    """Where the chain leads to, the nearest to the certificate; None without a chain."""

    @property
    def category(self) -> Category | None:
        """Whose authority it is; None without a chain."""
        return self.anchor.category if self.anchor else None


def check_certificate(
    certificate: x509.Certificate,
    trust: Trust,
    *,
    at: datetime,
    others: Iterable[x509.Certificate] = (),
    at_hand: Evidence = Evidence(),  # noqa: B008 - frozen
) -> ChainResult:
    """The standing of ``certificate`` at the instant ``at``; ``others`` may help to build the chain,
    ``at_hand`` may show its revocation status. Source: NĐ 23/2025 Đ15 and Đ16; RFC 5280 section 6."""
    return run(check_chain(certificate, trust, at=at, others=list(others), at_hand=at_hand))


async def check_chain(
    certificate: x509.Certificate,
    trust: Trust,
    *,
    at: datetime,
    others: Sequence[x509.Certificate],
    at_hand: Evidence,
) -> ChainResult:
    """See ``check_certificate``."""
    helpers = [*trust.intermediates, *others]
    anchors = trust.in_force(certificate, at).near([certificate, *helpers])
    bare = _context(trust, anchors.counting.values(), Evidence(), at, Revocation.IGNORED)
    standing, path, _ = await _walk(certificate, helpers, bare)
    withdrawn = await _withdrawn(certificate, helpers, trust, anchors, path, standing, at)
    if withdrawn is not None:
        return withdrawn
    if standing is not Standing.GOOD or path is None:
        return ChainResult(standing)
    anchor = _anchor(path, anchors)
    if trust.revocation is Revocation.IGNORED:
        return ChainResult(standing, anchor=anchor)
    known = Evidence(ocsps=(*trust.ocsps, *at_hand.ocsps), crls=(*trust.crls, *at_hand.crls))
    certificates = tuple(item.dump() for item in _certificates_of(path))
    for evidence in await _supplies(trust, path, known):
        context = _context(trust, anchors.counting.values(), evidence, at, trust.revocation)
        standing, _, revoked_at = await _walk(certificate, helpers, context)
        if standing is not Standing.UNKNOWN:
            return ChainResult(standing, replace(evidence, certificates=certificates), revoked_at, anchor)
    return ChainResult(Standing.UNKNOWN, Evidence(certificates=certificates), anchor=anchor)


async def _withdrawn(
    certificate: x509.Certificate,
    helpers: Sequence[x509.Certificate],
    trust: Trust,
    anchors: InForce,
    path: ValidationPath | None,
    standing: Standing,
    at: datetime,
) -> ChainResult | None:
    """The result when the chain leads to, or through, a service that did not count at the instant."""
    if not anchors.resting or standing not in (Standing.GOOD, Standing.UNTRUSTED):
        return None
    if standing is Standing.UNTRUSTED:
        resting = _context(trust, anchors.resting.values(), Evidence(), at, Revocation.IGNORED)
        _, path, _ = await _walk(certificate, helpers, resting)
    through = [
        anchors.resting[about]
        for about in (bytes(item.sha256) for item in (_certificates_of(path) if path else []))
        if about in anchors.resting
    ]
    if not through:
        return None
    certificates = tuple(item.dump() for item in _certificates_of(path)) if path else ()
    last = through[-1]
    evidence = Evidence(certificates=certificates)
    return ChainResult(Standing.WITHDRAWN, evidence, last.ended(at), last)


def _certificates_of(path: ValidationPath) -> list[x509.Certificate]:
    return [item for item in path if isinstance(item, x509.Certificate)]


def _anchor(path: ValidationPath, anchors: InForce) -> Anchor | None:
    """The anchor nearest to the certificate."""
    found = (anchors.counting.get(bytes(item.sha256)) for item in reversed(_certificates_of(path)))
    return next((anchor for anchor in found if anchor is not None), None)


async def _supplies(trust: Trust, path: ValidationPath, known: Evidence) -> list[Evidence]:
    """Fresh data first, so that an old answer cannot hide a revocation; what is at hand when nobody
    answers."""
    if not trust.allow_fetching:
        return [known]
    source = trust.source or HttpRevocationSource()
    fresh = Evidence()
    for issuer, subject in pairwise(_certificates_of(path)):
        got = await source.fetch(subject, issuer)
        fresh = Evidence(ocsps=(*fresh.ocsps, *got.ocsps), crls=(*fresh.crls, *got.crls))
    both = Evidence(ocsps=(*fresh.ocsps, *known.ocsps), crls=(*fresh.crls, *known.crls))
    return [fresh, both]


def _context(
    trust: Trust, anchors: Iterable[Anchor], evidence: Evidence, at: datetime, revocation: Revocation
) -> ValidationContext:
    return ValidationContext(
        trust_roots=[anchor.certificate for anchor in anchors],
        moment=at,
        crls=[asn1_crl.CertificateList.load(der) for der in evidence.crls],
        ocsps=[asn1_ocsp.OCSPResponse.load(der) for der in evidence.ocsps],
        revocation_mode=revocation.value,
        retroactive_revinfo=trust.retroactive,
    )


async def _walk(
    certificate: x509.Certificate, helpers: Sequence[x509.Certificate], context: ValidationContext
) -> tuple[Standing, ValidationPath | None, datetime | None]:
    validator = CertificateValidator(certificate, list(helpers), context)
    try:
        return Standing.GOOD, await validator.async_validate_path(), None
    except RevokedError as problem:
        return Standing.REVOKED, None, problem.revocation_dt
    except ExpiredError as problem:
        return (Standing.EXPIRED if problem.is_ee_cert else Standing.CHAIN_BROKEN), None, None
    except NotYetValidError:
        return Standing.NOT_YET_VALID, None, None
    except InsufficientRevinfoError:
        return Standing.UNKNOWN, None, None
    except DisallowedAlgorithmError:
        return Standing.WEAK, None, None
    except (PathBuildingError, ChainUseError):
        return Standing.UNTRUSTED, None, None
    except (ValidationError, ValueError, TypeError):
        return Standing.CHAIN_BROKEN, None, None
