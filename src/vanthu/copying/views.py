"""Pages of the copying room: make a copy, look at one, the register of copies. Thin."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vanthu.audit.ledger import record_access
from vanthu.base.actors import Actor, Role
from vanthu.blobs import store
from vanthu.copying import actions, elsewhere, queries
from vanthu.copying.forms import CopyForm, WithdrawForm, require_size
from vanthu.copying.models import BegunCopy, Copy, Way
from vanthu.copying.panel import STANDINGS, row
from vanthu.copying.papers import lookup_url
from vanthu.copying.remote_views import finish as keep_copy
from vanthu.copying.rules import require_possible, spelled
from vanthu.errors import VanthuError
from vanthu.records import queries as records
from vanthu.records.models import Document
from vanthu.signing import asking, keys
from vanthu.signing.key_forms import UnlockForm
from vanthu.signing.models import KeyKind
from vanthu.web.middleware import actor as acting
from vanthu.web.words import said

ASK_NOW = "now"
"""In the address of a page: the key is asked without another press of a button."""
ELECTRONIC = (Way.PAPER_TO_ELECTRONIC, Way.ELECTRONIC_TO_ELECTRONIC)


@login_required
@require_http_methods(["GET", "POST"])
def of_document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Make a copy of a document of the system."""
    actor = acting(request)
    actor.require(Role.CLERK)
    return _new(request, actor, records.get(actor, document_id))


@login_required
@require_http_methods(["GET", "POST"])
def of_paper(request: HttpRequest) -> HttpResponse:
    """Make a copy of a paper that the system does not hold."""
    actor = acting(request)
    actor.require(Role.CLERK)
    return _new(request, actor, None)


def _new(request: HttpRequest, actor: Actor, document: Document | None) -> HttpResponse:
    about: dict[str, Any] = {
        "agency_id": actor.agency_id,
        "from_paper": document is None,
        "wanted": _wanted(actor),
    }
    form = CopyForm(request.POST or None, request.FILES or None, **about)
    error: VanthuError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            made = _made(actor, document, form)
        except VanthuError as refused:
            error = refused
        else:
            if isinstance(made, BegunCopy):
                return redirect(f"{reverse('copy-begun', args=[made.pk])}?{ASK_NOW}")
            messages.success(request, _("Đã lập bản sao."))
            return redirect("copy", copy_id=made.pk)
    status = error.http_status if error else 400 if form.errors else 200
    context = {"form": form, "document": document, "error": error, "limit_mb": settings.VANTHU.max_upload_mb}
    return render(request, "copying/new.html", context, status=status)


def _wanted(actor: Actor) -> keys.Wanted | None:
    held = keys.held(actor, agency=True)
    return keys.wanted(held) if held is not None else None


def _made(actor: Actor, document: Document | None, form: CopyForm) -> Copy | BegunCopy:
    wanted = form.wanted()
    upload = form.cleaned_data.get("file")
    if upload:
        require_size(upload.size)
    pages = upload.file if upload else None
    about = document.pk if document else None
    if wanted.way not in ELECTRONIC:
        return actions.make_paper(actor, about, wanted, pages)
    require_possible(wanted, has_document=document is not None, has_upload=pages is not None)
    assert pages is not None
    if form.wanted_key is not None and form.wanted_key.elsewhere:
        return elsewhere.begin(actor, about, wanted, pages)
    secrets = form.cleaned_data["passphrase"], form.cleaned_data.get("otp", "")
    return actions.make_electronic(actor, about, wanted, pages, *secrets)


@login_required
@never_cache
@require_GET
def begun(request: HttpRequest, begun_id: UUID) -> HttpResponse:
    """A copy that waits for its signature; a device is asked at once when the page is reached from the form."""
    actor = acting(request)
    found = elsewhere.begun_copy(actor, begun_id)
    wanted = keys.wanted(keys.agency_key(actor))
    context = {
        "begun": found,
        "form": UnlockForm(wanted=wanted, owner="agency"),
        "title": elsewhere.title_of(found),
        "ask_now": ASK_NOW in request.GET and wanted.kind is KeyKind.AGENT,
    }
    return render(request, "copying/begun.html", context)


