"""Judges whoever signed: algorithm, certificate, chain, revocation, time-stamps; whatever the form of the signature.

The same rules as for PDF: a signature is judged at the time that a trusted time-stamp proves, otherwise at the time
of checking. Owns the step from what a form's reader found (:class:`Claim`) to a report. Refuses to read files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from asn1crypto import cms, x509
from pyhanko.sign.general import extract_signer_info
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_sig_integrity

from vanthu.pades import check_certificate, policy
from vanthu.pades.integrity import Changes
from vanthu.pades.report import (
    Evidence,
    Reason,
    SignatureKind,
    SignatureReport,
    ValidationReport,
    Verdict,
    verdict_of,
)
from vanthu.pades.trust import Standing, Trust
from vanthu.pades.validation import kind_of

ImprintOf = Callable[[str], bytes]
"""The hash, by the name of its function, of what a time-stamp should be about."""

_SIGNING_USAGES = {"digital_signature", "non_repudiation"}
_STANDING_REASONS = {
    Standing.REVOKED: "CERTIFICATE_REVOKED",
    Standing.EXPIRED: "CERTIFICATE_EXPIRED",
    Standing.NOT_YET_VALID: "CERTIFICATE_NOT_YET_VALID",
    Standing.UNTRUSTED: "UNTRUSTED",
    Standing.CHAIN_BROKEN: "CHAIN_BROKEN",
    Standing.WEAK: "WEAK_ALGORITHM",
    Standing.UNKNOWN: "REVOCATION_UNKNOWN",
}
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Claim:
    """A signature as its form's reader found it. ``codes`` are reasons that stand already; ``certificate`` is None
    where none came along; ``whole``: nothing of the file is outside the signature."""

    name: str
    certificate: x509.Certificate | None
    codes: tuple[str, ...] = ()
    digest: str = "sha256"
    claimed: datetime | None = None
    stamps: tuple[tuple[cms.SignedData, ImprintOf], ...] = ()
    whole: bool = False


@dataclass
class Inquiry:
    """What stays the same for all signatures of one file, and the evidence as it grows."""

    trust: Trust
    checked_at: datetime
    others: list[x509.Certificate] = field(default_factory=list)
    gathered: Evidence = field(default_factory=Evidence)

    def standing(self, certificate: x509.Certificate, at: datetime) -> Standing:
        """The certificate's standing; what it rests on is added to the evidence."""
        found = check_certificate(certificate, self.trust, at=at, others=self.others)
        self.gathered = self.gathered.with_more(found.evidence)
        return found.standing


def report_on(claims: Sequence[Claim], inquiry: Inquiry, reasons: Sequence[str] = ()) -> ValidationReport:
    """The judgement on a file with these signatures; ``reasons`` concern the file rather than one of them."""
    if not claims and not reasons:
        return ValidationReport(Verdict.UNSIGNED, inquiry.checked_at)
    signatures = tuple(_judged(claim, inquiry) for claim in claims)
    own = tuple(Reason.of(code) for code in dict.fromkeys(reasons))
    everything = (*own, *(reason for one in signatures for reason in one.reasons))
    return ValidationReport(
        verdict_of(everything), inquiry.checked_at, signatures, own, evidence=inquiry.gathered
    )


def embedded(signed_data: cms.SignedData) -> list[x509.Certificate]:
    """The certificates that came with a CMS signature."""
    return [choice.chosen for choice in signed_data["certificates"] if choice.name == "certificate"]


def instant(moment: datetime | None) -> datetime | None:
    """A reading without zone is taken as UTC: the claim is not proof anyway."""
    if moment is None or moment.utcoffset() is not None:
        return moment
    return moment.replace(tzinfo=UTC)


