"""Private keys that open what was encrypted for an agency: from a PKCS#12 file, on a device through PKCS#11, or in
somebody's own computer.

Old keys open old contents, so validity is not looked at here. Refuses to keep a passphrase or PIN.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from asn1crypto import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from vanthu.cms.errors import EnvelopeDamaged
from vanthu.pades.errors import KeyDamaged, TokenAbsent, WrongPassphrase
from vanthu.pades.tokens import found_on, refusal
from vanthu_agent.device import DeviceTrouble, Found, OpenKey
from vanthu_agent.opening import (
    Agreement,
    Damaged,
    Padding,
    Pkcs1,
    Sealed,
    Transport,
    answered,
    derived,
)

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - reading what others wrote
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class OpeningKey(Protocol):
    """A private key with its certificate, usable until its ``with`` block ends."""

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate that contents are encrypted to."""

    def answer(self, sealed: Sealed) -> bytes:
        """The content key (RSA) or the wrapping key (agreement). Raises :class:`EnvelopeDamaged`."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Pkcs12OpeningKey:
    """A key from a PKCS#12 file, held in memory."""

    def __init__(self, certificate: x509.Certificate, key: Any) -> None:
        self.certificate, self._key = certificate, key

    @classmethod
    def open(cls, p12: bytes, passphrase: str) -> Pkcs12OpeningKey:
        """The key in ``p12``. Raises ``WrongPassphrase``, ``KeyDamaged``."""
        try:
            bundle = pkcs12.load_pkcs12(p12, passphrase.encode())
        except ValueError as problem:
            raise WrongPassphrase from problem
        if bundle.key is None or bundle.cert is None:
            raise KeyDamaged
        own = bundle.cert.certificate.public_bytes(Encoding.DER)
        return cls(x509.Certificate.load(own), bundle.key)

    def answer(self, sealed: Sealed) -> bytes:
        """See OpeningKey."""
        try:
            if isinstance(sealed, Transport) and isinstance(self._key, rsa.RSAPrivateKey):
                return self._key.decrypt(sealed.encrypted, _padding(sealed.padding))
            if isinstance(sealed, Agreement) and isinstance(self._key, ec.EllipticCurvePrivateKey):
                point = ec.EllipticCurvePublicKey.from_encoded_point(self._key.curve, sealed.peer)
                return derived(self._key.exchange(ec.ECDH(), point), sealed)
        except ValueError as problem:
            raise EnvelopeDamaged from problem
        raise EnvelopeDamaged

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def __repr__(self) -> str:
        return f"Pkcs12OpeningKey({self.certificate.subject.human_friendly!r})"


def _padding(wanted: Padding) -> padding.AsymmetricPadding:
    if isinstance(wanted, Pkcs1):
        return padding.PKCS1v15()
    mask = padding.MGF1(_HASHES[wanted.mask])
    return padding.OAEP(mask, _HASHES[wanted.digest], wanted.label or None)


class Pkcs11OpeningKey:
    """A key on a USB token or HSM, usable until the ``with`` block ends."""

    def __init__(self, opened: OpenKey) -> None:
        self._opened, self.certificate = opened, opened.found.certificate

    @classmethod
    def open(cls, library: Path, *, token_label: str, key_label: str, pin: str) -> Pkcs11OpeningKey:
        """The key whose certificate is labelled ``key_label`` on a token, through the maker's ``library``.

        Raises ``TokenAbsent``, ``KeyDamaged``, ``PinWrong``, ``PinLocked`` and the other refusals of a device.
        """
        held = [one for one in found_on(library) if one.token == token_label]
        if not held:
            raise TokenAbsent(token=token_label)
        named = [one for one in held if one.label == key_label]
        if not named:
            raise KeyDamaged
        return cls.open_found(named[0], pin)

    @classmethod
    def open_found(cls, found: Found, pin: str) -> Pkcs11OpeningKey:
        """The key of a certificate found on a device; raises as :meth:`open` does."""
        try:
            return cls(OpenKey(found, pin))
        except DeviceTrouble as trouble:
            raise refusal(trouble, found.token) from trouble

    def answer(self, sealed: Sealed) -> bytes:
        """See OpeningKey; raises also the refusals of a device."""
        try:
            return answered(self._opened, sealed)
        except Damaged as problem:
            raise EnvelopeDamaged from problem
        except DeviceTrouble as trouble:
            raise refusal(trouble, self._opened.found.token) from trouble

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()


class AnsweredKey:
    """A key in somebody's own computer that has answered already: for each thing asked, what its device made of it."""

    def __init__(self, certificate: x509.Certificate, answers: Mapping[Sealed, bytes]) -> None:
        self.certificate, self._answers = certificate, answers

    def answer(self, sealed: Sealed) -> bytes:
        """See OpeningKey."""
        if sealed not in self._answers:
            raise EnvelopeDamaged
        return self._answers[sealed]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None
