"""What somebody who means harm, or a careless tool, does to a signed file: each as an incremental update."""

from __future__ import annotations

import io
import re
from typing import Any

import pikepdf
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.stamp import StaticStampStyle, TextStampStyle

from vanthu.pades.keys import HeldKeySigner, Pkcs12Key


def draw_on_page(pdf: bytes, words: str = "Số 15") -> bytes:
    """C: the number goes into the page's content."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    content = generic.StreamObject(stream_data=f"BT /F1 12 Tf 100 700 Td ({words[-2:]}) Tj ET".encode())
    writer.add_stream_to_page(0, writer.add_object(content))
    return _written(writer)


def add_text_field(pdf: bytes, value: str = "15") -> bytes:
    """D: a text field is created after the leader signed."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0]
    field = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/Widget"),
            pdf_name("/FT"): pdf_name("/Tx"),
            pdf_name("/T"): generic.TextStringObject("so_moi"),
            pdf_name("/V"): generic.TextStringObject(value),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (100, 700, 150, 715))),
        }
    )
    reference = writer.add_object(field)
    form = writer.root["/AcroForm"]
    form["/Fields"].append(reference)
    writer.update_container(form["/Fields"])
    page["/Annots"].append(reference)
    writer.update_container(page["/Annots"])
    return _written(writer)


def set_field(pdf: bytes, name: str, value: str) -> bytes:
    """E, F: a prepared text field gets another value."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    field = _field(writer, name)
    field[pdf_name("/V")] = generic.TextStringObject(value)
    writer.update_container(field)
    return _written(writer)


def set_appearance(pdf: bytes, name: str) -> bytes:
    """The value stays, what people see changes."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    field = _field(writer, name)
    blank = generic.StreamObject({pdf_name("/Subtype"): pdf_name("/Form")}, stream_data=b"")
    field["/AP"][pdf_name("/N")] = writer.add_object(blank)
    writer.update_container(field)
    return _written(writer)


def sign_again(pdf: bytes, key: Pkcs12Key, field: str = "chu_ky_la") -> bytes:
    """K: another signature after the seal."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    signer = signers.PdfSigner(
        signers.PdfSignatureMetadata(field_name=field, subfilter=SigSeedSubFilter.PADES),
        signer=HeldKeySigner(key),
        new_field_spec=SigFieldSpec(field),
    )
    return bytes(signer.sign_pdf(writer).getvalue())


def flip_byte(pdf: bytes, after: bytes) -> bytes:
    """One bit of the page changes; ``after`` says behind which text."""
    at = pdf.index(after) + len(after) + 5
    return pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]


def _field(writer: IncrementalPdfFileWriter, name: str) -> Any:
    for reference in writer.root["/AcroForm"]["/Fields"]:
        if reference.get_object()["/T"] == name:
            return reference.get_object()
    raise KeyError(name)


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


# --- signature forgery, wrapping, incremental saving: on the bytes themselves ---


def byte_range(pdf: bytes, which: int = -1) -> tuple[int, list[int], int]:
    """Where the ``which``-th /ByteRange array stands (start, its four numbers, end)."""
    found = list(re.finditer(rb"/ByteRange\s*\[([0-9 ]+)\]", pdf))[which]
    return found.start(1), [int(number) for number in found.group(1).split()], found.end(1)


def with_byte_range(pdf: bytes, text: bytes, which: int = -1) -> bytes:
    """USF: the array holds something else, at the same length."""
    start, _, end = byte_range(pdf, which)
    return pdf[:start] + text.ljust(end - start)[: end - start] + pdf[end:]


def without_entry(pdf: bytes, key: bytes) -> bytes:
    """USF: the last entry of that name is called something else."""
    at = pdf.rindex(key)
    return pdf[:at] + b"/X" + key[2:] + pdf[at + len(key) :]


def with_contents(pdf: bytes, digits: bytes) -> bytes:
    """USF: the last signature's value is replaced, at the same length."""
    _, numbers, _ = byte_range(pdf)
    start, end = numbers[1] + 1, numbers[2] - 1
    return pdf[:start] + digits.ljust(end - start, b"0")[: end - start] + pdf[end:]


def wrapped(pdf: bytes, evil: bytes) -> bytes:
    """Signature wrapping: what is signed is moved to the end of the file, ``evil`` stands where it was."""
    start, numbers, end = byte_range(pdf)
    moved = b"%d %d %d %d" % (numbers[0], numbers[1], numbers[2] + len(evil), numbers[3])
    head = pdf[:start] + moved.ljust(end - start)[: end - start] + pdf[end : numbers[2]]
    return head + evil + pdf[numbers[2] :]


def saved_without_xref(pdf: bytes) -> bytes:
    """Incremental saving: objects appended with neither table nor trailer, as forgiving viewers still read them."""
    page = re.search(rb"(\d+) 0 obj\s*<<[^>]*?/Type\s*/Pages", pdf)
    number = page.group(1) if page else b"3"
    return pdf + b"\n%s 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n" % number


