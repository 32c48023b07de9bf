"""Reading single elements of a packet: by local name, in any order, with every defect noted and nothing thrown away.

Owns how a number, a flag, a date is read, which two values may stand side by side, and where what the model has no
place for is kept. Refuses to know what the elements mean.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

from vanthu.edxml.errors import DuplicateElement
from vanthu.edxml.model import UnknownValue
from vanthu.edxml.notes import Note, NoteCode
from vanthu.edxml.strangers import strangers
from vanthu.edxml.times import is_strict_date, is_strict_time, read_date, read_time
from vanthu.edxml.xmlstream import Node

ABSENT = ("", "null")
"""What gateways write where there is nothing."""

_CONTACTS = frozenset({"OrganAdd", "Email", "Telephone", "Fax", "Website", "Mobile"})
_FLAGS = {"1": True, "true": True, "0": False, "false": False}
_MOST_UNKNOWN = 1000
_MOST_NOTES = 500

T = TypeVar("T")


class Values:
    """The elements of one packet as they are read, with what was noted and kept on the way."""

    def __init__(self) -> None:
        self._notes: dict[tuple[NoteCode, str], Note] = {}
        self.unknown: list[UnknownValue] = []

    @property
    def notes(self) -> tuple[Note, ...]:
        """Every defect so far, each once."""
        return tuple(self._notes.values())

    def note(self, code: NoteCode, detail: str = "") -> None:
        """Remember a defect."""
        if len(self._notes) < _MOST_NOTES:
            self._notes.setdefault((code, detail), Note(code, detail))

    def one(self, node: Node | None, *names: str) -> Node | None:
        """The only child of that name (the first name that exists).

        Two that differ are refused, unless they only tell how to reach someone.
        """
        if node is None:
            return None
        for name in names:
            found = node.all(name)
            if name not in _CONTACTS and any(other != found[0] for other in found[1:]):
                raise DuplicateElement(element=name)
            if len(found) > 1:
                self.note(NoteCode.REPEATED_ELEMENT, name)
                for other in found[1:]:
                    if other != found[0]:
                        self.keep(name, other.text)
            if found:
                return found[0]
        return None

    def text(self, node: Node | None, *names: str) -> str:
        """The text of the only child of that name; empty without one."""
        found = self.one(node, *names)
        return found.text if found else ""

    def number(self, node: Node | None, name: str) -> int | None:
        """The whole number written; None without one, or where it is none (then it is kept as text)."""
        text = self.text(node, name)
        if not text:
            return None
        digits = text.removeprefix("-")
        if digits.isascii() and digits.isdigit() and len(digits) <= 9:
            return int(text)
        self.note(NoteCode.BAD_NUMBER, name)
        self.keep(name, text)
        return None

    def flag(self, node: Node | None, name: str) -> bool | None:
        """The truth written as 1, 0, true or false; None where it is none of these."""
        text = self.text(node, name)
        if not text:
            return None
        said = _FLAGS.get(text.lower())
        if said is None:
            self.note(NoteCode.BAD_FLAG, name)
            self.keep(name, text)
        return said

    def date(self, node: Node | None, name: str) -> date | None:
        """The date written, in any of the known forms."""
        return self._moment(self.text(node, name), name, read_date, is_strict_date)

    def time(self, node: Node | None, name: str) -> datetime | None:
        """The instant written, in any of the known forms."""
        return self._moment(self.text(node, name), name, read_time, is_strict_time)

    def _moment(
        self, text: str, name: str, reader: Callable[[str], T | None], is_strict: Callable[[str], bool]
    ) -> T | None:
        if not text:
            return None
        moment = reader(text)
        if moment is None:
            self.note(NoteCode.BAD_DATE, name)
            self.keep(name, text)
        elif not is_strict(text):
            self.note(NoteCode.DATE_FORMAT, name)
        return moment

    def keep(self, path: str, text: str) -> None:
        """Keep a value that the model has no place for."""
        if len(self.unknown) < _MOST_UNKNOWN:
            self.unknown.append(UnknownValue(path, text))
        else:
            self.note(NoteCode.MANY_UNKNOWN, f"{_MOST_UNKNOWN}")

    def keep_strangers(self, roots: list[Node]) -> None:
        """Whatever the model has no place for, wherever it stands."""
        for stranger in strangers(roots):
            self.note(NoteCode.UNKNOWN_ELEMENT, stranger.name[:100])
            for leaf in stranger.walk():
                if not leaf.children:
                    path = stranger.name if leaf is stranger else f"{stranger.name}/{leaf.name}"
                    self.keep(path[:200], leaf.text)


def texts(node: Node | None, name: str) -> tuple[str, ...]:
    """The texts of all children of that name that have one."""
    return tuple(child.text for child in node.all(name) if child.text) if node else ()
