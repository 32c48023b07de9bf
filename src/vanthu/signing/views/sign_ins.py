"""Doors through which a person connects with a remote signing service in the browser, and enrols a key there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from vanthu.base.actors import Actor, Role
from vanthu.errors import VanthuError
from vanthu.pades.errors import RemoteUnavailable
from vanthu.signing import enrolling, keys, sign_ins
from vanthu.signing.models import RemoteService
from vanthu.signing.sign_ins import SignInUnknown
from vanthu.web.middleware import actor as acting
from vanthu.web.words import said
from vanthu_agent.device import owner_of

MOST_SHOWN = 20
MY_KEYS = "/my-keys/"


@login_required
@require_POST
def connect(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """Kết nối: the browser goes to the service's page (htmx), for no form may leave this site."""
    service = sign_ins.people_service_of(acting(request), service_id)
    answer = HttpResponse(status=204)
    page = f"{MY_KEYS}remote/{service.pk}/"
    answer.headers["HX-Redirect"] = sign_ins.begin_connecting(request.session, service, then=page)
    return answer


@login_required
@never_cache
@require_GET
def back(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """The browser comes back from the service's page."""
    actor, then = acting(request), sign_ins.then_of(request.session, MY_KEYS)
    try:
        service = sign_ins.people_service_of(actor, service_id)
        attempt = sign_ins.take(request.session, service_id, request.GET.get("state", ""))
        if attempt.do != "connect":
            raise SignInUnknown
        sign_ins.connect(actor, service, sign_ins.token_for(service, attempt, request.GET.dict()))
    except VanthuError as refusal:
        messages.error(request, said(refusal), extra_tags=refusal.code)
        return redirect(then)
    messages.success(request, _("Đã kết nối với dịch vụ ký số từ xa %(name)s.") % {"name": service.name})
    return redirect(attempt.then)


@login_required
@require_POST
def disconnect(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """Ngắt kết nối: here at once, and at the service if it answers."""
    actor = acting(request)
    service = sign_ins.people_service_of(actor, service_id)
    try:
        sign_ins.disconnect(actor, service)
    except VanthuError as refusal:
        text = _("Đã xóa kết nối ở đây, nhưng dịch vụ chưa xác nhận: %(why)s") % {"why": said(refusal)}
        messages.warning(request, text, extra_tags=refusal.code)
    else:
        messages.success(
            request, _("Đã ngắt kết nối với dịch vụ ký số từ xa %(name)s.") % {"name": service.name}
        )
    return redirect(MY_KEYS)


@login_required
@never_cache
def keys_there(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """The person's keys at the service; one of them is enrolled."""
    actor = acting(request)
    service = sign_ins.people_service_of(actor, service_id)
    if request.method == "POST":
        for_agency = request.POST.get("owner") == "agency"
        key = enrolling.enrol_own_remote(
            actor, service.pk, request.POST.get("credential", "")[:500], for_agency=for_agency
        )
        messages.success(request, _("Đã đăng ký chứng thư số %(subject)s.") % {"subject": keys.owner_of(key)})
        return redirect(MY_KEYS)
    context: dict[str, Any] = {"service": service, "clerk": actor.has(Role.CLERK)}
    try:
        context["found"] = _found(actor, service)
    except VanthuError as trouble:
        context["trouble"] = trouble
    return render(request, "signing/remote_keys.html", context)


def _found(actor: Actor, service: RemoteService) -> list[dict[str, Any]]:
    """What the service says of the person's keys; one that it cannot describe is left out."""
    line = sign_ins.service_for(service, actor.person_id)
    found = []
    for credential_id in line.credentials()[:MOST_SHOWN]:
        try:
            said_of = line.credential(credential_id)
        except RemoteUnavailable:
            raise
        except VanthuError:
            continue
        found.append(
            {
                "id": credential_id,
                "owner": owner_of(said_of.certificate),
                "until": said_of.certificate.not_valid_after,
            }
        )
    return found
