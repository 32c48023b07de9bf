"""What an operator has to know before an agency is dissolved without a successor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from vanthu.axis.models import WAITING, AxisAgency, AxisDelivery
from vanthu.base import clock

NAMED = 20


@dataclass(frozen=True)
class Consequences:
    """``waiting``: packets that its system has still to fetch. ``below``: agencies in force that name it as their
    superior. ``predecessors``: agencies whose mail it gets. At most :data:`NAMED` each."""

    waiting: int
    below: Sequence[AxisAgency]
    predecessors: Sequence[AxisAgency]


def consequences(agency: AxisAgency) -> Consequences:
    """What the end of this agency touches; three queries."""
    present = Q(valid_to=None) | Q(valid_to__gte=clock.today())
    below = AxisAgency.objects.filter(present, parent_code=agency.code, deleted=False)
    return Consequences(
        AxisDelivery.objects.filter(member=agency.member, recipient=agency, state__in=WAITING).count(),
        list(below.order_by("code")[:NAMED]),
        list(agency.predecessors.order_by("code")[:NAMED]),
    )
