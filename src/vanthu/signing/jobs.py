"""Background work of the signing room."""

from __future__ import annotations

import time

from vanthu.base.worker import every
from vanthu.signing import awaiting, certificates, preserving, service, sign_ins, trust_lists

_SECONDS = 300.0
"""One round's share of the worker; the next round goes on."""


@every(lambda: 600.0)
def renew_archived() -> None:
    """Every ten minutes, renew the archived forms of signed files whose time has come."""
    if service.timestamper() is None:
        return
    until = time.monotonic() + _SECONDS
    for key in preserving.due():
        preserving.look(key)
        if time.monotonic() > until:
            return


@every(lambda: 300.0)
def forget_awaited() -> None:
    """Every five minutes, forget files whose signature did not come, and people's tokens that have ended."""
    awaiting.forget_old()
    sign_ins.forget_expired()


@every(lambda: 3600.0)
def look_at_certificates() -> None:
    """Every hour, look at the certificates whose last look is a day old, and warn of those that end soon."""
    certificates.look_at_all()
    certificates.warn_all()


@every(lambda: 300.0)
def look_at_trust_lists() -> None:
    """Every five minutes, look at the trusted lists whose time has come."""
    trust_lists.look_at_all()
