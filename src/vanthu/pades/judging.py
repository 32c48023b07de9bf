"""Judges whoever signed, whatever the form of the file: algorithms, purpose, chain, revocation, time-stamps.

Owns the one set of rules behind every verdict, from what a form's reader found (:class:`Claim`) to the report on it.
A signature is judged at the time that a trusted time-stamp proves, otherwise at the time of checking; a claimed time
proves nothing, it only keeps a certificate's later end from counting against the signer. Refuses to read files and to
say what a signature covers. Source: EN 319 102-1 section 5; NĐ 23/2025 Đ15, Đ16; TT 15/2025/TT-BKHCN PL I.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import cms, x509
from pyhanko.sign.general import extract_signer_info
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_sig_integrity

from vanthu.pades import policy
from vanthu.pades.anchors import Category
from vanthu.pades.certificates import embedded
from vanthu.pades.integrity import Changes
from vanthu.pades.listings import Listed
from vanthu.pades.qualified import qualification
from vanthu.pades.report import Evidence, Reason, SignatureKind, SignatureReport, verdict_of
from vanthu.pades.schemes import digests_of
from vanthu.pades.trust import ChainResult, HttpRevocationSource, Standing, Trust, check_chain

ImprintOf = Callable[[str], bytes]
"""The hash, by the name of its function, of what a time-stamp should be about."""

_IMPRINTS = {"sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512"}
_SIGNING_USAGES = {"digital_signature", "non_repudiation"}
_MACHINE_PURPOSES = {"server_auth", "code_signing", "time_stamping", "ocsp_signing"}
_CLOCKS_DIFFER = timedelta(hours=1)
_NEVER = datetime.min.replace(tzinfo=UTC)
_STANDING_REASONS = {
    Standing.REVOKED: "CERTIFICATE_REVOKED",
    Standing.EXPIRED: "CERTIFICATE_EXPIRED",
    Standing.NOT_YET_VALID: "CERTIFICATE_NOT_YET_VALID",
    Standing.UNTRUSTED: "UNTRUSTED",
    Standing.WITHDRAWN: "SERVICE_WITHDRAWN",
    Standing.CHAIN_BROKEN: "CHAIN_BROKEN",
    Standing.WEAK: "WEAK_ALGORITHM",
    Standing.UNKNOWN: "REVOCATION_UNKNOWN",
}
_SINCE_REASONS = {Standing.REVOKED: "REVOKED_SINCE", Standing.WITHDRAWN: "WITHDRAWN_SINCE"}
_ALGORITHM_REASONS = {policy.Fitness.LEGACY: "LEGACY_ALGORITHM", policy.Fitness.BROKEN: "WEAK_ALGORITHM"}


@dataclass(frozen=True)
class Claim:
    """A signature as its form's reader found it. ``codes`` are reasons that stand already, ``remarks`` what readers
    should know besides; ``certificate`` is None where none came along; ``digest`` is the weakest hash function that
    the signature rests on; ``whole``: nothing of the file is outside the signature."""

    name: str
    certificate: x509.Certificate | None
    codes: tuple[str, ...] = ()
    digest: str = "sha256"
    claimed: datetime | None = None
    stamps: tuple[tuple[cms.SignedData, ImprintOf], ...] = ()
    whole: bool = False
    changes: Changes = Changes.NONE
    remarks: tuple[str, ...] = ()


@dataclass
class Inquiry:
    """What stays the same for all signatures of one file, and the evidence as it grows. ``others`` may help to build
    chains, ``at_hand`` may show revocation."""

    trust: Trust
    checked_at: datetime
    others: list[x509.Certificate] = field(default_factory=list)
    at_hand: Evidence = field(default_factory=Evidence)
    gathered: Evidence = field(default_factory=Evidence)

    def __post_init__(self) -> None:
        # One source per file: a host that is silent is not asked again for each signature.
        if self.trust.allow_fetching and self.trust.source is None:
            self.trust = replace(self.trust, source=HttpRevocationSource())

    async def chain(self, certificate: x509.Certificate, at: datetime) -> ChainResult:
        """The certificate's standing; what it rests on is added to the evidence."""
        result = await check_chain(certificate, self.trust, at=at, others=self.others, at_hand=self.at_hand)
        self.gathered = self.gathered.with_more(result.evidence)
        return result


