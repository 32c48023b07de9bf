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


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def canonical(value: Any) -> bytes:
    """The value as canonical JSON in UTF-8; raises :class:`NotCanonical`."""
    try:
        return _ENCODE(_ordered(value)).encode()
    except UnicodeEncodeError:
        raise NotCanonical(what="surrogate") from None


def _ordered(value: Any) -> Any:
    """The value with the names of its objects in order; raises :class:`NotCanonical` for what has no one spelling."""
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise NotCanonical(what=value)
        return int(value)
    if isinstance(value, (list, tuple)):
        return [_ordered(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _ordered(value[name]) for name in sorted(value, key=_order)}
    raise NotCanonical(what=type(value).__name__)


def _order(name: Any) -> bytes:
    """RFC 8785 sorts names by their UTF-16 code units."""
    if not isinstance(name, str):
        raise NotCanonical(what=type(name).__name__)
    return name.encode("utf-16-be", "surrogatepass")
