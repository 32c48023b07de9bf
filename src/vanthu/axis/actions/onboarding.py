"""An agency's way onto the axis: surveyed, supported, connected, tried, live (QĐ 28/2018; R195-R198)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db.models import Max

from vanthu.audit.ledger import action, record
from vanthu.axis import queries, rules, trials
from vanthu.axis.actions.shared import OPERATOR, one_at_a_time
from vanthu.axis.errors import AgencyUnknown
from vanthu.axis.models import (
    Area,
    AxisAgency,
    AxisDelivery,
    CareNote,
    Gap,
    NoteKind,
    Stage,
    TrialPass,
)
from vanthu.base import clock
from vanthu.base.actors import Actor


@action
def record_survey(code: str, lacks: Mapping[Area, str], actor: Actor = OPERATOR) -> AxisAgency:
    """Note what a survey found missing, by area; areas not named are in place and their gaps closed.

    The agency is READY when nothing is missing, else NOT_READY; one that is connected stays so. Raises
    :class:`AgencyUnknown`.
    """
    agency = _locked(code)
    now = clock.now()
    still = {gap.area: gap for gap in agency.gaps.filter(closed_at=None)}
    for area, gap in still.items():
        if Area(area) not in lacks:
            gap.closed_at = now
            gap.save(update_fields=["closed_at"])
    for area, lack in lacks.items():
        if area.value in still:
            Gap.objects.filter(pk=still[area.value].pk).update(lack=lack[:500])
        else:
            Gap.objects.create(agency=agency, area=area, lack=lack[:500], found_at=now)
    text = "; ".join(f"{area.label}: {lack}" for area, lack in lacks.items()) or "Đủ điều kiện kết nối."
    _note(agency, NoteKind.SURVEY, text, actor)
    _enter(agency, rules.stage_after_survey(agency.stage, bool(lacks)))
    data = {"code": agency.code, "lacks": {area.value: lack for area, lack in lacks.items()}}
    record(actor, "axis.agency_surveyed", kind="axis.agency", object_id=agency.id, data=data)
    return agency


@action
def note_care(
    code: str, kind: NoteKind, text: str, remind_on: date | None = None, actor: Actor = OPERATOR
) -> None:
    """Add a line to an agency's support log; ``remind_on`` is when to ask again (Vietnamese calendar).

    Raises :class:`AgencyUnknown`.
    """
    agency = _locked(code)
    _note(agency, kind, text, actor)
    agency.remind_on = remind_on
    agency.save(update_fields=["remind_on"])
    data = {"kind": kind.value, "remindOn": remind_on.isoformat() if remind_on else None}
    record(actor, "axis.agency_care_noted", kind="axis.agency", object_id=agency.id, data=data)


@action
def note_trial(agency_id: UUID, actor: Actor = OPERATOR) -> AxisAgency:
    """Tick off what real packets showed; a ready agency is connected, one that showed everything has passed.

    What an agency sent and took over between its first call and this look counts too.
    """
    agency = AxisAgency.objects.select_for_update().get(pk=agency_id)
    since = agency.stage_at
    if agency.stage == Stage.READY:
        _enter(agency, Stage.CONNECTED)
    found = trials.shown(agency, since)
    known = set(agency.trial_passes.values_list("item", flat=True))
    fresh = [item for item in found if item.value not in known]
    now = clock.now()
    TrialPass.objects.bulk_create(
        [TrialPass(agency=agency, item=item, packet_id=found[item], passed_at=now) for item in fresh]
    )
    if agency.stage == Stage.CONNECTED and rules.trial_passed(known | {item.value for item in fresh}):
        _enter(agency, Stage.TRIAL_PASSED)
    agency.trial_checked_at = now
    agency.save(update_fields=["trial_checked_at"])
    data = {"passed": [item.value for item in fresh], "stage": agency.stage}
    record(actor, "axis.trial_noted", kind="axis.agency", object_id=agency.id, data=data)
    return agency


def look_at_trial(agency: AxisAgency) -> None:
    """Compare an agency's traffic with its trial and note what is new; nothing new leaves no event."""
    found = trials.shown(agency, agency.stage_at)
    known = set(agency.trial_passes.values_list("item", flat=True))
    if agency.stage == Stage.READY or any(item.value not in known for item in found):
        note_trial(agency.id)
    else:
        AxisAgency.objects.filter(pk=agency.pk).update(trial_checked_at=clock.now())


@action
def go_live(code: str, actor: Actor = OPERATOR) -> AxisAgency:
    """Let an agency exchange officially, once its trial is passed.

    Raises :class:`AgencyUnknown`, ``TrialNotPassed`` with what is missing (R195).
    """
    agency = _locked(code)
    rules.check_live(agency, set(agency.trial_passes.values_list("item", flat=True)))
    _enter(agency, Stage.LIVE)
    record(actor, "axis.agency_live", kind="axis.agency", object_id=agency.id, data={"code": agency.code})
    return agency


@action
def carry_over(code: str, reason: str, actor: Actor = OPERATOR) -> AxisAgency:
    """Let an agency go on officially that did so before, over an axis that this one replaces.

    The ``reason`` (which decision, which axis) stands in its log in place of a trial (R195). Raises
    :class:`AgencyUnknown`.
    """
    agency = _locked(code)
    _note(agency, NoteKind.INSPECTION, f"Tiếp tục trao đổi chính thức: {reason}", actor)
    _enter(agency, Stage.LIVE)
    data = {"code": agency.code, "carriedOver": reason[:500]}
    record(actor, "axis.agency_live", kind="axis.agency", object_id=agency.id, data=data)
    return agency


@action
def restart_trial(code: str, actor: Actor = OPERATOR) -> AxisAgency:
    """Begin an agency's trial anew, for example after it changed its software. Raises :class:`AgencyUnknown`."""
    agency = _locked(code)
    agency.trial_passes.all().delete()
    agency.stage = Stage.NOT_READY  # so that entering CONNECTED counts from now, whatever it was before
    _enter(agency, Stage.CONNECTED)
    record(actor, "axis.trial_restarted", kind="axis.agency", object_id=agency.id, data={"code": agency.code})
    return agency


def note_traffic(since: datetime) -> None:
    """Remember when agencies sent or took over something since then (no event: a sign of life, not a change)."""
    sent = AxisDelivery.objects.filter(created_at__gte=since).values_list("packet__sender")
    taken = AxisDelivery.objects.filter(acknowledged_at__gte=since).values_list("recipient")
    for rows, field in ((sent, "created_at"), (taken, "acknowledged_at")):
        for key, at in rows.annotate(last=Max(field)):
            AxisAgency.objects.filter(pk=key).exclude(last_traffic_at__gte=at).update(last_traffic_at=at)


def _enter(agency: AxisAgency, stage: Stage) -> None:
    if agency.stage == stage:
        return
    one_at_a_time(["axis agency list"])
    latest = AxisAgency.objects.aggregate(latest=Max("version"))["latest"] or 0
    now = clock.now()
    agency.stage, agency.stage_at, agency.version, agency.modified_at = stage, now, latest + 1, now
    agency.save(update_fields=["stage", "stage_at", "version", "modified_at"])


def _note(agency: AxisAgency, kind: NoteKind, text: str, actor: Actor) -> None:
    CareNote.objects.create(agency=agency, kind=kind, text=text[:1000], by=actor.name, at=clock.now())


def _locked(code: str) -> AxisAgency:
    found = queries.agency_by_code(code)
    if found is None:
        raise AgencyUnknown(code=code)
    return AxisAgency.objects.select_for_update().get(pk=found.pk)
