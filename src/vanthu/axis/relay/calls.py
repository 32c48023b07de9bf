"""A call over the modern door: whose signature it carries, that it is fresh and was not used, what it covers."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.utils.encoding import escape_uri_path
from ninja.security.base import AuthBase

from vanthu.axis import actions, limits, meter, queries, remembered
from vanthu.axis.errors import CallMalformed, OverLimit
from vanthu.axis.models import Member
from vanthu.axis.views.calls import held
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.evidence import Key
from vanthu.relay import Claim, DigestWrong, KeyUnknown, Message, SignatureUsed, digest_of, verified

View = Callable[..., HttpResponseBase]

ALWAYS = ("@method", "@authority", "@path", "@query")
WITH_BODY = (*ALWAYS, "content-digest")
LARGEST_BODY = 1 << 16
"""Bytes of a JSON body; packets come through the upload, which streams."""


@dataclass(frozen=True)
class RelayCall:
    """A verified call: its request, the member whose key signed it, and what the signature says."""

    request: HttpRequest
    member: Member
    claim: Claim

    @property
    def address(self) -> str:
        """Where it came from."""
        return str(self.request.META.get("REMOTE_ADDR", ""))

    @property
    def actor(self) -> Actor:
        """The member as the actor of what the call does."""
        return actions.acting(self.member, self.address)


class SignedCall(AuthBase):
    """Every door but the description: a message signature of a registered key (RFC 9421)."""

    openapi_type = "apiKey"
    openapi_in = "header"
    openapi_name = "Signature"
    openapi_description = "HTTP message signature (RFC 9421, tag vanthu-relay) by a registered key"

    def __init__(self, *, streams: bool = False, waits: bool = False) -> None:
        self._streams, self._waits = streams, waits
        super().__init__()

    def __call__(self, request: HttpRequest) -> RelayCall:
        """The call behind a request; raises what :mod:`vanthu.relay` refuses with."""
        covers = self._must_cover(request)
        call = _checked(request, covers)
        if not self._waits:  # a waiting call has limits of its own
            admit(call)
        if covers is WITH_BODY:
            check_body(request)
        use_up(call.claim)
        queries.note_call(call.member)
        return call

    def _must_cover(self, request: HttpRequest) -> tuple[str, ...]:
        if self._streams:
            recipients = ("packet-to",) if "Packet-To" in request.headers else ()
            return (*WITH_BODY, "idempotency-key", *recipients)
        return ALWAYS if request.method in ("GET", "HEAD", "DELETE") else WITH_BODY


def with_place(view: View) -> View:
    """Gives back the place that a call took among its member's, once the last byte of the answer is out."""

    @functools.wraps(view)
    def run(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        with ExitStack() as place:
            request.axis_place = place  # type: ignore[attr-defined]
            return held(view(request, *arguments, **named), place)

    return run


def admit(call: RelayCall) -> None:
    """Count the call and give it a place within its member's limits; raises ``OverLimit``."""
    meter.note(call.member, calls=1, lag=clock.now() - call.claim.created)
    take_place(call.request, call.member)


def take_place(request: HttpRequest, member: Member) -> None:
    """A place within the member's limits, until the answer is out (:func:`with_place`); raises ``OverLimit``."""
    declared = request.META.get("CONTENT_LENGTH") or "0"
    place: ExitStack = request.axis_place  # type: ignore[attr-defined]
    try:
        place.enter_context(limits.admitted(member, int(declared) if declared.isdigit() else 0))
    except OverLimit:
        meter.note(member, refused=1)
        raise


def message_of(request: HttpRequest) -> Message:
    """What of a request can be signed."""
    return Message(
        method=request.method or "",
        authority=request.get_host(),
        path=escape_uri_path(request.path),
        query=str(request.META.get("QUERY_STRING", "")),
        fields={name.lower(): value for name, value in request.headers.items()},
    )


def window() -> timedelta:
    """How far a signature's times may be off."""
    return timedelta(seconds=settings.VANTHU.axis_signature_window_seconds)


def check_body(request: HttpRequest) -> None:
    """The small body is the one that Content-Digest names.

    Raises ``DigestWrong``, ``CallMalformed``, ``SignatureMissing``.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
        raise CallMalformed(name="body")
    if hashlib.sha256(request.body).digest() != digest_of(request.headers.get("Content-Digest", "")):
        raise DigestWrong


def use_up(claim: Claim) -> None:
    """Remember a signature for as long as it would be accepted; raises ``SignatureUsed`` the second time.

    Not flushed to disk at once: only a crash of the database within the same second could forget it.
    """
    name = hashlib.sha256(f"{claim.key_id} {claim.nonce}".encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO axis_usedsignature (id, expires_at) "
            "SELECT %s, %s FROM set_config('synchronous_commit', 'off', true) ON CONFLICT DO NOTHING",
            [name, claim.expires + window()],
        )
        if cursor.rowcount != 1:
            raise SignatureUsed


def _checked(request: HttpRequest, covers: tuple[str, ...]) -> RelayCall:
    found: list[Member] = []

    def key_of(kid: str) -> Key:
        known = remembered.key(kid)
        if known is None:
            raise KeyUnknown(kid=kid)
        found.append(known.member)
        return known.key

    claim = verified(message_of(request), key_of, now=clock.now(), window=window(), covers=covers)
    return RelayCall(request, found[0], claim)


def call_of(request: HttpRequest) -> RelayCall:
    """The verified call of a request that passed :class:`SignedCall`."""
    call: Any = request.auth  # type: ignore[attr-defined]
    assert isinstance(call, RelayCall)
    return call
