"""Doors through which a page signs with a key at a remote service whose owner confirms on the service's own page.

``begin`` prepares and answers ``go``, the service's page for these hashes; the browser comes back to
``signing.views.confirming.back``.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from vanthu.issuing import actions, bulk_queries
from vanthu.issuing.elsewhere_views import BEGIN
from vanthu.issuing.rules import FieldsWrong
from vanthu.records import queries as records
from vanthu.signing import keys
from vanthu.signing.views.confirming import leave
from vanthu.web.middleware import actor as acting


@login_required
@never_cache
@require_POST
def begin(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Prepare a document and say where its signatures are confirmed. Posted: ``verb`` (a key of ``BEGIN``)."""
    verb, actor = request.POST.get("verb", ""), acting(request)
    if verb not in BEGIN:
        raise FieldsWrong(problem=_("Chưa chọn việc cần ký."))
    subject = records.get_open(actor, document_id).subject
    held = keys.person_key(actor) if verb == "sign" else keys.agency_key(actor)
    return leave(
        request,
        held,
        verb,
        document_id,
        lambda: BEGIN[verb](actor, document_id),
        about=subject,
        then=f"/documents/{document_id}/",
    )


@login_required
@never_cache
@require_POST
def begin_batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """The same for a batch; each of its documents is prepared, or refused, alone."""
    actor = acting(request)
    view = bulk_queries.batch_of(actor, batch_id)
    return leave(
        request,
        view.batch.key,
        "batch",
        batch_id,
        lambda: actions.prepare_batch(actor, batch_id),
        about=_("Ký %(n)s văn bản") % {"n": len(view.left)},
        then=reverse("bulk-batch", args=[batch_id]),
    )
