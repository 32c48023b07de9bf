"""The five appearances of signatures: what each shows, where, how large, in which colour, under which rules."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from itertools import product

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter
from tests.pades.conftest import ISSUED, NOW, Authority, Sealer
from tests.pades.samples import PLACES, SIGNATURE, decision

from vanthu import pades
from vanthu.formalities.corner import clear_corner
from vanthu.formalities.pdftext import PageText, open_pdf, read_page
from vanthu.legal.signatures import signature_form
from vanthu.pades import errors
from vanthu.pades.pictures import enrolled, real_size
from vanthu.pades.places import Box, PartnerPlace, meets, millimetres, seal_spot, seal_text_spot
from vanthu.pades.preparing import partner_fields
from vanthu.pades.profiles import CIRCULAR_2019, NATIONAL, Ink

AGENCY = "Ủy ban nhân dân tỉnh Hà Tĩnh"
TIME = "2026-11-21T09:00:00+07:00"


def read_back(pdf: bytes) -> PageText:
    """Page 1 with what its signatures show, as text with fonts and sizes, in points as seen."""
    document = pypdfium2.PdfDocument(pdf)
    page = document[0]
    assert pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY) == pdfium.FLATTEN_SUCCESS
    out = io.BytesIO()
    document.save(out)
    with open_pdf(out.getvalue()) as flat:
        return read_page(flat, 0)


def shown(pdf: bytes) -> Image.Image:
    """Page 1 as a viewer draws it, two dots per point."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    return document[0].render(scale=2, may_draw_forms=True).to_pil().convert("RGB")


def reddest(picture: Image.Image) -> tuple[int, int, int, int] | None:
    """Where the red ink is, in points; the coloured fringes that screens give to letters even out."""
    redness = picture.reduce(2).filter(ImageFilter.BoxBlur(1)).convert("RGB", (1, -0.5, -0.5, 0) * 3)
    return redness.convert("L").point(lambda level: 255 if level > 40 else 0).getbbox()


# --- pictures at enrolment ----------------------------------------------------------------------------------


def scan_of_ink(ink: tuple[int, int, int], paper: tuple[int, int, int] = (246, 244, 240)) -> bytes:
    """Ink on paper as a scanner sees it: no transparency, grey dust, 300 dots per inch."""
    picture = Image.effect_noise((700, 420), 4).convert("RGB")
    picture = Image.blend(picture, Image.new("RGB", picture.size, paper), 0.96)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((100, 100, 500, 300), outline=ink, width=9)
    draw.line((90, 260, 560, 120), fill=ink, width=7)
    out = io.BytesIO()
    picture.save(out, "PNG", dpi=(300, 300))
    return out.getvalue()