@login_required
@never_cache
@require_POST
def prepare(request: HttpRequest, begun_id: UUID) -> HttpResponse:
    """What the device is to sign. Posted: ``pairing``, ``challenge``."""
    actor = acting(request)
    pairing = asking.paired(request, actor)
    rows = elsewhere.prepare(actor, begun_id)
    title = elsewhere.title_of(elsewhere.begun_copy(actor, begun_id))
    return asking.asked(request, actor, pairing, rows, lambda _row: (title, ""))


@login_required
@require_POST
def finish(request: HttpRequest, begun_id: UUID) -> HttpResponse:
    """What the device answered."""
    return JsonResponse({"to": keep_copy(request, begun_id, asking.signatures(request))})


@login_required
@require_GET
def copies(request: HttpRequest) -> HttpResponse:
    """The register of copies, newest first, for clerks and leaders."""
    actor = acting(request)
    queries.require_reader(actor)
    found = queries.page(actor, before=_key(request.GET.get("before", "")), size=queries.PAGE_SIZE + 1)
    shown = found[: queries.PAGE_SIZE]
    context = {
        "rows": [row(copy) for copy in shown],
        "next_before": shown[-1].pk if len(found) > len(shown) else None,
        "may_make": actor.has(Role.CLERK),
    }
    return render(request, "copying/copies.html", context)


@login_required
@require_GET
def copy(request: HttpRequest, copy_id: UUID) -> HttpResponse:
    """One copy: what it is, how it is looked up, printing and withdrawing."""
    actor = acting(request)
    found = queries.get(actor, copy_id)
    standing = queries.standing_of(found)
    clerk = actor.has(Role.CLERK)
    context = {
        **row(found),
        "standing": STANDINGS[standing],
        "way": said(found.get_way_display()),
        "spelled": spelled(found.lookup),
        "lookup_url": lookup_url(found),
        "sealed": found.document is not None and found.document.sealed_at is not None,
        "may_print": clerk and found.on_paper and standing == "IN_FORCE",
        "may_withdraw": clerk and not found.withdrawn_at,
        "sees_document": found.document_id and records.visible(actor).filter(pk=found.document_id).exists(),
        "withdraw_form": WithdrawForm(),
    }
    return render(request, "copying/copy.html", context)


@login_required
@require_POST
def print_copy(request: HttpRequest, copy_id: UUID) -> HttpResponse:
    """Print a paper copy: recorded, then the file."""
    return redirect("copy-file", copy_id=actions.print_copy(acting(request), copy_id).pk)


@login_required
@require_POST
def withdraw(request: HttpRequest, copy_id: UUID) -> HttpResponse:
    """Take a mistaken copy back."""
    form = WithdrawForm(request.POST)
    made = actions.withdraw(acting(request), copy_id, form.data.get("reason", ""))
    return redirect("copy", copy_id=made.pk)


@login_required
@require_GET
def file(request: HttpRequest, copy_id: UUID) -> HttpResponseBase:
    """The bytes of a copy; the look is logged."""
    actor = acting(request)
    found = queries.get(actor, copy_id)
    if not found.file_sha256 or (found.on_paper and not actor.has(Role.CLERK)):
        raise queries.CopyNotFound
    if found.document and found.document.sealed_at:
        raise records.Recalled
    about = found.document_id
    record_access(
        actor,
        "copying.view",
        kind="document" if about else "copy",
        object_id=about or found.pk,
        data={"copy": str(found.pk), "sha256": found.file_sha256},
    )
    name = f"{found.form} {found.code or found.source_code}.pdf".replace("/", "-")
    answer = FileResponse(store.open_blob(found.file_sha256), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name)}"
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
