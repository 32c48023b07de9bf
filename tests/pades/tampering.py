"""What somebody who means harm, or a careless tool, does to a signed file: each as an incremental update."""

from __future__ import annotations

import io
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter

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
