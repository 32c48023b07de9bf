"""A province's axis and the national one: packets cross both ways over real HTTP, whatever breaks between them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.axis.axis_parts import Axis, document, status
from tests.axis.two_axes import OWN_CODE, PARENT_CODE, Axes, ParentSite
from tests.conftest import RUN, WORKER

from vanthu import relay
from vanthu.audit.models import Event
from vanthu.axis import actions, parent, parent_jobs, queries
from vanthu.axis.actions import arrivals, encryption, forwarding
from vanthu.axis.actions.log import close_batches
from vanthu.axis.envelope import read_envelope
from vanthu.axis.models import (
    AgencyEncryption,
    Arrival,
    AxisAgency,
    AxisDelivery,
    Forward,
    ForwardState,
    LogEntry,
    Packet,
    Parent,
    Stage,
)
from vanthu.axis.proofs import proof_file
from vanthu.base import clock
from vanthu.evidence import new_key
from vanthu.evidence.proofs import verify_proof
from vanthu.relay import check_publication, publication
from vanthu.vxp import Client, VxpRefused


@pytest.fixture(scope="module")
def parent_site(django_db_setup: None) -> Iterator[ParentSite]:
    folder = Path(tempfile.mkdtemp(dir=RUN, prefix="parent-"))
    site = ParentSite.fresh(folder, f"vanthu_parent_{WORKER}")
    yield site
    site.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def axes(
    axis: Axis, parent_site: ParentSite, settings: Any, frozen_clock: Callable[[datetime], None]
) -> Iterator[Axes]:
    """Both axes, with their agency lists matched."""
    if parent_site.process is None:
        parent_site.start()
    parent_site.forget_packets()
    told = {
        "axis_code": OWN_CODE,
        "parent_url": parent_site.url,
        "parent_system_id": "TRUC-H27",
        "parent_secret_file": parent_site.folder / "secret-of-child",
    }
    settings.VANTHU = settings.VANTHU.model_copy(update=told)
    with Client(parent_site.url, "G12", parent_site.secrets["G12"]) as ministry:
        found = Axes(axis, parent_site, ministry, frozen_clock)
        AxisAgency.objects.update(stage=Stage.LIVE)
        found.later(seconds=0)
        found.match()
        yield found


def fetched(client: Client, doc_id: str) -> bytes:
    target = io.BytesIO()
    client.download(doc_id, target)
    return target.getvalue()


def to_ministry(axes: Axes, **changes: Any) -> str:
    packet = document(**{"to": ("G12",)} | changes)
    return axes.child.province.send_edoc(packet, sender="H27.01", message_type="edoc").doc_id


def to_province(axes: Axes, **changes: Any) -> str:
    packet = document(**{"sender": "G12", "to": ("H27.01",), "document_id": "G12,15"} | changes)
    return axes.ministry.send_edoc(packet, sender="G12", message_type="edoc").doc_id


def states(client: Client, doc_id: str) -> dict[str, str]:
    return {row.recipient: row.receive_status for row in client.sent(doc_id)}


# --- lists


def test_each_axis_learns_the_agencies_of_the_other(axes: Axes) -> None:
    here = AxisAgency.objects.filter(member__system_id=parent.SYSTEM_ID)
    assert set(here.values_list("code", flat=True)) == {"G12", "G12.03"}
    there = {row.code: row.center_code for row in axes.ministry.units()}
    assert {code for code, center in there.items() if center == "TRUC-H27"} >= {"H27", "H27.01", "H37.05"}


def test_a_change_in_a_list_is_told_by_version(axes: Axes) -> None:
    before = parent.line().list_version
    axes.ministry.register_agency(code="G12.04", name="Cục Y tế dự phòng", parent_code="G12")
    member = queries.member("H27")
    actions.put_agency(member, actions.AgencyDetails(code="H27.09", name="Sở Mới", parent_code="H27"))
    axes.match()
    assert AxisAgency.objects.get(code="G12.04").name == "Cục Y tế dự phòng"
    assert parent.line().list_version > before
    assert "H27.09" in {row.code for row in axes.ministry.units()}

    axes.ministry.delete_agency("G12.04")
    actions.delete_agency(member, "H27.09", actions.OPERATOR)
    axes.match()
    assert AxisAgency.objects.get(code="G12.04").deleted
    assert next(row for row in axes.ministry.units() if row.code == "H27.09").deleted


def test_what_the_parent_does_not_register_is_kept_for_the_operator_and_tried_again(axes: Axes) -> None:
    member = queries.member("H27")
    actions.put_agency(member, actions.AgencyDetails(code="X9.01", name="Lạc chỗ", parent_code="X9"))
    for _ in range(2):
        axes.match()
        assert "không thuộc" in parent.line().untold["X9.01"]
    actions.put_agency(member, actions.AgencyDetails(code="X9.01", name="Lạc chỗ", parent_code="H27"))
    axes.match()
    assert parent.line().untold == {}


def test_what_agencies_publish_for_being_encrypted_to_crosses_both_ways_and_only_as_it_was_signed(
    axes: Axes,
) -> None:
    """A commune under the province can encrypt for a ministry, and the ministry for it; nobody between them can."""
    ministry_key, province_key, at = new_key(), new_key(), clock.now()
    first = publication(ministry_key, "G12", [b"chung thu cua bo"], at)
    secret = axes.parent.secrets["G12"]
    with relay.Client(axes.parent.url, "G12", ministry_key, secret=secret) as ministry:
        ministry.publish("G12", first)
        member, agency = queries.member("H27"), queries.agency_by_code("H27.01")
        assert agency is not None
        own = publication(province_key, "H27.01", [b"chung thu cua so"], at)
        encryption.keep(agency, own, check_publication(own), actions.OPERATOR)
        axes.match()
        here = AgencyEncryption.objects.get(agency__code="G12")
        assert here.publication == first.as_json()
        version = here.agency.version
        assert version > agency.version, "copies of this axis' list get it"
        assert ministry.agency_changes().publications["H27.01"] == own
        axes.match()
        here.agency.refresh_from_db()
        assert here.agency.version == version, "what is known is left alone"

        newer = publication(ministry_key, "G12", [b"chung thu moi"], at + timedelta(minutes=1))
        ministry.publish("G12", newer)
        row = newer.as_json()
        wrong = dict(row, certificates=[base64.b64encode(b"chung thu cua ke gian").decode()])
        axes.parent.put_publication("G12", wrong)
        axes.match()
        here.refresh_from_db()
        assert here.publication == first.as_json(), "what does not hold is not taken"
        assert "không phải là những chứng thư" in str(
            Event.objects.filter(verb="axis.publications_copied").latest("sequence").data
        )
        old = publication(ministry_key, "G12", [], at - timedelta(days=1))
        axes.parent.put_publication("G12", old.as_json())
        parent.line()
        Parent.objects.update(encryption_version=0)
        axes.match()
        here.refresh_from_db()
        assert here.publication == first.as_json(), "nor an older one"
        axes.parent.put_publication("G12", row)
        Parent.objects.update(encryption_version=0)
        axes.match()
        here.refresh_from_db()
        assert here.publication == row

    stranger = dict(row, statement=own.statement)
    for code, given, refused in (
        ("G12", row, "không thuộc các đơn vị của hệ thống"),
        ("H27.01", stranger, "không hợp lệ"),
    ):
        with pytest.raises(VxpRefused, match=refused):
            parent.client().publish(code, given)
    assert member.system_id == "H27"


# --- up


def test_a_province_sends_to_a_ministry_and_sees_it_arrive(axes: Axes) -> None:
    packet = document(to=("G12",))
    sent = axes.child.province.send_edoc(packet, sender="H27.01", message_type="edoc")
    assert states(axes.child.province, sent.doc_id) == {"G12": "initial"}
    axes.up()
    assert states(axes.child.province, sent.doc_id) == {"G12": "processing"}

    [row] = axes.ministry.received("edoc")
    assert (row.sender, row.recipient) == ("H27.01", "G12")
    arrived = fetched(axes.ministry, row.doc_id)
    axes.ministry.update_status(row.doc_id, "done")
    axes.later(seconds=3)
    axes.fates()

    assert states(axes.child.province, sent.doc_id) == {"G12": "done"}
    assert read_envelope(io.BytesIO(arrived), "edoc").trace == (OWN_CODE,)
    hop_begin, hop_end = arrived.index(b"<edXML:TraceHeader>"), arrived.index(b"</edXML:TraceHeader>") + 20
    assert arrived[:hop_begin] + arrived[hop_end:] == packet, "not one other byte has changed"
    said = Event.objects.get(verb="axis.packet_forwarded").data
    assert said["received"] == hashlib.sha256(packet).hexdigest()
    assert said["sent"] == hashlib.sha256(arrived).hexdigest()
    assert said["receipt"], "the parent's receipt is kept"
    close_batches()
    proof = verify_proof(proof_file(sent.doc_id, queries.member("H27")))
    told = [entry.content for entry in proof.entries]
    assert [one["event"] for one in told] == ["accepted", "forwarded", "acknowledged"]
    assert (told[1]["hop"], told[1]["to"], told[1]["sent"]) == (OWN_CODE, "G12", said["sent"])
    assert told[1]["receipt"] == hashlib.sha256(said["receipt"].encode()).hexdigest()


def test_the_ministrys_status_comes_back_through_both_axes(axes: Axes) -> None:
    to_ministry(axes)
    axes.up()
    axes.ministry.send_edoc(status(sender="G12", to="H27.01"), sender="G12", message_type="status")
    axes.down()
    [row] = axes.child.province.received("status")
    assert (row.sender, row.recipient) == ("G12", "H27.01")
    arrived = LogEntry.objects.get(event="arrived")
    assert (str(arrived.delivery), json.loads(arrived.content)["to"]) == (row.doc_id, "H27.01")
    assert fetched(axes.child.province, row.doc_id) == status(sender="G12", to="H27.01")


def test_a_status_goes_up_as_it_is(axes: Axes) -> None:
    body = status(sender="H37.05", to="G12.03", code="03")
    axes.child.district.send_edoc(body, sender="H37.05", message_type="status")
    axes.up()
    [row] = axes.ministry.received("status")
    assert fetched(axes.ministry, row.doc_id) == body


def test_a_packet_for_recipients_here_and_there_is_split(axes: Axes) -> None:
    sent = to_ministry(axes, to=("H37.05", "G12", "H27.02", "G12.03"))
    axes.up()
    assert [row.recipient for row in axes.child.district.received("edoc")] == ["H37.05"]
    assert {row.recipient for row in axes.ministry.received("edoc")} == {"G12", "G12.03"}
    assert axes.parent.rows("SELECT count(*) FROM axis_packet") == [(1,)]
    for row in axes.ministry.received("edoc"):
        axes.ministry.update_status(row.doc_id, "fail" if row.recipient == "G12" else "done", "Tep hong")
    axes.later(seconds=3)
    axes.fates()
    told = {row.recipient: row for row in axes.child.province.sent(sent)}
    assert (told["G12"].receive_status, told["G12"].receive_status_desc) == ("fail", "Tep hong")
    assert told["G12.03"].receive_status == "done"
    assert Forward.objects.get().state == ForwardState.SETTLED


def test_one_bad_address_up_there_stops_nobody_else(axes: Axes) -> None:
    axes.parent.rows("UPDATE axis_axisagency SET locked = code = 'G12.03' RETURNING code")
    try:
        sent = to_ministry(axes, to=("G12", "G12.03"))
        for _ in range(2):
            axes.up()
        told = {row.recipient: row for row in axes.child.province.sent(sent)}
        assert told["G12"].receive_status == "processing"
        assert told["G12.03"].receive_status == "fail"
        assert "khóa" in told["G12.03"].receive_status_desc
    finally:
        axes.parent.rows("UPDATE axis_axisagency SET locked = false RETURNING code")


# --- down


def test_a_ministry_sends_to_a_province_and_sees_it_arrive(axes: Axes) -> None:
    sent = to_province(axes)
    axes.down()
    assert states(axes.ministry, sent) == {"H27.01": "processing"}, "durably here, not yet with its recipient"
    [row] = axes.child.province.received("edoc")
    body = fetched(axes.child.province, row.doc_id)
    assert read_envelope(io.BytesIO(body), "edoc").trace == (PARENT_CODE,)
    axes.child.province.update_status(row.doc_id, "done")
    axes.down()
    assert states(axes.ministry, sent) == {"H27.01": "done"}


def test_a_failure_at_the_recipient_is_told_to_the_sender_two_axes_away(axes: Axes) -> None:
    sent = to_province(axes)
    axes.down()
    [row] = axes.child.province.received("edoc")
    axes.child.province.update_status(row.doc_id, "fail", "Khong doc duoc tep")
    axes.down()
    [told] = axes.ministry.sent(sent)
    assert (told.receive_status, told.receive_status_desc) == ("fail", "Khong doc duoc tep")


def test_several_recipients_here_get_one_packet_and_a_delivery_each(axes: Axes) -> None:
    sent = to_province(axes, to=("H27.01", "H27.02", "H37.05"))
    axes.down()
    assert Packet.objects.filter(kind="edoc").values("sha256").distinct().count() == 1
    assert AxisDelivery.objects.filter(kind="edoc").count() == 3
    assert set(states(axes.ministry, sent).values()) == {"processing"}


def test_what_is_not_delivered_yet_does_not_stand_before_what_comes_later(axes: Axes) -> None:
    for number in range(3):
        to_province(axes, document_id=f"cu-{number}")
    axes.down()
    asked = axes.parent.rows("SELECT count(*) FROM axis_axisdelivery WHERE state = 'initial'")
    assert asked == [(0,)]
    to_province(axes, document_id="moi")
    axes.down()
    assert axes.child.province.count("edoc") == 4


def test_an_axis_that_lists_again_until_done_is_told_so_at_once(axes: Axes, settings: Any) -> None:
    settings.VANTHU = settings.VANTHU.model_copy(
        update={"parent_acknowledge": type(settings.VANTHU.parent_acknowledge).STORAGE}
    )
    sent = to_province(axes)
    axes.down()
    assert states(axes.ministry, sent) == {"H27.01": "done"}


def test_a_sender_that_joined_just_now_is_looked_up(axes: Axes) -> None:
    axes.ministry.register_agency(code="G12.77", name="Vụ mới", parent_code="G12")
    try:
        axes.parent.rows("UPDATE axis_axisagency SET stage = 'LIVE' WHERE code = 'G12.77' RETURNING code")
        packet = document(sender="G12.77", to=("H27.01",))
        axes.ministry.send_edoc(packet, sender="G12.77", message_type="edoc")
        axes.down()
        assert axes.child.province.count("edoc") == 1
    finally:
        axes.ministry.delete_agency("G12.77")


def test_a_recipient_that_left_is_reported_to_the_sender(axes: Axes) -> None:
    sent = to_province(axes, to=("H37.05",))
    actions.set_agency_locked("H37.05", locked=True)
    axes.down()
    [told] = axes.ministry.sent(sent)
    assert told.receive_status == "fail"
    assert "khóa" in told.receive_status_desc or "khoa" in told.receive_status_desc
    assert Arrival.objects.get().refusal
    assert "H37.05" in json.loads(LogEntry.objects.get(event="arrival_refused").content)["reason"]


# --- loops


def test_a_packet_that_passed_this_axis_does_not_come_in_again(axes: Axes) -> None:
    packet = document().replace(
        b"<edXML:TraceHeaderList>",
        f"<edXML:TraceHeaderList><edXML:TraceHeader><edXML:OrganId>{OWN_CODE.lower()}</edXML:OrganId>"
        "</edXML:TraceHeader>".encode(),
    )
    with pytest.raises(VxpRefused) as refused:
        axes.child.province.send_edoc(packet, sender="H27.01", message_type="edoc")
    assert refused.value.error_code == "50"


def test_the_parent_sends_nothing_back_to_the_axis_it_came_from(axes: Axes) -> None:
    AxisAgency.objects.filter(code="H37.05").update(member=parent.line().member)
    sent = to_ministry(axes, to=("H37.05",))
    axes.up()
    [told] = axes.child.province.sent(sent)
    assert (told.receive_status, Forward.objects.get().error_text[:11]) == ("fail", "Trục liên t")
    assert "TRUC-H27" in told.receive_status_desc


# --- what breaks in between


def test_while_the_parent_is_down_packets_wait_and_go_when_it_is_back(axes: Axes) -> None:
    axes.parent.stop()
    sent = [to_ministry(axes, document_id=f"cho-{number}") for number in range(4)]
    for _ in range(4):
        axes.up()
        axes.later(seconds=40)
    assert {row.state for row in Forward.objects.all()} == {ForwardState.WAITING}
    assert parent.line().problem
    axes.parent.start()
    axes.up()
    assert [states(axes.child.province, one)["G12"] for one in sent] == ["processing"] * 4
    assert len(axes.ministry.received("edoc")) == 4
    assert not parent.line().problem


@pytest.fixture
def line(axes: Axes, settings: Any) -> Callable[[bool], None]:
    """Cuts the line to the parent, or mends it, without the cost of ending and starting its process."""

    def switch(works: bool) -> None:
        url = axes.parent.url if works else "http://127.0.0.1:9"
        settings.VANTHU = settings.VANTHU.model_copy(update={"parent_url": url, "parent_give_up_hours": 9})

    return switch


def test_a_parent_that_is_silent_is_not_asked_again_at_once(axes: Axes, line: Callable[[bool], None]) -> None:
    line(False)
    for number in range(3):
        to_ministry(axes, document_id=f"im-{number}")
    axes.up()
    axes.up()
    assert sorted(Forward.objects.values_list("attempts", flat=True)) == [0, 0, 1]


def test_after_long_enough_the_sender_sees_the_failure_and_the_operator_can_send_again(
    axes: Axes, line: Callable[[bool], None]
) -> None:
    line(False)
    sent = to_ministry(axes)
    axes.up()
    axes.later(hours=10)
    axes.up()
    [told] = axes.child.province.sent(sent)
    assert told.receive_status == "fail"
    assert "Chưa kết nối được" in told.receive_status_desc
    failed = Forward.objects.get(state=ForwardState.FAILED)
    line(True)
    actions.hand_over_again(failed.targets.get().delivery_id, actions.OPERATOR)
    axes.later(hours=1)
    axes.up()
    assert states(axes.child.province, sent) == {"G12": "processing"}
    assert len(axes.ministry.received("edoc")) == 1


class Killed(BaseException):
    """The process is gone at this line."""


def test_killed_after_the_parent_took_the_packet_it_is_not_sent_as_a_second_one(
    axes: Axes, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = to_ministry(axes)
    with monkeypatch.context() as dying, pytest.raises(Killed):
        dying.setattr(forwarding, "left", _die)
        axes.up()
    axes.later(seconds=31)
    axes.up()
    assert states(axes.child.province, sent) == {"G12": "processing"}
    assert axes.parent.rows("SELECT count(*) FROM axis_packet") == [(1,)]
    assert len(axes.ministry.received("edoc")) == 1


@pytest.mark.parametrize("line", ["arrived", "told"])
def test_killed_while_taking_in_the_packet_is_there_once_and_acknowledged(
    axes: Axes, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    sent = to_province(axes)
    with monkeypatch.context() as dying, pytest.raises(Killed):
        dying.setattr(arrivals, line, _die)
        axes.down()
    axes.later(seconds=20)
    axes.down()
    assert axes.child.province.count("edoc") == 1
    assert states(axes.ministry, sent) == {"H27.01": "processing"}


def _die(*_: object, **__: object) -> None:
    raise Killed


def test_two_workers_at_once_do_no_harm(axes: Axes) -> None:
    to_ministry(axes)
    forwarding.queue(parent.line().member)
    assert forwarding.claim() is not None
    assert forwarding.claim() is None
    assert parent.lease("fetch")
    to_province(axes)
    axes.down()
    assert axes.child.province.count("edoc") == 0, "another worker has the errand"
    parent.release("fetch")
    parent_jobs.fetch_from_parent()
    assert axes.child.province.count("edoc") == 1


def test_a_type_that_the_parent_does_not_carry_is_a_failure_that_the_sender_sees(
    axes: Axes, settings: Any, tmp_path: Path
) -> None:
    file = tmp_path / "loai.toml"
    file.write_text('[cong-bao]\nlabel = "Công báo"\n')
    settings.VANTHU = settings.VANTHU.model_copy(update={"axis_payload_types_file": file})
    sent = axes.child.province.send_edoc(
        b"\x00\x01", sender="H27.01", message_type="cong-bao", to=["G12"], document_id="CB-1", priority=1
    )
    axes.up()
    [told] = axes.child.province.sent(sent.doc_id)
    assert told.receive_status == "fail"
    assert "messagetype" in told.receive_status_desc
    assert Forward.objects.get().error_code == "AXIS_REFUSED"
