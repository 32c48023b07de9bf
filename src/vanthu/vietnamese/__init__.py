"""Vietnamese text: folding diacritics, dictionary order, the way dates and delays are spelt.

Pure functions on strings, dates and instants. Refuses to know documents, agencies or any storage.
"""

from __future__ import annotations

from vanthu.vietnamese.ordering import name_sort_key, sort_key
from vanthu.vietnamese.spelling import place_and_date, remaining, spell_date
from vanthu.vietnamese.text import fold, nfc, search_key, search_words

__all__ = [
    "fold",
    "name_sort_key",
    "nfc",
    "place_and_date",
    "remaining",
    "search_key",
    "search_words",
    "sort_key",
    "spell_date",
]
