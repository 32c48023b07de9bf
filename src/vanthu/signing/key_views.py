"""Pages about keys: one's own key and computers, and enrolment by the administrator. Decides nothing."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from vanthu.base.actors import Actor, Role
from vanthu.directory.models import Agency, Post
from vanthu.errors import VanthuError
from vanthu.pades.tokens import found_on
from vanthu.signing import actions, agent_package, agents, enrolling, keys, sign_ins
from vanthu.signing.agents import AgentNotPaired
from vanthu.signing.key_forms import (
    LARGEST_IMAGE,
    LARGEST_KEY_FILE,
    DeviceKeyForm,
    FileKeyForm,
    RemoteKeyForm,
    agent_words,
    owners,
)
from vanthu.signing.models import KeyKind, RemoteService, SigningKey
from vanthu.signing.sign_ins import RemoteServiceUnknown
from vanthu.web.middleware import actor as acting
from vanthu_agent.device import owner_of

F = TypeVar("F", bound=forms.Form)


class EnrolFieldsWrong(VanthuError):
    """A field of the enrolment form is missing or wrong."""

    code = "ENROL_FIELDS_WRONG"
    message = "{problem}"


@login_required
@require_GET
def my_keys(request: HttpRequest) -> HttpResponse:
    """Khóa ký của tôi."""
    actor = acting(request)
    clerk = actor.has(Role.CLERK)
    services = list(RemoteService.objects.filter(agency_id=actor.agency_id, people=True).order_by("name"))
    signed_in = sign_ins.held_by(actor, services)
    context = {
        "remote": [(service, signed_in.get(service.pk)) for service in services],
        "own": _shown(_active(post_id=actor.own_post)),
        "agency_key": _shown(_active(agency_id=actor.agency_id, post=None)) if clerk else None,
        "clerk": clerk,
        "administrator": actor.has(Role.ADMINISTRATOR),
        "pairings": agents.pairings(actor),
        "agent_address": agents.address(),
        "agent_words": agent_words(),
        "package": request.build_absolute_uri(f"/agent/{agent_package.NAME}"),
    }
    return render(request, "signing/my_keys.html", context)


@require_GET
def package(_request: HttpRequest, name: str) -> HttpResponse:
    """The program for people's computers; pipx fetches it without a session."""
    if name != agent_package.NAME:
        raise AgentNotPaired
    answer = HttpResponse(agent_package.wheel(), content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{agent_package.NAME}"'
    return answer


@login_required
@never_cache
@require_POST
def pair(request: HttpRequest) -> HttpResponse:
    """Begin a pairing; the secret goes through the page to the agent once."""
    actor = acting(request)
    pairing, secret = agents.begin_pairing(actor)
    said = {"pairing": str(pairing.pk), "secret": secret, "site": agents.site_name(), "person": actor.name}
    return JsonResponse(said)


@login_required
@require_POST
def confirm(request: HttpRequest, pairing_id: UUID) -> HttpResponse:
    """The agent agreed."""
    given = request.POST
    pairing = agents.confirm_pairing(
        acting(request), pairing_id, given.get("proof", ""), given.get("computer", "")
    )
    messages.success(request, _("Đã ghép nối với máy %(name)s.") % {"name": pairing.name})
    return JsonResponse({"to": "/my-keys/"})


@login_required
@require_POST
def revoke(request: HttpRequest, pairing_id: UUID) -> HttpResponse:
    """Bỏ ghép nối."""
    agents.revoke_pairing(acting(request), pairing_id)
    messages.success(request, _("Đã bỏ ghép nối; máy đó không ký cho trang này nữa."))
    return redirect("my-keys")


@login_required
@never_cache
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """A proved request: what is plugged in, or whether the enrolled certificate is there."""
    actor, given = acting(request), request.POST
    key = _key_for(actor, given.get("owner", "")) if given.get("do") == "look" else None
    do = "look" if key else "certificates"
    certificate = bytes(key.certificate) if key else b""
    pairing, challenge = given.get("pairing", ""), given.get("challenge", "")
    return JsonResponse(agents.request_for(actor, pairing, challenge, do, certificate=certificate))


@login_required
@require_POST
def enrol_own(request: HttpRequest) -> HttpResponse:
    """Đăng ký chứng thư số trên thiết bị của mình."""
    given = request.POST
    try:
        certificate = base64.b64decode(given.get("certificate", ""), validate=True)
        chain = [base64.b64decode(item, validate=True) for item in json.loads(given.get("chain", "[]"))]
    except (ValueError, TypeError) as problem:
        raise EnrolFieldsWrong(problem=_("Không đọc được chứng thư số.")) from problem
    for_agency = given.get("owner") == "agency"
    serial = given.get("serial", "")[:80]
    key = enrolling.enrol_own_device(
        acting(request), certificate, chain, serial=serial, for_agency=for_agency
    )
    messages.success(request, _("Đã đăng ký chứng thư số %(subject)s.") % {"subject": keys.owner_of(key)})
    return JsonResponse({"to": "/my-keys/"})


@login_required
@require_POST
def otp(request: HttpRequest) -> HttpResponse:
    """Gửi mã OTP."""
    keys.send_otp(_key_for(acting(request), request.POST.get("owner", "")))
    return HttpResponse(status=204)


@sensitive_post_parameters("passphrase")
@login_required
def enrol(request: HttpRequest) -> HttpResponse:
    """Đăng ký khóa ký cho người và cơ quan."""
    actor = acting(request)
    actor.require(Role.ADMINISTRATOR)
    if request.method == "POST":
        key = _enrolled(request, actor)
        messages.success(request, _("Đã đăng ký khóa ký %(subject)s.") % {"subject": keys.owner_of(key)})
        return redirect("enrol-key")
    return render(request, "signing/enrol.html", _enrolment(request, actor))


def _enrolment(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """Forms for whatever this site is connected to; a device or service that does not answer is said so."""
    chosen = _services(actor).filter(pk=_key(request.GET.get("service", ""))).first()
    context: dict[str, Any] = {
        "file_form": _form(FileKeyForm, actor),
        "services": _services(actor),
        "chosen": chosen,
        "held": [_shown(key) for key in _held(actor)],
    }
    try:
        context["device_form"] = _form(DeviceKeyForm, actor, fingerprint=_on_device())
    except VanthuError as trouble:
        context["device_trouble"] = trouble
    if chosen is not None:
        try:
            context["remote_form"] = _form(RemoteKeyForm, actor, credential=_at_service(chosen))
        except VanthuError as trouble:
            context["remote_trouble"] = trouble
    return context


def _enrolled(request: HttpRequest, actor: Actor) -> SigningKey:
    agency = Agency.objects.get(pk=actor.agency_id)
    kind = request.POST.get("kind", "")
    if kind == KeyKind.PKCS11:
        given = _given(_form(DeviceKeyForm, actor, request, fingerprint=_on_device()))
        post = _post_of(actor, given["owner"])
        return enrolling.enrol_device_key(
            actor, agency, post, given["fingerprint"], image=_content(given["image"], LARGEST_IMAGE)
        )
    if kind == KeyKind.CSC:
        service = _services(actor).filter(pk=_key(request.POST.get("service", ""))).first()
        if service is None:
            raise RemoteServiceUnknown
        given = _given(_form(RemoteKeyForm, actor, request, credential=_at_service(service)))
        post, image = _post_of(actor, given["owner"]), _content(given["image"], LARGEST_IMAGE)
        return enrolling.enrol_remote_key(actor, agency, post, service.pk, given["credential"], image=image)
    given = _given(_form(FileKeyForm, actor, request))
    p12 = _content(given["p12"], LARGEST_KEY_FILE) or b""
    post, image = _post_of(actor, given["owner"]), _content(given["image"], LARGEST_IMAGE)
    return actions.enrol_key(actor, agency, post, p12, given["passphrase"], image=image)


def _form(
    kind: type[F], actor: Actor, request: HttpRequest | None = None, **choices: list[tuple[str, str]]
) -> F:
    form = kind(request.POST, request.FILES) if request else kind(auto_id=f"{kind.__name__}_%s")
    posts = Post.objects.filter(agency_id=actor.agency_id).select_related("person").order_by("order", "id")
    choices["owner"] = owners(list(posts), actor.agency_name)
    for name, offered in choices.items():
        form.fields[name].choices = offered  # type: ignore[attr-defined]
    return form


def _given(form: forms.Form) -> dict[str, Any]:
    if not form.is_valid():
        name, found = next(iter(form.errors.items()))
        raise EnrolFieldsWrong(problem=f"{form.fields[name].label}: {found[0]}")
    return form.cleaned_data


def _on_device() -> list[tuple[str, str]]:
    return [
        (one.fingerprint, f"{owner_of(one.certificate)} – {one.token}")
        for one in found_on(keys.device_library())
    ]


def _at_service(service: RemoteService) -> list[tuple[str, str]]:
    return [(one, one) for one in sign_ins.service_for(service).credentials()]


def _services(actor: Actor) -> Any:
    """Those that the site itself is a client of; where people sign in themselves, they enrol themselves."""
    return RemoteService.objects.filter(agency_id=actor.agency_id, people=False).order_by("name")


def _content(file: UploadedFile[Any] | None, largest: int) -> bytes | None:
    if file is None:
        return None
    if (file.size or 0) > largest:
        raise EnrolFieldsWrong(problem=_("Tệp “%(name)s” quá lớn.") % {"name": file.name})
    return bytes(file.read())


def _post_of(actor: Actor, owner: str) -> Post | None:
    if owner == "agency":
        return None
    return Post.objects.select_related("person").get(pk=owner, agency_id=actor.agency_id)


def _active(**which: Any) -> SigningKey | None:
    return SigningKey.objects.filter(active=True, **which).first()


def _held(actor: Actor) -> Any:
    return SigningKey.objects.filter(agency_id=actor.agency_id, active=True).select_related("post__person")


def _shown(key: SigningKey | None) -> dict[str, Any] | None:
    """A key and whose it is, as people say it."""
    if key is None:
        return None
    return {"key": key, "owner": keys.owner_of(key)}


def _key_for(actor: Actor, owner: str) -> SigningKey:
    return keys.agency_key(actor) if owner == "agency" else keys.person_key(actor)


def _key(text: str) -> UUID | None:
    with suppress(ValueError):
        return UUID(text)
    return None
