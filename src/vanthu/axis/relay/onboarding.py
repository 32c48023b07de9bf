"""What the modern door tells a member of its agencies' way onto the axis (R195): stage, trial log, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from vanthu.axis import stages
from vanthu.axis.models import Area, AxisAgency, AxisDelivery, Member, TrialItem, TrialPass


def onboarding(member: Member, after: str, limit: int) -> dict[str, Any]:
    """A member's agencies whose code comes behind ``after``, with what their trials showed; four queries and one for
    the partners."""
    rows = AxisAgency.objects.filter(member=member, deleted=False, code__gt=after).order_by("code")
    page = list(rows.prefetch_related("trial_passes", "gaps")[: limit + 1])
    found = page[:limit]
    passes = [row for agency in found for row in agency.trial_passes.all()]
    received = [row for row in passes if row.item in (TrialItem.RECEIVE, TrialItem.STATUS_RECEIVED)]
    by_packet = AxisDelivery.objects.filter(
        packet_id__in={row.packet_id for row in received}, recipient__in={row.agency_id for row in received}
    )
    known_as = {
        (agency, packet): key for agency, packet, key in by_packet.values_list("recipient", "packet", "id")
    }
    return {
        "agencies": [_told(agency, known_as) for agency in found],
        "more": len(page) > limit,
        "partners": [{"code": partner.code, "name": partner.name} for partner in stages.partners()],
    }


def _told(agency: AxisAgency, known_as: Mapping[tuple[UUID, UUID], UUID]) -> dict[str, Any]:
    """One agency; what it received is named by its delivery, as its system knows it."""
    passed = {row.item: row for row in agency.trial_passes.all()}
    return {
        "code": agency.code,
        "name": agency.name,
        "stage": agency.stage,
        "stageAt": agency.stage_at,
        "items": [_told_item(item, passed.get(item.value), known_as) for item in TrialItem],
        "gaps": [
            {"area": gap.area, "text": Area(gap.area).label, "lack": gap.lack}
            for gap in agency.gaps.all()
            if gap.closed_at is None
        ],
    }


def _told_item(
    item: TrialItem, passed: TrialPass | None, known_as: Mapping[tuple[UUID, UUID], UUID]
) -> dict[str, Any]:
    doc_id = known_as.get((passed.agency_id, passed.packet_id), passed.packet_id) if passed else None
    at = passed.passed_at if passed else None
    return {"item": item.value, "text": item.label, "passedAt": at, "docId": doc_id}
