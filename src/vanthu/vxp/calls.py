"""Server side: read the signed headers of a call and find out who really calls, with which arguments.

Only arguments that stand in the signed text reach the caller of this module. Refuses to know members or to
remember calls; both come in as functions.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from vanthu.vxp.errors import BadCredentials, BadHeaders, StaleCall
from vanthu.vxp.headers import PREFIX, SIGN_HASH, SIGN_KEYS, SIGN_TEXT, instants, signature

MAX_SIGNED_TEXT = 1 << 16
_LOW = PREFIX.lower()
_NOBODY = "nobody has this secret"


@dataclass(frozen=True)
class SignedCall:
    """A call whose signature holds. Argument names are lower-case (``docId`` and ``docid`` are one)."""

    system_id: str
    arguments: Mapping[str, str]
    timestamp: str
    hash_header: str

    def argument(self, name: str, default: str = "") -> str:
        """One signed argument by its name, without regard to case."""
        return self.arguments.get(name.lower(), default)

    def required(self, name: str) -> str:
        """One signed argument that must be there; raises :class:`BadHeaders`."""
        value = self.argument(name)
        if not value:
            raise BadHeaders(what=PREFIX + name)
        return value


def parse_and_verify(
    headers: Mapping[str, str],
    secret_lookup: Callable[[str], str | None],
    *,
    now: datetime,
    window: timedelta = timedelta(days=1),
    already_used: Callable[[SignedCall], bool] | None = None,
) -> SignedCall:
    """The verified call behind the request headers (WSGI text, that is bytes read as Latin-1).

    ``secret_lookup`` gives the secret of a system id or None. The window is wide by default because the
    vendor's client keeps one time stamp for its whole life; for the same reason ``already_used`` is left to
    servers whose members all make fresh ones. Raises :class:`BadHeaders`, :class:`BadCredentials`,
    :class:`StaleCall`.
    """
    sent = {name.lower(): _bytes(value) for name, value in headers.items() if name.lower().startswith(_LOW)}
    text = _take(sent, SIGN_TEXT)
    system_id = _text(_take(sent, PREFIX + "systemid"))
    secret = secret_lookup(system_id)
    expected = signature(_NOBODY if secret is None else secret, text)
    claimed = _text(_take(sent, SIGN_HASH)).strip().lower()
    if not hmac.compare_digest(expected.encode(), claimed.encode()) or secret is None:
        raise BadCredentials
    arguments = _named_arguments(sent, _signed_pairs(text))
    if arguments.get("systemid") != system_id:
        raise BadHeaders(what=PREFIX + "systemid")
    call = SignedCall(system_id, MappingProxyType(arguments), arguments.get("timestamp", ""), claimed)
    _check_time(call.timestamp, now, window)
    if already_used is not None and already_used(call):
        raise StaleCall(timestamp=call.timestamp)
    return call


def _take(sent: Mapping[str, bytes], name: str) -> bytes:
    value = sent.get(name.lower())
    if not value or len(value) > MAX_SIGNED_TEXT:
        raise BadHeaders(what=name)
    return value


def _signed_pairs(text: bytes) -> dict[str, str]:
    """The signed JSON object with lower-case names; a name that stands twice makes it worthless."""

    def unique(pairs: list[tuple[str, object]]) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in pairs:
            if name.lower() in found or not isinstance(value, str):
                raise BadHeaders(what=SIGN_TEXT)
            found[name.lower()] = value
        return found

    try:
        pairs = json.loads(_text(text), object_pairs_hook=unique)
    except (ValueError, RecursionError):
        raise BadHeaders(what=SIGN_TEXT) from None
    if not isinstance(pairs, dict):
        raise BadHeaders(what=SIGN_TEXT)
    return pairs


def _named_arguments(sent: Mapping[str, bytes], pairs: Mapping[str, str]) -> dict[str, str]:
    """The arguments that ``sign-header-key`` names, each equal in the signed text and in its header."""
    names = _text(_take(sent, SIGN_KEYS)).lower().split(";")
    if {_LOW + name for name in names} != set(pairs) or len(names) != len(pairs):
        raise BadHeaders(what=SIGN_KEYS)
    arguments = {}
    for name in names:
        value = pairs[_LOW + name]
        header = sent.get(_LOW + name)
        if header is None or _text(header).strip() != value.strip():
            raise BadHeaders(what=PREFIX + name)
        arguments[name] = value.strip()
    return arguments


def _check_time(text: str, now: datetime, window: timedelta) -> None:
    try:
        near = any(abs(now - instant) <= window for instant in instants(text))
    except (ValueError, OverflowError):
        near = False
    if not near:
        raise StaleCall(timestamp=text[:30])


def _bytes(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
