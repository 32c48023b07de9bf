"""Doors to the inventory of certificates and to the requests to the certification authority."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vanthu.base import clock
from vanthu.signing import certificate_queries, certificates
from vanthu.signing.certificate_models import RequestKind
from vanthu.signing.certificate_rules import RequestUnknown
from vanthu.signing.devices import keeps_books
from vanthu.signing.spans import timeline_of
from vanthu.web.middleware import actor as acting


@login_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The inventory: how long each certificate lasts, what is known of it, who lacks one, what was asked."""
    actor = acting(request)
    lines = certificate_queries.inventory(actor)
    sees_all = certificate_queries.sees_all(actor)
    context = {
        "lines": [line for line in lines if line.key.active],
        "ended": [line for line in lines if not line.key.active],
        "plot": timeline_of([line for line in lines if line.key.active], clock.now()),
        "lacking": certificate_queries.without_certificate(actor.agency_id) if sees_all else [],
        "requests": certificate_queries.requests(actor)[:50],
        "books": keeps_books(actor),
        "tab": "certificates",
    }
    return render(request, "signing/certificates.html", context)


@login_required
@require_POST
def ask(request: HttpRequest, kind: str) -> HttpResponse:
    """Lập đề nghị gửi nơi cấp chứng thư."""
    if kind not in RequestKind.values:
        raise RequestUnknown
    row = certificates.ask_authority(
        acting(request),
        RequestKind(kind),
        request.POST.get("reason", "").replace("\0", ""),
        key_id=_key(request, "key"),
        post_id=_key(request, "post"),
    )
    messages.success(request, _("Đã lập đề nghị; hãy in, trình ký và gửi nơi cấp chứng thư."))
    return redirect("signing-request", request_id=row.pk)


@login_required
@require_GET
def request_page(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """The request to be printed, and what became of it."""
    actor = acting(request)
    row = certificate_queries.requests(actor).filter(pk=request_id).first()
    if row is None:
        raise RequestUnknown
    owner = row.post.person.full_name if row.post else actor.agency_name
    context = {"row": row, "owner": owner, "books": keeps_books(actor), "agency": actor.agency_name}
    return render(request, "signing/request.html", context)


@login_required
@require_POST
def told(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Đã báo nơi cấp."""
    certificates.note_told(acting(request), request_id, request.POST.get("reason", "").replace("\0", ""))
    messages.success(request, _("Đã ghi thời điểm báo nơi cấp chứng thư."))
    return redirect("signing-request", request_id=request_id)


@login_required
@require_POST
def answered(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Nơi cấp đã trả lời."""
    certificates.note_answer(acting(request), request_id, request.POST.get("reason", "").replace("\0", ""))
    messages.success(request, _("Đã ghi trả lời của nơi cấp chứng thư."))
    return redirect("signing-request", request_id=request_id)


@login_required
@require_POST
def seen(request: HttpRequest, warning_id: UUID) -> HttpResponse:
    """Đã biết."""
    certificates.warning_seen(acting(request), warning_id)
    return redirect("home")


def _key(request: HttpRequest, name: str) -> UUID | None:
    try:
        return UUID(request.POST[name])
    except (KeyError, ValueError):
        return None
