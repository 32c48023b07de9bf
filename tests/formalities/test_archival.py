"""PDF/A before the first signature: told by the file itself, contradicted by plain facts, kept by the fields."""

from __future__ import annotations

import io

import pikepdf
from tests.formalities.test_conversion import converted_letter
from tests.pades.samples import PLACES, decision

from vanthu import pades
from vanthu.formalities.archival import archival, remark


def test_a_word_file_becomes_pdf_a_and_stays_so_when_fields_are_reserved() -> None:
    pdf = converted_letter()
    assert archival(pdf).declared == "PDF/A-2B" and remark(archival(pdf)) == ""
    prepared = pades.prepare(pdf, PLACES, signers=["nguoi_ky_1"])
    assert archival(prepared).fit

    with pikepdf.open(io.BytesIO(pdf)) as document:
        del document.Root.OutputIntents
        target = io.BytesIO()
        document.save(target)
    assert "đặc tả màu" in remark(archival(target.getvalue()))


def test_other_files_are_told_as_what_they_are() -> None:
    assert "không phải PDF/A" in remark(archival(decision()))
    assert not archival(b"%PDF-1.7 hong").declared
