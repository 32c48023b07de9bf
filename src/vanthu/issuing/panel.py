"""What the document page says of an outgoing document: next step, holders, signatures, recipients, comments.

Reads a constant number of rows' kinds whatever the document; decides nothing, for each action checks again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from vanthu.audit.models import Event
from vanthu.base.actors import Actor, Role
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency
from vanthu.encryption import panel as encryption_panel
from vanthu.exchange import completeness
from vanthu.exchange.completeness import Missing
from vanthu.exchange.panel import deliveries_section
from vanthu.issuing import joint_panel, joint_queries, queries, recall_panel
from vanthu.issuing.forms import CancelForm, CommentForm, DiscardForm, ReopenForm
from vanthu.issuing.joint_models import CoIssuer
from vanthu.issuing.joint_rules import is_joint_type
from vanthu.issuing.models import Draft, Stage
from vanthu.issuing.panel_parts import (
    noting_cancelled,
    preview_section,
    return_action,
    said_of_cancelled,
    signatures_section,
    signed_files,
    with_key,
)
from vanthu.issuing.preview import BEFORE_SEAL
from vanthu.issuing.rules import EDITABLE, WITH_SIGNATURES_PENDING, missing, state_label
from vanthu.records import queries as records
from vanthu.records.models import Document, DocumentFile, FileKind, FileStage, Verb, WorkItem
from vanthu.signing import authority_queries
from vanthu.signing.authority_rules import Paper
from vanthu.web import timeline
from vanthu.web.panels import Action, Field, Holder, Panel, Section, State, dialog
from vanthu.web.templatetags.vanthu import absolute_text
from vanthu.web.words import said

STATES = {
    Stage.DRAFT: State(_("Dự thảo"), "neutral", "pencil"),
    Stage.REVIEW: State(_("Chờ lãnh đạo đơn vị"), "progress", "eye-check"),
    Stage.SUBMITTED: State(_("Chờ ký"), "progress", "signature"),
    Stage.RETURNED: State(_("Trả lại"), "warn", "corner-up-left"),
    Stage.SIGNED: State(_("Đã ký, chờ cấp số"), "progress", "rubber-stamp"),
    Stage.NUMBERED: State(_("Đã cấp số, chờ đóng dấu"), "warn", "rubber-stamp"),
    Stage.SEALED: State(_("Đã đóng dấu, chờ phát hành"), "warn", "send"),
    Stage.ISSUED: State(_("Đã phát hành"), "good", "circle-check"),
    Stage.RECALLED: State(_("Đã thu hồi"), "neutral", "arrow-back-up"),
    Stage.REPLACED: State(_("Đã được thay thế"), "neutral", "replace"),
    Stage.VOIDED: State(_("Đã hủy"), "neutral", "ban"),
}
OUT = frozenset({Stage.ISSUED, Stage.RECALLED, Stage.REPLACED})
STEPS = [_("Soạn"), _("Trình"), _("Ký"), _("Cấp số, đóng dấu"), _("Phát hành")]
STEP_OF = {
    Stage.DRAFT: 0,
    Stage.RETURNED: 0,
    Stage.REVIEW: 1,
    Stage.SUBMITTED: 2,
    Stage.SIGNED: 3,
    Stage.NUMBERED: 3,
    Stage.SEALED: 4,
    Stage.ISSUED: 5,
    Stage.RECALLED: 5,
    Stage.REPLACED: 5,
    Stage.VOIDED: -1,
}
ISSUING = {
    Stage.SIGNED: _("Cấp số, đóng dấu và phát hành"),
    Stage.NUMBERED: _("Đóng dấu và phát hành"),
    Stage.SEALED: _("Phát hành"),
}


def state_of(document: Document) -> State:
    """The word for an outgoing document's state."""
    known = document.state in Stage.values
    return STATES[Stage(document.state)] if known else State(state_label(document.state))


SIGN_TOGETHER = Action(_("Ký nhiều văn bản"), "signature", "/sign/", "link", name="bulk")


def list_actions(actor: Actor) -> list[Action]:
    """Above the list of outgoing documents: begin one; for a leader, sign the whole folder."""
    offered = [Action(_("Soạn văn bản"), "file-plus", "/drafts/new/", "link", primary=True, name="new")]
    if actor.has(Role.LEADER):
        offered.append(SIGN_TOGETHER)
    return offered


