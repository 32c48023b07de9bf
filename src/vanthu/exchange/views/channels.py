"""Doors to what clerks enter about channels."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.exchange import decisions, readiness
from vanthu.exchange.forms import NotReadyForm, PaperListForm
from vanthu.exchange.models import Cause, PaperList
from vanthu.formalities import DOCUMENT_TYPES
from vanthu.web.middleware import actor as acting

UNFIT = 422


@dataclass(frozen=True)
class ListLine:
    """One line of the list as the page shows it."""

    line: PaperList
    type_name: str
    may_end: bool


@login_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Who is not ready, and which documents paper accompanies; ``?code=`` begins a note about an agency."""
    actor = acting(request)
    actor.require(Role.CLERK)
    return _page(request, actor, NotReadyForm(initial={"organ_id": request.GET.get("code", "")[:35]}))


@login_required
@require_POST
def not_ready(request: HttpRequest) -> HttpResponse:
    """Ghi nhận nơi chưa sẵn sàng."""
    actor = acting(request)
    actor.require(Role.CLERK)
    form = NotReadyForm(request.POST)
    if not form.is_valid():
        return _page(request, actor, form, status=UNFIT)
    given = form.cleaned_data
    readiness.note_not_ready(
        actor,
        recipient=given["organ_id"],
        cause=Cause(given["cause"]),
        since=given["since"],
        reason=given["reason"],
        evidence=given["evidence"],
    )
    messages.success(request, _("Đã ghi nhận; văn bản gửi nơi này sẽ là bản giấy."))
    return redirect("exchange:readiness")


@login_required
@require_POST
def ready_again(request: HttpRequest, exception_id: UUID) -> HttpResponse:
    """Đã sẵn sàng."""
    readiness.end_not_ready(acting(request), exception_id)
    messages.success(request, _("Đã ghi nhận sẵn sàng; văn bản lại được gửi điện tử."))
    return redirect("exchange:readiness")


@login_required
@require_POST
def paper_list(request: HttpRequest) -> HttpResponse:
    """Thêm vào danh mục."""
    actor = acting(request)
    actor.require(Role.CLERK)
    form = PaperListForm(request.POST)
    if not form.is_valid():
        return _page(request, actor, NotReadyForm(), form, status=UNFIT)
    given = form.cleaned_data
    readiness.add_to_paper_list(
        actor,
        decision=given["decision"],
        type_code=given["type_code"],
        recipient=given["organ_id"],
        since=given["since"],
        until=given["until"],
    )
    messages.success(request, _("Đã thêm vào danh mục."))
    return redirect("exchange:readiness")


@login_required
@require_POST
def paper_unlist(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Thôi áp dụng."""
    readiness.end_paper_list(acting(request), line_id)
    messages.success(request, _("Mục này thôi áp dụng từ hôm nay."))
    return redirect("exchange:readiness")


def _page(
    request: HttpRequest,
    actor: Actor,
    not_ready_form: NotReadyForm,
    paper_form: PaperListForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "exceptions": decisions.open_exceptions(actor.agency_id),
        "lists": [_line(row) for row in decisions.paper_lists(actor.agency_id)],
        "not_ready": not_ready_form,
        "paper": paper_form or PaperListForm(),
    }
    return render(request, "exchange/readiness.html", context, status=status)


def _line(row: PaperList) -> ListLine:
    kind = DOCUMENT_TYPES.get(row.type_code)
    return ListLine(row, kind.label if kind else "", row.until is None or row.until > clock.today())
