"""What may act by itself in a PDF is remarked on when it was signed with the rest, and forbidden when it came later."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from tests.pades.conftest import NOW, Authority
from tests.pades.tampering import sign_again

from vanthu import pades
from vanthu.pades.active import ORDER
from vanthu.pades.report import REMARKS

SCRIPT = Dictionary(S=Name.JavaScript, JS=String("this.getField('so_vb').value = '99'"))


def _in_catalog(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = SCRIPT


def _on_page(document: pikepdf.Pdf) -> None:
    document.pages[0].AA = Dictionary(O=Dictionary(S=Name.GoTo, Next=Array([SCRIPT])))


def _launching(document: pikepdf.Pdf) -> None:
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], F=4)
    link.A = Dictionary(S=Name.Launch, F=String("cmd.exe"))
    document.pages[0].Annots = document.make_indirect(Array([document.make_indirect(link)]))


def _carrying(document: pikepdf.Pdf) -> None:
    document.attachments["bi-mat.docx"] = b"PK"


def _layered(document: pikepdf.Pdf) -> None:
    layer = document.make_indirect(Dictionary(Type=Name.OCG, Name=String("Ẩn")))
    document.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))


def _dynamic(document: pikepdf.Pdf) -> None:
    form = Dictionary(Fields=Array([]), XFA=document.make_stream(b"<xdp:xdp/>"))
    document.Root.AcroForm = document.make_indirect(form)


KINDS: dict[str, tuple[str, Callable[[pikepdf.Pdf], None]]] = {
    "a script of the file": ("HAS_JAVASCRIPT", _in_catalog),
    "a script of a page": ("HAS_JAVASCRIPT", _on_page),
    "launching": ("HAS_LAUNCH", _launching),
    "a file inside": ("HAS_EMBEDDED_FILES", _carrying),
    "layers": ("HAS_LAYERS", _layered),
    "a dynamic form": ("HAS_XFA", _dynamic),
}


def test_what_was_signed_with_the_rest_is_remarked_on(draft: bytes, authority: Authority) -> None:
    everything = draft
    for _, make in KINDS.values():
        with pikepdf.open(io.BytesIO(everything)) as document:
            make(document)
            target = io.BytesIO()
            document.save(target)
        everything = target.getvalue()
    for pdf, expected in ((draft, ()), (everything, ORDER)):
        signed = _signed(pdf, authority)
        report = pades.validate(signed, authority.trust(), at=NOW)
        assert report.verdict is pades.Verdict.VALID, report.all_reasons
        assert tuple(remark.code for remark in report.remarks) == expected
        assert pades.ValidationReport.from_dict(report.as_dict()) == report
    assert set(ORDER) <= set(REMARKS)


LATER: dict[str, Callable[[IncrementalPdfFileWriter], None]] = {
    "a script": lambda writer: _later(
        writer,
        "/OpenAction",
        {"/S": generic.NameObject("/JavaScript"), "/JS": generic.pdf_string("app.alert(1)")},
    ),
    "layers": lambda writer: _later(writer, "/OCProperties", {"/OCGs": generic.ArrayObject()}),
    "names": lambda writer: _later(writer, "/Names", {"/EmbeddedFiles": generic.DictionaryObject()}),
    "a dynamic form": lambda writer: _later(writer, "/XFA", {}, within=writer.root["/AcroForm"]),
}


@pytest.mark.parametrize("what", LATER)
def test_what_came_after_the_signature_is_forbidden(what: str, sealed: bytes, authority: Authority) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    LATER[what](writer)
    target = io.BytesIO()
    writer.write(target)
    assert pades.validate(target.getvalue(), authority.trust(), at=NOW).verdict is pades.Verdict.INVALID


def _later(
    writer: IncrementalPdfFileWriter, name: str, value: dict[str, object], within: object = None
) -> None:
    holder = writer.root if within is None else within
    holder[name] = generic.DictionaryObject(  # type: ignore[index]
        {generic.NameObject(key): item for key, item in value.items()}
    )
    writer.update_container(holder)


def _signed(pdf: bytes, authority: Authority) -> bytes:
    """By another program: this one refuses to sign what may act."""
    return sign_again(pdf, authority.key("chu-tich"))
