"""Signing in two steps with a key that this server cannot reach: a token in somebody's browser, a SIM, a
remote service.

Owns the wait between the steps: ``begin`` prepares everything and says which bytes the device must sign,
``finish`` puts the signature in. What waits can be kept and continued by another process. Refuses a signature
that does not belong to the certificate.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from asn1crypto import cms, x509
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest
from pyhanko.sign.signers.pdf_cms import ExternalSigner, PdfCMSSignedAttributes
from pyhanko_certvalidator.registry import SimpleCertificateStore

from vanthu.pades.errors import PadesError, PdfDamaged
from vanthu.pades.integrity import require_unbroken
from vanthu.pades.running import run
from vanthu.pades.schemes import Scheme, mechanism, scheme_for
from vanthu.pades.timestamps import Timestamper

DIGEST = "sha256"
ROOM_FOR_TIMESTAMP = 2 * 8_000
"""Hex digits kept free, because the size of a later timestamp is not known yet."""


@dataclass(frozen=True)
class Pending:
    """What a file waits for: one signature at its place. The device signs ``to_sign`` with SHA-256 (RSA by ``scheme``,
    or ECDSA in DER)."""

    to_sign: bytes
    reserved_start: int
    reserved_end: int
    certificates: tuple[bytes, ...]
    """The signer's own first (DER)."""
    scheme: Scheme = Scheme.PKCS1V15

    def as_dict(self) -> dict[str, Any]:
        """JSON-able; the file itself is kept by whoever began."""
        return {
            "to_sign": base64.b64encode(self.to_sign).decode(),
            "reserved": [self.reserved_start, self.reserved_end],
            "certificates": [base64.b64encode(der).decode() for der in self.certificates],
            "scheme": self.scheme.value,
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> Pending:
        """What ``as_dict`` wrote."""
        certificates = tuple(base64.b64decode(text) for text in kept["certificates"])
        start, end = kept["reserved"]
        scheme = Scheme(kept.get("scheme", Scheme.PKCS1V15.value))
        return cls(base64.b64decode(kept["to_sign"]), int(start), int(end), certificates, scheme)


class Awaiting(Exception):
    """Raised inside ``begin`` only."""

    def __init__(self, pending: Pending) -> None:
        super().__init__("a signature is awaited")
        self.pending = pending


@dataclass(frozen=True)
class AwayKey:
    """Stands for a key elsewhere: it has a certificate and cannot sign."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()
    scheme: Scheme = Scheme.PKCS1V15

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        """Never: the signature comes with ``finish``."""
        raise NotImplementedError("this key is elsewhere: use begin and finish")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


def begin(
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate],
    work: Callable[[AwayKey], None],
    *,
    scheme: Scheme = Scheme.PKCS1V15,
) -> Pending:
    """What ``work`` would sign; ``work`` calls ``sign_file``, ``seal_file``, ``seal_attachment_file`` or
    ``seal_copy_file`` with the key that it is given, and without a timestamper (that comes with ``finish``).
    Afterwards its file is ready but for the signature. Raises what ``work`` raises."""
    try:
        work(AwayKey(certificate, tuple(chain), scheme_for(certificate, scheme)))
    except Awaiting as waiting:
        return waiting.pending
    raise ValueError("the work did not use the key that it was given")


def finish(path: Path, pending: Pending, signature: bytes, *, timestamper: Timestamper | None = None) -> None:
    """Put the signature into the file that ``begin`` made ready. After a refusal the file is good for nothing.

    Raises SignatureBroken when ``signature`` is not the certificate's over ``to_sign``, TimestampUnavailable.
    """
    with path.open("r+b") as stream:
        try:
            run(_fill(stream, pending, signature, timestamper))
        except PadesError:
            raise
        except (SigningError, ValueError) as problem:
            raise PdfDamaged from problem
        require_unbroken(stream)


async def _fill(
    stream: BinaryIO, pending: Pending, signature: bytes, timestamper: Timestamper | None
) -> None:
    certificates = [x509.Certificate.load(der) for der in pending.certificates]
    signer = _external(certificates[0], certificates[1:], signature, pending.scheme)
    attributes = cms.CMSAttributes.load(pending.to_sign)
    container = await signer.async_sign_prescribed_attributes(DIGEST, attributes, timestamper=timestamper)
    place = PreparedByteRangeDigest(b"", pending.reserved_start, pending.reserved_end)
    place.fill_with_cms(stream, container)


async def pending_for(key: AwayKey, prepared: PreparedByteRangeDigest, signed_at: datetime) -> Pending:
    """The bytes to sign for a file whose signature has its place already."""
    signer = _external(key.certificate, key.chain, None, key.scheme)
    attributes = await signer.signed_attrs(
        prepared.document_digest,
        DIGEST,
        attr_settings=PdfCMSSignedAttributes(signing_time=signed_at),
        use_pades=True,
    )
    certificates = tuple(item.dump() for item in (key.certificate, *key.chain))
    start, end = prepared.reserved_region_start, prepared.reserved_region_end
    return Pending(attributes.dump(), start, end, certificates, key.scheme)


def _external(
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate],
    signature: bytes | None,
    scheme: Scheme,
) -> ExternalSigner:
    known: Any = SimpleCertificateStore
    return ExternalSigner(
        certificate,
        known.from_certs(list(chain)),
        signature_value=signature,
        signature_mechanism=mechanism(scheme),
        embed_roots=False,
    )
