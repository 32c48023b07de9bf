"""What a vendor needs to connect its software: address, system id, secret, paths, one signed call to try.

The text is made when a secret is; nothing of it is kept.
"""

from __future__ import annotations

import shlex
from typing import Any

from django.conf import settings
from django.urls import get_resolver

from vanthu.axis.models import Member
from vanthu.base import clock
from vanthu.vxp import sign

TRIAL_CALL = "/getAgenciesList"


def sheet(member: Member, secret: str) -> dict[str, Any]:
    """The connection sheet: endpoint, credentials, operations, and a signed call that works for the clock window.

    The call's signature does not reveal the secret. Keys are part of the command's public output.
    """
    endpoint = str(settings.VANTHU.base_url).rstrip("/")
    headers = sign(member.system_id, secret, {}, at=clock.now(), content_type="application/json")
    words = " ".join(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers.items())
    return {
        "systemId": member.system_id,
        "name": member.name,
        "secret": secret,
        "endpoint": endpoint,
        "agencyList": endpoint + TRIAL_CALL,
        "operations": {path: f"{endpoint}/{path}" for path in operations()},
        "receiptKeys": f"{endpoint}/axis/jwks.json",
        "example": f"curl -sS -X POST {words} -d '' {shlex.quote(endpoint + TRIAL_CALL)}",
    }


def operations() -> list[str]:
    """The protocol's operations that this axis serves, by their path."""
    paths = [str(pattern.pattern) for pattern in get_resolver("vanthu.axis.urls").url_patterns]
    return sorted(path for path in paths if path.isalnum())
