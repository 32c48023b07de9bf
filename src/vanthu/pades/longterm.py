"""Keeps signatures verifiable for decades (PAdES B-LT and B-LTA) and renews them before algorithms or the
time-stamping certificate expire.

Owns the embedding of the evidence on which today's verdict rests, sealed under a document timestamp. Refuses
to preserve what is not valid today.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import BinaryIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper

from vanthu.pades import policy
from vanthu.pades.errors import LongTermUnavailable, PadesError, PdfDamaged
from vanthu.pades.growing import PIECE
from vanthu.pades.inplace import of_bytes, of_file
from vanthu.pades.reading import READING_PROBLEMS
from vanthu.pades.report import Evidence, Verdict
from vanthu.pades.revocation_store import supply
from vanthu.pades.running import run
from vanthu.pades.timestamps import Timestamper
from vanthu.pades.trust import Trust
from vanthu.pades.validation import validate


def _extend(stream: BinaryIO, trust: Trust, timestamper: Timestamper, *, at: datetime | None = None) -> None:
    """The PDF with the certificates and revocation data of all its signatures and a document timestamp over them.

    Calling it again later renews: it adds the evidence for the previous document timestamp and a newer one.
    Earlier signatures stay valid, a seal that forbids changes included. ``at`` is the instant of checking
    (now when None). Raises LongTermUnavailable when a signature is not VALID now, TimestampUnavailable.
    Source: EN 319 142-1 (B-LTA); TT 15/2025/TT-BKHCN; requirement L33.
    """
    report = validate(stream, trust, at=at or datetime.now(UTC))
    if report.verdict is not Verdict.VALID:
        why = "; ".join(reason.text for reason in report.all_reasons) or "tệp không có chữ ký số"
        raise LongTermUnavailable(why=why)
    try:
        run(_write(stream, report.evidence, timestamper))
    except PadesError:
        raise
    except (SigningError, *READING_PROBLEMS) as problem:
        raise PdfDamaged from problem


extend, extend_file = of_bytes(_extend), of_file(_extend)


async def _write(stream: BinaryIO, evidence: Evidence, timestamper: Timestamper) -> None:
    writer = IncrementalPdfFileWriter(stream, strict=True)
    supply(writer, evidence)
    await PdfTimeStamper(timestamper).async_timestamp_pdf(
        writer, policy.PRODUCED_DIGEST, validation_context=None, in_place=True, chunk_size=PIECE
    )