def _judged(claim: Claim, inquiry: Inquiry) -> SignatureReport:
    certificate = claim.certificate
    if certificate is None:
        return _without_certificate(claim)
    stamped, codes = _stamped(claim, inquiry)
    found = [*claim.codes, *codes]
    if policy.fitness(certificate, claim.digest, stamped or inquiry.checked_at) is not policy.Fitness.FIT:
        found.append("WEAK_ALGORITHM")
    if not _may_sign(certificate):
        found.append("WRONG_USAGE")
    standing = inquiry.standing(certificate, stamped or inquiry.checked_at)
    if standing is not Standing.GOOD:
        found.append(_chain_code(standing, certificate, claim.claimed, timed=stamped is not None))
    return _report(claim, certificate, found, stamped)


def _chain_code(
    standing: Standing, certificate: x509.Certificate, claimed: datetime | None, *, timed: bool
) -> str:
    """An expired certificate with a credible claimed time is not proven wrong, only not proven right."""
    credible = claimed is not None and certificate.not_valid_before <= claimed <= certificate.not_valid_after
    if standing is Standing.EXPIRED and not timed and credible:
        return "EXPIRED_SINCE"
    return _STANDING_REASONS[standing]


def _stamped(claim: Claim, inquiry: Inquiry) -> tuple[datetime | None, list[str]]:
    """(time proved by a time-stamp on the signature, what is wrong with the stamps)."""
    codes: list[str] = []
    for token, imprint_of in claim.stamps:
        moment = _stamp_time(token, imprint_of)
        if moment is None:
            codes.append("TIMESTAMP_BROKEN")
            continue
        inquiry.others.extend(embedded(token))
        standing = _stamp_standing(token, inquiry, moment)
        if standing is Standing.GOOD:
            return moment, []
        codes.append("TIMESTAMP_UNCHECKED" if standing is Standing.UNKNOWN else "TIMESTAMP_UNTRUSTED")
    return None, codes


def _stamp_time(token: cms.SignedData, imprint_of: ImprintOf) -> datetime | None:
    """The token's time when it is about this signature, genuine and made with a hash that is still proof."""
    content = token["encap_content_info"]["content"]
    imprint = content.parsed["message_imprint"]
    algorithm = imprint["hash_algorithm"]["algorithm"].native
    moment = instant(content.parsed["gen_time"].native)
    if moment is None or policy.digest_fitness(algorithm, moment) is not policy.Fitness.FIT:
        return None
    if imprint_of(algorithm) != imprint["hashed_message"].native:
        return None
    signer_info = extract_signer_info(token)
    digest = hashlib.new(signer_info["digest_algorithm"]["algorithm"].native, bytes(content)).digest()
    certificate = extract_certs_for_validation(token).signer_cert
    intact, valid = validate_sig_integrity(
        signer_info, certificate, expected_content_type="tst_info", actual_digest=digest
    )
    return moment if intact and valid else None


def _stamp_standing(token: cms.SignedData, inquiry: Inquiry, moment: datetime) -> Standing:
    certificate = extract_certs_for_validation(token).signer_cert
    usages = certificate.extended_key_usage_value
    if usages is None or "time_stamping" not in usages.native or moment > inquiry.checked_at:
        return Standing.UNTRUSTED
    return inquiry.standing(certificate, inquiry.checked_at)


def _may_sign(certificate: x509.Certificate) -> bool:
    usage = certificate.key_usage_value
    return usage is None or bool(_SIGNING_USAGES & set(usage.native))


def _report(
    claim: Claim, certificate: x509.Certificate, codes: Sequence[str], stamped: datetime | None
) -> SignatureReport:
    reasons = tuple(Reason.of(code) for code in dict.fromkeys(codes))
    subject = certificate.subject.native
    return SignatureReport(
        field=claim.name,
        kind=kind_of(certificate),
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
        trusted_time=stamped,
        changes=Changes.NONE,
        covers_whole_file=claim.whole,
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
        changes=Changes.NONE,
        covers_whole_file=claim.whole,
    )


def with_code(claim: Claim, code: str) -> Claim:
    """The same signature with one more reason."""
    return replace(claim, codes=(*claim.codes, code))


def _first(subject: dict[str, Any], part: str) -> str:
    value = subject.get(part, "")
    return str(value[0] if isinstance(value, list) else value)
