"""The agency lists of this axis and its parent, each kept up to date with the other by version.

What the parent lists is routed to it, unless it is one of our own agencies; what is ours is registered there.
"""

from __future__ import annotations

import structlog
from django.conf import settings

from vanthu.axis import parent
from vanthu.axis.actions import parent_agencies
from vanthu.axis.models import AxisAgency, Parent
from vanthu.axis.wire_rules import usable_code
from vanthu.vxp import UnitRow, VxpRefused

log = structlog.get_logger(__name__)

BATCH = 1000


def copy() -> int:
    """Copy what changed in the parent's list since the last time; returns how many rows came.

    Raises the errors of :mod:`vanthu.vxp`.
    """
    line = parent.line()
    rows = sorted(parent.client().units(newer_than=line.list_version), key=lambda row: row.version)
    usable = [row for row in rows if _usable(row)]
    for start in range(0, len(usable), BATCH):
        parent_agencies.learn(line, usable[start : start + BATCH])
    return len(usable)


def _usable(row: UnitRow) -> bool:
    """Our own agencies come back in the parent's list under our system id: they are never routed up."""
    own = row.center_code == settings.VANTHU.parent_system_id
    return usable_code(row.code) and bool(row.name) and not own


def tell() -> int:
    """Register at the parent what changed among our own agencies; returns how many it took.

    What it refuses is tried again each time and shown to the operator. Raises ``VxpUnreachable``.
    """
    line, taken = parent.line(), 0
    for agency in _untold(line):
        parent.renew("agencies")
        try:
            _register(agency)
        except VxpRefused as refusal:
            log.warning("agency_not_registered", agency=agency.code, error=refusal.text)
            parent_agencies.not_told(line, agency, refusal.text)
        else:
            parent_agencies.told(line, agency)
            taken += 1
    return taken


def _untold(line: Parent) -> list[AxisAgency]:
    """Superior agencies first, for a subordinate one is registered below them."""
    own = AxisAgency.objects.exclude(member=line.member_id)
    changed = own.filter(version__gt=line.told_version)
    refused = own.filter(code__in=list(line.untold))
    return sorted({*changed, *refused}, key=lambda agency: (agency.version, agency.level, agency.code))


def _register(agency: AxisAgency) -> None:
    client = parent.client()
    if agency.deleted:
        client.delete_agency(agency.code)
        return
    client.register_agency(
        code=agency.code, name=agency.name, parent_code=agency.parent_code, email=agency.email
    )
