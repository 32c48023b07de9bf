"""Doors through which a page signs with a key on its owner's own computer: begin, then finish. JSON both ways.

``begin`` answers ``request`` and ``mac`` for the agent, nothing when there is nothing to sign; ``finish`` takes the
signatures and answers where to go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from vanthu.issuing import actions, bulk_queries
from vanthu.issuing.panel_parts import said_of_release, said_of_signature
from vanthu.issuing.rules import FieldsWrong
from vanthu.records.models import Document, DocumentFile
from vanthu.signing import asking
from vanthu.signing.models import AgentPairing, AwaitedSignature
from vanthu.web.middleware import actor as acting

BEGIN = {
    "sign": actions.begin_signing,
    "issue": actions.begin_issuing,
    "seal-joint": actions.begin_partner_seal,
}
Signatures = Mapping[UUID, bytes]


@login_required
@never_cache
@require_POST
def begin(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Prepare a document and say what the person's device is to sign. Posted: ``verb`` (a key of ``BEGIN``),
    ``pairing``, ``challenge``."""
    verb = request.POST.get("verb", "")
    if verb not in BEGIN:
        raise FieldsWrong(problem=_("Chưa chọn việc cần ký."))
    pairing = asking.paired(request, acting(request))
    return _asked(request, pairing, BEGIN[verb](acting(request), document_id))


@login_required
@never_cache
@require_POST
def begin_batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Prepare a batch's documents; each succeeds or fails alone. Posted: ``pairing``, ``challenge``."""
    pairing = asking.paired(request, acting(request))
    return _asked(request, pairing, actions.prepare_batch(acting(request), batch_id))


@login_required
@require_POST
def finish_batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """What the device answered for a batch."""
    return JsonResponse({"to": _keep_batch(request, batch_id, asking.signatures(request))})


@login_required
@require_POST
def finish_sign(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Ký: what the device answered."""
    return JsonResponse({"to": _keep_signed(request, document_id, asking.signatures(request))})


@login_required
@require_POST
def finish_issue(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Đóng dấu và phát hành: what the device answered."""
    return JsonResponse({"to": _keep_issued(request, document_id, asking.signatures(request))})


@login_required
@require_POST
def finish_partner_seal(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Đóng dấu văn bản của cơ quan khác chủ trì: what the device answered."""
    return JsonResponse({"to": _keep_partner_seal(request, document_id, asking.signatures(request))})


def _keep_batch(request: HttpRequest, batch_id: UUID, signatures: Signatures) -> str:
    """The rest goes on behind the answer."""
    actor = acting(request)
    if bulk_queries.batch_of(actor, batch_id).asking:
        actions.complete_batch(actor, batch_id, signatures, start=actions.in_thread)
    return reverse("bulk-batch", args=[batch_id])


def _keep_signed(request: HttpRequest, document_id: UUID, signatures: Signatures) -> str:
    document = actions.finish_signing(acting(request), document_id, signatures)
    messages.success(request, said_of_signature(document))
    return f"/documents/{document_id}/"


def _keep_issued(request: HttpRequest, document_id: UUID, signatures: Signatures) -> str:
    document = actions.finish_issuing(acting(request), document_id, signatures)
    messages.success(request, said_of_release(document))
    return f"/documents/{document_id}/"


def _keep_partner_seal(request: HttpRequest, document_id: UUID, signatures: Signatures) -> str:
    actions.finish_partner_seal(acting(request), document_id, signatures)
    messages.success(request, _("Đã đóng dấu; cơ quan chủ trì sẽ đóng dấu cuối cùng và phát hành."))
    return f"/documents/{document_id}/"


FINISH = {
    "sign": _keep_signed,
    "issue": _keep_issued,
    "seal-joint": _keep_partner_seal,
    "batch": _keep_batch,
}
"""What is done with signatures, wherever they were made; each answers the page to go to."""


def _asked(request: HttpRequest, pairing: AgentPairing, rows: Sequence[AwaitedSignature]) -> JsonResponse:
    documents = Document.objects.in_bulk([row.document_id for row in rows])
    names = DocumentFile.objects.in_bulk([row.file_id for row in rows])

    def named(row: AwaitedSignature) -> tuple[str, str]:
        document = documents[row.document_id]
        title = document.subject if row.ordinal == 0 else f"{names[row.file_id].name} – {document.subject}"
        return title, document.code

    return asking.asked(request, acting(request), pairing, rows, named)
