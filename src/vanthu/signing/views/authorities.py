"""Doors to the authority to sign: everybody of the agency reads it, administrator and leaders record it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vanthu.base.actors import Actor
from vanthu.directory import queries as directory
from vanthu.directory.models import OrgUnit
from vanthu.legal.authority import Prefix
from vanthu.signing import authorities, authority_queries, device_queries, fields
from vanthu.signing.authority_models import Authority
from vanthu.signing.forms import AuthorityForm, WorkFieldForm
from vanthu.web.middleware import actor as acting

UNFIT = 422


@login_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Who may sign what in the agency, by which writing."""
    return _page(request, None)


@login_required
@require_POST
def give(request: HttpRequest) -> HttpResponse:
    """Ghi thẩm quyền ký."""
    actor = acting(request)
    authorities.require_recorder(actor)
    form = _form(actor, request.POST)
    if not form.is_valid():
        return _page(request, form, UNFIT)
    made = authorities.record_authority(actor, form.entered())
    messages.success(request, _("Đã ghi thẩm quyền ký. Hãy gắn văn bản giao ký để người kiểm tra mở được."))
    return redirect("signing-decision", authority_id=made.pk)


@login_required
@require_POST
def end(request: HttpRequest, authority_id: UUID) -> HttpResponse:
    """Chấm dứt."""
    reason = request.POST.get("reason", "").replace("\0", "")
    authorities.end_authority(acting(request), authority_id, reason)
    messages.success(request, _("Đã chấm dứt thẩm quyền ký này."))
    return redirect("signing-authorities")


@login_required
@require_POST
def add_field(request: HttpRequest) -> HttpResponse:
    """Thêm lĩnh vực."""
    actor = acting(request)
    authorities.require_recorder(actor)
    form = _area_form(actor, request.POST)
    if not form.is_valid():
        return _page(request, None, UNFIT, form)
    given = form.cleaned_data
    fields.add_field(actor, given["name"], given["unit_ids"], given["type_codes"])
    messages.success(request, _("Đã thêm lĩnh vực."))
    return redirect("signing-authorities")


@login_required
@require_POST
def close_field(request: HttpRequest, field_id: UUID) -> HttpResponse:
    """Ngừng dùng."""
    fields.close_field(acting(request), field_id)
    messages.success(request, _("Đã ngừng dùng lĩnh vực này."))
    return redirect("signing-authorities")


def _page(
    request: HttpRequest,
    form: AuthorityForm | None,
    status: int = 200,
    area_form: WorkFieldForm | None = None,
) -> HttpResponse:
    actor = acting(request)
    records = any(map(actor.has, authorities.RECORDING))
    context = {
        "signers": authority_queries.overview(actor.agency_id),
        "areas": directory.work_fields(actor.agency_id),
        "form": (form or _form(actor)) if records else None,
        "area_form": (area_form or _area_form(actor)) if records else None,
        "tab": "authorities",
    }
    return render(request, "signing/authorities.html", context, status=status)


def _form(actor: Actor, data: object = None) -> AuthorityForm:
    orders = Authority.objects.filter(agency_id=actor.agency_id, prefix=Prefix.TL, ended_at=None)
    return AuthorityForm(
        data,
        people=device_queries.people(actor.agency_id),
        units=list(OrgUnit.objects.filter(agency_id=actor.agency_id)),
        orders=list(orders.select_related("post__person")),
        areas=directory.work_fields(actor.agency_id),
    )


def _area_form(actor: Actor, data: object = None) -> WorkFieldForm:
    return WorkFieldForm(data, units=list(OrgUnit.objects.filter(agency_id=actor.agency_id)))
