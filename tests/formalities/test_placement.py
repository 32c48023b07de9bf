"""The system finds by itself where number, date, signature and seal go on a draft."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from io import BytesIO

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formalities.papers import cropped, ink_in, paper, scanned, shifted, turned

from vanthu.demo import samples
from vanthu.errors import VanthuError
from vanthu.formalities.pdftext import PageText, UnreadablePdf, open_pdf, read_page
from vanthu.formalities.placement import FoundPlaces, find_places
from vanthu.formalities.reading import read_front_page
from vanthu.formalities.remarks import PlaceAlreadyFilled, PlaceNotFound
from vanthu.formalities.signerblock import find_signer_block
from vanthu.formalities.upright import SignedAlready, upright
from vanthu.pades.places import Box


def note_codes(found: FoundPlaces) -> set[str]:
    return {note.code for note in found.notes}


def moved(box: Box, x: float, y: float) -> tuple[float, ...]:
    return tuple(round(value, 1) for value in (box.x0 + x, box.y0 + y, box.x1 + x, box.y1 + y))


SAMPLES = {
    "quyết định": samples.quyet_dinh,
    "công văn": samples.cong_van,
    "báo cáo": samples.bao_cao,
    "tờ trình": samples.to_trinh,
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_places_on_sample_documents_are_free_of_ink(kind: str) -> None:
    pdf = SAMPLES[kind]()
    places = find_places(pdf).places
    assert ink_in(pdf, places.number.box) == 0
    assert ink_in(pdf, places.signature) == 0


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_blanks_for_day_and_month_are_wide_enough_and_free(kind: str) -> None:
    pdf = SAMPLES[kind]()
    date = find_places(pdf).places.date
    assert date.day_x is not None and date.month_x is not None and date.year_x is None
    for centre in (date.day_x, date.month_x):
        blank = Box(0, centre - 7, date.box.y0, centre + 7, date.box.y1)
        assert date.box.x0 <= blank.x0 and blank.x1 <= date.box.x1
        assert ink_in(pdf, blank) == 0


def test_the_places_stand_where_the_decree_puts_them() -> None:
    places = find_places(paper()).places
    width, height = 595, 842
    assert places.number.box.x1 < width / 2 and places.number.box.y0 > height * 0.8
    assert places.date.box.x0 > width / 2 and places.date.box.y0 > height * 0.8
    assert places.number.font_size == pytest.approx(13)
    assert places.signature.x0 > width / 2
    assert places.seal.x0 < places.signature.x0 < places.seal.x1 < places.signature.x1


def test_the_signature_stands_between_position_and_name() -> None:
    found = find_places(paper(position=("KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"), space=25))
    assert found.signer.position == ("KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG")
    assert found.signer.name == "Nguyễn Thị Bích Ngọc"
    assert 50 < found.places.signature.height < 25 * 72 / 25.4 + 20


def test_number_and_date_each_keep_their_own_baseline_and_size() -> None:
    level, lower = find_places(paper()).places, find_places(paper(drop=2)).places
    assert lower.date.baseline == pytest.approx(level.date.baseline - 2, abs=0.01)
    assert lower.number.baseline == pytest.approx(level.number.baseline)
    assert (lower.number.font_size, lower.date.font_size) == pytest.approx((13, 14))


def test_a_year_left_blank_is_a_third_gap_right_of_the_word() -> None:
    date = find_places(paper(date="Hà Tĩnh, ngày         tháng         năm")).places.date
    assert date.day_x and date.month_x and date.year_x
    assert date.day_x < date.month_x < date.year_x
    assert date.box.x1 > date.year_x + 12


def test_a_year_that_ran_over_to_the_next_line_is_accepted_with_a_remark() -> None:
    found = find_places(paper(date="Hà Tĩnh, ngày         tháng         \nnăm 2026"))
    date = found.places.date
    assert date.day_x and date.month_x and date.year_x is None
    assert date.month_x + 7 <= date.box.x1
    assert "DATE_WRAPPED" in note_codes(found)
    assert found.confidence["date"] < 1


def test_a_year_blank_on_the_next_line_has_no_place() -> None:
    with pytest.raises(PlaceNotFound) as caught:
        find_places(paper(date="Hà Tĩnh, ngày         tháng         \nnăm"))
    assert caught.value.missing == ("date",)


def test_dots_are_read_as_blanks() -> None:
    found = find_places(paper("Số: ………/TB-VP", "Hà Tĩnh, ngày ..... tháng ..... năm 2026"))
    assert found.places.date.day_x and found.places.date.month_x
    assert found.confidence["number"] == 1.0


def test_a_printed_month_stays_as_it_is() -> None:
    found = find_places(paper(date="Hà Tĩnh, ngày         tháng 11 năm 2026"))
    assert found.places.date.day_x is not None
    assert found.places.date.month_x is None
    assert "DATE_PARTLY_PRINTED" in note_codes(found)


@pytest.mark.parametrize("number", ["Số: 15/TB-VP", "Số: 15 /TB-VP"])
def test_a_number_typed_by_the_drafter_is_refused(number: str) -> None:
    with pytest.raises(PlaceAlreadyFilled) as caught:
        find_places(paper(number))
    assert caught.value.filled == "number"
    assert "15" in str(caught.value)


def test_a_date_typed_by_the_drafter_is_refused() -> None:
    with pytest.raises(PlaceAlreadyFilled) as caught:
        find_places(paper(date="Hà Tĩnh, ngày 05 tháng 01 năm 2026"))
    assert caught.value.filled == "date"


def test_a_number_blank_that_is_too_narrow_is_pointed_out() -> None:
    assert "NUMBER_GAP_NARROW" in note_codes(find_places(paper("Số: /TB-VP")))


def test_a_legal_normative_number_leaves_its_year_alone() -> None:
    pdf = paper("Số:             /2026/QĐ-UBND")
    assert ink_in(pdf, find_places(pdf).places.number.box) == 0


def test_the_block_is_found_on_the_last_of_many_pages() -> None:
    assert find_places(paper(pages=12)).places.signature.page == 11


def test_annex_pages_behind_the_block_do_not_distract() -> None:
    found = find_places(paper(pages=2, annex=True))
    assert found.signer.page == 1
    assert found.signer.name == "Nguyễn Thị Bích Ngọc"


def test_a_long_decision_with_its_annex_table_in_the_same_file() -> None:
    many = tuple(
        f"Điều {n}. Cơ quan, đơn vị thực hiện nhiệm vụ thứ {n} theo phân công./." for n in range(1, 60)
    )
    pdf = samples.quyet_dinh(paragraphs=many, annexes=(samples.AnnexTable(title="DANH MỤC NHIỆM VỤ"),))
    found = find_places(pdf)
    assert found.signer.name == "Lê Quang Thắng"
    assert found.signer.page >= 2


def test_the_wanted_signer_is_chosen_and_another_printed_name_is_pointed_out() -> None:
    pdf = paper(name="TS. Nguyễn Thị Bích Ngọc")
    assert "SIGNER_NAME_DIFFERS" not in note_codes(find_places(pdf, signer_name="NGUYỄN THỊ BÍCH NGỌC"))
    assert "SIGNER_NAME_DIFFERS" in note_codes(find_places(pdf, signer_name="Trần Văn Minh"))


def test_a_remark_where_the_signature_goes_does_not_move_it_off() -> None:
    with_remark = find_places(paper(space=10, remark="(Chữ ký, dấu)")).places.signature
    assert with_remark.height > 30


def test_a_post_held_elsewhere_is_printed_under_the_signature() -> None:
    pdf = paper(position=("TM. BAN CHỈ ĐẠO", "TRƯỞNG BAN"), other_post="PHÓ CHỦ TỊCH UBND TỈNH", space=25)
    found = find_places(pdf)
    assert found.signer.position == ("TM. BAN CHỈ ĐẠO", "TRƯỞNG BAN")
    assert found.places.signature.height > 50
    assert ink_in(pdf, found.places.signature) == 0


def test_a_short_name_is_a_name() -> None:
    found = find_places(paper(position=("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"), name="Đỗ Văn A"))
    assert found.signer.name == "Đỗ Văn A"


def test_a_long_name_beside_a_full_line_of_recipients_is_found() -> None:
    """Two columns of a table, only the cells' padding between the words."""
    name = "Tôn Nữ Hoàng Thị Ngọc Quỳnh Hương"
    pdf = paper(name=name, beside="- Trung tâm Công báo, Báo và Phát thanh, truyền hình;")
    rows = [line.text for line in read(pdf).lines if name in line.text]
    assert rows != [name], "the sample shows both on one line"
    found = find_places(pdf)
    assert found.signer.name == name
    assert ink_in(pdf, found.places.signature) == 0


