"""The page of a document's evidence: what each check rested on, archived forms, both to take away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from vanthu.audit.ledger import record_access
from vanthu.base.actors import NotYours
from vanthu.records import queries
from vanthu.signing import evidence, evidence_queries
from vanthu.web.middleware import actor as acting


@login_required
@require_GET
def page(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Evidence and archived forms of a document's signed files, for whoever takes part in it."""
    document = queries.get(acting(request), document_id)
    context: dict[str, Any] = {"document": document, "files": evidence_queries.of_document(document)}
    return render(request, "signing/evidence.html", context)


@login_required
@require_GET
def download(request: HttpRequest, document_id: UUID, evidence_id: UUID) -> HttpResponse:
    """One evidence as a ZIP that other programs read; the look is logged."""
    actor = acting(request)
    document = queries.get(actor, document_id)
    found = evidence_queries.one(document, evidence_id)
    if found is None:
        raise NotYours
    record_access(
        actor,
        "signing.download_evidence",
        kind="document",
        object_id=document.pk,
        data={"sha256": found.sha256, "evidence": found.pk},
    )
    about = f"{document.code} {document.subject}".strip()
    answer = HttpResponse(evidence.archive(found, about=about), content_type="application/zip")
    name = f"bang-chung-{found.sha256[:12]}-{found.at:%Y%m%d%H%M%S}.zip"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
