"""An agency's way onto the axis: surveyed, connected, tried by real traffic, live (QĐ 28/2018)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.axis.axis_parts import Axis, document, status
from tests.axis.relay_parts import relay

from vanthu.axis import actions, jobs, queries, rules, trials
from vanthu.axis.errors import TrialNotPassed
from vanthu.axis.models import Area, AxisAgency, Gap, NoteKind, Stage, TrialItem
from vanthu.base import clock
from vanthu.evidence import verify_refusal
from vanthu.vxp import VxpRefused


def agency(code: str = "H37.05") -> AxisAgency:
    found = queries.agency_by_code(code)
    assert found is not None
    return found


def take_over(axis: Axis, system_id: str) -> None:
    for kind in ("edoc", "status"):
        for row in axis.client(system_id).received(kind):
            axis.client(system_id).update_status(row.doc_id, "done")


def everything(axis: Axis) -> None:
    """What a trial of H37.05 asks for, with H27.01 as its partner; it counts from the first call on."""
    axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    take_over(axis, "H37")
    own = document(sender="H37.05", to=("H27.01",), document_id="own")
    axis.district.send_edoc(own, sender="H37.05", message_type="edoc")
    recall = document(sender="H37.05", to=("H27.01",), document_id="own", business=1)
    axis.district.send_edoc(recall, sender="H37.05", message_type="edoc")
    for code in ("01", "02", "03", "04", "05", "06", "15"):
        axis.district.send_edoc(status(code=code), sender="H37.05", message_type="status")
    answer = status(sender="H27.01", to="H37.05")
    axis.province.send_edoc(answer, sender="H27.01", message_type="status")
    take_over(axis, "H37")


def test_the_first_call_of_its_system_connects_a_ready_agency(axis: Axis) -> None:
    jobs.look_at_trials()
    assert agency().stage == Stage.READY
    own = document(sender="H37.05", to=("H27.01",), document_id="own")
    axis.district.send_edoc(own, sender="H37.05", message_type="edoc")
    jobs.look_at_trials()
    assert agency().stage == Stage.CONNECTED
    [passed] = agency().trial_passes.all()
    assert passed.item == TrialItem.SEND, "what came before anybody looked counts too"


def test_a_trial_ticks_itself_off_from_real_traffic_and_only_then_the_agency_goes_live(axis: Axis) -> None:
    axis.district.count("edoc")
    jobs.look_at_trials()
    with pytest.raises(TrialNotPassed, match="Gửi văn bản; Nhận và xác nhận văn bản"):
        actions.go_live("H37.05")
    axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    take_over(axis, "H37")
    jobs.look_at_trials()
    assert set(agency().trial_passes.values_list("item", flat=True)) == {TrialItem.RECEIVE.value}
    everything(axis)
    jobs.look_at_trials()
    assert agency().stage == Stage.TRIAL_PASSED
    assert rules.missing_items(set(agency().trial_passes.values_list("item", flat=True))) == []
    actions.go_live("H37.05")
    assert agency().stage == Stage.LIVE
    assert agency("H27.01").stage != Stage.TRIAL_PASSED, "the partner showed less"


@pytest.mark.parametrize("item", list(TrialItem))
def test_no_item_of_the_trial_can_be_left_out(item: TrialItem) -> None:
    passed = {other.value for other in TrialItem if other != item}
    waiting = AxisAgency(code="A", stage=Stage.TRIAL_PASSED)
    with pytest.raises(TrialNotPassed):
        rules.check_live(waiting, passed)
    rules.check_live(waiting, passed | {item.value})


def test_looking_again_changes_nothing(axis: Axis) -> None:
    everything(axis)
    for _ in range(3):
        jobs.look_at_trials()
    assert agency().trial_passes.count() == len(TrialItem)


def test_a_trial_begun_anew_counts_only_what_comes_after(axis: Axis) -> None:
    everything(axis)
    jobs.look_at_trials()
    jobs.look_at_trials()
    actions.restart_trial("H37.05")
    jobs.look_at_trials()
    assert agency().stage == Stage.CONNECTED
    assert not agency().trial_passes.exists()


def test_a_survey_opens_gaps_and_the_next_one_closes_them(axis: Axis) -> None:
    actions.record_survey("H37.05", {Area.SECURITY: "chưa có chứng thư số", Area.TECHNOLOGY: "phần mềm cũ"})
    assert agency().stage == Stage.NOT_READY
    axis.district.count("edoc")
    jobs.look_at_trials()
    assert agency().stage == Stage.NOT_READY, "a call alone makes nobody ready"
    actions.note_care(
        "H37.05", NoteKind.SUPPORT, "Hướng dẫn xin chứng thư", clock.today() + timedelta(days=7)
    )
    actions.record_survey("H37.05", {Area.SECURITY: "đang chờ cấp"})
    assert list(agency().gaps.filter(closed_at=None).values_list("area", "lack")) == [
        ("SECURITY", "đang chờ cấp")
    ]
    actions.record_survey("H37.05", {})
    assert agency().stage == Stage.READY
    assert not Gap.objects.filter(closed_at=None).exists()
    assert [note.kind for note in agency().care_notes.all()] == ["SURVEY", "SURVEY", "SUPPORT", "SURVEY"]


def test_a_connected_agency_without_traffic_is_pointed_out(axis: Axis) -> None:
    axis.province.count("edoc")
    jobs.look_at_trials()
    axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    jobs.note_traffic()
    assert trials.silent(3) == []
    with clock.frozen(clock.now() + timedelta(days=4)):
        assert "H27.01" in {found.code for found in trials.silent(3)}


def refused(send: Callable[[], object]) -> VxpRefused:
    with pytest.raises(VxpRefused) as error:
        send()
    assert error.value.error_code == "23", "of the recipients named, so that the others can be sent to alone"
    return error.value


def test_who_is_not_live_tries_with_others_on_the_way_and_with_partners_only(axis: Axis) -> None:
    """H27.01 is live, H27.02 a trial partner that is live, H37.05 on its way, H27 surveyed as not ready."""
    actions.carry_over("H27.01", "đã liên thông qua trục cũ, QĐ 12/2025")
    actions.carry_over("H27.02", "đã liên thông qua trục cũ, QĐ 12/2025")
    actions.record_survey("H27", {Area.SECURITY: "chưa có chứng thư số"})
    relay_province, own = relay(axis, "H27"), document(sender="H37.05", to=("H27.01",), document_id="own")

    def to_live() -> object:
        return axis.district.send_edoc(own, sender="H37.05", message_type="edoc")

    told = refused(lambda: relay_province.send_edoc(document(), sender="H27.01", message_type="edoc"))
    assert "Đơn vị nhận chưa trao đổi chính thức qua trục: H37.05. Hãy gửi bản giấy" in told.error_desc
    assert verify_refusal(told.receipt, axis.keys()).code == "AXIS_RECEIVER_NOT_LIVE"
    assert "(giai đoạn: Sẵn sàng), không gửi được tới H27.01." in refused(to_live).error_desc
    actions.set_trial_partner("H27.02", partner=True)
    told = refused(to_live)
    assert "và tới đối tác thử nghiệm Sở Tài chính (H27.02)." in told.error_desc
    assert verify_refusal(told.receipt, axis.keys()).code == "AXIS_SENDER_NOT_LIVE"

    own = document(sender="H37.05", to=("H27.02",), document_id="own")
    to_live()
    axis.province.send_edoc(
        document(sender="H27.02", document_id="trả lời"), sender="H27.02", message_type="edoc"
    )
    refused(
        lambda: axis.province.send_edoc(
            document(sender="H27", document_id="x"), sender="H27", message_type="edoc"
        )
    )


def test_what_continues_an_official_exchange_goes_through_whatever_the_stage(axis: Axis) -> None:
    for code in ("H27.01", "H37.05"):
        actions.carry_over(code, "trục cũ")
    axis.province.send_edoc(document(document_id="d"), sender="H27.01", message_type="edoc")
    actions.restart_trial("H37.05")
    axis.district.send_edoc(status(), sender="H37.05", message_type="status")
    recall = document(document_id="d", business=1)
    axis.province.send_edoc(recall, sender="H27.01", message_type="edoc")
    refused(
        lambda: axis.province.send_edoc(document(document_id="mới"), sender="H27.01", message_type="edoc")
    )


def test_agencies_behind_another_axis_are_that_axis_concern(axis: Axis) -> None:
    actions.carry_over("H27.01", "trục cũ")
    refused(lambda: axis.province.send_edoc(document(), sender="H27.01", message_type="edoc"))
    actions.set_member_axis("H37", is_axis=True)
    axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")


def test_the_list_says_how_far_an_agency_is(axis: Axis) -> None:
    before = max(row.version for row in axis.province.units())
    actions.record_survey("H37.05", {Area.INTERCONNECTION: "chưa có đường truyền"})
    [row] = axis.province.units(newer_than=before)
    assert (row.code, row.stage) == ("H37.05", "NOT_READY")
