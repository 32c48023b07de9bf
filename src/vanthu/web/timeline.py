"""The history of a document as sentences. Rooms say how their verbs read; others still give a sentence.

    timeline.say("document.registered", "vào sổ đến số {number}")
    timeline.say("document.signed", lambda event: ...)

A text gets the event's data filled in; the actor's name goes before it: "Lê Thị Hoa vào sổ đến số 412".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from vanthu.audit.models import Event
from vanthu.web.words import said

Sentence = str | Promise | Callable[[Event], str]


@dataclass(frozen=True)
class Entry:
    """One line: who, what (without the name), when (aware instant), and the word said with it, if any."""

    who: str
    position: str
    what: str
    at: datetime
    quote: str = ""
    icon: str = "point"


@dataclass(frozen=True)
class _Reading:
    sentence: Sentence
    icon: str
    composed: bool


_readings: dict[str, _Reading] = {}
_QUOTED = ("comment", "reason", "content")


def say(verb: str, sentence: Sentence, icon: str = "point", *, composed: bool = False) -> None:
    """Teach how a verb reads. ``icon`` is a Tabler name.

    ``composed``: the quoted word was made by a system, so it is shown in the page's language; what a person
    typed never is.
    """
    _readings[verb] = _Reading(sentence, icon, composed)


def taught() -> tuple[str, ...]:
    """The verbs that read as sentences."""
    return tuple(_readings)


def entries(events: Iterable[Event]) -> list[Entry]:
    """The events as sentences, in the order given (newest first); a run of the same sentence of one person is one."""
    told: list[Entry] = []
    for event in events:
        entry = _entry(event)
        if not told or _says(told[-1]) != _says(entry):
            told.append(entry)
    return told


def _says(entry: Entry) -> tuple[str, str, str]:
    return entry.who, entry.what, entry.quote


def _entry(event: Event) -> Entry:
    reading = _readings.get(event.verb)
    quote = next((str(event.data[name]) for name in _QUOTED if event.data.get(name)), "")
    if reading and reading.composed:
        quote = said(quote)
    what = _what(event, reading)
    return Entry(
        who=event.actor_name,
        position=event.actor_position,
        what=what,
        at=event.at,
        quote=quote if quote != what else "",
        icon=reading.icon if reading else "point",
    )


def _what(event: Event, reading: _Reading | None) -> str:
    if reading is None:
        return _("thực hiện “%(verb)s”") % {"verb": event.verb}
    if callable(reading.sentence) and not isinstance(reading.sentence, Promise):
        return reading.sentence(event)
    filled = str(reading.sentence).format_map(_Known(event.data))
    return said(filled) if reading.composed else filled


class _Known(dict[str, Any]):
    """Data of an older event may lack a name that the sentence has since learnt."""

    def __missing__(self, key: str) -> str:
        return "…"
