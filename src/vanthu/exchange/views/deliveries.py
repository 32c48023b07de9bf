"""Doors of the exchange room: the deliveries of a document, what could not be sent, the quarantine."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vanthu.base.actors import Role
from vanthu.exchange import actions, inbox, panel, queries
from vanthu.exchange.models import InboxState
from vanthu.records import queries as records
from vanthu.web.middleware import actor as acting
from vanthu.web.words import said


@login_required
@require_GET
def deliveries(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """How far the document is at each recipient; the page asks again and again, 204: nothing changed."""
    actor = acting(request)
    document = records.get(actor, document_id)
    context = panel.context_of(actor, document)
    if context["seen"] == request.GET.get("seen"):
        return HttpResponse(status=204)
    return render(request, "exchange/deliveries.html", context)


@login_required
@require_GET
def receipt(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """The axis' signed receipt as a file; ``vanthu evidence verify`` checks it without this site."""
    found = queries.receipt(acting(request), delivery_id)
    name = f"bien-nhan-{found.axis_doc_id or found.pk}.jws"
    return HttpResponse(
        found.receipt,
        content_type="application/jose",
        headers={"Content-Disposition": f'attachment; filename="{iri_to_uri(name)}"'},
    )


@login_required
@require_POST
def resend(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Gửi lại."""
    delivery = actions.resend(acting(request), delivery_id)
    messages.success(request, _("Đã xếp hàng gửi lại."))
    return redirect(f"/documents/{delivery.document_id}/")


@login_required
@require_POST
def resend_status(request: HttpRequest, outbox_id: UUID) -> HttpResponse:
    """Gửi lại trạng thái."""
    actions.resend_status(acting(request), outbox_id)
    messages.success(request, _("Đã xếp hàng gửi lại."))
    return redirect("exchange:quarantine")


@login_required
@require_POST
def posted(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Đã gửi bản giấy."""
    delivery = actions.posted(acting(request), delivery_id, request.POST.get("reason", ""))
    messages.success(request, _("Đã ghi nhận gửi bản giấy."))
    return redirect(f"/documents/{delivery.document_id}/")


@login_required
@require_GET
def quarantine(request: HttpRequest) -> HttpResponse:
    """What could not be placed or sent: the reason, who must act, what can be done."""
    actor = acting(request)
    actor.require(Role.CLERK)
    return render(
        request,
        "exchange/quarantine.html",
        {
            "packets": queries.with_candidates(queries.quarantine(actor)),
            "failed": queries.failed(actor),
            "links": queries.axis_links(),
        },
    )


@login_required
@require_POST
def retry(request: HttpRequest, inbox_id: UUID) -> HttpResponse:
    """Thử lại."""
    row = inbox.retry(acting(request), inbox_id)
    if row.state == InboxState.QUARANTINED:
        messages.warning(request, said(row.error_text))
    else:
        messages.success(request, _("Đã nhận gói tin."))
    return redirect("exchange:quarantine")


@login_required
@require_POST
def resolve(request: HttpRequest, inbox_id: UUID) -> HttpResponse:
    """Gắn trạng thái với văn bản."""
    chosen: UUID | None = None
    with suppress(ValueError):
        chosen = UUID(request.POST.get("delivery", ""))
    row = inbox.resolve(acting(request), inbox_id, chosen)
    assert row.delivery is not None
    messages.success(request, _("Đã gắn trạng thái với văn bản."))
    return redirect(f"/documents/{row.delivery.document_id}/")


@login_required
@require_POST
def discard(request: HttpRequest, inbox_id: UUID) -> HttpResponse:
    """Loại bỏ."""
    actions.discard(acting(request), inbox_id, request.POST.get("reason", ""))
    messages.success(request, _("Đã loại bỏ gói tin; nội dung vẫn được lưu."))
    return redirect("exchange:quarantine")
