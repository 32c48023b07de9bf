"""What the document page says of an incoming document: the next step, the check report, the directive, the work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from vanthu.audit.models import Event
from vanthu.base.actors import Actor, Role
from vanthu.exchange import queries as exchange
from vanthu.exchange.models import IncomingChange
from vanthu.handling import destruction_panel, opening, recall_panel
from vanthu.handling.forms import (
    DirectiveForm,
    HolderForm,
    NoteForm,
    OpenElsewhereForm,
    OpenForm,
    RegisterForm,
    RejectForm,
    ResultForm,
)
from vanthu.handling.models import (
    Assignment,
    AssignmentRole,
    Directive,
    Intake,
    IntakeVerdict,
    ProgressNote,
    Stage,
)
from vanthu.handling.queries import registrable
from vanthu.handling.rules import Outcome
from vanthu.pades import Verdict
from vanthu.records import queries as records
from vanthu.records.models import Document, DocumentFile, LinkKind, Verb, WorkItem
from vanthu.signing import verdicts
from vanthu.web import timeline
from vanthu.web.panels import Action, Field, Holder, Panel, Section, State
from vanthu.web.templatetags.vanthu import absolute_text
from vanthu.web.words import said

STATES = {
    Stage.ARRIVED: State(_("Mới đến"), "warn", "inbox"),
    Stage.REJECTED: State(_("Đã từ chối tiếp nhận"), "bad", "circle-x"),
    Stage.REGISTERED: State(_("Chờ chỉ đạo"), "progress", "user-question"),
    Stage.ASSIGNED: State(_("Đã giao xử lý"), "progress", "user-check"),
    Stage.IN_PROGRESS: State(_("Đang xử lý"), "progress", "progress"),
    Stage.COMPLETED: State(_("Hoàn thành"), "good", "circle-check"),
    Stage.RECALLED: State(_("Đã bị thu hồi"), "neutral", "arrow-back-up"),
}
STEPS = [_("Đến"), _("Vào sổ"), _("Chỉ đạo"), _("Xử lý"), _("Hoàn thành")]
STEP_OF = {
    Stage.ARRIVED: 0,
    Stage.REJECTED: 0,
    Stage.REGISTERED: 1,
    Stage.ASSIGNED: 2,
    Stage.IN_PROGRESS: 3,
    Stage.COMPLETED: 5,
    Stage.RECALLED: -1,
}
VERDICTS = {
    IntakeVerdict.CHECKING: ("none", _("Đang kiểm tra tính đầy đủ, toàn vẹn và xác thực…")),
    IntakeVerdict.ACCEPTABLE: ("green", _("Đầy đủ, toàn vẹn, xác thực. Vào sổ được ngay.")),
    IntakeVerdict.WARNING: ("amber", _("Có điểm cần xem trước khi vào sổ.")),
    IntakeVerdict.REJECT: ("red", _("Có lỗi nghiêm trọng; nên từ chối và báo bên gửi.")),
}

_FIRST = (Outcome.FAIL, Outcome.WARN, Outcome.UNKNOWN, Outcome.PASS)
"""What the clerk must look at stands on top of the check report."""


def state_of(document: Document) -> State:
    """The word for an incoming document's state."""
    return STATES[Stage(document.state)]


def list_actions(actor: Actor) -> list[Action]:
    """Above the list of incoming documents: register at once all that passed every check."""
    count = registrable(actor).count()
    if not count:
        return []
    return [
        Action(
            _("Vào sổ tất cả văn bản đủ điều kiện"),
            "checks",
            "/incoming/register-all",
            primary=True,
            confirm=ngettext(
                "Có %(count)d văn bản đã kiểm tra đầy đủ, toàn vẹn, xác thực. Cấp số đến và trình lãnh đạo?",
                "Có %(count)d văn bản đã kiểm tra đầy đủ, toàn vẹn, xác thực. Cấp số đến và trình lãnh đạo?",
                count,
            )
            % {"count": count},
            name="register-all",
        )
    ]


