"""Doors of the handling room: one POST per verb. Thin: form in, action, back to the document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from vanthu.base.actors import Actor
from vanthu.errors import VanthuError
from vanthu.handling import actions, answering, destroying, opening, panel
from vanthu.handling.forms import (
    DestroyForm,
    DirectiveForm,
    HolderForm,
    NoteForm,
    OpenForm,
    RefuseChangeForm,
    RegisterForm,
    RejectForm,
    ResultForm,
)
from vanthu.handling.models import IntakeVerdict
from vanthu.handling.queries import registrable
from vanthu.records import queries as records
from vanthu.records.models import Direction
from vanthu.web.middleware import actor as acting
from vanthu.web.words import said


class FormIncomplete(VanthuError):
    """What was entered cannot be used as it stands."""

    code = "FORM_INCOMPLETE"
    message = "Chưa thực hiện được: {problems}"


@login_required
@require_POST
def register(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Vào sổ."""
    actor = acting(request)
    form = RegisterForm(actor, request.POST)
    chosen = form.cleaned_data["submit_to"].pk if form.is_valid() else None
    document = actions.register(actor, document_id, submit_to=chosen)
    said = _("Đã vào sổ, số đến %(number)s, và trình lãnh đạo.") % {"number": document.arrival_number}
    return _back(request, document_id, said)


@login_required
@require_POST
def register_all(request: HttpRequest) -> HttpResponse:
    """Vào sổ tất cả văn bản đã kiểm tra đủ điều kiện: each its own action, one failure stops no other."""
    actor = acting(request)
    registered = 0
    for document in registrable(actor):
        try:
            actions.register(actor, document.pk)
            registered += 1
        except VanthuError as error:
            messages.error(request, f"{document.code}: {said(error)}", extra_tags=error.code)
    messages.success(request, _("Đã vào sổ %(count)s văn bản.") % {"count": registered})
    return redirect("/")


@login_required
@require_POST
def reject(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Từ chối tiếp nhận."""
    said = _cleaned(RejectForm(request.POST))
    actions.reject(acting(request), document_id, said["code"], said["reason"])
    return _back(request, document_id, _("Đã từ chối tiếp nhận và báo bên gửi."))


@login_required
@require_POST
def open_files(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Mở khóa tệp mã hóa."""
    opening.open_files(acting(request), document_id, _cleaned(OpenForm(request.POST))["secret"])
    return _back(request, document_id, _("Đã mở khóa; hệ thống đang kiểm tra chữ ký số bên trong."))


@login_required
@require_POST
def ask_holder(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Nhờ người giữ thiết bị mở khóa."""
    actor = acting(request)
    holder = _cleaned(HolderForm(actor, request.POST))["holder"]
    opening.ask_holder(actor, document_id, holder.pk)
    return _back(request, document_id, _("Đã nhờ %(name)s mở khóa.") % {"name": holder.person.full_name})


@login_required
@require_POST
def direct(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Giao xử lý."""
    actor = acting(request)
    form = DirectiveForm(actor, request.POST)
    _cleaned(form)
    actions.direct(actor, document_id, **form.asked())
    return _back(request, document_id, _("Đã giao xử lý."))


@login_required
@require_POST
def start(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Bắt đầu xử lý."""
    actions.start(acting(request), document_id)
    return _back(request, document_id, _("Đã bắt đầu xử lý."))


@login_required
@require_POST
def agree_change(request: HttpRequest, document_id: UUID, change_id: UUID) -> HttpResponse:
    """Đồng ý thu hồi, lấy lại, cập nhật."""
    answering.agree(acting(request), document_id, change_id)
    return _back(request, document_id, _("Đã đồng ý và báo bên gửi."))


@login_required
@require_POST
def refuse_change(request: HttpRequest, document_id: UUID, change_id: UUID) -> HttpResponse:
    """Từ chối thu hồi, lấy lại, cập nhật."""
    reason = _cleaned(RefuseChangeForm(request.POST))["reason"]
    answering.refuse(acting(request), document_id, change_id, reason)
    return _back(request, document_id, _("Đã từ chối và báo bên gửi lý do."))


@login_required
@require_POST
def noted(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Đã biết."""
    answering.noted(acting(request), document_id)
    return _back(request, document_id, _("Đã ghi nhận."))


@login_required
@require_POST
def decide_destruction(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Quyết định tiêu hủy."""
    destroying.decide_destruction(acting(request), document_id)
    return _back(
        request, document_id, _("Đã quyết định; nội dung được tiêu hủy sau một giờ, biên bản ở trang này.")
    )


def _told(
    form: type[forms.Form], field: str, act: Callable[[Actor, UUID, str], object], done: Promise
) -> Callable[..., HttpResponse]:
    """A door that takes one text, does something with it and says that it is done."""

    @login_required
    @require_POST
    def view(request: HttpRequest, document_id: UUID) -> HttpResponse:
        act(acting(request), document_id, _cleaned(form(request.POST))[field])
        return _back(request, document_id, str(done))

    return view


def _cleaned(form: forms.Form) -> dict[str, Any]:
    """The form's values; raises :class:`FormIncomplete` naming each field that is wrong."""
    if form.is_valid():
        return form.cleaned_data
    problems = [
        f"{form.fields[name].label if name in form.fields else ''}: {', '.join(map(str, errors))}"
        for name, errors in form.errors.items()
    ]
    raise FormIncomplete(problems="; ".join(problems))


def _back(request: HttpRequest, document_id: UUID, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect(f"/documents/{document_id}/")


note = _told(NoteForm, "text", actions.add_note, gettext_lazy("Đã ghi tiến độ."))
finish = _told(ResultForm, "result", actions.finish_part, gettext_lazy("Đã ghi nhận."))
complete = _told(ResultForm, "result", actions.complete, gettext_lazy("Đã hoàn thành xử lý văn bản."))
ask_destruction = _told(
    DestroyForm, "reason", destroying.ask_destruction, gettext_lazy("Đã trình lãnh đạo quyết định tiêu hủy.")
)
drop_destruction = _told(
    DestroyForm,
    "reason",
    destroying.drop_destruction,
    gettext_lazy("Đã trả lời; nội dung vẫn được niêm phong."),
)


@login_required
def checks(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """The check report, asked for again while it is being made; once it is made, the page shows what follows."""
    document = records.get(acting(request), document_id, Direction.INCOMING)
    context = panel.checks_context(document)
    if request.headers.get("HX-Request") and context["intake"].verdict != IntakeVerdict.CHECKING:
        return HttpResponseClientRefresh()
    return render(request, "handling/checks.html", context)
