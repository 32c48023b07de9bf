"""Agency codes of the three generations, and codes that fit none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanthu.identifiers import MAX_LENGTH, CodeKind, parse, qcvn_to_qd20_guess


@pytest.mark.parametrize(
    ("code", "kind", "levels"),
    [
        ("29.23.H19", CodeKind.CV2803, ("H19", "23", "29")),
        ("000.00.00.G22", CodeKind.QCVN_2016, ("G22",)),
        ("000.00.15.H51", CodeKind.QCVN_2016, ("H51", "15")),
        ("000.46.24.H44", CodeKind.QCVN_2016, ("H44", "24", "46")),
        ("H37", CodeKind.QD20, ("H37",)),
        ("G12.18", CodeKind.QD20, ("G12", "18")),
        ("H37.DN.001", CodeKind.QD20, ("H37", "DN", "001")),
        ("W00.15.3", CodeKind.QD20, ("W00", "15", "3")),
        ("0101234567", CodeKind.BUSINESS, ()),
        ("0101234567-001", CodeKind.BUSINESS, ()),
    ],
)
def test_each_generation_is_recognised_with_its_levels_from_the_top(code, kind, levels):
    parsed = parse(code)
    assert (parsed.kind, parsed.levels, str(parsed)) == (kind, levels, code)


@pytest.mark.parametrize("code", ["vxp.saas.02", "TT2", "", "h37", "H37.", "H37..1", "٢٩.23.H19", "H" * 36])
def test_a_code_of_no_generation_is_kept_with_a_warning(code):
    parsed = parse(code)
    assert parsed.kind is CodeKind.OTHER
    assert parsed.text == code
    assert parsed.warning
    assert parsed.level1 == ""


def test_central_and_local_bodies_are_told_apart_by_the_letter():
    assert parse("G09.20").is_central
    assert not parse("G09.20").is_local
    assert parse("000.00.15.H51").is_local
    assert parse("K54").is_local


def test_spaces_around_a_code_do_not_matter():
    assert parse("  H37.02\n").text == "H37.02"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("000.00.15.H51", "H51.15"),
        ("000.46.24.H44", "H44.24.46"),
        ("000.00.00.G22", "G22"),
        ("003.00.24.H44", None),
        ("H51.15", None),
        ("29.23.H19", None),
    ],
)
def test_the_usual_successor_of_an_old_code_is_guessed(old, new):
    assert qcvn_to_qd20_guess(old) == new


def test_thirty_five_characters_are_allowed_and_no_more():
    longest = "H37." + "A" * 10 + "." + "B" * 10 + "." + "C" * 9
    assert len(longest) == MAX_LENGTH
    assert parse(longest).kind is CodeKind.QD20
    assert parse(longest + "C").kind is CodeKind.OTHER


@given(st.text(max_size=60))
def test_no_text_makes_parsing_fail(text):
    parsed = parse(text)
    assert parsed.text == text.strip()
    assert bool(parsed.warning) == (parsed.kind in (CodeKind.OTHER, CodeKind.CV2803))
