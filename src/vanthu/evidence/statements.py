"""Signed statements: one canonical JSON object under one signature (compact JWS, RFC 7515), checkable offline.

Owns the form that receipts, refusals, batch headers and seals share; ``kind`` stands in the signed header, so that
a statement of one kind never passes for another. Refuses to know what is stated.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jws
from joserfc.errors import JoseError

from vanthu.evidence.canonical import canonical
from vanthu.evidence.errors import BadKey, NotCanonical, StatementInvalid
from vanthu.evidence.keys import Key, KeySource, algorithm, verifying_key

LARGEST = 1 << 20
_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


def issue(key: Key, kind: str, statement: Mapping[str, Any]) -> str:
    """The signed statement; ``kind`` is the JWS ``typ``. Raises ``NotCanonical``, :class:`BadKey`."""
    text = f"{_header(algorithm(key), key.thumbprint(), kind)}.{_encoded(canonical(statement))}"
    return f"{text}.{_encoded(_signature(key, text.encode()))}"


def verify(token: str, key: KeySource, kind: str) -> dict[str, Any]:
    """What the statement says, once its signature holds under the public key (PEM, JWK or JWK set).

    There is one spelling of a statement: a changed letter anywhere is noticed, also where base64 would decode to
    the same. Raises :class:`StatementInvalid`, :class:`BadKey`.
    """
    text = token.strip()
    if len(text) > LARGEST:
        raise StatementInvalid(reason="quá dài")
    header = header_of(text)
    verifier = verifying_key(key, str(header.get("kid", "")))
    try:
        opened = jws.deserialize_compact(text, verifier, algorithms=[algorithm(verifier)])
    except (JoseError, ValueError, TypeError):
        raise StatementInvalid(reason="chữ ký không khớp khóa của trục") from None
    if header.get("typ") != kind:
        raise StatementInvalid(reason="không đúng loại giấy tờ")
    return _said(opened.payload)


def header_of(token: str) -> dict[str, Any]:
    """The header, not verified; raises :class:`StatementInvalid` when this is no signed statement."""
    if not _SHAPE.fullmatch(token):
        raise StatementInvalid(reason="không phải văn bản có chữ ký JWS")
    try:
        parts = [_decoded(part) for part in token.split(".")]
        header = json.loads(parts[0])
    except (ValueError, RecursionError):
        raise StatementInvalid(reason="không phải văn bản có chữ ký JWS") from None
    if not isinstance(header, dict):
        raise StatementInvalid(reason="không phải văn bản có chữ ký JWS")
    return header


def _said(payload: bytes) -> dict[str, Any]:
    try:
        said = json.loads(payload)
        if isinstance(said, dict) and canonical(said) == payload:
            return said
    except (ValueError, RecursionError, NotCanonical):
        pass
    raise StatementInvalid(reason="nội dung hỏng")


@lru_cache(maxsize=64)
def _header(name: str, kid: str, kind: str) -> str:
    return _encoded(canonical({"alg": name, "kid": kid, "typ": kind}))


def _signature(key: Key, text: bytes) -> bytes:
    """RFC 7518 section 3.4 for P-256, RFC 8037 for Ed25519."""
    secret = key.private_key
    if isinstance(secret, Ed25519PrivateKey):
        return secret.sign(text)
    if not isinstance(secret, EllipticCurvePrivateKey):
        raise BadKey
    first, second = decode_dss_signature(secret.sign(text, ECDSA(SHA256())))
    return first.to_bytes(32, "big") + second.to_bytes(32, "big")


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(part: str) -> bytes:
    content = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if _encoded(content) != part:
        raise ValueError(part)
    return content
