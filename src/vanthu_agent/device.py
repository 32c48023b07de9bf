"""Tokens and HSMs through PKCS#11: which certificates they hold, and signing a digest after the PIN.

Owns the talk with the maker's library. Refuses two users of one library at a time: PKCS#11 knows one login per
process, so a second session would sign with the first one's PIN.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pkcs11
from asn1crypto import x509
from pkcs11 import Attribute, ObjectClass, TokenFlag
from pkcs11 import exceptions as troubles
from pkcs11.util.ec import encode_ecdsa_signature

WAIT_FOR_OTHERS_SECONDS = 20.0
_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""DigestInfo of SHA-256 before the digest itself (RFC 8017, 9.2, note 1)."""

_PSS = (pkcs11.Mechanism.SHA256, pkcs11.MGF.SHA256, 32)
"""RSASSA-PSS with SHA-256 throughout and a salt as long as the digest (RFC 8017, 9.1)."""

_WRONG = (troubles.PinIncorrect, troubles.PinLenRange, troubles.PinInvalid)
_GONE = (
    troubles.DeviceRemoved,
    troubles.TokenNotPresent,
    troubles.TokenNotRecognised,
    troubles.NoSuchToken,
    troubles.SlotIDInvalid,
    troubles.SessionHandleInvalid,
    troubles.SessionClosed,
    troubles.DeviceError,
)
_turns: dict[str, threading.Lock] = {}
_turns_lock = threading.Lock()


class DeviceTrouble(Exception):
    """What went wrong with the device; ``code`` is one of TOKEN_ABSENT, PIN_WRONG, PIN_LAST_TRY, PIN_LOCKED,
    PIN_EXPIRED, KEY_ABSENT, DEVICE_BUSY, LIBRARY_ABSENT, SCHEME_ABSENT, DEVICE_TROUBLE."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class Found:
    """A certificate on a token, with what is needed to find its key there again."""

    library: Path
    token: str
    serial: str
    key_id: bytes
    label: str
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, hexadecimal."""
        return str(self.certificate.sha256.hex())


def certificates(libraries: Iterable[Path]) -> list[Found]:
    """Every end certificate on every token that is plugged in now; no PIN is needed.

    A token or library that does not answer is left out; raises DeviceTrouble when nothing else is there.
    """
    found: list[Found] = []
    last: DeviceTrouble | None = None
    for library in libraries:
        try:
            found.extend(_in_turn(library))
        except DeviceTrouble as problem:
            last = problem
    if last is not None and not found:
        raise last
    return found


def _in_turn(library: Path) -> list[Found]:
    turn = _take_turn(library)
    try:
        return _on_tokens(library)
    finally:
        turn.release()


def _on_tokens(library: Path) -> list[Found]:
    found: list[Found] = []
    for slot in _slots(library):
        try:
            token = slot.get_token()
            with token.open() as session:
                found.extend(_ends(library, token, session))
        except (troubles.PKCS11Error, ValueError, TypeError):
            continue
    return found


def _ends(library: Path, token: Any, session: Any) -> list[Found]:
    held = []
    for item in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
        certificate = x509.Certificate.load(item[Attribute.VALUE])
        held.append((item[Attribute.ID], item[Attribute.LABEL], certificate))
    chain = tuple(certificate for _, _, certificate in held if certificate.ca)
    return [
        Found(library, token.label, _serial(token), key_id, label, certificate, chain)
        for key_id, label, certificate in held
        if not certificate.ca
    ]


class OpenKey:
    """The key of a certificate after the PIN, until the ``with`` block ends."""

    def __init__(self, found: Found, pin: str) -> None:
        """Raises DeviceTrouble."""
        self.found, self._pin = found, pin
        self._turn = _take_turn(found.library)
        self._session: Any = None
        try:
            self._session = _log_in(found, pin)
            self._key = _private_key(self._session, found)
            self._again = pin if _asks_each_time(self._key) else None
        except BaseException:
            self.close()
            raise

    def sign(self, digest: bytes, *, pss: bool = False) -> bytes:
        """The signature over a SHA-256 ``digest``: DER for ECDSA; for RSA PKCS#1 v1.5, or RSASSA-PSS when ``pss``.

        Raises DeviceTrouble.
        """
        more: dict[str, Any] = {"pin": self._again} if self._again is not None else {}
        try:
            if self._key.key_type == pkcs11.KeyType.RSA and pss:
                more |= {"mechanism_param": _PSS}
                return bytes(self._key.sign(digest, mechanism=pkcs11.Mechanism.RSA_PKCS_PSS, **more))
            if self._key.key_type == pkcs11.KeyType.RSA:
                data = _SHA256_INFO + digest
                return bytes(self._key.sign(data, mechanism=pkcs11.Mechanism.RSA_PKCS, **more))
            raw = self._key.sign(digest, mechanism=pkcs11.Mechanism.ECDSA, **more)
            return bytes(encode_ecdsa_signature(raw))
        except (troubles.PKCS11Error, OSError) as problem:
            raise trouble(problem) from problem

    def decrypt(self, encrypted: bytes, *, padded: bool) -> bytes:
        """What was encrypted to an RSA key: without its PKCS#1 v1.5 padding when ``padded``, else the bare block.

        Raises DeviceTrouble.
        """
        mechanism = pkcs11.Mechanism.RSA_PKCS if padded else pkcs11.Mechanism.RSA_X_509
        more = {"pin": self._again} if self._again is not None else {}
        try:
            return bytes(self._key.decrypt(encrypted, mechanism=mechanism, **more))
        except (troubles.PKCS11Error, OSError) as problem:
            raise trouble(problem) from problem

    def agree(self, peer: bytes) -> bytes:
        """The secret that an EC key shares with an uncompressed point. Raises DeviceTrouble."""
        template = {Attribute.SENSITIVE: False, Attribute.EXTRACTABLE: True, Attribute.TOKEN: False}
        try:
            shared = self._key.derive_key(
                pkcs11.KeyType.GENERIC_SECRET,
                (len(peer) - 1) // 2 * 8,
                mechanism=pkcs11.Mechanism.ECDH1_DERIVE,
                mechanism_param=(pkcs11.KDF.NULL, None, peer),
                template=template,
            )
            return bytes(shared[Attribute.VALUE])
        except (troubles.PKCS11Error, OSError, AttributeError) as problem:
            raise trouble(problem) from problem

    def close(self) -> None:
        """Log out and let others use the device."""
        session, self._session = self._session, None
        try:
            if session is not None:
                session.close()
        except troubles.PKCS11Error:  # pulled out meanwhile: there is nothing to log out of
            pass
        finally:
            if self._turn.locked():
                self._turn.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def owner_of(certificate: x509.Certificate) -> str:
    """Whose certificate it is, as people say it: name, title, organisation."""
    subject = certificate.subject.native
    parts = [subject.get(name, "") for name in ("common_name", "title", "organization_name")]
    told = [part if isinstance(part, str) else ", ".join(part) for part in parts]
    return ", ".join(dict.fromkeys(part for part in told if part)) or certificate.subject.human_friendly


