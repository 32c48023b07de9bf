"""Nothing that signing draws covers words: on drafts of many shapes, joint documents, turned and enlarged sheets."""

from __future__ import annotations

import io
from functools import lru_cache

import pikepdf
import pypdfium2
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formalities.papers import cropped, ink_in, paper, scanned, shifted, turned

from vanthu.formalities.fonts import tinos_folder
from vanthu.formalities.pdftext import PDFIUM_LOCK, open_pdf, read_page
from vanthu.formalities.placement import FoundPlaces, SealForm, find_places, suggest_places
from vanthu.formalities.upright import upright
from vanthu.pades.places import Box, millimetres

_JOINT = """
#set page(paper: "a4", margin: (x: 25mm, y: 20mm))
#set text(font: "Tinos", size: 13pt, lang: "vi")
#grid(columns: (1fr, 1fr), row-gutter: 4mm,
  align(center)[BỘ NỘI VỤ - BỘ TÀI CHÍNH], align(center)[*CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM*],
  align(center)[Số:#h(40pt)/TTLT-BNV-BTC], align(center)[_Hà Nội, ngày#h(30pt)tháng#h(26pt)năm 2026_])
#v(6mm) #align(center)[*THÔNG TƯ LIÊN TỊCH* \\ *Hướng dẫn chế độ phụ cấp*] #v(4mm)
#par(lorem(60)) #v(8mm)
#grid(columns: (1fr, 1fr),
  align(center)[*KT. BỘ TRƯỞNG BỘ TÀI CHÍNH \\ THỨ TRƯỞNG* #v(24mm) *Đỗ Hoàng Anh Tuấn*],
  align(center)[*KT. BỘ TRƯỞNG BỘ NỘI VỤ \\ THỨ TRƯỞNG* #v(24mm) *Trần Anh Tuấn*])
#v(6mm) *_Nơi nhận:_* \\ - Văn phòng Chính phủ; \\ - Lưu: VT.
"""


@lru_cache
def joint() -> bytes:
    return bytes(typst.compile(_JOINT.encode(), font_paths=[str(tinos_folder())], ignore_system_fonts=True))


