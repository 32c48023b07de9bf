"""What a recipient does when the sender asks for a document back or changes it: the rule as data with its source.

Owns the table and who may begin such a change at the sender. Refuses to carry anything out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from vanthu.base.actors import Role


class Progress(str, Enum):
    """How far a recipient is with a document, as far as the rule cares."""

    UNREGISTERED = "UNREGISTERED"
    IN_WORK = "IN_WORK"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class Answer(str, Enum):
    """What follows from a request: the system agrees by itself, or somebody is asked."""

    AGREE = "AGREE"
    ASK = "ASK"


@dataclass(frozen=True)
class RecallRule:
    """One line of the table; ``asks`` are the roles of which one answers, ``cite`` the text it follows from."""

    progress: Progress
    answer: Answer
    asks: tuple[Role, ...]
    cite: str


RECIPIENT_RULES = (
    RecallRule(Progress.UNREGISTERED, Answer.AGREE, (), "NĐ 30/2020 Đ18.4b; QĐ 28/2018/QĐ-TTg Đ9"),
    RecallRule(Progress.CANCELLED, Answer.AGREE, (), "NĐ 30/2020 Đ18.4b"),
    RecallRule(
        Progress.IN_WORK, Answer.ASK, (Role.CLERK, Role.LEADER), "NĐ 30/2020 Đ18.4b; QĐ 28/2018/QĐ-TTg Đ9"
    ),
    RecallRule(Progress.COMPLETED, Answer.ASK, (Role.CLERK, Role.LEADER), "NĐ 30/2020 PL VI III.8.b"),
)
"""In order of progress. Nobody has acted on what is not registered, so nobody need be asked (NĐ 30/2020 Đ22.1)."""

SENDER_CITATIONS = {
    "TAKE_BACK": "QĐ 28/2018/QĐ-TTg Đ9",
    "RECALL": "NĐ 30/2020 Đ18.4; PL VI III.8.a",
    "UPDATE": "QCVN 102:2016/BTTTT 2.2",
    "REPLACE": "NĐ 30/2020 Đ18.3",
}
"""The text from which each change of an issued document follows."""

DECIDED_BY = {"TAKE_BACK": Role.CLERK, "RECALL": Role.LEADER, "UPDATE": Role.LEADER}
"""Who decides: undoing a wrong sending is the clerk's work, the fate of an issued document its leaders' (Đ6, Đ13)."""


@dataclass(frozen=True)
class DestructionRule:
    """How the content of a recalled document is destroyed that had come so far; ``asks`` are two persons, or nobody.

    The decree says *hủy* and wants the recall's evidence kept (requirements C8): the register's row, hashes and minutes
    always stay.
    """

    progress: Progress
    asks: tuple[Role, ...]
    cite: str


DESTRUCTION_RULES = (
    DestructionRule(Progress.UNREGISTERED, (), "NĐ 30/2020 PL VI III.8.b"),
    DestructionRule(Progress.CANCELLED, (Role.CLERK, Role.LEADER), "NĐ 30/2020 PL VI III.8.b, c"),
    DestructionRule(Progress.IN_WORK, (Role.CLERK, Role.LEADER), "NĐ 30/2020 PL VI III.8.b, c"),
    DestructionRule(Progress.COMPLETED, (Role.CLERK, Role.LEADER), "NĐ 30/2020 PL VI III.8.b, c"),
)
"""What nobody registered goes by policy alone; what was worked on, when the clerk proposes and a leader decides."""


def destruction_rule(progress: Progress) -> DestructionRule:
    """The line of the table for a document that had come so far when it was given back."""
    return next(rule for rule in DESTRUCTION_RULES if rule.progress is progress)


def recipient_rule(progress: Progress) -> RecallRule:
    """The line of the table for a document that has come so far."""
    return next(rule for rule in RECIPIENT_RULES if rule.progress is progress)
