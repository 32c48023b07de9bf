"""Doors over a document that is out: one thin POST per verb."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vanthu.exchange.models import Change, ChangeState
from vanthu.issuing import actions
from vanthu.issuing.forms import valid
from vanthu.issuing.recall_forms import DropForm, RecallForm, TakeBackForm, UpdateForm
from vanthu.web.middleware import actor as acting


@login_required
@require_POST
def take_back(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Lấy lại."""
    form = valid(TakeBackForm(request.POST))
    reason = form.cleaned_data["reason"]
    actions.take_back(acting(request), document_id, form.keys(), reason)
    return _back(request, document_id, _("Đã gửi yêu cầu lấy lại; trả lời của nơi nhận hiện ở trang này."))


@login_required
@require_POST
def recall(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Thu hồi, or Đề nghị thu hồi."""
    given = valid(RecallForm(request.POST)).cleaned_data
    change = actions.recall(acting(request), document_id, given["reason"], given["decision"])
    return _back(request, document_id, _begun(change))


@login_required
@require_POST
def update_issued(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Cập nhật, or Đề nghị cập nhật."""
    form = valid(UpdateForm(request.POST))
    change = actions.update_issued(
        acting(request), document_id, form.data_entered(), form.cleaned_data["reason"]
    )
    return _back(request, document_id, _begun(change))


@login_required
@require_POST
def decide(request: HttpRequest, document_id: UUID, change_id: UUID) -> HttpResponse:
    """Quyết định."""
    actions.decide_change(acting(request), document_id, change_id)
    return _back(request, document_id, _("Đã quyết định; yêu cầu được gửi tới các nơi nhận."))


@login_required
@require_POST
def drop(request: HttpRequest, document_id: UUID, change_id: UUID) -> HttpResponse:
    """Không đồng ý."""
    reason = valid(DropForm(request.POST)).cleaned_data["reason"]
    actions.drop_change(acting(request), document_id, change_id, reason)
    return _back(request, document_id, _("Đã trả lời người đề nghị."))


@login_required
@require_POST
def returned(request: HttpRequest, document_id: UUID, target_id: UUID) -> HttpResponse:
    """Đã nhận lại bản giấy."""
    actions.paper_returned(acting(request), document_id, target_id)
    return _back(request, document_id, _("Đã ghi nhận bản giấy trả lại."))


def _begun(change: Change) -> str:
    if change.state == ChangeState.PROPOSED:
        return _("Đã trình lãnh đạo quyết định.")
    return _("Đã quyết định; yêu cầu được gửi tới các nơi nhận.")


def _back(request: HttpRequest, document_id: UUID, text: Any) -> HttpResponse:
    messages.success(request, text)
    return redirect(f"/documents/{document_id}/")
