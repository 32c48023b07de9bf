"""Doors through which a page signs with a key on its owner's own computer: begin, then finish. JSON both ways."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from vanthu.base.actors import Actor
from vanthu.errors import VanthuError
from vanthu.issuing import actions
from vanthu.issuing.rules import FieldsWrong
from vanthu.pades import Pending
from vanthu.records.models import Document, DocumentFile
from vanthu.signing import agents
from vanthu.signing.agents import AgentNotPaired, ToSign
from vanthu.signing.models import AwaitedSignature, SigningKey
from vanthu.web.middleware import actor as acting
from vanthu.web.words import said

MOST_AT_ONCE = 500
_BEGIN = {"sign": actions.begin_signing, "issue": actions.begin_issuing}


@login_required
@never_cache
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Prepare documents and say what the person's device is to sign; each document succeeds or fails alone.

    Posted: ``verb`` (``sign`` or ``issue``), ``documents``, ``pairing``, ``challenge``. Answered: ``request`` and
    ``mac`` for the agent (absent when nothing is to be signed), ``items`` (document → ids of its signatures),
    ``refused`` (document → code and message).
    """
    actor, given = acting(request), request.POST
    verb, wanted = given.get("verb", ""), given.getlist("documents")[:MOST_AT_ONCE]
    if verb not in _BEGIN or not wanted:
        raise FieldsWrong(problem=_("Chưa chọn văn bản."))
    pairing = agents.pairing_of(actor, _uuid(given.get("pairing", "")))
    rows: dict[str, list[AwaitedSignature]] = {}
    refused: dict[str, dict[str, str]] = {}
    for document in wanted:
        try:
            rows[document] = _BEGIN[verb](actor, _uuid(document))
        except VanthuError as refusal:
            refused[document] = {"code": refusal.code, "message": said(refusal)}
    answer: dict[str, object] = {
        "items": {document: [str(row.pk) for row in found] for document, found in rows.items()},
        "refused": refused,
    }
    if any(rows.values()):
        answer |= _request(actor, pairing.pk, given.get("challenge", ""), rows)
    return JsonResponse(answer)


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


def _request(
    actor: Actor, pairing_id: UUID, challenge: str, rows: Mapping[str, list[AwaitedSignature]]
) -> dict[str, str]:
    documents = Document.objects.in_bulk([UUID(key) for key in rows])
    every = [row for found in rows.values() for row in found]
    names = DocumentFile.objects.in_bulk([row.file_id for row in every])
    items = []
    for row in every:
        document = documents[row.document_id]
        title = document.subject if row.ordinal == 0 else f"{names[row.file_id].name} – {document.subject}"
        to_sign = Pending.from_dict(row.pending, b"").to_sign
        items.append(ToSign(str(row.pk), title, document.code, to_sign))
    key = SigningKey.objects.get(pk=every[0].key_id)
    return agents.request_for(actor, pairing_id, challenge, "sign", key=key, items=items)


def _signatures(request: HttpRequest) -> dict[UUID, bytes]:
    try:
        given = json.loads(request.POST.get("signatures", "{}"))
        return {UUID(key): base64.b64decode(value, validate=True) for key, value in given.items()}
    except (ValueError, TypeError, AttributeError) as problem:
        raise FieldsWrong(problem=_("Không đọc được chữ ký mà thiết bị trả về.")) from problem


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as problem:
        raise AgentNotPaired from problem
