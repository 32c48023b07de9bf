"""Which addresses a webhook may have: what stands between a member's registration and the axis' own network.

Owns the rule and the look-up. The look-up is made at every call, and the call goes to the very address that was
looked up, so that a name cannot point elsewhere a moment later.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from vanthu.axis.relay.errors import WebhookNotAllowed

Address = IPv4Address | IPv6Address
LONGEST = 500


@dataclass(frozen=True)
class Target:
    """A webhook's address after the look-up: its name, the network address to call, the URL that says so."""

    host: str
    authority: str
    address: str
    url: str


def checked_url(url: str) -> SplitResult:
    """The parts of an address that can be one of a webhook; raises :class:`WebhookNotAllowed`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise WebhookNotAllowed(url=url[:100], reason="địa chỉ không hợp lệ") from None
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST
    if not plain or parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise WebhookNotAllowed(url=url[:100], reason="cần địa chỉ http hoặc https, chỉ gồm chữ ASCII")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise WebhookNotAllowed(url=url[:100], reason="địa chỉ không được chứa tài khoản hay phần sau dấu #")
    return parts


def look_up(url: str, allow: str) -> Target:
    """The address to call; every address of the name must be allowed. Raises :class:`WebhookNotAllowed`.

    ``allow`` lists networks (CIDR) and host names beside the public addresses, comma-separated.
    """
    parts = checked_url(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = _addresses(host, port, url)
    for address in found:
        if not permitted(host, address, allow):
            raise WebhookNotAllowed(url=url[:100], reason=f"{address} không nằm trong mạng được phép gọi")
    shown = f"[{found[0]}]" if found[0].version == 6 else str(found[0])
    called = parts._replace(netloc=f"{shown}:{port}").geturl()
    return Target(host=host, authority=parts.netloc.lower(), address=str(found[0]), url=called)


def permitted(host: str, address: Address, allow: str) -> bool:
    """Whether an address may be called: a public one, one in an allowed network, or of an allowed name."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    meant = mapped or address
    for entry in filter(None, (part.strip().lower() for part in allow.split(","))):
        if entry == host.lower() or _within(meant, entry):
            return True
    return meant.is_global and not meant.is_multicast


def _within(address: Address, network: str) -> bool:
    try:
        return address in ip_network(network, strict=False)
    except ValueError:
        return False


def _addresses(host: str, port: int, url: str) -> Sequence[Address]:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise WebhookNotAllowed(url=url[:100], reason="không phân giải được tên máy") from None
    return [ip_address(str(row[4][0]).partition("%")[0]) for row in rows]