async def judge(claim: Claim, inquiry: Inquiry, proven: datetime) -> SignatureReport:
    """The report on one signature that is known to have been there at ``proven``: the instant of checking, or an
    earlier one that a trusted time-stamp over the file proves."""
    if claim.certificate is None:
        return _without_certificate(claim)
    stamped, codes = await _stamped(claim, inquiry, proven)
    codes = [*claim.codes, *codes]
    fitness = policy.fitness(claim.certificate, claim.digest, stamped or proven)
    if fitness is not policy.Fitness.FIT:
        codes.append(_ALGORITHM_REASONS[fitness])
    if not _may_sign(claim.certificate):
        codes.append("WRONG_USAGE")
    result = await inquiry.chain(claim.certificate, stamped or proven)
    if result.standing is not Standing.GOOD:
        timed = stamped is not None or proven != inquiry.checked_at
        codes.append(_chain_code(result, claim.certificate, None if timed else claim.claimed))
    remarks = [*claim.remarks, *_remarks(claim.claimed, stamped, inquiry.checked_at)]
    if result.category is Category.PUBLIC:
        remarks.append("PUBLIC_AUTHORITY")
    report = _report(claim, claim.certificate, kind_of(claim.certificate), codes, stamped, remarks)
    listing = result.anchor.listing if result.anchor else None
    return replace(
        report,
        authority=result.category.value if result.category else "",
        listed=Listed.of(listing, stamped or proven) if listing else None,
        qualification=qualification(claim.certificate, listing, stamped or proven),
    )


async def judge_stamp(
    claim: Claim, token: cms.SignedData, inquiry: Inquiry, proven: datetime
) -> SignatureReport:
    """The report on a time-stamp that is a signature of its own, as documents bear; see :func:`judge`. Its reader
    has checked what it is about, and says so in ``claim.codes``."""
    certificate = extract_certs_for_validation(token).signer_cert
    codes, trusted = list(claim.codes), None
    if not codes:
        moment = _moment(token)
        problem = await _stamp_problem(token, moment, inquiry, proven)
        codes, trusted = ([problem], None) if problem else ([], moment)
    return _report(claim, certificate, SignatureKind.TIMESTAMP, codes, trusted, claim.remarks)


def instant(moment: datetime | None) -> datetime | None:
    """A reading without zone is taken as UTC: the claim is not proof anyway."""
    if moment is None or moment.utcoffset() is not None:
        return moment
    return moment.replace(tzinfo=UTC)


def kind_of(certificate: x509.Certificate) -> SignatureKind:
    """A guess from the subject: a person has a title or a name that is not the organisation's."""
    subject = certificate.subject.native
    name, organization = _first(subject, "common_name"), _first(subject, "organization_name")
    if _first(subject, "title"):
        return SignatureKind.PERSON
    agency = name.casefold() == organization.casefold() or not organization
    return SignatureKind.AGENCY if agency else SignatureKind.PERSON


def _chain_code(result: ChainResult, certificate: x509.Certificate, claimed: datetime | None) -> str:
    """A certificate that expired or was revoked, or whose issuer was withdrawn, after a credible claimed time is not
    proven wrong, only not proven right; ``claimed`` is None where a time-stamp proves the time."""
    plain = _STANDING_REASONS[result.standing]
    if claimed is None or not certificate.not_valid_before <= claimed <= certificate.not_valid_after:
        return plain
    if result.standing is Standing.EXPIRED:
        return "EXPIRED_SINCE"
    ended_later = result.revoked_at is not None and claimed < result.revoked_at
    return _SINCE_REASONS.get(result.standing, plain) if ended_later else plain


def _remarks(claimed: datetime | None, stamped: datetime | None, checked_at: datetime) -> list[str]:
    found = []
    if claimed and stamped and abs(stamped - claimed) > _CLOCKS_DIFFER:
        found.append("CLAIMED_TIME_OFF")
    if claimed and claimed > checked_at + _CLOCKS_DIFFER:
        found.append("CLAIMED_IN_FUTURE")
    return found


async def _stamped(claim: Claim, inquiry: Inquiry, proven: datetime) -> tuple[datetime | None, list[str]]:
    """(time proved by a time-stamp on the signature, what is wrong with the stamps)."""
    codes: list[str] = []
    for token, imprint_of in claim.stamps:
        moment, problem = await stamp_proves(token, imprint_of, inquiry, proven)
        if problem is None:
            return moment, []
        codes.append(problem)
    return None, codes


async def stamp_proves(
    token: cms.SignedData, imprint_of: ImprintOf, inquiry: Inquiry, proven: datetime
) -> tuple[datetime | None, str | None]:
    """(the instant that a time-stamp proves, or the code of what is wrong with it); it is known to have been there at
    ``proven``."""
    if not _is_about(token, imprint_of):
        return None, "TIMESTAMP_BROKEN"
    moment = _moment(token)
    problem = await _stamp_problem(token, moment, inquiry, proven)
    return (moment, None) if problem is None else (None, problem)


