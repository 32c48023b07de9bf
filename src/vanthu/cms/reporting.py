"""From the signatures that a form's reader found to the report on the file.

Owns nothing but that step: every signature is judged by ``pades.judging``, as those in PDF files are.
"""

from __future__ import annotations

from collections.abc import Sequence

from vanthu.pades.judging import Claim, Inquiry, judge
from vanthu.pades.report import Reason, SignatureReport, ValidationReport, Verdict, verdict_of
from vanthu.pades.running import run


def report_on(claims: Sequence[Claim], inquiry: Inquiry, reasons: Sequence[str] = ()) -> ValidationReport:
    """The judgement on a file with these signatures; ``reasons`` concern the file rather than one of them."""
    if not claims and not reasons:
        return ValidationReport(Verdict.UNSIGNED, inquiry.checked_at)
    signatures = run(_judged(claims, inquiry))
    own = tuple(Reason.of(code) for code in dict.fromkeys(reasons))
    everything = (*own, *(reason for one in signatures for reason in one.reasons))
    return ValidationReport(
        verdict_of(everything), inquiry.checked_at, signatures, own, evidence=inquiry.gathered
    )


async def _judged(claims: Sequence[Claim], inquiry: Inquiry) -> tuple[SignatureReport, ...]:
    return tuple([await judge(claim, inquiry, inquiry.checked_at) for claim in claims])