def panel_of(actor: Actor, document: Document) -> Panel:
    """The side panel of an outgoing document for one actor."""
    stage = Stage(document.state)
    draft = queries.draft_of(document)
    items = list(WorkItem.objects.filter(document=document))
    mine = {item.verb for item in items if item.principal in actor.principals}
    files = records.current_files(document)
    chosen = [] if stage in OUT else queries.recipients(document)
    partners = joint_queries.co_issuers(document)
    lacking = _lacking(document, draft, files, chosen, partners) if stage in EDITABLE else []
    left = joint_panel.said_of_those_who_left(partners)
    stopped = {Verb.NUMBER.value} if left else set()
    return Panel(
        state=state_of(document),
        actions=[
            *_actions(actor, document, draft, stage, mine - stopped, lacking, bool(signed_files(files))),
            *_cancelling(actor, document, draft),
            *noting_cancelled(document, mine),
            *_placing(actor, draft, stage, files),
        ],
        holders=list(_holders(draft, items, partners)),
        fields=[*_fields(draft, stage), *_authority(document, draft, stage, files)],
        sections=list(_sections(actor, document, draft, stage, files, chosen)),
        steps=STEPS,
        step=STEP_OF[stage],
        notice=recall_panel.notice(document, stage)
        or said_of_cancelled(document)
        or left
        or _notice(stage, items, mine, lacking)
        or _changed_since(document, stage, mine),
    )


def _lacking_to_send(document: Document, chosen: Sequence[Agency], stage: Stage) -> list[Missing]:
    """What the packet will lack, once the document is signed; a draft has its own list of what is missing."""
    if stage in EDITABLE or not chosen or document.restriction:
        return []
    return completeness.missing(document, (), numbered=False)


def _may_tell(actor: Actor, draft: Draft, stage: Stage) -> bool:
    """Whether this person may still add recipients: the drafter, then the clerk."""
    if stage in EDITABLE:
        return draft.drafter_id == actor.post_id
    return actor.has(Role.CLERK) and stage in ISSUING


def _lacking(
    document: Document,
    draft: Draft,
    files: Sequence[DocumentFile],
    chosen: Sequence[Agency],
    partners: Sequence[CoIssuer],
) -> list[str]:
    return missing(
        subject=document.subject,
        has_signer=draft.signer_id is not None,
        has_main_file=any(file.kind == FileKind.MAIN for file in files),
        recipients=len(chosen),
        restricted=bool(document.restriction),
        partners_missing=is_joint_type(document.type_code) and not partners,
    )


# --- what can be done ---


def _actions(
    actor: Actor,
    document: Document,
    draft: Draft,
    stage: Stage,
    mine: set[str],
    lacking: list[str],
    signed: bool,
) -> Iterator[Action]:
    base = f"/documents/{document.pk}/"
    drafter = draft.drafter_id == actor.post_id
    partly = stage is Stage.SUBMITTED and signed
    if drafter and stage in EDITABLE:
        yield from _drafting(base, draft, lacking)
        yield encryption_panel.action(document)
    if stage is Stage.REVIEW and Verb.REVIEW in mine:
        yield Action(
            _("Duyệt, chuyển ký"),
            "circle-check",
            base + "approve-review",
            primary=True,
            name="approve-review",
            note=_to(draft),
        )
        yield return_action(base, pgettext_lazy("nút", "Trả lại"))
    if stage is Stage.SUBMITTED and Verb.SIGN in mine:
        yield with_key(
            actor, _("Ký"), "signature", base, "sign", _("Ký số bằng khóa của bạn; chữ ký có giá trị ngay.")
        )
        yield return_action(base, pgettext_lazy("nút", "Trả lại"))
        if not signed:
            yield Action(_("Đặt lại vị trí"), "drag-drop", base + "places/", "link", name="places")
    if stage is Stage.SUBMITTED and Verb.OBTAIN in mine:
        yield return_action(base, _("Cơ quan kia từ chối"))
    if stage in ISSUING and Verb.NUMBER in mine and actor.has(Role.CLERK):
        yield with_key(actor, ISSUING[stage], "rubber-stamp", base, "issue", _issuing_note(document, stage))
        yield encryption_panel.action(document)
    if (stage is Stage.SIGNED and (drafter or Verb.NUMBER in mine)) or (drafter and partly):
        yield dialog("reopen", _("Lấy lại để sửa"), "arrow-back-up", base + "reopen", ReopenForm, danger=True)
    if Verb.FOLLOW in mine:
        yield Action(
            _("Đã xử lý việc gửi nhận"),
            "checks",
            base + "followed-up",
            primary=True,
            name="followed-up",
            note=_("Xem lý do ở mục Gửi và nhận; gửi lại hoặc soạn văn bản mới khi cần."),
        )
    if stage is Stage.ISSUED:
        yield from recall_panel.actions(actor, document, draft, mine)
    if drafter and stage in WITH_SIGNATURES_PENDING and not signed:
        yield Action(
            _("Rút lại"),
            "arrow-back-up",
            base + "withdraw",
            name="withdraw",
            confirm=_("Văn bản trở về dự thảo để bạn sửa; người đang xem xét, ký không thấy việc này nữa."),
        )


