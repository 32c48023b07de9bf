"""The signer's block: position above, name below, the blank between them where the signature goes.

Boxes 7a to 7c of NĐ 30/2020, Phụ lục I. Finds the best block of a document; refuses to change the file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from vanthu.formalities.pdftext import Line, PageText, open_pdf, plain_text, read_page
from vanthu.formalities.remarks import Note
from vanthu.pades.places import Area, Box
from vanthu.vietnamese.text import fold

_AUTHORITY = re.compile(r"(TM|KT|TL|TUQ|Q)\s*\.", re.IGNORECASE)
_POSITIONS = (
    "chu tich", "giam doc", "bo truong", "thu truong", "truong", "pho", "chanh", "vien", "cuc", "thu tuong",
    "hieu truong", "bi thu", "tong", "chu toa", "chi huy", "tu lenh", "dai dien",
)  # fmt: skip
_NAME_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)?\.?")
_DEEPEST_GAP = 300.0
_LEAST_SCORE = 4
_SIGNATURE_WIDTH = 140.0
_LEAST_SIGNATURE_WIDTH = 60.0
_TALLEST_SIGNATURE = 110.0
_LEAST_SIGNATURE_HEIGHT = 24.0
_MOST_PAGES = 600


@dataclass(frozen=True)
class SignerBlock:
    """The block of the signer as read:

    ``position`` from top to bottom, ``name`` below; ``page`` counts from 0.
    """

    page: int
    position: tuple[str, ...]
    name: str


def find_signer_block(pdf: bytes | Path, *, signer_name: str | None = None) -> SignerBlock | None:
    """The signer's position and name as printed, None when no block is recognised. Raises UnreadablePdf."""
    with open_pdf(pdf) as document:
        found = signer_block_in(document, signer_name=signer_name)
    return found[1] if found else None


def signer_block_in(
    document: Any, *, signer_name: str | None = None
) -> tuple[PageText, SignerBlock, float] | None:
    """The signer's block of a document opened with ``open_pdf``: page, words, how sure (0 to 1)."""
    block = find_signature(document, signer_name, [])
    return (block.page, block.signer, block.confidence) if block else None


@dataclass(frozen=True)
class Block:
    """A block on one page: lines of position, the name, and the lines right above and below the blank."""

    page: PageText
    position: tuple[Line, ...]
    name: Line
    above: Line
    below: Line
    score: int

    @property
    def confidence(self) -> float:
        return min(1.0, self.score / 10)

    @property
    def signer(self) -> SignerBlock:
        return SignerBlock(self.page.number, tuple(line.text for line in self.position), self.name.text)

    def box(self) -> Box:
        """The place of the signature in page coordinates."""
        return Box(self.page.number, *self.page.to_page(*self.area()))

    def area(self) -> Area:
        """The blank between position and name, at most as tall as a signature needs, centred on the block and clear
        of what is printed beside it; in reading coordinates."""
        top, bottom = self.above.bottom - 2, self.below.top + 2
        if top - bottom < _LEAST_SIGNATURE_HEIGHT:
            middle = (top + bottom) / 2
            top, bottom = middle + _LEAST_SIGNATURE_HEIGHT / 2, middle - _LEAST_SIGNATURE_HEIGHT / 2
        if top - bottom > _TALLEST_SIGNATURE:
            middle = (top + bottom) / 2
            top, bottom = middle + _TALLEST_SIGNATURE / 2, middle - _TALLEST_SIGNATURE / 2
        centre = (self.name.centre + self.position[-1].centre) / 2
        half = self._half_width(centre, bottom, top)
        return centre - half, bottom, centre + half, top

    def _half_width(self, centre: float, bottom: float, top: float) -> float:
        beside = [line for line in self.page.columns if line.bottom < top and line.top > bottom]
        ends = [centre - line.x1 for line in beside if line.x1 < centre]
        ends += [line.x0 - centre for line in beside if line.x0 > centre]
        edges = [self.page.right - 6 - centre, centre - self.page.left - 6, *(end - 3 for end in ends)]
        return max(_LEAST_SIGNATURE_WIDTH / 2, min(_SIGNATURE_WIDTH / 2, *edges))


def find_signature(document: Any, signer_name: str | None, notes: list[Note]) -> Block | None:
    """The best block of the document; the last one among equals."""
    wanted = _name_key(signer_name) if signer_name else ""
    best: Block | None = None
    for number in range(min(len(document), _MOST_PAGES) - 1, -1, -1):
        if not _may_hold_block(plain_text(document, number), wanted):
            continue
        page = read_page(document, number)
        for block in _blocks(page, wanted):
            if block.score >= _LEAST_SCORE and (best is None or block.score > best.score):
                best = block
    if best is None:
        return None
    if wanted and _name_key(best.name.text) != wanted:
        notes.append(Note("SIGNER_NAME_DIFFERS", f"Tên người ký trên văn bản là “{best.name.text}”."))
    if best.above.bottom - best.below.top < _LEAST_SIGNATURE_HEIGHT:
        notes.append(Note("SIGNATURE_GAP_NARROW", "Khoảng trống để ký giữa chức vụ và họ tên quá hẹp."))
    return best


def find_signature_of(document: Any, signer_name: str) -> Block | None:
    """The block of this very person, on whatever side of a page; None when there is none."""
    block = find_signature(document, signer_name, [])
    return block if block and _name_key(block.name.text) == _name_key(signer_name) else None


