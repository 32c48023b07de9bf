"""By which way a document goes to a recipient: the rules as data, each with its text and the days it is in force.

The table T1 of the requirements, read from the top; the first line that fits decides. Owns the lines and how one is
chosen. Refuses to know how a fact was found out (``exchange.decisions`` does) and to send.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

QD28_IN_FORCE = date(2018, 7, 12)
HA_TINH_IN_FORCE = date(2019, 7, 1)


class Verdict(str, Enum):
    """What a recipient gets; the value's label is :attr:`label`."""

    ELECTRONIC = "ELECTRONIC"
    HYBRID = "HYBRID"
    PAPER = "PAPER"
    REFUSED = "REFUSED"

    @property
    def label(self) -> str:
        """Vietnamese name."""
        return _VERDICTS[self]


_VERDICTS = {
    Verdict.ELECTRONIC: "Bản điện tử",
    Verdict.HYBRID: "Bản điện tử kèm bản giấy",
    Verdict.PAPER: "Bản giấy",
    Verdict.REFUSED: "Không gửi trên hệ thống này",
}


class RecipientClass(str, Enum):
    """What a recipient is to the sender, as far as the rules care (R73, R75)."""

    GOVERNMENT = "GOVERNMENT"
    """The Government and the Prime Minister; the Government Office takes in their mail."""

    SUPERIOR = "SUPERIOR"
    OUTSIDE = "OUTSIDE"
    """Outside the state administrative system."""

    INSPECTOR = "INSPECTOR"
    """Bodies that monitor and inspect legal normative documents."""


class Fact(str, Enum):
    """What else a rule may ask about a document and its recipient."""

    SECRET = "SECRET"  # noqa: S105 - a fact, no password
    RESTRICTED = "RESTRICTED"
    NOT_READY = "NOT_READY"
    UNREACHABLE = "UNREACHABLE"
    LISTED = "LISTED"
    UNENCRYPTABLE = "UNENCRYPTABLE"
    """The document is to be encrypted, nothing can be encrypted to the recipient, and the sender chose paper."""


@dataclass(frozen=True)
class Case:
    """One document for one recipient. ``locality`` is the sender's level-1 code (``H27``), empty when unknown."""

    type_code: str = ""
    normative: bool = False
    locality: str = ""
    classes: frozenset[RecipientClass] = frozenset()
    facts: frozenset[Fact] = frozenset()


@dataclass(frozen=True)
class ChannelRule:
    """One line. It fits when everything it names fits; what it leaves empty is not asked.

    ``sentence`` tells the clerk why, ``citation`` the text. In force from ``since`` to the day before ``until``.
    ``locality``: binds senders of that province only.
    """

    id: str
    verdict: Verdict
    sentence: str
    citation: str
    since: date
    until: date | None = None
    fact: Fact | None = None
    types: frozenset[str] = field(default_factory=frozenset)
    normative: bool = False
    classes: frozenset[RecipientClass] = field(default_factory=frozenset)
    locality: str = ""

    def fits(self, case: Case, on: date) -> bool:
        """Whether the line decides this case on this day."""
        return (
            self.since <= on
            and (self.until is None or on < self.until)
            and (self.fact is None or self.fact in case.facts)
            and (not self.types or case.type_code in self.types)
            and (not self.normative or case.normative)
            and (not self.classes or bool(self.classes & case.classes))
            and (not self.locality or self.locality == case.locality)
        )


