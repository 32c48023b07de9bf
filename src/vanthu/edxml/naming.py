"""File names that came from outside, made harmless for any disk.

Owns what may stand in a file name; refuses to touch a disk.
"""

from __future__ import annotations

import unicodedata

LONGEST_NAME = 120
"""Characters of a safe name; in UTF-8 never more than ``LONGEST_BYTES``."""
LONGEST_BYTES = 240
"""File systems take 255 bytes; the rest is room for a number that tells equal names apart."""
_LONGEST_ENDING = 20
_RESERVED = frozenset('<>:"|?*')
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}
)
NAMELESS = "tep-dinh-kem"
"""The name of a file whose own holds nothing usable."""


def safe_name(name: str) -> str:
    r"""``name`` without folders, reserved, control or invisible characters; ending kept, length bounded.

    Direction marks are taken out too: they make ``ho-so\u202efdp.exe`` look like a PDF. Device names of Windows
    get an underscore.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(map(_harmless, last)).strip(" .")
    if not kept:
        return NAMELESS
    if kept.split(".", 1)[0].strip().lower() in _DEVICES:
        kept = f"_{kept}"
    return kept if _fits(kept) else _shortened(kept)


def _harmless(char: str) -> str:
    kind = unicodedata.category(char)
    if kind == "Cf":
        return ""
    return "_" if char in _RESERVED or kind[0] == "C" or kind in ("Zl", "Zp") else char


def _fits(name: str) -> bool:
    return len(name) <= LONGEST_NAME and len(name.encode()) <= LONGEST_BYTES


def _shortened(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    ending = f".{ending}" if dot and stem and len(ending) < _LONGEST_ENDING else ""
    stem = name.removesuffix(ending) if ending else name
    stem = stem[: LONGEST_NAME - len(ending)]
    while not _fits(stem + ending):
        stem = stem[:-1]
    return stem.rstrip(" .") + ending
