"""What the page of an issued document says of taking it back, recalling, updating and replacing it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vanthu.audit.models import Event
from vanthu.base.actors import Actor, Role
from vanthu.edxml.codes import status_label
from vanthu.exchange.change_rules import NOT_REGISTERED_YET, PLAIN_ANSWERS
from vanthu.exchange.changes import NOT_ASKED
from vanthu.exchange.models import (
    AnswerState,
    Change,
    ChangeKind,
    ChangeState,
    ChangeTarget,
    Channel,
    Delivery,
    OutboxState,
)
from vanthu.exchange.recall_panel import LABELS, kind_word, sentence_about, value_word
from vanthu.issuing.models import Draft, Stage
from vanthu.issuing.recall_forms import DropForm, RecallForm, TakeBackForm, UpdateForm
from vanthu.legal.recalls import DECIDED_BY, SENDER_CITATIONS
from vanthu.records.models import Document, Verb
from vanthu.web import timeline
from vanthu.web.panels import Action, Section, State, Tone, dialog
from vanthu.web.words import said

_TONES: dict[str, Tone] = {
    AnswerState.ASKED: "progress",
    AnswerState.AGREED: "good",
    AnswerState.RETURNED: "good",
    AnswerState.REFUSED: "bad",
}
_STATE_TONES: dict[str, Tone] = {
    ChangeState.PROPOSED: "warn",
    ChangeState.DECIDED: "good",
    ChangeState.DROPPED: "neutral",
}


@dataclass(frozen=True)
class TargetLine:
    """What one recipient said; ``said_by`` names a status that is not the standard's own answer."""

    target: ChangeTarget
    state: State
    may_return: bool
    said_by: str = ""


@dataclass(frozen=True)
class ChangeLine:
    """One decision with everybody's answers; ``rule`` is its citation, ``differences`` old and new side by side."""

    change: Change
    title: str
    state: State
    rule: str
    differences: Sequence[tuple[str, str, str]]
    targets: Sequence[TargetLine]


def actions(actor: Actor, document: Document, draft: Draft, mine: set[str]) -> Iterator[Action]:
    """What this person can do about a document that is out."""
    base = f"/documents/{document.pk}/"
    proposal = Change.objects.filter(document=document, state=ChangeState.PROPOSED).first()
    if proposal is not None and Verb.DECIDE in mine and actor.has(Role.LEADER):
        yield from _deciding(base, proposal)
    if proposal is None and (actor.has(Role.CLERK) or actor.has(Role.LEADER)):
        yield from _beginning(actor, document, base)
    if draft.drafter_id == actor.post_id:
        yield Action(
            _("Soạn văn bản thay thế"),
            "replace",
            f"/drafts/new/?replaces={document.pk}",
            "link",
            name="replace",
        )


def _deciding(base: str, proposal: Change) -> Iterator[Action]:
    kind = kind_word(proposal.kind)
    yield Action(
        gettext("Quyết định %(kind)s") % {"kind": kind},
        "gavel",
        f"{base}changes/{proposal.pk}/decide",
        primary=True,
        name="decide-change",
        confirm=gettext("Văn thư đề nghị: %(reason)s") % {"reason": proposal.reason},
        note=SENDER_CITATIONS[proposal.kind],
    )
    yield dialog(
        "drop-change",
        _("Không đồng ý"),
        "corner-up-left",
        f"{base}changes/{proposal.pk}/drop",
        DropForm,
        danger=True,
    )


def _beginning(actor: Actor, document: Document, base: str) -> Iterator[Action]:
    holding = list(
        Delivery.objects.filter(document=document).exclude(state__in=NOT_ASKED).select_related("recipient")
    )
    eligible = [delivery for delivery in holding if delivery.state in NOT_REGISTERED_YET]
    decides = actor.has(DECIDED_BY["RECALL"])
    if eligible and actor.has(Role.CLERK):
        yield Action(
            _("Lấy lại"),
            "arrow-back-up",
            base + "take-back",
            "dialog",
            danger=True,
            name="take-back",
            form=TakeBackForm(eligible=eligible, auto_id="take_back_%s"),
            confirm=_("Dùng khi gửi nhầm và nơi nhận chưa vào sổ (QĐ 28/2018/QĐ-TTg)."),
        )
    yield Action(
        _("Cập nhật") if decides else _("Đề nghị cập nhật"),
        "edit",
        base + "update-issued",
        "dialog",
        name="update-issued",
        form=UpdateForm(document=document, holding=holding, auto_id="update_%s"),
        form_template="issuing/update_form.html",
        confirm="" if decides else _("Lãnh đạo quyết định rồi mới gửi tới các nơi nhận."),
    )
    yield dialog(
        "recall",
        _("Thu hồi văn bản") if decides else _("Đề nghị thu hồi"),
        "file-off",
        base + "recall",
        RecallForm,
        danger=True,
        confirm=_(
            "Văn bản và thông tin của văn bản bị khóa; mọi nơi nhận được yêu cầu hủy (NĐ 30/2020 Điều 18)."
        ),
    )


