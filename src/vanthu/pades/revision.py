"""Appending one signed revision to a file, and looking at the result.

Owns the way from a writer with its changes to bytes that bear the signature, or wait for a key elsewhere. Refuses to
decide what is drawn and whether it may be signed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import LayoutError
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko.stamp.noop import NoOpStampStyle

from vanthu.pades.away import DIGEST, ROOM_FOR_TIMESTAMP, Awaiting, AwayKey, pending_for
from vanthu.pades.container import Container
from vanthu.pades.errors import PadesError, PdfDamaged
from vanthu.pades.fieldwork import require_field
from vanthu.pades.growing import beginnings_of
from vanthu.pades.integrity import Wholeness, require_unbroken
from vanthu.pades.keys import HeldKeySigner, KeySource
from vanthu.pades.preparing import SEAL_FIELD
from vanthu.pades.reading import READING_PROBLEMS
from vanthu.pades.running import run
from vanthu.pades.timestamps import Timestamper


@dataclass(frozen=True)
class Order:
    """One signature to be made in an empty field; ``signed_at`` is an instant with a zone."""

    field: str
    key: KeySource
    signed_at: datetime
    reason: str | None
    location: str | None
    timestamper: Timestamper | None


def continued(stream: BinaryIO) -> tuple[IncrementalPdfFileWriter, list[Wholeness]]:
    """A writer for the file's next revision, and the signatures so far, all unbroken.

    Raises SignatureBroken, PdfDamaged, PdfEncrypted.
    """
    found = require_unbroken(stream)
    try:
        return IncrementalPdfFileWriter(stream, strict=True), found
    except READING_PROBLEMS as problem:
        raise PdfDamaged from problem


def sign_in(stream: BinaryIO, writer: IncrementalPdfFileWriter, order: Order) -> None:
    """Append the signed revision to what the writer reads, and check it: every signature is unbroken."""
    try:
        run(_write(writer, order))
    except PadesError:
        raise
    except (SigningError, LayoutError) as problem:
        raise PdfDamaged(f"Không ghi được chữ ký vào tệp PDF: {problem}") from problem
    require_unbroken(stream)


async def _write(writer: IncrementalPdfFileWriter, order: Order) -> None:
    metadata = PdfSignatureMetadata(
        field_name=order.field,
        md_algorithm=DIGEST,
        subfilter=SigSeedSubFilter.PADES,
        reason=order.reason,
        location=order.location,
        docmdp_permissions=MDPPerm.NO_CHANGES if order.field == SEAL_FIELD else MDPPerm.FILL_FORMS,
    )
    signer = PdfSigner(
        metadata,
        signer=HeldKeySigner(order.key),
        timestamper=order.timestamper,
        stamp_style=NoOpStampStyle(),
    )
    session = signer.init_signing_session(writer, existing_fields_only=True)
    session.system_time = order.signed_at
    away = order.key if isinstance(order.key, AwayKey) else None
    container = Container.of(order.key.certificate, order.key.chain, order.key.scheme)
    sample = None
    if order.timestamper is not None:
        sample = len((await order.timestamper.async_dummy_response(DIGEST)).dump())
    reserved = 2 * container.room(sample) + (ROOM_FOR_TIMESTAMP if away else 0)
    session.prepare_tbs_document(validation_info=None, bytes_reserved=reserved)
    stream: Any = writer.prev.stream
    prepared = _written(stream, writer, order.field)
    if away:
        raise Awaiting(await pending_for(away, prepared, order.signed_at))
    attributes = container.attributes(prepared.document_digest)
    signature = order.key.sign_raw(attributes, DIGEST)
    token = await _stamp(signature, order.timestamper)
    prepared.fill_with_cms(stream, container.filled(attributes, signature, token))


def _written(stream: BinaryIO, writer: Any, field: str) -> PreparedByteRangeDigest:
    """The revision appended with a hole for the signature, and the digest of all around the hole. pyHanko's own way
    reads the whole file for that; here its beginning may be known."""
    placeholder = require_field(writer, field)["/V"]
    writer.digest_aware_write = True
    writer.write_in_place()
    end = stream.tell()
    hole_begins, hole_ends = placeholder.contents.offsets
    placeholder.byte_range.fill_offsets(stream, hole_begins, hole_ends, end)
    state = beginnings_of(stream).hashed(DIGEST, stream, hole_begins)
    stream.seek(hole_ends)
    state.update(stream.read(end - hole_ends))
    return PreparedByteRangeDigest(state.digest(), hole_begins, hole_ends)


async def _stamp(signature: bytes, timestamper: Timestamper | None) -> bytes | None:
    if timestamper is None:
        return None
    token: Any = await timestamper.async_timestamp(hashlib.new(DIGEST, signature).digest(), DIGEST)
    return bytes(token.dump())
