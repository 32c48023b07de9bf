"""What the page of a recalled document says of destroying its content: what can be done, and the minutes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vanthu.base.actors import Actor, Role
from vanthu.blobs.destruction import Fate
from vanthu.handling.forms import DestroyForm
from vanthu.handling.models import Destruction, DestructionState
from vanthu.records.models import Document, Verb
from vanthu.web import timeline
from vanthu.web.panels import Action, Section, State, Tone, dialog
from vanthu.web.words import said

_TONES: dict[str, Tone] = {
    DestructionState.ASKED: "warn",
    DestructionState.DECIDED: "progress",
    DestructionState.DONE: "good",
}


@dataclass(frozen=True)
class Content:
    """One content in the minutes; ``fate`` is empty before it is destroyed."""

    name: str
    sha256: str
    size: int | None
    fate: str


@dataclass(frozen=True)
class Minutes:
    """One attempt to destroy the content, as the page shows it."""

    destruction: Destruction
    state: State
    contents: Sequence[Content]


def minutes_of(document: Document) -> list[Destruction]:
    """Everything decided about destroying the document's content, newest first; one query."""
    found = Destruction.objects.filter(document=document)
    return list(found.select_related("asked_by__person", "decided_by__person").order_by("-pk"))


def actions(
    actor: Actor, document: Document, minutes: Sequence[Destruction], verbs: set[str]
) -> Iterator[Action]:
    """Propose, for the clerk; decide or not, for a leader who is asked."""
    base = f"/documents/{document.pk}/destroy/"
    open_one = next((one for one in minutes if one.state != DestructionState.DROPPED), None)
    if open_one is None and actor.has(Role.CLERK):
        yield dialog(
            "ask-destruction",
            _("Đề nghị tiêu hủy nội dung"),
            "flame",
            base + "ask",
            DestroyForm,
            danger=True,
            confirm=_("Lãnh đạo quyết định. Số đến, mã băm của từng tệp và biên bản vẫn được giữ."),
        )
    asked = open_one if open_one and open_one.state == DestructionState.ASKED else None
    if asked and Verb.DESTROY in verbs and actor.has(Role.LEADER) and asked.asked_by_id != actor.post_id:
        yield from _deciding(base, asked)


def _deciding(base: str, asked: Destruction) -> Iterator[Action]:
    yield Action(
        _("Quyết định tiêu hủy"),
        "flame",
        base + "decide",
        primary=True,
        name="decide-destruction",
        confirm=_("Nội dung bị tiêu hủy hẳn sau một giờ và không khôi phục được."),
        note=asked.rule,
    )
    yield dialog("drop-destruction", _("Không tiêu hủy"), "x", base + "drop", DestroyForm)


def section(minutes: Sequence[Destruction]) -> Section | None:
    """The minutes; None when nothing was proposed or decided."""
    if not minutes:
        return None
    return Section(
        title=_("Tiêu hủy nội dung"),
        template="handling/destruction.html",
        context={"minutes": [_shown(one) for one in minutes]},
        icon="flame",
        key="destruction",
    )


def _shown(one: Destruction) -> Minutes:
    state = DestructionState(one.state)
    contents = [
        Content(item.get("name", ""), item["sha256"], item.get("size"), _fate(item.get("fate", "")))
        for item in one.contents
    ]
    label = said(state.label)
    if any(item.get("fate") == Fate.HELD for item in one.contents):
        label = gettext("Đã tiêu hủy tại cơ quan")
    return Minutes(one, State(label, _TONES.get(state, "neutral")), contents)


def _fate(fate: str) -> str:
    told = {
        Fate.DESTROYED: _("đã tiêu hủy"),
        Fate.HELD: _("cơ quan khác trên hệ thống còn lưu nên không tiêu hủy"),
    }
    return str(told.get(Fate(fate), "")) if fate else ""


def teach_timeline() -> None:
    """How destroying reads after the actor's name."""
    said_as: dict[str, tuple[Any, str]] = {
        "handling.destruction_asked": (_("đề nghị tiêu hủy nội dung"), "flame"),
        "handling.destruction_decided": (_("quyết định tiêu hủy nội dung"), "flame"),
        "handling.destruction_dropped": (_("quyết định không tiêu hủy nội dung"), "x"),
        "handling.destruction_waits": (_("hoãn tiêu hủy vì có tệp vừa được lưu lại"), "hourglass-high"),
        "handling.destroyed": (_("tiêu hủy xong nội dung; biên bản được lưu"), "circle-check"),
    }
    for verb, (sentence, icon) in said_as.items():
        timeline.say(verb, sentence, icon)