def _is_about(token: cms.SignedData, imprint_of: ImprintOf) -> bool:
    """Whether the token is about this signature and genuine."""
    content = token["encap_content_info"]["content"]
    imprint = content.parsed["message_imprint"]
    algorithm = imprint["hash_algorithm"]["algorithm"].native
    if algorithm not in _IMPRINTS or imprint_of(algorithm) != imprint["hashed_message"].native:
        return False
    signer_info = extract_signer_info(token)
    digest = hashlib.new(signer_info["digest_algorithm"]["algorithm"].native, bytes(content)).digest()
    certificate = extract_certs_for_validation(token).signer_cert
    intact, valid = validate_sig_integrity(
        signer_info, certificate, expected_content_type="tst_info", actual_digest=digest
    )
    return bool(intact and valid)


async def _stamp_problem(
    token: cms.SignedData, moment: datetime, inquiry: Inquiry, proven: datetime
) -> str | None:
    """Why a genuine token proves nothing; None when it proves its ``moment``."""
    certificate = extract_certs_for_validation(token).signer_cert
    usages = certificate.extended_key_usage_value
    if usages is None or "time_stamping" not in usages.native:
        return "TIMESTAMP_UNTRUSTED"
    if moment > proven + _CLOCKS_DIFFER:
        return "TIMESTAMP_IN_FUTURE"
    if any(policy.fitness(certificate, name, proven) is not policy.Fitness.FIT for name in _digests(token)):
        return "TIMESTAMP_WEAK"
    inquiry.others.extend(embedded(token))
    standing = (await inquiry.chain(certificate, proven)).standing
    if standing is Standing.GOOD:
        return None
    return "TIMESTAMP_UNCHECKED" if standing is Standing.UNKNOWN else "TIMESTAMP_UNTRUSTED"


def _moment(token: cms.SignedData) -> datetime:
    moment: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    return moment if moment.utcoffset() is not None else moment.replace(tzinfo=UTC)


def _digests(token: cms.SignedData) -> tuple[str, ...]:
    imprint = token["encap_content_info"]["content"].parsed["message_imprint"]
    return (imprint["hash_algorithm"]["algorithm"].native, *digests_of(extract_signer_info(token)))


def _may_sign(certificate: x509.Certificate) -> bool:
    """Issued for signatures, and not only for a machine's purposes (RFC 5280 4.2.1.3, 4.2.1.12)."""
    usage, purposes = certificate.key_usage_value, certificate.extended_key_usage_value
    signs = usage is None or bool(_SIGNING_USAGES & set(usage.native))
    return signs and (purposes is None or not set(purposes.native) <= _MACHINE_PURPOSES)


def _report(
    claim: Claim,
    certificate: x509.Certificate,
    kind: SignatureKind,
    codes: Sequence[str],
    trusted: datetime | None,
    remarks: Sequence[str],
) -> SignatureReport:
    reasons = tuple(Reason.of(code) for code in dict.fromkeys(codes))
    subject = certificate.subject.native
    return SignatureReport(
        field=claim.name,
        kind=kind,
        verdict=verdict_of(reasons),
        reasons=reasons,
        signer_name=_first(subject, "common_name") or certificate.subject.human_friendly,
        title=_first(subject, "title"),
        organization=_first(subject, "organization_name"),
        subject_serial=_first(subject, "serial_number"),
        certificate_serial=f"{certificate.serial_number:X}",
        certificate_sha256=certificate.sha256.hex(),
        issuer=_first(certificate.issuer.native, "common_name") or certificate.issuer.human_friendly,
        valid_from=certificate.not_valid_before,
        valid_until=certificate.not_valid_after,
        claimed_time=claim.claimed,
        trusted_time=trusted,
        changes=claim.changes,
        covers_whole_file=claim.whole,
        remarks=tuple(map(Reason.of, dict.fromkeys(remarks))),
    )


def _without_certificate(claim: Claim) -> SignatureReport:
    reasons = tuple(Reason.of(code) for code in (*claim.codes, "CERTIFICATE_ABSENT"))
    return SignatureReport(
        field=claim.name,
        kind=SignatureKind.PERSON,
        verdict=verdict_of(reasons),
        reasons=reasons,
        signer_name="?",
        title="",
        organization="",
        subject_serial="",
        certificate_serial="",
        certificate_sha256="",
        issuer="",
        valid_from=_NEVER,
        valid_until=_NEVER,
        claimed_time=claim.claimed,
        trusted_time=None,
        changes=claim.changes,
        covers_whole_file=claim.whole,
    )


def _first(subject: dict[str, Any], part: str) -> str:
    value = subject.get(part, "")
    return str(value[0] if isinstance(value, list) else value)
