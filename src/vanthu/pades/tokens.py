"""Keys that never leave their device: USB tokens and HSMs, through PKCS#11.

Owns the session with the device. Refuses to look for a key by anything but its label and the PIN of its
owner; the device itself counts wrong PINs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pkcs11
from asn1crypto import x509
from pkcs11.util.ec import encode_ecdsa_signature

from vanthu.pades.errors import KeyDamaged, TokenAbsent, WrongPassphrase
from vanthu.pades.keys import require_validity
from vanthu.pades.policy import require_key

_RSA = {
    "sha256": pkcs11.Mechanism.SHA256_RSA_PKCS,
    "sha384": pkcs11.Mechanism.SHA384_RSA_PKCS,
    "sha512": pkcs11.Mechanism.SHA512_RSA_PKCS,
}


class Pkcs11Key:
    """A key on a device, usable until the ``with`` block ends."""

    def __init__(
        self, session: Any, key: Any, certificate: x509.Certificate, chain: tuple[x509.Certificate, ...]
    ):
        self._session, self._key = session, key
        self.certificate, self.chain = certificate, chain

    @classmethod
    def open(
        cls, library: Path, *, token_label: str, key_label: str, pin: str, at: datetime | None = None
    ) -> Pkcs11Key:
        """The key ``key_label`` on the token ``token_label``, reached through the maker's ``library``.

        Raises TokenAbsent, WrongPassphrase, KeyDamaged (no key or no certificate with that label),
        KeyTooWeak, CertificateExpired, CertificateNotYetValid. Source: NĐ 30/2020 Đ32–33; requirement R66.
        """
        session = _session(library, token_label, pin)
        try:
            key, certificates = _objects(session, key_label)
            own = certificates[0]
            now = at or datetime.now(UTC)
            require_key(own, now)
            require_validity(own, now)
        except BaseException:
            session.close()
            raise
        return cls(session, key, own, tuple(certificates[1:]))

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        """See KeySource."""
        if self._key.key_type == pkcs11.KeyType.RSA:
            return bytes(self._key.sign(data, mechanism=_RSA[digest_algorithm]))
        import hashlib

        digest = hashlib.new(digest_algorithm, data).digest()
        return bytes(encode_ecdsa_signature(self._key.sign(digest, mechanism=pkcs11.Mechanism.ECDSA)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()


def _session(library: Path, token_label: str, pin: str) -> Any:
    try:
        token = pkcs11.lib(str(library)).get_token(token_label=token_label)
        return token.open(user_pin=pin)
    except (pkcs11.exceptions.PinIncorrect, pkcs11.exceptions.PinLenRange) as problem:
        raise WrongPassphrase from problem
    except (pkcs11.exceptions.PKCS11Error, RuntimeError, OSError) as problem:
        raise TokenAbsent(token=token_label) from problem


def _objects(session: Any, label: str) -> tuple[Any, list[x509.Certificate]]:
    try:
        key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=label)
        wanted = {
            pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
            pkcs11.Attribute.LABEL: label,
        }
        found = [x509.Certificate.load(item[pkcs11.Attribute.VALUE]) for item in session.get_objects(wanted)]
    except (pkcs11.exceptions.PKCS11Error, ValueError) as problem:
        raise KeyDamaged from problem
    if not found:
        raise KeyDamaged
    return key, found
