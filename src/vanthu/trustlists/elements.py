"""Finding elements and their text in a list: by fixed paths, past comments, within limits.

Comments are covered by no signature: text is read past them, so that a comment cannot cut a word short.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from vanthu.trustlists.errors import ListUnreadable

NAMESPACE = "http://uri.etsi.org/02231/v2#"
LONGEST_ADDRESS = 500

Element = Any


def tag(name: str) -> str:
    """The name of an element of the standard's own namespace."""
    return f"{{{NAMESPACE}}}{name}"


def only(above: Element, name: str) -> Element:
    """The only child of this name. Raises :class:`ListUnreadable`."""
    found = above.findall(tag(name))
    if len(found) != 1:
        raise ListUnreadable(what=name)
    return found[0]


def children(above: Element, group: str, name: str) -> list[Element]:
    """The elements of an optional group of the standard's own namespace. Raises :class:`ListUnreadable`."""
    return all_of(above, tag(group), tag(name))


def all_of(above: Element, group: str, name: str) -> list[Element]:
    """The elements of an optional group, by their full names. Raises :class:`ListUnreadable`."""
    groups = above.findall(group)
    if len(groups) > 1:
        raise ListUnreadable(what=etree.QName(group).localname)
    found: list[Element] = groups[0].findall(name) if groups else []
    return found


def words(element: Element, longest: int = LONGEST_ADDRESS) -> str:
    """All of an element's own text, comments in it left out. Raises :class:`ListUnreadable`."""
    parts = [element.text or ""]
    for child in element:
        if child.tag is not etree.Comment:
            raise ListUnreadable(what=etree.QName(element).localname)
        parts.append(child.tail or "")
    text = "".join(parts).strip()
    if len(text) > longest:
        raise ListUnreadable(what=etree.QName(element).localname)
    return text
