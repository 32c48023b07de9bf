"""Doors to whom the site trusts: everybody of the site reads it, its keepers take up, renew and give up lists."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vanthu.signing import trust_lists, trust_queries
from vanthu.signing.forms import TrustListForm, read_file
from vanthu.signing.trust_rules import NotTrustKeeper
from vanthu.trustlists import LARGEST_LIST
from vanthu.web.middleware import actor as acting

UNFIT = 422


@login_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Whom the site trusts, by which list, from when until when."""
    offered = {name: request.GET.get(name, "")[:500] for name in ("url", "fingerprint")}
    return _page(request, TrustListForm(initial=offered), opened=bool(offered["url"]))


@login_required
@require_POST
def take_up(request: HttpRequest) -> HttpResponse:
    """Thêm danh sách tin cậy."""
    actor = acting(request)
    if not trust_lists.keeps_trust(actor):
        raise NotTrustKeeper
    form = TrustListForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, opened=True, status=UNFIT)
    row = trust_lists.take_up(actor, form.entered())
    messages.success(request, _("Đã dùng danh sách tin cậy “%(name)s”.") % {"name": row.name})
    return redirect("signing-trust")


@login_required
@require_POST
def renew(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """Xem bản mới, hoặc nhận tệp mới."""
    content = read_file(request.FILES.get("content"), LARGEST_LIST) or None
    before = trust_queries.sequence_of(list_id)
    row = trust_lists.renew(acting(request), list_id, content)
    if row.sequence == before:
        messages.info(request, _("Danh sách tin cậy “%(name)s” chưa có bản mới hơn.") % {"name": row.name})
    else:
        messages.success(request, _("Đã cập nhật danh sách tin cậy “%(name)s”.") % {"name": row.name})
    return redirect("signing-trust")


@login_required
@require_POST
def give_up(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """Ngừng dùng."""
    row = trust_lists.give_up(acting(request), list_id)
    messages.success(request, _("Đã ngừng dùng danh sách tin cậy “%(name)s”.") % {"name": row.name})
    return redirect("signing-trust")


def _page(request: HttpRequest, form: TrustListForm, *, opened: bool, status: int = 200) -> HttpResponse:
    actor = acting(request)
    keeper = trust_lists.keeper()
    keeps = trust_lists.keeps_trust(actor)
    context = {
        "roots": trust_queries.roots(),
        "lists": trust_queries.lists(),
        "ended": trust_queries.ended(),
        "form": form if keeps else None,
        "opened": opened,
        "keeper": keeper,
        "tab": "trust",
    }
    return render(request, "signing/trust.html", context, status=status)
