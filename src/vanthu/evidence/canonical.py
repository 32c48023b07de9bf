"""One spelling for one value: the JSON that hashes and signatures stand on.

Follows RFC 8785 for the values it takes (objects, lists, text, booleans, null, integers up to 2**53). Refuses
floating-point numbers, whose spelling is a source of disputes, and every other type.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from vanthu.evidence.errors import NotCanonical

LARGEST = 2**53 - 1


def canonical(value: Any) -> bytes:
    """The value as canonical JSON in UTF-8; raises :class:`NotCanonical`."""
    return _write(value).encode()


def _write(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise NotCanonical(what=value)
        return str(int(value))
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_write, value)) + "]"
    if isinstance(value, Mapping):
        return "{" + ",".join(_member(name, value[name]) for name in sorted(value, key=_order)) + "}"
    raise NotCanonical(what=type(value).__name__)


def _member(name: Any, value: Any) -> str:
    return f"{_text(name)}:{_write(value)}"


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise NotCanonical(what="surrogate") from None
    return json.dumps(value, ensure_ascii=False)


def _order(name: Any) -> bytes:
    """RFC 8785 sorts names by their UTF-16 code units."""
    if not isinstance(name, str):
        raise NotCanonical(what=type(name).__name__)
    return name.encode("utf-16-be", "surrogatepass")
