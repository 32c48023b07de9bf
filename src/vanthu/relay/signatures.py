"""HTTP message signatures (RFC 9421) in a narrow profile: one signature, Ed25519 or ECDSA P-256.

Owns the signature base, signing and verifying. A signature of the profile names its key by the JWK thumbprint
(RFC 7638), its time of making, its end and a nonce, and carries the profile's tag, so that signatures which a
proxy adds for itself are passed over. Refuses parameters on components, and to know keys or to remember nonces.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey

from vanthu.evidence import BadKey, Key
from vanthu.relay.errors import SignatureExpired, SignatureMissing, SignatureWrong

TAG = "vanthu-relay"
LABEL = "relay"
LIFETIME = timedelta(minutes=2)
LONGEST = timedelta(minutes=10)
"""A signature that is to be valid for longer is not taken: its nonce would have to be remembered."""

MAX_FIELD = 8192
_HALF = 32

_LABEL = r"[a-z*][a-z0-9_.*-]*"
_MEMBER = re.compile(
    rf'\s*({_LABEL})=(\(((?:"[a-z0-9@-]+"(?: "[a-z0-9@-]+")*)?)\)'
    r'((?:;[a-z][a-z0-9_-]*=(?:"[\x20\x21\x23-\x5b\x5d-\x7e]*"|-?\d{1,15}))*))\s*(?:,|$)'
)
_PARAMETER = re.compile(r';([a-z][a-z0-9_-]*)=(?:"([^"]*)"|(-?\d+))')
_SIGNATURE = re.compile(rf"\s*({_LABEL})=:([A-Za-z0-9+/=]*):\s*(?:,|$)")
_BASE_LINE = re.compile(r'"([a-z0-9@-]+)": (.*)')


@dataclass(frozen=True)
class Message:
    """The parts of a request that can be signed; ``fields`` by lower-case name."""

    method: str
    authority: str
    path: str
    query: str
    fields: Mapping[str, str]

    def component(self, name: str) -> str:
        """The value of a covered component (RFC 9421 section 2); raises :class:`SignatureMissing`."""
        derived = {
            "@method": self.method.upper(),
            "@authority": self.authority.lower(),
            "@path": self.path or "/",
            "@query": f"?{self.query}",
        }
        value = derived.get(name) if name.startswith("@") else self.fields.get(name)
        if value is None:
            raise SignatureMissing(what=name)
        return value.strip()


@dataclass(frozen=True)
class Claim:
    """What a message says of its signature, before anybody has checked it. Aware instants in UTC."""

    key_id: str
    algorithm: str
    nonce: str
    created: datetime
    expires: datetime
    components: tuple[str, ...]
    base: str
    signature: bytes

    def check_covers(self, names: Iterable[str]) -> None:
        """Raises :class:`SignatureMissing` for what the signature leaves open."""
        missing = [name for name in names if name not in self.components]
        if missing:
            raise SignatureMissing(what=", ".join(missing))

    def check_time(self, now: datetime, window: timedelta) -> None:
        """Valid now, give or take ``window`` for the clocks, and not for long; raises ``SignatureExpired``."""
        in_time = self.created - window <= now <= self.expires + window
        if not in_time or self.expires - self.created > LONGEST:
            raise SignatureExpired(created=f"{self.created:%Y-%m-%dT%H:%M:%SZ}")

    def check_key(self, key: Key) -> None:
        """The signature was made with this key; raises :class:`SignatureWrong`."""
        if self.algorithm != algorithm_of(key):
            raise SignatureWrong
        verify(key, self.base.encode(), self.signature)


def signature_base(message: Message, components: Iterable[str], parameters: str) -> str:
    """The text that is signed (RFC 9421 section 2.5); ``parameters`` is the serialised inner list."""
    lines = [f'"{name}": {message.component(name)}' for name in components]
    return "\n".join([*lines, f'"@signature-params": {parameters}'])


def sign_message(
    message: Message,
    key: Key,
    components: Iterable[str],
    *,
    at: datetime,
    nonce: str,
    lifetime: timedelta = LIFETIME,
    tag: str = TAG,
) -> dict[str, str]:
    """The two header fields of a signature over ``components``; ``at`` is an aware instant."""
    covered = tuple(components)
    created = int(at.timestamp())
    listed = " ".join(f'"{name}"' for name in covered)
    parameters = (
        f"({listed});created={created};expires={created + int(lifetime.total_seconds())}"
        f';nonce="{nonce}";keyid="{key.thumbprint()}";alg="{algorithm_of(key)}";tag="{tag}"'
    )
    signed = sign(key, signature_base(message, covered, parameters).encode())
    return {
        "Signature-Input": f"{LABEL}={parameters}",
        "Signature": f"{LABEL}=:{base64.b64encode(signed).decode()}:",
    }


def read_claim(message: Message, *, tag: str = TAG) -> Claim:
    """The one signature of the profile that a message carries; raises :class:`SignatureMissing`."""
    found = [
        (match[1], match[2], match[3], _parameters(match[4]))
        for match in _members(_MEMBER, message.fields.get("signature-input", ""), "signature-input")
    ]
    ours = [entry for entry in found if entry[3].get("tag") == tag]
    if len(ours) != 1:
        raise SignatureMissing(what=f"signature-input ({tag})")
    label, parameters, listed, said = ours[0]
    components = tuple(name.strip('"') for name in listed.split())
    if len(set(components)) != len(components):
        raise SignatureMissing(what="signature-input")
    signature = _signature(message.fields.get("signature", ""), label)
    base = signature_base(message, components, parameters)
    return _claim(said, components, base, signature)


def claim_in(base: str, signature: bytes) -> tuple[Claim, dict[str, str]]:
    """A kept signature base as the claim it was, with the values of its components.

    Raises :class:`SignatureMissing`.
    """
    *lines, last = base.split("\n")
    matches = [_BASE_LINE.fullmatch(line) for line in lines]
    values = {match[1]: match[2] for match in matches if match}
    final = re.fullmatch(r'"@signature-params": (.*)', last)
    inner = _MEMBER.fullmatch(f"{LABEL}={final[1]}") if final else None
    if inner is None or len(values) != len(lines):
        raise SignatureMissing(what="signature base")
    components = tuple(name.strip('"') for name in inner[3].split())
    if components != tuple(values):
        raise SignatureMissing(what="signature base")
    return _claim(_parameters(inner[4]), components, base, signature), values


def algorithm_of(key: Key) -> str:
    """The key's name in the registry of HTTP signature algorithms (RFC 9421 section 6.2)."""
    return "ecdsa-p256-sha256" if isinstance(key, ECKey) else "ed25519"


