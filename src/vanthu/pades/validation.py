"""Judges the signatures in a PDF file.

Owns the rule of acceptance: every signature is whole and trusted, what was added after it is permitted by it
and by this library's difference analysis, and nothing follows the last one but signature maintenance.
Signatures are judged at the time that a trusted timestamp proves, otherwise at the time of checking. Refuses
to compare with the register (``fields_match`` gives the caller the means) and never raises for a hostile
file: that is a verdict too.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from asn1crypto import cms, x509
from pyhanko.sign.general import extract_signer_info
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.generic_cms import (
    extract_certs_for_validation,
    extract_tst_data_iter,
    message_imprint_checker,
    validate_sig_integrity,
)

from vanthu.pades import policy
from vanthu.pades.certificates import certificate as known_certificate
from vanthu.pades.errors import PadesError, PdfEncrypted
from vanthu.pades.integrity import Changes, Wholeness, closed, states
from vanthu.pades.levels import durability
from vanthu.pades.overlaying import fields_over_text
from vanthu.pades.reading import (
    READING_PROBLEMS,
    FoundSignatures,
    Reader,
    Signature,
    find_signatures,
    open_reader,
)
from vanthu.pades.report import (
    Evidence,
    Reason,
    SignatureKind,
    SignatureReport,
    ValidationReport,
    Verdict,
    verdict_of,
)
from vanthu.pades.running import run
from vanthu.pades.times import require_zone
from vanthu.pades.trust import ChainResult, HttpRevocationSource, Standing, Trust, check_chain

_STRONG_DIGESTS = {"sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512"}
_SIGNING_USAGES = {"digital_signature", "non_repudiation"}
_MACHINE_PURPOSES = {"server_auth", "code_signing", "time_stamping", "ocsp_signing"}
_CLOCKS_DIFFER = timedelta(hours=1)
_STANDING_REASONS = {
    Standing.REVOKED: "CERTIFICATE_REVOKED",
    Standing.EXPIRED: "CERTIFICATE_EXPIRED",
    Standing.NOT_YET_VALID: "CERTIFICATE_NOT_YET_VALID",
    Standing.UNTRUSTED: "UNTRUSTED",
    Standing.CHAIN_BROKEN: "CHAIN_BROKEN",
    Standing.WEAK: "WEAK_ALGORITHM",
    Standing.UNKNOWN: "REVOCATION_UNKNOWN",
}


def validate(pdf: bytes | BinaryIO, trust: Trust, *, at: datetime | None = None) -> ValidationReport:
    """The judgement on ``pdf`` at the instant ``at`` (with a zone; now when None).

    VALID, INVALID, INDETERMINATE (an authority did not answer, or proof of time is missing) or UNSIGNED, with
    reasons. Raises nothing for any content. Source: NĐ 23/2025 Đ16; TT 15/2025/TT-BKHCN; EN 319 102-1.
    """
    checked_at = require_zone(at) if at else datetime.now(UTC)
    stream = io.BytesIO(pdf) if isinstance(pdf, bytes) else pdf
    if trust.allow_fetching and trust.source is None:
        trust = replace(trust, source=HttpRevocationSource())
    try:
        return run(_judge(open_reader(stream), trust, checked_at))
    except PdfEncrypted:
        return _refused("ENCRYPTED", checked_at)
    except (PadesError, *READING_PROBLEMS):
        return _refused("UNREADABLE", checked_at)


def _refused(code: str, checked_at: datetime) -> ValidationReport:
    return ValidationReport(Verdict.INVALID, checked_at, reasons=(Reason.of(code),))


@dataclass
class _Inquiry:
    """What stays the same for all signatures of one file, and the evidence as it grows."""

    trust: Trust
    checked_at: datetime
    others: list[x509.Certificate]
    at_hand: Evidence
    over_text: frozenset[str] = frozenset()
    """Fields that show something over text and came after the first signature."""
    gathered: Evidence = field(default_factory=Evidence)

    async def chain(self, certificate: x509.Certificate, at: datetime) -> ChainResult:
        """The certificate's standing; what it rests on is added to the evidence."""
        result: ChainResult = await check_chain(
            certificate, self.trust, at=at, others=self.others, at_hand=self.at_hand
        )
        self.gathered = self.gathered.with_more(result.evidence)
        return result


async def _judge(reader: Reader, trust: Trust, checked_at: datetime) -> ValidationReport:
    everything = find_signatures(reader)
    lost = _not_judged(everything)
    found = list(states(everything.judged))
    if not lost and all(state.is_timestamp for _, state in found):
        return ValidationReport(Verdict.UNSIGNED, checked_at)
    inquiry = _inquiry(reader, everything.judged, trust, checked_at)
    inquiry.over_text = fields_over_text(reader, everything.judged)
    reports: list[SignatureReport] = []
    proven = checked_at
    for signature, state in reversed(found):
        if state.is_timestamp:
            report = await _judge_timestamp(signature, state, inquiry, proven)
            if report.verdict is Verdict.VALID and report.trusted_time:
                proven = report.trusted_time
        else:
            report = await _judge_signature(signature, state, inquiry, proven)
        reports.insert(0, report)
    reasons = (*lost, *_after_the_last([state for _, state in found]))
    said = (*reasons, *(reason for report in reports for reason in report.reasons))
    level, tokens = durability(reader, [signature for signature, _ in found])
    evidence = replace(inquiry.gathered, timestamps=tokens)
    return ValidationReport(verdict_of(said), checked_at, tuple(reports), reasons, level, evidence)


