"""Pages of issuing: the drafting page and one thin door per verb. Decides nothing; the actions do."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from vanthu.base.actors import Actor
from vanthu.base.ids import new_id
from vanthu.directory.queries import unit_head_of
from vanthu.errors import VanthuError
from vanthu.formalities.reading import read_front_page
from vanthu.issuing import actions, panel_parts, queries
from vanthu.issuing.forms import (
    UPLOAD_TYPES,
    CancelForm,
    CommentForm,
    DiscardForm,
    DraftForm,
    ReopenForm,
    ReturnForm,
    initial_of,
    valid,
)
from vanthu.issuing.joint_queries import co_issuers
from vanthu.issuing.models import Draft, Stage
from vanthu.issuing.rules import CancelWithoutReason, DraftData, ReopenWithoutReason, ReturnWithoutReason
from vanthu.issuing.uploads import Upload, taken
from vanthu.records import queries as records
from vanthu.records.models import Direction, Document
from vanthu.signing import verdicts
from vanthu.signing.key_forms import SecretsForm
from vanthu.web.middleware import actor as acting
from vanthu.web.words import said

_BEGUN = signing.Signer(salt="vanthu.issuing.begun")
UNFIT = 422
STOP_POLLING = 286
"""htmx ends a poll on this status, after showing what came with it."""


@dataclass
class _Desk:
    """The draft behind a drafting page. ``document`` is None on a new page until something is kept."""

    actor: Actor
    document_id: UUID
    document: Document | None = None
    draft: Draft | None = None
    answered: Document | None = None
    file_error: VanthuError | None = None
    annex_errors: list[VanthuError] = field(default_factory=list)
    problem: VanthuError | None = None
    suggested: str = ""


# --- the drafting page ---


@login_required
@require_GET
def new(request: HttpRequest) -> HttpResponse:
    """A drafting page: empty, or to answer (``?reply_to=``) or replace (``?replaces=``) one; stores nothing."""
    actor = acting(request)
    post = request.post_held  # type: ignore[attr-defined]
    data, answered = DraftData(type_code="CONG_VAN", subject=""), None
    if wanted := _key(request.GET.get("reply_to", "")):
        data, answered = queries.reply_data(actor, wanted)
    elif replaced := _key(request.GET.get("replaces", "")):
        data = queries.replacing_data(actor, replaced)
    desk = _Desk(actor, new_id(), answered=answered)
    initial = {**initial_of(data), "issue_place": post.agency.place}
    form = DraftForm(initial=initial, **queries.choices(actor.agency_id))
    return _page(request, desk, form)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """The drafting page of a draft; keeps what was typed, and with ``do=submit`` submits it."""
    desk = _desk(request, document_id)
    offered = queries.choices(desk.actor.agency_id)
    if request.method == "GET":
        assert desk.document is not None and desk.draft is not None
        form = DraftForm(initial=initial_of(queries.data_of(desk.document, desk.draft)), **offered)
        return _page(request, desk, form)
    form = DraftForm(request.POST, **offered, actor=desk.actor)
    if not form.is_valid():
        return _page(request, desk, form, status=UNFIT)
    _keep(desk, form.data_entered())
    _take_main(request, desk)
    _take_annexes(request, desk)
    if desk.file_error or desk.annex_errors:
        return _page(request, desk, form, status=UNFIT)
    if request.POST.get("do") != "submit":
        return _done(request, document_id, _("Đã lưu dự thảo."))
    try:
        document = actions.submit(desk.actor, document_id)
    except VanthuError as error:
        desk.problem = error
        return _page(request, desk, form, status=UNFIT)
    return _submitted(request, document)


@login_required
@require_POST
def autosave(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Keep what is being typed (htmx); answers the line that says when."""
    desk = _desk(request, document_id)
    form = DraftForm(request.POST, **queries.choices(desk.actor.agency_id), actor=desk.actor)
    if not form.is_valid():
        problem = next(iter(form.errors.values()))[0]
        return render(request, "issuing/saved.html", {"problem": problem}, status=UNFIT)
    began = desk.document is None
    _keep(desk, form.data_entered())
    assert desk.document is not None
    chosen = queries.recipients(desk.document)
    context = {
        "saved_at": queries.saved_at(desk.document),
        "ways": True,
        "decisions": queries.ways_of(desk.document, chosen),
        "left_out": queries.left_out(desk.document, chosen),
    }
    response = render(request, "issuing/saved.html", context)
    return _named_address(response, document_id) if began else response


