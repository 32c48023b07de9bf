"""Normal forms of Vietnamese text: composed (NFC) for storing, folded for searching.

Owns how letters lose their marks. Refuses to split words or rank results.
"""

from __future__ import annotations

import unicodedata

SEARCH_KEY_LENGTH = 500
_COMBINING_MARKS = range(0x0300, 0x0370)
_LATIN_LETTERS = (*range(0x00C0, 0x0250), *range(0x1E00, 0x1F00))
_LETTERS_WITHOUT_DECOMPOSITION = {"đ": "d", "ð": "d", "ø": "o", "ł": "l"}


def nfc(text: str) -> str:
    """Text in composed form, the only one stored or compared (input from macOS arrives decomposed)."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Search key of a text: lower case, no diacritics, ``đ`` as ``d``.

    Both spellings of a tone mark ("hoà", "hòa") and both Unicode forms give the same key; folding twice
    changes nothing. Length may differ from the input's.
    """
    if text.isascii():
        return text.lower()
    return nfc(text).lower().translate(_FOLDING)


def search_key(*parts: str) -> str:
    """What a search looks into: the parts folded, at most :data:`SEARCH_KEY_LENGTH` characters."""
    return fold(" ".join(parts))[:SEARCH_KEY_LENGTH]


def search_words(text: str) -> list[str]:
    """The words of a search as they stand in a :func:`search_key`; every one of them must occur there."""
    return fold(text).split()


def _bare(letter: str) -> str:
    """One letter in lower case without marks."""
    lower = letter.lower()
    decomposed = unicodedata.normalize("NFD", lower)
    base = "".join(part for part in decomposed if not unicodedata.combining(part))
    return "".join(_LETTERS_WITHOUT_DECOMPOSITION.get(part, part) for part in base)


def _folding_table() -> dict[int, str | None]:
    table: dict[int, str | None] = dict.fromkeys(_COMBINING_MARKS)
    for code_point in _LATIN_LETTERS:
        letter = chr(code_point)
        if _bare(letter) != letter:
            table[code_point] = _bare(letter)
    return table


_FOLDING = _folding_table()
