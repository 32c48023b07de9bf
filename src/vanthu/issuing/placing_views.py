"""Pages of placing: where number, date, signature and seal will come, and putting them there by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from vanthu.errors import VanthuError
from vanthu.formalities.byhand import GAPS, Part
from vanthu.formalities.frames import Spot
from vanthu.issuing import actions
from vanthu.issuing import preview as reads
from vanthu.issuing.models import Stage
from vanthu.issuing.rules import PlacesCoverWords
from vanthu.records import queries as records
from vanthu.records.models import Direction
from vanthu.web.middleware import actor as acting
from vanthu.web.words import said

UNFIT = 422
MOST_PAGES, MOST_MM = 5000, 5000.0
LINE, IN_GAPS = "line", "gaps"


class SpotForm(forms.Form):
    """Where one part begins: page from 1, millimetres from the page's top left corner as shown."""

    page = forms.IntegerField(min_value=1, max_value=MOST_PAGES)
    left = forms.FloatField(min_value=0, max_value=MOST_MM)
    top = forms.FloatField(min_value=0, max_value=MOST_MM)


@dataclass(frozen=True)
class Row:
    """One part on the page: what it is called, where it stands, whether it is in use."""

    part: str
    label: str
    spot: Spot
    used: bool
    form: SpotForm
    image: str = ""
    sample: str = ""
    """What will be written there, as far as it is known."""


@login_required
@require_GET
def preview(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """What will come onto the pages, for the script that shows it there."""
    actor = acting(request)
    document = records.get_open(actor, document_id, Direction.OUTGOING)
    found = [{**item.as_dict(), "label": said(item.label)} for item in reads.coming(actor, document)]
    return _unkept(JsonResponse({"coming": found}))


@login_required
@require_GET
def signature_picture(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """The signer's own handwritten signature."""
    return _picture(request, document_id, Part.SIGNATURE)


@login_required
@require_GET
def seal_picture(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """The agency's seal, for the clerk whose turn it is."""
    return _picture(request, document_id, Part.SEAL)


def _picture(request: HttpRequest, document_id: UUID, part: Part) -> HttpResponse:
    actor = acting(request)
    document = records.get_open(actor, document_id, Direction.OUTGOING)
    png = reads.picture(actor, document, part)
    if png is None:
        raise Http404
    return _unkept(HttpResponse(png, content_type="image/png"))


def _unkept(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_http_methods(["GET", "POST"])
def places(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Put number, date, signature and seal on the page; with ``do=auto`` leave it to the system."""
    actor = acting(request)
    document, draft = reads.placeable(actor, document_id)
    if request.method == "POST" and request.POST.get("do") == "auto":
        actions.place_by_itself(actor, document_id)
        messages.success(request, _("Hệ thống tự tìm vị trí trên trang khi trình."))
        return redirect("draft-places", document_id=document_id)
    desk = reads.desk(document, draft)
    if request.method == "GET":
        return _page(request, document, desk, _rows(desk, desk.whole_date))
    rows = _rows(desk, request.POST.get("date") == LINE, request.POST)
    if any(row.used and not row.form.is_valid() for row in rows):
        problem = _("Có ô chưa điền đúng: trang là số nguyên từ 1, vị trí là số mi-li-mét.")
        return _page(request, document, desk, rows, problem=problem)
    spots = {Part(row.part): row.spot for row in rows if row.used}
    try:
        actions.place_by_hand(actor, document_id, spots, confirmed=request.POST.get("confirmed") == "1")
    except PlacesCoverWords as error:
        return _page(request, document, desk, rows, covered=[said(text) for text in error.covered])
    except VanthuError as error:
        return _page(request, document, desk, rows, problem=said(error))
    messages.success(request, _("Đã lưu vị trí số, ngày, chữ ký và dấu."))
    editing = document.state != Stage.SUBMITTED
    return redirect("draft-edit" if editing else "document", document_id)


def _rows(desk: reads.Desk, whole_date: bool, given: Any = None) -> list[Row]:
    """Every part in the order in which it is read; what was typed stands where it was typed."""
    rows = []
    for part in desk.parts:
        spot = desk.spots.get(part) or desk.spare[part]
        form = SpotForm(given, prefix=part.value) if given is not None else SpotForm(prefix=part.value)
        if given is not None and form.is_valid():
            values = form.cleaned_data
            spot = Spot(values["page"], values["left"], values["top"], spot.width, spot.height)
        label = said(reads.part_label(part, desk.others))
        rows.append(Row(part.value, label, spot, _used(part, desk, whole_date, given), form))
    return rows


def _used(part: Part, desk: reads.Desk, whole_date: bool, given: Any) -> bool:
    if part is Part.DATE:
        return whole_date
    if part is Part.YEAR:
        wanted = part in desk.spots if given is None else given.get("with_year") == "1"
        return wanted and not whole_date
    return not (part in GAPS and whole_date)


def _page(
    request: HttpRequest,
    document: Any,
    desk: reads.Desk,
    rows: list[Row],
    *,
    problem: str = "",
    covered: list[str] | None = None,
) -> HttpResponse:
    used = {row.part for row in rows if row.used}
    pictures, samples = reads.pictures(acting(request), document), reads.samples(document)
    context = {
        "document": document,
        "file": desk.file,
        "rows": [
            replace(row, image=pictures.get(row.part, ""), sample=samples.get(row.part, "")) for row in rows
        ],
        "by_hand": desk.by_hand,
        "whole_date": Part.DATE.value in used,
        "with_year": Part.YEAR.value in used,
        "pages": [{"width": round(f.width, 2), "height": round(f.height, 2)} for f in desk.frames],
        "back": f"/documents/{document.pk}/" + ("" if document.state == Stage.SUBMITTED else "edit/"),
        "problem": problem,
        "covered": covered or [],
    }
    return render(request, "issuing/places.html", context, status=UNFIT if problem or covered else 200)
