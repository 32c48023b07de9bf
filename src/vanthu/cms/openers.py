"""Private keys that open what was encrypted for an agency: from a PKCS#12 file, or on a device through PKCS#11.

Old keys open old contents, so validity is not looked at here. Refuses to keep a passphrase or PIN.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from asn1crypto import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from vanthu.cms.errors import EnvelopeDamaged
from vanthu.errors import VanthuError
from vanthu.pades.errors import KeyDamaged, TokenAbsent, WrongPassphrase
from vanthu.pades.tokens import found_on, refusal
from vanthu_agent.device import DeviceTrouble, Found, OpenKey


@dataclass(frozen=True)
class Pkcs1:
    """RSAES-PKCS1-v1_5: read, never written."""


@dataclass(frozen=True)
class Oaep:
    """RSAES-OAEP (RFC 8017, 7.1) with its hash, the hash of its mask, and its label."""

    digest: str
    mask: str
    label: bytes = b""


Padding = Pkcs1 | Oaep

HASHES: dict[str, hashes.HashAlgorithm] = {
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

    def decrypt(self, encrypted: bytes, padding: Padding) -> bytes:
        """The content key that was encrypted to an RSA key. Raises :class:`EnvelopeDamaged`."""

    def agree(self, peer: bytes) -> bytes:
        """The secret shared with an uncompressed point. Raises :class:`EnvelopeDamaged`."""

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

    def decrypt(self, encrypted: bytes, padding: Padding) -> bytes:
        """See OpeningKey."""
        if not isinstance(self._key, rsa.RSAPrivateKey):
            raise EnvelopeDamaged
        try:
            return self._key.decrypt(encrypted, _padding(padding))
        except ValueError as problem:
            raise EnvelopeDamaged from problem

    def agree(self, peer: bytes) -> bytes:
        """See OpeningKey."""
        if not isinstance(self._key, ec.EllipticCurvePrivateKey):
            raise EnvelopeDamaged
        try:
            point = ec.EllipticCurvePublicKey.from_encoded_point(self._key.curve, peer)
        except ValueError as problem:
            raise EnvelopeDamaged from problem
        return self._key.exchange(ec.ECDH(), point)

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
    mask = padding.MGF1(HASHES[wanted.mask])
    return padding.OAEP(mask, HASHES[wanted.digest], wanted.label or None)


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

    def decrypt(self, encrypted: bytes, padding: Padding) -> bytes:
        """See OpeningKey. The padding of OAEP is taken off here: many tokens know it with SHA-1 only."""
        padded = isinstance(padding, Pkcs1)
        try:
            plain = self._opened.decrypt(encrypted, padded=padded)
        except DeviceTrouble as trouble:
            raise self._fault(trouble) from trouble
        if isinstance(padding, Pkcs1):
            return plain
        return _without_oaep(plain.rjust(len(encrypted), b"\0"), padding)

    def agree(self, peer: bytes) -> bytes:
        """See OpeningKey."""
        try:
            return self._opened.agree(peer)
        except DeviceTrouble as trouble:
            raise self._fault(trouble) from trouble

    def _fault(self, trouble: DeviceTrouble) -> VanthuError:
        """What the device does not like about the bytes is the sender's fault, all else the device's."""
        if trouble.code == "DEVICE_TROUBLE":
            return EnvelopeDamaged()
        return refusal(trouble, self._opened.found.token)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()


def _without_oaep(block: bytes, how: Oaep) -> bytes:
    """EME-OAEP decoding (RFC 8017, 7.1.2 step 3). Every fault is the same fault, whatever it was."""
    size = hashlib.new(how.digest).digest_size
    masked_seed, masked_data = block[1 : size + 1], block[size + 1 :]
    seed = _xor(masked_seed, _mask(masked_data, size, how.mask))
    data = _xor(masked_data, _mask(seed, len(masked_data), how.mask))
    right = hmac.compare_digest(data[:size], hashlib.new(how.digest, how.label).digest())
    rest = data[size:]
    mark = rest.find(b"\x01")
    clean = mark >= 0 and not any(rest[:mark]) and block[:1] == b"\0"
    if not (right and clean):
        raise EnvelopeDamaged
    return rest[mark + 1 :]


def _mask(seed: bytes, size: int, digest: str) -> bytes:
    """MGF1 (RFC 8017, B.2.1)."""
    made = b""
    count = 0
    while len(made) < size:
        made += hashlib.new(digest, seed + count.to_bytes(4, "big")).digest()
        count += 1
    return made[:size]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))
