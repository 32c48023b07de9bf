"""Which certificates contents for an agency are encrypted to, as its system signed it.

One signed statement (JWS) covers the agency's code, the instant and all certificates in force, so that whoever
passes it on can neither add nor leave out one. The key stands beside it; whose key it is, and whether the
certificates are the agency's, is the reader's question. Refuses more than :data:`MOST` certificates.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from vanthu.evidence import EvidenceError, Key, issue, public_jwk, verify, verifying_key
from vanthu.relay.errors import RelayError

KIND = "vanthu-encryption+jws"
MOST = 4
LARGEST_CERTIFICATE, LARGEST_STATEMENT = 8_000, 8_000


class PublicationWrong(RelayError):
    """The statement does not hold, or is about something else."""

    code = "RELAY_PUBLICATION_WRONG"
    message = "Bản công bố chứng thư số mã hóa không hợp lệ: {reason}."
    http_status = 400


@dataclass(frozen=True)
class Publication:
    """A statement with its key and the certificates (DER) that it names, none of it believed yet."""

    statement: str
    key: Mapping[str, Any]
    certificates: tuple[bytes, ...]

    @classmethod
    def read(cls, row: Any) -> Publication | None:
        """From an answer's JSON; None when there is none, or nothing of this form."""
        if not isinstance(row, Mapping):
            return None
        statement, key, encoded = (row.get(name) for name in ("statement", "key", "certificates"))
        if not isinstance(statement, str) or not isinstance(key, Mapping) or not isinstance(encoded, list):
            return None
        try:
            found = tuple(base64.b64decode(one, validate=True) for one in encoded[: MOST + 1])
        except (ValueError, TypeError):
            return None
        return cls(statement, dict(key), found)

    def as_json(self) -> dict[str, Any]:
        """As it travels and is kept."""
        encoded = [base64.b64encode(one).decode() for one in self.certificates]
        return {"statement": self.statement, "key": dict(self.key), "certificates": encoded}


@dataclass(frozen=True)
class Published:
    """What a publication that holds says; ``at`` is aware, ``key_id`` the thumbprint of the key (RFC 7638)."""

    agency: str
    at: datetime
    key_id: str


def publication(key: Key, agency: str, certificates: Sequence[bytes], at: datetime) -> Publication:
    """The publication of an agency's certificates (DER), none to withdraw all, signed now."""
    said = {"agency": agency, "at": at.astimezone(UTC).isoformat(), "certificates": _hashes(certificates)}
    return Publication(issue(key, KIND, said), public_jwk(key), tuple(certificates))


def check_publication(given: Publication) -> Published:
    """What a publication says, once its signature holds under its own key. Raises :class:`PublicationWrong`."""
    if len(given.statement) > LARGEST_STATEMENT or len(given.certificates) > MOST:
        raise PublicationWrong(reason="quá nhiều chứng thư số")
    if any(len(one) > LARGEST_CERTIFICATE for one in given.certificates):
        raise PublicationWrong(reason="chứng thư số quá dài")
    try:
        key = verifying_key(given.key)
        said = verify(given.statement, key, KIND)
        at = datetime.fromisoformat(str(said["at"]))
    except (EvidenceError, KeyError, ValueError) as problem:
        raise PublicationWrong(reason="chữ ký không khớp") from problem
    if at.tzinfo is None or said.get("certificates") != _hashes(given.certificates):
        raise PublicationWrong(reason="chứng thư số không phải là những chứng thư đã ký công bố")
    return Published(str(said.get("agency", "")), at, key.thumbprint())


def _hashes(certificates: Sequence[bytes]) -> list[str]:
    return [hashlib.sha256(one).hexdigest() for one in certificates]
