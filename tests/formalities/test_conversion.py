"""A Word draft becomes a PDF on which every place is found."""

from __future__ import annotations

import re
import threading
import zipfile
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import ClassVar

import docx
import pikepdf
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from PIL import Image
from tests.formalities.papers import paper

from vanthu.demo import samples
from vanthu.formalities.checking import check_form
from vanthu.formalities.conversion import ConversionFailed, LibreOfficeMissing, docx_to_pdf, page_count
from vanthu.formalities.pdftext import UnreadablePdf
from vanthu.formalities.placement import find_places
from vanthu.formalities.reading import read_front_page


@lru_cache(maxsize=1)
def converted_letter() -> bytes:
    return docx_to_pdf(samples.cong_van_docx())


def test_a_word_letter_becomes_one_page_with_all_places() -> None:
    pdf = converted_letter()
    found = find_places(pdf, signer_name="Phan Thị Hồng Nhung")
    assert page_count(pdf) == 1
    assert found.signer.position == ("GIÁM ĐỐC",)
    assert set(found.confidence.values()) == {1.0}


def test_a_word_letter_is_set_in_the_font_that_has_every_vietnamese_letter() -> None:
    with pikepdf.open(BytesIO(converted_letter())) as document:
        dictionaries = [item for item in document.objects if isinstance(item, pikepdf.Dictionary)]
        fonts = {str(item.BaseFont) for item in dictionaries if "/BaseFont" in item}
    assert fonts
    assert all("Tinos" in font for font in fonts)


def test_a_word_letter_is_read_like_its_pdf() -> None:
    page = read_front_page(converted_letter())
    assert page.subject == samples.MATTERS["cai-cach-hanh-chinh"].subject
    assert page.notation == "SKHCN-CĐS"
    assert page.issuer == "SỞ KHOA HỌC VÀ CÔNG NGHỆ"
    assert check_form(converted_letter()) == ()


def test_a_conversion_that_takes_too_long_is_ended() -> None:
    with pytest.raises(ConversionFailed, match=r"quá 0\.05 giây"):
        docx_to_pdf(samples.cong_van_docx(), timeout_seconds=0.05)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 broken", b"%PDF-1.7 not a letter"])
def test_what_is_no_word_file_is_refused(data: bytes) -> None:
    with pytest.raises(ConversionFailed, match="DOCX"):
        docx_to_pdf(data)


def test_a_word_file_that_unpacks_to_an_absurd_size_is_refused_unopened() -> None:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.writestr("word/document.xml", bytes(600 * 1024 * 1024))
    with pytest.raises(ConversionFailed, match="quá lớn"):
        docx_to_pdf(target.getvalue())


_PICTURE = """<w:drawing
 xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
 xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
 <wp:inline><wp:extent cx="900000" cy="900000"/><wp:docPr id="1" name="a"/><a:graphic>
 <a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>
 <pic:nvPicPr><pic:cNvPr id="1" name="a"/><pic:cNvPicPr/></pic:nvPicPr>
 <pic:blipFill><a:blip r:link="{link}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>
 <pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="900000" cy="900000"/></a:xfrm>
 <a:prstGeom prst="rect"/></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>"""


def letter_with_linked_picture(address: str) -> bytes:
    """A Word file that wants a picture fetched from elsewhere when it is opened."""
    letter = docx.Document(BytesIO(samples.cong_van_docx()))
    link = letter.part.relate_to(address, RELATIONSHIP_TYPE.IMAGE, is_external=True)
    letter.add_paragraph().add_run()._r.append(parse_xml(_PICTURE.format(link=link)))
    target = BytesIO()
    letter.save(target)
    return target.getvalue()


class _Listener(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_error(404)

    do_HEAD = do_OPTIONS = do_PROPFIND = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_a_word_file_cannot_make_the_server_call_another_machine() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Listener) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        pdf = docx_to_pdf(letter_with_linked_picture(f"http://127.0.0.1:{server.server_port}/spy.png"))
        server.shutdown()
        thread.join()
    assert page_count(pdf) >= 1
    assert _Listener.asked == []


def test_a_word_file_cannot_pull_a_file_of_the_server_into_the_pdf(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    Image.effect_noise((64, 64), 90).save(secret)
    pdf = docx_to_pdf(letter_with_linked_picture(secret.as_uri()))
    with pikepdf.open(BytesIO(pdf)) as document:
        streams = [item for item in document.objects if isinstance(item, pikepdf.Stream)]
    assert [item for item in streams if item.get("/Subtype") == "/Image"] == []


def test_a_machine_without_converter_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LibreOfficeMissing) as caught:
        docx_to_pdf(b"PK")
    assert caught.value.code == "CONVERTER_MISSING"
    assert re.search("LibreOffice", str(caught.value))


def test_pages_are_counted() -> None:
    assert page_count(paper(pages=3)) == 3
    with pytest.raises(UnreadablePdf):
        page_count(b"no pages here")
