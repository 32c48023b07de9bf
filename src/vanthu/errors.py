"""The error tree that every room's errors hang on.

An error is a value of the domain: a stable code, one Vietnamese sentence for the person who must act, and who
that person is. Owns no texts of other rooms; each room declares its own subclasses beside its rules.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, ClassVar


class MustAct(Enum):
    """Who has to do something about an error."""

    USER = "người dùng"
    CLERK = "văn thư"
    LEADER = "lãnh đạo"
    SENDER = "bên gửi"
    ADMINISTRATOR = "quản trị hệ thống"
    AXIS_OPERATOR = "đơn vị vận hành trục"


class VanthuError(Exception):
    """Base of all errors that a person or another system is told about.

    Subclasses set ``code`` (stable, upper snake case, part of the public contract), ``message`` (a Vietnamese
    sentence, may hold ``{name}`` placeholders filled from the keyword details) and ``must_act``.
    """

    code: ClassVar[str] = "ERROR"
    message: ClassVar[str] = "Có lỗi xảy ra."
    must_act: ClassVar[MustAct] = MustAct.USER
    rule: ClassVar[str] = ""
    """Citation of the rule that stops the user, for example ``NĐ 30/2020 Đ15``; empty when none applies."""
    http_status: ClassVar[int] = 400

    def __init__(self, message: str | None = None, **details: Any) -> None:
        self.details = details
        self.text = message if message is not None else self.message.format_map(_Missing(details))
        super().__init__(self.text)

    def __str__(self) -> str:
        return self.text

    def as_dict(self) -> dict[str, Any]:
        """The error for an API answer or a log line."""
        shown = {name: str(value) for name, value in self.details.items()}
        return {
            "code": self.code,
            "message": self.text,
            "must_act": self.must_act.value,
            "rule": self.rule,
            "details": shown,
        }


class _Missing(dict[str, Any]):
    """Leaves unknown placeholders readable instead of failing while reporting a failure."""

    def __missing__(self, key: str) -> str:
        return "…"
