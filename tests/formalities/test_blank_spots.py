"""Pages whose words do not say where things go: the places are put where the page is blank, and that is said."""

from __future__ import annotations

import io

import pypdfium2
import pytest
import typst
from PIL import Image

from vanthu import pades
from vanthu.demo import samples
from vanthu.formalities.pdftext import PDFIUM_LOCK
from vanthu.formalities.placement import find_or_make_places, find_places, suggest_places
from vanthu.formalities.remarks import PlaceNotFound
from vanthu.pades.places import Box


def scan_of(pdf: bytes) -> bytes:
    """The same pages as pictures, without any text."""
    with PDFIUM_LOCK:
        document = pypdfium2.PdfDocument(pdf)
        pages = [page.render(scale=1.5).to_pil().convert("RGB") for page in document]
        document.close()
    target = io.BytesIO()
    pages[0].save(target, "PDF", save_all=True, append_images=pages[1:], resolution=108)
    return target.getvalue()


@pytest.fixture(scope="module")
def scan() -> bytes:
    return scan_of(samples.quyet_dinh())


def test_on_a_scan_nothing_is_guessed_a_person_points_at_the_places(scan: bytes) -> None:
    with pytest.raises(PlaceNotFound) as refusal:
        find_or_make_places(scan, signer_name="Trần Quốc Thắng")
    assert refusal.value.missing == ("number", "date", "signature")
    assert "bản quét" in str(refusal.value)


def test_the_person_begins_at_spots_that_cover_no_ink(scan: bytes) -> None:
    found = suggest_places(scan, signer_name="Trần Quốc Thắng")
    assert [note.code for note in found.notes] == ["PLACE_MADE"] * 3
    for box in (found.places.number.box, found.places.date.box, found.places.signature):
        assert _darkest(scan, box) > 200


def test_a_foreign_layout_is_signed_below_its_last_line() -> None:
    page = typst.compile(b'#set page(paper: "a4")\n= Report\n' + b"Lorem ipsum dolor sit amet. " * 40)
    found = find_or_make_places(page)
    assert found.places.signature.page == 0
    assert found.places.signature.y0 > 300, "close to the text, not at the foot of the page"
    assert pades.prepare(page, found.places, signers=["nguoi_ky_1"]).startswith(b"%PDF")


def test_what_the_words_show_stays_where_they_show_it() -> None:
    draft = samples.quyet_dinh()
    assert find_or_make_places(draft).places == find_places(draft).places


def test_a_page_full_of_ink_is_refused_by_name() -> None:
    target = io.BytesIO()
    Image.new("RGB", (595, 842), "grey").save(target, "PDF", resolution=72)
    with pytest.raises(PlaceNotFound) as refusal:
        find_or_make_places(target.getvalue())
    assert refusal.value.missing == ("number", "date", "signature")
    usual = suggest_places(target.getvalue()).places
    assert usual.number.box.y0 > 700 and usual.signature.x0 > 297, "by hand one begins at the usual places"


def _darkest(pdf: bytes, box: Box) -> int:
    with PDFIUM_LOCK:
        document = pypdfium2.PdfDocument(pdf)
        page = document[box.page]
        height = page.get_height()
        picture = page.render(scale=1, grayscale=True).to_pil()
        document.close()
    area = (int(box.x0) + 1, int(height - box.y1) + 1, int(box.x1) - 1, int(height - box.y0) - 1)
    part = picture.crop(area)
    return int(part.getextrema()[0])