@login_required
@require_GET
def agencies(request: HttpRequest) -> HttpResponse:
    """Rows of the recipients picker for what was typed; the recent recipients while nothing is."""
    text = request.GET.get("q", "").replace("\0", "")[:200]
    found = queries.pick_agencies(acting(request), text)
    return render(request, "issuing/agency_options.html", {"agencies": found, "text": text.strip()})


@login_required
@require_POST
def main_file(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Take the document's file, or a newer one; what was typed is kept with it."""
    desk = _desk(request, document_id)
    began = desk.document is None
    _take_main(request, desk)
    if not _is_htmx(request):
        return _back_to_page(request, desk)
    status = UNFIT if desk.file_error else 200
    response = render(request, "issuing/main_box.html", _file_context(desk), status=status)
    return _named_address(response, document_id) if began and desk.document else response


@login_required
@require_POST
def annexes(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Add annexes; those that fit are kept, the others are named with their reasons."""
    desk = _desk(request, document_id)
    began = desk.document is None
    _take_annexes(request, desk)
    if not _is_htmx(request):
        return _back_to_page(request, desk)
    status = UNFIT if desk.annex_errors else 200
    response = render(request, "issuing/annex_box.html", _file_context(desk), status=status)
    return _named_address(response, document_id) if began and desk.document else response


@login_required
@require_POST
def remove_annex(request: HttpRequest, document_id: UUID, ordinal: int) -> HttpResponse:
    """Take an annex out of the draft."""
    desk = _desk(request, document_id)
    actions.remove_annex(desk.actor, document_id, ordinal)
    if not _is_htmx(request):
        return redirect("draft-edit", document_id=document_id)
    return render(request, "issuing/annex_box.html", _file_context(desk))


@login_required
@require_GET
def signatures(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """The verdicts of the document page, asked for again while the check is still to come."""
    document = records.get_open(acting(request), document_id, Direction.OUTGOING)
    context = panel_parts.signatures_context(records.current_files(document))
    response = render(request, verdicts.TEMPLATE, context)
    if context["checked"]:
        response.status_code = STOP_POLLING
    return response


# --- the verbs ---


@login_required
@require_POST
def submit(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Trình."""
    return _submitted(request, actions.submit(acting(request), document_id))


@login_required
@require_POST
def tell_everybody(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Gửi thêm các nơi đang có văn bản được thay thế."""
    actions.tell_everybody(acting(request), document_id)
    return _done(request, document_id, _("Đã thêm các nơi đang có văn bản được thay thế."))


@login_required
@require_POST
def withdraw(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Rút lại."""
    actions.withdraw(acting(request), document_id)
    return _done(request, document_id, _("Đã rút lại, văn bản trở về dự thảo."))


@login_required
@require_POST
def discard(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Bỏ dự thảo."""
    given = valid(DiscardForm(request.POST)).cleaned_data
    actions.discard_draft(acting(request), document_id, given["reason"])
    return _done(request, document_id, _("Đã bỏ dự thảo; lịch sử vẫn được lưu."))


@login_required
@require_POST
def approve_review(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Duyệt, chuyển ký."""
    actions.approve_review(acting(request), document_id)
    return _done(request, document_id, _("Đã duyệt và chuyển người có thẩm quyền ký."))


@login_required
@require_POST
def return_draft(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Trả lại."""
    if not request.POST.get("reason", "").strip():
        raise ReturnWithoutReason
    given = valid(ReturnForm(request.POST)).cleaned_data
    actor = acting(request)
    document = actions.return_draft(actor, document_id, given["reason"])
    if document.agency_id != actor.agency_id:
        messages.success(request, _("Đã từ chối; cơ quan chủ trì nhận được lý do của bạn."))
        return redirect("/")
    return _done(request, document_id, _("Đã trả lại người soạn thảo."))


@login_required
@require_POST
def reopen(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Lấy lại để sửa."""
    if not request.POST.get("reason", "").strip():
        raise ReopenWithoutReason
    given = valid(ReopenForm(request.POST)).cleaned_data
    actions.reopen(acting(request), document_id, given["reason"])
    return _done(
        request, document_id, _("Đã lấy lại để sửa; chữ ký trước đó hết hiệu lực, văn bản phải trình lại.")
    )


@login_required
@require_POST
def cancel(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Hủy văn bản và số."""
    if not request.POST.get("reason", "").strip():
        raise CancelWithoutReason
    reason = valid(CancelForm(request.POST)).cleaned_data["reason"]
    document = actions.cancel_numbered(acting(request), document_id, reason)
    text = _("Đã hủy văn bản; số %(code)s giữ trong sổ, gạch bỏ kèm lý do.") % {"code": document.code}
    return _done(request, document_id, text)


@login_required
@require_POST
def cancel_noted(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Đã biết văn bản bị hủy."""
    actions.note_cancelled(acting(request), document_id)
    messages.success(request, _("Đã ghi nhận bạn biết văn bản bị hủy."))
    return redirect("/")


@login_required
@require_POST
def comment(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Góp ý."""
    given = valid(CommentForm(request.POST)).cleaned_data
    actions.comment(acting(request), document_id, given["text"])
    return _done(request, document_id, _("Đã gửi ý kiến."))


@sensitive_post_parameters("passphrase", "otp")
@login_required
@require_POST
def sign(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Ký."""
    given = valid(SecretsForm(request.POST)).cleaned_data
    document = actions.sign_document(acting(request), document_id, given["passphrase"], given["otp"])
    return _done(request, document_id, panel_parts.said_of_signature(document))


@sensitive_post_parameters("passphrase", "otp")
@login_required
@require_POST
def issue(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Cấp số, đóng dấu và phát hành."""
    given = valid(SecretsForm(request.POST)).cleaned_data
    document = actions.issue(acting(request), document_id, given["passphrase"], given["otp"])
    return _done(request, document_id, panel_parts.said_of_release(document))


@login_required
@require_POST
def followed_up(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Đã xử lý việc gửi nhận."""
    actions.follow_up_done(acting(request), document_id)
    return _done(request, document_id, _("Đã ghi nhận; việc này không còn chờ bạn."))


# --- shared ---


def _desk(request: HttpRequest, document_id: UUID) -> _Desk:
    """The editable draft of the actor, or the new page that this person was given; else the refusal."""
    actor = acting(request)
    if _began(actor, document_id, request.POST.get("begun", "")) and not _exists(document_id):
        return _Desk(actor, document_id, answered=_answered(actor, request.POST.get("reply_to_id", "")))
    document, draft = queries.editable(actor, document_id)
    reply = document.links.filter(kind="REPLY_TO").values_list("target_id", flat=True).first()
    return _Desk(actor, document_id, document, draft, answered=_answered(actor, str(reply or "")))


def _exists(document_id: UUID) -> bool:
    return Document.objects.filter(pk=document_id).exists()


def _answered(actor: Actor, text: str) -> Document | None:
    key = _key(text)
    return records.visible(actor).filter(pk=key).first() if key else None


def _begin(actor: Actor, document_id: UUID) -> str:
    """Proof that the page of this key was given to this post; without it nobody chooses a document's key."""
    return _BEGUN.sign(f"{actor.post_id}:{document_id}")


def _began(actor: Actor, document_id: UUID, proof: str) -> bool:
    try:
        return _BEGUN.unsign(proof) == f"{actor.post_id}:{document_id}"
    except signing.BadSignature:
        return False


def _keep(desk: _Desk, data: DraftData) -> None:
    """Store what was typed, when it differs from what is stored."""
    if desk.document is None:
        try:
            actions.create_draft(desk.actor, data, document_id=desk.document_id)
        except IntegrityError:
            # An upload of the same page was quicker; its document takes what was typed.
            actions.update_draft(desk.actor, desk.document_id, data)
    else:
        assert desk.draft is not None
        if queries.data_of(desk.document, desk.draft) == data:
            return
        actions.update_draft(desk.actor, desk.document_id, data)
    desk.document, desk.draft = queries.editable(desk.actor, desk.document_id)


def _keep_typed(request: HttpRequest, desk: _Desk) -> None:
    """Store the fields that came with a file. Unfit ones stay in the page and are said at its own saving."""
    form = DraftForm(request.POST, **queries.choices(desk.actor.agency_id), actor=desk.actor)
    if form.is_valid():
        _keep(desk, form.data_entered())
    elif desk.document is None:
        _keep(desk, DraftData(type_code="CONG_VAN", subject=""))


def _take_main(request: HttpRequest, desk: _Desk) -> None:
    given = request.FILES.get("main_file")
    if not isinstance(given, UploadedFile):
        return
    try:
        upload = taken(given)
        _keep_typed(request, desk)
        first = queries.draft_files(cast(Document, desk.document))[0] is None
        actions.attach_main(desk.actor, desk.document_id, upload)
        desk.document, desk.draft = queries.editable(desk.actor, desk.document_id)
    except VanthuError as error:
        desk.file_error = error
        return
    if first:
        desk.suggested = _suggested(upload, desk)


def _take_annexes(request: HttpRequest, desk: _Desk) -> None:
    for given in request.FILES.getlist("annex_files"):
        assert isinstance(given, UploadedFile)
        try:
            upload = taken(given)
            _keep_typed(request, desk)
            actions.attach_annex(desk.actor, desk.document_id, upload)
        except VanthuError as error:
            desk.annex_errors.append(error)


def _suggested(upload: Upload, desk: _Desk) -> str:
    """What the front page offers for empty fields, as JSON; one that cannot be read offers none."""
    try:
        found = queries.suggestions(read_front_page(upload.pdf), queries.signers(desk.actor.agency_id))
    except VanthuError:
        return ""
    return json.dumps({item.field: item.value for item in found}, ensure_ascii=False) if found else ""


def _page(request: HttpRequest, desk: _Desk, form: DraftForm, status: int = 200) -> HttpResponse:
    chosen = [key for key in form["recipient_ids"].value() or [] if _key(str(key))]
    agencies = queries.agencies_in_order([str(key) for key in chosen])
    context = {
        **_file_context(desk),
        "form": form,
        "begun": _begin(desk.actor, desk.document_id),
        "chosen": agencies,
        "decisions": queries.ways_of(desk.document, agencies) if desk.document else [],
        "left_out": queries.left_out(desk.document, agencies) if desk.document else [],
        "partners": co_issuers(desk.document) if desk.document else [],
        "saved_at": queries.saved_at(desk.document) if desk.document else "",
        "returned": _returned(desk.document) if desk.document else None,
        "reviewer_first": _head_reads_first(request),
    }
    return render(request, "issuing/draft.html", context, status=status)


def _file_context(desk: _Desk) -> dict[str, Any]:
    main, found = queries.draft_files(desk.document) if desk.document else (None, [])
    return {
        "desk": desk,
        "document": desk.document,
        "document_id": desk.document_id,
        "main": main,
        "annexes": found,
        "upload_types": UPLOAD_TYPES,
        "limit_mb": settings.VANTHU.max_upload_mb,
    }


def _returned(document: Document) -> Any:
    if document.state != Stage.RETURNED:
        return None
    return queries.comments(document).filter(returned=True).order_by("-id").first()


def _head_reads_first(request: HttpRequest) -> str:
    head = unit_head_of(request.post_held)  # type: ignore[attr-defined]
    return head.person.full_name if head else ""


def _submitted(request: HttpRequest, document: Document) -> HttpResponse:
    """Say to whom it went, and what the drafter should look at on the page as it was prepared."""
    draft = queries.draft_of(document)
    for note in draft.placement_notes:
        messages.warning(request, said(note))
    if document.state == Stage.REVIEW and draft.reviewer is not None:
        text = _("Đã trình %(who)s xem xét.") % {"who": draft.reviewer.person.full_name}
    else:
        assert draft.signer is not None
        text = _("Đã trình %(who)s ký.") % {"who": draft.signer.person.full_name}
    return _done(request, document.pk, text)


def _back_to_page(request: HttpRequest, desk: _Desk) -> HttpResponse:
    """Without htmx the page is shown anew; a refused file keeps what was typed."""
    if not (desk.file_error or desk.annex_errors) and desk.document is not None:
        return redirect("draft-edit", document_id=desk.document_id)
    offered = queries.choices(desk.actor.agency_id)
    form = DraftForm(request.POST, **offered, actor=desk.actor)
    return _page(request, desk, form, status=UNFIT)


def _done(request: HttpRequest, document_id: UUID, text: str) -> HttpResponse:
    messages.success(request, text)
    target = f"/documents/{document_id}/"
    return HttpResponseClientRedirect(target) if _is_htmx(request) else redirect(target)


def _named_address(response: HttpResponse, document_id: UUID) -> HttpResponse:
    """From now on the page is the page of this draft: a reload shows what was kept."""
    response.headers["HX-Replace-Url"] = f"/documents/{document_id}/edit/"
    return response


def _is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
