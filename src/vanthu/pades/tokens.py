"""Keys that never leave their device: USB tokens and HSMs at the server, through PKCS#11.

Owns what a device means for signing: its key as a KeySource, its troubles as refusals. Refuses weak keys and
certificates outside their validity; the device itself counts wrong PINs. The talk with the device is
``vanthu_agent.device``, the same that signs on people's own computers.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from asn1crypto import x509

from vanthu.pades import policy
from vanthu.pades.errors import (
    KeyDamaged,
    PadesError,
    PinExpired,
    PinLastTry,
    PinLocked,
    PinWrong,
    SchemeAbsent,
    TokenAbsent,
    TokenBusy,
    TokenTrouble,
)
from vanthu.pades.keys import require_validity
from vanthu.pades.schemes import Scheme, scheme_for
from vanthu_agent.device import DeviceTrouble, Found, OpenKey, certificates

DIGEST = "sha256"


class Pkcs11Key:
    """A key on a device, usable until the ``with`` block ends."""

    def __init__(
        self,
        opened: OpenKey,
        certificate: x509.Certificate,
        chain: tuple[x509.Certificate, ...],
        scheme: Scheme = Scheme.PKCS1V15,
    ) -> None:
        self._opened = opened
        self.certificate, self.chain = certificate, chain
        self.scheme = scheme_for(certificate, scheme)

    @classmethod
    def open(
        cls,
        library: Path,
        *,
        token_label: str,
        key_label: str,
        pin: str,
        at: datetime | None = None,
        scheme: Scheme = Scheme.PKCS1V15,
    ) -> Pkcs11Key:
        """The key whose certificate is labelled ``key_label`` on the token ``token_label``, reached through the
        maker's ``library``; raises as :meth:`open_found` does."""
        held = [one for one in found_on(library) if one.token == token_label]
        if not held:
            raise TokenAbsent(token=token_label)
        named = [one for one in held if one.label == key_label]
        if not named:
            raise KeyDamaged
        return cls.open_found(named[0], pin, at=at, scheme=scheme)

    @classmethod
    def open_found(
        cls, found: Found, pin: str, *, at: datetime | None = None, scheme: Scheme = Scheme.PKCS1V15
    ) -> Pkcs11Key:
        """The key of a certificate found on a device, valid at ``at`` (an instant; now when None).

        Raises TokenAbsent, PinWrong, PinLastTry, PinLocked, PinExpired, KeyDamaged (no key belongs to the
        certificate), TokenBusy, TokenTrouble, KeyTooWeak, CertificateExpired, CertificateNotYetValid.
        Source: NĐ 30/2020 Đ32–33; requirement R66.
        """
        instant = at or datetime.now(UTC)
        policy.require_key(found.certificate, instant)
        require_validity(found.certificate, instant)
        try:
            return cls(OpenKey(found, pin), found.certificate, found.chain, scheme)
        except DeviceTrouble as trouble:
            raise refusal(trouble, found.token) from trouble

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        """See KeySource; the device is given the SHA-256 digest only."""
        if digest_algorithm != DIGEST:
            raise ValueError(f"devices are asked for {DIGEST} only")
        try:
            return self._opened.sign(hashlib.sha256(data).digest(), pss=self.scheme is Scheme.PSS)
        except DeviceTrouble as trouble:
            raise refusal(trouble, self._opened.found.token) from trouble

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()


def found_on(library: Path) -> list[Found]:
    """The end certificates on the tokens of a library, without a PIN. Raises TokenAbsent, TokenBusy."""
    try:
        return certificates([library])
    except DeviceTrouble as trouble:
        raise refusal(trouble, str(library.name)) from trouble


_REFUSALS: dict[str, type[PadesError]] = {
    "PIN_WRONG": PinWrong,
    "PIN_LAST_TRY": PinLastTry,
    "PIN_LOCKED": PinLocked,
    "PIN_EXPIRED": PinExpired,
    "KEY_ABSENT": KeyDamaged,
    "DEVICE_BUSY": TokenBusy,
    "SCHEME_ABSENT": SchemeAbsent,
    "DEVICE_TROUBLE": TokenTrouble,
}


def refusal(trouble: DeviceTrouble, token: str) -> PadesError:
    """The refusal that a person reads for what went wrong with the device."""
    kind = _REFUSALS.get(trouble.code, TokenAbsent)
    return kind(token=token, detail=trouble.detail)
