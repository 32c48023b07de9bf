"""Doors through which a page enrols a key on a token in the clerk's own computer: begin, then finish.

JSON both ways. Decides nothing.
"""

from __future__ import annotations

import base64

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from vanthu.encryption import elsewhere, rules
from vanthu.encryption.views import ENROLLED
from vanthu.signing import agents
from vanthu.signing.agents import ToOpen
from vanthu.web.middleware import actor as acting

TRIAL = "encryption_trial"


@login_required
@never_cache
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """A trial for the token with the posted certificate; the trial waits in the session."""
    actor, certificate = acting(request), _decoded(request.POST.get("certificate", ""))
    envelope, sealed = elsewhere.trial_for(actor, certificate)
    request.session[TRIAL] = [_encoded(certificate), _encoded(envelope)]
    pairing_id, challenge = request.POST.get("pairing", ""), request.POST.get("challenge", "")
    trial = ToOpen(TRIAL, _("Tệp thử để đăng ký khóa mã hóa"), "", sealed)
    return JsonResponse(
        agents.request_for(actor, pairing_id, challenge, "open", certificate=certificate, items=[trial])
    )


@login_required
@require_POST
def finish(request: HttpRequest) -> HttpResponse:
    """What the token made of the trial."""
    certificate, envelope = request.session.pop(TRIAL, ["", ""])
    answer = agents.opened_keys(request.POST.get("keys", "")).get(TRIAL, b"")
    elsewhere.enrol_key(acting(request), _decoded(certificate), _decoded(envelope), answer)
    messages.success(request, ENROLLED)
    return JsonResponse({"to": reverse("encryption:keys")})


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as problem:
        raise rules.CertificateUnreadable from problem


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
