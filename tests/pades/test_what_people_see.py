"""Number, date, signature and seal as they appear: right letters, right spacing, right colours, not
clipped."""

from __future__ import annotations

import io
from datetime import date

import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.pades.conftest import ISSUED, NOW, Authority, Sealer
from tests.pades.samples import BOLD, ITALIC, PLACES, REGULAR

from vanthu import pades
from vanthu.pades import errors
from vanthu.pades.places import Box, DateGaps
from vanthu.pades.text import REPERTOIRE, load_font

SCALE = 3


def rendered(pdf: bytes) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    return document[0].render(scale=SCALE, may_draw_forms=True).to_pil().convert("RGB")


def cut(page: Image.Image, box: Box) -> Image.Image:
    high = page.height / SCALE
    corners = (box.x0, high - box.y1, box.x1, high - box.y0)
    return page.crop(tuple(round(edge * SCALE) for edge in corners))  # type: ignore[arg-type]


def pixels(picture: Image.Image) -> list[tuple[int, int, int]]:
    raw = picture.tobytes()
    return list(zip(raw[0::3], raw[1::3], raw[2::3], strict=True))


def ink(picture: Image.Image) -> tuple[int, int, int, int]:
    """Where it is dark, in pixels."""
    box = picture.convert("L").point(lambda tone: 255 if tone < 140 else 0).getbbox()
    assert box is not None, "nothing was drawn"
    return box


def test_the_number_stands_in_the_middle_of_its_gap_and_is_not_clipped(sealed: bytes, signed: bytes) -> None:
    box = PLACES.number.box
    left, top, right, bottom = ink(cut(rendered(sealed), box))
    width, height = box.width * SCALE, box.height * SCALE
    assert (left + right) / 2 == pytest.approx(width / 2, abs=2 * SCALE)
    assert left > 0 and right < width and top > 0 and bottom < height
    assert (right - left) / SCALE == pytest.approx(load_font(REGULAR.read_bytes()).width("15", 13), abs=2)
    assert cut(rendered(signed), box).getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize(("gap", "digits"), [("day_x", "21"), ("month_x", "11")])
def test_day_and_month_stand_in_their_gaps(sealed: bytes, gap: str, digits: str) -> None:
    centre = getattr(PLACES.date, gap)
    box = Box(0, centre - 9, PLACES.date.box.y0, centre + 9, PLACES.date.box.y1)
    left, _, right, _ = ink(cut(rendered(sealed), box))
    assert (left + right) / 2 == pytest.approx(9 * SCALE, abs=2 * SCALE)
    assert (right - left) / SCALE == pytest.approx(load_font(ITALIC.read_bytes()).width(digits, 13), abs=3)


def test_the_seal_is_red_and_lies_over_the_blue_signature(sealed: bytes) -> None:
    page = rendered(sealed)
    seal = cut(page, PLACES.seal)
    reds = sum(1 for r, g, b in pixels(seal) if r > 150 and g < 90 and b < 90)
    assert reds / (seal.width * seal.height) > 0.08
    overlap = Box(0, PLACES.signature.x0, PLACES.signature.y0, PLACES.seal.x1, PLACES.signature.y1)
    colours = pixels(cut(page, overlap))
    assert any(b > 120 and r < 80 for r, g, b in colours), "the pen is seen through the seal"
    assert any(r > 150 and g < 90 for r, g, b in colours)


def test_the_whole_date_line_can_be_written(draft: bytes, authority: Authority, seal_it: Sealer) -> None:
    from dataclasses import replace

    line = DateGaps(Box(0, 300, 690, 550, 708), None, None, None, baseline=694)
    pdf = pades.prepare(draft, replace(PLACES, date=line), signers=["nguoi_ky_1"])
    pdf = pades.sign(pdf, "nguoi_ky_1", authority.key("chu-tich"), signed_at=NOW)
    pdf = seal_it(pdf, place="Hà Tĩnh", issued_date=date(2026, 3, 5))
    left, top, right, bottom = ink(cut(rendered(pdf), line.box))
    expected = load_font(ITALIC.read_bytes()).width("Hà Tĩnh, ngày 05 tháng 3 năm 2026", 13)
    assert (right - left) / SCALE == pytest.approx(expected, abs=4)
    assert top > 0 and bottom < line.box.height * SCALE
    assert pades.fields(pdf)["ngay_bh"] == "05/03/2026"


