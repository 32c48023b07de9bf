"""Member systems for the operator: list, one member, add, renew the secret, set limits, stop and start."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vanthu.axis import actions, connection, limits, meter, queries, secrets, trials
from vanthu.axis.forms import MemberForm, RenewForm, TermsForm
from vanthu.axis.models import Member
from vanthu.axis.views import member_doors
from vanthu.axis.views.operator import operator_only
from vanthu.axis.watch.thresholds import CLOCK_OFF
from vanthu.base import clock
from vanthu.vietnamese import search_key, search_words
from vanthu.web.middleware import actor as acting

SHEET = "axis-connection-sheet"


@operator_only
@require_GET
def member_list(request: HttpRequest) -> HttpResponse:
    """Every member with what waits for it; ``q`` narrows by name or system id, ``state`` to stopped ones."""
    text, state = request.GET.get("q", "").replace("\0", "").strip()[:100], request.GET.get("state", "")
    lines = [line for line in queries.member_lines() if _fits(line.member, text, state)]
    return render(request, "axis/members.html", {"lines": lines, "text": text, "state": state})


@operator_only
@require_http_methods(["GET", "POST"])
def member_new(request: HttpRequest) -> HttpResponse:
    """Add a member; its connection sheet is shown on the page that follows, once."""
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code, secret = actions.add_member(
            form.cleaned_data["code"], form.cleaned_data["name"], acting(request)
        )
        return _to_sheet(request, code, secret)
    return render(request, "axis/member_new.html", {"form": form})


@operator_only
@require_GET
def member_page(request: HttpRequest, system_id: str) -> HttpResponse:
    """One member: health, limits, secret, agencies, with what the operator can do."""
    member = queries.member(system_id)
    return render(request, "axis/member.html", _shown(member))


@operator_only
@require_POST
def member_terms(request: HttpRequest, system_id: str) -> HttpResponse:
    """Set the member's name and limits."""
    member, form = queries.member(system_id), TermsForm(request.POST)
    if not form.is_valid():
        return render(request, "axis/member.html", _shown(member) | {"terms": form}, status=422)
    actions.set_terms(system_id, actions.MemberTerms(**form.cleaned_data), acting(request))
    messages.success(request, _("Đã lưu tên và giới hạn."))
    return redirect("axis_member", system_id)


@operator_only
@require_POST
def member_renew(request: HttpRequest, system_id: str) -> HttpResponse:
    """Give the member a new secret, shown once on the page that follows."""
    member, form = queries.member(system_id), RenewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Hãy chọn thời gian khóa cũ còn dùng được."))
        return redirect("axis_member", system_id)
    keep = timedelta(hours=form.cleaned_data["keep_hours"])
    secret = actions.renew_secret(
        system_id, acting(request), keep_old=keep, overlap=min(keep, timedelta(days=1))
    )
    return _to_sheet(request, member.system_id, secret)


@operator_only
@require_POST
def member_switch(request: HttpRequest, system_id: str) -> HttpResponse:
    """Stop or start the member."""
    active = request.POST.get("active") == "1"
    actions.set_member_active(system_id, active, acting(request))
    messages.success(
        request, _("Đã cho hệ thống gọi lại.") if active else _("Đã ngừng hệ thống; gói tin chờ vẫn giữ.")
    )
    return redirect("axis_member", system_id)


@operator_only
@never_cache
@require_GET
def member_sheet(request: HttpRequest, system_id: str) -> HttpResponse:
    """What the vendor needs, with the secret; gone when it has been shown."""
    box = request.session.pop(SHEET, None)
    sheet = json.loads(secrets.unlock(box)) if box else None
    if sheet is None or sheet["systemId"] != system_id:
        messages.warning(request, _("Khóa bí mật chỉ hiện một lần. Nếu chưa kịp lưu, hãy đổi khóa."))
        return redirect("axis_member", system_id)
    return render(request, "axis/member_sheet.html", {"sheet": sheet})


def _to_sheet(request: HttpRequest, system_id: str, secret: str) -> HttpResponse:
    """The sheet travels to the next page encrypted, so that no session at rest reveals a secret."""
    sheet = connection.sheet(queries.member(system_id), secret)
    request.session[SHEET] = secrets.lock(json.dumps(sheet))
    return redirect("axis_member_sheet", system_id)


def _fits(member: Member, text: str, state: str) -> bool:
    if state == "stopped" and member.active:
        return False
    key = search_key(member.system_id, member.name)
    return all(word in key for word in search_words(text))


def _shown(member: Member) -> dict[str, Any]:
    lag = queries.clock_lag(member)
    return {
        "member": member,
        "lag": lag,
        "ahead": lag is not None and lag < -CLOCK_OFF,
        "late": lag is not None and lag > CLOCK_OFF,
        "calls": meter.this_minute(member)[0],
        "limits": limits.limits_of(member),
        "old_works": bool(member.old_secret_until and clock.now() < member.old_secret_until),
        "terms": TermsForm(initial={name: getattr(member, name) for name in TermsForm.base_fields}),
        "renew": RenewForm(),
        "agencies": member.agencies.filter(deleted=False).order_by("code")[:200],
        "silent": {agency.id for agency in trials.silent(settings.VANTHU.axis_silent_days)},
        "silent_days": settings.VANTHU.axis_silent_days,
        **member_doors.shown(member),
    }
