"""A connection to an axis: opened for one call, closed at its end, its answers bounded.

Owns what the clients of both doors share: the pool, what a broken line means, how large an answer may be. Refuses to
know what is asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import httpx

from vanthu.tls import shared_context
from vanthu.vxp.errors import VxpBadAnswer, VxpUnreachable
from vanthu.vxp.rows import Notice, text_of
from vanthu.vxp.streams import CHUNK

UNAVAILABLE = (408, 425, 429, 500, 502, 503, 504)
"""HTTP statuses that say: not now."""


class Connection:
    """The pool of connections to one axis, given (``http``) or made here; serves any number of threads.

    A packet that is fetched may have ``max_packet_bytes``.
    """

    def __init__(self, endpoint: str, http: httpx.Client | None, max_packet_bytes: int) -> None:
        self.endpoint = endpoint.rstrip("/")
        self._http = http or httpx.Client(
            timeout=httpx.Timeout(120, connect=10, pool=60), verify=shared_context()
        )
        self._owns_http = http is None
        self._max_packet = max_packet_bytes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back, if they were made here."""
        if self._owns_http:
            self._http.close()

    @contextmanager
    def _opened(self, request: httpx.Request) -> Iterator[httpx.Response]:
        """The answer, to be read as a stream. Raises ``VxpUnreachable`` when the line breaks, also while reading."""
        try:
            response = self._http.send(request, stream=True)
            try:
                yield response
            finally:
                response.close()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise VxpUnreachable(reason=type(error).__name__) from error

    def _request(self, method: str, path: str, **parts: Any) -> httpx.Request:
        try:
            return self._http.build_request(method, self.endpoint + path, **parts)
        except httpx.InvalidURL as error:
            raise VxpUnreachable(reason=type(error).__name__) from error

    def _within_size(self, size: int) -> None:
        """Raise ``VxpBadAnswer`` when a packet grows beyond what may be fetched."""
        if size > self._max_packet:
            raise VxpBadAnswer(reason="gói tin vượt quá giới hạn")


def bounded(response: httpx.Response, limit: int, *, cut: bool = False) -> bytes:
    """The body of an answer, up to ``limit`` bytes; with ``cut`` the rest is left, else it is an error."""
    content = bytearray()
    for chunk in response.iter_bytes(CHUNK):
        content += chunk
        if len(content) > limit:
            if cut:
                break
            raise VxpBadAnswer(reason="câu trả lời quá lớn")
    return bytes(content)


def object_of(content: bytes) -> Mapping[str, Any]:
    """The JSON object that an answer is. Raises ``VxpBadAnswer``."""
    try:
        answer = json.loads(content)
    except ValueError:
        raise VxpBadAnswer(reason="không phải JSON") from None
    if not isinstance(answer, dict):
        raise VxpBadAnswer(reason="không phải đối tượng JSON")
    return answer


def notices(answer: Mapping[str, Any], name: str) -> tuple[Notice, ...]:
    """What the sender is told of recipients (codes out of force, successors): rows with ``code`` and ``text``."""
    rows = answer.get(name)
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    told = (Notice(text_of(row, "code"), text_of(row, "text")) for row in rows)
    return tuple(notice for notice in told if notice.text)