def test_a_long_number_is_written_smaller_rather_than_clipped(signed: bytes, seal_it: Sealer) -> None:
    pdf = seal_it(signed, number="1234567")
    left, _, right, _ = ink(cut(rendered(pdf), PLACES.number.box))
    assert left >= 0 and right <= PLACES.number.box.width * SCALE


def test_what_is_written_can_be_searched(sealed: bytes) -> None:
    """Every code of the embedded font maps back to its letter."""
    with pikepdf.open(io.BytesIO(sealed)) as document:
        field = next(item for item in document.Root.AcroForm.Fields if item.T == "so_vb")
        font = field.AP.N.Resources.Font.F1
        cmap = bytes(font.ToUnicode.read_bytes()).decode()
        shown = bytes(field.AP.N.read_bytes()).decode()
    codes = shown.split("<")[1].split(">")[0]
    pairs = dict(
        line.strip("<>").split("> <") for line in cmap.splitlines() if line.startswith("<") and "> <" in line
    )
    letters = [chr(int(pairs[codes[i : i + 4]], 16)) for i in range(0, len(codes), 4)]
    assert "".join(letters) == "15"


def test_widths_are_thousandths_of_an_em_although_the_font_has_2048(sealed: bytes) -> None:
    with pikepdf.open(io.BytesIO(sealed)) as document:
        field = next(item for item in document.Root.AcroForm.Fields if item.T == "so_vb")
        widths = field.AP.N.Resources.Font.F1.DescendantFonts[0].W
        assert {int(item[0]) for item in widths if isinstance(item, pikepdf.Array)} == {500}


@pytest.mark.parametrize("path", [REGULAR, ITALIC, BOLD], ids=lambda path: path.stem)
def test_the_fonts_have_every_vietnamese_letter(path: object) -> None:
    font = load_font(path.read_bytes())  # type: ignore[attr-defined]
    assert font.widths.keys() >= REPERTOIRE


@given(st.text(alphabet=sorted(REPERTOIRE), max_size=30), st.floats(min_value=6, max_value=20))
def test_width_grows_with_text_and_size(text: str, size: float) -> None:
    font = load_font(REGULAR.read_bytes())
    assert font.width(text + "a", size) > font.width(text, size)
    assert font.width(text, 2 * size) == pytest.approx(2 * font.width(text, size))


def test_composed_and_decomposed_letters_are_the_same() -> None:
    import unicodedata

    font = load_font(REGULAR.read_bytes())
    word = "Lạng Sơn, Đắk Lắk, Thừa Thiên Huế"
    assert font.width(unicodedata.normalize("NFD", word), 13) == font.width(word, 13)


def test_letters_that_the_font_lacks_are_refused(signed: bytes, seal_it: Sealer, font: bytes) -> None:
    with pytest.raises(errors.TextNotDrawable, match="中"):
        seal_it(signed, number="中")
    with pytest.raises(errors.TextNotDrawable):
        seal_it(signed, font=b"not a font")


def _bomb() -> bytes:
    out = io.BytesIO()
    Image.new("1", (5000, 5000)).save(out, "PNG")
    return out.getvalue()


def _jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (10, 10)).save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize(
    "picture", [b"", b"<svg/>", _jpeg(), _bomb()], ids=["rỗng", "svg", "jpeg", "quá lớn"]
)
def test_only_small_png_pictures_are_taken(prepared: bytes, authority: Authority, picture: bytes) -> None:
    with pytest.raises(errors.ImageRefused):
        pades.sign(prepared, "nguoi_ky_1", authority.key("chu-tich"), signed_at=NOW, image=picture)


def test_signing_and_sealing_work_without_pictures(
    prepared: bytes, authority: Authority, seal_it: Sealer
) -> None:
    pdf = pades.sign(prepared, "nguoi_ky_1", authority.key("chu-tich"), signed_at=NOW)
    pdf = seal_it(pdf, seal_image=None, date_font=None)
    assert pades.validate(pdf, authority.trust(), at=NOW).verdict is pades.Verdict.VALID
    assert pades.fields_match(pdf, "15", ISSUED)