def saved_with_copied_signature(pdf: bytes) -> bytes:
    """Incremental saving: another page content, and the signature's object copied so that it seems to be of the last
    revision."""
    writer = IncrementalPdfFileWriter(io.BytesIO(draw_on_page(pdf)))
    for reference in writer.root["/AcroForm"]["/Fields"]:
        field = reference.get_object()
        if "/V" in field and field.get("/FT") == "/Sig":
            writer.mark_update(field.raw_get("/V").reference)
    return _written(writer)


# --- shadow attacks: prepared before signing, sprung after ---


def shadow_prepared(pdf: bytes) -> bytes:
    """A hidden second content and an overlay picture lie ready in the file that is going to be signed."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        page = document.pages[0]
        hidden = document.make_stream(b"BT /F1 24 Tf 100 500 Td (9 000 000 000) Tj ET")
        document.Root["/Bong"] = document.make_indirect(pikepdf.Dictionary(Che=hidden))
        veil = document.make_stream(
            b"1 1 1 rg 0 0 300 40 re f",
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Form,
            BBox=pikepdf.Array([0, 0, 300, 40]),
        )
        page.contents_add(b"q 1 0 0 1 90 480 cm /ManChe Do Q")
        page.add_resource(veil, pikepdf.Name.XObject, pikepdf.Name("/ManChe"))
        out = io.BytesIO()
        document.save(out, deterministic_id=True)
        return out.getvalue()


def shadow_hide(pdf: bytes) -> bytes:
    """Hide: the veil over the text turns into nothing, so that what was hidden is seen."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    resources = writer.root["/Pages"]["/Kids"][0].get_object()["/Resources"]
    veil = resources["/XObject"].raw_get("/ManChe")
    empty = generic.StreamObject(dict(veil.get_object()), stream_data=b"")
    writer.objects[(veil.generation, veil.idnum)] = empty
    return _written(writer)


def shadow_replace(pdf: bytes) -> bytes:
    """Replace: other fonts for the filled fields, and viewers are asked to draw these anew."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    form = writer.root["/AcroForm"]
    form[pdf_name("/DR")] = generic.DictionaryObject({pdf_name("/Font"): generic.DictionaryObject()})
    form[pdf_name("/NeedAppearances")] = generic.BooleanObject(True)
    writer.update_container(form)
    return _written(writer)


def swap_default_font(pdf: bytes) -> bytes:
    """Replace: the font that fields are drawn with by default becomes another one."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    form = writer.root["/AcroForm"]
    form[pdf_name("/DA")] = generic.TextStringObject("/Khac 13 Tf 0 g")
    fonts = generic.DictionaryObject({pdf_name("/F1"): generic.NameObject("/Khac")})
    form[pdf_name("/DR")] = generic.DictionaryObject({pdf_name("/Font"): fonts})
    writer.update_container(form)
    return _written(writer)


def retitle(pdf: bytes) -> bytes:
    """The title that viewers show in their frame becomes another one."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    described = writer.trailer_view["/Info"]
    described[pdf_name("/Creator")] = pdf_string("Giả")
    writer.update_container(described)
    return _written(writer)


def hide_widget(pdf: bytes, field: str) -> bytes:
    """What the field shows is hidden; its value stays."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    found = _field(writer, field)
    found[pdf_name("/F")] = generic.NumberObject(2)
    writer.update_container(found)
    return _written(writer)


def shadow_hide_and_replace(pdf: bytes) -> bytes:
    """Hide and replace: a new table makes the prepared content the page's content."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page[pdf_name("/Contents")] = writer.root["/Bong"].raw_get("/Che")
    writer.update_container(page)
    return _written(writer)


# --- attacks on certified files ---


def annotate(pdf: bytes) -> bytes:
    """Evil annotation: a text box over the page."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Contents"): generic.TextStringObject("1 000 000 000"),
            pdf_name("/DA"): generic.TextStringObject("/Helv 12 Tf"),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (100, 480, 300, 520))),
        }
    )
    annotations = page.get("/Annots", generic.ArrayObject())
    annotations.append(writer.add_object(note))
    page[pdf_name("/Annots")] = annotations
    writer.update_container(page)
    return _written(writer)


def sign_word(pdf: bytes, key: Pkcs12Key, field: str) -> bytes:
    """Signed by a program that takes hybrid files."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False)
    about = signers.PdfSignatureMetadata(field_name=field, subfilter=SigSeedSubFilter.PADES)
    signer = signers.PdfSigner(about, signer=HeldKeySigner(key), new_field_spec=SigFieldSpec(field))
    return bytes(signer.sign_pdf(writer).getvalue())


def certified(pdf: bytes, key: Pkcs12Key, permission: MDPPerm) -> bytes:
    """Signed by an author who permits that much."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    about = signers.PdfSignatureMetadata(
        field_name="chung_thuc", subfilter=SigSeedSubFilter.PADES, certify=True, docmdp_permissions=permission
    )
    signer = signers.PdfSigner(about, signer=HeldKeySigner(key), new_field_spec=SigFieldSpec("chung_thuc"))
    return bytes(signer.sign_pdf(writer).getvalue())