def _placing(actor: Actor, draft: Draft, stage: Stage, files: Sequence[DocumentFile]) -> list[Action]:
    """Before submission the drafter sees and puts the places, as soon as there is a page."""
    mine = draft.drafter_id == actor.post_id and stage in EDITABLE
    if not mine or not any(file.kind == FileKind.MAIN for file in files):
        return []
    address = f"/documents/{draft.pk}/places/"
    return [Action(_("Vị trí số, chữ ký, dấu"), "drag-drop", address, "link", name="places")]


def _cancelling(actor: Actor, document: Document, draft: Draft) -> Iterator[Action]:
    """For the clerk and the signer, between number and dispatch."""
    mine = actor.has(Role.CLERK) or draft.signer_id in actor.principals
    if mine and document.state in {Stage.NUMBERED, Stage.SEALED}:
        yield dialog(
            "cancel",
            _("Hủy văn bản và số"),
            "ban",
            f"/documents/{document.pk}/cancel",
            CancelForm,
            danger=True,
            confirm=_("Văn bản không phát hành nữa. Số đã cấp vẫn nằm trong sổ, được gạch bỏ kèm lý do."),
        )


def _drafting(base: str, draft: Draft, lacking: list[str]) -> Iterator[Action]:
    if not lacking:
        yield Action(
            _("Trình"), "send", base + "submit", primary=True, name="submit", note=_submit_note(draft)
        )
    yield Action(
        _("Soạn tiếp") if lacking else _("Sửa"),
        "pencil",
        base + "edit/",
        "link",
        primary=bool(lacking),
        name="edit",
    )
    yield dialog(
        "discard",
        _("Bỏ dự thảo"),
        "trash",
        base + "discard",
        DiscardForm,
        danger=True,
        confirm=_("Dự thảo không dùng nữa; mọi phiên bản và ý kiến vẫn được lưu."),
    )


def _to(draft: Draft) -> str:
    assert draft.signer is not None
    return gettext("Chuyển %(who)s ký.") % {"who": _called(draft.signer)}


def _submit_note(draft: Draft) -> str:
    assert draft.signer is not None
    head = directory.unit_head_of(draft.drafter)
    if head is None or head.pk == draft.signer_id:
        return gettext("Trình %(who)s ký.") % {"who": _called(draft.signer)}
    return gettext("%(head)s xem xét, rồi %(who)s ký.") % {
        "head": head.person.full_name,
        "who": draft.signer.person.full_name,
    }


def _issuing_note(document: Document, stage: Stage) -> str:
    if stage is Stage.SIGNED:
        return gettext("Số và ngày do hệ thống cấp theo thứ tự, ghi vào văn bản khi đóng dấu.")
    return gettext("Đã cấp số %(code)s; làm tiếp từ bước còn lại.") % {"code": document.code}


def _notice(stage: Stage, items: Sequence[WorkItem], mine: set[str], lacking: list[str]) -> str:
    if Verb.REVISE in mine and stage is Stage.RETURNED:
        reason = next((item.reason for item in items if item.verb == Verb.REVISE), "")
        return gettext("Bị trả lại: %(reason)s") % {"reason": reason}
    if Verb.REVISE in mine and lacking:
        return gettext("Chưa trình được: %(missing)s.") % {
            "missing": ", ".join(said(part) for part in lacking)
        }
    if Verb.OBTAIN in mine:
        return gettext("Tải tệp, lấy chữ ký số của cơ quan ngoài hệ thống rồi đưa trở lại, ở mục bên dưới.")
    return ""


def _changed_since(document: Document, stage: Stage, mine: set[str]) -> str:
    """For whoever approves again what was signed once and taken back (NĐ 30/2020 Đ11.2)."""
    if stage not in WITH_SIGNATURES_PENDING or not mine & {Verb.REVIEW, Verb.SIGN}:
        return ""
    main = document.files.filter(kind=FileKind.MAIN).order_by("version")
    signed, drawn = main.filter(stage=FileStage.SIGNED).first(), main.filter(stage=FileStage.DRAFT).last()
    if signed is None or drawn is None or drawn.version < signed.version:
        return ""
    return gettext("Văn bản này đã được ký rồi lấy lại để sửa; chữ ký cũ hết hiệu lực. Hãy xem lại nội dung.")


