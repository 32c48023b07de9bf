"""PDF/A before the first signature: told by the file itself, contradicted by plain facts, kept by the fields."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name
from tests.formalities.test_conversion import converted_letter
from tests.pades.samples import PLACES, decision

from vanthu import pades
from vanthu.formalities.archival import archival, remark


def test_a_word_file_becomes_pdf_a_and_stays_so_when_fields_are_reserved() -> None:
    pdf = converted_letter()
    assert archival(pdf).declared == "PDF/A-2B" and remark(archival(pdf)) == ""
    prepared = pades.prepare(pdf, PLACES, signers=["nguoi_ky_1"])
    assert archival(prepared).fit

    for phrase, spoil in SPOILT.items():
        with pikepdf.open(io.BytesIO(pdf)) as document:
            spoil(document)
            target = io.BytesIO()
            document.save(target)
        [lacking] = archival(target.getvalue()).lacking
        assert phrase in lacking and lacking in remark(archival(target.getvalue()))


def _first_part(document: pikepdf.Pdf) -> None:
    with document.open_metadata() as metadata:
        metadata["pdfaid:part"] = "1"


def _without_colours(document: pikepdf.Pdf) -> None:
    del document.Root.OutputIntents[0].DestOutputProfile


def _without_font(document: pikepdf.Pdf) -> None:
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    document.pages[0].Resources.Font[Name("/Fx")] = document.make_indirect(font)


def _with_script(document: pikepdf.Pdf) -> None:
    action = Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    document.Root.OpenAction = document.make_indirect(action)


def _outside(document: pikepdf.Pdf) -> None:
    stream = document.make_stream(b"", F=pikepdf.String("ngoai.dat"))
    document.pages[0].Resources.XObject = Dictionary(Xx=stream)


def _with_file(document: pikepdf.Pdf) -> None:
    document.attachments["a.docx"] = b"PK"


def _with_form(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = Dictionary(Fields=Array([]), NeedAppearances=True)


def _see_through(document: pikepdf.Pdf) -> None:
    _first_part(document)
    state = document.make_indirect(Dictionary(Type=Name.ExtGState, ca=0.5))
    document.pages[0].Resources.ExtGState = Dictionary(Gs=state)


def _layered(document: pikepdf.Pdf) -> None:
    _first_part(document)
    document.Root.OCProperties = Dictionary(OCGs=Array([]), D=Dictionary())


SPOILT: dict[str, Callable[[pikepdf.Pdf], None]] = {
    "đặc tả màu": _without_colours,
    "không nhúng": _without_font,
    "tự chạy": _with_script,
    "ngoài tệp": _outside,
    "tệp khác": _with_file,
    "biểu mẫu động": _with_form,
    "trong suốt": _see_through,
    "lớp nội dung": _layered,
}


def test_other_files_are_told_as_what_they_are() -> None:
    assert "không phải PDF/A" in remark(archival(decision()))
    assert not archival(b"%PDF-1.7 hong").declared
