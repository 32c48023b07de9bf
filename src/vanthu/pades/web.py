"""The HTTP client for authorities: time-stamps, OCSP answers, CRLs."""

from __future__ import annotations

import httpx

from vanthu.tls import shared_context


def authority_client(timeout: float) -> httpx.AsyncClient:
    """A client for one conversation; ``timeout`` in seconds per request. Ignores the environment's proxies."""
    return httpx.AsyncClient(timeout=timeout, trust_env=False, verify=shared_context(trust_env=False))
