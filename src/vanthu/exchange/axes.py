"""Which axes this site is connected to, and which agencies are reached through which of them.

Owns the axes file (``VANTHU_AXES_FILE``, TOML) and the short form for one axis (``VANTHU_AXIS_*``). Refuses to
talk to an axis (``axis``) and to look anything up (``routes``).

    [[axis]]
    name = "tinh"
    label = "Trục liên thông tỉnh Hà Tĩnh"
    url = "https://truc.hatinh.example"
    system_id = "H27"
    secret_file = "truc-tinh.secret"     # relative to this file
    agencies = "default"

    [[axis]]
    name = "quoc-gia"
    url = "https://truc.example"
    system_id = "H27"
    secret_file = "truc-quoc-gia.secret"
    protocol = "vxp"
    profile = "trung-uong"
    agencies = ["G", "A"]                # by the beginning of the identifier; or "listed"

    [profile.trung-uong]
    based_on = "standard"
    identifiers = "qcvn"
    lengths = { organ_id = 13 }
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vanthu.errors import MustAct, VanthuError
from vanthu.exchange.profiles import BUILT_IN, STANDARD, Profile
from vanthu.identifiers import parse

ONE = "axis"
"""The name of the axis that the short form declares."""

LOCAL = "local"
"""The source of packets from agencies on the same site; no axis may be called so."""


class BadAxesFile(VanthuError):
    """The axes file cannot be used; says where and why."""

    code = "EXCHANGE_BAD_AXES_FILE"
    message = "Tệp khai báo trục {path} không dùng được: {reason}"
    must_act = MustAct.ADMINISTRATOR
    http_status = 500


class Protocol(StrEnum):
    """How to talk to an axis. ``auto``: the best that it offers."""

    VXP = "vxp"
    RELAY = "relay"
    AUTO = "auto"


class Axis(BaseModel):
    """One axis. ``agencies``: all that no other axis claims, those it lists, or by beginning of identifier."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern="^[a-z0-9][a-z0-9-]{0,29}$")
    label: str = Field("", max_length=100)
    url: str = Field(pattern="^https?://[^\\s/]+")
    system_id: str = Field(min_length=1, max_length=100)
    secret_file: Path | None = None
    protocol: Protocol = Protocol.AUTO
    profile: Profile = STANDARD
    agencies: Literal["default", "listed"] | tuple[str, ...] = "default"
    poll_seconds: float = Field(2.0, gt=0, description="pause between two looks, seconds")

    @property
    def title(self) -> str:
        """What people call it."""
        return self.label or "Trục liên thông"

    def claims(self, code: str) -> int:
        """How many characters of the identifier this axis claims by its beginnings; 0: none."""
        if isinstance(self.agencies, str):
            return 0
        spellings = (code, ".".join(parse(code).levels))
        return max(
            (len(start) for start in self.agencies if any(text.startswith(start) for text in spellings)),
            default=0,
        )


def configured() -> tuple[Axis, ...]:
    """The axes of this site in the order of their declaration. Raises :class:`BadAxesFile`."""
    site = settings.VANTHU
    if site.axes_file is not None:
        if site.axis_url:
            raise BadAxesFile(path=site.axes_file, reason="VANTHU_AXIS_URL cũng được đặt; chỉ dùng một cách.")
        return _file(site.axes_file)
    if not site.axis_url:
        return ()
    one = Axis.model_construct(
        name=ONE,
        label="",
        url=site.axis_url,
        system_id=site.axis_system_id,
        secret_file=site.axis_secret_file,
        poll_seconds=site.axis_poll_seconds,
    )
    return (one,)


def names() -> list[str]:
    """The names of the axes, for loops that run once per axis."""
    return [axis.name for axis in configured()]


def by_name(name: str) -> Axis | None:
    """The axis of this name; for one that is not declared any more, the one that takes over: the default."""
    axes = configured()
    return next((axis for axis in axes if axis.name == name), None) or default(axes)


def default(axes: Sequence[Axis]) -> Axis | None:
    """The axis for agencies that no other claims."""
    return next((axis for axis in axes if axis.agencies == "default"), None)


def pick(axes: Sequence[Axis], codes: Collection[str], listed_by: Collection[str]) -> Axis | None:
    """The axis through which an agency is reached; None when no axis leads to it.

    The longest claim on one of its identifiers ``codes`` wins; then the first ``listed`` axis among the names
    ``listed_by``; then the default one.
    """
    claims = [(max((axis.claims(code) for code in codes), default=0), axis) for axis in axes]
    longest = max((claim for claim, _ in claims), default=0)
    if longest:
        return next(axis for claim, axis in claims if claim == longest)
    listing = (axis for axis in axes if axis.agencies == "listed" and axis.name in listed_by)
    return next(listing, None) or default(axes)


@lru_cache(maxsize=8)
def _file(path: Path) -> tuple[Axis, ...]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadAxesFile(path=path, reason=str(error)) from error
    try:
        found = _declared(content, path)
        _consistent(found)
    except ValidationError as error:
        raise BadAxesFile(path=path, reason=_said(error)) from error
    except ValueError as error:
        raise BadAxesFile(path=path, reason=str(error)) from error
    return found


def _declared(content: Mapping[str, Any], path: Path) -> tuple[Axis, ...]:
    profiles = dict(BUILT_IN)
    if unknown := set(content) - {"axis", "profile"}:
        raise ValueError(f"không hiểu mục “{min(unknown)}”; chỉ có [[axis]] và [profile.tên].")
    for name, given in dict(content.get("profile", {})).items():
        base = _named(profiles, given.pop("based_on", "standard"))
        given["lengths"] = base.lengths.model_dump() | given.get("lengths", {})
        profiles[name] = Profile.model_validate(base.model_dump() | given)
    return tuple(_axis(row, profiles, path) for row in content.get("axis", []))


def _axis(row: Mapping[str, Any], profiles: Mapping[str, Profile], path: Path) -> Axis:
    given = dict(row)
    given["profile"] = _named(profiles, given.get("profile", "standard"))
    if "secret_file" in given:
        given["secret_file"] = path.parent / str(given["secret_file"])
    return Axis.model_validate(given)


def _named(profiles: Mapping[str, Profile], name: str) -> Profile:
    if name not in profiles:
        raise ValueError(f"không có profile “{name}”; có: {', '.join(sorted(profiles))}.")
    return profiles[name]


def _consistent(axes: Sequence[Axis]) -> None:
    if not axes:
        raise ValueError("không có mục [[axis]] nào.")
    known = [axis.name for axis in axes]
    if len(set(known)) != len(known) or LOCAL in known:
        raise ValueError(f"tên trục phải khác nhau và khác “{LOCAL}”.")
    if sum(axis.agencies == "default" for axis in axes) > 1:
        raise ValueError('chỉ một trục được nhận agencies = "default".')
    if any(start == "" for axis in axes if isinstance(axis.agencies, tuple) for start in axis.agencies):
        raise ValueError('phần đầu mã định danh trong agencies không được để trống; hãy dùng "default".')
    for axis in axes:
        if axis.secret_file is not None and not axis.secret_file.is_file():
            raise ValueError(f"trục “{axis.name}”: không có tệp khóa {axis.secret_file}.")


def _said(error: ValidationError) -> str:
    parts = [
        f"{error.title} {'.'.join(str(step) for step in found['loc'])}: {found['msg']}"
        for found in error.errors()
    ]
    return "; ".join(parts)
