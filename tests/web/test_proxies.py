"""Whose address the audit names when proxies stand in front."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from vanthu.web.proxies import client_of, networks

OURS = networks("10.0.0.0/8, fd00::/8")


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "198.51.100.1, 10.0.0.7", "198.51.100.1"),
        ("10.0.0.2", "1.2.3.4, 198.51.100.1, 10.0.0.7", "198.51.100.1"),
        ("fd00::2", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("10.0.0.2", "không phải địa chỉ", "10.0.0.2"),
        ("", "198.51.100.1", ""),
    ],
)
def test_the_client_is_the_last_address_that_is_not_ours(peer: str, forwarded: str, client: str) -> None:
    assert client_of(peer, forwarded, OURS) == client


def test_without_trusted_proxies_nobody_is_believed() -> None:
    assert client_of("10.0.0.2", "198.51.100.1", networks("")) == "10.0.0.2"


def test_a_setting_that_is_no_network_is_named() -> None:
    with pytest.raises(ImproperlyConfigured, match="cổng chào"):
        networks("10.0.0.0/8, cổng chào")
