"""Opens the line to an axis: over its modern door where it has one, else over VXP (national axes).

Owns the site's own key, made on first use, and what this process knows of the axes' doors. Both clients have the
same methods (:class:`vanthu.relay.Line`), so nobody else has to know.
"""

from __future__ import annotations

import time
from functools import lru_cache
from pathlib import Path

import structlog
from django.conf import settings

from vanthu import relay as modern
from vanthu import vxp
from vanthu.base import clock
from vanthu.evidence import Key, made_key_file, private_key_file
from vanthu.exchange.axes import Axis, Protocol
from vanthu.relay import AgencyChanges, Line, OnTheWay, Partner
from vanthu.vxp import VxpBadAnswer, VxpRefused

log = structlog.get_logger(__name__)

ASK_AGAIN_SECONDS = 600.0
"""How long an axis' answer about its doors serves a process."""

_doors: dict[tuple[str, str, str], tuple[bool, float]] = {}


def client(axis: Axis) -> Line:
    """The client of an axis, shared by the threads of a process; a new secret in the file is used at once.

    Raises ``VxpUnreachable`` when the axis cannot be asked for its doors.
    """
    return relay(axis) if is_modern(axis) else _vxp(axis.url, axis.system_id, _secret(axis))


def relay(axis: Axis) -> modern.Client:
    """The client of the axis' modern door."""
    return _relay(axis.url, axis.system_id, _secret(axis), _key_file())


def agency_changes(axis: Axis, after: int) -> AgencyChanges:
    """What changed in the axis' agency list behind a version; all of it where it has no modern door.

    Raises the errors of :mod:`vanthu.vxp`.
    """
    if is_modern(axis):
        return relay(axis).agency_changes(after)
    return AgencyChanges(0, tuple(client(axis).agencies()), frozenset(), whole=True)


def onboarding(axis: Axis) -> tuple[list[OnTheWay], list[Partner]] | None:
    """How far this site's agencies are on their way onto an axis, and their trial partners.

    None where it has no modern door, for VXP does not tell. Raises the errors of :mod:`vanthu.vxp`.
    """
    return relay(axis).onboarding() if is_modern(axis) else None


def waits(axis: Axis) -> bool:
    """Whether one can wait at the axis, as far as this process knows by now; asks nobody."""
    if axis.protocol is Protocol.RELAY:
        return True
    known, _ = _doors.get(_name(axis), (False, 0.0))
    return axis.protocol is Protocol.AUTO and known


def is_modern(axis: Axis) -> bool:
    """Whether the axis is spoken to over its modern door; raises ``VxpUnreachable`` when it cannot be asked."""
    if axis.protocol is not Protocol.AUTO:
        return axis.protocol is Protocol.RELAY
    known, until = _doors.get(_name(axis), (False, 0.0))
    if time.monotonic() >= until:
        known = _offered(axis)
        _doors[_name(axis)] = known, time.monotonic() + ASK_AGAIN_SECONDS
    return known


def site_key() -> Key:
    """The site's own key, made on first use."""
    return _key(_key_file())


def _offered(axis: Axis) -> bool:
    """Whether the axis has a modern door and takes this site's key; raises ``VxpUnreachable``."""
    try:
        relay(axis).about()
    except (VxpRefused, VxpBadAnswer):
        return False
    try:
        relay(axis).enrol()
    except (VxpRefused, VxpBadAnswer) as error:
        log.warning("axis_key_not_enrolled", axis=axis.name, error=error.text)
        return False
    return True


def _name(axis: Axis) -> tuple[str, str, str]:
    return axis.url, axis.system_id, _secret(axis)


def _secret(axis: Axis) -> str:
    return settings.VANTHU.secret(axis.secret_file)


def _key_file() -> Path:
    site = settings.VANTHU
    return site.site_key_file or made_key_file(site.data_dir / "site-key.pem")


@lru_cache(maxsize=32)
def _vxp(url: str, system_id: str, secret: str) -> vxp.Client:
    return vxp.Client(url, system_id, secret)


@lru_cache(maxsize=32)
def _relay(url: str, system_id: str, secret: str, key_file: Path) -> modern.Client:
    return modern.Client(url, system_id, _key(key_file), secret=secret, clock=clock.now)


@lru_cache(maxsize=4)
def _key(path: Path) -> Key:
    return private_key_file(path)
