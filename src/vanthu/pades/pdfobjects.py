"""Short, typed ways to make PDF objects out of pyHanko's untyped ones.

Owns nothing but notation: dictionary keys and names are written without their slash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pyhanko.pdf_utils import generic as _generic

_untyped: Any = _generic

Dictionary = _generic.DictionaryObject
Stream = _generic.StreamObject
Reference = _generic.IndirectObject


def name(text: str) -> _generic.NameObject:
    """``/text``."""
    return _generic.NameObject(f"/{text}")


def dictionary(entries: Mapping[str, Any]) -> Dictionary:
    """``<< /Key value >>``."""
    made: Dictionary = _untyped.DictionaryObject({name(key): value for key, value in entries.items()})
    return made


def stream(entries: Mapping[str, Any], *, data: bytes | None = None, encoded: bytes | None = None) -> Stream:
    """A stream of plain ``data``, or of bytes ``encoded`` already as ``entries`` say."""
    keys = {name(key): value for key, value in entries.items()}
    made: Stream = _untyped.StreamObject(keys, stream_data=data, encoded_data=encoded)
    return made


def deflated(entries: Mapping[str, Any], data: bytes) -> Stream:
    """A compressed stream."""
    made = stream(entries, data=data)
    unchecked: Any = made
    unchecked.compress()
    return made


def array(items: Iterable[Any]) -> _generic.ArrayObject:
    """``[a b c]``."""
    return _generic.ArrayObject(items)


def number(value: int) -> Any:
    """A whole number."""
    return _untyped.NumberObject(value)


def real(value: float) -> Any:
    """A length, to a thousandth of a point."""
    return _untyped.FloatObject(f"{value:.3f}")


def string(text: str) -> Any:
    """A text string."""
    return _generic.TextStringObject(text)
