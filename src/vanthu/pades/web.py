"""The HTTP client for authorities: time-stamps, OCSP answers, CRLs.

Owns the context for TLS, which takes longer to make (20 ms) than most questions take to answer, so that every
client of a process shares one.
"""

from __future__ import annotations

import ssl
from functools import lru_cache

import httpx


def authority_client(timeout: float) -> httpx.AsyncClient:
    """A client for one conversation; ``timeout`` in seconds per request. Ignores the environment's proxies."""
    return httpx.AsyncClient(timeout=timeout, trust_env=False, verify=_context())


@lru_cache(maxsize=1)
def _context() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