def partners_of(block: Block) -> tuple[Block, ...]:
    """The blocks beside a block, from left to right: the other agencies of a joint document (văn bản liên tịch)."""
    found = [other for other in _blocks(block.page, "", everywhere=True) if _stands_beside(other, block)]
    return tuple(sorted(found, key=lambda other: other.name.x0))


def _stands_beside(other: Block, block: Block) -> bool:
    level = abs(other.name.baseline - block.name.baseline) < 45
    level = level and abs(other.position[-1].baseline - block.position[-1].baseline) < 45
    apart = other.name.x1 < block.name.x0 or other.name.x0 > block.name.x1
    return level and apart and abs(other.name.centre - block.name.centre) > 80


def _may_hold_block(text: str, wanted: str) -> bool:
    folded = " ".join(fold(text).split())
    return (
        "noi nhan" in folded
        or bool(_AUTHORITY.search(text))
        or bool(wanted and wanted in folded)
        or any(position.upper() in fold(text).upper() for position in ("chu tich", "giam doc", "truong"))
    )


def _blocks(page: PageText, wanted: str, *, everywhere: bool = False) -> list[Block]:
    """Every pair of position lines and a name below them, on the right half of a page; on the left half only the
    wanted name, which stands there on joint documents, or ``everywhere``."""
    found = []
    for index, name in enumerate(page.columns):
        on_right = page.across(name.centre) > 0.45
        if not _is_name(name.text, wanted):
            continue
        if not on_right and not everywhere and _name_key(name.text) != wanted:
            continue
        same_side = [line for line in page.columns[:index] if (page.across(line.centre) > 0.45) == on_right]
        block = _block_above(page, same_side, name, wanted)
        if block is not None:
            found.append(block)
    return found


def _block_above(page: PageText, lines: Sequence[Line], name: Line, wanted: str) -> Block | None:
    aligned = [line for line in lines if _stands_over(line, name)]
    position = _signing_position(aligned, name)
    if not position:
        return None
    between = [line for line in aligned if line.baseline < position[-1].baseline and not _is_remark(line)]
    column = [position[-1], *between, name]
    above, below = max(pairwise(column), key=lambda pair: pair[0].baseline - pair[1].baseline)
    score = _score(page, position, name, wanted, gap=above.bottom - below.top)
    return Block(page, tuple(position), name, above, below, score)


def _signing_position(aligned: Sequence[Line], name: Line) -> list[Line]:
    """The position lines that the signature goes under.

    A second position right above the name (box 7b: a member of a steering board adds the post held elsewhere)
    is passed over when the blank lies above it.
    """
    lowest = _position_lines(aligned)
    if not lowest or lowest[-1].bottom - name.top >= _LEAST_SIGNATURE_HEIGHT:
        return lowest
    higher = _position_lines([line for line in aligned if line.baseline > lowest[0].baseline])
    if higher and higher[-1].bottom - lowest[0].top >= _LEAST_SIGNATURE_HEIGHT:
        return higher
    return lowest


def _stands_over(line: Line, name: Line) -> bool:
    drop = line.baseline - name.baseline
    overlap = min(line.x1, name.x1) - max(line.x0, name.x0)
    near = abs(line.centre - name.centre) < 45
    return 0.5 * name.size < drop < _DEEPEST_GAP and (near or overlap > 0.8 * (name.x1 - name.x0))


def _position_lines(lines: Sequence[Line]) -> list[Line]:
    """The lowest run of lines in capitals that follow each other closely."""
    run: list[Line] = []
    for line in reversed(lines):
        if run and line.baseline - run[0].baseline > 2.4 * line.size:
            break
        if _is_position(line):
            run.insert(0, line)
        elif run:
            break
    return run


def _is_position(line: Line) -> bool:
    letters = line.text.replace(" ", "")
    return line.is_capitals and 3 <= len(letters) <= 80 and not any(letter.isdigit() for letter in letters)


def _is_remark(line: Line) -> bool:
    """A line such as "(Đã ký)" or "(Chữ ký, dấu)" that stands where the signature will."""
    return line.text.startswith("(") and line.text.endswith(")")


def _is_name(text: str, wanted: str) -> bool:
    if wanted and _name_key(text) == wanted:
        return True
    words = text.split()
    if not 2 <= len(words) <= 8 or text == text.upper():
        return False
    return all(_NAME_WORD.fullmatch(word) and word[0] == word[0].upper() for word in words)


def _name_key(name: str) -> str:
    """Name folded, without academic titles ("TS.", "PGS.TS.")."""
    words = [word for word in fold(name).replace(".", ". ").split() if not word.endswith(".")]
    return " ".join(words)


def _score(page: PageText, position: Sequence[Line], name: Line, wanted: str, *, gap: float) -> int:
    """How much speaks for a block; the weights were set on the sample documents."""
    folded = [fold(line.text) for line in position]
    left_side = [line for line in page.columns if page.across(line.x0) < 0.4]
    heading = [line for line in left_side if fold(line.text).startswith("noi nhan")]
    beside = any(abs(line.baseline - position[0].baseline) < 60 for line in heading)
    score = 0
    score += 4 if wanted and _name_key(name.text) == wanted else 0
    score += 3 if beside else 0
    score += 2 if any(_AUTHORITY.match(line.text) for line in position) else 0
    score += 2 if any(word in text for text in folded for word in _POSITIONS) else 0
    score += 1 if gap >= _LEAST_SIGNATURE_HEIGHT else -2
    score += 1 if position[-1].bold and name.bold else 0
    score += 1 if abs(position[-1].centre - name.centre) < 12 else 0
    return score
