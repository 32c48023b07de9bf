"""Trusted time: asks a time-stamping authority (RFC 3161) over HTTP.

Owns the request, its time limit and its size limit. Refuses to sign without a timestamp when one was asked
for: the caller decides whether to go without.
"""

from __future__ import annotations

import httpx
from asn1crypto import tsp
from pyhanko.sign.timestamps.api import TimeStamper

from vanthu.pades.errors import TimestampUnavailable
from vanthu.pades.web import authority_client

Timestamper = TimeStamper
"""What sign, seal and extend take; pyHanko's in-process stampers fit as well."""

_LARGEST_ANSWER = 200_000


class HttpTimestamper(TimeStamper):
    """A time-stamping authority at ``url``; ``timeout`` in seconds per request. Keep one and reuse it: it
    remembers how large an answer is."""

    def __init__(self, url: str, *, timeout: float = 10.0) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.url = url
        self.timeout = timeout

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """One request. Raises TimestampUnavailable."""
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        try:
            async with authority_client(self.timeout) as client:
                answer = await client.post(self.url, content=req.dump(), headers=headers)
            answer.raise_for_status()
            if len(answer.content) > _LARGEST_ANSWER:
                raise TimestampUnavailable(url=self.url)
            return tsp.TimeStampResp.load(answer.content, strict=True)
        except (httpx.HTTPError, ValueError) as problem:
            raise TimestampUnavailable(url=self.url) from problem
