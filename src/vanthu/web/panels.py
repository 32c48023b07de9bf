"""What the document page shows beside the page image; the work rooms tell it through providers.

The page (``web/document.html``) is one for every document. What can be done next, who has the document and
which sections stand in the side panel is known only to the room that works with that direction. It registers
in its ``apps.ready()``:

    panels.register(Direction.INCOMING, panel_of)          # panel_of(actor, document) -> Panel
    panels.register_states(Direction.INCOMING, state_of, choices)   # state_of(document) -> State
    panels.register_list_actions(Direction.INCOMING, list_actions)  # list_actions(actor) -> Sequence[Action]
    panels.register_group_link(Verb.SIGN, Action(_("…"), "signature", "/sign/", "link"))
    panels.register_shared(Direction.OUTGOING, shared_panel)        # for people of agencies that it is shared with
    panels.register_notices("signing", notices_of)                  # notices_of(actor) -> Sequence[Notice]
    panels.register_tasks("exchange", TaskKind(_("…"), "lock", tasks_of))  # tasks_of(actor) -> Sequence[Task]

Refuses to know any workflow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from django.forms import BaseForm
from django.utils.functional import Promise

from vanthu.base.actors import Actor

if TYPE_CHECKING:  # an axis site has this module for its layout, but not the agency rooms' tables
    from vanthu.records.models import Direction, Document, Verb

Text = str | Promise
Tone = Literal["neutral", "progress", "good", "warn", "bad"]
"""Meaning of a colour: resting, moving, done, needs attention, refused or broken."""


@dataclass(frozen=True)
class State:
    """A document's state as people read it: always a word; the shape (icon) says the same without colour."""

    label: Text
    tone: Tone = "neutral"
    icon: str = "circle-dot"


@dataclass(frozen=True)
class Action:
    """One thing the actor can do now.

    ``kind`` says what the button does:

    * ``post``: submits an empty form to ``url``; with ``confirm`` a native dialog asks that sentence first;
    * ``dialog``: opens a native dialog that holds ``form`` (posted to ``url``, multipart when it has files);
      without ``form`` the dialog's content is fetched from ``url`` by htmx (a partial with its own form);
    * ``link``: goes to ``url``.

    ``primary`` marks the one red button; ``note`` is a quiet sentence under it (what will happen); ``danger``
    is for refusing, returning, voiding; ``submit`` names the dialog's button when it differs from ``label``;
    ``form_template`` draws the dialog's body when plain fields are not enough (context: ``action``, ``form``,
    ``document``).
    """

    label: Text
    icon: str
    url: str
    kind: Literal["post", "dialog", "link"] = "post"
    primary: bool = False
    form: BaseForm | None = None
    confirm: Text = ""
    note: Text = ""
    danger: bool = False
    submit: Text = ""
    form_template: str = ""
    name: str = ""
    """Stable short name, used in element ids and tests; empty: made from the url."""

    @property
    def key(self) -> str:
        """Part of an element id, unique on the page."""
        return self.name or self.url.strip("/").replace("/", "-")


def dialog(
    name: str,
    label: Text,
    icon: str,
    url: str,
    form: type[BaseForm],
    *,
    danger: bool = False,
    confirm: Text = "",
) -> Action:
    """An action that opens a form of its own; the ids of its fields begin with the action's name."""
    ids = f"{name.replace('-', '_')}_%s"
    return Action(
        label, icon, url, "dialog", name=name, form=form(auto_id=ids), danger=danger, confirm=confirm
    )


@dataclass(frozen=True)
class Holder:
    """Who has the document now, as what (``Chủ trì``, ``Văn thư`` …), until when (aware instant)."""

    name: str
    role: Text = ""
    due_at: datetime | None = None
    done: bool = False
    note: Text = ""


@dataclass(frozen=True)
class Field:
    """One line of the definition list. ``doubtful`` marks a value the clerk should compare with the page."""

    label: Text
    value: Any
    doubtful: bool = False
    mono: bool = False


@dataclass(frozen=True)
class Section:
    """A section of the panel, drawn by ``template`` with ``context``.

    With ``poll_url`` the section is fetched again every ``poll_seconds`` (htmx): the view answers the same
    template (with HTTP status 286 the asking ends).
    ``open`` false folds it away; ``badge`` is a small figure or word beside the title.
    """

    title: Text
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    poll_url: str | None = None
    poll_seconds: int = 5
    icon: str = ""
    badge: Text = ""
    open: bool = True
    key: str = ""


@dataclass(frozen=True)
class Panel:
    """Everything a room says about one document to one actor.

    ``steps``/``step`` draw the line of states (labels; index of the present one). ``fields`` come after the
    common ones; ``common_fields`` false leaves those out. ``replaces_files`` / ``replaces_timeline``: the
    room's own sections show them.
    """

    state: State
    actions: Sequence[Action] = ()
    holders: Sequence[Holder] = ()
    fields: Sequence[Field] = ()
    sections: Sequence[Section] = ()
    steps: Sequence[Text] = ()
    step: int = -1
    notice: Text = ""
    """One sentence above the actions, for example why nothing can be done now."""
    common_fields: bool = True
    replaces_files: bool = False
    replaces_timeline: bool = False
    evidence: bool = True
    """Whether the page of what the signatures rest on is open to this person."""

    @property
    def primary(self) -> Action | None:
        """The one next thing; None when nothing waits for the actor."""
        return next((action for action in self.actions if action.primary), None)

    @property
    def quiet(self) -> list[Action]:
        """The other things."""
        return [action for action in self.actions if action is not self.primary]