def box_over_text(pdf: bytes, kind: str) -> bytes:
    """Before anybody signs: an empty field of that kind (``/Tx``, ``/Sig``) lies over the page's text, unseen."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    first = writer.root["/Pages"]["/Kids"].raw_get(0)
    field = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/Widget"),
            pdf_name("/FT"): pdf_name(kind),
            pdf_name("/T"): generic.TextStringObject("che"),
            pdf_name("/F"): generic.NumberObject(4),
            pdf_name("/P"): first,
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (80, 600, 520, 640))),
        }
    )
    if kind == "/Tx":
        field[pdf_name("/V")] = generic.TextStringObject("")
        field[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(_drawing(b""))})
    fields = generic.ArrayObject([writer.add_object(field)])
    page = first.get_object()
    page[pdf_name("/Annots")] = fields
    writer.update_container(page)
    writer.root[pdf_name("/AcroForm")] = generic.DictionaryObject({pdf_name("/Fields"): fields})
    writer.update_root()
    return _written(writer)


def fill_over_text(pdf: bytes) -> bytes:
    """The field is filled; what it shows is white, with another amount."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    field = _field(writer, "che")
    field[pdf_name("/V")] = generic.TextStringObject("9 000 000 000")
    field["/AP"][pdf_name("/N")] = writer.add_object(_drawing(b"1 1 1 rg 0 0 440 40 re f"))
    writer.update_container(field)
    return _written(writer)


def _drawing(operators: bytes) -> generic.StreamObject:
    box = generic.ArrayObject(map(generic.NumberObject, (0, 0, 440, 40)))
    kind = {pdf_name("/Type"): pdf_name("/XObject"), pdf_name("/Subtype"): pdf_name("/Form")}
    return generic.StreamObject({**kind, pdf_name("/BBox"): box}, stream_data=operators)


def sign_over_text(pdf: bytes, key: Pkcs12Key) -> bytes:
    """The empty signature field is signed, its picture an opaque one."""
    white = PdfImage(Image.new("RGB", (44, 4), "white"))
    style = StaticStampStyle(background=white, background_opacity=1)
    about = signers.PdfSignatureMetadata(field_name="che", subfilter=SigSeedSubFilter.PADES)
    signer = signers.PdfSigner(about, signer=HeldKeySigner(key), stamp_style=style)
    return bytes(signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf))).getvalue())


def signed_over(pdf: bytes, key: Pkcs12Key) -> bytes:
    """Sneaky signature: a further signature whose picture lies over the page's text."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    place = SigFieldSpec("de_len", on_page=0, box=(80, 600, 400, 640))
    about = signers.PdfSignatureMetadata(field_name="de_len", subfilter=SigSeedSubFilter.PADES)
    signer = signers.PdfSigner(
        about,
        signer=HeldKeySigner(key),
        stamp_style=TextStampStyle(stamp_text="1 000 000 000"),
        new_field_spec=place,
    )
    return bytes(signer.sign_pdf(writer).getvalue())


# --- other ways ---


def drop_signature(pdf: bytes, field: str) -> bytes:
    """The field is empty again, as if nobody had signed there."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    found = _field(writer, field)
    del found["/V"]
    writer.update_container(found)
    return _written(writer)


def unknown_kind(pdf: bytes) -> bytes:
    """The last signature says that it is of a kind that nobody has heard of."""
    at = pdf.rindex(b"/ETSI.CAdES.detached")
    return pdf[:at] + b"/ETSI.CAdES.unheard0" + pdf[at + 20 :]


def as_word_writes(pdf: bytes) -> bytes:
    """The same document as word processors save it: a table for old viewers, a second one that names a stream of
    references for new ones (ISO 32000-2 7.5.8.4)."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        plain = io.BytesIO()
        document.save(plain, object_stream_mode=pikepdf.ObjectStreamMode.disable, deterministic_id=True)
    data = plain.getvalue()
    start = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    trailer = re.search(rb"trailer\s*<<(.*?)>>\s*startxref", data[start:], re.DOTALL)
    assert trailer
    size = int(re.search(rb"/Size (\d+)", trailer.group(1)).group(1))  # type: ignore[union-attr]
    kept = re.sub(rb"/Size \d+", b"", trailer.group(1))
    at = len(data)
    row = bytes([1]) + at.to_bytes(4, "big") + bytes([0])
    head = b"%d 0 obj\n<</Type/XRef/W[1 4 1]/Index[%d 1]/Size %d/Length %d%s>>\nstream\n" % (
        size,
        size,
        size + 1,
        len(row),
        kept.replace(b"\n", b" "),
    )
    stream = head + row + b"\nendstream\nendobj\n"
    table = len(data) + len(stream)
    tail = b"xref\n0 0\ntrailer\n<</Size %d%s/Prev %d/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        size + 1,
        kept,
        start,
        at,
        table,
    )
    return data + stream + tail
