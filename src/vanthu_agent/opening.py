"""The content key of an encrypted file: what the file asks of a recipient's private key, and a device's answer.

Owns what surrounds the bare operation of the key: padding of RSA (RFC 8017), derivation after a key agreement
(RFC 5753, X9.63). Refuses to hand out anything but a key of 16, 24 or 32 bytes: the bare result of a private key
would be a signature of whatever was given.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from vanthu_agent.device import DeviceTrouble, OpenKey

HASHES = ("sha1", "sha256", "sha384", "sha512")
KEY_SIZES = frozenset({16, 24, 32})
_LONGEST = 1024


class Damaged(Exception):
    """What was encrypted is not what it should be."""


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


@dataclass(frozen=True)
class Transport:
    """A content key that was encrypted to an RSA key; its answer is the content key."""

    encrypted: bytes
    padding: Padding


@dataclass(frozen=True)
class Agreement:
    """A peer's uncompressed point and what the wrapping key is derived with; its answer is the wrapping key."""

    peer: bytes
    digest: str
    size: int
    shared: bytes
    """ECC-CMS-SharedInfo in DER (RFC 5753, 7.2)."""


Sealed = Transport | Agreement


def answered(key: OpenKey, sealed: Sealed) -> bytes:
    """The content key or wrapping key, by a device's key. Raises :class:`Damaged`, DeviceTrouble.

    The padding of OAEP is taken off here: many tokens know it with SHA-1 only.
    """
    try:
        if isinstance(sealed, Agreement):
            return derived(key.agree(sealed.peer), sealed)
        padded = isinstance(sealed.padding, Pkcs1)
        plain = key.decrypt(sealed.encrypted, padded=padded)
    except DeviceTrouble as trouble:
        if (
            trouble.code == "DEVICE_TROUBLE"
        ):  # what a device does not like about the bytes is the sender's fault
            raise Damaged from trouble
        raise
    if isinstance(sealed.padding, Oaep):
        plain = _without_oaep(plain.rjust(len(sealed.encrypted), b"\0"), sealed.padding)
    return require_key(plain)


def require_key(plain: bytes) -> bytes:
    """The same bytes when they can be a key; raises :class:`Damaged`."""
    if len(plain) not in KEY_SIZES:
        raise Damaged
    return plain


def derived(secret: bytes, agreement: Agreement) -> bytes:
    """The wrapping key out of an agreed secret (ANSI X9.63 key derivation)."""
    made, count = b"", 0
    while len(made) < agreement.size:
        count += 1
        made += hashlib.new(agreement.digest, secret + count.to_bytes(4, "big") + agreement.shared).digest()
    return made[: agreement.size]


def written(sealed: Sealed) -> dict[str, Any]:
    """As it travels to the agent (JSON)."""
    if isinstance(sealed, Agreement):
        shared = {"digest": sealed.digest, "size": sealed.size, "shared": _text(sealed.shared)}
        return {"peer": _text(sealed.peer), **shared}
    if isinstance(sealed.padding, Pkcs1):
        return {"encrypted": _text(sealed.encrypted), "padding": "pkcs1"}
    how = sealed.padding
    oaep = {"digest": how.digest, "mask": how.mask, "label": _text(how.label)}
    return {"encrypted": _text(sealed.encrypted), "padding": "oaep", **oaep}


def read(said: dict[str, Any]) -> Sealed:
    """What :func:`written` wrote; raises ValueError, KeyError, TypeError for anything else."""
    if "peer" in said:
        size = int(said["size"])
        if size not in KEY_SIZES:
            raise ValueError("size")
        return Agreement(_bytes(said["peer"]), _hash(said["digest"]), size, _bytes(said["shared"]))
    encrypted = _bytes(said["encrypted"])
    if said["padding"] == "pkcs1":
        return Transport(encrypted, Pkcs1())
    if said["padding"] != "oaep":
        raise ValueError("padding")
    return Transport(encrypted, Oaep(_hash(said["digest"]), _hash(said["mask"]), _bytes(said["label"])))


def _without_oaep(block: bytes, how: Oaep) -> bytes:
    """EME-OAEP decoding (RFC 8017, 7.1.2 step 3). Every fault is the same fault, whatever it was."""
    size = hashlib.new(how.digest).digest_size
    if len(block) < 2 * size + 2:
        raise Damaged
    masked_seed, masked_data = block[1 : size + 1], block[size + 1 :]
    seed = _xor(masked_seed, _mask(masked_data, size, how.mask))
    data = _xor(masked_data, _mask(seed, len(masked_data), how.mask))
    right = hmac.compare_digest(data[:size], hashlib.new(how.digest, how.label).digest())
    rest = data[size:]
    mark = rest.find(b"\x01")
    clean = mark >= 0 and not any(rest[:mark]) and block[:1] == b"\0"
    if not (right and clean):
        raise Damaged
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


def _hash(name: Any) -> str:
    if name not in HASHES:
        raise ValueError("hash")
    return str(name)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: Any) -> bytes:
    data = base64.b64decode(str(text), validate=True)
    if len(data) > _LONGEST:
        raise ValueError("length")
    return data