def panel_of(actor: Actor, document: Document) -> Panel:
    """The side panel of an incoming document for one actor."""
    stage = Stage(document.state)
    intake = Intake.objects.select_related("decided_by__person").get(document=document)
    verbs = set(
        WorkItem.objects.filter(document=document, principal__in=actor.principals).values_list(
            "verb", flat=True
        )
    )
    requests = recall_panel.requests_of(document)
    if stage is Stage.RECALLED:
        return _recalled(actor, document, requests, verbs)
    parts = list(Assignment.objects.filter(document=document).select_related("post__person", "post__unit"))
    return Panel(
        state=state_of(document),
        actions=[
            *recall_panel.actions(document, requests, verbs),
            *_actions(actor, document, stage, intake, verbs),
        ],
        holders=list(_holders(document, stage, parts)),
        fields=list(_fields(document, intake)),
        sections=[*_changes(actor, document, requests), *_sections(document, stage, intake, parts)],
        steps=STEPS,
        step=STEP_OF[stage],
        notice=recall_panel.notice(document, requests, verbs) or _notice(stage, intake, verbs),
    )


def _recalled(actor: Actor, document: Document, requests: list[IncomingChange], verbs: set[str]) -> Panel:
    """Of a document that the sender recalled only the recall itself is shown (NĐ 30/2020 PL VI III.8.b, c)."""
    minutes = destruction_panel.minutes_of(document)
    destroyed = destruction_panel.section(minutes)
    return Panel(
        state=state_of(document),
        actions=[
            *recall_panel.actions(document, requests, verbs),
            *destruction_panel.actions(actor, document, minutes, verbs),
        ],
        sections=[*_changes(actor, document, requests), *([destroyed] if destroyed else [])],
        notice=recall_panel.notice(document, requests, verbs),
    )


def _changes(actor: Actor, document: Document, requests: list[IncomingChange]) -> Iterator[Section]:
    shown = (recall_panel.section(document, requests), recall_panel.replaced_section(actor, requests))
    yield from (section for section in shown if section is not None)


def _notice(stage: Stage, intake: Intake, verbs: set[str]) -> str:
    if stage is Stage.REJECTED:
        return f"{said(intake.get_reject_code_display())}: {intake.reject_reason}"
    if stage is Stage.ARRIVED and Verb.REGISTER in verbs:
        return str(VERDICTS[IntakeVerdict(intake.verdict)][1])
    return ""


def _actions(
    actor: Actor, document: Document, stage: Stage, intake: Intake, verbs: set[str]
) -> Iterator[Action]:
    at = f"/documents/{document.pk}"
    may_open = (actor.has(Role.CLERK) or Verb.OPEN in verbs) and stage is not Stage.REJECTED
    locked = may_open and bool(opening.encrypted_files(document))
    if locked:
        yield from _open(actor, document, at)
    if Verb.REGISTER in verbs and stage is Stage.ARRIVED and locked:
        yield _reject(at, primary=False)
    elif Verb.REGISTER in verbs and stage is Stage.ARRIVED:
        refuse_first = intake.verdict == IntakeVerdict.REJECT
        yield Action(
            _("Vào sổ"),
            "book-2",
            f"{at}/register",
            kind="dialog",
            primary=not refuse_first,
            form=RegisterForm(actor),
            note=_("Cấp số đến, trình lãnh đạo và báo bên gửi."),
            name="register",
        )
        yield _reject(at, primary=refuse_first)
    if Verb.DIRECT in verbs and stage is Stage.REGISTERED:
        yield Action(
            _("Giao xử lý"),
            "writing-sign",
            f"{at}/direct",
            kind="dialog",
            primary=True,
            form=DirectiveForm(actor),
            form_template="handling/directive_form.html",
            name="direct",
        )
    if Verb.HANDLE in verbs:
        yield from _lead_actions(document, stage, at)
    if Verb.COLLABORATE in verbs:
        yield Action(
            _("Xong phần phối hợp"),
            "check",
            f"{at}/finish",
            kind="dialog",
            primary=True,
            form=ResultForm(),
            name="finish",
        )
    if Verb.READ in verbs:
        yield Action(_("Đã xem"), "eye-check", f"{at}/finish", primary=True, name="seen")
    if stage in (Stage.REGISTERED, Stage.ASSIGNED, Stage.IN_PROGRESS):
        yield Action(
            _("Ghi tiến độ"), "message-plus", f"{at}/note", kind="dialog", form=NoteForm(), name="note"
        )


