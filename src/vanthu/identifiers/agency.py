"""Codes of agencies (mã định danh cơ quan) in their three generations.

Owns shapes only: what generation a code is of, its levels, what its successor is likely to be. Refuses to
know which agencies exist and never rejects a code: test and local codes are in use on real axes, and only the
axis' own agency list decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

MAX_LENGTH = 35
"""Characters an OrganId may have (QĐ 20/2020/QĐ-TTg; Sửa đổi 1:2022 QCVN 102:2016/BTTTT)."""

_CV2803 = re.compile(r"\d{2}\.\d{2}\.[A-Z]\d{2}", re.ASCII)
_QCVN = re.compile(r"\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}", re.ASCII)
_QD20 = re.compile(r"[A-Z]\d{2}(?:\.[0-9A-Z]{1,10})*", re.ASCII)
_BUSINESS_NUMBER = re.compile(r"\d{10}(?:-?\d{3})?", re.ASCII)


class CodeKind(Enum):
    """Generation of a code; the value is its Vietnamese label."""

    CV2803 = "công văn 2803/BTTTT-THH (2014)"
    QCVN_2016 = "QCVN 102:2016/BTTTT"
    QD20 = "Quyết định 20/2020/QĐ-TTg"
    BUSINESS = "mã số doanh nghiệp"
    OTHER = "khác"


@dataclass(frozen=True)
class AgencyCode:
    """A code and what its shape tells.

    ``text`` is the code, trimmed. ``levels`` are its parts from the highest body (level 1) downward, without
    unused zero groups; empty when the shape says nothing. ``warning`` is a Vietnamese sentence, or empty.
    """

    text: str
    kind: CodeKind
    levels: tuple[str, ...] = ()
    warning: str = ""

    @property
    def level1(self) -> str:
        """The level-1 body (``G22``, ``H41``); empty when the shape does not tell."""
        return self.levels[0] if self.levels else ""

    @property
    def depth(self) -> int:
        """Level in the hierarchy, 1 for ministries and provinces; 0 when unknown."""
        return len(self.levels)

    @property
    def is_central(self) -> bool:
        """Whether the level-1 letter is that of the Government's bodies (G)."""
        return self.level1.startswith("G")

    @property
    def is_local(self) -> bool:
        """Whether the level-1 letter is a locality's: people's committee side (H) or council side (K)."""
        return self.level1.startswith(("H", "K"))

    def __str__(self) -> str:
        return self.text


def parse(code: str) -> AgencyCode:
    """Classify a code by its shape; never raises, never rejects.

    Sources: công văn 2803/BTTTT-THH, QCVN 102:2016/BTTTT, QĐ 20/2020/QĐ-TTg (Đ5 for enterprises).
    """
    text = code.strip()
    if len(text) > MAX_LENGTH:
        return AgencyCode(text, CodeKind.OTHER, warning=f"Mã định danh dài quá {MAX_LENGTH} ký tự.")
    if _CV2803.fullmatch(text):
        return AgencyCode(text, CodeKind.CV2803, _reversed(text), "Mã định danh theo mẫu cũ năm 2014.")
    if _QCVN.fullmatch(text):
        return AgencyCode(text, CodeKind.QCVN_2016, _reversed(text))
    if _QD20.fullmatch(text):
        return AgencyCode(text, CodeKind.QD20, tuple(text.split(".")))
    if _BUSINESS_NUMBER.fullmatch(text):
        return AgencyCode(text, CodeKind.BUSINESS)
    return AgencyCode(text, CodeKind.OTHER, warning=_complaint(text))


def _reversed(text: str) -> tuple[str, ...]:
    """Levels of a right-to-left code; only the unused (zero) groups at the far, lower end are dropped."""
    levels = text.split(".")[::-1]
    while len(levels) > 1 and not levels[-1].strip("0"):
        levels.pop()
    return tuple(levels)


def _complaint(text: str) -> str:
    if not text:
        return "Mã định danh để trống."
    return "Mã định danh không theo mẫu nào của quy chuẩn; cần đối chiếu với danh mục của trục liên thông."


def qcvn_to_qd20_guess(code: str) -> str | None:
    """The usual QĐ 20/2020 form of a QCVN 102:2016 code (``000.00.15.H51`` → ``H51.15``).

    Only a guess to propose to a person: the new code may have been assigned afresh. ``None`` when ``code`` is
    not of the QCVN generation, or skips a level so that the pattern says nothing.
    """
    parsed = parse(code)
    if parsed.kind is not CodeKind.QCVN_2016:
        return None
    if any(not level.strip("0") for level in parsed.levels):
        return None
    return ".".join(parsed.levels)