@pytest.mark.parametrize(
    ("ink", "wanted"), [((35, 60, 170), Ink.BLUE), ((30, 30, 30), Ink.BLUE), ((190, 40, 50), Ink.RED)]
)
def test_a_scan_loses_its_paper_and_gets_the_colour_of_the_decree(
    ink: tuple[int, int, int], wanted: Ink
) -> None:
    png = enrolled(scan_of_ink(ink), wanted)
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.mode == "RGBA"
        assert picture.width < 700 and picture.height < 420, "cropped to the ink"
        alpha = picture.getchannel("A")
        assert alpha.getpixel((picture.width // 2, picture.height // 2 + 20)) == 0, "the paper is gone"
        assert alpha.getextrema()[1] == 255, "the ink is opaque"
        red, green, blue = picture.convert("RGB").getpixel((0, 0))  # type: ignore[misc]
    assert (blue > red and blue > green) if wanted is Ink.BLUE else (red > 150 and blue < 90)
    size = real_size(png)
    assert size is not None
    assert size.width_mm == pytest.approx(470 / 300 * 25.4, abs=2)


def test_a_picture_that_is_fit_stays_byte_for_byte_and_blank_paper_is_refused(
    pen: bytes, stamp: bytes
) -> None:
    assert enrolled(pen, Ink.BLUE) is pen
    assert enrolled(stamp, Ink.RED) is stamp
    assert enrolled(pen, Ink.RED) != pen, "a blue seal becomes red"
    assert real_size(stamp) is None, "nobody said how large it is"
    out = io.BytesIO()
    Image.new("RGB", (300, 200), (250, 250, 250)).save(out, "PNG")
    with pytest.raises(errors.ImageBlank):
        enrolled(out.getvalue(), Ink.RED)
    with pytest.raises(errors.ImageRefused):
        enrolled(b"GIF89a", Ink.RED)


# --- where the seal goes -------------------------------------------------------------------------------------

lengths = st.floats(min_value=30, max_value=160)


@given(
    lengths,
    st.floats(24, 110),
    st.floats(20, 46),
    st.lists(st.tuples(*[st.floats(-200, 300)] * 2), max_size=12),
)
def test_the_seal_has_its_real_size_and_lies_on_about_a_third(
    width: float, height: float, diameter: float, words: list[tuple[float, float]]
) -> None:
    text = [(x, y, x + 40, y + 12) for x, y in words]
    spot = seal_spot((0, 0, width, height), text, width_mm=diameter, height_mm=diameter)
    x0, y0, x1, y1 = spot.area
    assert (x1 - x0, y1 - y0) == pytest.approx((millimetres(diameter),) * 2)
    assert 0.25 * width <= x1 + 1e-6 and x1 <= 0.4 * width + 1e-6
    assert 0 <= (y0 + y1) / 2 <= height
    best = seal_spot((0, 0, width, height), [], width_mm=diameter, height_mm=diameter)
    assert best.share == pytest.approx(1 / 3) and not best.touched
    assert (best.area[1] + best.area[3]) / 2 == pytest.approx(height / 2)


def test_in_a_blank_as_high_as_the_seal_it_touches_no_word_and_in_a_lower_one_it_says_which() -> None:
    title, name = (0.0, 60.0, 140.0, 74.0), (20.0, -40.0, 120.0, -28.0)
    roomy = seal_spot((0, -30, 140, 62), [title, name], width_mm=30, height_mm=30)
    assert not roomy.touched and roomy.share == pytest.approx(1 / 3)
    tight = seal_spot((0, 0, 140, 50), [(0, 52, 140, 66), (20, -14, 120, -2)])
    assert tight.touched
    dodged = seal_spot((0, 0, 140, 90), [(-60, 78, 60, 92)], width_mm=30, height_mm=30)
    assert not dodged.touched, "it moves down rather than over the words"
    assert (dodged.area[1] + dodged.area[3]) / 2 < 45
    crowd = [(x, y, x + 40.0, y + 10.0) for x in (-220.0, -160.0, -100.0, -40.0) for y in range(-70, 110, 16)]
    seal, page = (0.0, 0.0, 102.0, 102.0), (-300.0, -300.0, 300.0, 500.0)
    lines = seal_text_spot(seal, crowd, page)
    assert not any(meets(lines, area) for area in (*crowd, seal))
    full = [(-300.0, y, 300.0, y + 10.0) for y in range(-300, 500, 11)]
    lines = seal_text_spot(seal, full, page)
    assert not meets(lines, seal), "on a page without room it still stands beside the seal"
    edge = seal_spot((40, 0, 180, 90), [], page=(0, 0, 595, 842))
    assert edge.area[0] >= 0 or edge.share == pytest.approx(1 / 3)


def test_black_words_under_the_seal_stay_black(
    draft: bytes, authority: Authority, seal_it: Sealer, pen: bytes
) -> None:
    """Ink is multiplied onto the page, so the title that a large seal reaches can still be read."""
    over_title = Box(0, 330, 842 - 600, 330 + 102, 842 - 498)
    pdf = pades.prepare(draft, replace(PLACES, seal=over_title), signers=["nguoi_ky_1"])
    pdf = pades.sign(pdf, "nguoi_ky_1", authority.key("chu-tich"), signed_at=NOW, image=pen)
    before = shown(pdf).crop((660, 1000, 864, 1110))
    after = shown(seal_it(pdf)).crop((660, 1000, 864, 1110))
    assert reddest(after), "the seal is there"
    for old, new in zip(_dark(before), _dark(after), strict=True):
        assert new or not old


def _dark(picture: Image.Image) -> list[bool]:
    return [level < 60 for level in picture.convert("L").tobytes()]


# --- corners: annexes and copies -----------------------------------------------------------------------------


@pytest.mark.parametrize("unit", [1, 2])
def test_an_annex_is_marked_in_ten_points_of_upright_times(
    authority: Authority, font: bytes, unit: int
) -> None:
    """NĐ 30/2020 PL I.II.8b, III.1d; on a sheet whose unit is two points the mark has its size too."""
    with pikepdf.open(io.BytesIO(decision())) as document:
        document.pages[0].obj.UserUnit = unit
        document.pages[0].CropBox = pikepdf.Array([20, 10, 560, 830])
        out = io.BytesIO()
        document.save(out)
    pdf = pades.seal_attachment(
        out.getvalue(), authority.key("ubnd"), code="15/QĐ-UBND", font=font, signed_at=NOW
    )
    page = read_back(pdf)
    code, time = (next(c for c in page.columns if words in c.text) for words in ("15/QĐ-UBND", TIME))
    for line in (code, time):
        assert line.size * unit == pytest.approx(10, abs=0.05)
        assert "Tinos" in line.printed[0].font and not line.bold
        assert line.x1 == pytest.approx(560 - millimetres(10) / unit, abs=2)
    assert code.baseline - time.baseline == pytest.approx(12 / unit, abs=0.05)
    assert 830 - millimetres(10) / unit - 12 / unit < code.baseline < 830 - millimetres(10) / unit
    assert reddest(shown(pdf)) is None


def test_a_copy_says_form_agency_and_time_and_shows_the_seal_only_under_the_circular(
    authority: Authority, font: bytes, stamp: bytes
) -> None:
    """Conflict C3: NĐ 30/2020 PL I Phần II.I.3 against TT 01/2019/TT-BNV Đ6.2c."""

    def copied(profile: pades.Profile) -> bytes:
        return pades.seal_copy(
            decision(),
            authority.key("ubnd"),
            form="SAO Y",
            agency=AGENCY,
            font=font,
            signed_at=NOW,
            profile=profile,
            seal_image=stamp,
            clearing=clear_corner,
        )

    national, circular = copied(NATIONAL), copied(CIRCULAR_2019)
    assert reddest(shown(national)) is None
    assert [line.text for line in read_back(national).columns[:3]] == ["SAO Y", AGENCY, TIME]
    left, top, right, bottom = reddest(shown(circular)) or (0, 0, 0, 0)
    assert (right - left, bottom - top) == pytest.approx((millimetres(36),) * 2, abs=5)
    words = read_back(circular).text
    assert AGENCY in words and TIME in words and "SAO Y" not in words
    marked = read_back(circular)
    added = [
        area for line, area in zip(marked.columns, marked.areas, strict=True) if line.text in (AGENCY, TIME)
    ]
    with open_pdf(decision()) as document:
        before = read_page(document, 0).areas
    assert len(added) == 2 and not any(meets(area, word) for area in added for word in before)
    for pdf in (national, circular):
        assert pades.validate(pdf, authority.offline(), at=NOW).signatures[0].covers_whole_file


def test_the_mark_on_a_full_corner_moves_until_it_covers_nothing(authority: Authority, font: bytes) -> None:
    """The same for a page with words and for its scan; where the corner is full, it stands as usual."""
    drawn = shown(decision())
    out = io.BytesIO()
    drawn.save(out, "PDF", resolution=144)
    for original in (decision(), out.getvalue()):
        pdf = pades.seal_copy(
            original,
            authority.key("ubnd"),
            form="SAO Y",
            agency=AGENCY,
            font=font,
            signed_at=NOW,
            clearing=clear_corner,
        )
        with pikepdf.open(io.BytesIO(pdf)) as document:
            x0, y0, x1, y1 = (float(edge) for edge in document.Root.AcroForm.Fields[0].Rect)
        assert x1 > 595 - millimetres(25) - 2 and y1 > 842 - millimetres(30)
        under = drawn.crop((round(2 * x0), round(2 * (842 - y1)), round(2 * x1), round(2 * (842 - y0))))
        assert under.convert("L").getextrema()[0] > 200, "it covers nothing"
    grey = io.BytesIO()
    Image.new("RGB", (595, 842), "grey").save(grey, "PDF", resolution=72)
    assert clear_corner(grey.getvalue(), 100, 26) == (millimetres(10), millimetres(10))


# --- the seal on the main document ---------------------------------------------------------------------------


def test_under_the_circular_name_and_time_stand_with_the_seal(
    draft: bytes, authority: Authority, seal_it: Sealer, sealed: bytes
) -> None:
    """Conflict C4: TT 01/2019/TT-BNV Đ13 wants name and time, the decree nothing."""
    assert AGENCY not in read_back(sealed).text
    seal = PLACES.seal
    below = Box(0, seal.x0, seal.y0 - 26, seal.x1 + 30, seal.y0 - 2)
    pdf = pades.prepare(draft, replace(PLACES, seal_text=below), signers=["nguoi_ky_1"])
    pdf = pades.sign(pdf, "nguoi_ky_1", authority.key("chu-tich"), signed_at=NOW)
    pdf = seal_it(pdf, profile=CIRCULAR_2019, agency=AGENCY, signed_at=NOW)
    page = read_back(pdf)
    name, time = (next(c for c in page.columns if words in c.text) for words in (AGENCY, TIME))
    for line in (name, time):
        assert below.x0 <= line.x0 and line.x1 <= below.x1
        assert below.y0 <= line.baseline <= below.y1
    left, top, right, bottom = reddest(shown(pdf)) or (0, 0, 0, 0)
    assert (right - left, bottom - top) == pytest.approx((seal.width, seal.height), abs=5)
    assert pades.fields_match(pdf, "15", ISSUED)


def test_the_form_of_signatures_follows_the_day_and_the_sites_choice() -> None:
    assert signature_form(date(2026, 11, 21)).profile is NATIONAL
    assert signature_form(date(2026, 11, 21), CIRCULAR_2019.id).profile is CIRCULAR_2019
    assert "TT 01/2019" in signature_form(date(2026, 11, 21), CIRCULAR_2019.id).citation
    assert signature_form(date(2019, 12, 31)).profile is CIRCULAR_2019
    for profile, look in product((NATIONAL, CIRCULAR_2019), ("person", "agency_seal", "attachment", "copy")):
        assert getattr(profile, look).citation
    printed = replace(NATIONAL, time_pattern="%d/%m/%Y %H:%M:%S %z")
    assert printed.time(NOW) == "21/11/2026 09:00:00 +0700"


# --- joint documents -----------------------------------------------------------------------------------------


def test_two_agencies_sign_and_seal_one_document_each_in_its_own_block(
    draft: bytes, authority: Authority, seal_it: Sealer, pen: bytes, stamp: bytes, font: bytes
) -> None:
    """Văn bản liên tịch: all sign, the issuing agency numbers, the other one seals, the issuing one closes it."""
    left = Box(0, 90, SIGNATURE.y0, 230, SIGNATURE.y1)
    places = replace(PLACES, partners=(PartnerPlace(left, pades.seal_box_over(left)),))
    pdf = pades.prepare(draft, places, signers=["nguoi_ky_1"])
    person, agency = partner_fields(1)
    pdf = pades.sign(pdf, "nguoi_ky_1", authority.key("chu-tich"), signed_at=NOW, image=pen)
    with pytest.raises(errors.SealWithoutCompetentSignature):
        seal_it(pdf)
    numbering = {"number": "15", "issued_date": ISSUED, "font": font, "signed_at": NOW}
    with pytest.raises(errors.SealWithoutCompetentSignature):
        pades.give_number(pdf, authority.key("ubnd"), **numbering)  # type: ignore[arg-type]
    pdf = pades.sign(pdf, person, authority.key("chanh-vp"), signed_at=NOW, image=pen)
    with pytest.raises(errors.NotNumberedYet):
        pades.seal_partner(pdf, 1, authority.key("ubnd"), signed_at=NOW)
    pdf = pades.give_number(pdf, authority.key("ubnd"), **numbering)  # type: ignore[arg-type]
    with pytest.raises(errors.SealWithoutCompetentSignature):
        seal_it(pdf)
    pdf = pades.seal_partner(pdf, 1, authority.key("ubnd"), signed_at=NOW, seal_image=stamp)
    with pytest.raises(errors.NumberDiffers):
        seal_it(pdf, number="16")
    pdf = seal_it(pdf)
    report = pades.validate(pdf, authority.offline(), at=NOW)
    order = ["nguoi_ky_1", person, "cap_so", agency, "con_dau"]
    assert [item.field for item in report.signatures] == order and pades.fields_match(pdf, "15", ISSUED)
    assert report.signatures[-1].covers_whole_file
    assert all(item.verdict is not pades.Verdict.INVALID for item in report.signatures)
    picture = shown(pdf)
    middle = picture.width // 2
    assert reddest(picture.crop((0, 0, middle, picture.height)))
    assert reddest(picture.crop((middle, 0, picture.width, picture.height)))
