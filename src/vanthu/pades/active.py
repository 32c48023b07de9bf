"""What in a PDF may act or change its looks by itself: scripts, launching, files inside, layers, XFA forms.

Owns finding it within limits, for a remark to whoever relies on a signature: such things may be signed with the rest
and break nothing, yet what one program shows another may not. Refuses to judge: what was added after a signature is
the difference analysis' matter. Source: ISO 32000-1 12.6, 7.11.4, 8.11, 12.7.8; ISO 19005 forbids most of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject

from vanthu.pades.reading import READING_PROBLEMS, Reader

MOST_PAGES, MOST_LOOKS = 500, 5000
"""Pages and objects that are looked at; what lies behind is not remarked on."""

_BY_ACTION = {
    "/JavaScript": "HAS_JAVASCRIPT",
    "/Rendition": "HAS_JAVASCRIPT",
    "/Launch": "HAS_LAUNCH",
    "/SubmitForm": "HAS_LAUNCH",
    "/ImportData": "HAS_LAUNCH",
    "/GoToR": "HAS_LAUNCH",
    "/GoToE": "HAS_EMBEDDED_FILES",
    "/SetOCGState": "HAS_LAYERS",
}
ORDER = ("HAS_JAVASCRIPT", "HAS_LAUNCH", "HAS_EMBEDDED_FILES", "HAS_LAYERS", "HAS_XFA")
"""The remarks as they are told."""


def remarks(reader: Reader) -> tuple[str, ...]:
    """Codes of ``report.REMARKS``; of a file that cannot be read what was found until then."""
    found: set[str] = set()
    try:
        for code in _Look(reader).everywhere():
            found.add(code)
    except READING_PROBLEMS:
        pass
    return tuple(code for code in ORDER if code in found)


class _Look:
    """One look through a file, within a number of objects."""

    def __init__(self, reader: Reader) -> None:
        self._root = reader.root
        self._left = MOST_LOOKS

    def everywhere(self) -> Iterator[str]:
        yield from self._catalog(self._root)
        yield from self._fields(_list(self._root, "/AcroForm", "/Fields"))
        for page in self._pages():
            yield from self._acting(page)
            for annotation in _list(page, "/Annots"):
                yield from self._annotation(annotation)

    def _catalog(self, root: Any) -> Iterator[str]:
        yield from self._acting(root)
        names = _dictionary(root.get("/Names"))
        if "/JavaScript" in names:
            yield "HAS_JAVASCRIPT"
        if "/EmbeddedFiles" in names or "/AF" in root:
            yield "HAS_EMBEDDED_FILES"
        if _list(root, "/OCProperties", "/OCGs"):
            yield "HAS_LAYERS"
        if "/XFA" in _dictionary(root.get("/AcroForm")):
            yield "HAS_XFA"

    def _fields(self, fields: list[Any]) -> Iterator[str]:
        waiting = fields
        while waiting and self._may_look():
            field = _dictionary(waiting.pop())
            yield from self._acting(field)
            waiting += _list(field, "/Kids")

    def _annotation(self, annotation: Any) -> Iterator[str]:
        found = _dictionary(annotation)
        if "/Subtype" in found and found["/Subtype"] == "/FileAttachment":
            yield "HAS_EMBEDDED_FILES"
        yield from self._acting(found)

    def _acting(self, holder: Any) -> Iterator[str]:
        """What an object does when it is opened, clicked, printed …"""
        waiting = [holder.get("/OpenAction"), holder.get("/A"), *_dictionary(holder.get("/AA")).values()]
        while waiting and self._may_look():
            action = _dictionary(waiting.pop())
            if not action:
                continue
            kind = str(action["/S"]) if "/S" in action else ""
            if kind in _BY_ACTION:
                yield _BY_ACTION[kind]
            after = action.get("/Next")
            waiting += list(after) if isinstance(after, ArrayObject) else [after]

    def _pages(self) -> Iterator[Any]:
        waiting, count = [self._root.get("/Pages")], 0
        while waiting and count < MOST_PAGES and self._may_look():
            node = _dictionary(waiting.pop())
            if "/Kids" in node:
                waiting += reversed(_list(node, "/Kids"))
            elif node:
                count += 1
                yield node

    def _may_look(self) -> bool:
        self._left -= 1
        return self._left >= 0


def _dictionary(value: Any) -> Any:
    found = value.get_object() if hasattr(value, "get_object") else value
    return found if isinstance(found, DictionaryObject) else {}


def _list(holder: Any, *path: str) -> list[Any]:
    """The array at the end of a path; empty where there is none."""
    for name in path:
        holder = _dictionary(holder).get(name)
    found = holder.get_object() if hasattr(holder, "get_object") else holder
    return (
        [found.raw_get(place) for place in range(min(len(found), MOST_LOOKS))]
        if isinstance(found, ArrayObject)
        else []
    )
