"""Where signatures come from: keys and their certificates.

Owns the shape that every key must have (file, token, HSM and remote service alike) and the PKCS#12 file. A
key is read and checked once and then held, because reading an RSA key costs four times as much as signing
with it. Refuses weak keys, and certificates outside their validity; whether a certificate is trusted or
revoked is validation's to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Protocol, Self, runtime_checkable

from asn1crypto import pkcs12 as asn1_pkcs12
from asn1crypto import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from vanthu.pades.errors import (
    CertificateExpired,
    CertificateNotYetValid,
    KeyDamaged,
    KeyTooWeak,
    WrongPassphrase,
)
from vanthu.pades.policy import require_key
from vanthu.pades.schemes import SALT_LENGTH, Scheme, mechanism, scheme_for
from vanthu.pades.times import written

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


@runtime_checkable
class KeySource(Protocol):
    """A key that can sign while it is open; used as a context manager so that tokens and sessions are let
    go."""

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's certificate."""

    @property
    def chain(self) -> Sequence[x509.Certificate]:
        """Certificates above the signer's, as far as the key knows them."""

    @property
    def scheme(self) -> Scheme:
        """How an RSA key signs."""

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        """The bare signature over ``data``: by ``scheme`` for RSA, DER for ECDSA."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(frozen=True)
class Pkcs12Key:
    """A key from a PKCS#12 file (.p12, .pfx), held in memory."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    _key: Any
    scheme: Scheme = Scheme.PKCS1V15

    @classmethod
    def open(
        cls,
        p12: bytes,
        passphrase: str,
        *,
        at: datetime | None = None,
        scheme: Scheme = Scheme.PKCS1V15,
    ) -> Pkcs12Key:
        """The key in ``p12``, its certificate valid at ``at`` (an instant; now when None).

        Raises KeyDamaged, WrongPassphrase, KeyTooWeak, CertificateExpired, CertificateNotYetValid.
        Source: NĐ 23/2025 Đ15 (the signer checks their own certificate before signing).
        """
        key, certificate, chain = _read(p12, passphrase)
        _require_usable(key)
        now = at or datetime.now(UTC)
        require_key(certificate, now)
        require_validity(certificate, now)
        return cls(certificate, chain, key, scheme_for(certificate, scheme))

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        """See KeySource."""
        digest = _HASHES[digest_algorithm]
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, _padding(self.scheme, digest), digest)
        signature: bytes = self._key.sign(data, ec.ECDSA(digest))
        return signature

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def __repr__(self) -> str:
        return f"Pkcs12Key({self.certificate.subject.human_friendly!r})"


def _padding(scheme: Scheme, digest: hashes.HashAlgorithm) -> padding.AsymmetricPadding:
    return padding.PSS(padding.MGF1(digest), SALT_LENGTH) if scheme is Scheme.PSS else padding.PKCS1v15()


def _read(p12: bytes, passphrase: str) -> tuple[Any, x509.Certificate, tuple[x509.Certificate, ...]]:
    try:
        asn1_pkcs12.Pfx.load(p12, strict=True)["auth_safe"]["content_type"].native  # noqa: B018 - parses
    except (ValueError, TypeError, KeyError) as problem:
        raise KeyDamaged from problem
    try:
        bundle = pkcs12.load_pkcs12(p12, passphrase.encode())
    except UnsupportedAlgorithm as problem:
        raise KeyDamaged from problem
    except ValueError as problem:
        raise WrongPassphrase from problem
    if bundle.key is None or bundle.cert is None:
        raise KeyDamaged
    others = [item.certificate.public_bytes(Encoding.DER) for item in bundle.additional_certs]
    own = bundle.cert.certificate.public_bytes(Encoding.DER)
    return bundle.key, x509.Certificate.load(own), tuple(map(x509.Certificate.load, others))


def _require_usable(key: Any) -> None:
    """Other kinds of key than these two cannot be used in a PDF signature here."""
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise KeyTooWeak


def require_validity(certificate: x509.Certificate, at: datetime) -> None:
    """Raises CertificateExpired or CertificateNotYetValid when ``at`` is outside the certificate's
    validity."""
    if at > certificate.not_valid_after:
        raise CertificateExpired(when=written(certificate.not_valid_after))
    if at < certificate.not_valid_before:
        raise CertificateNotYetValid(when=written(certificate.not_valid_before))


class HeldKeySigner(Signer):
    """Lets pyHanko sign with any KeySource without reading the key again for each signature."""

    def __init__(self, key: KeySource) -> None:
        known: Any = SimpleCertificateStore
        self._source = key
        super().__init__(
            signing_cert=key.certificate,
            cert_registry=known.from_certs(list(key.chain)),
            signature_mechanism=mechanism(key.scheme),
            embed_roots=False,
        )

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """See pyHanko's Signer; a dry run only measures."""
        if dry_run:
            return bytes(_signature_size(self._source.certificate))
        return self._source.sign_raw(data, digest_algorithm)


def _signature_size(certificate: x509.Certificate) -> int:
    bits = int(certificate.public_key.bit_size)
    return (
        (bits + 7) // 8 if certificate.public_key.algorithm.startswith("rsa") else 2 * ((bits + 7) // 8) + 10
    )
