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
from vanthu.records.models import Document
from vanthu.signing import chaining, evidence, evidence_queries
from vanthu.signing.evidence_models import SignatureEvidence
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
    document, found = _looked_at(request, document_id, evidence_id, "signing.download_evidence")
    about = f"{document.code} {document.subject}".strip()
    name = f"bang-chung-{found.sha256[:12]}-{found.at:%Y%m%d%H%M%S}.zip"
    return _file(evidence.archive(found, about=about, more=chaining.files_of(found)), "application/zip", name)


@login_required
@require_GET
def standard_report(request: HttpRequest, document_id: UUID, evidence_id: UUID) -> HttpResponse:
    """The report of one check as XML (ETSI TS 119 102-2); the look is logged."""
    _, found = _looked_at(request, document_id, evidence_id, "signing.download_report")
    name = f"bao-cao-{found.sha256[:12]}-{found.at:%Y%m%d%H%M%S}.xml"
    return _file(evidence.standard(found), "application/xml", name)


def _looked_at(
    request: HttpRequest, document_id: UUID, evidence_id: UUID, verb: str
) -> tuple[Document, SignatureEvidence]:
    actor = acting(request)
    document = queries.get(actor, document_id)
    found = evidence_queries.one(document, evidence_id)
    if found is None:
        raise NotYours
    data = {"sha256": found.sha256, "evidence": found.pk}
    record_access(actor, verb, kind="document", object_id=document.pk, data=data)
    return document, found


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