def _open(actor: Actor, document: Document, at: str) -> Iterator[Action]:
    elsewhere = opening.is_elsewhere(document)
    yield Action(
        _("Mở khóa"),
        "lock-open",
        f"{at}/open",
        kind="dialog",
        primary=True,
        form=OpenElsewhereForm() if elsewhere else OpenForm(),
        form_template="handling/open_elsewhere.html" if elsewhere else "",
        note=_("Bên gửi đã mã hóa tệp; mở bằng khóa mã hóa của cơ quan rồi hệ thống kiểm tra chữ ký số."),
        name="open",
    )
    if elsewhere and actor.has(Role.CLERK):
        yield Action(
            _("Nhờ người giữ thiết bị mở"),
            "user-share",
            f"{at}/open/ask",
            kind="dialog",
            form=HolderForm(actor),
            name="ask-holder",
        )


def _reject(at: str, *, primary: bool) -> Action:
    return Action(
        pgettext_lazy("nút", "Từ chối tiếp nhận"),
        "arrow-back-up",
        f"{at}/reject",
        kind="dialog",
        primary=primary,
        danger=True,
        form=RejectForm(),
        name="reject",
    )


def _lead_actions(document: Document, stage: Stage, at: str) -> Iterator[Action]:
    started = stage is Stage.IN_PROGRESS
    if not started:
        yield Action(
            _("Bắt đầu xử lý"),
            "player-play",
            f"{at}/start",
            primary=True,
            note=_("Bên gửi sẽ thấy “Đang xử lý”."),
            name="start",
        )
    yield Action(
        _("Soạn văn bản trả lời"),
        "pencil-plus",
        f"/drafts/new/?reply_to={document.pk}",
        kind="link",
        name="answer",
    )
    yield Action(
        pgettext_lazy("nút", "Hoàn thành"),
        "circle-check",
        f"{at}/complete",
        kind="dialog",
        primary=started,
        form=ResultForm(),
        name="complete",
    )


def _holders(document: Document, stage: Stage, parts: list[Assignment]) -> Iterator[Holder]:
    if stage is Stage.ARRIVED:
        yield Holder(str(_("Văn thư cơ quan")), _("Vào sổ"), document.intake.deadline)
    waiting = {item.principal: item for item in WorkItem.objects.filter(document=document, verb=Verb.DIRECT)}
    if waiting:
        from vanthu.directory.models import Post

        for post in Post.objects.filter(pk__in=waiting).select_related("person"):
            yield Holder(post.person.full_name, _("Cho ý kiến chỉ đạo"))
    for part in parts:
        yield Holder(
            part.post.person.full_name,
            AssignmentRole(part.role).label,
            document.due_at if part.role != AssignmentRole.INFORM else None,
            done=part.finished_at is not None,
            note=part.post.position,
        )


def _fields(document: Document, intake: Intake) -> Iterator[Field]:
    if document.arrived_at is None:
        yield Field(_("Ngày đến"), absolute_text(intake.received_at))
    number = None if document.steering else exchange.unknown_steering(document)
    if number is not None:
        yield Field(_("Loại chỉ đạo theo bên gửi"), str(number))


def checks_context(document: Document) -> dict[str, Any]:
    """What the check report's template shows; the page asks again while the check runs."""
    intake = Intake.objects.select_related("decided_by__person").get(document=document)
    signed, rows = _signatures(document)
    found = [check for check in intake.checks if not _said_by_rows(check, signed)]
    return {
        "intake": intake,
        "rows": rows,
        "found": sorted(found, key=lambda check: _FIRST.index(check["outcome"])),
        "said": VERDICTS[IntakeVerdict(intake.verdict)][1],
        "document": document,
    }


