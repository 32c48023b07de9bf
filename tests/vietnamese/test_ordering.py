"""Lists of names and places stand in Vietnamese dictionary order."""

from __future__ import annotations

import random
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from vanthu.vietnamese import name_sort_key, sort_key

IN_ORDER = [
    "An", "Án", "Anh", "Ăn", "Ân", "Ẩn", "Bà", "Bả", "Bã", "Bá", "Bạ", "Dung", "Duy", "Đà", "Đức",
    "Em", "Êm", "On", "Ôn", "Ơn", "Tú", "Tư",
]  # fmt: skip


def test_letters_with_hats_and_hooks_follow_their_plain_letter() -> None:
    shuffled = random.Random(20261121).sample(IN_ORDER, len(IN_ORDER))
    assert sorted(shuffled, key=sort_key) == IN_ORDER


def test_a_tone_counts_only_between_words_otherwise_alike() -> None:
    assert sorted(["Án Bình", "An Cường", "An Bình"], key=sort_key) == ["An Bình", "Án Bình", "An Cường"]


def test_numbers_come_before_letters_and_shorter_before_longer() -> None:
    assert sorted(["Xã Đông", "Xã 1", "Xã"], key=sort_key) == ["Xã", "Xã 1", "Xã Đông"]


def test_people_are_listed_by_given_name() -> None:
    people = ["Trần Văn Đức", "Lê Thị Dung", "Nguyễn Văn An", "Bùi Văn An"]
    assert sorted(people, key=name_sort_key) == [
        "Bùi Văn An",
        "Nguyễn Văn An",
        "Lê Thị Dung",
        "Trần Văn Đức",
    ]


@given(st.lists(st.text(max_size=12), max_size=6))
def test_any_texts_can_be_sorted_and_unicode_form_does_not_matter(texts: list[str]) -> None:
    composed = [sort_key(unicodedata.normalize("NFC", text)) for text in texts]
    decomposed = [sort_key(unicodedata.normalize("NFD", text)) for text in texts]
    assert sorted(composed) == sorted(decomposed)
