"""Agencies for the operator: the tree with stages, one agency, its survey, trial, codes and merger."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vanthu.axis import actions, queries, rules, stages, trials
from vanthu.axis.errors import AgencyUnknown, CodeTaken
from vanthu.axis.forms import AgencyForm, CareForm, CarryForm, MergeForm, RecodeForm, SurveyForm
from vanthu.axis.models import AxisAgency, NoteKind, Stage, TrialItem
from vanthu.axis.views.operator import operator_only
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.identifiers import parse
from vanthu.web.middleware import actor as acting

STAGES = list(Stage)
FORMS: dict[str, type[Form]] = {
    "survey": SurveyForm,
    "care": CareForm,
    "merge": MergeForm,
    "recode": RecodeForm,
    "carry": CarryForm,
}


@operator_only
@require_GET
def agency_list(request: HttpRequest) -> HttpResponse:
    """The agencies below one another with their stage; ``q`` searches code and name, ``stage`` narrows.

    ``silent`` leaves those without traffic for ``VANTHU_AXIS_SILENT_DAYS`` days (R198).
    """
    text = request.GET.get("q", "").replace("\0", "").strip()[:100]
    stage, only = request.GET.get("stage", ""), request.GET.get("silent") == "1"
    silent = {agency.id for agency in trials.silent(settings.VANTHU.axis_silent_days)}
    numbers = queries.stage_counts()
    counts = [(item, numbers.get(item.value, 0)) for item in STAGES]
    context = {
        "rows": queries.agency_tree(text, stage if stage in Stage else "", silent if only else None),
        "counts": counts,
        "there": [(item, number) for item, number in counts if number],
        "text": text,
        "stage": stage,
        "today": clock.today(),
        "silent": silent,
        "silent_days": settings.VANTHU.axis_silent_days,
        "only_silent": only,
    }
    return render(request, "axis/agencies.html", context)


@operator_only
@require_http_methods(["GET", "POST"])
def agency_new(request: HttpRequest) -> HttpResponse:
    """Add an agency under a member system."""
    form = AgencyForm(request.POST or None, initial={"member": request.GET.get("member", "")[:35]})
    if request.method == "POST" and form.is_valid():
        if queries.agency_by_code(form.cleaned_data["code"]) is not None:
            raise CodeTaken(code=form.cleaned_data["code"])
        agency = _put(form, form.cleaned_data["code"], acting(request))
        messages.success(request, _("Đã thêm cơ quan. Bước tiếp theo: khảo sát và thử nghiệm."))
        return redirect("axis_agency", agency.code)
    return render(request, "axis/agency_form.html", {"form": form})


@operator_only
@require_http_methods(["GET", "POST"])
def agency_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change an agency's name, superior, system and earlier codes; another code is a step of its own."""
    agency = _found(code)
    earlier = [known.code for known in agency.codes.order_by("id") if known.code != agency.code]
    told = {"member": agency.member.system_id, "old_codes": "\n".join(earlier)}
    told |= {name: getattr(agency, name) for name in ("name", "parent_code", "email", "valid_from")}
    form = AgencyForm(request.POST or None, initial=told)
    del form.fields["code"]
    if request.method == "POST" and form.is_valid():
        _put(form, agency.code, acting(request))
        messages.success(request, _("Đã lưu thông tin cơ quan."))
        return redirect("axis_agency", agency.code)
    return render(request, "axis/agency_form.html", {"form": form, "agency": agency})


def _put(form: AgencyForm, code: str, actor: Actor) -> AxisAgency:
    given = form.cleaned_data
    details = actions.AgencyDetails(
        code=code,
        name=given["name"],
        parent_code=given["parent_code"],
        email=given["email"],
        old_codes=given["old_codes"],
        valid_from=given["valid_from"],
    )
    return actions.put_agency(given["member"], details, actor)


@operator_only
@require_GET
def agency_page(request: HttpRequest, code: str) -> HttpResponse:
    """One agency: codes over time, its way onto the axis, the support log, what the operator can do."""
    return render(request, "axis/agency.html", _shown(_found(code)))


@operator_only
@require_POST
def agency_step(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """Survey, note, go live, carry over, begin the trial anew, merge, revive, recode, partner, lock, unlock."""
    agency, actor = _found(code), acting(request)
    said = _done(request, agency, step, actor)
    if said is None:
        messages.error(request, _("Chưa lưu: hãy điền đủ các ô bắt buộc."))
    else:
        messages.success(request, said)
    return redirect("axis_agency", agency.code)


def _done(request: HttpRequest, agency: AxisAgency, step: str, actor: Actor) -> str | None:
    if step in FORMS:
        return _filled(request, agency, step, actor)
    if step == "live":
        actions.go_live(agency.code, actor)
        return _("Đơn vị đã chuyển sang chính thức.")
    if step == "retry":
        actions.restart_trial(agency.code, actor)
        return _("Đã bắt đầu thử nghiệm lại từ đầu.")
    if step == "revive":
        actions.revive_agency(agency.code, actor)
        return _("Đã bỏ việc giải thể.") if agency.dissolution else _("Đã bỏ việc sáp nhập.")
    if step in ("partner", "no-partner"):
        actions.set_trial_partner(agency.code, step == "partner", actor)
        return (
            _("Đã chọn làm đối tác thử nghiệm.")
            if step == "partner"
            else _("Đã thôi làm đối tác thử nghiệm.")
        )
    if step in ("lock", "unlock"):
        actions.set_agency_locked(agency.code, step == "lock", actor)
        return _("Đã tạm khóa nhận.") if step == "lock" else _("Đã mở khóa nhận.")
    raise Http404


def _filled(request: HttpRequest, agency: AxisAgency, step: str, actor: Actor) -> str | None:
    form = FORMS[step](request.POST)
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
    if step == "carry":
        actions.carry_over(agency.code, given["reason"], actor)
        return _("Đã chuyển sang chính thức; căn cứ đã ghi vào nhật ký hỗ trợ.")
    if step == "recode":
        return _recoded(agency, given["new_code"], given["since"], actor)
    actions.merge_agency(agency.code, given["into"], given["last_day"], actor)
    return _("Đã ghi việc sáp nhập. Gói tin gửi sau ngày đó chuyển tới cơ quan kế thừa.")


def _recoded(agency: AxisAgency, code: str, since: date, actor: Actor) -> str:
    actions.change_code(agency.code, code, since, actor)
    if since <= clock.today():
        return _("Đã đổi mã. Gói tin gửi theo mã cũ vẫn tới.")
    return _("Đã ghi mã mới; trục tự đổi vào ngày đó.")


def _found(code: str) -> AxisAgency:
    agency = queries.agency_by_code(code)
    if agency is None:
        raise AgencyUnknown(code=code)
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
        "recode": RecodeForm(initial={"since": clock.today()}),
        "carry": CarryForm(),
        "partners": [partner for partner in stages.partners() if partner.id != agency.id],
        "behind_axis": agency.member.is_axis,
        "is_silent": trials.is_silent(agency, settings.VANTHU.axis_silent_days),
        "silent_days": settings.VANTHU.axis_silent_days,
        "successor_waits": agency.successor is not None
        and rules.stage_here(agency) == Stage.LIVE
        and rules.stage_here(agency.successor) != Stage.LIVE,
        "notes": agency.care_notes.all()[:30],
        "may_revive": bool(agency.dissolution) and not rules.is_gone(agency, clock.today()),
        "may_live": agency.stage == Stage.TRIAL_PASSED,
        "overdue": agency.remind_on is not None and agency.remind_on <= clock.today(),
    }
