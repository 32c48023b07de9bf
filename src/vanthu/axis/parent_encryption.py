"""What agencies publish for being encrypted to, across the line to the parent axis.

So a commune under a province's axis can encrypt for a ministry at the national one, and be encrypted to by it.
Publications pass as the agencies' systems signed them, and this axis vouches for nothing in them. Only an axis of this
product knows the operations; any other is left alone about it for a while. Refuses to keep what does not hold.
"""

from __future__ import annotations

import time
from datetime import timedelta

import structlog
from django.db.models import Q

from vanthu.axis import parent
from vanthu.axis.actions import encryption
from vanthu.axis.models import AgencyEncryption, Parent
from vanthu.base import clock
from vanthu.vxp import VxpBadAnswer, VxpRefused

log = structlog.get_logger(__name__)

TELL_AGAIN = timedelta(days=1)
"""A parent that was restored from a back-up, or became one of this product, hears it then."""
NOT_OFFERED_SECONDS = 3600.0
MOST_TOLD = 500
"""In one round; a province has fewer agencies with certificates."""

_asked_again = 0.0


def match() -> None:
    """Tell the parent what our agencies publish, and copy what agencies up there do. Raises ``VxpUnreachable``."""
    global _asked_again  # noqa: PLW0603 - what this process knows of its one parent
    if time.monotonic() < _asked_again:
        return
    try:
        copy()
    except (VxpRefused, VxpBadAnswer) as answer:
        log.info("parent_knows_no_publications", error=answer.text)
        _asked_again = time.monotonic() + NOT_OFFERED_SECONDS
    else:
        tell()


def copy() -> int:
    """Copy what is new up there, page by page; returns how many rows came. Raises the errors of :mod:`vanthu.vxp`."""
    line, came = parent.line(), 0
    while page := parent.client().publications(newer_than=line.encryption_version):
        parent.renew("agencies")
        before = line.encryption_version
        encryption.learn(line, page)
        came += len(page)
        if line.encryption_version <= before:
            raise VxpBadAnswer(reason="getEncryptionList không tiến tới phiên bản mới")
    return came


def tell() -> int:
    """Tell the parent what our agencies publish and it does not know; returns how many were told.

    What it refuses is told again a day later. Raises ``VxpUnreachable``.
    """
    line, told = parent.line(), 0
    for row in _untold(line):
        parent.renew("agencies")
        try:
            parent.client().publish(row.agency.code, row.publication)
            told += 1
        except (VxpRefused, VxpBadAnswer) as refusal:
            log.warning("publication_not_passed_up", agency=row.agency.code, error=refusal.text)
        same = AgencyEncryption.objects.filter(pk=row.pk, said_at=row.said_at)
        same.update(told_at=clock.now())
    return told


def _untold(line: Parent) -> list[AgencyEncryption]:
    own = AgencyEncryption.objects.exclude(agency__member=line.member_id).filter(agency__deleted=False)
    due = own.filter(Q(told_at=None) | Q(told_at__lte=clock.now() - TELL_AGAIN))
    return list(due.select_related("agency").order_by("published_at")[:MOST_TOLD])
