"""Marks of state secrecy are found; ordinary words that look like them are not."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanthu.formalities.secrecy import LAW, Described, MarkPlace, SecrecyLevel, find_marks

SECRET, TOP, ABSOLUTE = SecrecyLevel.SECRET, SecrecyLevel.TOP_SECRET, SecrecyLevel.ABSOLUTE_SECRET


@pytest.mark.parametrize(
    ("subject", "level"),
    [
        ("MẬT - Về việc bố trí lực lượng", SECRET),
        ("MẬT: Kế hoạch bảo vệ mục tiêu", SECRET),
        ("(MẬT) Kế hoạch bảo vệ mục tiêu", SECRET),
        ("[Mật] Kế hoạch", SECRET),
        ("Kế hoạch bảo vệ mục tiêu (độ mật)", SECRET),
        ("Kế hoạch bảo vệ mục tiêu (Mật)", SECRET),
        ("Kế hoạch bảo vệ mục tiêu - MẬT", SECRET),
        ("(MAT) Ke hoach", SECRET),
        ("Báo cáo. Độ mật: Mật", SECRET),
        ("TỐI MẬT - Phương án tác chiến", TOP),
        ("TỐI  MẬT. Phương án tác chiến", TOP),
        ("TOI MAT: phuong an", TOP),
        ("Phương án tác chiến (tối mật)", TOP),
        ("TUYỆT MẬT – Phương án", ABSOLUTE),
        ("[TUYET MAT] Phuong an", ABSOLUTE),
        ("TUYỆT MẬT", ABSOLUTE),
        ("TUYỆT MẬT Phương án tác chiến", ABSOLUTE),
        ("Tối mật: phương án tác chiến", TOP),
        ("MẬT. Phụ lục: TUYỆT MẬT", ABSOLUTE),
        # words, not marks
        ("Về việc hỗ trợ hộ nuôi ong lấy mật ong", None),
        ("MẬT ONG RỪNG VÀ SẢN PHẨM CHỦ LỰC", None),
        ("Mật ong Hương Sơn được cấp chỉ dẫn địa lý", None),
        ("Về bảo vệ bí mật kinh doanh của doanh nghiệp", None),
        ("Ban hành danh mục bí mật nhà nước độ Tối mật", None),
        ("Triển khai Luật Bảo vệ bí mật nhà nước", None),
        ("QUY ĐỊNH QUẢN LÝ TÀI LIỆU TỐI MẬT TRONG CƠ QUAN", None),
        ("Tối mật hóa kênh truyền: phương án kỹ thuật", None),
        ("Hướng dẫn đổi mật khẩu thư công vụ", None),
        ("Mật độ dân số năm 2026", None),
        ("Mật mã dân sự: cấp phép kinh doanh", None),
        ("Tăng độ bảo mật: mật khẩu tối thiểu 12 ký tự", None),
        ("Thanh toán không dùng tiền (mặt)", None),
        ("Mất, hỏng tài sản công", None),
        ("Về việc họp giao ban tháng 11", None),
        ("", None),
    ],
)
def test_the_mark_in_a_subject_is_told_from_the_word(subject: str, level: SecrecyLevel | None) -> None:
    for text in (subject, unicodedata.normalize("NFD", subject)):
        marks = find_marks(Described(subject=text))
        assert [mark.level for mark in marks] == ([level] if level else []), text


@pytest.mark.parametrize(
    ("notation", "level"),
    [
        ("15/BC-UBND-M", SECRET),
        ("15/BC-UBND(M)", SECRET),
        ("15/BC-UBND/M", SECRET),
        ("15/CV-MẬT", SECRET),
        ("15/BC-UBND-ToM", TOP),
        ("15/BC-UBND (TM)", TOP),
        ("15/BC-UBND-M/TM", TOP),
        ("15/BC-UBND-TuM", ABSOLUTE),
        ("7816/VPCP-TTĐT", None),
        ("15/SCT-TM", None),
        ("15/UBND-TM", None),
        ("15/UBND-KTTM", None),
        ("15/QĐ-BVTM", None),
        ("33/2019/QĐ-UBND", None),
        ("15/TB-MTTQ", None),
        ("15/MTTQ-BTT", None),
        ("15/KH-BCM", None),
    ],
)
def test_the_sign_behind_number_and_notation(notation: str, level: SecrecyLevel | None) -> None:
    assert [mark.level for mark in find_marks(Described(notation=notation))] == ([level] if level else [])


@pytest.mark.parametrize(
    ("value", "level"),
    [
        ("Mật", SECRET),
        ("Tối mật", TOP),
        ("Độ mật: Tuyệt mật", ABSOLUTE),
        ("Tài liệu mật", SECRET),
        ("TUYET MAT", ABSOLUTE),
        ("Lưu hành nội bộ", None),
        ("Không mật", None),
        ("Thường", None),
        ("Bảo mật nội bộ", None),
        ("0", None),
    ],
)
def test_a_field_that_is_nothing_but_the_mark(value: str, level: SecrecyLevel | None) -> None:
    for described, place in (
        (Described(sphere=value), MarkPlace.SPHERE),
        (Described(declared=(value,)), MarkPlace.DECLARED),
    ):
        assert [(mark.place, mark.level) for mark in find_marks(described)] == (
            [(place, level)] if level else []
        )


def test_names_of_files_are_looked_at_and_the_highest_mark_stands_first() -> None:
    marks = find_marks(
        Described(
            subject="MẬT - Về việc họp",
            attachment_names=("ke hoach.pdf", "TUYỆT MẬT_phu luc.pdf", "mật ong.pdf"),
        )
    )
    assert [(mark.place, mark.level) for mark in marks] == [
        (MarkPlace.ATTACHMENT, ABSOLUTE),
        (MarkPlace.SUBJECT, SECRET),
    ]
    assert all(LAW in mark.citation for mark in marks)


def test_a_mark_never_repeats_the_text_it_was_found_in() -> None:
    marks = find_marks(Described(subject="MẬT - tên chiến dịch hoa ban"))
    assert "hoa ban" not in repr(marks)


@given(st.text(max_size=500))
def test_any_text_is_looked_at_without_failing(text: str) -> None:
    find_marks(
        Described(subject=text, notation=text, sphere=text, declared=(text,), attachment_names=(text,))
    )


def test_long_hostile_text_takes_no_time() -> None:
    for text in ("(" * 50_000, " " * 200_000 + "x", "do mat " * 20_000, "- " * 50_000, "MẬT" * 30_000):
        find_marks(Described(subject=text, notation=text, sphere=text))
