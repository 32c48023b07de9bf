"""Writes the table of settings into ``docs/operations.md``, from the same fields as ``vanthu settings`` prints.

Owns the table between its two marks and nothing else of the page.

    .venv/bin/python tools/settings_table.py
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, get_args

TARGET = Path(__file__).resolve().parent.parent / "docs" / "operations.md"
BEGIN, END = "<!-- settings: written by tools/settings_table.py -->", "<!-- end of settings -->"


def table() -> str:
    """One line per environment variable."""
    from vanthu.environment import Environment

    rows = [
        f"| `VANTHU_{name.upper()}` | {_kind(field.annotation)} | {_default(field.default)} | {field.description} |"
        for name, field in Environment.model_fields.items()
    ]
    return "\n".join(["| Variable | Type | Default | Meaning |", "|---|---|---|---|", *rows])


def renewed(page: str) -> str:
    """The page with the present table between its marks. Raises ``ValueError`` when a mark is missing."""
    before, rest = page[: page.index(BEGIN) + len(BEGIN)], page[page.index(END) :]
    return f"{before}\n\n{table()}\n\n{rest}"


def _kind(annotation: Any) -> str:
    if isinstance(annotation, UnionType):
        return " or ".join(_kind(part) for part in get_args(annotation) if part is not type(None))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return ", ".join(f"`{member.value}`" for member in annotation)
    return {"str": "text", "bool": "true/false", "int": "number", "float": "number", "Path": "path"}[
        annotation.__name__
    ]


def _default(value: Any) -> str:
    if value is None or value == "":
        return "(none)"
    shown = (
        value.value if isinstance(value, Enum) else str(value).lower() if isinstance(value, bool) else value
    )
    return f"`{shown}`"


if __name__ == "__main__":
    TARGET.write_text(renewed(TARGET.read_text(encoding="utf-8")), encoding="utf-8")
