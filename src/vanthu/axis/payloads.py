"""What the axis carries: documents and statuses, and every further type that the operator declares (R182).

A further type (reports, gazette, procedures …) is a table of a TOML file, named by
``VANTHU_AXIS_PAYLOAD_TYPES_FILE``, and nothing else::

    [cong-bao]
    label = "Công báo"
    addressing = "arguments"   # or "header": an edXML packet, addressed like a document
    max_mb = 20

With ``arguments``, the body is opaque: sender and recipients are the signed arguments ``from`` and ``to`` of the
call, with ``documentid`` and ``priority`` where the sender gives them. Refuses to know what a type means.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from vanthu.axis.errors import CallMalformed
from vanthu.axis.models import PacketKind
from vanthu.errors import MustAct, VanthuError

NAME_PATTERN = r"^[a-z][a-z0-9-]{1,29}$"


class Addressing(StrEnum):
    """Where sender and recipients of a payload stand."""

    HEADER = "header"
    ARGUMENTS = "arguments"


@dataclass(frozen=True)
class PayloadType:
    """One type of message; ``max_mb`` (1024 × 1024 bytes) of None is the axis' general limit."""

    name: str
    label: str
    addressing: Addressing
    max_mb: int | None = None


class PayloadTypesUnreadable(VanthuError):
    """The operator's file of payload types is missing or says something that is no type."""

    code = "AXIS_PAYLOAD_TYPES_UNREADABLE"
    message = "Tệp khai báo loại gói tin {path} không dùng được: {reason}. Sửa tệp rồi khởi động lại trục."
    must_act = MustAct.AXIS_OPERATOR
    http_status = 500


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid")

    label: str = Field(min_length=1, max_length=100)
    addressing: Addressing = Addressing.ARGUMENTS
    max_mb: int | None = Field(None, ge=1, le=8192)


_TABLES = TypeAdapter(dict[Annotated[str, Field(pattern=NAME_PATTERN)], _Declared])

STANDARD = tuple(PayloadType(kind.value, str(kind.label), Addressing.HEADER) for kind in PacketKind)
"""The two types of QCVN 102:2016; they cannot be declared anew."""


def all_types() -> dict[str, PayloadType]:
    """Every type this axis carries, by name; raises :class:`PayloadTypesUnreadable`."""
    return _types(settings.VANTHU.axis_payload_types_file)


def find(name: str, argument: str = "messagetype") -> PayloadType:
    """The type that a call names in ``argument``; raises :class:`CallMalformed` for one not carried here."""
    found = all_types().get(name.lower())
    if found is None:
        raise CallMalformed(name=argument)
    return found


@lru_cache(maxsize=4)
def _types(file: Path | None) -> dict[str, PayloadType]:
    declared = _read(file) if file else ()
    return {found.name: found for found in (*declared, *STANDARD)}


def _read(file: Path) -> tuple[PayloadType, ...]:
    try:
        tables: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        checked = _TABLES.validate_python(tables)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PayloadTypesUnreadable(path=file, reason=f"{where}: {first['msg']}") from None
    except (OSError, ValueError) as error:
        raise PayloadTypesUnreadable(path=file, reason=str(error)) from None
    for kind in STANDARD:
        if kind.name in checked:
            raise PayloadTypesUnreadable(path=file, reason=f"{kind.name}: loại có sẵn của chuẩn")
    return tuple(PayloadType(name, **dict(row)) for name, row in checked.items())
