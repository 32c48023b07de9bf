"""Who may sign for an agency, and what stands before the position then: the rules as data with their texts.

The prefixes TM., Q., KT., TL., TUQ. of NĐ 30/2020 Đ13 and Phụ lục I. Owns what each asks for. Refuses to know
people (``signing`` does).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Prefix(str, Enum):
    """What stands before the signer's position."""

    NONE = ""
    TM = "TM"
    Q = "Q"
    KT = "KT"
    TL = "TL"
    TUQ = "TUQ"

    @property
    def label(self) -> str:
        """What the prefix says, in Vietnamese."""
        return _LABELS[self]

    @property
    def printed(self) -> str:
        """As it stands on the page: ``KT.``; empty for the head of a one-head agency."""
        return f"{self.value}." if self.value else ""


_LABELS = {
    Prefix.NONE: "Người đứng đầu",
    Prefix.TM: "Thay mặt tập thể",
    Prefix.Q: "Quyền người đứng đầu",
    Prefix.KT: "Ký thay cấp trưởng",
    Prefix.TL: "Thừa lệnh",
    Prefix.TUQ: "Thừa ủy quyền",
}


@dataclass(frozen=True)
class PrefixRule:
    """What signing with a prefix rests on.

    ``by_post``: follows from the post itself; otherwise somebody must have given it in writing. ``named_types``: the
    writing names the types of documents. ``ends``: it must say until when. ``passed_to``: the prefixes under which
    the holder may let a deputy sign; empty when nobody may sign in the holder's place. ``blocks``: the prefixes that
    may stand in the block, from the top down.
    """

    prefix: Prefix
    by_post: bool
    named_types: bool
    ends: bool
    passed_to: tuple[Prefix, ...]
    blocks: tuple[tuple[Prefix, ...], ...]
    cite: str


PREFIX_RULES = {
    rule.prefix: rule
    for rule in (
        PrefixRule(Prefix.NONE, True, False, False, (), ((),), "NĐ 30/2020 Đ13.1"),
        PrefixRule(Prefix.TM, True, False, False, (), ((Prefix.TM,), ()), "NĐ 30/2020 Đ13.2"),
        PrefixRule(
            Prefix.Q,
            True,
            False,
            False,
            (),
            ((Prefix.Q,), (Prefix.TM, Prefix.Q)),
            "NĐ 30/2020 Đ13.1, PL I.II.7",
        ),
        PrefixRule(
            Prefix.KT,
            True,
            False,
            False,
            (),
            ((Prefix.KT,), (Prefix.TM, Prefix.KT)),
            "NĐ 30/2020 Đ13.1, Đ13.2",
        ),
        PrefixRule(Prefix.TL, False, True, False, (Prefix.KT,), ((Prefix.TL,),), "NĐ 30/2020 Đ13.4"),
        PrefixRule(Prefix.TUQ, False, True, True, (), ((Prefix.TUQ,),), "NĐ 30/2020 Đ13.3"),
    )
}
"""By prefix. A deputy of whom the head has recorded nothing signs KT. everything (Đ13.1: "có thể giao cấp phó ký
thay"); what the head records narrows it."""

BLOCK_OF_DEPUTY_BY_ORDER = ((Prefix.TL, Prefix.KT),)
"""A unit's deputy to whom its head passed on what the head signs by order (Đ13.4): TL. above, KT. below."""

GIVEN_TYPES_CITE = "NĐ 30/2020 chương II"
"""TL. and TUQ. come from the decree's chapter on administrative documents; legal normative documents are signed by
the head or a deputy in the head's place, so no writing under Đ13.3–13.4 can name them."""

CUSTODY_CITE = "NĐ 30/2020 Đ32"
"""The agency's device is the clerk's to keep and use; handed over only with a written permission and minutes."""

WARNING_DAYS = (60, 30, 15, 7)
"""Days before a certificate ends at which its holder and the administrator are told (QĐ 676/QĐ-VPCP, plan A.9)."""
