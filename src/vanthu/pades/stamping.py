"""A trusted time over a file as it stands: a document time-stamp (ISO 32000-2, 12.8.5).

Owns the stamp alone, also for files that nobody signed. Refuses files whose signatures are broken, for a stamp would
lend them weight; keeping evidence for decades is ``longterm``'s.
"""

from __future__ import annotations

import io

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper

from vanthu.pades.errors import PadesError, PdfDamaged
from vanthu.pades.integrity import require_unbroken
from vanthu.pades.reading import READING_PROBLEMS
from vanthu.pades.running import run
from vanthu.pades.timestamps import Timestamper


def timestamp(pdf: bytes, timestamper: Timestamper) -> bytes:
    """``pdf`` with a document time-stamp over all of it; its signatures stay valid, a seal that forbids changes
    included.

    Raises SignatureBroken, PdfDamaged, PdfEncrypted, TimestampUnavailable. Source: EN 319 142-1, 5.4.3.
    """
    require_unbroken(pdf)
    try:
        stamped = run(_stamped(pdf, timestamper))
    except PadesError:
        raise
    except (SigningError, *READING_PROBLEMS) as problem:
        raise PdfDamaged from problem
    if not stamped.startswith(pdf):
        raise PdfDamaged
    require_unbroken(stamped)
    return stamped


async def _stamped(pdf: bytes, timestamper: Timestamper) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=True)
    output = await PdfTimeStamper(timestamper).async_timestamp_pdf(writer, "sha256", validation_context=None)
    output.seek(0)
    return bytes(output.read())
