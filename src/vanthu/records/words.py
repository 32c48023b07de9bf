"""The words of a document as its search index keeps them, and the condition that uses that index.

A word is a run of ``a``–``z`` and ``0``–``9`` in the accent-less text, so ``125/qd-ubnd`` holds three. Plain SQL of
any PostgreSQL; no extension. Refuses to rank.
"""

from __future__ import annotations

import re
from typing import Any

from django.db.models import BooleanField, F, Func, Q, TextField, Value

from vanthu.vietnamese import fold

LONGEST_TEXT = 200
"""Characters of a search text that are looked at."""

_WORD = re.compile(r"[a-z0-9]+")


class Words(Func):
    """SQL: the words of a text as a ``tsvector`` without positions; immutable, so it can be indexed."""

    template = "array_to_tsvector(array_remove(regexp_split_to_array(%(expressions)s, '[^a-z0-9]+'), ''))"
    output_field = TextField()


class HoldsPrefixes(Func):
    """SQL: whether ``search_text`` holds a word that begins with each of the given ones."""

    template = "(%(expressions)s)"
    arg_joiner = " @@ "
    output_field = BooleanField()

    def __init__(self, *words: str, **extra: Any) -> None:
        query = Value(" & ".join(f"'{word}':*" for word in words))
        super().__init__(Words(F("search_text")), Func(query, template="%(expressions)s::tsquery"), **extra)


def holding(text: str) -> Q:
    """Documents that hold every word of ``text`` at the beginning of a word, whatever the accents.

    Punctuation inside a word must be there too: ``25/QĐ`` finds ``25/QĐ-UBND`` but not ``25 QĐ``. The plain
    comparison is not only for that: it tells the planner how rare a word is and is quicker per row, so that common
    words are found by walking from the newest document and rare ones by the index (measured in
    docs/performance.md).
    """
    folded = fold(text[:LONGEST_TEXT])
    condition = Q()
    for part in folded.split():
        condition &= Q(search_text__contains=part)
    words = dict.fromkeys(_WORD.findall(folded))
    return condition & Q(HoldsPrefixes(*words)) if words else condition
