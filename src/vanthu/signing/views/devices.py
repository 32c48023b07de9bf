"""Doors to the register of key devices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vanthu.audit import queries as audit
from vanthu.base import clock
from vanthu.signing import device_queries, devices, losses
from vanthu.signing.certificate_queries import sees_all
from vanthu.signing.device_rules import DeviceUnknown, ReasonMissing
from vanthu.signing.devices import keeps_books
from vanthu.signing.forms import DeviceForm, HandoverForm, LossForm, ReasonForm
from vanthu.web import timeline
from vanthu.web.middleware import actor as acting

UNFIT = 422


@login_required
@require_GET
def home(_request: HttpRequest) -> HttpResponse:
    """The first of the pages."""
    return redirect("signing-devices")


@login_required
@require_GET
def device_list(request: HttpRequest) -> HttpResponse:
    """The register: the agency's for whoever keeps it, else one's own devices."""
    return _list(request, None)


def _list(request: HttpRequest, form: DeviceForm | None, status: int = 200) -> HttpResponse:
    actor = acting(request)
    books = keeps_books(actor)
    if books and form is None:
        form = DeviceForm(people=device_queries.people(actor.agency_id))
    context = {
        "devices": device_queries.devices(actor),
        "waiting": device_queries.open_handovers(actor),
        "form": form if books else None,
        "all": sees_all(actor),
        "tab": "devices",
    }
    return render(request, "signing/devices.html", context, status=status)


@login_required
@require_POST
def register(request: HttpRequest) -> HttpResponse:
    """Ghi sổ thiết bị."""
    actor = acting(request)
    devices.require_bookkeeper(actor)
    form = DeviceForm(request.POST, people=device_queries.people(actor.agency_id))
    if not form.is_valid():
        return _list(request, form, UNFIT)
    made = devices.register_device(actor, form.entered())
    messages.success(request, _("Đã ghi thiết bị vào sổ."))
    return redirect("signing-device", device_id=made.pk)


@login_required
@require_GET
def device(request: HttpRequest, device_id: UUID) -> HttpResponse:
    """One device: who keeps it, its keys, its hand-overs, what to do when it is lost."""
    return _page(request, device_id)


def _page(request: HttpRequest, device_id: UUID, status: int = 200, **forms: Any) -> HttpResponse:
    actor = acting(request)
    found = device_queries.device(actor, device_id)
    waiting = [one for one in device_queries.open_handovers(actor) if one.row.device_id == found.pk]
    handovers = list(found.handovers.select_related("giver__person", "taker__person").order_by("-pk"))
    open_one = any(row.done_at is None and row.cancelled_at is None for row in handovers)
    lost = getattr(found, "loss", None)
    context = {
        "device": found,
        "keys": found.keys.defer("material", "certificate").order_by("-active", "-pk"),
        "placeable": devices.placeable_keys(found) if keeps_books(actor) and found.ended_at is None else [],
        "waiting": waiting,
        "handovers": handovers,
        "may": device_queries.may_do(actor, found, waiting=open_one),
        "handover_form": HandoverForm(people=device_queries.people(actor.agency_id)),
        "loss_form": LossForm(initial={"lost_at": clock.local(clock.now())}),
        "reason_form": ReasonForm(),
        "loss": lost,
        "reviews": device_queries.to_review(actor, found) if lost else [],
        "revocations": device_queries.revocations(found) if lost else [],
        "entries": timeline.entries(audit.timeline(found.pk)),
        "tab": "devices",
    }
    return render(request, "signing/device.html", {**context, **forms}, status=status)


@login_required
@require_POST
def hand_over(request: HttpRequest, device_id: UUID) -> HttpResponse:
    """Bàn giao."""
    actor = acting(request)
    form = HandoverForm(request.POST, people=device_queries.people(actor.agency_id))
    if not form.is_valid():
        return _page(request, device_id, UNFIT, handover_form=form)
    devices.propose_handover(actor, device_id, UUID(form.cleaned_data["taker"]), form.entered())
    messages.success(request, _("Đã lập biên bản bàn giao; có hiệu lực khi hai bên xác nhận."))
    return redirect("signing-device", device_id=device_id)


@login_required
@require_POST
def confirm(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Xác nhận bàn giao."""
    row = devices.confirm_handover(acting(request), handover_id)
    done = _("Hai bên đã xác nhận; việc bàn giao hoàn thành.")
    messages.success(request, done if row.done_at else _("Đã xác nhận; chờ bên kia xác nhận."))
    return redirect("signing-device", device_id=row.device_id)


@login_required
@require_POST
def cancel(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Hủy bàn giao."""
    row = devices.cancel_handover(acting(request), handover_id, _reason(request))
    messages.success(request, _("Đã hủy lần bàn giao này."))
    return redirect("signing-device", device_id=row.device_id)


@login_required
@require_POST
def report_lost(request: HttpRequest, device_id: UUID) -> HttpResponse:
    """Báo mất."""
    form = LossForm(request.POST)
    if not form.is_valid():
        return _page(request, device_id, UNFIT, loss_form=form)
    given = form.cleaned_data
    losses.report_lost(acting(request), device_id, given["lost_at"], given["circumstances"])
    messages.success(request, _("Đã ngừng mọi khóa trong thiết bị. Hãy báo ngay nơi cấp chứng thư."))
    return redirect("signing-device", device_id=device_id)


@login_required
@require_POST
def place_key(request: HttpRequest, device_id: UUID) -> HttpResponse:
    """Ghi khóa vào thiết bị."""
    try:
        chosen = UUID(request.POST.get("key", ""))
    except ValueError:
        raise DeviceUnknown from None
    devices.place_key(acting(request), device_id, chosen)
    messages.success(request, _("Đã ghi khóa vào thiết bị này."))
    return redirect("signing-device", device_id=device_id)


@login_required
@require_POST
def take_back(request: HttpRequest, device_id: UUID) -> HttpResponse:
    """Thu lại."""
    devices.take_back(acting(request), device_id, _reason(request))
    messages.success(request, _("Đã ghi nhận thu lại thiết bị."))
    return redirect("signing-device", device_id=device_id)


@login_required
@require_POST
def destroy(request: HttpRequest, device_id: UUID) -> HttpResponse:
    """Hủy thiết bị."""
    devices.destroy_device(acting(request), device_id, _reason(request))
    messages.success(request, _("Đã ghi nhận hủy thiết bị."))
    return redirect("signing-device", device_id=device_id)


@login_required
@require_POST
def review(request: HttpRequest, use_id: UUID) -> HttpResponse:
    """Rà soát một chữ ký."""
    use = losses.review_use(acting(request), use_id, request.POST.get("genuine") == "1")
    messages.success(request, _("Đã ghi kết quả rà soát."))
    assert use.key.device_id is not None
    return redirect("signing-device", device_id=use.key.device_id)


def _reason(request: HttpRequest) -> str:
    text = request.POST.get("reason", "").replace("\0", "").strip()
    if not text:
        raise ReasonMissing
    return text[:500]
