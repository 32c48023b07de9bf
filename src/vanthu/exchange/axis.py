"""The one place that opens a line to the axis, and remembers whether it answers."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from vanthu.base import clock
from vanthu.exchange.models import Link
from vanthu.vxp import Client

AXIS = "axis"


def configured() -> bool:
    """Whether this site has an axis at all."""
    return bool(settings.VANTHU.axis_url)


def client() -> Client:
    """The client of the site's axis; shared by the threads of a process."""
    site = settings.VANTHU
    return _client(site.axis_url, site.axis_system_id, site.axis_secret_file)


@lru_cache(maxsize=4)
def _client(url: str, system_id: str, secret_file: Path | None) -> Client:
    return Client(url, system_id, settings.VANTHU.secret(secret_file))


def answered() -> None:
    """Note that the axis answered just now."""
    Link.objects.update_or_create(name=AXIS, defaults={"answered_at": clock.now(), "error": ""})


def silent(reason: str) -> None:
    """Note that the axis did not answer, and why."""
    Link.objects.update_or_create(name=AXIS, defaults={"error": reason[:1000]})


def lease(name: str, seconds: float) -> bool:
    """Take a loop's lease; False when another worker holds it. One statement decides."""
    Link.objects.get_or_create(name=name)
    at = clock.now()
    free = Q(leased_until=None) | Q(leased_until__lt=at)
    until = at + timedelta(seconds=seconds)
    return bool(Link.objects.filter(free, name=name).update(leased_until=until))


def renew(name: str, seconds: float) -> None:
    """Hold a lease for longer."""
    Link.objects.filter(name=name).update(leased_until=clock.now() + timedelta(seconds=seconds))


def release(name: str) -> None:
    """Give a lease back."""
    Link.objects.filter(name=name).update(leased_until=None)
