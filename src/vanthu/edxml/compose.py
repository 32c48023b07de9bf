"""A packet out of plain data, the way back from ``describe``: for command lines, scripts and other languages.

Owns turning JSON-able values into the model, telling the place of whatever does not fit. Refuses to judge the
packet (``checks`` does) and to open files: the caller says how a name becomes content.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from typing import Any, Union, get_args, get_origin, get_type_hints

from vanthu.edxml.codes import BusinessType, StatusCode, status_code
from vanthu.edxml.content import Content
from vanthu.edxml.errors import BadDescription
from vanthu.edxml.model import VIETNAM, Attachment, DocumentPacket, Packet, StatusPacket

_KINDS: dict[str, type[DocumentPacket | StatusPacket]] = {"edoc": DocumentPacket, "status": StatusPacket}
_DERIVED = {
    DocumentPacket: {"message_type", "code", "acts_on", "priority_label", "business_label", "unknown"},
    StatusPacket: {"message_type", "status_label", "unknown"},
    Attachment: {"content_type", "declared_type", "damaged", "notes"},
}
"""What ``describe`` says beside the fields that a packet is made of: allowed, and not looked at."""


def compose(plain: Mapping[str, Any], content_of: Callable[[Mapping[str, Any]], Content]) -> Packet:
    """The packet that ``plain`` describes, in the words of :func:`describe` (field names of the model).

    Dates are ISO 8601 texts; a time without zone is Vietnam time; what may be left out takes the model's default.
    ``content_of`` gets the mapping of each attachment and returns its content. Raises ``BadDescription``;
    what ``content_of`` raises passes through. The result is not checked: use :func:`check`.
    """
    if not isinstance(plain, Mapping):
        raise BadDescription(path="/", reason="phải là một đối tượng JSON")
    kind = _KINDS.get(str(plain.get("message_type", "")))
    if kind is None:
        raise BadDescription(path="message_type", reason="phải là «edoc» hoặc «status»")
    made = _Composing(content_of).record(kind, plain, "")
    assert isinstance(made, DocumentPacket | StatusPacket)
    return made


class _Composing:
    def __init__(self, content_of: Callable[[Mapping[str, Any]], Content]) -> None:
        self._content_of = content_of

    def record(self, kind: type, plain: Any, path: str) -> object:
        """An instance of a dataclass of the model."""
        if not isinstance(plain, Mapping):
            raise BadDescription(path=path, reason="phải là một đối tượng JSON")
        hints = get_type_hints(kind)
        known = {field.name: field for field in fields(kind)}
        extra = {"file", "content"} if kind is Attachment else set()
        for name in plain:
            if name not in known and name not in extra | _DERIVED.get(kind, set()):
                raise BadDescription(path=_join(path, str(name)), reason="không có trường này")
        values: dict[str, object] = {}
        for name, field in known.items():
            if name in _DERIVED.get(kind, set()):
                continue
            if kind is Attachment and name == "content":
                values[name] = self._content_of(plain)
            elif name in plain:
                values[name] = self._value(hints[name], plain[name], _join(path, name))
            elif field.default is MISSING and field.default_factory is MISSING:
                values[name] = _left_out(hints[name], _join(path, name))
        return kind(**values)

    def _value(self, kind: Any, plain: Any, path: str) -> object:
        if get_origin(kind) is tuple:
            if not isinstance(plain, list | tuple):
                raise BadDescription(path=path, reason="phải là một danh sách")
            (item,) = {one for one in get_args(kind) if one is not Ellipsis}
            return tuple(self._value(item, one, f"{path}[{index}]") for index, one in enumerate(plain))
        if get_origin(kind) in (Union, types.UnionType):
            if StatusCode in get_args(kind):
                return status_code(str(_plain(str, plain, path)))
            if plain is None:
                return None
            (kind,) = (one for one in get_args(kind) if one is not type(None))
        if is_dataclass(kind):
            assert isinstance(kind, type)
            return self.record(kind, plain, path)
        return _business(plain, path) if path.endswith("doc_type") else _plain(kind, plain, path)


def _plain(kind: type, plain: Any, path: str) -> object:
    """A text, number, truth value, date or instant."""
    if kind in (date, datetime):
        return _moment(kind, plain, path)
    if (kind is int and isinstance(plain, bool)) or not isinstance(plain, kind):
        raise BadDescription(path=path, reason=_WANTED[kind])
    return plain.strip() if isinstance(plain, str) else plain


_WANTED = {str: "phải là chữ", int: "phải là số nguyên", bool: "phải là true hoặc false"}


def _business(plain: Any, path: str) -> int:
    number = _plain(int, plain, path)
    assert isinstance(number, int)
    return BusinessType(number) if number in list(BusinessType) else number


def _moment(kind: type, plain: Any, path: str) -> date | datetime:
    try:
        if kind is date:
            return date.fromisoformat(plain)
        moment = datetime.fromisoformat(plain)
        return moment.replace(tzinfo=VIETNAM) if moment.tzinfo is None else moment.astimezone(VIETNAM)
    except (TypeError, ValueError, OverflowError):
        wanted = "ngày dạng 2026-03-09" if kind is date else "thời điểm dạng 2026-03-09T08:00:00+07:00"
        raise BadDescription(path=path, reason=f"phải là {wanted}") from None


def _left_out(kind: Any, path: str) -> object:
    """The value of a field without default that was not given: nothing, so that ``check`` tells it is missing."""
    if kind is str:
        return ""
    if get_origin(kind) is tuple:
        return ()
    if type(None) in get_args(kind):
        return None
    raise BadDescription(path=path, reason="còn thiếu")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}".lstrip(".")
