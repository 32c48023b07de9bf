"""A member's keys and webhooks for the operator: what its software signs with, and where it is rung."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vanthu.axis import queries
from vanthu.axis.actions import keys, webhooks
from vanthu.axis.forms import KeyForm, WebhookForm
from vanthu.axis.models import Member
from vanthu.axis.relay.queries import webhook_lines
from vanthu.axis.views.operator import operator_only
from vanthu.web.middleware import actor as acting


def shown(member: Member) -> dict[str, Any]:
    """What the member's page says of its modern door."""
    return {
        "keys": list(member.keys.order_by("revoked_at", "-id")),
        "webhooks": webhook_lines(member),
        "new_key": KeyForm(),
        "new_webhook": WebhookForm(),
        "steps_of_webhook": (("test", _("Gọi thử")), ("pause", _("Tạm dừng")), ("resume", _("Bật lại"))),
    }


@operator_only
@require_POST
def key_add(request: HttpRequest, system_id: str) -> HttpResponse:
    """Register a public key."""
    member, form = queries.member(system_id), KeyForm(request.POST)
    if form.is_valid():
        keys.add_key(member, form.cleaned_data["key"], acting(request))
        messages.success(request, _("Đã đăng ký khóa; hệ thống dùng được ngay."))
    else:
        messages.error(request, _first_fault(form))
    return redirect("axis_member", system_id)


@operator_only
@require_POST
def key_revoke(request: HttpRequest, system_id: str, kid: str) -> HttpResponse:
    """Believe a key no longer."""
    keys.revoke_key(kid, acting(request), queries.member(system_id))
    messages.success(request, _("Đã thu hồi khóa. Lời gọi ký bằng khóa này bị từ chối từ bây giờ."))
    return redirect("axis_member", system_id)


@operator_only
@require_POST
def webhook_add(request: HttpRequest, system_id: str) -> HttpResponse:
    """Have an address rung."""
    member, form = queries.member(system_id), WebhookForm(request.POST)
    if form.is_valid():
        webhooks.add_webhook(member, form.cleaned_data["url"].strip(), acting(request))
        messages.success(request, _("Đã thêm địa chỉ báo tin. Bấm Gọi thử để kiểm tra."))
    else:
        messages.error(request, _first_fault(form))
    return redirect("axis_member", system_id)


@operator_only
@require_POST
def webhook_step(request: HttpRequest, system_id: str, webhook_id: UUID, step: str) -> HttpResponse:
    """Pause, resume, try or remove an address."""
    member, actor = queries.member(system_id), acting(request)
    if step == "test":
        _say_tried(request, webhooks.try_webhook(member, webhook_id).problem)
    elif step in ("pause", "resume"):
        webhooks.set_webhook_paused(member, webhook_id, step == "pause", actor)
        messages.success(request, _("Đã tạm dừng báo tin.") if step == "pause" else _("Đã bật lại báo tin."))
    elif step == "remove":
        webhooks.remove_webhook(member, webhook_id, actor)
        messages.success(request, _("Đã bỏ địa chỉ báo tin."))
    else:
        raise Http404
    return redirect("axis_member", system_id)


def _say_tried(request: HttpRequest, problem: str) -> None:
    if problem:
        messages.error(
            request,
            _("Gọi thử không được: %(problem)s. Kiểm tra địa chỉ và máy chủ bên đó.") % {"problem": problem},
        )
    else:
        messages.success(request, _("Gọi thử được: máy chủ bên đó đã trả lời."))


def _first_fault(form: Any) -> str:
    return next(str(fault) for faults in form.errors.values() for fault in faults)
