"""A decision of a provincial committee, as its specialist would hand it in, and where things go on it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import typst

from vanthu.pades.places import Box, DateGaps, NumberPlace, Places, millimetres, seal_box_over

ROOT = Path(__file__).resolve().parents[2]
FONTS = ROOT / "node_modules/@expo-google-fonts/tinos"
REGULAR = FONTS / "400Regular/Tinos_400Regular.ttf"
ITALIC = FONTS / "400Regular_Italic/Tinos_400Regular_Italic.ttf"
BOLD = FONTS / "700Bold/Tinos_700Bold.ttf"

_DECISION = """
#set page(paper: "a4", margin: 0pt)
#set text(font: "Tinos", size: 13pt, lang: "vi")
#let at(x, y, body) = place(top + left, dx: x, dy: y, body)
#let mid(x, y, w, body) = place(top + left, dx: x, dy: y, box(width: w, align(center, body)))
#mid(60pt, 60pt, 200pt)[ỦY BAN NHÂN DÂN \\ *TỈNH HÀ TĨNH*]
#mid(270pt, 60pt, 290pt)[*CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM* \\ *Độc lập - Tự do - Hạnh phúc*]
#at(95pt, 110pt)[Số:#h(34pt)/QĐ-UBND]
#at(300pt, 110pt)[_Hà Tĩnh, ngày_#h(30pt)_tháng_#h(26pt)_năm 2026_]
#mid(60pt, 160pt, 475pt)[*QUYẾT ĐỊNH* \\ *Về việc ban hành Quy chế quản lý văn bản điện tử*]
#at(85pt, 220pt)[Điều 1. Ban hành kèm theo Quyết định này Quy chế quản lý văn bản điện tử.]
#mid(310pt, 520pt, 220pt)[*TM. ỦY BAN NHÂN DÂN* \\ *CHỦ TỊCH*]
#mid(310pt, 640pt, 220pt)[*Võ Trọng Thử*]
EXTRA
"""


@lru_cache
def decision(extra: str = "") -> bytes:
    """An A4 decision with gaps for number and date; ``extra`` is more typst markup."""
    source = _DECISION.replace("EXTRA", extra).encode()
    return bytes(typst.compile(source, font_paths=[str(FONTS)], ignore_system_fonts=True))


_HEIGHT = 841.89
_LINE = _HEIGHT - 118.5
SIGNATURE = Box(0, 350, _HEIGHT - 632, 490, _HEIGHT - 560)

PLACES = Places(
    number=NumberPlace(Box(0, 113, _LINE - 4, 145, _LINE + 13), baseline=_LINE),
    date=DateGaps(
        Box(0, 300, _LINE - 4, 550, _LINE + 13), day_x=389, month_x=447, year_x=None, baseline=_LINE
    ),
    signature=SIGNATURE,
    seal=seal_box_over(SIGNATURE),
)

__all__ = ["BOLD", "FONTS", "ITALIC", "PLACES", "REGULAR", "SIGNATURE", "decision", "millimetres"]
