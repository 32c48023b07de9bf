"""Who may sign what: the law's cases, decided without a database (NĐ 30/2020 Đ13)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from vanthu.legal.authority import PREFIX_RULES, Prefix
from vanthu.signing.authority_rules import (
    AuthorityData,
    AuthorityIncomplete,
    Block,
    BlockDiffers,
    Given,
    NoAuthority,
    Paper,
    Standing,
    by_post,
    choose,
    differences,
    require_block,
    require_complete,
)

TODAY = date(2026, 11, 19)
LETTER, DECISION = Paper("CONG_VAN", "u1"), Paper("QUYET_DINH", "u1")
NORMATIVE = Paper("QUYET_DINH_QPPL", "u1")
HEAD = Standing(True, "TM. ỦY BAN NHÂN DÂN")
DEPUTY = Standing(True, "KT. CHỦ TỊCH")
UNIT_HEAD = Standing(False, "TL. CHỦ TỊCH")
BY_ORDER = Given(Prefix.TL, "Quy chế 12/QC-UBND", frozenset({"CONG_VAN"}), since=date(2026, 1, 1))
DELEGATED = Given(
    Prefix.TUQ, "Văn bản 3/UQ-UBND", frozenset({"CONG_VAN"}), since=TODAY, until=TODAY + timedelta(days=9)
)


def signs(givens: tuple[Given, ...], paper: Paper, on: date = TODAY, block: Block | None = None) -> Prefix:
    return choose(givens, paper, on, block, "Trần Văn Nam").prefix


def test_head_signs_everything_and_a_deputy_in_the_heads_place_until_the_head_fixes_the_fields() -> None:
    assert signs(by_post(HEAD, ()), NORMATIVE) is Prefix.TM
    assert signs(by_post(DEPUTY, ()), NORMATIVE) is Prefix.KT
    fixed = Given(Prefix.KT, "Thông báo 4/TB-UBND", frozenset({"CONG_VAN"}), frozenset({"u1"}))
    both = (fixed, *by_post(DEPUTY, (fixed,)))
    assert signs(both, LETTER) is Prefix.KT
    for paper, why in ((DECISION, "không gồm loại"), (Paper("CONG_VAN", "u2"), "đơn vị")):
        with pytest.raises(NoAuthority, match=why):
            signs(both, paper)


def test_unit_head_signs_nothing_without_a_writing_and_only_what_it_names() -> None:
    assert by_post(UNIT_HEAD, ()) == ()
    with pytest.raises(NoAuthority, match="không có văn bản giao ký"):
        signs((), LETTER)
    assert signs((BY_ORDER,), LETTER) is Prefix.TL
    with pytest.raises(NoAuthority, match="không gồm loại"):
        signs((BY_ORDER,), NORMATIVE)


@for_all(days=st.integers(-400, 400))
def test_a_delegation_holds_from_its_first_to_its_last_day(days: int) -> None:
    on = TODAY + timedelta(days=days)
    if 0 <= days <= 9:
        assert signs((DELEGATED,), LETTER, on) is Prefix.TUQ
    else:
        with pytest.raises(NoAuthority, match="hết hạn từ 28/11/2026" if days > 9 else "chưa có hiệu lực"):
            signs((DELEGATED,), LETTER, on)


def test_a_units_deputy_signs_within_the_order_and_no_longer_than_it() -> None:
    passed_on = Given(Prefix.KT, "Phân công 1/PC-VP", frozenset({"CONG_VAN"}), since=TODAY, under=BY_ORDER)
    assert signs((passed_on,), LETTER) is Prefix.KT
    over = Given(Prefix.KT, "Phân công 1/PC-VP", since=TODAY, under=Given(Prefix.TL, "QC", ended=True))
    with pytest.raises(NoAuthority, match="đã kết thúc"):
        signs((over,), LETTER)
    with pytest.raises(NoAuthority, match="không gồm loại"):
        signs((Given(Prefix.KT, "PC", since=TODAY, under=BY_ORDER),), DECISION)


def test_the_page_decides_between_two_authorities_and_must_print_the_one_used() -> None:
    block = Block(("TUQ. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"), "Trần Văn Nam")
    chosen = choose((BY_ORDER, DELEGATED), LETTER, TODAY, block, "Trần Văn Nam")
    assert chosen is DELEGATED
    require_block(block, chosen, name="Trần Văn Nam", position="Chánh Văn phòng")
    with pytest.raises(BlockDiffers, match=r"“TUQ\.”, thẩm quyền là “TL\.”"):
        require_block(block, BY_ORDER, name="Trần Văn Nam", position="Chánh Văn phòng")
    with pytest.raises(BlockDiffers, match="họ tên"):
        require_block(block, chosen, name="Trần Văn Bắc", position="Chánh Văn phòng")
    found = differences(block, chosen, name="TS. Trần Văn Nam", position="Phó Chánh Thanh tra")
    assert [one.refuses for one in found] == [False]


@pytest.mark.parametrize(
    ("competence", "lines", "fits"),
    [
        ("TM. ỦY BAN NHÂN DÂN", ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"), True),
        ("TM. ỦY BAN NHÂN DÂN", ("CHỦ TỊCH",), True),
        ("TM. ỦY BAN NHÂN DÂN", ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"), False),
        ("KT. CHỦ TỊCH", ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"), True),
        ("KT. CHỦ TỊCH", ("PHÓ CHỦ TỊCH",), False),
        ("Q. GIÁM ĐỐC", ("Q. GIÁM ĐỐC",), True),
        ("", ("GIÁM ĐỐC",), True),
        ("", ("TL. GIÁM ĐỐC", "CHÁNH VĂN PHÒNG"), False),
    ],
)
def test_what_may_stand_in_the_block(competence: str, lines: tuple[str, ...], fits: bool) -> None:
    (one,) = by_post(Standing(True, competence), ())
    assert (Block(lines, "A B").prefixes in one.blocks) is fits


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"basis": " "}, "văn bản giao ký"),
        ({"until": None}, "phải có thời hạn"),
        ({"scope": ""}, "giới hạn nội dung"),
        ({"type_codes": ()}, "nêu loại văn bản"),
        ({"type_codes": ("NGHI_QUYET_QPPL",)}, "quy phạm pháp luật"),
        ({"until": date(2026, 1, 1)}, "đứng trước"),
        ({"prefix": Prefix.TM}, "theo chức vụ"),
        ({"prefix": Prefix.KT}, "cấp phó"),
    ],
)
def test_a_delegation_says_everything_that_the_decree_asks(changed: dict[str, object], why: str) -> None:
    entered = {
        "post_id": "p",
        "prefix": Prefix.TUQ,
        "basis": "Văn bản 3/UQ-UBND ngày 01/11/2026",
        "since": date(2026, 11, 1),
        "until": date(2026, 12, 1),
        "type_codes": ("CONG_VAN",),
        "scope": "Công tác văn thư",
    }
    require_complete(AuthorityData(**entered), holder=UNIT_HEAD, giver_prefix=Prefix.TM, under=None)  # type: ignore[arg-type]
    data = AuthorityData(**{**entered, **changed})  # type: ignore[arg-type]
    with pytest.raises(AuthorityIncomplete, match=why):
        require_complete(data, holder=UNIT_HEAD, giver_prefix=Prefix.TM, under=None)


def test_what_was_delegated_is_not_delegated_again() -> None:
    data = AuthorityData("p", Prefix.KT, "Phân công 1/PC", TODAY, type_codes=("CONG_VAN",))
    for above in (DELEGATED, Given(Prefix.KT, "TB 4")):
        with pytest.raises(AuthorityIncomplete, match="chỉ người được ký thừa lệnh"):
            require_complete(data, holder=UNIT_HEAD, giver_prefix=above.prefix, under=above)
    with pytest.raises(AuthorityIncomplete, match="không được ủy quyền lại"):
        require_complete(data, holder=DEPUTY, giver_prefix=Prefix.KT, under=None)
    assert PREFIX_RULES[Prefix.TUQ].passed_to == ()
