"""Validates a file of unknown origin in a confined process.

Owns what crosses the border: whom to trust goes in, questions about revocation come out and are answered here (so
that answers are remembered and the reading process needs no network), the report comes back. A file that cannot be
judged within the budget is INDETERMINATE: neither valid nor refused, to be tried again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from asn1crypto import x509

from vanthu.pades.anchors import Anchor
from vanthu.pades.confined import Ask, Budget, OverBudget, run_confined
from vanthu.pades.report import Evidence, Reason, ValidationReport, Verdict
from vanthu.pades.running import run
from vanthu.pades.times import require_zone
from vanthu.pades.trust import HttpRevocationSource, Revocation, Trust
from vanthu.pades.validation import validate

PDF_JUDGE = "vanthu.pades.budgeted:judge_pdf"

Judge = Callable[..., ValidationReport]
"""Gets the file, the trust, the instant, and what the caller hands over besides."""


def validate_within(
    file: Path | bytes | BinaryIO,
    trust: Trust,
    *,
    at: datetime | None = None,
    budget: Budget = Budget(),  # noqa: B008 - frozen
    judge: str = PDF_JUDGE,
    more: tuple[Any, ...] = (),
) -> ValidationReport:
    """Like :func:`vanthu.pades.validate`, in a process of its own that may use no more than ``budget``.

    INDETERMINATE with the reason ``OVER_BUDGET`` when it was ended. ``judge`` names a function of this product made
    with :func:`judging`, which gets what is in ``more`` as further arguments.
    Raises FileNotFoundError, and RuntimeError for a fault of the judge itself.
    """
    checked_at = require_zone(at) if at else datetime.now(UTC)
    try:
        kept = run_confined(
            judge, file, (packed(trust), checked_at, more), budget=budget, answer=_answering(trust)
        )
    except OverBudget:
        return ValidationReport(Verdict.INDETERMINATE, checked_at, reasons=(Reason.of("OVER_BUDGET"),))
    report = ValidationReport.from_dict(kept["report"])
    return replace(report, evidence=Evidence.from_dict(kept["evidence"]))


def judging(judge: Judge) -> Callable[[BinaryIO, Any, Ask], dict[str, Any]]:
    """``judge`` as a function that :func:`validate_within` can name: it gets the trust, whose questions about
    revocation are answered by the caller's process."""

    def confined(stream: BinaryIO, argument: Any, ask: Ask) -> dict[str, Any]:
        packed_trust, checked_at, more = argument
        report = judge(stream, unpacked(packed_trust, ask), checked_at, *more)
        return {"report": report.as_dict(), "evidence": report.evidence.as_dict()}

    return confined


judge_pdf = judging(lambda stream, trust, at: validate(stream, trust, at=at))


class _Asking:
    """A source of revocation data that asks the process outside."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def fetch(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Evidence:
        """See RevocationSource."""
        return Evidence.from_dict(self._ask([certificate.dump(), issuer.dump()]))


def _answering(trust: Trust) -> Ask:
    source = trust.source or HttpRevocationSource()

    def answer(question: Any) -> dict[str, list[str]]:
        certificate, issuer = map(x509.Certificate.load, question)
        return run(source.fetch(certificate, issuer)).as_dict()

    return answer


def packed(trust: Trust) -> dict[str, Any]:
    """Whom to trust, as it crosses the border."""
    return {
        "anchors": [
            (
                one.certificate.dump(),
                one.category,
                one.purposes,
                one.granted,
                one.listing,
                one.digest,
                one.subject,
            )
            for one in trust.anchors
        ],
        "roots": [item.dump() for item in trust.roots],
        "intermediates": [item.dump() for item in trust.intermediates],
        "ocsps": trust.ocsps,
        "crls": trust.crls,
        "allow_fetching": trust.allow_fetching,
        "retroactive": trust.retroactive,
        "revocation": trust.revocation.value,
    }


def unpacked(kept: dict[str, Any], ask: Ask) -> Trust:
    """What :func:`packed` made, with ``ask`` for questions about revocation."""
    plain = {name: kept[name] for name in ("ocsps", "crls", "allow_fetching", "retroactive")}
    return Trust(
        roots=tuple(map(x509.Certificate.load, kept["roots"])),
        intermediates=tuple(map(x509.Certificate.load, kept["intermediates"])),
        revocation=Revocation(kept["revocation"]),
        anchors=tuple(Anchor(x509.Certificate.load(der), *facts) for der, *facts in kept["anchors"]),
        source=_Asking(ask),
        **plain,
    )
