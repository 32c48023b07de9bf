"""Fonts for the few words that signing writes on a page: number, date, the line on an annex.

Owns the embedding of a TrueType font with every Vietnamese letter and widths in thousandths of an em
(pyHanko's own embedding forgets to scale 2048-unit fonts and pulls the letters apart). Refuses letters that
the font lacks, because a box in place of a letter in an official document is worse than an error.
"""

from __future__ import annotations

import hashlib
import io
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fontTools.ttLib import TTFont
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from vanthu.pades.errors import TextNotDrawable
from vanthu.pades.pdfobjects import (
    Dictionary,
    Reference,
    Stream,
    array,
    deflated,
    dictionary,
    name,
    number,
    real,
    string,
)

_NOT_DRAWN_WITH = {"GSUB", "GPOS", "GDEF", "DSIG", "kern", "gasp", "VDMX", "hdmx", "LTSH", "PCLT"}
_VIETNAMESE = "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯư₫–—‘’“”…" + "".join(
    map(chr, range(0x1EA0, 0x1EFA))
)
REPERTOIRE = frozenset(map(chr, range(0x20, 0x7F))) | frozenset(_VIETNAMESE)
"""Every letter that may be written; a font lacking some of them still serves texts that avoid those."""


@dataclass(frozen=True, eq=False)
class TextFont:
    """One font reduced to the Vietnamese repertoire; ``widths`` are thousandths of an em."""

    name: str
    data: bytes
    widths: dict[str, float]

    def width(self, text: str, size: float) -> float:
        """Width of ``text`` in points at ``size`` points. Raises TextNotDrawable."""
        return sum(self._advance(letter) for letter in normal(text)) * size / 1000

    def _advance(self, letter: str) -> float:
        try:
            return self.widths[letter]
        except KeyError:
            raise TextNotDrawable(letters=letter) from None


def normal(text: str) -> str:
    """Composed letters (NFC): one glyph per Vietnamese letter."""
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=8)
def load_font(data: bytes) -> TextFont:
    """A TrueType file as a TextFont; takes about 0.3 s the first time, nothing after. Raises
    TextNotDrawable."""
    try:
        font = TTFont(io.BytesIO(data), lazy=True)
        present = REPERTOIRE & {chr(code) for code in font.getBestCmap()}
        reduced = _reduce(data, present)
    except Exception as problem:  # fontTools raises many kinds for a broken file
        raise TextNotDrawable("Tệp phông chữ bị hỏng.") from problem
    scale = 1000 / reduced["head"].unitsPerEm
    cmap, metrics = reduced.getBestCmap(), reduced["hmtx"].metrics
    widths = {chr(code): metrics[glyph][0] * scale for code, glyph in cmap.items()}
    name = str(reduced["name"].getDebugName(6) or "Font").replace(" ", "")
    return TextFont(name, _saved(reduced), widths)


def _reduce(data: bytes, letters: frozenset[str]) -> TTFont:
    from fontTools import subset as font_subset  # loading it costs every process of a site 0.7 s

    options = font_subset.Options(
        hinting=False, layout_features=[], notdef_outline=True, name_IDs=[6], glyph_names=False
    )
    font = TTFont(io.BytesIO(data))
    for table in _NOT_DRAWN_WITH & set(font.keys()):
        del font[table]  # before the reducer looks into them: that took most of its time
    reducer = font_subset.Subsetter(options)
    reducer.populate(unicodes=[ord(letter) for letter in letters])
    reducer.subset(font)
    return font


def _saved(font: TTFont) -> bytes:
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


@dataclass(frozen=True, eq=False)
class _Embedded:
    """The part of a font that one text needs, with the codes of its letters."""

    tag: str
    data: bytes
    codes: dict[str, int]
    widths: dict[str, float]
    bbox: tuple[int, ...]
    ascent: int
    descent: int
    italic_angle: float


