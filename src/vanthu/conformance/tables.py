"""The tables of items and desks as Markdown, for ``docs/conformance.md``; a test keeps the page in step."""

from __future__ import annotations

from collections.abc import Iterable

from vanthu.conformance.desks import DESKS
from vanthu.conformance.items import GROUPS, RUN, SERVE, Item


def items_table(items: Iterable[Item]) -> str:
    """One Markdown table, its groups as rows of their own."""
    lines = ["| Item | Expected | Source |", "|---|---|---|"]
    group = ""
    for item in items:
        if item.group != group:
            group = item.group
            lines.append(f"| **{GROUPS[group][1]}** | | |")
        lines.append(f"| `{item.id}` | {item.en} | {item.source} |")
    return "\n".join(lines)


def desks_table() -> str:
    """The counterpart's agencies and how each behaves."""
    lines = ["| Code | Name in the agency list | What it does |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| `{desk.code}` | {desk.vi} | {desk.en} |" for desk in DESKS)])


def renewed(page: str) -> str:
    """The page with its tables made anew between their markers ``<!-- name -->`` and ``<!-- end -->``."""
    for name, table in TABLES.items():
        head, begin, rest = page.partition(f"<!-- {name} -->")
        _, end, tail = rest.partition("<!-- end -->")
        if begin and end:
            page = f"{head}{begin}\n{table}\n{end}{tail}"
    return page


TABLES = {"desks": desks_table(), "run": items_table(RUN), "serve": items_table(SERVE)}
