"""Agencies behind the parent axis: learnt from its list; and what it knows of ours."""

from __future__ import annotations

from collections.abc import Sequence

from vanthu.audit.ledger import action, record
from vanthu.axis import rules, wire_rules
from vanthu.axis.actions.agencies import next_version
from vanthu.axis.actions.shared import acting
from vanthu.axis.models import AgencyCode, AxisAgency, Parent
from vanthu.base import clock
from vanthu.vietnamese import search_key
from vanthu.vxp import UnitRow

FIELDS = ["name", "search_key", "parent_code", "email", "deleted", "version", "modified_at"]


@action
def learn(line: Parent, rows: Sequence[UnitRow]) -> None:
    """Keep rows of the parent's list as agencies behind it; agencies of our own members stay as they are.

    ``rows`` stand in the order of their versions.
    """
    version, now = next_version(), clock.now()
    latest = {wire_rules.code_key(row.code): row for row in rows}
    known = {
        found.key: found.agency
        for found in AgencyCode.objects.filter(key__in=latest).select_related("agency")
    }
    changed, new = [], []
    for key, row in latest.items():
        agency = known.get(key)
        if agency is None and not row.deleted:
            agency = AxisAgency(code=row.code, member=line.member, level=rules.level_of(row.code))
            new.append(agency)
        elif agency is None or agency.member_id != line.member_id:
            continue
        else:
            changed.append(agency)
        agency.name, agency.email = row.name[:200], row.email[:100]
        agency.parent_code, agency.search_key = row.parent_id[:35], search_key(agency.name)
        agency.deleted, agency.version, agency.modified_at = row.deleted, version, now
    AxisAgency.objects.bulk_create(new)
    AgencyCode.objects.bulk_create(
        AgencyCode(key=wire_rules.code_key(agency.code), code=agency.code, agency=agency) for agency in new
    )
    AxisAgency.objects.bulk_update(changed, FIELDS)
    line.list_version = max(line.list_version, *(row.version for row in rows))
    line.save(update_fields=["list_version"])
    data = {"new": len(new), "changed": len(changed), "version": line.list_version}
    record(acting(line.member), "axis.list_copied", kind="axis.member", object_id=line.member_id, data=data)


def told(line: Parent, agency: AxisAgency) -> None:
    """The parent knows this state of one of our agencies."""
    line.untold.pop(agency.code, None)
    line.told_version = max(line.told_version, agency.version)
    line.save(update_fields=["untold", "told_version"])


def not_told(line: Parent, agency: AxisAgency, reason: str) -> None:
    """The parent does not register the agency; remembered, so that it is tried again and the operator sees it."""
    line.untold[agency.code] = reason[:300]
    line.told_version = max(line.told_version, agency.version)
    line.save(update_fields=["untold", "told_version"])