@lru_cache(maxsize=64)
def _for_letters(font: TextFont, letters: frozenset[str]) -> _Embedded:
    part = _reduce(font.data, letters)
    scale = 1000 / part["head"].unitsPerEm
    cmap = part.getBestCmap()
    head, hhea = part["head"], part["hhea"]
    codes = {letter: part.getGlyphID(cmap[ord(letter)]) for letter in letters}
    data = _saved(part)
    seed = hashlib.sha256(data).digest()
    return _Embedded(
        tag="".join(chr(65 + byte % 26) for byte in seed[:6]),
        data=data,
        codes=codes,
        widths={letter: font.widths[letter] for letter in letters},
        bbox=tuple(round(v * scale) for v in (head.xMin, head.yMin, head.xMax, head.yMax)),
        ascent=round(hhea.ascent * scale),
        descent=round(hhea.descent * scale),
        italic_angle=float(part["post"].italicAngle),
    )


@dataclass(frozen=True)
class Run:
    """Text that starts at (x, baseline), points from the lower left corner of its box."""

    x: float
    baseline: float
    size: float
    text: str


def show(writer: BasePdfFileWriter, font: TextFont, runs: list[Run]) -> tuple[bytes, Dictionary]:
    """Content-stream operators in black and the resources they need, with the font embedded in ``writer``.

    Raises TextNotDrawable.
    """
    letters = frozenset("".join(normal(run.text) for run in runs))
    missing = sorted(letters - font.widths.keys())
    if missing:
        raise TextNotDrawable(letters="".join(missing))
    part = _for_letters(font, letters)
    fonts = dictionary({"F1": _embed(writer, font, part)})
    lines = [_operators(run, part) for run in runs]
    return b"BT 0 g " + b" ".join(lines) + b" ET", dictionary({"Font": fonts})


def _operators(run: Run, part: _Embedded) -> bytes:
    codes = "".join(f"{part.codes[letter]:04x}" for letter in normal(run.text))
    return f"/F1 {run.size:g} Tf 1 0 0 1 {run.x:.3f} {run.baseline:.3f} Tm <{codes}> Tj".encode()


def _embed(writer: BasePdfFileWriter, font: TextFont, part: _Embedded) -> Reference:
    base_font = name(f"{part.tag}+{font.name}")
    file = deflated({"Length1": number(len(part.data))}, part.data)
    descriptor = dictionary(
        {
            "Type": name("FontDescriptor"),
            "FontName": base_font,
            "Flags": number(4 | (64 if part.italic_angle else 0)),
            "FontBBox": array(map(number, part.bbox)),
            "ItalicAngle": real(part.italic_angle),
            "Ascent": number(part.ascent),
            "Descent": number(part.descent),
            "CapHeight": number(662),
            "StemV": number(80),
            "FontFile2": writer.add_object(file),
        }
    )
    descendant = dictionary(
        {
            "Type": name("Font"),
            "Subtype": name("CIDFontType2"),
            "BaseFont": base_font,
            "CIDSystemInfo": dictionary(
                {
                    "Registry": string("Adobe"),
                    "Ordering": string("Identity"),
                    "Supplement": number(0),
                }
            ),
            "CIDToGIDMap": name("Identity"),
            "FontDescriptor": writer.add_object(descriptor),
            "W": _widths(part),
        }
    )
    return writer.add_object(
        dictionary(
            {
                "Type": name("Font"),
                "Subtype": name("Type0"),
                "BaseFont": base_font,
                "Encoding": name("Identity-H"),
                "DescendantFonts": array([writer.add_object(descendant)]),
                "ToUnicode": writer.add_object(_to_unicode(part)),
            }
        )
    )


def _widths(part: _Embedded) -> Any:
    out = array([])
    for letter, code in sorted(part.codes.items(), key=lambda item: item[1]):
        out.append(number(code))
        out.append(array([number(round(part.widths[letter]))]))
    return out


def _to_unicode(part: _Embedded) -> Stream:
    pairs = [f"<{code:04x}> <{ord(letter):04x}>" for letter, code in sorted(part.codes.items())]
    blocks = [pairs[i : i + 100] for i in range(0, len(pairs), 100)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{body}\nendcmap CMapName currentdict /CMap defineresource pop end end"
    )
    return deflated({}, cmap.encode("ascii"))
