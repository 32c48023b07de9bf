"""Public pages of copies: type a code, see what the paper in your hand should say (NĐ 137/2024 Đ4–5).

An unknown code and one that cannot be a code get the same answer after the same work; every look counts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from vanthu.base import clock
from vanthu.copying.models import Copy
from vanthu.copying.queries import PublicRecord, public_record
from vanthu.copying.rules import spelled
from vanthu.errors import VanthuError
from vanthu.formalities import CopyForm
from vanthu.portal import limits
from vanthu.portal.answers import answer, machine_answer, refusal, wants_json
from vanthu.portal.checking import Saying
from vanthu.web.middleware import client_address

LOOKUP_PAGE = "portal/lookup.html"

STANDINGS = {
    "IN_FORCE": Saying(
        "good",
        "circle-check",
        _("Bản sao có trong sổ và đang có giá trị"),
        _(
            "Cơ quan dưới đây đã lập bản sao này; văn bản được sao chưa bị thu hồi hay thay thế trên hệ thống."
        ),
    ),
    "WITHDRAWN": Saying(
        "bad",
        "ban",
        _("Bản sao đã bị thu hồi"),
        _("Cơ quan lập bản sao đã thu hồi bản này; không dùng nữa."),
    ),
    "RECALLED": Saying(
        "warn",
        "arrow-back-up",
        _("Văn bản được sao đã bị thu hồi"),
        _("Bản sao được lập đúng, nhưng văn bản gốc sau đó đã bị cơ quan ban hành thu hồi."),
    ),
    "REPLACED": Saying(
        "warn",
        "replace",
        _("Văn bản được sao đã được thay thế"),
        _("Bản sao được lập đúng, nhưng văn bản gốc sau đó đã được thay thế bằng văn bản khác."),
    ),
}


@require_GET
def ask(request: HttpRequest) -> HttpResponse:
    """The form; with a code the way to its record."""
    typed = request.GET.get("code", "").replace("/", "").strip()[:40]
    if typed:
        return redirect("public-copy", code=typed)
    return answer(request, LOOKUP_PAGE, {})


@require_GET
def record(request: HttpRequest, code: str) -> HttpResponse:
    """The public record of a copy."""
    try:
        limits.admit(client_address(request), limits.Kind.LOOKUP)
        found = public_record(code)
    except VanthuError as error:
        return refusal(request, LOOKUP_PAGE, {"typed": code[:40]}, error)
    if wants_json(request):
        return machine_answer(_described(found))
    copy = found.copy
    context: dict[str, Any] = {
        "copy": copy,
        "form": CopyForm(copy.form).label,
        "saying": STANDINGS[found.standing],
        "subject": found.subject,
        "spelled": spelled(copy.lookup),
        "hash": _hash(copy),
    }
    return answer(request, "portal/copy.html", context)


def _hash(copy: Copy) -> str:
    """Of the electronic original for a paper copy, else of the electronic copy itself."""
    return copy.source_sha256 if copy.on_paper else copy.file_sha256


def _described(found: PublicRecord) -> dict[str, Any]:
    copy = found.copy
    return {
        "standing": found.standing,
        "form": CopyForm(copy.form).label,
        "way": copy.way,
        "code": copy.code,
        "agency": copy.agency.name,
        "madeAt": _instant(copy.made_at),
        "withdrawnAt": _instant(copy.withdrawn_at) if copy.withdrawn_at else None,
        "sha256": _hash(copy),
        "document": {
            "code": copy.source_code,
            "date": copy.source_date.isoformat() if copy.source_date else None,
            "issuer": copy.source_issuer,
            "subject": found.subject,
            "extent": copy.extent,
            "madeFrom": copy.made_from,
        },
    }


def _instant(at: datetime) -> str:
    return clock.local(at).isoformat(timespec="seconds")
