"""Pages of joint documents: who issues one together, the seal of another agency, files that come back from outside."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from vanthu.directory.models import Agency
from vanthu.directory.queries import find_agencies
from vanthu.errors import VanthuError
from vanthu.issuing import actions, joint_queries, queries
from vanthu.issuing.forms import valid
from vanthu.issuing.joint_forms import CoIssuerForm, LeaveForm
from vanthu.issuing.joint_rules import CoIssuerData, LeavingWithoutReason, OutsideRefused
from vanthu.issuing.models import Stage
from vanthu.issuing.rules import FieldsWrong
from vanthu.issuing.uploads import require_size
from vanthu.records.models import Document
from vanthu.signing.authority_queries import signers
from vanthu.signing.key_forms import SecretsForm
from vanthu.web.middleware import actor as acting
from vanthu.web.words import said

UNFIT = 422


@login_required
@require_http_methods(["GET", "POST"])
def co_issuers(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """The drafter's page of the agencies: look one up (``?q=``), choose it (``?agency=``), add it with its signer."""
    actor = acting(request)
    document, _draft = queries.editable(actor, document_id)
    agency = _agency(request.POST.get("agency_id", "") or request.GET.get("agency", ""))
    if request.method == "GET":
        return _page(request, document, agency=agency, form=_form(agency))
    if agency is None:
        raise FieldsWrong(problem=_("Hãy chọn một cơ quan."))
    form = _form(agency, request.POST)
    if form is None or not form.is_valid():
        return _page(request, document, agency=agency, form=form, status=UNFIT)
    try:
        added = actions.add_co_issuer(actor, document_id, _data(form.cleaned_data))
    except VanthuError as error:
        return _page(request, document, agency=agency, form=form, problem=said(error), status=UNFIT)
    text = _("Đã thêm %(agency)s; %(who)s ký.") % {"agency": agency.name, "who": added.signer_name}
    messages.success(request, text)
    return redirect("joint", document_id=document_id)


@login_required
@require_POST
def remove(request: HttpRequest, document_id: UUID, co_issuer_id: UUID) -> HttpResponse:
    """Bỏ một cơ quan."""
    actions.remove_co_issuer(acting(request), document_id, co_issuer_id)
    messages.success(request, _("Đã bỏ cơ quan khỏi văn bản."))
    return redirect("joint", document_id=document_id)


@login_required
@require_POST
def arrange(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Thứ tự ký: ``up`` names the agency that moves one place up, ``in_order`` whether the order binds."""
    actor = acting(request)
    document, draft = queries.editable(actor, document_id)
    keys = [one.pk for one in joint_queries.co_issuers(document)]
    up = next((place for place, key in enumerate(keys) if str(key) == request.POST.get("up")), 0)
    if up:
        keys[up - 1], keys[up] = keys[up], keys[up - 1]
    in_order = draft.in_order if "up" in request.POST else request.POST.get("in_order") == "1"
    actions.arrange_co_issuers(actor, document_id, keys, in_order=in_order)
    messages.success(request, _("Đã lưu thứ tự ký."))
    return redirect("joint", document_id=document_id)


@sensitive_post_parameters("passphrase", "otp")
@login_required
@require_POST
def seal(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Đóng dấu của cơ quan mình lên văn bản do cơ quan khác chủ trì."""
    given = valid(SecretsForm(request.POST)).cleaned_data
    document = actions.seal_as_partner(acting(request), document_id, given["passphrase"], given["otp"])
    text = _("Đã đóng dấu; %(agency)s sẽ đóng dấu cuối cùng và phát hành.") % {"agency": document.agency.name}
    messages.success(request, text)
    return redirect("document", document_id)


@login_required
@require_POST
def leave(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Rút khỏi văn bản."""
    if not request.POST.get("reason", "").strip():
        raise LeavingWithoutReason
    reason = valid(LeaveForm(request.POST)).cleaned_data["reason"]
    document = actions.leave_joint(acting(request), document_id, reason)
    messages.success(request, _("Đã rút; cơ quan chủ trì nhận được lý do của bạn."))
    return redirect("document", document_id) if document.state == Stage.NUMBERED else redirect("/")


@login_required
@require_POST
def rejoin(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Tiếp tục cùng ban hành."""
    actions.rejoin_joint(acting(request), document_id)
    messages.success(request, _("Cơ quan bạn tiếp tục cùng ban hành văn bản này."))
    return redirect("document", document_id)


@login_required
@require_POST
def ask_again(request: HttpRequest, document_id: UUID, co_issuer_id: UUID) -> HttpResponse:
    """Nhắc, or Mời lại."""
    one = actions.ask_partner_again(acting(request), document_id, co_issuer_id)
    messages.success(request, _("Đã nhắc %(agency)s; họ thấy ở Việc của tôi.") % {"agency": one.agency.name})
    return redirect("document", document_id)


@login_required
@require_POST
def bring(request: HttpRequest, document_id: UUID, co_issuer_id: UUID) -> HttpResponse:
    """Đưa tệp đã ký vào."""
    given = request.FILES.get("file")
    if not isinstance(given, UploadedFile):
        raise OutsideRefused(why=_("chưa chọn tệp"))
    require_size(given.name or "", given.size or 0)
    actions.bring_in(acting(request), document_id, co_issuer_id, given.read())
    messages.success(request, _("Đã nhận tệp: chữ ký hợp lệ và đúng cơ quan."))
    return redirect("document", document_id)


def _page(
    request: HttpRequest,
    document: Document,
    *,
    agency: Agency | None,
    form: CoIssuerForm | None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    text = request.GET.get("q", "").replace("\0", "").strip()[:200]
    partners = joint_queries.co_issuers(document)
    taken = {one.agency_id for one in partners}
    found = find_agencies(text, exclude=document.agency_id) if text else []
    context = {
        "document": document,
        "partners": partners,
        "room": joint_queries.room_left(partners),
        "in_order": document.draft.in_order,
        "agency": agency,
        "form": form,
        "problem": problem,
        "text": text,
        "found": [one for one in found if one.pk not in taken],
        "limit_mb": settings.VANTHU.max_upload_mb,
    }
    return render(request, "issuing/joint.html", context, status=status)


def _form(agency: Agency | None, given: Any = None) -> CoIssuerForm | None:
    if agency is None:
        return None
    posts = signers(agency.pk) if agency.hosted else []
    return CoIssuerForm(given, agency=agency, posts=posts, initial={"agency_id": agency.pk})


def _data(given: dict[str, Any]) -> CoIssuerData:
    names = ("post_id", "signer_name", "signer_position", "signer_competence")
    return CoIssuerData(
        agency_id=str(given["agency_id"]), **{name: given[name] for name in names if name in given}
    )


def _agency(text: str) -> Agency | None:
    try:
        return Agency.objects.filter(pk=UUID(text)).first()
    except ValueError:
        return None
