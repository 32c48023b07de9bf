"""Inline icons out of the installed Tabler set. Knows names and drawings; refuses unknown names."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_FILE = "tabler-nodes-outline.json"
Nodes = dict[str, list[tuple[str, dict[str, str]]]]


class UnknownIcon(LookupError):
    """A template names an icon that the set does not have: a programming fault."""


@cache
def svg(name: str, css: str = "") -> SafeString:
    """The drawing of an icon, hidden from screen readers: the word beside it speaks.

    Raises :class:`UnknownIcon`. Where the front-end packages are not installed the drawing is empty.
    """
    nodes = _drawings()
    if nodes and name not in nodes:
        raise UnknownIcon(name)
    shapes = "".join(_shape(tag, attributes) for tag, attributes in nodes.get(name, []))
    return format_html(
        '<svg class="icon {}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"'
        ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{}</svg>',
        css,
        mark_safe(shapes),  # noqa: S308  (drawings of the installed package, nothing a user typed)
    )


@cache
def _drawings() -> Nodes:
    for folder in (
        Path(settings.ASSETS_DIR) / "vendor" / "icons",
        settings.PROJECT / "node_modules/@tabler/icons",
    ):
        if (folder / _FILE).is_file():
            loaded: Nodes = json.loads((folder / _FILE).read_text(encoding="utf-8"))
            return loaded
    return {}


def _shape(tag: str, attributes: dict[str, Any]) -> str:
    return f"<{tag}" + "".join(f' {name}="{value}"' for name, value in attributes.items()) + "/>"