# --- who has it, what stands beside ---


def _holders(draft: Draft, items: Sequence[WorkItem], partners: Sequence[CoIssuer]) -> Iterator[Holder]:
    posts = {post.pk: post for post in (draft.drafter, draft.reviewer, draft.signer) if post}
    for item in items:
        post = posts.get(item.principal)
        elsewhere = joint_panel.holder(item, partners)
        if elsewhere is not None:
            yield elsewhere
        elif post is not None:
            yield Holder(
                post.person.full_name, f"{post.position} · {said(Verb(item.verb).label)}", item.due_at
            )
        else:
            yield Holder(gettext("Văn thư"), Verb(item.verb).label, item.due_at, note=_dispatch_by(draft))


def _dispatch_by(draft: Draft) -> str:
    if draft.dispatch_deadline is None:
        return ""
    at = absolute_text(draft.dispatch_deadline)
    return gettext("Hạn gửi %(at)s (QĐ 28/2018/QĐ-TTg Điều 5)") % {"at": at}


def _fields(draft: Draft, stage: Stage) -> Iterator[Field]:
    yield Field(_("Người soạn thảo"), _called(draft.drafter))
    if draft.unit is not None:
        yield Field(_("Đơn vị soạn thảo"), draft.unit.name)
    if draft.field:
        yield Field(_("Lĩnh vực"), draft.field.name)
    if draft.signer is not None and stage in EDITABLE:
        yield Field(_("Người ký (dự kiến)"), _called(draft.signer))
    if draft.signed_at is not None:
        yield Field(_("Ký lúc"), absolute_text(draft.signed_at))
    if draft.issued_at is not None:
        yield Field(_("Đóng dấu lúc"), absolute_text(draft.issued_at))


def _authority(
    document: Document, draft: Draft, stage: Stage, files: Sequence[DocumentFile]
) -> Iterator[Field]:
    """By which authority the signer signs; where a writing gives it, the way to it, for whoever checks."""
    if draft.signer is None or stage in EDITABLE or not files:
        return
    paper = Paper(document.type_code, str(draft.unit_id or ""), str(draft.field_id or ""))
    basis = authority_queries.basis_of(document, draft.signer, paper, files[0].sha256)
    if basis is None:
        return
    value: Any = basis.words
    if basis.writing_id is not None:
        address = reverse("signing-decision", args=[basis.writing_id])
        value = format_html('<a href="{}">{}</a>', address, basis.words)
    yield Field(_("Thẩm quyền ký"), value)


def _called(post: Any) -> str:
    return f"{post.person.full_name}, {post.position}"


def _sections(
    actor: Actor,
    document: Document,
    draft: Draft,
    stage: Stage,
    files: Sequence[DocumentFile],
    chosen: Sequence[Agency],
) -> Iterator[Section]:
    joint = joint_panel.section(actor, document, draft)
    if joint is not None:
        yield joint
    if signed_files(files):
        yield signatures_section(document, files)
    if stage in BEFORE_SEAL:
        yield preview_section(document, stage)
    if stage in OUT:
        changed = recall_panel.section(actor, document)
        if changed is not None:
            yield changed
        yield deliveries_section(actor, document)
    else:
        yield Section(
            title=_("Gửi tới"),
            template="issuing/panel/recipients.html",
            context={
                "decisions": queries.ways_of(document, chosen),
                "lacking": _lacking_to_send(document, chosen, stage),
                "restricted": bool(document.restriction),
                "left_out": queries.left_out(document, chosen) if stage is not Stage.VOIDED else [],
                "may_tell": _may_tell(actor, draft, stage),
                "document": document,
                "draft": draft,
            },
            icon="building-bank",
            badge=str(len(chosen)) if chosen else "",
            open=len(chosen) <= 8,
            key="recipients",
        )
        encrypted = encryption_panel.section(document, chosen)
        if encrypted is not None:
            yield encrypted
    if draft.placement_notes and stage not in {*OUT, Stage.VOIDED}:
        yield Section(
            title=_("Lưu ý về thể thức"),
            template="issuing/panel/notes.html",
            context={"notes": draft.placement_notes},
            icon="eye-exclamation",
            key="notes",
        )
    said = list(queries.comments(document))
    yield Section(
        title=_("Ý kiến"),
        template="issuing/panel/comments.html",
        context={
            "comments": said,
            "form": CommentForm(auto_id="comment_%s") if stage is not Stage.VOIDED else None,
            "document": document,
        },
        icon="message-2",
        badge=str(len(said)) if said else "",
        key="comments",
    )


