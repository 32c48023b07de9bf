"""The table of items is complete, and the page says what it says."""

from __future__ import annotations

from pathlib import Path

from vanthu.conformance.items import GROUPS, RUN, SERVE
from vanthu.conformance.runner import PROBES
from vanthu.conformance.tables import renewed

PAGE = Path(__file__).resolve().parents[2] / "docs" / "conformance.md"


def test_every_item_of_an_axis_has_its_probe_and_every_probe_its_item() -> None:
    assert sorted(PROBES) == sorted(item.id for item in RUN)


def test_items_are_named_once_and_say_what_they_expect_and_why() -> None:
    ids = [item.id for item in (*SERVE, *RUN)]
    assert len(set(ids)) == len(ids)
    assert all(item.vi and item.en and item.source and item.group in GROUPS for item in (*SERVE, *RUN))


def test_the_page_lists_exactly_the_items() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert renewed(page) == page, "renew it: PAGE.write_text(renewed(PAGE.read_text()))"
