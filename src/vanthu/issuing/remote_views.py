"""Doors through which a page signs with a key at a remote service whose owner confirms on the service's own page.

``begin`` prepares and answers ``go``, the service's page for these hashes; the browser comes back to ``back``, which
signs what was confirmed. JSON at first, a page of this site at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from vanthu.errors import VanthuError
from vanthu.issuing import actions, bulk_queries
from vanthu.issuing.elsewhere_views import BEGIN, FINISH
from vanthu.issuing.rules import FieldsWrong
from vanthu.pades.errors import RemoteSignInNeeded
from vanthu.records import queries as records
from vanthu.signing import keys, remote_signing, sign_ins
from vanthu.signing.models import AwaitedSignature, SigningKey
from vanthu.signing.sign_ins import Attempt, SignInUnknown
from vanthu.web.middleware import actor as acting
from vanthu.web.words import said

Prepare = Callable[[], list[AwaitedSignature]]


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
    return _go(request, held, verb, document_id, lambda: BEGIN[verb](actor, document_id), subject)


@login_required
@never_cache
@require_POST
def begin_batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """The same for a batch; each of its documents is prepared, or refused, alone."""
    actor = acting(request)
    view = bulk_queries.batch_of(actor, batch_id)
    about = _("Ký %(n)s văn bản") % {"n": len(view.left)}
    return _go(
        request, view.batch.key, "batch", batch_id, lambda: actions.prepare_batch(actor, batch_id), about
    )


@login_required
@never_cache
@require_GET
def back(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """The browser comes back from the service's page: sign what was confirmed there."""
    actor, then = acting(request), sign_ins.then_of(request.session, "/")
    try:
        service = sign_ins.service_of(actor, service_id)
        attempt = sign_ins.take(request.session, service_id, request.GET.get("state", ""))
        if attempt.do not in FINISH:
            raise SignInUnknown
        token = sign_ins.token_for(service, attempt, request.GET.dict())
        signatures = remote_signing.signatures(actor, attempt.rows, token.access)
        FINISH[attempt.do](request, UUID(attempt.about), signatures)
    except VanthuError as refusal:
        messages.error(request, said(refusal), extra_tags=refusal.code)
    return redirect(then)


def _go(
    request: HttpRequest, held: SigningKey, do: str, about_id: UUID, prepare: Prepare, about: str
) -> JsonResponse:
    """The service is asked first, so that nothing begins, and no number is taken, when it is silent."""
    service, then = remote_signing.service_of(held), _page(do, about_id)
    try:
        _line, credential = remote_signing.ready(acting(request), held)
    except RemoteSignInNeeded:
        if not service.people:
            raise
        return JsonResponse({"go": sign_ins.begin_connecting(request.session, service, then=then)})
    rows = prepare()
    if not rows:
        return JsonResponse({"to": FINISH[do](request, about_id, {})})
    begun = remote_signing.begin(held, credential, rows, about)
    waiting = tuple(row.pk for row in rows)
    attempt = Attempt(service.pk, do, str(about_id), waiting, then, begun.verifier)
    return JsonResponse({"go": sign_ins.remember(request.session, begun, attempt)})


def _page(do: str, about_id: UUID) -> str:
    return reverse("bulk-batch", args=[about_id]) if do == "batch" else f"/documents/{about_id}/"
