"""Doors to the papers of custody and authority: kept minutes, minutes as signed, decisions behind authorities."""

from __future__ import annotations

from typing import BinaryIO, cast
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vanthu.audit.ledger import record_access
from vanthu.base.actors import Actor
from vanthu.blobs import store
from vanthu.records import queries as records
from vanthu.records.models import Document
from vanthu.signing import authority_queries, device_queries, papers
from vanthu.signing.authorities import RECORDING
from vanthu.signing.device_rules import HandoverUnknown
from vanthu.signing.paper_models import CustodyPaper
from vanthu.web.middleware import actor as acting

MOST_FOUND = 10


@login_required
@require_GET
def minutes(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """The minutes of a hand-over: what was kept, what both sides signed; before that a page to print."""
    actor = acting(request)
    row = device_queries.handover(actor, handover_id)
    context = {
        "row": row,
        "device": row.device,
        "papers": papers.of_handover(row),
        "may_bring": row.done_at is not None and papers.may_bring(actor, row),
    }
    return render(request, "signing/minutes.html", context)


@login_required
@require_GET
def minutes_file(request: HttpRequest, handover_id: UUID) -> HttpResponseBase:
    """The kept minutes; the look is logged."""
    actor = acting(request)
    row = device_queries.handover(actor, handover_id)
    if not row.minutes_sha256:
        raise HandoverUnknown
    data = {"minutes": row.code, "sha256": row.minutes_sha256}
    record_access(actor, "signing.view_minutes", kind="key_device", object_id=row.device_id, data=data)
    return _file(row.minutes_sha256, f"{row.code}.pdf")


@login_required
@require_POST
def bring_minutes(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Lưu bản đã ký."""
    actor, given = acting(request), request.FILES.get("file")
    papers.require_party(actor, handover_id)
    if given is None:
        raise papers.PaperMissing
    papers.bring_signed_minutes(actor, handover_id, given.name or "", cast(BinaryIO, given.file))
    messages.success(request, _("Đã lưu biên bản đã ký vào hồ sơ."))
    return redirect("signing-minutes", handover_id=handover_id)


@login_required
@require_GET
def decision(request: HttpRequest, authority_id: UUID) -> HttpResponse:
    """The writing behind an authority: what is kept of it, and adding to it. ``q`` looks for a document."""
    actor = acting(request)
    row = authority_queries.authority_of(actor, authority_id)
    text = request.GET.get("q", "").replace("\0", "").strip()[:200]
    may_bring = any(map(actor.has, RECORDING))
    kept = list(papers.of_authority(row))
    context = {
        "row": row,
        "papers": _shown(actor, kept),
        "text": text,
        "found": records.search(actor, text, MOST_FOUND) if may_bring and text else [],
        "chosen": {one.document_id for one in kept},
        "may_bring": may_bring,
        "tab": "authorities",
    }
    return render(request, "signing/decision.html", context)


@login_required
@require_POST
def bring_decision(request: HttpRequest, authority_id: UUID) -> HttpResponse:
    """Gắn văn bản giao ký: a document that was found, or a file."""
    actor, given = acting(request), request.FILES.get("file")
    papers.recordable(actor, authority_id)
    if given is not None:
        papers.bring_decision(actor, authority_id, given.name or "", cast(BinaryIO, given.file))
    else:
        papers.name_decision(actor, authority_id, _chosen(request))
    messages.success(request, _("Đã gắn văn bản giao ký."))
    return redirect("signing-decision", authority_id=authority_id)


@login_required
@require_GET
def paper_file(request: HttpRequest, paper_id: UUID) -> HttpResponseBase:
    """The bytes of a paper; the look is logged."""
    actor = acting(request)
    found = papers.paper(actor, paper_id)
    kind, about = ("authority", found.authority_id) if found.handover is None else _device(found)
    assert about is not None
    data = {"paper": found.name, "sha256": found.sha256}
    record_access(actor, "signing.view_paper", kind=kind, object_id=about, data=data)
    return _file(found.sha256, found.name)


def _device(found: CustodyPaper) -> tuple[str, UUID]:
    assert found.handover is not None
    return "key_device", found.handover.device_id


def _shown(actor: Actor, kept: list[CustodyPaper]) -> list[tuple[CustodyPaper, Document | None, bool]]:
    """Each paper, the document where the actor sees it, and whether there is a file for the actor."""
    wanted = [one.document_id for one in kept if one.document_id]
    visible = records.visible(actor).in_bulk(wanted) if wanted else {}
    return [
        (one, visible.get(one.document_id) if one.document_id else None, bool(one.sha256)) for one in kept
    ]


def _chosen(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("document", ""))
    except ValueError:
        raise papers.PaperMissing from None


def _file(sha256: str, name: str) -> FileResponse:
    answer = FileResponse(store.open_blob(sha256), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name.replace('/', '-'))}"
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
