"""By whose certificates agencies and others sign: the rule as data, with its text (R104).

Owns who is bound to the public-duty service of the Government Cipher Committee. Refuses to know how a certificate's
authority was found out (``pades.anchors`` does).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from vanthu.legal.channels import ADMINISTRATION

CITATION = "QĐ 33/2019/QĐ-UBND Đ11.3; NĐ 68/2024/NĐ-CP"


class Bound(Enum):
    """Whether a body must sign with public-duty certificates."""

    YES = "YES"
    """A state agency."""
    NO = "NO"
    """Outside the state administration: certificates of public authorities are accepted."""
    UNKNOWN = "UNKNOWN"


def bound(levels: Sequence[str], *, outside: bool | None) -> Bound:
    """Whether a body with an identifier of these levels (highest body first) is bound.

    ``outside``: what the directory says of it; None when it does not know the body.
    """
    if outside or (levels and levels[0][:1] not in ADMINISTRATION):
        return Bound.NO
    return Bound.YES if levels or outside is False else Bound.UNKNOWN
