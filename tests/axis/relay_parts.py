"""Clients of the modern door for the tests: each member signs with a key of its own."""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache
from typing import Any

import httpx
from tests.axis.axis_parts import Axis

from vanthu.base import clock
from vanthu.evidence import Key, new_key
from vanthu.relay import Client, Message, digest_field, sign_message


@lru_cache
def key_of(system_id: str) -> Key:
    """The member's key of this run."""
    return new_key()


def relay(axis: Axis, system_id: str, **options: Any) -> Client:
    """A client of a member; its key is enrolled with the first call."""
    given = {"http": axis.http, "secret": axis.secrets[system_id], "clock": clock.now} | options
    key = given.pop("key", None) or key_of(system_id)
    return Client(axis.url, system_id, key, **given)


def raw(axis: Axis, method: str, path: str, *, key: Key, **options: Any) -> httpx.Response:
    """A call as another vendor's software might make it; the options are those of :func:`signed_request`."""
    return axis.http.send(signed_request(axis, method, path, key=key, **options))


def signed_request(
    axis: Axis,
    method: str,
    path: str,
    *,
    key: Key,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    covered: tuple[str, ...] = (),
    signed_body: bytes | None = None,
) -> httpx.Request:
    """A call, not yet made; ``signed_body`` is what the digest is of."""
    always = ("@method", "@authority", "@path", "@query")
    fields = {name.lower(): value for name, value in (headers or {}).items()}
    if method in ("POST", "PUT"):
        digest = hashlib.sha256(body if signed_body is None else signed_body).digest()
        fields["content-digest"] = digest_field(digest)
        covered = (*covered, "content-digest")
    request = axis.http.build_request(method, f"{axis.url}/axis/v2{path}", headers=fields, content=body)
    target, _, query = request.url.raw_path.decode().partition("?")
    message = Message(method, request.headers["Host"], target, query, dict(request.headers))
    nonce = secrets.token_hex(8)
    request.headers.update(sign_message(message, key, (*always, *covered), at=clock.now(), nonce=nonce))
    return request


def send_raw(
    axis: Axis, body: bytes, *, key: Key, idempotency_key: str = "k1", **options: Any
) -> httpx.Response:
    """An upload as another vendor's software might make it."""
    return axis.http.send(upload_request(axis, body, key=key, idempotency_key=idempotency_key, **options))


def upload_request(
    axis: Axis,
    body: bytes,
    *,
    key: Key,
    idempotency_key: str = "k1",
    sender: str = "H27.01",
    kind: str = "edoc",
    **options: Any,
) -> httpx.Request:
    """An upload, not yet made."""
    return signed_request(
        axis,
        "POST",
        f"/packets?type={kind}&from={sender}",
        key=key,
        body=body,
        headers={"Idempotency-Key": idempotency_key, "Content-Type": "application/octet-stream"},
        covered=("idempotency-key",),
        **options,
    )
