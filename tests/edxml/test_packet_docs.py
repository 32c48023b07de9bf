"""The examples of the library's documentation run, and its tables name what exists."""

from __future__ import annotations

import doctest
import re
from dataclasses import fields
from pathlib import Path

from vanthu.edxml import Limits, NoteCode

PAGE = Path(__file__).resolve().parents[2] / "docs" / "packets.md"


def test_the_examples_do_what_they_say(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.attempted > 15
    assert found.failed == 0


def test_every_tolerated_defect_stands_in_the_table():
    table = (
        PAGE.read_text(encoding="utf-8").split("## What is tolerated")[1].split("## At the command line")[0]
    )
    named = set(re.findall(r"`([A-Z][A-Z_0-9]+)`", table))
    assert named == {code.name for code in NoteCode}


def test_every_limit_stands_in_the_table_with_its_default():
    rows = dict(
        re.findall(r"^\| `(\w+)` \| ([\d,]+(?: [KMG]B)?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    )
    units = {"KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}

    def number(text: str) -> int:
        digits, _space, unit = text.replace(",", "").partition(" ")
        return int(digits) * units.get(unit, 1)

    assert {name: number(text) for name, text in rows.items()} == {
        field.name: field.default for field in fields(Limits)
    }
