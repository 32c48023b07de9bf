"""Finds the marks of state secrecy that a document carries in its metadata, so that it is stopped at the door.

Owns the marks as data with their citations, and the line between a mark and a word: ``MẬT`` in front of a
subject is a mark, ``mật ong`` and ``bí mật kinh doanh`` are words. Refuses to read a document's text and to
decide what happens to it. Documents of state secrecy stay outside this product (QĐ 28/2018/QĐ-TTg; Luật Bảo vệ
bí mật nhà nước 117/2025/QH15).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from vanthu.vietnamese.text import fold, nfc

LAW = "Luật Bảo vệ bí mật nhà nước 117/2025/QH15; Nghị định 63/2026/NĐ-CP"
"""The texts in force since 1 March 2026; before, Luật 29/2018/QH14 and Nghị định 26/2020/NĐ-CP."""


class SecrecyLevel(Enum):
    """The three levels of state secrecy; the value is the text of the stamp."""

    SECRET = "MẬT"  # noqa: S105 - the text of a stamp
    TOP_SECRET = "TỐI MẬT"  # noqa: S105
    ABSOLUTE_SECRET = "TUYỆT MẬT"  # noqa: S105


class MarkPlace(Enum):
    """Where a mark was found; the value names it to people."""

    SUBJECT = "trích yếu"
    NOTATION = "số, ký hiệu"
    SPHERE = "phạm vi lưu hành"
    DECLARED = "trường độ mật của gói tin"
    ATTACHMENT = "tên tệp kèm theo"
    PAGE = "dấu trên trang đầu"
    CONTENT = "nội dung bên trong tệp ký số"


@dataclass(frozen=True)
class SecrecyMark:
    """One mark: its place, its level and the rule that knows it. Never holds the text it was found in."""

    place: MarkPlace
    level: SecrecyLevel
    rule: str
    citation: str


@dataclass(frozen=True)
class Described:
    """What a packet says about its document. ``declared`` are the values of fields made for secrecy."""

    subject: str = ""
    notation: str = ""
    sphere: str = ""
    declared: tuple[str, ...] = ()
    attachment_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class SecrecyRule:
    """One way a mark is written. ``pattern`` is searched in NFC text, ``folded`` in text without accents."""

    name: str
    level: SecrecyLevel
    citation: str
    pattern: re.Pattern[str] | None = None
    folded: re.Pattern[str] | None = None

    def matches(self, text: str) -> bool:
        """Whether the mark stands in the text."""
        if self.pattern is not None and self.pattern.search(text):
            return True
        return self.folded is not None and bool(self.folded.search(fold(text)))


_STAMPS = f"{LAW}: mẫu dấu độ mật TUYỆT MẬT, TỐI MẬT, MẬT"
_PRACTICE = f"{LAW}; ký hiệu độ mật theo thông lệ ghi sau số, ký hiệu"

_NAMES = {
    SecrecyLevel.ABSOLUTE_SECRET: ("TUYỆT MẬT", "tuyet mat"),
    SecrecyLevel.TOP_SECRET: ("TỐI MẬT", "toi mat"),
    SecrecyLevel.SECRET: ("MẬT", "mat"),
}
# What may stand behind a mark in front of a text. A space is not among them: "MẬT ONG RỪNG" is honey.
_BREAK = r"\s*(?:[-–—:;.,/|_)\]}]|$)"
_OPEN, _CLOSE = r"[(\[{<«“\"]", r"[)\]}>»”\"]"


def _text_rules(level: SecrecyLevel) -> Iterator[SecrecyRule]:
    stamp, bare = _NAMES[level]
    in_brackets = rf"{_OPEN}\s*(?:(?i:độ\s+)?(?i:{stamp})|(?:DO )?{bare.upper()})\s*{_CLOSE}"
    yield SecrecyRule(f"{bare} in front", level, _STAMPS, re.compile(rf"^\W*{stamp}{_BREAK}"))
    yield SecrecyRule(f"{bare} in brackets", level, _STAMPS, re.compile(in_brackets))
    yield SecrecyRule(f"{bare} at the end", level, _STAMPS, re.compile(rf"[-–—:;.,/|]\s*{stamp}\W*$"))
    degree = rf"\bdo (?:bao )?mat\s*[:=–—-]\s*{_OPEN}?\s*{bare}{_BREAK}"
    yield SecrecyRule(f"degree {bare}", level, _STAMPS, folded=re.compile(degree))
    if level is not SecrecyLevel.SECRET:  # "mat" alone is too many words: mất, mặt, mát, mắt
        yield SecrecyRule(f"{bare} unaccented", level, _STAMPS, re.compile(rf"^\W*{bare.upper()}{_BREAK}"))
        # Two words in capitals, or set off from what follows, are no honey.
        spoken = rf"^\W*(?:{stamp}\s|(?i:{stamp}){_BREAK})"
        yield SecrecyRule(f"{bare} first", level, _STAMPS, re.compile(spoken))


_IN_TEXT = tuple(rule for level in _NAMES for rule in _text_rules(level))
"""Marks in a subject, or in the name of a file."""

# A sign stands alone: a group of its own at the very end, or in brackets. "TM" without brackets is left out: it
# abbreviates trade (thương mại) and general offices in ordinary notations; so is every sign inside a longer group.
_NOTATION_SIGNS = {
    SecrecyLevel.ABSOLUTE_SECRET: ("TUM", "TUYM", "TUYETMAT", "TUYỆTMẬT"),
    SecrecyLevel.TOP_SECRET: ("TOM", "TOIMAT", "TỐIMẬT"),
    SecrecyLevel.SECRET: ("M", "MAT", "MẬT"),
}
_IN_BRACKETS_ONLY = {SecrecyLevel.TOP_SECRET: ("TM",), SecrecyLevel.ABSOLUTE_SECRET: ("TTM",)}


def _notation_rules() -> Iterator[SecrecyRule]:
    for level, signs in _NOTATION_SIGNS.items():
        alone = "|".join(signs)
        bracketed = "|".join((*signs, *_IN_BRACKETS_ONLY.get(level, ())))
        pattern = rf"(?i:[-–/.]\s*(?:{alone})\s*$|[(\[]\s*(?:{bracketed})\s*[)\]]\s*$)"
        yield SecrecyRule(f"sign {signs[0]}", level, _PRACTICE, re.compile(pattern))
    pair = r"(?i:[-–/.]\s*M\s*/\s*TM\s*$)"
    yield SecrecyRule("sign M/TM", SecrecyLevel.TOP_SECRET, _PRACTICE, re.compile(pair))


_IN_NOTATION = tuple(_notation_rules())


def _value_rules(level: SecrecyLevel) -> Iterator[SecrecyRule]:
    bare = _NAMES[level][1]
    words = r"^(?:do mat|muc do mat|muc mat|tai lieu|van ban|cap do)?\s*[:=–-]?\s*"
    yield SecrecyRule(f"value {bare}", level, _STAMPS, folded=re.compile(words + bare + r"\W*$"))


_IN_VALUE = tuple(rule for level in _NAMES for rule in _value_rules(level))
"""Marks in a field of its own (SphereOfPromulgation, or a field made for secrecy): the whole value is the mark."""

DECLARED_NAMES = frozenset(
    fold(name)
    for name in ("DoMat", "MucDoMat", "DoBaoMat", "Secrecy", "SecrecyLevel", "SecretLevel", "Confidentiality")
)
"""Local names (folded) of packet fields that vendors add for secrecy; the standard has none."""


_IN_EVERY_MARK = "mat"
"""What every mark but the signs in a notation has in it, folded: texts without it are not looked at further."""


def stamp_in(line: str) -> SecrecyMark | None:
    """The mark that a line of a page is, where it is nothing but the text of a stamp: ``TUYỆT MẬT``."""
    words = _plain(line).strip("[](){}«»\"' ")
    level = next((level for level in _NAMES if words == level.value), None)
    return stamp_of(level) if level else None


def stamp_of(level: SecrecyLevel) -> SecrecyMark:
    """The mark that a stamp on a page is."""
    return SecrecyMark(MarkPlace.PAGE, level, "stamp", _STAMPS)


def ranked(marks: Iterable[SecrecyMark]) -> tuple[SecrecyMark, ...]:
    """Marks with the highest level first."""
    order = list(_NAMES)
    return tuple(sorted(marks, key=lambda mark: order.index(mark.level)))


def find_marks(described: Described) -> tuple[SecrecyMark, ...]:
    """Every mark of state secrecy in the metadata, at most one per place, the highest level first.

    A restriction that is no state secret (``Lưu hành nội bộ``, ``Mật khẩu``, ``Không mật``) is no mark.
    """
    found = [
        *_first(MarkPlace.DECLARED, described.declared, _IN_VALUE),
        *_first(MarkPlace.SPHERE, [described.sphere], _IN_VALUE + _IN_TEXT),
        *_first(MarkPlace.SUBJECT, [described.subject], _IN_TEXT),
        *_first(MarkPlace.NOTATION, [described.notation], _IN_NOTATION),
        *_first(MarkPlace.ATTACHMENT, map(_stem, described.attachment_names), _IN_TEXT),
    ]
    return ranked(found)


def _first(place: MarkPlace, texts: Iterable[str], rules: tuple[SecrecyRule, ...]) -> Iterator[SecrecyMark]:
    told = [text for text in map(_plain, texts) if text]
    if rules is not _IN_NOTATION:
        told = [text for text in told if _IN_EVERY_MARK in fold(text)]
    for rule in rules:
        if any(rule.matches(text) for text in told):
            yield SecrecyMark(place, rule.level, rule.name, rule.citation)
            return


def _plain(text: str) -> str:
    return " ".join(nfc(text).split())


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name