@dataclass(frozen=True)
class Addition:
    """What a room adds to the panel of whatever document, behind what the document's own room says."""

    actions: Sequence[Action] = ()
    sections: Sequence[Section] = ()


@dataclass(frozen=True)
class Task:
    """Something that waits for a person and is no document: what it is, its page, by when."""

    title: Text
    url: str
    since: datetime
    due_at: datetime | None = None
    note: Text = ""


@dataclass(frozen=True)
class TaskKind:
    """The heading under which a room's tasks stand on "Việc của tôi", and who knows them."""

    heading: Text
    icon: str
    provider: Callable[[Actor], Sequence[Task]]


@dataclass(frozen=True)
class Notice:
    """Something a person should know that belongs to no document: shown above the work until taken note of.

    ``url`` is where more stands, ``label`` its name; ``seen_url`` is posted to when the person has taken note (empty:
    the notice goes when what it says is done).
    """

    text: Text
    url: str
    label: Text
    seen_url: str = ""
    tone: Literal["warn", "bad"] = "warn"
    icon: str = "alert-triangle"


Provider = Callable[[Actor, "Document"], Panel]
Adder = Callable[[Actor, "Document"], Addition]
Namer = Callable[["Document"], State]

_providers: dict[str, Provider] = {}
_for_others: dict[str, Provider] = {}
_adders: dict[str, Adder] = {}
_namers: dict[str, Namer] = {}
_choices: dict[str, Sequence[tuple[str, Text]]] = {}
_list_actions: dict[str, Callable[[Actor], Sequence[Action]]] = {}
_group_links: dict[str, Action] = {}
_notices: dict[str, Callable[[Actor], Sequence[Notice]]] = {}
_tasks: dict[str, TaskKind] = {}


def register(direction: Direction, provider: Provider) -> None:
    """Let a room speak for the documents of a direction; the last one to register does."""
    _providers[direction.value] = provider


def register_shared(direction: Direction, provider: Provider) -> None:
    """Let a room speak for documents that another agency shares: its panel is all that people there see of them."""
    _for_others[direction.value] = provider


def register_addition(name: str, adder: Adder) -> None:
    """Let a room add to every document's panel, whoever speaks for its direction."""
    _adders[name] = adder


def register_states(direction: Direction, namer: Namer, choices: Sequence[tuple[str, Text]] = ()) -> None:
    """Let a room name the states of a direction's documents, for lists and search results.

    ``choices`` (stored value, word) are what the list can be narrowed to.
    """
    _namers[direction.value] = namer
    _choices[direction.value] = choices


def register_list_actions(direction: Direction, provider: Callable[[Actor], Sequence[Action]]) -> None:
    """Let a room put buttons above the list of a direction's documents, for example "Vào sổ tất cả"."""
    _list_actions[direction.value] = provider


def register_group_link(verb: Verb, link: Action) -> None:
    """Let a room offer a way to do all the work of one kind together, beside its heading on "Việc của tôi"."""
    _group_links[verb.value] = link


def group_link(verb: str) -> Action | None:
    """The way to do all the work of that kind together."""
    return _group_links.get(verb)


def register_notices(room: str, provider: Callable[[Actor], Sequence[Notice]]) -> None:
    """Let a room tell people what they should know, above "Việc của tôi"."""
    _notices[room] = provider


def register_tasks(room: str, kind: TaskKind) -> None:
    """Let a room put on "Việc của tôi" what waits for people and is no document."""
    _tasks[room] = kind


def tasks_for(actor: Actor) -> dict[str, tuple[TaskKind, Sequence[Task]]]:
    """What the rooms have for the person beside documents, by room; rooms that have nothing are left out."""
    found = {room: (kind, kind.provider(actor)) for room, kind in _tasks.items()}
    return {room: (kind, tasks) for room, (kind, tasks) in found.items() if tasks}


def notices_for(actor: Actor) -> list[Notice]:
    """What the rooms have to tell the person."""
    return [notice for provider in _notices.values() for notice in provider(actor)]


def state_choices(direction: Direction) -> Sequence[tuple[str, Text]]:
    """What the list of a direction can be narrowed to."""
    return _choices.get(direction.value, ())


def list_actions_for(actor: Actor, direction: Direction) -> Sequence[Action]:
    """The buttons above a list."""
    provider = _list_actions.get(direction.value)
    return provider(actor) if provider else ()


def panel_for(actor: Actor, document: Document) -> Panel:
    """What the document's room says; a bare panel with the state when no room speaks for the direction. To people of
    another agency only what is said for them."""
    if document.agency_id != actor.agency_id:
        shared = _for_others.get(document.direction)
        bare = Panel(state_of(document), common_fields=False, replaces_files=True)
        return replace(shared(actor, document) if shared else bare, replaces_timeline=True)
    provider = _providers.get(document.direction)
    panel = provider(actor, document) if provider else Panel(state=state_of(document))
    added = [adder(actor, document) for adder in _adders.values()]
    return replace(
        panel,
        actions=[*panel.actions, *(action for one in added for action in one.actions)],
        sections=[*panel.sections, *(section for one in added for section in one.sections)],
    )


def state_of(document: Document) -> State:
    """The document's state for a list; the stored name when no room has named it."""
    namer = _namers.get(document.direction)
    return namer(document) if namer else State(document.state)


def state_label(document: Document) -> str:
    """The word for the document's state."""
    return str(state_of(document).label)