# --- the history as sentences ---


def _said_dispatch(event: Event) -> str:
    count = len(event.data.get("recipients", []))
    sent = ngettext("phát hành tới %(n)d nơi nhận", "phát hành tới %(n)d nơi nhận", count) % {"n": count}
    sent = sent if count else gettext("phát hành, không gửi qua mạng")
    asked = [f"{code}: {', '.join(names)}" for code, names in event.data.get("asked_back", {}).items()]
    if not asked:
        return sent
    return gettext("%(sent)s; yêu cầu trả lại văn bản bị thay thế (%(asked)s)") % {
        "sent": sent,
        "asked": "; ".join(asked),
    }


def _said_reopen(event: Event) -> str:
    reason, names = event.data.get("reason", ""), event.data.get("names", "")
    return gettext("lấy lại để sửa (%(reason)s); hết hiệu lực: chữ ký, ý kiến duyệt của %(names)s") % {
        "reason": reason,
        "names": names,
    }


def _said_submit(event: Event) -> str:
    if event.data.get("state") == Stage.REVIEW:
        return gettext("trình lãnh đạo đơn vị xem xét")
    return gettext("trình ký")


def _said_update(event: Event) -> str:
    before, after = event.data.get("before", {}), event.data.get("after", {})
    if before.get("subject") != after.get("subject") and after.get("subject"):
        return gettext("sửa dự thảo, trích yếu “%(subject)s”") % {"subject": after["subject"]}
    return gettext("sửa dự thảo")


def teach_timeline() -> None:
    """How every verb of the room reads after the actor's name."""
    timeline.say("issuing.create_draft", _("soạn dự thảo"), "file-plus")
    timeline.say("issuing.update_draft", _said_update, "pencil")
    timeline.say("issuing.attach_main", _("đưa tệp văn bản “{file}” vào, phiên bản {version}"), "file-upload")
    timeline.say("issuing.attach_annex", _("thêm phụ lục “{file}”"), "paperclip")
    timeline.say("issuing.remove_annex", _("bỏ một phụ lục"), "paperclip")
    timeline.say("issuing.comment", _("góp ý"), "message-2")
    timeline.say("issuing.discard_draft", _("bỏ dự thảo"), "trash")
    timeline.say("issuing.submit", _said_submit, "send")
    timeline.say("issuing.place_by_hand", _("đặt vị trí số, ngày, chữ ký và dấu"), "drag-drop")
    timeline.say("issuing.place_by_itself", _("để hệ thống tự đặt vị trí"), "wand")
    timeline.say("issuing.withdraw", _("rút lại văn bản đã trình"), "arrow-back-up")
    timeline.say("issuing.reopen", _said_reopen, "arrow-back-up")
    timeline.say("issuing.approve_review", _("duyệt nội dung, chuyển ký"), "eye-check")
    timeline.say("issuing.return_draft", _("trả lại"), "corner-up-left")
    timeline.say("issuing.await_signature", _("chuẩn bị tệp để ký bằng thiết bị của mình"), "usb")
    timeline.say("issuing.sign", _("ký số"), "signature")
    timeline.say("issuing.begin_batch", _("bắt đầu ký cả tập văn bản"), "signature")
    timeline.say("issuing.batch_answered", _("đưa chữ ký của cả tập văn bản từ thiết bị của mình"), "usb")
    timeline.say(
        "issuing.end_batch", _("kết thúc ký cả tập: đã ký {signed} trong {documents} văn bản"), "signature"
    )
    timeline.say("issuing.assign_number", _("cấp số {code}"), "hash")
    timeline.say("issuing.seal", _("ký số của cơ quan (đóng dấu)"), "rubber-stamp")
    timeline.say("issuing.delivery_trouble", "{reason}", "alert-triangle", composed=True)
    timeline.say("issuing.follow_up_done", _("đã xử lý việc gửi nhận"), "checks")
    timeline.say("issuing.recipients_added", _("thêm nơi nhận {names}"), "user-plus")
    timeline.say("issuing.cancel_numbered", _("hủy văn bản và số {code}"), "ban")
    timeline.say("issuing.cancel_noted", _("đã biết văn bản bị hủy"), "checks")
    timeline.say("issuing.dispatch", _said_dispatch, "send")
    joint_panel.teach_timeline()
    recall_panel.teach_timeline()
