"""How a browser leaves for a remote service that wants the key's owner, and what is done when it comes back.

One address of the site is registered at each service for this, so rooms say here what they do with signatures
(``finishes``). Refuses an answer to anything that no room taught.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from vanthu.errors import VanthuError
from vanthu.pades.errors import RemoteSignInNeeded
from vanthu.signing import remote_signing, sign_ins
from vanthu.signing.models import AwaitedSignature, SigningKey
from vanthu.signing.sign_ins import Attempt, SignInUnknown
from vanthu.web.middleware import actor as acting
from vanthu.web.words import said

Finish = Callable[[HttpRequest, UUID, Mapping[UUID, bytes]], str]
"""Keeps signatures for what they are about, wherever they were made; answers the page to go to."""
_FINISH: dict[str, Finish] = {}


def finishes(do: str, finish: Finish) -> None:
    """Called by a room when it starts: what becomes of signatures of its kind ``do``."""
    _FINISH[do] = finish


def leave(
    request: HttpRequest,
    held: SigningKey,
    do: str,
    about_id: UUID,
    prepare: Callable[[], Sequence[AwaitedSignature]],
    *,
    about: str,
    then: str,
) -> JsonResponse:
    """Prepare files for ``held`` and answer ``go``, the service's page for their hashes, or ``to`` when nothing is to
    be signed. ``about``: what the service shows; ``then``: the page to be back at when nothing was signed.

    The service is asked first, so that nothing begins, and no number is taken, when it is silent.
    """
    service = remote_signing.service_of(held)
    try:
        _line, credential = remote_signing.ready(acting(request), held)
    except RemoteSignInNeeded:
        if not service.people:
            raise
        return JsonResponse({"go": sign_ins.begin_connecting(request.session, service, then=then)})
    rows = prepare()
    if not rows:
        return JsonResponse({"to": _FINISH[do](request, about_id, {})})
    begun = remote_signing.begin(held, credential, rows, about)
    waiting = tuple(row.pk for row in rows)
    attempt = Attempt(service.pk, do, str(about_id), waiting, then, begun.verifier)
    return JsonResponse({"go": sign_ins.remember(request.session, begun, attempt)})


@login_required
@never_cache
@require_GET
def back(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """The browser comes back from the service's page: sign what was confirmed there."""
    actor, then = acting(request), sign_ins.then_of(request.session, "/")
    try:
        service = sign_ins.service_of(actor, service_id)
        attempt = sign_ins.take(request.session, service_id, request.GET.get("state", ""))
        if attempt.do not in _FINISH:
            raise SignInUnknown
        token = sign_ins.token_for(service, attempt, request.GET.dict())
        signatures = remote_signing.signatures(actor, attempt.rows, token.access)
        then = _FINISH[attempt.do](request, UUID(attempt.about), signatures)
    except VanthuError as refusal:
        messages.error(request, said(refusal), extra_tags=refusal.code)
    return redirect(then)
