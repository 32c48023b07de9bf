"""The door through which an electronic copy is signed by the agency's key at a service that wants the key's owner.

What was begun waits as for a device (``elsewhere``); the browser comes back to ``signing.views.confirming.back``.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from vanthu.copying import elsewhere
from vanthu.signing import keys
from vanthu.signing.views.confirming import leave
from vanthu.web.middleware import actor as acting

DO = "copy"


@login_required
@never_cache
@require_POST
def begin(request: HttpRequest, begun_id: UUID) -> HttpResponse:
    """Prepare a copy that was begun and say where its signature is confirmed."""
    actor = acting(request)
    begun = elsewhere.begun_copy(actor, begun_id)
    return leave(
        request,
        keys.agency_key(actor),
        DO,
        begun_id,
        lambda: elsewhere.prepare(actor, begun_id),
        about=elsewhere.title_of(begun),
        then=reverse("copy-begun", args=[begun_id]),
    )


def finish(request: HttpRequest, begun_id: UUID, signatures: Mapping[UUID, bytes]) -> str:
    """Keep the copy with the signature that came, from a device or a service; answers the copy's page."""
    made = elsewhere.finish(acting(request), begun_id, signatures)
    messages.success(request, _("Đã lập bản sao."))
    return reverse("copy", args=[made.pk])
