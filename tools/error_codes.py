"""Writes ``docs/error-codes.md``: every stable error code of the product, from the classes themselves.

Owns the table's form. Refuses to hold any text of its own about an error: code, sentence, who must act and rule
stand beside the rule that raises it, in the room.

    .venv/bin/python tools/error_codes.py            writes the table
    .venv/bin/python tools/error_codes.py --check    exit status 1 when the table is out of date
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vanthu.errors import VanthuError

TARGET = Path(__file__).resolve().parent.parent / "docs" / "error-codes.md"
NOT_IMPORTED = ("vanthu.__main__", "vanthu.wsgi")
SAMPLES = ("vanthu.web.styleguide",)
"""Modules whose errors only show how an error looks."""

HEAD = """\
# Error codes

Every refusal that a person or another system is told about has a stable code. The code is part of the public
contract: it does not change when the sentence is improved. This page is written by `tools/error_codes.py` from the
classes; do not edit it by hand.

- **Code** stands on the error page, in the API answer (`code`) and in the logs (`code=`).
- **Sentence** is what the person reads; `{…}` is filled in with the case at hand.
- **Who acts** is `must_act` of the answer; **Rule** is the text that the refusal follows from, where there is one.
- **HTTP** is the status of the API's answer. Calls of the axis protocol are always answered with 200; there the code
  is the one in `ErrorCode` (see [architecture.md](architecture.md#the-axis)).
- A class that only groups others has a code too: it appears where no closer class fits.
"""

REASONS_HEAD = """\
## Reasons of a signature verdict

Not errors: what the check of a PDF says about each signature (`Validation.report`, the section *Chữ ký số* and the
reception check). `INDETERMINATE` is never shown as valid and never refuses by itself.
"""


def start() -> None:
    """Set Django up with every room, so that every class can be imported."""
    os.environ["VANTHU_SITE_KIND"] = "both"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vanthu.settings")
    import django

    django.setup()


def errors() -> list[type[VanthuError]]:
    """Every error class of the product, the base included, by room and code. Django must be set up."""
    import vanthu
    from vanthu.errors import VanthuError

    for module in pkgutil.walk_packages(vanthu.__path__, "vanthu."):
        if module.name not in NOT_IMPORTED and ".migrations" not in module.name:
            importlib.import_module(module.name)
    found = {VanthuError, *_below(VanthuError)}
    ours = [error for error in found if error.__module__.startswith("vanthu.")]
    return sorted((error for error in ours if error.__module__ not in SAMPLES), key=_place)


def table(classes: Iterable[type[VanthuError]]) -> str:
    """The whole page."""
    parts = [HEAD]
    for room, members in groupby(classes, key=room_of):
        rows = "\n".join(_row(error) for error in members)
        parts.append(
            f"## {room}\n\n| Code | Sentence | Who acts | Rule | HTTP | Class |\n|---|---|---|---|---|---|\n{rows}\n"
        )
    return "\n".join([*parts, reasons()])


def reasons() -> str:
    """The section of the reasons that a signature report names."""
    from vanthu.pades.report import REASONS

    rows = "\n".join(f"| `{code}` | {verdict.value} | {text} |" for code, (verdict, text) in REASONS.items())
    return f"{REASONS_HEAD}\n| Reason | Verdict | Sentence |\n|---|---|---|\n{rows}\n"


def room_of(error: type[VanthuError]) -> str:
    """The package the class lives in."""
    return error.__module__.split(".")[1]


def _below(base: type[VanthuError]) -> Iterator[type[VanthuError]]:
    for child in base.__subclasses__():
        yield child
        yield from _below(child)


def _place(error: type[VanthuError]) -> tuple[str, str, str]:
    return room_of(error), error.code, error.__qualname__


def _row(error: type[VanthuError]) -> str:
    sentence = error.message.replace("|", "\\|").replace("\n", " ")
    return (
        f"| `{error.code}` | {sentence} | {error.must_act.value} | {error.rule} | {error.http_status} "
        f"| `{error.__module__.removeprefix('vanthu.')}.{error.__qualname__}` |"
    )


def main(arguments: list[str]) -> int:
    """Write the page, or say whether it is current."""
    start()
    wanted = table(errors())
    if "--check" not in arguments:
        TARGET.write_text(wanted, encoding="utf-8")
        return 0
    current = TARGET.exists() and TARGET.read_text(encoding="utf-8") == wanted
    if not current:
        print(f"{TARGET.name} is out of date: run tools/error_codes.py", file=sys.stderr)
    return 0 if current else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
