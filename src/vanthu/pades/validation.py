"""Judges the signatures in a PDF file.

Owns the rule of acceptance: every signature is whole and trusted, what was added after it is permitted by it
and by this library's difference analysis, and nothing follows the last one but signature maintenance.
Who signed, with what and when is judged by ``judging``, as for files of every other form. Refuses to compare with
the register (``fields_match`` gives the caller the means) and never raises for a hostile file: that is a verdict
too.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import BinaryIO

from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter, message_imprint_checker

from vanthu.pades import active, policy
from vanthu.pades.errors import PadesError, PdfEncrypted
from vanthu.pades.integrity import Changes, Wholeness, closed, states
from vanthu.pades.judging import Claim, Inquiry, instant, judge, judge_stamp
from vanthu.pades.levels import durability
from vanthu.pades.overlaying import covering
from vanthu.pades.reading import (
    READING_PROBLEMS,
    FoundSignatures,
    Reader,
    Signature,
    find_signatures,
    mentions_signature,
    open_reader,
)
from vanthu.pades.report import Evidence, Reason, SignatureReport, ValidationReport, Verdict, verdict_of
from vanthu.pades.running import run
from vanthu.pades.schemes import digests_of
from vanthu.pades.times import require_zone
from vanthu.pades.trust import Trust


def validate(pdf: bytes | BinaryIO, trust: Trust, *, at: datetime | None = None) -> ValidationReport:
    """The judgement on ``pdf`` at the instant ``at`` (with a zone; now when None).

    VALID, INVALID, INDETERMINATE (an authority did not answer, or proof of time is missing) or UNSIGNED, with
    reasons. Raises nothing for any content. Source: NĐ 23/2025 Đ16; TT 15/2025/TT-BKHCN; EN 319 102-1.
    """
    checked_at = require_zone(at) if at else datetime.now(UTC)
    stream = io.BytesIO(pdf) if isinstance(pdf, bytes) else pdf
    try:
        return run(_judge(open_reader(stream), trust, checked_at))
    except PdfEncrypted:
        return _refused("ENCRYPTED", checked_at)
    except (PadesError, *READING_PROBLEMS):
        return _refused("UNREADABLE", checked_at)


def _refused(code: str, checked_at: datetime) -> ValidationReport:
    return ValidationReport(Verdict.INVALID, checked_at, reasons=(Reason.of(code),))


async def _judge(reader: Reader, trust: Trust, checked_at: datetime) -> ValidationReport:
    everything = find_signatures(reader)
    lost = _not_judged(everything)
    found = states(reader, everything.judged)
    if not lost and all(state.is_timestamp for _, state in found):
        unseen = ("SIGNATURE_OUT_OF_SIGHT",) if not found and mentions_signature(reader.stream) else ()
        return ValidationReport(Verdict.UNSIGNED, checked_at, remarks=tuple(map(Reason.of, unseen)))
    inquiry = _inquiry(reader, everything.judged, trust, checked_at)
    covered = covering(reader, everything.judged)
    reports: list[SignatureReport] = []
    proven = checked_at
    for signature, state in reversed(found):
        claim = _claim(signature, state, covered.signatures)
        if state.is_timestamp:
            report = await judge_stamp(claim, signature.signed_data, inquiry, proven)
            if report.verdict is Verdict.VALID and report.trusted_time:
                proven = report.trusted_time
        else:
            report = await judge(claim, inquiry, proven)
        reports.insert(0, report)
    reasons = (*lost, *_after_the_last([state for _, state in found]))
    said = (*reasons, *(reason for report in reports for reason in report.reasons))
    level, tokens = durability(reader, [signature for signature, _ in found])
    evidence = replace(inquiry.gathered, timestamps=tokens)
    return ValidationReport(
        verdict_of(said),
        checked_at,
        tuple(reports),
        reasons,
        tuple(map(Reason.of, (*(("FILLED_OVER_TEXT",) if covered.filled else ()), *active.remarks(reader)))),
        level,
        evidence,
    )


def _not_judged(found: FoundSignatures) -> tuple[Reason, ...]:
    """A signature that nobody can judge, or that somebody took away, may not go unnoticed beside valid ones."""
    removed = (Reason.of("SIGNATURE_REMOVED"),) if found.removed else ()
    return (*removed, Reason.of("UNKNOWN_SIGNATURE_KIND")) if found.unknown else removed


def _inquiry(reader: Reader, found: Sequence[Signature], trust: Trust, checked_at: datetime) -> Inquiry:
    others = [
        item for signature in found for item in (signature.signer_cert, *signature.other_embedded_certs)
    ]
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return Inquiry(trust, checked_at, others)
    at_hand = Evidence(
        ocsps=tuple(item.get_object().data for item in store.ocsps),
        crls=tuple(item.get_object().data for item in store.crls),
    )
    return Inquiry(trust, checked_at, [*others, *store.load_certs()], at_hand)


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


def _claim(signature: Signature, state: Wholeness, over_text: Collection[str]) -> Claim:
    """``over_text``: fields that came after the first signature and show something over text, or hide print."""
    info = signature.signer_info
    imprint_of = message_imprint_checker(info)
    return Claim(
        name=state.field,
        certificate=signature.signer_cert,
        codes=tuple(_wholeness_reasons(state)),
        digest=policy.weakest(digests_of(info)),
        claimed=None if state.is_timestamp else instant(signature.self_reported_timestamp),
        stamps=tuple((token, imprint_of) for token in extract_tst_data_iter(info, signed=False)),
        whole=state.covers_whole_file,
        changes=state.changes,
        remarks=("COVERS_TEXT",) if state.field in over_text else (),
    )
