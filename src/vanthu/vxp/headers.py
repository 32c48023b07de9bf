"""The signed headers: how a call's arguments, system id and time are written and signed.

Every argument travels as a header ``XroadVnpt-<name>``; a JSON text repeats them and is signed with
HMAC-SHA256. The path and the body are not covered (the body of ``sendEdoc`` is, through ``hash-file``): only
TLS protects the rest.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

PREFIX = "XroadVnpt-"
SIGN_KEYS = PREFIX + "sign-header-key"
SIGN_TEXT = PREFIX + "sign-header"
SIGN_HASH = PREFIX + "hash-header"
HASH_FILE = PREFIX + "hash-file"
VERSION = {PREFIX + "version": "3.0.201608", "User-Agent": "JAVASDKAgent/1.0.0 XRoad/VPCP"}
"""Sent with every call because axes in use were only ever seen with these values."""

JSON_TYPE = "application/json"
PACKET_TYPE = "application/octet-stream"
VIETNAM = timezone(timedelta(hours=7))


def signature(secret: str, text: bytes) -> str:
    """Lower-case hex HMAC-SHA256 of the signed text under the member's secret."""
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def timestamp(instant: datetime) -> str:
    """The instant as ``ddMMyyyyTHHmmss+SSSS`` (milliseconds) in Vietnamese legal time."""
    local = instant.astimezone(VIETNAM)
    return f"{local:%d%m%YT%H%M%S}+{local.microsecond // 1000:04d}"


@lru_cache(maxsize=256)
def instants(text: str) -> tuple[datetime, datetime]:
    """The two instants that a time stamp may mean: in Vietnamese time, and in UTC (it carries no zone).

    Raises ``ValueError`` when the text is no time stamp.
    """
    day_time, _, millis = text.partition("+")
    if not (millis.isascii() and millis.isdigit() and len(millis) <= 4):
        raise ValueError(text)
    naive = datetime.strptime(day_time, "%d%m%YT%H%M%S") + timedelta(milliseconds=int(millis))
    return naive.replace(tzinfo=VIETNAM), naive.replace(tzinfo=UTC)


def lag(text: str, now: datetime) -> timedelta:
    """How far a time stamp lies behind ``now`` (negative: ahead of it), in the reading that is nearer.

    Raises ``ValueError`` or ``OverflowError`` when the text is no time stamp.
    """
    return min((now - instant for instant in instants(text)), key=abs)


def sign(
    system_id: str, secret: str, arguments: Mapping[str, str], *, at: datetime, content_type: str
) -> dict[str, str]:
    """All headers of one call, in a dictionary of its own.

    Values must be printable ASCII (``ValueError``).
    """
    signed = {"systemid": system_id, **arguments, "timestamp": timestamp(at), "Content-Type": content_type}
    for name, value in signed.items():
        if not (value.isascii() and value.isprintable()):
            raise ValueError(f"header {name} must be printable ASCII")
    text = json.dumps({PREFIX + name: value for name, value in signed.items()}, separators=(",", ":"))
    return {
        "Content-Type": content_type,
        **{PREFIX + name: value for name, value in signed.items()},
        SIGN_KEYS: ";".join(signed),
        SIGN_TEXT: text,
        SIGN_HASH: signature(secret, text.encode()),
        **VERSION,
    }
