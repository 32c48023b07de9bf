"""What the page of a received document says of its sender's requests: take back, recall, update, replace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vanthu.base.actors import Actor, Role
from vanthu.exchange import changes
from vanthu.exchange.change_rules import TAKES_BACK
from vanthu.exchange.models import AnswerState, ChangeKind, IncomingChange
from vanthu.exchange.recall_panel import LABELS, kind_word, sentence_about, value_word
from vanthu.handling.forms import RefuseChangeForm
from vanthu.handling.models import Stage
from vanthu.handling.recalls import told_of
from vanthu.records.models import Document, LinkKind, Verb
from vanthu.web import timeline
from vanthu.web.panels import Action, Section, State, Tone, dialog
from vanthu.web.words import said

_TONES: dict[str, Tone] = {
    AnswerState.ASKED: "warn",
    AnswerState.AGREED: "good",
    AnswerState.REFUSED: "bad",
}


@dataclass(frozen=True)
class Line:
    """One request; ``differences`` are old and new values side by side."""

    request: IncomingChange
    title: str
    state: State
    differences: Sequence[tuple[str, str, str]]


def actions(document: Document, requests: Sequence[IncomingChange], verbs: set[str]) -> Iterator[Action]:
    """Agree or refuse, for whoever is asked; noted, for whoever had a recalled document."""
    base = f"/documents/{document.pk}/"
    if document.state == Stage.RECALLED and Verb.READ in verbs:
        yield Action(_("Đã biết"), "eye-check", base + "noted", primary=True, name="noted")
    if Verb.ANSWER not in verbs:
        return
    for request in requests:
        if request.state == AnswerState.ASKED:
            yield from _answers(base, request)


def _answers(base: str, request: IncomingChange) -> Iterator[Action]:
    kind = kind_word(request.kind)
    takes = request.kind in TAKES_BACK or request.data.get("removed")
    effect = _("Nội dung văn bản bị niêm phong, việc đang giao kết thúc; số đến vẫn giữ trong sổ.")
    yield Action(
        gettext("Đồng ý %(kind)s") % {"kind": kind},
        "check",
        f"{base}changes/{request.pk}/agree",
        primary=True,
        name="agree-change",
        confirm=effect if takes else _("Thông tin và tệp của văn bản được thay bằng bản bên gửi cập nhật."),
        note=request.rule,
    )
    yield dialog(
        "refuse-change",
        gettext("Từ chối %(kind)s") % {"kind": kind},
        "x",
        f"{base}changes/{request.pk}/refuse",
        RefuseChangeForm,
        danger=True,
    )


def notice(document: Document, requests: Sequence[IncomingChange], verbs: set[str]) -> str:
    """One sentence that tells what the sender did or wants; empty when nothing."""
    if document.state == Stage.RECALLED:
        reason = next((r.reason for r in reversed(requests) if r.state == AnswerState.AGREED), "")
        return gettext("Bên gửi đã thu hồi văn bản: %(reason)s") % {"reason": reason}
    asked = next((r for r in requests if r.state == AnswerState.ASKED), None)
    if asked is not None and Verb.ANSWER in verbs:
        kind = kind_word(asked.kind)
        return gettext("%(sender)s yêu cầu %(kind)s văn bản: %(reason)s") % {
            "sender": asked.sender.name,
            "kind": kind,
            "reason": asked.reason,
        }
    newer = (
        document.linked_from.filter(kind=LinkKind.REPLACES).select_related("source").order_by("-pk").first()
    )
    if newer is not None:
        return gettext("Văn bản được thay thế bởi văn bản số %(code)s.") % {"code": newer.source.code}
    return ""


def replaced_section(actor: Actor, requests: Sequence[IncomingChange]) -> Section | None:
    """Earlier documents that this one replaces and that the agency never received; the clerk may point them out."""
    unmet = [request for request in requests if request.state == AnswerState.WAITING]
    if not unmet:
        return None
    return Section(
        title=_("Văn bản được thay thế"),
        template="handling/replaced.html",
        context={"requests": unmet, "may_match": actor.has(Role.CLERK)},
        icon="replace",
        key="replaced",
    )


def section(document: Document, requests: Sequence[IncomingChange]) -> Section | None:
    """Every request of the sender and what was answered; None when there is none."""
    shown = [request for request in requests if request.kind != ChangeKind.REPLACE]
    if not shown:
        return None
    return Section(
        title=_("Yêu cầu của bên gửi"),
        template="handling/changes.html",
        context={"lines": [_line(document, request) for request in reversed(shown)]},
        icon="arrow-back-up",
        key="changes",
    )


def _line(document: Document, request: IncomingChange) -> Line:
    state = AnswerState(request.state)
    updates = request.kind == ChangeKind.UPDATE and document.sealed_at is None
    before = request.data.get("before") or (told_of(document) if updates else {})
    return Line(
        request,
        said(ChangeKind(request.kind).label),
        State(said(state.label), _TONES.get(state, "neutral")),
        differences(before, request.data) if updates else (),
    )


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Field, old and new value in words, for what an update changes; an empty new value changes nothing."""
    rows = []
    for name, label in LABELS.items():
        old, new = before.get(name), after.get(name)
        if name == "files":
            old, new = _files(old), _files(new)
            if {sha for _name, sha in new} <= {sha for _name, sha in old}:
                continue
            old, new = [f[0] for f in old], [f[0] for f in new]
        elif not (new or name == "urgency") or old == new:
            continue
        rows.append((str(label), value_word(name, old), value_word(name, new)))
    return rows


def _files(told: Any) -> list[tuple[str, str]]:
    return [(f"{file['name']} ({file['sha256'][:8]})", file["sha256"]) for file in told or []]


def requests_of(document: Document) -> list[IncomingChange]:
    """Every request about the document; one query."""
    return changes.asked_before(document.pk)


def teach_timeline() -> None:
    """How the answers read after the actor's name."""
    timeline.say(
        "handling.change_considered",
        sentence_about(_("xin ý kiến về yêu cầu %(kind)s của bên gửi"), "asked"),
        "message",
    )
    timeline.say("handling.change_agreed", sentence_about(_("đồng ý %(kind)s văn bản"), "asked"), "check")
    timeline.say("handling.change_refused", sentence_about(_("từ chối %(kind)s văn bản"), "asked"), "x")
    timeline.say(
        "handling.change_seen", sentence_about(_("nhận yêu cầu %(kind)s văn bản"), "asked"), "arrow-back-up"
    )
    timeline.say("handling.recall_noted", _("đã biết văn bản bị thu hồi"), "eye-check")
