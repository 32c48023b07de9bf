"""How often strangers may call: by the minute and network over all processes, and a few checks at a time in each.

An IPv6 network of 64 bits counts as one caller, since one subscriber has as many addresses. What is kept is a hash
under the site's secret, for an hour.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import Enum

from django.conf import settings
from django.db import connection

from vanthu.base import clock
from vanthu.errors import MustAct, VanthuError
from vanthu.portal.models import Visits

KEPT = timedelta(hours=1)
BUSY_SECONDS = 5

_COUNT = """
INSERT INTO portal_visits (caller, kind, minute, calls) VALUES (%s, %s, %s, 1)
ON CONFLICT (caller, kind, minute) DO UPDATE SET calls = portal_visits.calls + 1
RETURNING calls
"""


class Kind(Enum):
    """What is counted apart."""

    CHECK = "check"
    LOOKUP = "lookup"


class TooManyCalls(VanthuError):
    """The caller's network has used up its calls of this minute."""

    code = "TOO_MANY_CALLS"
    message = "Bạn đã thao tác quá nhiều lần trong một phút. Hãy thử lại sau {seconds} giây."
    http_status = 429


class CheckerBusy(VanthuError):
    """As many files are being checked as this process takes at a time."""

    code = "CHECKER_BUSY"
    message = "Hệ thống đang kiểm tra nhiều tệp cùng lúc. Hãy thử lại sau vài giây."
    must_act = MustAct.USER
    http_status = 503


def admit(address: str, kind: Kind) -> None:
    """Count one call of ``address``. Raises :class:`TooManyCalls` with ``seconds`` to wait."""
    now = clock.now()
    minute = now.replace(second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [_caller(address), kind.value, minute])
        calls = cursor.fetchone()[0]
    if calls > _allowed(kind):
        raise TooManyCalls(seconds=60 - now.second)


def sweep() -> int:
    """Forget minutes older than :data:`KEPT`; returns how many."""
    return Visits.objects.filter(minute__lt=clock.now() - KEPT).delete()[0]


def _allowed(kind: Kind) -> int:
    site = settings.VANTHU
    per_minute: int = site.public_checks_per_minute if kind is Kind.CHECK else site.public_lookups_per_minute
    return per_minute


def _caller(address: str) -> str:
    try:
        network = ipaddress.ip_network((address, 64 if ":" in address else 32), strict=False)
    except ValueError:
        network = ipaddress.ip_network("0.0.0.0/32")
    said = f"portal {network}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).hexdigest()


_places = threading.BoundedSemaphore(max(1, settings.VANTHU.web_threads // 2))
"""Half the threads of a process: the agency's own people never wait for strangers."""


@contextmanager
def place() -> Iterator[None]:
    """A place for one check in this process. Raises :class:`CheckerBusy`."""
    if not _places.acquire(blocking=False):
        raise CheckerBusy
    try:
        yield
    finally:
        _places.release()