def _signatures(document: Document) -> tuple[list[DocumentFile], list[dict[str, Any]]]:
    """(files with signatures, what their newest check found, one row per signature)."""
    files = records.readable_files(document)
    known = verdicts.kept([file.sha256 for file in files])
    signed = [
        file
        for file in files
        if file.sha256 in known and known[file.sha256].latest.verdict != Verdict.UNSIGNED.value
    ]
    return signed, verdicts.rows(signed, known)


def _said_by_rows(check: dict[str, Any], signed: Sequence[DocumentFile]) -> bool:
    return check["code"] == "SIGNATURES" and any(check["text"].startswith(f"{file.name}:") for file in signed)


def _sections(document: Document, stage: Stage, intake: Intake, parts: list[Assignment]) -> Iterator[Section]:
    checking = intake.verdict == IntakeVerdict.CHECKING
    yield Section(
        _("Kiểm tra khi nhận"),
        "handling/checks.html",
        checks_context(document),
        poll_url=f"/documents/{document.pk}/checks" if checking else None,
        poll_seconds=2,
        icon="shield-check",
        open=stage is Stage.ARRIVED,
        key="checks",
    )
    directives = list(
        Directive.objects.filter(document=document).select_related("author__person").order_by("id")
    )
    if directives:
        yield Section(
            _("Ý kiến chỉ đạo"),
            "handling/directives.html",
            {"directives": directives, "done": stage is Stage.COMPLETED},
            icon="writing-sign",
            key="directives",
        )
    notes = list(ProgressNote.objects.filter(document=document).select_related("author__person"))
    if notes or intake.result or any(part.result for part in parts):
        yield Section(
            _("Tiến độ và kết quả"),
            "handling/progress.html",
            {"notes": notes, "intake": intake, "parts": parts},
            icon="progress",
            key="progress",
        )
    answers = list(document.linked_from.filter(kind=LinkKind.REPLY_TO).select_related("source"))
    if answers:
        yield Section(
            _("Văn bản trả lời"), "handling/answers.html", {"answers": answers}, icon="link", key="answers"
        )


def teach_timeline() -> None:
    """How the verbs of this room read in the history."""
    timeline.say("handling.take_in", _("nhận văn bản từ {from}"), "inbox")
    timeline.say("handling.take_in_again", _("nhận lại gói tin đã có, không thay đổi gì"), "inbox")
    timeline.say("handling.check", _checked, "shield-check")
    timeline.say("handling.open", _("mở khóa tệp mã hóa"), "lock-open")
    timeline.say("handling.ask_holder", _("nhờ {holder} mở khóa tệp mã hóa"), "user-share")
    timeline.say("handling.ask_to_open", _("đưa tệp mã hóa cho thiết bị của mình mở"), "usb")
    timeline.say("handling.take_out", _("lấy nội dung bên trong tệp ký số {names} để xem"), "file-export")
    timeline.say("handling.register", _("vào sổ đến số {arrival_number} và trình lãnh đạo"), "book-2")
    timeline.say("handling.reject", _("từ chối tiếp nhận"), "arrow-back-up")
    timeline.say("handling.direct", _("cho ý kiến chỉ đạo: {text}"), "writing-sign")
    timeline.say("handling.start", _("bắt đầu xử lý"), "player-play")
    timeline.say("handling.note", _("ghi tiến độ: {text}"), "message")
    timeline.say("handling.finish_part", _("xong phần việc được giao"), "check")
    timeline.say("handling.complete", _("hoàn thành xử lý"), "circle-check")
    recall_panel.teach_timeline()
    destruction_panel.teach_timeline()


def _checked(event: Event) -> str:
    verdict = IntakeVerdict(event.data.get("verdict", IntakeVerdict.CHECKING))
    return gettext("kiểm tra văn bản: %(verdict)s") % {"verdict": said(verdict.label).lower()}
