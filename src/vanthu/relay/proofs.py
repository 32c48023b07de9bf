"""The sender's signature of an upload, kept as proof: which system sent which bytes for which agency, and when.

The proof is the signature base of the upload call with its signature. Since that covers the digest of the body
and the query, anybody who has the sender's public key can check it years later, without the axis.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from vanthu.evidence import Key
from vanthu.relay.digests import digest_of
from vanthu.relay.errors import SignatureMissing
from vanthu.relay.signatures import Claim, claim_in

COVERED = ("@method", "@query", "content-digest")
LONGEST = 1 << 18
"""Characters of a signature base; the recipients of a packet stand in it."""


@dataclass(frozen=True)
class Proof:
    """A signature base with its signature (base64) and the thumbprint of the key."""

    key_id: str
    base: str
    signature: str

    @classmethod
    def of(cls, claim: Claim) -> Proof:
        """The proof that an upload's checked signature leaves behind."""
        return cls(claim.key_id, claim.base, base64.b64encode(claim.signature).decode())

    @classmethod
    def read(cls, row: Any) -> Proof | None:
        """From an answer's JSON; None when there is none."""
        if not isinstance(row, Mapping):
            return None
        given = [row.get(name) for name in ("keyId", "base", "signature")]
        texts = [text for text in given if isinstance(text, str) and 0 < len(text) <= LONGEST]
        return cls(*texts) if len(texts) == 3 else None

    def as_json(self) -> dict[str, str]:
        """As it travels and is kept."""
        return {"keyId": self.key_id, "base": self.base, "signature": self.signature}


@dataclass(frozen=True)
class Statement:
    """What a proof that holds says: these bytes were sent for ``sender`` at ``signed_at`` (aware, UTC)."""

    sha256: str
    sender: str
    kind: str
    signed_at: datetime


def check_proof(proof: Proof, key: Key) -> Statement:
    """What the proof says, once its signature holds under the sender system's key.

    Raises ``SignatureMissing``, ``SignatureWrong``.
    """
    try:
        signature = base64.b64decode(proof.signature, validate=True)
    except binascii.Error:
        raise SignatureMissing(what="signature") from None
    claim, values = claim_in(proof.base, signature)
    claim.check_covers(COVERED)
    claim.check_key(key)
    query = parse_qs(values["@query"].removeprefix("?"))
    sender, kind = query.get("from", []), query.get("type", [])
    if values["@method"] != "POST" or len(sender) != 1 or len(kind) != 1 or claim.key_id != key.thumbprint():
        raise SignatureMissing(what="@query")
    return Statement(digest_of(values["content-digest"]).hex(), sender[0], kind[0], claim.created)
