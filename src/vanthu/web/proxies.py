"""The client's address behind proxies: believed only as far as the proxies are ours.

``X-Forwarded-For`` is a list that each proxy lengthens at its right end; whoever calls can write anything at the
left. The client is the last address that is not one of our proxies.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ClientAddress:
    """Puts the client's own address into ``REMOTE_ADDR``, for the audit and for limits."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.proxies = networks(settings.VANTHU.trusted_proxies)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self.proxies:
            request.META["REMOTE_ADDR"] = client_of(
                request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", ""), self.proxies
            )
        return self.get_response(request)


def networks(text: str) -> list[Network]:
    """The networks of the setting; raises ``ImproperlyConfigured`` naming what is no network."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(ipaddress.ip_network(part, strict=False))
        except ValueError:
            raise ImproperlyConfigured(f"VANTHU_TRUSTED_PROXIES: “{part}” không phải địa chỉ mạng") from None
    return found


def client_of(peer: str, forwarded: str, proxies: Sequence[Network]) -> str:
    """The nearest address that is none of the proxies; ``peer`` itself when it is not one of them."""
    nearest = peer
    for hop in reversed(forwarded.split(",")):
        if not _among(nearest, proxies) or not _is_address(hop.strip()):
            break
        nearest = hop.strip()
    return nearest


def _among(address: str, proxies: Sequence[Network]) -> bool:
    if not _is_address(address):
        return False
    found = ipaddress.ip_address(address)
    return any(found in network for network in proxies)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
