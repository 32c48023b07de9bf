"""``Content-Digest`` and ``Repr-Digest`` (RFC 9530), SHA-256 only: what a signature covers of a body."""

from __future__ import annotations

import base64
import binascii
import re

from vanthu.relay.errors import SignatureMissing

_SHA256 = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*(?=,|$)")


def digest_field(digest: bytes) -> str:
    """The field value that names a SHA-256 digest."""
    return f"sha-256=:{base64.b64encode(digest).decode()}:"


def digest_of(field: str) -> bytes:
    """The SHA-256 digest in a field value, others beside it are ignored; raises ``SignatureMissing``."""
    found = _SHA256.search(field)
    if found is None:
        raise SignatureMissing(what="content-digest (sha-256)")
    try:
        return base64.b64decode(found[1], validate=True)
    except binascii.Error:
        raise SignatureMissing(what="content-digest (sha-256)") from None
