"""Vietnamese dictionary order as sort keys, so that every store sorts alike without a collation of its own.

Order of letters a ă â b c d đ e ê … o ô ơ … u ư … y, then of tones (level, huyền, hỏi, ngã, sắc, nặng), then
lower case before upper case: the order of Unicode's CLDR for Vietnamese.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from vanthu.vietnamese.text import nfc

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTER_RANK = {letter: rank for rank, letter in enumerate(_ALPHABET)}
_TONE_RANK = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_SPACE, _SIGN, _DIGIT, _LETTER, _OTHER = range(5)

SortKey = tuple[tuple[tuple[int, int], ...], tuple[int, ...], tuple[int, ...]]


def sort_key(text: str) -> SortKey:
    """Key that sorts texts in Vietnamese dictionary order: An, Án, Anh, Ăn, Ân, … D, Đ."""
    ranked = [_rank(character) for character in nfc(text)]
    return (
        tuple(rank[0] for rank in ranked),
        tuple(rank[1] for rank in ranked),
        tuple(rank[2] for rank in ranked),
    )


def name_sort_key(full_name: str) -> tuple[SortKey, SortKey]:
    """Key that sorts people as Vietnamese lists do: by given name (the last word), then by the whole name."""
    words = full_name.split()
    return sort_key(words[-1] if words else ""), sort_key(full_name)


@lru_cache(maxsize=4096)
def _rank(character: str) -> tuple[tuple[int, int], int, int]:
    """Class and rank of the letter, rank of its tone, and 1 when it is upper case."""
    upper = int(character != character.lower())
    letter, tone = _without_tone(character.lower())
    if letter in _LETTER_RANK:
        return (_LETTER, _LETTER_RANK[letter]), tone, upper
    return (_class_of(character), ord(character)), 0, upper


def _without_tone(letter: str) -> tuple[str, int]:
    tone = 0
    kept = []
    for part in unicodedata.normalize("NFD", letter):
        if part in _TONE_RANK:
            tone = _TONE_RANK[part]
        else:
            kept.append(part)
    return unicodedata.normalize("NFC", "".join(kept)), tone


def _class_of(character: str) -> int:
    if character.isspace():
        return _SPACE
    if character.isdigit():
        return _DIGIT
    return _OTHER if character.isalpha() else _SIGN
