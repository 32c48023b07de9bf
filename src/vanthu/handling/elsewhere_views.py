"""Doors through which a page opens encrypted files with a token in its owner's own computer: begin, then finish.

JSON both ways. Decides nothing.
"""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from vanthu.handling import opening
from vanthu.signing import agents
from vanthu.web.middleware import actor as acting


@login_required
@never_cache
@require_POST
def begin(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """What the person's token is asked for, proved. Posted: ``pairing``, ``challenge``."""
    actor, given = acting(request), request.POST
    pairing = agents.pairing_of(actor, given.get("pairing", ""))
    key, items = opening.begin_elsewhere(actor, document_id)
    certificate, challenge = bytes(key.certificate), given.get("challenge", "")
    return JsonResponse(
        agents.request_for(actor, pairing.pk, challenge, "open", certificate=certificate, items=items)
    )


@login_required
@never_cache
@require_POST
def finish(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Mở khóa tệp mã hóa: what the token answered. Posted: ``keys``, as the agent gave it."""
    answers = {}
    for item, key in agents.opened_keys(request.POST.get("keys", "")).items():
        with suppress(ValueError):
            answers[UUID(item)] = key
    opening.finish_elsewhere(acting(request), document_id, answers)
    messages.success(request, _("Đã mở khóa; hệ thống đang kiểm tra chữ ký số bên trong."))
    return JsonResponse({"to": f"/documents/{document_id}/"})