def _not_judged(found: FoundSignatures) -> tuple[Reason, ...]:
    """A signature that nobody can judge, or that somebody took away, may not go unnoticed beside valid ones."""
    removed = (Reason.of("SIGNATURE_REMOVED"),) if found.removed else ()
    return (*removed, Reason.of("UNKNOWN_SIGNATURE_KIND")) if found.unknown else removed


def _inquiry(reader: Reader, found: Sequence[Signature], trust: Trust, checked_at: datetime) -> _Inquiry:
    others = [
        item for signature in found for item in (signature.signer_cert, *signature.other_embedded_certs)
    ]
    at_hand = Evidence()
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return _Inquiry(trust, checked_at, others, at_hand)
    at_hand = Evidence(
        ocsps=tuple(item.get_object().data for item in store.ocsps),
        crls=tuple(item.get_object().data for item in store.crls),
    )
    return _Inquiry(trust, checked_at, [*others, *store.load_certs()], at_hand)


def _embedded(signed_data: cms.SignedData) -> list[x509.Certificate]:
    chosen = [choice.chosen for choice in signed_data["certificates"] if choice.name == "certificate"]
    return [known_certificate(item.dump()) for item in chosen]


def _after_the_last(found: Sequence[Wholeness]) -> tuple[Reason, ...]:
    """Nothing may follow the last signature but timestamps and revocation data."""
    return () if closed(found) else (Reason.of("CHANGED_AFTER_LAST_SIGNATURE"),)


def _wholeness_reasons(state: Wholeness) -> list[str]:
    if not state.readable:
        return ["SIGNATURE_UNREADABLE"]
    if not state.intact:
        return ["CONTENT_CHANGED"]
    if not state.genuine:
        return ["SIGNATURE_FORGED"]
    if not (state.covers_whole_file or state.covers_its_revision):
        return ["COVERAGE_UNCLEAR"]
    if state.changes is Changes.FORBIDDEN or not state.allowed:
        return ["FORBIDDEN_CHANGE"]
    return []


async def _judge_signature(
    signature: Signature, state: Wholeness, inquiry: _Inquiry, proven: datetime
) -> SignatureReport:
    codes = _wholeness_reasons(state)
    certificate = signature.signer_cert
    claimed = _instant(signature.self_reported_timestamp)
    stamped, stamp_codes = await _judge_signature_stamp(signature.signer_info, inquiry, proven)
    codes += stamp_codes
    codes += _algorithm_codes(signature.signer_info, certificate, stamped or proven)
    if not _may_sign(certificate):
        codes.append("WRONG_USAGE")
    result = await inquiry.chain(certificate, stamped or proven)
    if result.standing is not Standing.GOOD:
        timed = stamped is not None or proven != inquiry.checked_at
        codes.append(_chain_code(result, certificate, None if timed else claimed))
    remarks = _remarks(state, inquiry, claimed, stamped)
    return _report(signature, state, codes, claimed, stamped, remarks)


def _chain_code(result: ChainResult, certificate: x509.Certificate, claimed: datetime | None) -> str:
    """A certificate that expired or was revoked after a credible claimed time is not proven wrong, only not proven
    right; ``claimed`` is None where a time-stamp proves the time."""
    plain = _STANDING_REASONS[result.standing]
    if claimed is None or not certificate.not_valid_before <= claimed <= certificate.not_valid_after:
        return plain
    if result.standing is Standing.EXPIRED:
        return "EXPIRED_SINCE"
    revoked_later = result.revoked_at is not None and claimed < result.revoked_at
    return "REVOKED_SINCE" if revoked_later else plain


def _remarks(
    state: Wholeness, inquiry: _Inquiry, claimed: datetime | None, stamped: datetime | None
) -> list[str]:
    found = ["COVERS_TEXT"] if state.field in inquiry.over_text else []
    if claimed and stamped and abs(stamped - claimed) > _CLOCKS_DIFFER:
        found.append("CLAIMED_TIME_OFF")
    if claimed and claimed > inquiry.checked_at + _CLOCKS_DIFFER:
        found.append("CLAIMED_IN_FUTURE")
    return found


