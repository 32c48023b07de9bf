"""A packet on its way out: whole or from a byte on, with its hash (RFC 9110 section 14, RFC 9530)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse

from vanthu.axis.crossing import Leaving
from vanthu.axis.relay.errors import RangeWrong
from vanthu.relay import digest_field

CHUNK = 1 << 18
TYPE = "application/octet-stream"
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def packet_response(request: HttpRequest, body: Leaving) -> HttpResponseBase:
    """The packet, or the one part of it that ``Range`` names; raises :class:`RangeWrong`."""
    tag = f'"{body.sha256}"'
    headers = {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Repr-Digest": digest_field(bytes.fromhex(body.sha256)),
        "Cache-Control": "no-store",
    }
    try:
        wanted = _part(request.headers.get("Range", ""), body.size)
    except RangeWrong:
        body.stream.close()
        raise
    if wanted is None or request.headers.get("If-Range", tag) != tag:
        size = {"Content-Length": str(body.size)}
        return FileResponse(body.stream, content_type=TYPE, headers=headers | size)
    first, last = wanted
    headers |= {
        "Content-Range": f"bytes {first}-{last}/{body.size}",
        "Content-Length": str(last - first + 1),
    }
    part = _slice(body.stream, first, last)
    return StreamingHttpResponse(part, status=206, content_type=TYPE, headers=headers)


def _part(text: str, size: int) -> tuple[int, int] | None:
    """First and last byte asked for; None for everything, also for what we need not understand."""
    match = _RANGE.fullmatch(text.strip())
    if match is None or match[1] == match[2] == "":
        return None
    if not match[1]:
        first, last = max(size - int(match[2]), 0), size - 1
    else:
        first, last = int(match[1]), min(int(match[2] or size), size - 1)
    if first > last or first >= size:
        raise RangeWrong(range=text[:60], size=size)
    return first, last


def _slice(body: BinaryIO, first: int, last: int) -> Iterator[bytes]:
    with body:
        body.seek(first)
        left = last - first + 1
        while left and (chunk := body.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
