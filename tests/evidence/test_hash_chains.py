"""A chained log: any change, gap or swap is found; one value has one spelling."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanthu.evidence import GENESIS, Link, NotCanonical, append, canonical, verify_chain

scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
contents = st.lists(st.dictionaries(st.text(max_size=5), scalars, max_size=3), min_size=1, max_size=6)


def chain_of(entries: list[dict[str, Any]]) -> list[Link]:
    links: list[Link] = []
    for entry in entries:
        links.append(append(entry, after=links[-1] if links else None))
    return links


@given(values)
def test_canonical_text_means_the_same_value(value: Any) -> None:
    assert json.loads(canonical(value)) == value


@given(st.dictionaries(st.text(), scalars, max_size=6))
def test_the_order_of_writing_does_not_matter(value: dict[str, Any]) -> None:
    assert canonical(value) == canonical(dict(reversed(value.items())))


def test_names_are_sorted_and_vietnamese_letters_stay() -> None:
    assert canonical({"đ": 1, "a": ["Ữ", True, None]}) == '{"a":["Ữ",true,null],"đ":1}'.encode()


@pytest.mark.parametrize("value", [1.0, float("nan"), 2**53, {1: 2}, b"x", "\ud800", {"\ud800": 1}])
def test_values_without_one_spelling_are_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


@given(contents)
def test_an_untouched_chain_holds(entries: list[dict[str, Any]]) -> None:
    links = chain_of(entries)
    assert links[0].previous == GENESIS
    verdict = verify_chain(links, head=links[-1].hash)
    assert verdict.holds
    assert (verdict.length, verdict.head) == (len(links), links[-1].hash)


@given(contents, st.data())
def test_a_changed_entry_is_found_at_its_place(entries: list[dict[str, Any]], data: st.DataObject) -> None:
    links = chain_of(entries)
    place = data.draw(st.integers(0, len(links) - 1))
    links[place] = replace(links[place], content={**links[place].content, "added later": True})
    assert verify_chain(links).broken_at == place + 1


@given(contents, st.data())
def test_a_removed_entry_is_found(entries: list[dict[str, Any]], data: st.DataObject) -> None:
    links = chain_of(entries)
    head = links[-1].hash
    del links[data.draw(st.integers(0, len(links) - 1))]
    assert not verify_chain(links, head=head).holds


def test_an_entry_rewritten_with_a_fitting_hash_breaks_the_next_one() -> None:
    links = chain_of([{"n": 1}, {"n": 2}, {"n": 3}])
    links[1] = append({"n": 20}, after=links[0])
    verdict = verify_chain(links)
    assert (verdict.broken_at, verdict.length) == (3, 2)