def sign(key: Key, text: bytes) -> bytes:
    """The raw signature of a private key; for P-256 ``r`` and ``s``, 32 bytes each (section 3.3.4).

    Raises ``BadKey`` for a public key.
    """
    private = key.private_key
    if isinstance(private, Ed25519PrivateKey):
        return private.sign(text)
    if not isinstance(private, EllipticCurvePrivateKey):
        raise BadKey
    r, s = decode_dss_signature(private.sign(text, ECDSA(SHA256())))
    return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")


def verify(key: Key, text: bytes, signature: bytes) -> None:
    """Raises :class:`SignatureWrong` unless ``signature`` is the key's over ``text``; ``BadKey``."""
    public = key.public_key
    try:
        if isinstance(public, Ed25519PublicKey):
            public.verify(signature, text)
            return
        if not isinstance(public, EllipticCurvePublicKey):
            raise BadKey
        if len(signature) != 2 * _HALF:
            raise SignatureWrong
        r, s = int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big")
        public.verify(encode_dss_signature(r, s), text, ECDSA(SHA256()))
    except InvalidSignature:
        raise SignatureWrong from None


def verified(
    message: Message,
    key_of: Callable[[str], Key],
    *,
    now: datetime,
    window: timedelta,
    covers: Iterable[str],
    tag: str = TAG,
) -> Claim:
    """The signature of a message, checked: coverage, time, key. Whether its nonce is new is the caller's.

    ``key_of`` finds a key by its thumbprint and raises when there is none. Raises :class:`SignatureMissing`,
    :class:`SignatureExpired`, :class:`SignatureWrong`.
    """
    claim = read_claim(message, tag=tag)
    claim.check_covers(covers)
    claim.check_time(now, window)
    claim.check_key(key_of(claim.key_id))
    return claim


def _members(pattern: re.Pattern[str], field: str, name: str) -> list[re.Match[str]]:
    """All members of a dictionary field, or nothing: a field that is half readable is not readable."""
    if not field or len(field) > MAX_FIELD:
        raise SignatureMissing(what=name)
    found, position = [], 0
    while position < len(field):
        match = pattern.match(field, position)
        if match is None:
            raise SignatureMissing(what=name)
        found.append(match)
        position = match.end()
    return found


def _parameters(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _PARAMETER.finditer(text):
        if match[1] in found:
            raise SignatureMissing(what="signature-input")
        found[match[1]] = match[2] if match[3] is None else match[3]
    return found


def _signature(field: str, label: str) -> bytes:
    for match in _members(_SIGNATURE, field, "signature"):
        if match[1] == label:
            try:
                return base64.b64decode(match[2], validate=True)
            except binascii.Error:
                break
    raise SignatureMissing(what="signature")


def _claim(said: Mapping[str, str], components: tuple[str, ...], base: str, signature: bytes) -> Claim:
    for name in ("keyid", "nonce", "alg", "created", "expires"):
        if not said.get(name):
            raise SignatureMissing(what=name)
    try:
        created, expires = (datetime.fromtimestamp(int(said[name]), UTC) for name in ("created", "expires"))
    except (ValueError, OverflowError, OSError):
        raise SignatureMissing(what="created") from None
    return Claim(
        key_id=said["keyid"][:100],
        algorithm=said["alg"],
        nonce=said["nonce"][:100],
        created=created,
        expires=expires,
        components=components,
        base=base,
        signature=signature,
    )
