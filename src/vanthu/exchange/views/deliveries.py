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
from vanthu.exchange import actions, inbox, matching, panel, queries, receipts, rules
from vanthu.exchange.models import InboxPacket, InboxState
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
@require_GET
def check_receipt(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Kiểm tra biên nhận: the verdict, as a part of the page."""
    found = queries.receipt(acting(request), delivery_id)
    context = {"delivery": found, "checked": receipts.check(found)}
    return render(request, "exchange/receipt_check.html", context)


@login_required
@require_GET
def proof(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """The axis' proof file; ``vanthu evidence verify`` checks it without this site, without the axis."""
    found = queries.receipt(acting(request), delivery_id)
    name = f"bang-chung-{found.axis_doc_id or found.pk}.json"
    return HttpResponse(
        receipts.proof_file(found),
        content_type="application/json",
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
            "packets": queries.quarantine(actor),
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
@require_GET
def matches(request: HttpRequest, inbox_id: UUID) -> HttpResponse:
    """What an orphan may be about, for the words and dates typed."""
    return _matches(request, matching.orphan(acting(request), inbox_id))


@login_required
@require_GET
def replaced(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """What a document may replace that named none this agency knows."""
    return _matches(request, matching.replacement(acting(request), change_id).inbox)


def _matches(request: HttpRequest, row: InboxPacket) -> HttpResponse:
    text = request.GET.get("q", "").replace("\0", "")[:200].strip()
    found = matching.candidates(row, text)
    return render(request, "exchange/matches.html", {"candidates": found, "text": text})


@login_required
@require_POST
def resolve(request: HttpRequest, inbox_id: UUID) -> HttpResponse:
    """Gắn với văn bản."""
    actor = acting(request)
    row = matching.orphan(actor, inbox_id)
    chosen = _key(request.POST.get("about", ""))
    if row.error_code == rules.Orphan.code:
        told = inbox.resolve(actor, inbox_id, chosen)
        assert told.delivery is not None
        messages.success(request, _("Đã gắn trạng thái với văn bản."))
        return redirect(f"/documents/{told.delivery.document_id}/")
    if chosen is None:
        raise rules.NotItsDocument
    matched = matching.match_request(actor, inbox_id, chosen)
    messages.success(
        request, _("Đã gắn yêu cầu với văn bản; yêu cầu được xử lý như mọi yêu cầu của bên gửi.")
    )
    return redirect(f"/documents/{matched.document_id}/")


@login_required
@require_POST
def match_replaced(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Gắn văn bản được thay thế."""
    chosen = _key(request.POST.get("about", ""))
    if chosen is None:
        raise rules.NotItsDocument
    found = matching.match_replacement(acting(request), change_id, chosen)
    messages.success(request, _("Đã gắn văn bản được thay thế."))
    return redirect(f"/documents/{found.inbox.document_id}/")


def _key(text: str) -> UUID | None:
    with suppress(ValueError):
        return UUID(text)
    return None


@login_required
@require_POST
def discard(request: HttpRequest, inbox_id: UUID) -> HttpResponse:
    """Loại bỏ."""
    actions.discard(acting(request), inbox_id, request.POST.get("reason", ""))
    messages.success(request, _("Đã loại bỏ gói tin; nội dung vẫn được lưu."))
    return redirect("exchange:quarantine")
