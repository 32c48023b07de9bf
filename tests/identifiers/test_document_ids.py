"""Document identifiers: made by the standard's rule, compared as texts."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest

from vanthu.identifiers import document_id, same


def test_an_identifier_is_made_of_agency_date_and_code():
    assert document_id("000.00.00.G22", date(2015, 9, 3), "7816/VPCP-TTĐT") == (
        "000.00.00.G22,2015/09/03,7816/VPCP-TTĐT"
    )


def test_decomposed_letters_and_spaces_do_not_make_another_document():
    made = document_id("H41.02", date(2026, 3, 9), "12/QĐ-SỞTC")
    assert same(made, unicodedata.normalize("NFD", f" {made}\n"))
    assert not same(made, made.lower())


@pytest.mark.parametrize(("organ", "code"), [("", "1/QĐ"), ("H41", "  ")])
def test_an_identifier_without_agency_or_code_is_refused(organ, code):
    with pytest.raises(ValueError, match="must not be empty"):
        document_id(organ, date(2026, 1, 1), code)
