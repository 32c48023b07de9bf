"""Agencies for the operator: the tree with stages, one agency, its survey, trial, codes and merger."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vanthu.axis import actions, queries
from vanthu.axis.forms import CareForm, MergeForm, SurveyForm
from vanthu.axis.models import AxisAgency, NoteKind, Stage, TrialItem
from vanthu.axis.views.operator import operator_only
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.identifiers import parse
from vanthu.web.middleware import actor as acting

STAGES = list(Stage)


@operator_only
@require_GET
def agency_list(request: HttpRequest) -> HttpResponse:
    """The agencies below one another with their stage; ``q`` searches code and name, ``stage`` narrows."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:100]
    stage = request.GET.get("stage", "")
    context = {
        "rows": queries.agency_tree(text, stage if stage in Stage else ""),
        "counts": [(item, queries.stage_counts().get(item.value, 0)) for item in STAGES],
        "text": text,
        "stage": stage,
        "today": clock.today(),
    }
    return render(request, "axis/agencies.html", context)


@operator_only
@require_GET
def agency_page(request: HttpRequest, code: str) -> HttpResponse:
    """One agency: codes over time, its way onto the axis, the support log, what the operator can do."""
    return render(request, "axis/agency.html", _shown(_found(code)))


@operator_only
@require_POST
def agency_step(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """Survey, note, go live, begin the trial anew, merge, revive, lock, unlock."""
    agency, actor = _found(code), acting(request)
    said = _done(request, agency, step, actor)
    if said is None:
        messages.error(request, _("Chưa lưu: hãy điền đủ các ô bắt buộc."))
    else:
        messages.success(request, said)
    return redirect("axis_agency", agency.code)


def _done(request: HttpRequest, agency: AxisAgency, step: str, actor: Actor) -> str | None:
    if step in ("survey", "care", "merge"):
        return _filled(request, agency, step, actor)
    if step == "live":
        actions.go_live(agency.code, actor)
        return _("Đơn vị đã chuyển sang chính thức.")
    if step == "retry":
        actions.restart_trial(agency.code, actor)
        return _("Đã bắt đầu thử nghiệm lại từ đầu.")
    if step == "revive":
        actions.revive_agency(agency.code, actor)
        return _("Đã bỏ việc sáp nhập.")
    if step in ("lock", "unlock"):
        actions.set_agency_locked(agency.code, step == "lock", actor)
        return _("Đã tạm khóa nhận.") if step == "lock" else _("Đã mở khóa nhận.")
    raise Http404


def _filled(request: HttpRequest, agency: AxisAgency, step: str, actor: Actor) -> str | None:
    form = {"survey": SurveyForm, "care": CareForm, "merge": MergeForm}[step](request.POST)
    if not form.is_valid():
        return None
    given = form.cleaned_data
    if isinstance(form, SurveyForm):
        actions.record_survey(agency.code, form.lacks(), actor)
        return _("Đã lưu kết quả khảo sát.")
    if step == "care":
        remind_on: date | None = given["remind_on"]
        actions.note_care(agency.code, NoteKind(given["kind"]), given["text"], remind_on, actor)
        return _("Đã ghi vào nhật ký hỗ trợ.")
    actions.merge_agency(agency.code, given["into"], given["last_day"], actor)
    return _("Đã ghi việc sáp nhập. Gói tin gửi sau ngày đó chuyển tới cơ quan kế thừa.")


def _found(code: str) -> AxisAgency:
    agency = queries.agency_by_code(code)
    if agency is None:
        raise Http404
    return agency


def _shown(agency: AxisAgency) -> dict[str, Any]:
    passed = {row.item: row for row in agency.trial_passes.all()}
    gaps = {gap.area: gap.lack for gap in agency.gaps.filter(closed_at=None)}
    return {
        "agency": agency,
        "codes": [
            (known, parse(known.code).kind.value) for known in agency.codes.order_by("-valid_to", "id")
        ],
        "stage_labels": [stage.label for stage in STAGES],
        "stage_at": STAGES.index(Stage(agency.stage)),
        "items": [(item, passed.get(item.value)) for item in TrialItem],
        "passed": len(passed),
        "gaps": gaps,
        "survey": SurveyForm(initial=gaps),
        "care": CareForm(),
        "merge": MergeForm(),
        "notes": agency.care_notes.all()[:30],
        "may_live": agency.stage == Stage.TRIAL_PASSED,
        "overdue": agency.remind_on is not None and agency.remind_on <= clock.today(),
    }
