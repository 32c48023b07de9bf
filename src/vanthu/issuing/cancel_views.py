"""Doors over a document that was numbered and is given up."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vanthu.issuing import actions
from vanthu.issuing.forms import CancelForm, valid
from vanthu.issuing.rules import CancelWithoutReason
from vanthu.web.middleware import actor as acting


@login_required
@require_POST
def cancel(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Hủy văn bản và số."""
    if not request.POST.get("reason", "").strip():
        raise CancelWithoutReason
    reason = valid(CancelForm(request.POST)).cleaned_data["reason"]
    document = actions.cancel_numbered(acting(request), document_id, reason)
    text = _("Đã hủy văn bản; số %(code)s giữ trong sổ, gạch bỏ kèm lý do.") % {"code": document.code}
    messages.success(request, text)
    return redirect("document", document_id)


@login_required
@require_POST
def noted(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Đã biết."""
    actions.note_cancelled(acting(request), document_id)
    messages.success(request, _("Đã ghi nhận bạn biết văn bản bị hủy."))
    return redirect("/")
