"""Codes of three generations, agencies that cease to exist, and who gets their mail afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from tests.axis.axis_parts import Axis, document, status
from tests.axis.operator_parts import on_duty, text_of
from tests.axis.relay_parts import relay

from vanthu.audit import queries as audit
from vanthu.axis import actions, jobs, queries
from vanthu.axis.errors import AgencyUnknown, CodeTaken, SuccessionWrong
from vanthu.axis.models import AxisAgency, AxisDelivery, LogEntry
from vanthu.base import clock
from vanthu.vxp import VxpRefused

YESTERDAY = timedelta(days=1)


def add(member: str, code: str, name: str, *old_codes: str) -> None:
    details = actions.AgencyDetails(code=code, name=name, parent_code="H37", old_codes=old_codes)
    actions.put_agency(queries.member(member), details)


@pytest.fixture
def merged(axis: Axis) -> Axis:
    """Sở Y tế (H37.05) became part of Sở Y tế và Dân số (H37.15) yesterday."""
    add("H37", "H37.15", "Sở Y tế và Dân số")
    actions.merge_agency("H37.05", "H37.15", clock.today() - YESTERDAY)
    return axis


def test_a_packet_to_a_dissolved_agency_goes_to_its_successor_and_the_sender_is_told(merged: Axis) -> None:
    sent = merged.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    [notice] = sent.notices
    assert notice.code == "H37.05"
    assert "Sở Y tế (H37.05) đã thôi hoạt động từ ngày" in notice.text
    assert "Từ nay hãy gửi theo mã H37.15" in notice.text

    [row] = merged.district.received("edoc")
    assert row.recipient == "H37.15", "the successor's system knows its own code"
    merged.district.update_status(row.doc_id, "done")
    [told] = merged.province.sent(sent.doc_id)
    assert (told.recipient, told.receive_status) == ("H37.05", "done"), "the sender knows what it wrote"
    assert told.send_status_desc == "Da chuyen toi H37.15, co quan ke thua cua H37.05"


def test_the_evidence_names_both_codes(merged: Axis) -> None:
    merged.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    delivery = AxisDelivery.objects.get()
    assert (delivery.written_code, delivery.recipient_code) == ("H37.05", "H37.15")
    said = json.loads(LogEntry.objects.get(about=delivery.packet_id).content)
    assert said["successors"] == {"H37.05": "H37.15"}


def test_sent_again_the_packet_brings_the_same_notice(merged: Axis) -> None:
    first = merged.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    assert merged.province.send_edoc(document(), sender="H27.01", message_type="edoc") == first


def test_both_the_old_and_the_new_code_make_one_delivery(merged: Axis) -> None:
    packet = document(to=("H37.15", "H37.05"))
    sent = merged.province.send_edoc(packet, sender="H27.01", message_type="edoc")
    assert len(merged.district.received("edoc")) == 1
    assert len(sent.notices) == 1


def test_the_last_day_of_an_agency_is_its_own(axis: Axis) -> None:
    add("H37", "H37.15", "Sở Y tế và Dân số")
    actions.merge_agency("H37.05", "H37.15", clock.today())
    sent = axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    assert sent.notices == ()
    assert axis.district.received("edoc")[0].recipient == "H37.05"


def test_mergers_follow_one_another(merged: Axis) -> None:
    add("H37", "H37.25", "Sở Y tế mới")
    actions.merge_agency("H37.15", "H37.25", clock.today() - YESTERDAY)
    merged.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    assert merged.district.received("edoc")[0].recipient == "H37.25"


def test_a_dissolved_agency_without_successor_is_unknown(axis: Axis) -> None:
    agency = queries.agency_by_code("H37.05")
    assert agency is not None
    agency.valid_to = clock.today() - YESTERDAY
    agency.save()
    with pytest.raises(VxpRefused, match=r"H37\.05"):
        axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")


def test_an_agency_is_dissolved_in_two_steps_and_senders_read_by_which_decision(axis: Axis) -> None:
    operator, today = on_duty(), clock.today()
    address = "/axis/agencies/H37.05/dissolve/"
    axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    asked = {"last_day": today.isoformat(), "decision": "Quyết định 12/QĐ-UBND ngày 01/11/2026"}

    yesterday = operator.post(address, asked | {"last_day": (today - YESTERDAY).isoformat()})
    assert "không thể từ chối ngược lại" in yesterday.content.decode()
    review = text_of(operator.post(address, asked))
    assert "Bước 2: xác nhận" in review
    assert "1 gói tin đang chờ" in review
    assert operator.post(address, asked | {"typed": "H37.5"}).status_code == 422
    agency = queries.agency_by_code("H37.05")
    assert agency is not None
    assert agency.valid_to is None, "nothing is kept before the second step"

    said = text_of(operator.post(address, asked | {"typed": "H37.05"}, follow=True))
    assert f"giải thể sau ngày {today:%d/%m/%Y}" in said
    assert axis.province.send_edoc(document(document_id="x"), sender="H27.01", message_type="edoc").doc_id
    assert "Đã bỏ việc giải thể" in text_of(operator.post("/axis/agencies/H37.05/revive/", follow=True))

    actions.dissolve_agency("H37.05", today, asked["decision"])
    add("H37", "H37.04", "Trung tâm y tế cũ")
    actions.merge_agency("H37.04", "H37.05", today)
    AxisAgency.objects.filter(code__in=["H37.04", "H37.05"]).update(valid_to=today - YESTERDAY)
    for code in ("H37.05", "H37.04"):
        with pytest.raises(VxpRefused) as refused:
            axis.province.send_edoc(
                document(to=(code,), document_id=f"to {code}"), sender="H27.01", message_type="edoc"
            )
        assert refused.value.error_code == "18", "as for an unknown recipient: clients split it off"
        assert f"Sở Y tế ({code})" in str(refused.value)
        assert "Quyết định 12/QĐ-UBND" in str(refused.value)
        assert "bên gửi xác định cơ quan" in str(refused.value)
    assert axis.district.received("edoc"), "what waited before can still be fetched"
    late = operator.post("/axis/agencies/H37.05/revive/")
    assert (late.status_code, "không bỏ được nữa" in late.content.decode()) == (409, True)
    add("H37", "H37.15", "Sở Y tế và Dân số")
    actions.merge_agency("H37.05", "H37.15", today - YESTERDAY)
    sent = axis.province.send_edoc(document(document_id="y"), sender="H27.01", message_type="edoc")
    assert "H37.15" in sent.notices[0].text, "a successor may be named later"


def test_after_its_last_day_an_agency_sends_only_what_became_of_what_it_had(axis: Axis) -> None:
    own = document(sender="H37.05", to=("H27.01",), document_id="H37.05,1")
    received = axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    first = axis.district.send_edoc(own, sender="H37.05", message_type="edoc")
    add("H37", "H37.15", "Sở Y tế và Dân số")
    actions.merge_agency("H37.05", "H37.15", clock.today() - YESTERDAY)
    new = document(sender="H37.05", to=("H27.01",), document_id="H37.05,2")
    for door in (axis.district, relay(axis, "H37")):
        again = door.send_edoc(own, sender="H37.05", message_type="edoc")
        assert (again.doc_id, again.receipt) == (first.doc_id, first.receipt), "its answer may have been lost"
        with pytest.raises(VxpRefused) as refused:
            door.send_edoc(new, sender="H37.05", message_type="edoc")
        assert (refused.value.error_code, AxisDelivery.objects.count()) == ("19", 2)
        assert "Sở Y tế (H37.05) đã thôi hoạt động từ sau ngày" in str(refused.value)
        assert "cơ quan kế thừa: Sở Y tế và Dân số, mã H37.15" in str(refused.value)
    [waiting] = axis.district.received("edoc")
    assert axis.district.send_edoc(status(), sender="H37.05", message_type="status").doc_id != received.doc_id
    axis.district.update_status(waiting.doc_id, "done")
    follower = document(sender="H37.15", to=("H27.01",), document_id="H37.15,1")
    assert axis.district.send_edoc(follower, sender="H37.15", message_type="edoc").doc_id


def test_the_list_says_who_follows_whom(merged: Axis) -> None:
    codes = {row.code for row in merged.province.agencies()}
    assert "H37.15" in codes
    assert "H37.05" not in codes
    units = {row.code: row for row in merged.province.units()}
    assert (units["H37.05"].deleted, units["H37.05"].successor) == (True, "H37.15")
    assert (units["H37.15"].deleted, units["H37.15"].successor) == (False, "")


def test_a_merger_entered_by_mistake_is_taken_back(merged: Axis) -> None:
    actions.revive_agency("H37.05")
    sent = merged.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    assert sent.notices == ()
    assert merged.district.received("edoc")[0].recipient == "H37.05"


def test_nobody_succeeds_itself_however_long_the_way(merged: Axis) -> None:
    for into in ("H37.05", "H37.15"):
        with pytest.raises(SuccessionWrong):
            actions.merge_agency("H37.15", into, clock.today())
    with pytest.raises(AgencyUnknown):
        actions.merge_agency("H99", "H37.15", clock.today())


def test_a_code_out_of_force_still_arrives_and_the_sender_learns_the_new_one(axis: Axis) -> None:
    actions.change_code("H37.05", "H37.50", since=clock.today())
    sent = axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    [notice] = sent.notices
    assert "Mã H37.05 của Sở Y tế hết hiệu lực" in notice.text
    assert "H37.50" in notice.text
    new = document(to=("H37.50",), document_id="another")
    assert axis.province.send_edoc(new, sender="H27.01", message_type="edoc").notices == ()
    assert len(axis.district.received("edoc")) == 2


def test_children_follow_the_new_code_of_their_superior(axis: Axis) -> None:
    actions.change_code("H27", "H99", since=date(2026, 7, 1))
    agency = queries.agency_by_code("H27.01")
    assert agency is not None
    assert agency.parent_code == "H99"
    with pytest.raises(CodeTaken):
        actions.change_code("H99", "H37.05", since=date(2026, 7, 1))


def test_what_was_entered_for_a_day_to_come_takes_effect_on_it(
    axis: Axis, frozen_clock: Callable[[datetime], None]
) -> None:
    """From the first of January: Sở Y tế goes into a new agency, and Sở Nội vụ has a new code."""
    frozen_clock(datetime(2026, 11, 20, 3, tzinfo=UTC))
    first = date(2027, 1, 1)
    details = actions.AgencyDetails("H37.15", "Sở Y tế và Dân số", "H37", valid_from=first)
    actions.put_agency(queries.member("H37"), details)
    actions.merge_agency("H37.05", "H37.15", first - YESTERDAY)
    actions.change_code("H27.01", "H27.11", first)
    before = max(row.version for row in axis.client("H27", clock=clock.now).units())

    frozen_clock(datetime(2026, 12, 31, 16, tzinfo=UTC))  # 23:00 in Hà Nội
    jobs.follow_calendar()
    province = axis.client("H27", clock=clock.now)
    assert province.units(newer_than=before) == []
    assert {row.code for row in province.agencies()} == {"H27", "H27.01", "H27.02", "H37.05"}
    sent = province.send_edoc(document(), sender="H27.01", message_type="edoc")
    assert sent.notices == ()
    with pytest.raises(VxpRefused, match=r"H37\.15"):
        province.send_edoc(document(to=("H37.15",)), sender="H27.01", message_type="edoc")

    frozen_clock(datetime(2026, 12, 31, 17, 1, tzinfo=UTC))  # 00:01
    province = axis.client("H27", clock=clock.now)
    [notice] = province.send_edoc(document(document_id="2"), sender="H27.01", message_type="edoc").notices
    assert "từ ngày 31/12/2026; gói tin được chuyển tới cơ quan kế thừa Sở Y tế và Dân số" in notice.text
    jobs.follow_calendar()
    rows = {row.code: row for row in province.units(newer_than=before)}
    assert set(rows) == {"H37.05", "H37.15", "H27.11"}
    assert (rows["H37.05"].deleted, rows["H37.05"].successor) == (True, "H37.15")
    changes = relay(axis, "H27").agency_changes(before)
    assert {row.code for row in changes.rows} == {"H37.15", "H27.11"}
    assert changes.gone == {"H37.05", "000.00.05.H37", "H27.01"}
    after = max(row.version for row in rows.values())
    jobs.follow_calendar()
    assert province.units(newer_than=after) == [], "doing it again changes nothing"
    assert audit.verify(actions.OPERATOR.agency_id).holds


def test_agencies_are_found_whatever_the_accents_and_by_every_code(axis: Axis) -> None:
    for text in ("so y te", "Y TẾ", "000.00.05", "te h37"):
        assert [line.agency.code for line in queries.agency_tree(text)] == ["H37.05"], text
    assert queries.agency_tree("so y te h27") == []


class Mergers(TestCase):
    """Whatever is merged into whatever, in any order."""

    @settings(max_examples=20, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=8))
    def test_mail_always_ends_at_an_agency_in_force_or_is_refused(
        self, wanted: list[tuple[int, int]]
    ) -> None:
        actions.add_member("M", "M")
        for number in range(5):
            details = actions.AgencyDetails(code=f"A{number}", name=f"A{number}")
            actions.put_agency(queries.member("M"), details)
        for agency, into in wanted:
            try:
                actions.merge_agency(f"A{agency}", f"A{into}", clock.today() - YESTERDAY)
            except SuccessionWrong:
                continue
        for number in range(5):
            [found] = queries.addressees([f"A{number}"])
            assert found.agency.valid_to is None
            assert (found.written == "") == (found.code == f"A{number}")
