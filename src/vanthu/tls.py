"""Contexts for TLS, one per process: making one takes longer (20 ms) than most questions take to answer."""

from __future__ import annotations

import ssl
from functools import lru_cache

import httpx


@lru_cache(maxsize=2)
def shared_context(*, trust_env: bool = True) -> ssl.SSLContext:
    """Verifies by the usual roots, or by those that ``SSL_CERT_FILE`` names when ``trust_env``."""
    return httpx.create_ssl_context(trust_env=trust_env)
