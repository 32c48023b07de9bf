"""Every event that is recorded reads as a sentence in the history, not as the name of a verb."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import vanthu
from vanthu.web import timeline

SOURCE = Path(vanthu.__file__).parent
Recorders = dict[str, int]
"""Functions that record an event → which of their arguments is its verb."""


@cache
def _modules() -> dict[str, ast.Module]:
    """The agency's rooms: those that act. The axis keeps a log of its own."""
    rooms = (path.parent for path in SOURCE.glob("*/apps.py") if path.parent.name not in {"axis", "audit"})
    texts = {path: path.read_text("utf-8") for room in rooms for path in room.rglob("*.py")}
    recording = {path: text for path, text in texts.items() if "vanthu.audit" in text or "record_" in text}
    return {str(path.relative_to(SOURCE)): ast.parse(text) for path, text in recording.items()}


def _functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for name, tree in _modules().items():
        yield from ((name, node) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _verb_given(call: ast.Call, place: int) -> ast.expr | None:
    named = [word.value for word in call.keywords if word.arg == "verb"]
    return named[0] if named else call.args[place] if place < len(call.args) else None


def _calls(function: ast.FunctionDef, recorders: Recorders) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = _verb_given(node, recorders[name]) if name in recorders else None
            if given is not None:
                yield given


def _recorders() -> Recorders:
    """``record`` itself, and whatever hands one of its own arguments on as the verb."""
    known: Recorders = {"record": 1, "record_access": 1}
    while True:
        more = dict(known)
        for _, function in _functions():
            arguments = [one.arg for one in (*function.args.args, *function.args.kwonlyargs)]
            for given in _calls(function, known):
                if isinstance(given, ast.Name) and given.id in arguments:
                    more[function.name] = arguments.index(given.id)
        if more == known:
            return known
        known = more


def _texts(given: ast.expr, function: ast.FunctionDef) -> Iterator[str]:
    """What the expression may be; ``*`` where a part is computed."""
    if isinstance(given, ast.Constant):
        yield str(given.value)
    elif isinstance(given, ast.IfExp):
        yield from (text for part in (given.body, given.orelse) for text in _texts(part, function))
    elif isinstance(given, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in given.values)
    elif isinstance(given, ast.Name) and given.id not in {one.arg for one in function.args.args}:
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and given.id in {getattr(one, "id", "") for one in node.targets}:
                yield from _texts(node.value, function)


def _verbs() -> dict[str, str]:
    """Verb → where it is recorded."""
    recorders = _recorders()
    return {
        text: f"{name}: {function.name}"
        for name, function in _functions()
        for given in _calls(function, recorders)
        for text in _texts(given, function)
    }


def test_every_recorded_event_has_a_sentence() -> None:
    found = _verbs()
    assert len(found) > 100 and "handling.register" in found and "signing.preserve" in found
    taught = set(timeline.taught())
    silent = {
        verb: place
        for verb, place in found.items()
        if not any(one.startswith(verb.split("*")[0]) if "*" in verb else one == verb for one in taught)
    }
    assert not silent, "teach these in the room's panel.py (timeline.say)"
