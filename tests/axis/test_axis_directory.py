"""The agency list: what members may read and change, and how a copy is kept up to date."""

from __future__ import annotations

import pytest
from tests.axis.axis_parts import Axis, document

from vanthu.axis import actions, queries
from vanthu.axis.errors import CodeTaken, EntryWrong
from vanthu.vxp import VxpRefused


def codes(axis: Axis) -> set[str]:
    return {row.code for row in axis.district.agencies()}


def test_every_member_sees_the_whole_list_with_earlier_codes(axis: Axis) -> None:
    rows = {row.code: row for row in axis.province.agencies()}
    assert set(rows) == {"H27", "H27.01", "H27.02", "H37.05"}
    assert (rows["H37.05"].name, rows["H37.05"].old_code) == ("Sở Y tế", "000.00.05.H37")
    assert [row.code for row in axis.province.agencies_qd20(1)] == ["H27"]
    assert {row.code: row.old_code for row in axis.province.agencies_qd20(2)}["H37.05"] == "000.00.05.H37"


def test_a_member_registers_and_removes_agencies_below_its_own(axis: Axis) -> None:
    axis.province.register_agency(
        code="H27.99", name="Phòng Văn hóa", parent_code="H27", email="p@example.vn"
    )
    assert "H27.99" in codes(axis)
    axis.province.send_edoc(document(to=("H27.99",)), sender="H27.01", message_type="edoc")
    axis.province.register_agency(code="H27.99", name="Phòng Văn hóa và Thông tin")
    assert {row.name for row in axis.province.agencies()} >= {"Phòng Văn hóa và Thông tin"}
    axis.province.delete_agency("H27.99")
    assert "H27.99" not in codes(axis)
    with pytest.raises(VxpRefused) as refused:
        axis.province.send_edoc(
            document(to=("H27.99",), document_id="2"), sender="H27.01", message_type="edoc"
        )
    assert refused.value.error_code == "18"
    assert len(axis.province.received("edoc")) == 1, "what was accepted before is still handed over"


def test_a_member_cannot_touch_agencies_of_others(axis: Axis) -> None:
    for call in (
        lambda: axis.district.register_agency(code="H27.01", name="Giả mạo", parent_code="H37.05"),
        lambda: axis.district.register_agency(code="H27.50", name="Giả mạo", parent_code="H27"),
        lambda: axis.district.register_agency(code="H99", name="Giả mạo"),
        lambda: axis.district.delete_agency("H27.01"),
    ):
        with pytest.raises(VxpRefused) as refused:
            call()
        assert refused.value.error_code == "43"
    assert {row.name for row in axis.district.agencies() if row.code == "H27.01"} == {"Sở Nội vụ"}


@pytest.mark.parametrize("code", ["", "H27.01 phụ", "H27\x00", "H27\n.1", "H" * 36])
def test_a_code_that_nobody_could_write_is_taken_from_nobody(axis: Axis, code: str) -> None:
    with pytest.raises(VxpRefused) as refused:
        axis.province.register_agency(code=code, name="Phòng", parent_code="H27")
    assert refused.value.error_code == "40"
    with pytest.raises(EntryWrong):
        actions.put_agency(queries.member("H27"), actions.AgencyDetails(code=code, name="Phòng"))
    with pytest.raises(EntryWrong):
        actions.add_member(code, "Hệ thống")
    with pytest.raises(EntryWrong):
        actions.add_member("H28", " ")


def test_a_copy_asks_only_for_what_is_newer(axis: Axis) -> None:
    everything = axis.district.units()
    latest = max(row.version for row in everything)
    assert axis.district.units(newer_than=latest) == []
    axis.province.delete_agency("H27.02")
    [changed] = axis.district.units(newer_than=latest)
    assert (changed.code, changed.deleted, changed.center_code) == ("H27.02", True, "H27")


def test_after_a_merger_the_old_code_leads_to_the_successor(axis: Axis) -> None:
    axis.province.delete_agency("H27.02")
    with pytest.raises(CodeTaken):
        details = actions.AgencyDetails(code="H27.01", name="Sở Nội vụ", old_codes=("H37.05",))
        actions.put_agency(queries.member("H27"), details)
    details = actions.AgencyDetails(code="H27.01", name="Sở Nội vụ", old_codes=("000.00.01.H27",))
    actions.put_agency(queries.member("H27"), details)
    axis.province.send_edoc(document(to=("000.00.01.H27",)), sender="H27.01", message_type="edoc")
    assert len(axis.province.received("edoc")) == 1


def test_waiting_packets_follow_an_agency_to_its_new_member(axis: Axis) -> None:
    axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    actions.put_agency(queries.member("H27"), actions.AgencyDetails(code="H37.05", name="Sở Y tế"))
    assert axis.district.received("edoc") == []
    assert len(axis.province.received("edoc")) == 1
