"""Pages of packets held for a mark of state secrecy: the cases of an agency, one case, its steps by two people."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vanthu.exchange import inbox, secrecy
from vanthu.exchange.models import SecretState
from vanthu.web.middleware import actor as acting

ASKED = (SecretState.PURGE_ASKED, SecretState.CLEAR_ASKED)


@login_required
@require_GET
def case_list(request: HttpRequest) -> HttpResponse:
    """Every case of the agency."""
    return render(request, "exchange/secrets.html", {"cases": secrecy.cases(acting(request))})


@login_required
@require_GET
def case_page(request: HttpRequest, inbox_id: UUID) -> HttpResponse:
    """One case: the envelope, the marks, what the law asks for, who asked what."""
    actor = acting(request)
    case = secrecy.case_of(actor, inbox_id)
    asked = case.state in ASKED
    mine = asked and case.asked_person == actor.person_id
    return render(request, "exchange/secret.html", {"case": case, "asked": asked, "mine": mine})


@login_required
@require_POST
def step(request: HttpRequest, inbox_id: UUID, name: str) -> HttpResponse:
    """One step of the case: report, purge, clear, withdraw, confirm."""
    actor, text = acting(request), request.POST.get("text", "")
    if name == "report":
        secrecy.report(actor, inbox_id, text)
        messages.success(request, _("Đã ghi nhận báo cáo."))
    elif name == "purge":
        secrecy.ask(actor, inbox_id, SecretState.PURGE_ASKED, text)
        messages.success(request, _("Đã đề nghị tiêu hủy; cần người thứ hai xác nhận."))
    elif name == "clear":
        secrecy.ask(actor, inbox_id, SecretState.CLEAR_ASKED, text)
        messages.success(request, _("Đã đề nghị cho nhận; cần người thứ hai xác nhận."))
    elif name == "withdraw":
        secrecy.withdraw(actor, inbox_id)
        messages.success(request, _("Đã rút đề nghị."))
    elif name == "confirm":
        case = inbox.confirm_secret(actor, inbox_id)
        messages.success(request, str(case.get_state_display()))
    else:
        raise Http404
    return redirect("exchange:secret", inbox_id)
