"""The pages on which a leader signs many documents with one unlocking: the folder, and how a batch gets on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from vanthu.issuing import actions, bulk_queries
from vanthu.issuing.rules import FieldsWrong
from vanthu.signing import keys
from vanthu.signing.key_forms import SecretsForm, UnlockForm
from vanthu.web.middleware import actor as acting

ASK_NOW = "now"
"""In the address of a batch's page: the key is asked without another press of a button."""
STOP_POLLING = 286
"""htmx ends a poll on this status, after showing what came with it."""


@login_required
@never_cache
@require_GET
def folder(request: HttpRequest) -> HttpResponse:
    """Everything that waits for the actor's signature; ``?of=`` chooses what a batch left unsigned."""
    actor = acting(request)
    begun = bulk_queries.unfinished(actor)
    if begun is not None:
        return redirect("bulk-batch", batch_id=begun.pk)
    wanted = _key(request.GET.get("of", ""))
    chosen = {item.document_id for item in bulk_queries.batch_of(actor, wanted).left} if wanted else None
    rows = [
        {"item": item, "chosen": chosen is None or item.document_id in chosen}
        for item in bulk_queries.waiting(actor)
    ]
    held = keys.held(actor, agency=False)
    form = UnlockForm(wanted=keys.wanted(held) if held else None, auto_id="bulk_%s")
    context = {"rows": rows, "form": form}
    return render(request, "issuing/bulk/folder.html", context)


@sensitive_post_parameters("passphrase", "otp")
@login_required
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Ký các văn bản đã chọn: opens the key once; the signing goes on behind the answer. A key elsewhere is asked
    by the batch's own page, which begins by itself when it is reached from here."""
    actor = acting(request)
    chosen = [key for key in map(_key, request.POST.getlist("documents")) if key]
    held = keys.held(actor, agency=False)
    if held is not None and keys.wanted(held).elsewhere:
        batch = actions.begin_asking(actor, chosen)
        return redirect(f"{reverse('bulk-batch', args=[batch.pk])}?{ASK_NOW}")
    form = SecretsForm(request.POST)
    if not form.is_valid():
        raise FieldsWrong(problem=_("Mật khẩu hoặc mã OTP quá dài."))
    given = form.cleaned_data
    batch = actions.begin_batch(actor, chosen, given["passphrase"], given["otp"], start=actions.in_thread)
    return redirect("bulk-batch", batch_id=batch.pk)


@login_required
@never_cache
@require_GET
def batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """How a batch gets on; the page may be closed and opened again."""
    view = bulk_queries.batch_of(acting(request), batch_id)
    context: dict[str, Any] = {"view": view, "ask_now": ASK_NOW in request.GET}
    if view.asking:
        context["form"] = UnlockForm(wanted=keys.wanted(view.batch.key))
    return render(request, "issuing/bulk/batch.html", context)


@login_required
@never_cache
@require_GET
def progress(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """The moving part of that page (htmx)."""
    view = bulk_queries.batch_of(acting(request), batch_id)
    response = render(request, "issuing/bulk/progress.html", {"view": view})
    if not view.running:
        response.status_code = STOP_POLLING
    return response


@login_required
@require_POST
def abandon(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Dừng."""
    actor = acting(request)
    bulk_queries.batch_of(actor, batch_id)
    actions.abandon_batch(actor, batch_id)
    messages.success(request, _("Đã dừng; các văn bản chưa ký vẫn chờ bạn."))
    return redirect("bulk-batch", batch_id=batch_id)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
