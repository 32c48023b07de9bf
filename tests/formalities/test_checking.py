"""Drafts are checked against the decree's form before a leader sees them."""

from __future__ import annotations

import pytest
from tests.formalities.papers import cropped, paper, scanned

from vanthu.demo import samples
from vanthu.formalities.checking import check_form


def codes(pdf: bytes) -> list[str]:
    return [finding.code for finding in check_form(pdf)]


@pytest.mark.parametrize("build", [samples.quyet_dinh, samples.cong_van, samples.bao_cao, samples.to_trinh])
def test_a_proper_document_has_no_findings(build: object) -> None:
    assert codes(build()) == []  # type: ignore[operator]


def test_what_is_missing_is_named() -> None:
    assert codes(paper("Kính gửi", "Hà Tĩnh", block=False)) == [
        "NO_MOTTO",
        "NO_NUMBER",
        "NO_DATE",
        "NO_SIGNER",
        "NO_RECIPIENTS",
    ]


def test_recipients_need_the_registry_copy() -> None:
    pdf = samples.cong_van(recipients=("Như trên;", "Cổng thông tin điện tử tỉnh."))
    assert codes(pdf) == ["NO_REGISTRY_COPY"]


def test_a_letter_needs_an_addressee() -> None:
    assert codes(samples.cong_van(to=())) == ["NO_ADDRESSEE"]


def test_another_sheet_size_and_narrow_margins_are_noticed() -> None:
    assert {"PAGE_NOT_A4", "MARGIN_LEFT"} <= set(codes(cropped(paper(), (60, 40, 560, 840))))


def test_a_separate_annex_is_no_document() -> None:
    assert {"NO_COUNTRY", "NO_MOTTO", "NO_ISSUER", "NO_NUMBER", "BODY_SIZE"} <= set(codes(samples.annex()))


def test_a_scan_cannot_be_checked() -> None:
    assert codes(scanned(paper())) == ["NO_TEXT"]


def test_every_finding_cites_the_passage() -> None:
    for finding in check_form(samples.annex()):
        assert finding.rule.startswith("NĐ 30/2020 Phụ lục I")
        assert finding.text.endswith(".")