def trouble(problem: BaseException) -> DeviceTrouble:
    """The device's own words as one of our codes."""
    if isinstance(problem, DeviceTrouble):
        return problem
    if isinstance(problem, _WRONG):
        return DeviceTrouble("PIN_WRONG")
    if isinstance(problem, troubles.PinLocked):
        return DeviceTrouble("PIN_LOCKED")
    if isinstance(problem, troubles.PinExpired):
        return DeviceTrouble("PIN_EXPIRED")
    if isinstance(problem, troubles.MechanismInvalid | troubles.MechanismParamInvalid):
        return DeviceTrouble("SCHEME_ABSENT")
    if isinstance(problem, _GONE):
        return DeviceTrouble("TOKEN_ABSENT")
    return DeviceTrouble("DEVICE_TROUBLE", type(problem).__name__)


def _take_turn(library: Path) -> threading.Lock:
    with _turns_lock:
        turn = _turns.setdefault(str(library), threading.Lock())
    if not turn.acquire(timeout=WAIT_FOR_OTHERS_SECONDS):
        raise DeviceTrouble("DEVICE_BUSY")
    return turn


def _slots(library: Path) -> list[Any]:
    try:
        return list(pkcs11.lib(str(library)).get_slots(token_present=True))
    except (troubles.PKCS11Error, RuntimeError, OSError) as problem:
        raise DeviceTrouble("LIBRARY_ABSENT", str(library)) from problem


def _log_in(found: Found, pin: str) -> Any:
    for slot in _slots(found.library):
        try:
            token = slot.get_token()
        except troubles.PKCS11Error:
            continue
        if token.label != found.token or (found.serial and _serial(token) != found.serial):
            continue
        try:
            own = TokenFlag.PROTECTED_AUTHENTICATION_PATH in token.flags
            return token.open(user_pin=pkcs11.PROTECTED_AUTH if own else pin)
        except _WRONG as problem:
            raise _tries_left(slot) from problem
        except (troubles.PKCS11Error, OSError) as problem:
            raise trouble(problem) from problem
    raise DeviceTrouble("TOKEN_ABSENT", found.token)


def _tries_left(slot: Any) -> DeviceTrouble:
    """A wrong PIN, with what the token says of the tries left."""
    try:
        flags = slot.get_token().flags
    except troubles.PKCS11Error:
        return DeviceTrouble("PIN_WRONG")
    if TokenFlag.USER_PIN_LOCKED in flags:
        return DeviceTrouble("PIN_LOCKED")
    return DeviceTrouble("PIN_LAST_TRY" if TokenFlag.USER_PIN_FINAL_TRY in flags else "PIN_WRONG")


def _private_key(session: Any, found: Found) -> Any:
    wanted: list[dict[Any, Any]] = [{Attribute.ID: found.key_id}] if found.key_id else []
    wanted += [{Attribute.LABEL: found.label}] if found.label else []
    try:
        for attributes in wanted:
            for key in session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, **attributes}):
                return key
    except troubles.PKCS11Error as problem:
        raise trouble(problem) from problem
    raise DeviceTrouble("KEY_ABSENT", found.label)


def _asks_each_time(key: Any) -> bool:
    try:
        return bool(key[Attribute.ALWAYS_AUTHENTICATE])
    except (troubles.PKCS11Error, KeyError, AttributeError):
        return False


def _serial(token: Any) -> str:
    serial = token.serial
    return serial.decode(errors="replace") if isinstance(serial, bytes) else str(serial)
