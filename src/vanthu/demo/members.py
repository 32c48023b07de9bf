"""Admits the demo's agency sites to the demo's axis.

Owns nothing but the order of the calls. The axis tells a member's secret once; it goes straight into the file
that the member's site reads.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from vanthu.axis import actions
from vanthu.axis.models import AxisAgency, Member, Stage
from vanthu.demo.sites import DemoAgency, DemoSite


def seed_members(sites: Iterable[DemoSite], secret_files: Mapping[str, Path]) -> None:
    """Make each site a member with its agencies and leave its secret in the file named for its system id."""
    for site in sites:
        _admit(site, secret_files[site.system_id])
        member = Member.objects.get(system_id=site.system_id)
        for agency in site.agencies:
            _register(member, agency)


def _admit(site: DemoSite, secret_file: Path) -> None:
    if not Member.objects.filter(system_id=site.system_id).exists():
        _, secret = actions.add_member(site.system_id, site.name)
        _keep(secret_file, secret)
    elif not secret_file.exists():
        _keep(secret_file, actions.renew_secret(site.system_id))


def _register(member: Member, agency: DemoAgency) -> None:
    known = AxisAgency.objects.filter(code=agency.organ_id, deleted=False).first()
    if known is None:
        details = actions.AgencyDetails(
            code=agency.organ_id, name=agency.name, parent_code=agency.parent_id, email=agency.email
        )
        known = actions.put_agency(member, details)
    if known.stage != Stage.LIVE:
        actions.carry_over(agency.organ_id, "cơ quan của bản trình diễn")


def _keep(path: Path, secret: str) -> None:
    """Write a secret whole or not at all, for this user only."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as target:
        target.write(secret)
    draft.replace(path)
