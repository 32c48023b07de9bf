"""Server side: read the signed headers of a call and find out who really calls, with which arguments.

Only arguments that stand in the signed text reach the caller of this module. Refuses to know members or to
remember calls; both come in as functions.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from vanthu.vxp.errors import BadCredentials, BadHeaders, CallUsed, StaleCall
from vanthu.vxp.headers import PREFIX, SIGN_HASH, SIGN_KEYS, SIGN_TEXT, lag, signature

MAX_SIGNED_TEXT = 1 << 16
_LOW = PREFIX.lower()
_NOBODY = "nobody has this secret"


@dataclass(frozen=True)
class SignedCall:
    """A call whose signature holds. Names in ``arguments`` are lower-case (``docId`` and ``docid`` are one)."""

    system_id: str
    arguments: Mapping[str, str]
    timestamp: str
    hash_header: str
    secret_number: int = 0
    """Which of the member's secrets signed it: 0 the newest."""
    spelled: Mapping[str, str] = field(default_factory=dict)
    """The arguments by their names as written."""

    def argument(self, name: str, default: str = "") -> str:
        """One signed argument by its name, without regard to case.

        The vendor's client keeps arguments of earlier calls, so that ``docId`` of one call may stand beside
        ``docid`` of the next: the exact spelling goes first.
        """
        return self.spelled.get(name, self.arguments.get(name.lower(), default))

    def required(self, name: str) -> str:
        """One signed argument that must be there; raises :class:`BadHeaders`."""
        value = self.argument(name)
        if not value:
            raise BadHeaders(what=PREFIX + name)
        return value


def parse_and_verify(
    headers: Mapping[str, str],
    secret_lookup: Callable[[str], str | Sequence[str] | None],
    *,
    now: datetime,
    window: timedelta = timedelta(days=1),
    already_used: Callable[[SignedCall], bool] | None = None,
) -> SignedCall:
    """The verified call behind the request headers (WSGI text, that is bytes read as Latin-1).

    ``secret_lookup`` gives the secret of a system id, several while one replaces another, or None. The window
    is wide by default because the vendor's client keeps one time stamp for its whole life; for the same reason
    ``already_used`` is left to servers whose members all make fresh ones. Raises :class:`BadHeaders`,
    :class:`BadCredentials`, :class:`StaleCall`, :class:`CallUsed`.
    """
    lowered = ((name.lower(), value) for name, value in headers.items())
    sent = {name: _bytes(value) for name, value in lowered if name.startswith(_LOW)}
    text = _take(sent, SIGN_TEXT)
    system_id = _text(_take(sent, PREFIX + "systemid"))
    claimed = _text(_take(sent, SIGN_HASH)).strip().lower()
    number = _signing_secret(secret_lookup(system_id), text, claimed)
    spelled = MappingProxyType(_named_arguments(sent, _signed_pairs(text)))
    arguments = MappingProxyType({name.lower(): value for name, value in spelled.items()})
    if arguments.get("systemid") != system_id:
        raise BadHeaders(what=PREFIX + "systemid")
    stamp = arguments.get("timestamp", "")
    call = SignedCall(system_id, arguments, stamp, claimed, number, spelled)
    _check_time(call.timestamp, now, window)
    if already_used is not None and already_used(call):
        raise CallUsed
    return call


def _signing_secret(secrets: str | Sequence[str] | None, text: bytes, claimed: str) -> int:
    """The place of the secret that made the signature; takes the same time for nobody as for a member."""
    known = (secrets,) if isinstance(secrets, str) else tuple(secrets or ())
    fits = [
        hmac.compare_digest(signature(secret, text).encode(), claimed.encode())
        for secret in known or (_NOBODY,)
    ]
    if not known or True not in fits:
        raise BadCredentials
    return fits.index(True)


def _take(sent: Mapping[str, bytes], name: str) -> bytes:
    value = sent.get(name.lower())
    if not value or len(value) > MAX_SIGNED_TEXT:
        raise BadHeaders(what=name)
    return value


def _signed_pairs(text: bytes) -> dict[str, str]:
    """The signed JSON object; a name that stands twice makes it worthless."""

    def unique(pairs: list[tuple[str, object]]) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in pairs:
            if name in found or not isinstance(value, str):
                raise BadHeaders(what=SIGN_TEXT)
            found[name] = value
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
    names = [_LOW + name for name in _text(_take(sent, SIGN_KEYS)).lower().split(";")]
    alike: dict[str, list[str]] = {}
    for spelled, value in pairs.items():
        alike.setdefault(spelled.lower(), []).append(value.strip())
    if sorted(names) != sorted(name.lower() for name in pairs):
        raise BadHeaders(what=SIGN_KEYS)
    arguments = {}
    for spelled, value in pairs.items():
        name = spelled.lower()
        header = sent.get(name)
        if header is None or not _is_one_of(_text(header).strip(), alike[name]):
            raise BadHeaders(what=spelled)
        arguments[spelled[len(PREFIX) :]] = value.strip()
    return arguments


def _is_one_of(header: str, signed: Sequence[str]) -> bool:
    """Whether a header has the signed value; of two spellings of one name a server may have joined the values."""
    if header in signed:
        return True
    return len(signed) > 1 and {part.strip() for part in header.split(",")} <= set(signed)


def _check_time(text: str, now: datetime, window: timedelta) -> None:
    try:
        near = abs(lag(text, now)) <= window
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
