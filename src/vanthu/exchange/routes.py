"""Which way leads to an agency: this site, one of the axes under the code that axis knows it by, or paper.

Owns the look-up; the rules are ``rules.channel_for`` and ``axes.pick``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import prefetch_related_objects

from vanthu.directory.models import Agency
from vanthu.exchange import axes, rules
from vanthu.exchange.axes import Axis
from vanthu.exchange.models import Channel, Listing
from vanthu.exchange.profiles import STANDARD, Profile, spell


@dataclass(frozen=True)
class Route:
    """The way to one agency. ``code`` is how packets on this way name it; empty when it has no identifier."""

    agency: Agency
    channel: Channel
    code: str
    axis: Axis | None = None

    @property
    def axis_name(self) -> str:
        """The name of the axis; empty for the other channels."""
        return self.axis.name if self.axis else ""

    @property
    def title(self) -> str:
        """What people call the way."""
        return self.axis.title if self.axis else "Hệ thống này"

    @property
    def profile(self) -> Profile:
        """How packets on this way are written."""
        return self.axis.profile if self.axis else STANDARD


def of(agency: Agency) -> Route:
    """The way to one agency."""
    return of_all([agency])[agency.id]


def of_all(agencies: Sequence[Agency]) -> dict[UUID, Route]:
    """The ways to agencies; two queries, however many there are."""
    prefetch_related_objects(list(agencies), "identifiers")
    listed = _listings(agencies)
    return {agency.id: _route(agency, listed.get(agency.id, {})) for agency in agencies}


def code_on(agency: Agency, axis: Axis | None) -> str:
    """The identifier under which packets on an axis (None: on this site) name the agency."""
    return codes_on([agency], axis)[agency.id]


def codes_on(agencies: Sequence[Agency], axis: Axis | None) -> dict[UUID, str]:
    """Like :func:`code_on`, for several at once."""
    prefetch_related_objects(list(agencies), "identifiers")
    if axis is None:
        return {agency.id: agency.organ_id for agency in agencies}
    listed = _listings(agencies)
    return {
        agency.id: spell(axis.profile, _codes(agency), listed.get(agency.id, {}).get(axis.name, ""))
        for agency in agencies
    }


def _route(agency: Agency, listed: Mapping[str, str]) -> Route:
    codes = _codes(agency)
    axis = axes.pick(axes.configured(), codes, listed)
    channel = rules.channel_for(
        hosted=agency.hosted, ready=agency.ready, organ_id=agency.organ_id, axis=axis is not None
    )
    if channel is not Channel.AXIS or axis is None:
        return Route(agency, channel, agency.organ_id)
    return Route(agency, channel, spell(axis.profile, codes, listed.get(axis.name, "")), axis)


def _codes(agency: Agency) -> list[str]:
    """The agency's identifiers, the one in force first."""
    known = sorted(agency.identifiers.all(), key=lambda row: (not row.primary, row.code))
    return [row.code for row in known]


def _listings(agencies: Sequence[Agency]) -> dict[UUID, dict[str, str]]:
    """Agency → axis → the code under which that axis lists it (the one in force where it lists several)."""
    found: dict[UUID, dict[str, str]] = defaultdict(dict)
    in_force = {agency.id: agency.organ_id for agency in agencies}
    for row in Listing.objects.filter(agency__in=agencies).order_by("axis", "-code"):
        if found[row.agency_id].get(row.axis) != in_force[row.agency_id]:
            found[row.agency_id][row.axis] = row.code
    return found