def read(pdf: bytes) -> PageText:
    with open_pdf(pdf) as document:
        return read_page(document, 0)


def test_landscape_pages() -> None:
    found = find_places(paper(landscape=True))
    assert found.places.signature.x0 > 842 / 2
    assert found.turned_pages == frozenset()


def test_cropping_a_page_moves_nothing() -> None:
    assert find_places(cropped(paper(), (20, 30, 580, 830))).places == find_places(paper()).places


def test_a_sheet_with_another_origin_moves_everything_along() -> None:
    plain, other = find_places(paper()).places, find_places(shifted(paper(), 100, -50)).places
    assert moved(other.signature, 0, 0) == moved(plain.signature, 100, -50)
    assert moved(other.number.box, 0, 0) == moved(plain.number.box, 100, -50)


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_turned_pages_have_their_boxes_over_the_same_words(angle: int) -> None:
    plain, found = find_places(paper()), find_places(turned(paper(), angle))
    assert found.turned_pages == {0}
    assert "PAGE_TURNED" in note_codes(found)
    box, upright_box = found.places.signature, plain.places.signature
    sides = (box.width, box.height) if angle == 180 else (box.height, box.width)
    assert sides == pytest.approx((upright_box.width, upright_box.height), abs=0.5)


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_setting_turned_pages_upright_gives_the_places_of_the_plain_document(angle: int) -> None:
    plain, found = find_places(paper()), find_places(upright(turned(paper(), angle)))
    assert found.turned_pages == frozenset()
    for box, expected in (
        (found.places.signature, plain.places.signature),
        (found.places.number.box, plain.places.number.box),
    ):
        assert moved(box, 0, 0) == pytest.approx(moved(expected, 0, 0), abs=0.2)
    assert found.places.date.day_x == pytest.approx(plain.places.date.day_x, abs=0.2)