def enlarged(pdf: bytes, unit: float) -> bytes:
    """The same sheet in units of ``unit`` points, as drawing programs write large ones."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            width, height = (float(page.mediabox[index]) / unit for index in (2, 3))
            page.contents_add(
                document.make_stream(f"q {1 / unit} 0 0 {1 / unit} 0 0 cm\n".encode()), prepend=True
            )
            page.contents_add(document.make_stream(b"\nQ"))
            page.MediaBox = pikepdf.Array([0, 0, width, height])
            page.obj.UserUnit = unit
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


def words_under(pdf: bytes, box: Box) -> list[str]:
    """The words of the page whose letters reach into a box, in page coordinates."""
    with open_pdf(pdf) as document:
        page = read_page(document, box.page)
    x0, y0, x1, y1 = page.to_reading(box.x0, box.y0, box.x1, box.y1)
    return [
        line.text
        for line, (a0, b0, a1, b1) in zip(page.columns, page.areas, strict=True)
        if a0 < x1 and x0 < a1 and b0 + 0.3 * line.size < y1 and y0 < b1 - 0.3 * line.size
    ]


positions = st.sampled_from(
    [
        ("CHỦ TỊCH",),
        ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
        ("TL. BỘ TRƯỞNG", "CHÁNH VĂN PHÒNG"),
    ]
)


@given(positions, st.integers(12, 45), st.booleans(), st.integers(1, 3), st.integers(28, 40))
@settings(max_examples=12, deadline=None)
def test_signature_number_and_date_cover_no_word_and_the_seal_says_what_its_ring_reaches(
    position: tuple[str, ...], space: int, landscape: bool, pages: int, diameter: int
) -> None:
    pdf = paper(position=position, space=space, landscape=landscape, pages=pages)
    found = find_places(pdf, seal=SealForm(diameter, diameter, with_text=True))
    places = found.places
    for box in (places.number.box, places.signature):
        assert words_under(pdf, box) == []
        assert ink_in(pdf, box) == 0
    assert places.seal.width == pytest.approx(millimetres(diameter))
    share = (places.seal.x1 - places.signature.x0) / places.signature.width
    assert 0.25 - 1e-6 <= share <= 0.4 + 1e-6
    if space > diameter + 8:
        assert found.under_seal == ()
    if not found.under_seal:
        assert set(words_under(pdf, _core(places.seal))) == set()
    assert places.seal_text is not None
    assert words_under(pdf, places.seal_text) == []


def _core(seal: Box) -> Box:
    """The square inside the ring: it holds the star and the words of the seal."""
    inset = seal.width * (1 - 0.5**0.5) / 2
    return Box(seal.page, seal.x0 + inset, seal.y0 + inset, seal.x1 - inset, seal.y1 - inset)


@pytest.mark.parametrize("signer", ["Trần Anh Tuấn", "Đỗ Hoàng Anh Tuấn"])
def test_on_a_joint_document_each_agency_has_signature_and_seal_in_its_own_block(signer: str) -> None:
    found = find_places(joint(), signer_name=signer)
    assert found.signer.name == signer
    (partner,) = found.partners
    assert {signer, partner.signer.name} == {"Trần Anh Tuấn", "Đỗ Hoàng Anh Tuấn"}
    own, other = found.places, partner.place
    assert own.partners == () and found.joint_places().partners == (other,)
    assert (own.signature.x0 > 297) is (signer == "Trần Anh Tuấn")
    assert (other.signature.x0 > 297) is (signer != "Trần Anh Tuấn")
    for box in (own.signature, other.signature):
        assert ink_in(joint(), box) == 0
    boxes = sorted([(own.seal.x0, own.signature.x1), (other.seal.x0, other.signature.x1)])
    assert boxes[0][1] < boxes[1][0], "neither seal reaches the other agency's signature"
    assert "JOINT_DOCUMENT" in {note.code for note in found.notes}
    assert find_places(paper()).partners == ()


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_scan_lying_on_its_side_is_set_upright_as_it_is_shown(angle: int) -> None:
    scan = scanned(paper())
    with pikepdf.open(io.BytesIO(scan)) as document:
        document.pages[0].Rotate = angle
        out = io.BytesIO()
        document.save(out)
    lying, standing = out.getvalue(), upright(out.getvalue())
    assert _rotation(standing) == 0
    assert _drawn(standing) == _drawn(lying)
    suggested = suggest_places(standing).places
    assert ink_in(standing, suggested.number.box) == 0


def test_an_enlarged_sheet_gets_points_as_units_so_that_the_seal_has_its_real_size() -> None:
    plain, found = find_places(paper()), find_places(upright(enlarged(paper(), 4)))
    assert _corners(found) == pytest.approx(_corners(plain), abs=0.5)
    assert found.places.seal.width == pytest.approx(millimetres(36))


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_on_a_turned_page_the_seal_stands_left_of_the_signature_as_it_is_read(angle: int) -> None:
    """Even where nobody set the page upright first."""
    pdf = turned(cropped(shifted(paper(space=45), 40, 30), (60, 40, 620, 860)), angle)
    found = find_places(pdf)
    with open_pdf(pdf) as document:
        page = read_page(document, 0)
    signature, seal = (
        page.to_reading(box.x0, box.y0, box.x1, box.y1) for box in (found.places.signature, found.places.seal)
    )
    assert (seal[2] - signature[0]) / (signature[2] - signature[0]) == pytest.approx(1 / 3, abs=0.09)
    assert found.under_seal == ()


def _corners(found: FoundPlaces) -> tuple[float, ...]:
    box, number = found.places.signature, found.places.number.box
    return (box.x0, box.y0, box.x1, box.y1, number.x0, number.y0)


def _rotation(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return int(document.pages[0].obj.get("/Rotate", 0))


def _drawn(pdf: bytes) -> tuple[tuple[int, int], bytes]:
    """The page as dots, coarse enough not to see rounding."""
    with PDFIUM_LOCK:
        document = pypdfium2.PdfDocument(pdf)
        picture = document[0].render(scale=0.1, grayscale=True).to_pil().convert("L")
        document.close()
    return picture.size, picture.point(lambda level: 255 if level > 200 else 0).tobytes()