CHANNEL_RULES = (
    ChannelRule(
        "SECRET_GUARD",
        Verdict.REFUSED,
        "Văn bản có dấu hiệu bí mật nhà nước, không được soạn, gửi trên hệ thống này.",
        "QĐ 28/2018/QĐ-TTg Đ4",
        QD28_IN_FORCE,
        fact=Fact.SECRET,
    ),
    ChannelRule(
        "RESTRICTED_STAMP",
        Verdict.PAPER,
        "Văn bản có chỉ dẫn phạm vi lưu hành.",
        "QĐ 33/2019/QĐ-UBND Đ6; NĐ 30/2020 PL I",
        HA_TINH_IN_FORCE,
        fact=Fact.RESTRICTED,
    ),
    ChannelRule(
        "QD28_7_1",
        Verdict.PAPER,
        "Bên gửi hoặc nơi nhận chưa sẵn sàng gửi, nhận văn bản điện tử.",
        "QĐ 28/2018/QĐ-TTg Đ7.1",
        QD28_IN_FORCE,
        fact=Fact.NOT_READY,
    ),
    ChannelRule(
        "S3_2_5",
        Verdict.PAPER,
        "Nơi nhận không có địa chỉ trên trục liên thông.",
        "QĐ 28/2018/QĐ-TTg Đ7.1; NĐ 30/2020 Đ18",
        QD28_IN_FORCE,
        fact=Fact.UNREACHABLE,
    ),
    ChannelRule(
        "HT_13",
        Verdict.PAPER,
        "Văn bản được mã hóa mà nơi nhận chưa có chứng thư số mã hóa.",
        "QĐ 33/2019/QĐ-UBND Đ13.1",
        HA_TINH_IN_FORCE,
        fact=Fact.UNENCRYPTABLE,
    ),
    ChannelRule(
        "QD28_7_2",
        Verdict.HYBRID,
        "Văn bản gửi Chính phủ, Thủ tướng Chính phủ phải kèm bản giấy.",
        "QĐ 28/2018/QĐ-TTg Đ7.2.a",
        QD28_IN_FORCE,
        classes=frozenset({RecipientClass.GOVERNMENT}),
    ),
    ChannelRule(
        "HT_7_1",
        Verdict.HYBRID,
        "Văn bản quy phạm pháp luật gửi cấp trên, cơ quan ngoài hệ thống hành chính, cơ quan kiểm tra văn bản phải "
        "kèm bản giấy.",
        "QĐ 33/2019/QĐ-UBND Đ7.1",
        HA_TINH_IN_FORCE,
        normative=True,
        classes=frozenset({RecipientClass.SUPERIOR, RecipientClass.OUTSIDE, RecipientClass.INSPECTOR}),
        locality="H27",
    ),
    ChannelRule(
        "HT_7_2",
        Verdict.HYBRID,
        "Loại văn bản này phải kèm bản giấy.",
        "QĐ 33/2019/QĐ-UBND Đ7.2",
        HA_TINH_IN_FORCE,
        types=frozenset({"QUYET_DINH", "THONG_CAO", "PHUONG_AN", "DE_AN", "DU_AN", "TO_TRINH"}),
        locality="H27",
    ),
    ChannelRule(
        "LIST_7_3b",
        Verdict.HYBRID,
        "Văn bản thuộc danh mục phải kèm bản giấy do người đứng đầu quyết định.",
        "QĐ 28/2018/QĐ-TTg Đ7.2.b",
        QD28_IN_FORCE,
        fact=Fact.LISTED,
    ),
    ChannelRule(
        "QD28_4",
        Verdict.ELECTRONIC,
        "Chỉ gửi bản điện tử, không gửi thêm bản giấy.",
        "QĐ 28/2018/QĐ-TTg Đ4",
        date.min,
    ),
)
"""T1. A recipient without an address stands before the paper companions, for without an address nothing electronic
could be accompanied."""

ATTENDS_GOVERNMENT = frozenset({"G22"})
"""Level-1 codes whose office takes in the mail of the Government and the Prime Minister (Văn phòng Chính phủ)."""

INSPECTS_NORMATIVE = frozenset({"G15"})
"""Level-1 codes of bodies that inspect legal normative documents (Bộ Tư pháp)."""

ADMINISTRATION = frozenset("GHK")
"""Letters of level-1 codes within the state administrative system: the Government, localities."""


def decide(case: Case, on: date) -> ChannelRule:
    """The line that decides the case on a day (Vietnam). The last line fits everything."""
    return next(rule for rule in CHANNEL_RULES if rule.fits(case, on))


def rule_of(identifier: str) -> ChannelRule | None:
    """The line with this id, also one that is not in force any more."""
    return next((rule for rule in CHANNEL_RULES if rule.id == identifier), None)


def classes_of(
    sender_levels: Iterable[str], recipient_levels: Iterable[str], *, superior: bool, outside: bool
) -> frozenset[RecipientClass]:
    """What a recipient is to a sender, from the levels of their identifiers (highest body first).

    ``superior`` and ``outside`` are what the directory says of the recipient itself.
    """
    mine, theirs = list(sender_levels), list(recipient_levels)
    first = theirs[0] if theirs else ""
    found = {
        RecipientClass.GOVERNMENT: first in ATTENDS_GOVERNMENT and len(theirs) == 1,
        RecipientClass.SUPERIOR: superior
        or (bool(theirs) and len(theirs) < len(mine) and mine[: len(theirs)] == theirs),
        RecipientClass.OUTSIDE: outside or (bool(first) and first[0] not in ADMINISTRATION),
        RecipientClass.INSPECTOR: first in INSPECTS_NORMATIVE,
    }
    return frozenset(name for name, holds in found.items() if holds)
