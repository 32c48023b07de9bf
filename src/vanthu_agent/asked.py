"""What a site asks of the agent: read, proved to come from the paired site, and shown as it is.

Owns the form of a request and its proof. Refuses a request that the site's server did not make (the page alone
cannot make one), that answers no challenge of ours or one that was used before, and bytes to sign that are not
the signed attributes of a CMS signature by the very certificate (RFC 5652, 5.3; RFC 5035).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from asn1crypto import cms, tsp, x509

from vanthu_agent import opening
from vanthu_agent.opening import Sealed

CHALLENGE_SECONDS = 180.0
MOST_CHALLENGES = 64
MOST_ITEMS = 1000
LONGEST_TEXT = 500
_PLAIN_DATA = "data"


class Refused(Exception):
    """The request is not carried out; ``code`` is one of the codes of ``words``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Item:
    """One signature to be made, or one file's key to be opened, and what its owner is shown."""

    item_id: str
    title: str
    number: str
    to_sign: bytes = b""
    pss: bool = False
    """With an RSA key: RSASSA-PSS instead of PKCS#1 v1.5."""
    sealed: Sealed | None = None

    @property
    def digest(self) -> bytes:
        """What the device signs."""
        return hashlib.sha256(self.to_sign).digest()

    @property
    def document_digest(self) -> bytes:
        """SHA-256 of the signed part of the document, as it stands in the attributes."""
        return bytes(_attribute(_attributes(self.to_sign), "message_digest"))


@dataclass(frozen=True)
class Ask:
    """A proved request."""

    do: str
    person: str
    certificate: str = ""
    """SHA-256 of the enrolled certificate, hexadecimal."""
    items: tuple[Item, ...] = ()


@dataclass
class Challenges:
    """Numbers used once: given out to paired pages, taken back with a request, good for three minutes."""

    now: Callable[[], float] = time.monotonic
    _given: dict[str, float] = field(default_factory=dict)

    def give(self) -> str:
        """A fresh challenge."""
        self._forget_old()
        while len(self._given) >= MOST_CHALLENGES:
            del self._given[next(iter(self._given))]
        challenge = secrets.token_urlsafe(24)
        self._given[challenge] = self.now()
        return challenge

    def take(self, challenge: str) -> None:
        """Use it up; raises Refused (REQUEST_EXPIRED) when it is unknown, old or used."""
        self._forget_old()
        if self._given.pop(challenge, None) is None:
            raise Refused("REQUEST_EXPIRED")

    def _forget_old(self) -> None:
        oldest = self.now() - CHALLENGE_SECONDS
        self._given = {one: at for one, at in self._given.items() if at >= oldest}


def proof(secret: str, text: str) -> str:
    """HMAC-SHA-256 of ``text`` under a pairing's secret, hexadecimal."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def named_pairing(text: str) -> str:
    """The pairing that a request names; nothing of it is believed before :func:`read`. Raises Refused."""
    try:
        return str(json.loads(text)["pairing"])
    except (ValueError, KeyError, TypeError) as problem:
        raise Refused("REQUEST_UNREADABLE") from problem


def read(text: str, mac: str, *, secret: str, pairing: str, challenges: Challenges) -> Ask:
    """The request in ``text``; raises Refused."""
    if not hmac.compare_digest(proof(secret, text), mac):
        raise Refused("REQUEST_NOT_PROVED")
    try:
        said = json.loads(text)
        if said["pairing"] != pairing:
            raise Refused("REQUEST_NOT_PROVED")
        challenges.take(str(said["challenge"]))
        items = tuple(_item(one) for one in said.get("items", ()))
        ask = Ask(str(said["do"]), _shown(said["person"]), str(said.get("certificate", "")), items)
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise Refused("REQUEST_UNREADABLE") from problem
    if len(ask.items) > MOST_ITEMS or len({item.item_id for item in ask.items}) != len(ask.items):
        raise Refused("REQUEST_UNREADABLE")
    return ask


def require_signed_attributes(item: Item, certificate: x509.Certificate) -> None:
    """Raises Refused (NOT_A_DOCUMENT_SIGNATURE) unless the bytes are the signed attributes of a signature over a
    document by ``certificate``; so nobody can have the device sign a log-in, a key or another certificate."""
    try:
        attributes = _attributes(item.to_sign)
        digest = _attribute(attributes, "message_digest")
        named = _attribute(attributes, "signing_certificate_v2")["certs"][0]
        right = (
            _attribute(attributes, "content_type") == _PLAIN_DATA
            and len(digest) == hashlib.sha256().digest_size
            and named["hash_algorithm"]["algorithm"] == "sha256"
            and named["cert_hash"] == certificate.sha256
        )
    except (ValueError, KeyError, TypeError, IndexError) as problem:
        raise Refused("NOT_A_DOCUMENT_SIGNATURE") from problem
    if not right:
        raise Refused("NOT_A_DOCUMENT_SIGNATURE")


def require_encryption_key(certificate: x509.Certificate) -> None:
    """Raises Refused (NOT_AN_ENCRYPTION_KEY) unless contents may be encrypted to ``certificate``: no key that only
    signs is used to open anything (RFC 5280, 4.2.1.3)."""
    usage = certificate.key_usage_value
    if usage is not None and not {"key_encipherment", "key_agreement"} & usage.native:
        raise Refused("NOT_AN_ENCRYPTION_KEY")


def _attributes(encoded: bytes) -> cms.CMSAttributes:
    assert tsp.SigningCertificateV2  # imported because it teaches cms what that attribute holds
    return cms.CMSAttributes.load(encoded, strict=True)


def _attribute(attributes: cms.CMSAttributes, wanted: str) -> Any:
    found = [one["values"].native for one in attributes if one["type"].native == wanted]
    if len(found) != 1 or len(found[0]) != 1:
        raise ValueError(wanted)
    return found[0][0]


def _item(said: dict[str, Any]) -> Item:
    shown = str(said["id"]), _shown(said["title"]), _shown(said.get("number", ""))
    if "sealed" in said:
        return Item(*shown, sealed=opening.read(said["sealed"]))
    return Item(*shown, base64.b64decode(said["to_sign"], validate=True), said.get("pss") is True)


def _shown(text: Any) -> str:
    """Text for a person's eyes: one line, no control or direction marks that could make it read as another."""
    kept = "".join(letter if letter.isprintable() else " " for letter in str(text))
    return " ".join(kept.split())[:LONGEST_TEXT]
