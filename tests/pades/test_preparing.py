"""Which files may be sent for signature, and what is reserved on them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from tests.pades.samples import PLACES, decision

from vanthu import pades
from vanthu.pades import errors
from vanthu.pades.places import Box


def prepare(pdf: bytes) -> bytes:
    return pades.prepare(pdf, PLACES, signers=["nguoi_ky_1"])


def changed(change: Callable[[pikepdf.Pdf], object], **options: object) -> bytes:
    with pikepdf.open(io.BytesIO(decision())) as document:
        change(document)
        out = io.BytesIO()
        document.save(out, **options)
        return out.getvalue()


def test_fields_for_number_date_signers_and_seal_are_reserved(prepared: bytes) -> None:
    with pikepdf.open(io.BytesIO(prepared)) as document:
        fields = {str(field.T): field for field in document.Root.AcroForm.Fields}
        assert list(fields) == ["so_vb", "ngay_bh", "nguoi_ky_1", "con_dau"]
        assert all(int(fields[name].Ff) & 1 for name in ("so_vb", "ngay_bh"))
        lock = fields["con_dau"].Lock
        assert (lock.Action, int(lock.P)) == (Name.All, 1)
        assert "/NeedAppearances" not in document.Root.AcroForm


def test_the_same_draft_prepares_to_the_same_bytes(draft: bytes) -> None:
    assert prepare(draft) == prepare(draft)


def test_a_draft_with_several_pages_and_signers(authority: object) -> None:
    pdf = decision("#pagebreak()\nTrang hai")
    initials = (Box(1, 300, 100, 360, 130),)
    ready = pades.prepare(pdf, replace(PLACES, initials=initials), signers=pades.signer_fields(3))
    with pikepdf.open(io.BytesIO(ready)) as document:
        fields = {str(field.T): field for field in document.Root.AcroForm.Fields}
        assert fields["nguoi_ky_1"].P.objgen == document.pages[1].objgen
        assert [float(edge) for edge in fields["nguoi_ky_2"].Rect] == [0, 0, 0, 0]
        assert float(fields["nguoi_ky_3"].Rect[0]) == PLACES.signature.x0


@pytest.mark.parametrize(
    ("pdf", "code"),
    [
        (b"", "PDF_NOT_PDF"),
        (b"PK\x03\x04 not a pdf", "PDF_NOT_PDF"),
        (b"%PDF-1.7\nhello", "PDF_DAMAGED"),
        (decision()[:-3000], "PDF_DAMAGED"),
        (changed(lambda d: None, encryption=pikepdf.Encryption(owner="a", user="b")), "PDF_ENCRYPTED"),
        (changed(lambda d: None, encryption=pikepdf.Encryption(owner="a", user="")), "PDF_ENCRYPTED"),
        (changed(lambda d: d.pages.__delitem__(slice(None))), "PDF_EMPTY"),
    ],
    ids=["rỗng", "tệp zip", "chỉ có đầu", "bị cắt", "có mật khẩu", "mã hoá không mật khẩu", "không trang"],
)
def test_files_that_cannot_be_read_are_refused(pdf: bytes, code: str) -> None:
    with pytest.raises(errors.PadesError) as refused:
        prepare(pdf)
    assert refused.value.code == code


def test_a_signed_file_is_not_prepared_again(signed: bytes) -> None:
    with pytest.raises(errors.PdfAlreadySigned):
        prepare(signed)


def _open_script(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def _page_script(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.JavaScript, JS=String("x")))


def _launch(document: pikepdf.Pdf) -> None:
    link = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=[0, 0, 9, 9],
        A=Dictionary(S=Name.Launch, F=String("cmd.exe")),
    )
    document.pages[0].obj.Annots = Array([document.make_indirect(link)])


def _xfa(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = Dictionary(Fields=Array([]), XFA=document.make_stream(b"<xdp/>"))


@pytest.mark.parametrize("harm", [_open_script, _page_script, _launch, _xfa])
def test_files_that_can_act_by_themselves_are_refused(harm: Callable[[pikepdf.Pdf], None]) -> None:
    with pytest.raises(errors.PdfActiveContent):
        prepare(changed(harm))


def test_a_name_written_in_hexadecimal_does_not_hide_a_script() -> None:
    plain = changed(_open_script, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    hidden = plain.replace(b"/S /JavaScript", b"/S /J#61vaScript").replace(b"/JS (", b"/J#53 (")
    with pikepdf.open(io.BytesIO(hidden)) as repaired:
        out = io.BytesIO()
        repaired.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    with pytest.raises(errors.PdfActiveContent):
        prepare(out.getvalue())


def test_a_text_that_speaks_of_javascript_is_no_script() -> None:
    pdf = changed(lambda d: d.docinfo.__setitem__("/Title", "Về /JavaScript và /XFA"))
    assert pades.fields(prepare(pdf)) == {"so_vb": "", "ngay_bh": ""}


def test_form_fields_of_the_draft_become_plain_content() -> None:
    """Otherwise they could be filled in after the leader signed."""

    def add_field(document: pikepdf.Pdf) -> None:
        look = document.make_stream(b"0 0 10 10 re f", Subtype=Name.Form, BBox=[0, 0, 10, 10])
        field = document.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Widget,
                FT=Name.Tx,
                T=String("cu"),
                Rect=[50, 50, 60, 60],
                AP=Dictionary(N=look),
            )
        )
        document.Root.AcroForm = Dictionary(Fields=Array([field]))
        document.pages[0].obj.Annots = Array([field])

    with pikepdf.open(io.BytesIO(prepare(changed(add_field)))) as document:
        names = [str(field.T) for field in document.Root.AcroForm.Fields]
        assert "cu" not in names
        assert len(document.pages[0].Annots) == len(names)


def test_an_earlier_hidden_revision_does_not_survive(draft: bytes) -> None:
    from tests.pades.tampering import draw_on_page

    revised = draw_on_page(draft)
    assert revised.count(b"%%EOF") == 2
    assert prepare(revised).count(b"%%EOF") == 1


def test_places_outside_the_page_are_refused(draft: bytes) -> None:
    for signature in (Box(3, 10, 10, 60, 60), Box(0, 560, 10, 700, 60)):
        with pytest.raises(errors.PlaceOutsidePage):
            pades.prepare(draft, replace(PLACES, signature=signature), signers=["nguoi_ky_1"])


def test_a_sideways_first_page_is_refused() -> None:
    pdf = changed(lambda d: d.pages[0].obj.__setitem__("/Rotate", 90))
    with pytest.raises(errors.PdfPageRotated):
        prepare(pdf)


@pytest.mark.parametrize("names", [[], ["a", "a"], ["so_vb"], ["con_dau"], ["có dấu"], ["x" * 50]])
def test_field_names_are_plain_and_not_reserved(draft: bytes, names: list[str]) -> None:
    with pytest.raises(ValueError, match=r"name|signer"):
        pades.prepare(draft, PLACES, signers=names)


def test_a_box_has_an_extent() -> None:
    with pytest.raises(ValueError, match="box"):
        Box(0, 10, 10, 10, 20)
