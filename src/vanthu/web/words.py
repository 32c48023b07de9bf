"""The system's own sentences in the language of the page.

What the rooms decide, store and send is Vietnamese whatever the page's language: labels, reasons, checks,
errors. They are translated here, where they are shown, by the catalogue: a whole sentence, or one made from a
template with ``{name}`` places ("Thiếu {what}."). Owns no words; leaves a text that the catalogue does not
know, such as what people typed, as it is.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext

from vanthu.errors import VanthuError

_PLACE = re.compile(r"\{(\w*)\}")
_PARTS = ("; ", ", ")

LONGEST = 2000
"""Characters; a longer text is shown as it is, for it costs time to look for templates in it."""


def said(value: Any) -> str:
    """A label, a stored sentence or an error in the page's language."""
    text = value.text if isinstance(value, VanthuError) else str(value)
    language = get_language() or settings.LANGUAGE_CODE
    if not text or isinstance(value, Promise) or language == settings.LANGUAGE_CODE:
        return text
    return _translated(language, text)


def error_answer(error: VanthuError) -> dict[str, Any]:
    """An error for an API answer, in the language the caller asked for (Vietnamese when none)."""
    answer = error.as_dict()
    return {**answer, "message": said(error), "must_act": said(answer["must_act"])}


@lru_cache(maxsize=4096)
def _translated(language: str, text: str) -> str:
    whole = _whole(text)
    if whole != text or len(text) > LONGEST:
        return whole
    return _from_template(language, text) or _by_parts(language, text)


def _whole(text: str) -> str:
    """By the catalogue as it stands; a label inside a sentence is written small there."""
    if not text:
        return ""  # the catalogue answers nothing with its header
    found = gettext(text)
    if found == text and text[0].islower():
        label = text[0].upper() + text[1:]
        large = gettext(label)
        return large[0].lower() + large[1:] if large != label else text
    return found


def _from_template(language: str, text: str) -> str:
    for pattern, names, template in _templates(language):
        match = pattern.fullmatch(text)
        if match:
            inside = [_translated(language, part) for part in match.groups()]
            filled = dict(zip(names, inside, strict=True))
            return _PLACE.sub(lambda place, filled=filled: filled[place[1]], template)  # type: ignore[misc]
    return ""


def _by_parts(language: str, text: str) -> str:
    """Items of a list, sentences after one another, a name before a colon or before brackets, each on its own."""
    for mark in _PARTS:
        parts = text.split(mark)
        shown = [_translated(language, part) for part in parts] if len(parts) > 1 else parts
        if shown != parts:
            return mark.join(shown)
    sentences = re.split(r"(?<=[.!?]) +", text)
    if len(sentences) > 1:
        return " ".join(_translated(language, sentence) for sentence in sentences)
    before, colon, after = text.partition(": ")
    if colon:
        return _translated(language, before) + colon + _translated(language, after)
    role = re.fullmatch(r"(.+) \((.+)\)", text, re.DOTALL)
    return f"{role[1]} ({_translated(language, role[2])})" if role else text


@cache
def _templates(language: str) -> list[tuple[re.Pattern[str], list[str], str]]:
    """The catalogue's sentences with places, the most telling first."""
    from babel.messages.mofile import read_mo

    path = Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.mo"
    if not path.exists():
        return []
    with path.open("rb") as binary:
        catalog = read_mo(binary)
    pairs = [
        (entry.id, entry.string)
        for entry in catalog
        if isinstance(entry.id, str) and entry.string and _PLACE.search(entry.id)
    ]
    pairs.sort(key=lambda pair: -len(_PLACE.sub("", pair[0])))
    return [(_pattern(source), _PLACE.findall(source), str(target)) for source, target in pairs]


def _pattern(source: str) -> re.Pattern[str]:
    literal = [re.escape(part) for part in _PLACE.split(source)[::2]]
    return re.compile("(.*?)".join(literal), re.DOTALL)