def test_upright_documents_come_back_byte_for_byte() -> None:
    assert upright(paper()) is paper()


def test_a_signed_file_is_not_set_upright() -> None:
    with pikepdf.open(BytesIO(turned(paper(), 90))) as document:
        document.Root.AcroForm = pikepdf.Dictionary(SigFlags=3, Fields=pikepdf.Array())
        target = BytesIO()
        document.save(target)
    with pytest.raises(SignedAlready):
        upright(target.getvalue())


def test_decomposed_vietnamese_is_read_like_composed() -> None:
    pdf = paper(
        unicodedata.normalize("NFD", "Số:             /QĐ-UBND"),
        unicodedata.normalize("NFD", "Hà Tĩnh, ngày         tháng         năm 2026"),
        position=(unicodedata.normalize("NFD", "GIÁM ĐỐC"),),
        name=unicodedata.normalize("NFD", "Nguyễn Văn Đức"),
    )
    found = find_places(pdf)
    assert found.signer.name == "Nguyễn Văn Đức"
    assert found.places.date.day_x and found.places.date.month_x


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(PlaceNotFound) as caught:
        find_places(paper("Kính gửi", "Hà Tĩnh", block=False))
    assert caught.value.missing == ("number", "date", "signature")
    assert caught.value.code == "PLACE_NOT_FOUND"


def test_a_date_in_the_body_is_not_taken_for_the_date_of_issue() -> None:
    with pytest.raises(PlaceNotFound) as caught:
        find_places(paper(date="Hà Tĩnh"))
    assert caught.value.missing == ("date",)


def test_a_scan_without_words_says_so() -> None:
    with pytest.raises(PlaceNotFound) as caught:
        find_places(scanned(paper()))
    assert not caught.value.has_text
    assert "bản quét" in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"not a pdf", b"%PDF-1.7\n" + b"\x00" * 2000])
def test_what_is_no_pdf_is_reported_as_such(data: bytes) -> None:
    with pytest.raises(UnreadablePdf):
        find_places(data)


@given(st.lists(st.tuples(st.integers(0, 40_000), st.binary(min_size=1, max_size=8)), max_size=20))
@settings(max_examples=60, deadline=None)
def test_a_damaged_file_never_brings_the_reader_down(damage: list[tuple[int, bytes]]) -> None:
    data = bytearray(paper())
    for place, wrong in damage:
        start = place % len(data)
        data[start : start + len(wrong)] = wrong
    for read in (find_places, read_front_page, upright):
        with suppress(VanthuError):
            read(bytes(data))


def test_the_signer_can_be_read_without_looking_for_blanks() -> None:
    block = find_signer_block(paper("Số: 15/TB-VP", "Hà Tĩnh, ngày 05 tháng 01 năm 2026"))
    assert block is not None
    assert block.position == ("CHÁNH VĂN PHÒNG",)