def section(actor: Actor, document: Document) -> Section | None:
    """Every decision about the document with the recipients' answers; None when there is none. Two queries."""
    found = Change.objects.filter(document=document).select_related(
        "proposed_by__person", "decided_by__person"
    )
    found = found.prefetch_related("targets__delivery__recipient", "targets__packet")
    lines = [_line(actor, change) for change in found.order_by("-pk")]
    if not lines:
        return None
    return Section(
        title=_("Lấy lại, thu hồi, cập nhật"),
        template="issuing/panel/changes.html",
        context={"lines": lines, "document": document},
        icon="arrow-back-up",
        key="changes",
    )


def notice(document: Document, stage: Stage) -> str:
    """Why nothing more can be done with the document."""
    if stage is Stage.RECALLED:
        return gettext("Văn bản đã thu hồi; văn bản và thông tin của văn bản đã khóa.")
    if stage is Stage.REPLACED:
        link = document.linked_from.filter(kind="REPLACES").select_related("source").order_by("-pk").first()
        code = link.source.code if link else ""
        return gettext("Văn bản đã được thay thế bởi văn bản số %(code)s.") % {"code": code}
    return ""


def _line(actor: Actor, change: Change) -> ChangeLine:
    state = ChangeState(change.state)
    return ChangeLine(
        change=change,
        title=said(ChangeKind(change.kind).label),
        state=State(said(state.label), _STATE_TONES[state]),
        rule=SENDER_CITATIONS[change.kind],
        differences=differences(change.data.get("before", {}), change.data.get("after", {})),
        targets=[_target(actor, target) for target in change.targets.all()],
    )


def _target(actor: Actor, target: ChangeTarget) -> TargetLine:
    paper = target.delivery.channel == Channel.PAPER and target.state == AnswerState.ASKED
    label: Any = said(AnswerState(target.state).label)
    if target.packet and target.packet.state != OutboxState.SENT and target.state == AnswerState.ASKED:
        failed = target.packet.state == OutboxState.FAILED
        label = gettext("Không gửi được yêu cầu") if failed else gettext("Chờ gửi yêu cầu")
    if paper:
        label = gettext("Chờ nhận lại bản giấy")
    return TargetLine(
        target,
        State(label, _TONES.get(target.state, "neutral")),
        paper and actor.has(Role.CLERK),
        _said_by(target.answer_code),
    )


def _said_by(code: str) -> str:
    if code not in PLAIN_ANSWERS:
        return ""
    return gettext("trả lời bằng trạng thái %(code)s – %(label)s") % {
        "code": code,
        "label": said(status_label(code)),
    }


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Field, old and new value in words, for what differs."""
    return [
        (str(LABELS[name]), value_word(name, before.get(name)), value_word(name, value))
        for name, value in after.items()
        if name in LABELS
    ]


def teach_timeline() -> None:
    """How the verbs over issued documents read after the actor's name."""
    timeline.say("issuing.take_back", _take_back_sentence, "arrow-back-up")
    timeline.say(
        "issuing.change_proposed",
        sentence_about(_("đề nghị lãnh đạo quyết định %(kind)s văn bản"), "kind"),
        "gavel",
    )
    timeline.say("issuing.change_decided", sentence_about(_("quyết định %(kind)s văn bản"), "kind"), "gavel")
    timeline.say(
        "issuing.change_dropped", sentence_about(_("không đồng ý %(kind)s văn bản"), "kind"), "corner-up-left"
    )
    timeline.say("issuing.paper_returned", _paper_sentence, "mail")
    timeline.say("issuing.change_answered", "{reason}", "mail-check", composed=True)


def _take_back_sentence(event: Event) -> str:
    return gettext("yêu cầu lấy lại văn bản đã gửi %(to)s") % {"to": _names(event)}


def _paper_sentence(event: Event) -> str:
    return gettext("nhận lại bản giấy từ %(to)s") % {"to": _names(event)}


def _names(event: Event) -> str:
    return ", ".join(event.data.get("recipients", []))
