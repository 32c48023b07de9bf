"""Doors through which a page signs with a key on its owner's own computer: begin, then finish. JSON both ways.

``begin`` answers ``request`` and ``mac`` for the agent, nothing when there is nothing to sign; ``finish`` takes the
signatures and answers where to go.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from vanthu.issuing import actions, bulk_queries
from vanthu.issuing.rules import FieldsWrong
from vanthu.pades import Pending, Scheme
from vanthu.records.models import Document, DocumentFile
from vanthu.signing import agents
from vanthu.signing.agents import AgentNotPaired, ToSign
from vanthu.signing.models import AgentPairing, AwaitedSignature, SigningKey
from vanthu.web.middleware import actor as acting

_BEGIN = {"sign": actions.begin_signing, "issue": actions.begin_issuing}


@login_required
@never_cache
@require_POST
def begin(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Prepare a document and say what the person's device is to sign. Posted: ``verb`` (``sign`` or ``issue``),
    ``pairing``, ``challenge``."""
    verb = request.POST.get("verb", "")
    if verb not in _BEGIN:
        raise FieldsWrong(problem=_("Chưa chọn việc cần ký."))
    pairing = _paired(request)
    return _asked(request, pairing, _BEGIN[verb](acting(request), document_id))


@login_required
@never_cache
@require_POST
def begin_batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Prepare a batch's documents; each succeeds or fails alone. Posted: ``pairing``, ``challenge``."""
    pairing = _paired(request)
    return _asked(request, pairing, actions.prepare_batch(acting(request), batch_id))


@login_required
@require_POST
def finish_batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """What the device answered for a batch; the rest goes on behind the answer."""
    actor = acting(request)
    if bulk_queries.batch_of(actor, batch_id).asking:
        actions.complete_batch(actor, batch_id, _signatures(request), start=actions.in_thread)
    return JsonResponse({"to": reverse("bulk-batch", args=[batch_id])})


@login_required
@require_POST
def finish_sign(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Ký: what the device answered."""
    actions.finish_signing(acting(request), document_id, _signatures(request))
    messages.success(request, _("Đã ký số; văn bản chuyển văn thư cấp số, đóng dấu và phát hành."))
    return JsonResponse({"to": f"/documents/{document_id}/"})


@login_required
@require_POST
def finish_issue(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Đóng dấu và phát hành: what the device answered."""
    document = actions.finish_issuing(acting(request), document_id, _signatures(request))
    text = _("Đã cấp số %(code)s, ký số của cơ quan và phát hành.") % {"code": document.code}
    messages.success(request, text)
    return JsonResponse({"to": f"/documents/{document_id}/"})


def _paired(request: HttpRequest) -> AgentPairing:
    """The person's own computer, before anything is prepared for it."""
    try:
        pairing = UUID(request.POST.get("pairing", ""))
    except ValueError as problem:
        raise AgentNotPaired from problem
    return agents.pairing_of(acting(request), pairing)


def _asked(request: HttpRequest, pairing: AgentPairing, rows: Sequence[AwaitedSignature]) -> JsonResponse:
    if not rows:
        return JsonResponse({})
    documents = Document.objects.in_bulk([row.document_id for row in rows])
    names = DocumentFile.objects.in_bulk([row.file_id for row in rows])
    items = []
    for row in rows:
        document = documents[row.document_id]
        title = document.subject if row.ordinal == 0 else f"{names[row.file_id].name} – {document.subject}"
        waits = Pending.from_dict(row.pending)
        pss = waits.scheme is Scheme.PSS
        items.append(ToSign(str(row.pk), title, document.code, waits.to_sign, pss))
    certificate = bytes(SigningKey.objects.get(pk=rows[0].key_id).certificate)
    challenge = request.POST.get("challenge", "")
    return JsonResponse(
        agents.request_for(
            acting(request), pairing.pk, challenge, "sign", certificate=certificate, items=items
        )
    )


def _signatures(request: HttpRequest) -> dict[UUID, bytes]:
    try:
        given = json.loads(request.POST.get("signatures", "{}"))
        return {UUID(key): base64.b64decode(value, validate=True) for key, value in given.items()}
    except (ValueError, TypeError, AttributeError) as problem:
        raise FieldsWrong(problem=_("Không đọc được chữ ký mà thiết bị trả về.")) from problem
