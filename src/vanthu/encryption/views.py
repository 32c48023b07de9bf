"""Doors of the encryption room. Thin: form in, action, back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.directory import queries as directory
from vanthu.encryption import actions, keys, published, queries, rules
from vanthu.encryption.forms import CertificateForm, ChoiceForm, DeviceKeyForm, KeyForm
from vanthu.encryption.models import AgencyCertificate, KeyPlace, Standing, Without
from vanthu.errors import VanthuError
from vanthu.signing import agents
from vanthu.signing.key_forms import agent_words
from vanthu.web.middleware import actor as acting
from vanthu.web.panels import State, Tone
from vanthu.web.words import said

UNFIT = 422
SOON = timedelta(days=30)
ENROLLED = gettext_lazy("Đã đăng ký khóa mã hóa; khóa cũ vẫn mở được văn bản cũ.")


@dataclass(frozen=True)
class Line:
    """One certificate as the page shows it."""

    row: AgencyCertificate
    state: State
    may_withdraw: bool


@login_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The agency's keys and the certificates to encrypt to; ``?q=`` narrows the list."""
    return _page(request, acting(request))


@login_required
@require_POST
def enrol(request: HttpRequest) -> HttpResponse:
    """Đăng ký khóa mã hóa: a key file, or a key on the server's device."""
    actor = acting(request)
    actor.require(Role.CLERK)
    if request.POST.get("place") == KeyPlace.PKCS11:
        device = DeviceKeyForm(keys.on_device(), request.POST)
        if not device.is_valid():
            return _page(request, actor, device_form=device, status=UNFIT)
        actions.enrol_device_key(actor, device.cleaned_data["fingerprint"], device.cleaned_data["pin"])
    else:
        file = KeyForm(request.POST, request.FILES)
        if not file.is_valid():
            return _page(request, actor, key_form=file, status=UNFIT)
        actions.enrol_key(actor, file.cleaned_data["file"], file.cleaned_data["passphrase"])
    messages.success(request, ENROLLED)
    return redirect("encryption:keys")


@login_required
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Thêm chứng thư số."""
    actor = acting(request)
    actor.require(Role.CLERK)
    form = CertificateForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, actor, certificate_form=form, status=UNFIT)
    given = form.cleaned_data
    agency = directory.agency_by_code(given["organ_id"].strip())
    actions.add_certificate(actor, agency.pk, given["file"], given["source"])
    messages.success(request, _("Đã thêm chứng thư số của %(name)s.") % {"name": agency.name})
    return redirect("encryption:keys")


@login_required
@require_POST
def withdraw(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Thôi dùng chứng thư số."""
    row = actions.withdraw_certificate(acting(request), certificate_id)
    messages.success(
        request, _("Thôi mã hóa bằng chứng thư số này của %(name)s.") % {"name": row.agency.name}
    )
    return redirect("encryption:keys")


@login_required
@require_POST
def trust_new_key(request: HttpRequest, agency_id: UUID) -> HttpResponse:
    """Tin khóa mới của hệ thống công bố."""
    row = published.trust_new_key(acting(request), agency_id)
    messages.success(
        request,
        _("Từ nay tin khóa mới mà hệ thống của %(name)s dùng để công bố.") % {"name": row.agency.name},
    )
    return redirect("encryption:keys")


@login_required
@require_POST
def choose(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Chọn mã hóa khi gửi."""
    form = ChoiceForm(request.POST)
    encrypt = form.is_valid() and form.cleaned_data["encrypt"]
    without = Without(form.cleaned_data.get("without") or Without.STOP)
    actions.choose(acting(request), document_id, encrypt=encrypt, without=without)
    messages.success(
        request, _("Văn bản sẽ được mã hóa khi gửi.") if encrypt else _("Văn bản gửi không mã hóa.")
    )
    return redirect(f"/documents/{document_id}/")


def _page(
    request: HttpRequest,
    actor: Actor,
    *,
    key_form: KeyForm | None = None,
    device_form: DeviceKeyForm | None = None,
    certificate_form: CertificateForm | None = None,
    status: int = 200,
) -> HttpResponse:
    actor.require(Role.CLERK)
    wanted = request.GET.get("q", "")[:100]
    context = {
        "keys": queries.keys_of(actor.agency_id),
        "published": queries.published_keys(actor.agency_id),
        "doubtful": queries.doubtful_statements(),
        "lines": [_line(actor, row) for row in queries.known_certificates(actor, wanted)],
        "q": wanted,
        "key_form": key_form or KeyForm(),
        "device_form": device_form or _device_form(),
        "certificate_form": certificate_form or CertificateForm(),
        "pairings": agents.pairings(actor),
        "agent_address": agents.address(),
        "agent_words": agent_words(),
        "product": settings.VANTHU.encryption_product,
        "now": clock.now(),
    }
    return render(request, "encryption/keys.html", context, status=status)


def _device_form() -> DeviceKeyForm | None:
    """None where the server has no device, or it does not answer: the page serves for the rest all the same."""
    if settings.VANTHU.hsm_library is None:
        return None
    try:
        return DeviceKeyForm(keys.on_device())
    except VanthuError:
        return None


def _line(actor: Actor, row: AgencyCertificate) -> Line:
    ours = row.agency_id == actor.agency_id
    return Line(row, _state(row), row.active and (ours or not row.agency.hosted))


def _state(row: AgencyCertificate) -> State:
    now = clock.now()
    if not row.active:
        return State(_("Thôi dùng"), "neutral", "ban")
    if row.standing not in rules.USABLE:
        return State(said(row.get_standing_display()), "bad", "circle-x")
    if row.valid_to < now:
        return State(_("Đã hết hạn"), "bad", "circle-x")
    if row.standing != Standing.GOOD:
        return State(said(row.get_standing_display()), "neutral", "help-circle")
    tone: Tone = "warn" if row.valid_to - now < SOON else "good"
    return State(
        said(row.get_standing_display()), tone, "circle-check" if tone == "good" else "alert-triangle"
    )
