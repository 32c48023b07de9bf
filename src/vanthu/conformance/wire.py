"""Calls an axis under test by hand: every header can be spoiled, and every call leaves its evidence.

Refuses to retry and to judge. The well-behaved client is :class:`vanthu.vxp.Client`; this one can misbehave.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from vanthu.conformance.report import Evidence, body_hash, told_arguments
from vanthu.errors import MustAct, VanthuError
from vanthu.vxp import sign
from vanthu.vxp.headers import JSON_TYPE
from vanthu.vxp.rows import text_of

MOST_ANSWER = 64 << 20
Spoil = Callable[[dict[str, str]], None]


class NoAnswer(VanthuError):
    """The axis under test did not answer at all."""

    code = "CONFORMANCE_NO_ANSWER"
    message = "Trục không trả lời {call}: {reason}. Kiểm tra địa chỉ --endpoint và kết nối mạng."
    must_act = MustAct.AXIS_OPERATOR


@dataclass(frozen=True)
class Reply:
    """What the axis answered; ``said`` is its JSON object, empty when the answer is none."""

    http_status: int
    headers: Mapping[str, str]
    content: bytes
    said: Mapping[str, Any]

    @property
    def ok(self) -> bool:
        """Whether the call was carried out."""
        return (
            self.http_status == 200
            and text_of(self.said, "status").upper() == "OK"
            and self.code in ("", "0")
        )

    @property
    def refused(self) -> bool:
        """Whether the axis said no: FAIL with HTTP 200, or one of the refusals of HTTP."""
        if self.http_status in (400, 401, 403, 413):
            return True
        return self.http_status == 200 and (
            text_of(self.said, "status").upper() == "FAIL" or self.code not in ("", "0")
        )

    @property
    def code(self) -> str:
        """ErrorCode."""
        return text_of(self.said, "ErrorCode")

    @property
    def rows(self) -> list[Mapping[str, Any]]:
        """The rows of ``data``."""
        data = self.said.get("data")
        return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []

    @property
    def told(self) -> str:
        """The answer in one short line."""
        if not self.said:
            return self.content[:120].decode(errors="replace").strip()
        words = (text_of(self.said, "status"), self.code, text_of(self.said, "ErrorDesc")[:160])
        return " ".join(word for word in words if word)


class Wire:
    """Signs and makes calls for one member system of the axis under test."""

    def __init__(
        self,
        endpoint: str,
        system_id: str,
        secret: str,
        *,
        http: httpx.Client,
        clock: Callable[[], datetime],
        journal: list[Evidence],
    ) -> None:
        self.endpoint, self.system_id = endpoint.rstrip("/"), system_id
        self.secret, self._http, self.clock = secret, http, clock
        self._journal = journal

    def headers(
        self,
        arguments: Mapping[str, str],
        *,
        content_type: str = JSON_TYPE,
        at: datetime | None = None,
        secret: str = "",
        system_id: str = "",
    ) -> dict[str, str]:
        """The signed headers of a call, by another secret or at another time where asked."""
        return sign(
            system_id or self.system_id,
            secret or self.secret,
            arguments,
            at=at or self.clock(),
            content_type=content_type,
        )

    def call(
        self,
        operation: str,
        arguments: Mapping[str, str] | None = None,
        body: bytes = b"",
        *,
        verb: str = "POST",
        spoil: Spoil | None = None,
        **signing: Any,
    ) -> Reply:
        """Make one call; ``spoil`` changes its headers after they were signed. Raises :class:`NoAnswer`."""
        headers = self.headers(arguments or {}, **signing)
        if spoil is not None:
            spoil(headers)
        return self.send(operation, headers, body, verb=verb)

    def send(
        self, operation: str, headers: dict[str, str], body: bytes = b"", *, verb: str = "POST"
    ) -> Reply:
        """Make a call with ready headers. Raises :class:`NoAnswer`."""
        began, at = time.perf_counter(), self.clock().isoformat(timespec="milliseconds")
        try:
            with self._http.stream(
                verb, f"{self.endpoint}/{operation}", headers=headers, content=body
            ) as response:
                content = _bounded(response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._note(at, began, verb, operation, headers, body, 0, type(error).__name__)
            raise NoAnswer(call=operation, reason=type(error).__name__) from error
        reply = Reply(response.status_code, response.headers, content, _object(content))
        self._note(at, began, verb, operation, headers, body, reply.http_status, reply.told)
        return reply

    def _note(
        self,
        at: str,
        began: float,
        verb: str,
        operation: str,
        headers: Mapping[str, str],
        body: bytes,
        status: int,
        told: str,
    ) -> None:
        took = round((time.perf_counter() - began) * 1000)
        arguments = told_arguments(headers)
        self._journal.append(
            Evidence(at, f"{verb} /{operation}", arguments, body_hash(body), len(body), status, told, took)
        )


def _bounded(response: httpx.Response) -> bytes:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MOST_ANSWER:
            break
    return bytes(content)


def _object(content: bytes) -> Mapping[str, Any]:
    if content.lstrip()[:1] != b"{":
        return {}
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
