"""Calls the modern door of an axis under test by hand: every part of a signature can be spoiled.

Over the same :class:`Wire`, so that every call leaves its evidence. Refuses to retry and to judge.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from vanthu.conformance.wire import Reply, Wire
from vanthu.evidence import Key, new_key, public_jwk
from vanthu.relay import Message, digest_field, sign_message

ALWAYS = ("@method", "@authority", "@path", "@query")
BASE = "/axis/v2/"
Spoil = Callable[[dict[str, str]], None]


class Modern:
    """One member system's line to the modern door, with a key of its own. ``clock`` gives aware instants."""

    def __init__(self, wire: Wire, clock: Callable[[], datetime]) -> None:
        self._wire, self._clock = wire, clock
        self._key = new_key()

    def enrol(self) -> Reply:
        """Register the key with the system's secret."""
        headers = self._wire.headers({"jwk": json.dumps(public_jwk(self._key), sort_keys=True)})
        return self._send(
            "POST", "enrol", b"", self._signed("POST", "enrol", headers, ["xroadvnpt-hash-header"])
        )

    def call(
        self,
        verb: str,
        path: str,
        body: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        covered: Sequence[str] = (),
        key: Key | None = None,
        at: datetime | None = None,
        digest_of: bytes | None = None,
        spoil: Spoil | None = None,
    ) -> Reply:
        """Make one signed call below ``/axis/v2/``; ``covered`` beside what every signature covers.

        ``key``, ``at`` and ``digest_of`` stand in the place of the right key, time and body; ``spoil`` sees the
        headers after they were signed.
        """
        given, names = dict(headers or {}), list(covered)
        if verb in ("POST", "PUT"):
            given["Content-Digest"] = digest_field(hashlib.sha256(digest_of or body).digest())
            names.append("content-digest")
        signed = self._signed(verb, path, given, names, key=key, at=at)
        if spoil is not None:
            spoil(signed)
        return self._send(verb, path, body, signed)

    def again(self, verb: str, path: str, headers: dict[str, str]) -> Reply:
        """A call with headers that were signed before, or with none."""
        return self._send(verb, path, b"", headers)

    def _signed(
        self,
        verb: str,
        path: str,
        headers: dict[str, str],
        covered: Sequence[str],
        key: Key | None = None,
        at: datetime | None = None,
    ) -> dict[str, str]:
        where = urlsplit(f"{self._wire.endpoint}{BASE}{path}")
        fields = {name.lower(): value for name, value in headers.items()}
        message = Message(verb, where.netloc, where.path, where.query, fields)
        nonce, names = secrets.token_urlsafe(18), (*ALWAYS, *covered)
        return headers | sign_message(message, key or self._key, names, at=at or self._clock(), nonce=nonce)

    def _send(self, verb: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        return self._wire.send(f"{BASE.strip('/')}/{path}", headers, body, verb=verb)