async def _judge_signature_stamp(
    signer_info: cms.SignerInfo, inquiry: _Inquiry, proven: datetime
) -> tuple[datetime | None, list[str]]:
    """(time proved by the timestamp inside the signature, what is wrong with it)."""
    codes: list[str] = []
    for token in extract_tst_data_iter(signer_info, signed=False):
        moment = _stamp_time(token, message_imprint_checker(signer_info))
        if moment is None:
            codes.append("TIMESTAMP_BROKEN")
            continue
        standing = await _stamp_standing(token, inquiry, proven)
        if standing is Standing.GOOD:
            return moment, []
        codes.append("TIMESTAMP_UNCHECKED" if standing is Standing.UNKNOWN else "TIMESTAMP_UNTRUSTED")
    return None, codes


def _stamp_time(token: cms.SignedData, imprint_of: Any) -> datetime | None:
    """The token's time when it is about this signature and genuine."""
    content = token["encap_content_info"]["content"]
    imprint = content.parsed["message_imprint"]
    algorithm = imprint["hash_algorithm"]["algorithm"].native
    if algorithm not in _STRONG_DIGESTS or imprint_of(algorithm) != imprint["hashed_message"].native:
        return None
    signer_info = extract_signer_info(token)
    digest = hashlib.new(signer_info["digest_algorithm"]["algorithm"].native, bytes(content)).digest()
    certificate = extract_certs_for_validation(token).signer_cert
    intact, valid = validate_sig_integrity(
        signer_info, certificate, expected_content_type="tst_info", actual_digest=digest
    )
    return _instant(content.parsed["gen_time"].native) if intact and valid else None


async def _stamp_standing(token: cms.SignedData, inquiry: _Inquiry, at: datetime) -> Standing:
    certificate = extract_certs_for_validation(token).signer_cert
    usages = certificate.extended_key_usage_value
    if usages is None or "time_stamping" not in usages.native:
        return Standing.UNTRUSTED
    inquiry.others.extend(_embedded(token))
    return (await inquiry.chain(certificate, at)).standing


async def _judge_timestamp(
    signature: Signature, state: Wholeness, inquiry: _Inquiry, proven: datetime
) -> SignatureReport:
    codes = _wholeness_reasons(state)
    moment = None
    if not codes:
        standing = await _stamp_standing(signature.signed_data, inquiry, proven)
        if standing is Standing.GOOD:
            content = signature.signed_data["encap_content_info"]["content"].parsed
            moment = _instant(content["gen_time"].native)
        else:
            codes.append("TIMESTAMP_UNCHECKED" if standing is Standing.UNKNOWN else "TIMESTAMP_UNTRUSTED")
    return _report(signature, state, codes, None, moment)


def _algorithm_codes(signer_info: cms.SignerInfo, certificate: x509.Certificate, at: datetime) -> list[str]:
    """``at`` is the instant at which the signature is known to have been there."""
    fitness = policy.fitness(certificate, signer_info["digest_algorithm"]["algorithm"].native, at)
    return {
        policy.Fitness.FIT: [],
        policy.Fitness.LEGACY: ["LEGACY_ALGORITHM"],
        policy.Fitness.BROKEN: ["WEAK_ALGORITHM"],
    }[fitness]


def _may_sign(certificate: x509.Certificate) -> bool:
    """Issued for signatures, and not only for a machine's purposes (RFC 5280 4.2.1.3, 4.2.1.12)."""
    usage, purposes = certificate.key_usage_value, certificate.extended_key_usage_value
    signs = usage is None or bool(_SIGNING_USAGES & set(usage.native))
    return signs and (purposes is None or not set(purposes.native) <= _MACHINE_PURPOSES)


def _instant(moment: datetime | None) -> datetime | None:
    """A reading without zone is taken as UTC: the claim is not proof anyway."""
    if moment is None or moment.utcoffset() is not None:
        return moment
    return moment.replace(tzinfo=UTC)


def _report(
    signature: Signature,
    state: Wholeness,
    codes: list[str],
    claimed: datetime | None,
    trusted: datetime | None,
    remarks: Sequence[str] = (),
) -> SignatureReport:
    certificate = signature.signer_cert
    reasons = tuple(Reason.of(code) for code in dict.fromkeys(codes))
    subject = certificate.subject.native
    return SignatureReport(
        field=state.field,
        kind=SignatureKind.TIMESTAMP if state.is_timestamp else kind_of(certificate),
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
        claimed_time=claimed,
        trusted_time=trusted,
        changes=state.changes,
        covers_whole_file=state.covers_whole_file,
        remarks=tuple(map(Reason.of, remarks)),
    )


def kind_of(certificate: x509.Certificate) -> SignatureKind:
    """A guess from the subject: a person has a title or a name that is not the organisation's."""
    subject = certificate.subject.native
    name, organization = _first(subject, "common_name"), _first(subject, "organization_name")
    if _first(subject, "title"):
        return SignatureKind.PERSON
    agency = name.casefold() == organization.casefold() or not organization
    return SignatureKind.AGENCY if agency else SignatureKind.PERSON


def _first(subject: dict[str, Any], part: str) -> str:
    value = subject.get(part, "")
    return str(value[0] if isinstance(value, list) else value)
