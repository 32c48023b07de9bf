"""The CMS container of a signature, put together from bytes that are made once per key.

Building it from objects for each signature, twice because its size must be known before, took most of the time of
signing. Only the digest, the signature's value and a time-stamp differ between two signatures of one key; the signed
attributes are pyHanko's own, with the digest put in its place. Refuses to sign. Source: RFC 5652; EN 319 142-1 6.3.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from asn1crypto import algos, x509
from pyhanko.sign.signers.pdf_cms import ExternalSigner, PdfCMSSignedAttributes
from pyhanko_certvalidator.registry import SimpleCertificateStore

from vanthu.pades.away import DIGEST
from vanthu.pades.running import run
from vanthu.pades.schemes import Scheme, mechanism

_SEQUENCE, _SET, _OCTETS, _ZERO, _ONE = 0x30, 0x31, 0x04, 0xA0, 0xA1
_VERSION_1 = b"\x02\x01\x01"
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_DATA = bytes.fromhex("06092a864886f70d010701")
_TIMESTAMP_TOKEN = bytes.fromhex("060b2a864886f70d010910020e")
_PLACE = bytes(range(200, 232))
"""Stands for the digest in the attributes; 32 bytes that nothing else in them holds."""


@dataclass(frozen=True)
class Container:
    """What stays the same in every signature of one key."""

    certificates: bytes
    signer: bytes
    digest_algorithm: bytes
    signature_algorithm: bytes
    before_digest: bytes
    after_digest: bytes
    signature_length: int
    """At most, in bytes."""

    @classmethod
    def of(
        cls, certificate: x509.Certificate, chain: Sequence[x509.Certificate], scheme: Scheme
    ) -> Container:
        """For signatures by this certificate's key; ``chain`` goes with them, but for roots."""
        others = tuple(other.dump() for other in chain if other.self_issued is False)
        return _container(certificate.dump(), others, scheme)

    def attributes(self, digest: bytes) -> bytes:
        """The signed attributes (DER) for a file with this SHA-256 digest: what the key signs."""
        return self.before_digest + digest + self.after_digest

    def filled(self, attributes: bytes, signature: bytes, token: bytes | None = None) -> bytes:
        """The whole container (DER); ``token`` is a time-stamp over the signature."""
        signer_info = [
            _VERSION_1,
            self.signer,
            self.digest_algorithm,
            bytes([_ZERO]) + attributes[1:],
            self.signature_algorithm,
            _wrapped(_OCTETS, signature),
        ]
        if token is not None:
            attribute = _wrapped(_SEQUENCE, _TIMESTAMP_TOKEN, _wrapped(_SET, token))
            signer_info.append(_wrapped(_ONE, attribute))
        signed_data = _wrapped(
            _SEQUENCE,
            _VERSION_1,
            _wrapped(_SET, self.digest_algorithm),
            _wrapped(_SEQUENCE, _DATA),
            _wrapped(_ZERO, self.certificates),
            _wrapped(_SET, _wrapped(_SEQUENCE, *signer_info)),
        )
        return _wrapped(_SEQUENCE, _SIGNED_DATA, _wrapped(_ZERO, signed_data))

    def room(self, token_length: int | None) -> int:
        """Bytes that the container will take at most. A time-stamping authority may answer at greater length than
        it did before, so half as much again is kept for a token of ``token_length``."""
        signature = bytes(self.signature_length)
        token = None if token_length is None else bytes(token_length * 3 // 2)
        return len(self.filled(self.attributes(_PLACE), signature, token)) + 16


@functools.lru_cache(maxsize=256)
def _container(own: bytes, others: tuple[bytes, ...], scheme: Scheme) -> Container:
    certificate = x509.Certificate.load(own)
    known: Any = SimpleCertificateStore
    signer = ExternalSigner(
        certificate,
        known.from_certs([]),
        signature_value=None,
        signature_mechanism=mechanism(scheme),
        embed_roots=False,
    )
    settings = PdfCMSSignedAttributes(signing_time=datetime.now(UTC))
    attributes = run(signer.signed_attrs(_PLACE, DIGEST, attr_settings=settings, use_pades=True))
    before, found, after = attributes.dump().partition(_PLACE)
    assert found and _PLACE not in after
    issued = certificate["tbs_certificate"]
    bits = int(certificate.public_key.bit_size)
    plain = certificate.public_key.algorithm.startswith("rsa")
    return Container(
        certificates=b"".join(sorted((own, *others))),
        signer=_wrapped(_SEQUENCE, issued["issuer"].dump(), issued["serial_number"].dump()),
        digest_algorithm=algos.DigestAlgorithm({"algorithm": DIGEST}).dump(),
        signature_algorithm=signer.get_signature_mechanism_for_digest(DIGEST).dump(),
        before_digest=before,
        after_digest=after,
        signature_length=(bits + 7) // 8 if plain else 2 * ((bits + 7) // 8) + 10,
    )


def _wrapped(tag: int, *parts: bytes) -> bytes:
    """DER: tag, length, content."""
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content
