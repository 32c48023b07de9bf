"""Whether each field of a packet holds the kind of value that it must: text, number, day, instant.

Owns the comparison with the model's own annotations, so that a program that fills the model from elsewhere is told
in words instead of failing somewhere in the writer.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from vanthu.edxml.model import Packet
from vanthu.edxml.problems import Problem

_WORDS = {
    str: "chữ",
    int: "số nguyên",
    bool: "đúng hoặc sai",
    date: "ngày",
    datetime: "thời điểm",
    tuple: "danh sách",
}
_NOT_LOOKED_AT = ("notes", "unknown")


def misfits(packet: Packet) -> Iterator[Problem]:
    """Each field whose value is of another kind than the model says."""
    yield from _of_record(packet, "")


def _of_record(record: Any, path: str) -> Iterator[Problem]:
    made_of: Any = type(record)
    for name, kind, fits in _fields(made_of):
        value = getattr(record, name)
        place = f"{path}.{name}" if path else name
        if not fits(value):
            text = f"Trường {place} phải là {_WORDS.get(kind, kind.__name__)}."
            yield Problem("EDXML_BAD_TYPE", place, text)
        elif type(value) is tuple:
            for index, item in enumerate(value):
                if is_dataclass(item):
                    yield from _of_record(item, f"{place}[{index}]")
        elif is_dataclass(value):
            yield from _of_record(value, place)


@cache
def _fields(record: type[Any]) -> tuple[tuple[str, type, Callable[[object], bool]], ...]:
    hints = get_type_hints(record)
    return tuple(
        (field.name, _main_kind(hints[field.name]), _test(hints[field.name]))
        for field in fields(record)
        if field.name not in _NOT_LOOKED_AT
    )


def _main_kind(hint: Any) -> type:
    """The kind to name to people."""
    if get_origin(hint) is tuple:
        return tuple
    if get_origin(hint) in (Union, types.UnionType):
        return next(_main_kind(one) for one in reversed(get_args(hint)) if one is not type(None))
    assert isinstance(hint, type)
    return hint


def _test(hint: Any) -> Callable[[object], bool]:
    if get_origin(hint) is tuple:
        item = _test(get_args(hint)[0])
        return lambda value: type(value) is tuple and all(map(item, value))
    if get_origin(hint) in (Union, types.UnionType):
        tests = [_test(one) for one in get_args(hint)]
        return lambda value: any(test(value) for test in tests)
    if hint is int:
        return lambda value: isinstance(value, int) and not isinstance(value, bool)
    if hint is date:
        return lambda value: isinstance(value, date) and not isinstance(value, datetime)
    return lambda value: isinstance(value, hint)
