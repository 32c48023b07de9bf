"""Keys that sign and verify receipts: EC P-256 (ES256) or Ed25519, from PEM or JWK."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from vanthu.evidence.errors import BadKey

Key = ECKey | OKPKey
KeySource = Key | Mapping[str, Any] | str | bytes


def new_key() -> Key:
    """A fresh EC P-256 key pair."""
    return _named(ECKey.generate_key("P-256", private=True))


def private_key(pem: str | bytes, password: str | None = None) -> Key:
    """The signing key in a PEM text; raises :class:`BadKey`."""
    key = _named(_from_pem(pem, password))
    if not key.is_private:
        raise BadKey
    return key


def private_key_file(path: Path) -> Key:
    """The signing key in a PEM file; raises :class:`BadKey`, ``OSError``."""
    return private_key(path.read_bytes())


def made_key_file(path: Path) -> Path:
    """The file with a key of one's own, made on first use.

    Of processes that start at once, the first one's key stays. Raises ``OSError``.
    """
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(private_pem(new_key()))
            target.flush()
            os.fsync(target.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return path
    finally:
        draft.unlink()
    return path


def private_pem(key: Key) -> bytes:
    """The signing key as PKCS#8 PEM, to be kept secret."""
    return key.as_pem(private=True)


def public_jwk(key: Key) -> dict[str, Any]:
    """The public half as a JWK with its thumbprint (RFC 7638) as ``kid``, fit for publication."""
    return {
        **key.as_dict(private=False),
        "kid": key.thumbprint(),
        "alg": algorithm(key),
        "use": "sig",
    }


def algorithm(key: Key) -> str:
    """The signature algorithm that belongs to the key (RFC 7518, RFC 9864)."""
    return "ES256" if isinstance(key, ECKey) else "Ed25519"


def verifying_key(source: KeySource, kid: str = "") -> Key:
    """The key that verifies, out of a key, PEM text, JWK or JWK set (by ``kid``); raises :class:`BadKey`."""
    if isinstance(source, (ECKey, OKPKey)):
        return source
    if isinstance(source, (str, bytes)):
        return _named(_from_pem(source, None))
    members = source.get("keys")
    if members is None:
        return _from_jwk(source)
    if not isinstance(members, list):
        raise BadKey
    for member in members:
        if isinstance(member, Mapping) and member.get("kid") == kid:
            return _from_jwk(member)
    raise BadKey


def _from_pem(pem: str | bytes, password: str | None) -> Key:
    for kind in (ECKey, OKPKey):
        try:
            return _checked(kind.import_key(pem, password=password))
        except (JoseError, ValueError, TypeError):
            continue
    raise BadKey


def _from_jwk(jwk: Mapping[str, Any]) -> Key:
    content = dict(jwk)
    try:
        key = OKPKey.import_key(content) if content.get("kty") == "OKP" else ECKey.import_key(content)
        return _named(_checked(key))
    except (JoseError, ValueError, TypeError):
        raise BadKey from None


def _checked(key: Key) -> Key:
    if key.as_dict(private=False).get("crv") not in ("P-256", "Ed25519"):
        raise BadKey
    return key


def _named(key: Key) -> Key:
    key.ensure_kid()
    return key
