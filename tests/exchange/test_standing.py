"""Where an agency stands at an axis: its own page says stage, trial log and next step; trial packets are marked."""

# ruff: noqa: F401, F811 -- `net` is a fixture

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client as Browser
from tests.exchange.conftest import Office, issue, make_office, send, send_waiting
from tests.exchange.test_axis import Net, letter, net, ours

from vanthu.audit import queries as audit
from vanthu.axis import actions as axis_actions
from vanthu.axis import jobs as axis_jobs
from vanthu.axis.actions import AgencyDetails, onboarding
from vanthu.axis.models import AxisAgency, AxisDelivery, Stage
from vanthu.base import clock
from vanthu.base.actors import Role
from vanthu.directory.models import Person, Post
from vanthu.edxml import write
from vanthu.exchange import jobs, lines, standing
from vanthu.exchange.models import AxisStanding, Delivery, InboxPacket, OutboxPacket
from vanthu.handling import actions as handling
from vanthu.vxp import SendAnswer
from vanthu.web import timeline

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    """What a process knows of the axes' doors does not go from test to test."""
    lines._doors.clear()
    yield
    lines._doors.clear()


def page_of(office: Office, path: str = "/axis-standing/") -> str:
    browser = Browser()
    browser.force_login(Person.objects.get(pk=office.clerk.person_id))
    answer = browser.get(path)
    assert answer.status_code == 200
    for signal in (request_started, request_finished):  # the browser connects it again after each page
        signal.disconnect(close_old_connections)
    return " ".join(answer.content.decode().split())


def exchanged(net: Net, number: int) -> tuple[Delivery, InboxPacket]:
    """The commune sends a document to the ministry, and the ministry one to the commune."""
    [delivery] = send(net.commune, issue(net.commune), net.ministry)
    send_waiting()
    delivery.refresh_from_db()
    told_at_once = delivery.trial
    document_id = f"G09,2026/11/19,{number}/BNV-VP"
    body = write(letter(net.commune.code, document_id=document_id))
    net.elsewhere.send_edoc(body, sender="G09", message_type="edoc")
    jobs.poll_axis()
    OutboxPacket.objects.filter(pk=delivery.packet_id).update(ask_at=delivery.queued_at)
    jobs.watch_sent()
    delivery.refresh_from_db()
    assert delivery.trial == told_at_once
    return delivery, InboxPacket.objects.get(wire_id=document_id)


def test_an_agency_follows_its_way_onto_the_axis_on_its_own_page(net: Net) -> None:
    AxisAgency.objects.filter(code="G09").update(stage=Stage.LIVE, trial_partner=True)
    neighbour = make_office("Ủy ban nhân dân xã Tân Mỹ", "H20.46")
    jobs.ask_standing()
    page = page_of(net.commune)
    assert "Trục chờ lời gọi đầu tiên" in page
    assert "Bộ Nội vụ" in page, "the trial partner is named"
    assert "0/11" in page

    axis_jobs.look_at_trials()
    delivery, came = exchanged(net, 1)
    received = handling.take_in(came.pk)
    assert (delivery.trial, came.trial, received.trial) == (True, True, True)
    assert "mark-trial" in page_of(net.commune, f"/documents/{delivery.document_id}/deliveries/")
    assert "không phải văn bản chính thức" in page_of(net.commune, f"/documents/{received.pk}/")
    assert "mark-trial" in page_of(net.commune, "/incoming/")
    assert set(AxisDelivery.objects.values_list("trial", flat=True)) == {True}

    axis_jobs.look_at_trials()
    jobs.ask_standing()
    page = page_of(net.commune)
    assert "chưa có" in page
    assert f'<a href="/documents/{delivery.document_id}/">Gửi văn bản</a>' in page
    assert f'<a href="/documents/{received.pk}/">Nhận và xác nhận văn bản</a>' in page
    silence = page_of(neighbour)
    assert "Trục chưa nêu cơ quan này" in silence, "the neighbour is told nothing of the commune"
    assert "chưa gửi văn bản nào" in silence

    onboarding.carry_over("H20.45", "đã thử tại trục cũ")
    jobs.ask_standing()
    assert "Gửi, nhận văn bản chính thức qua trục" in page_of(net.commune)
    delivery, came = exchanged(net, 2)
    assert (delivery.trial, came.trial, handling.take_in(came.pk).trial) == (False, False, False)
    assert "mark-trial" not in page_of(net.commune, f"/documents/{delivery.document_id}/deliveries/")


def test_who_writes_to_a_merged_agency_reads_where_the_document_went(net: Net) -> None:
    axis_actions.put_agency(net.other, AgencyDetails("G10", "Bộ Nội vụ và Lao động"))
    axis_actions.merge_agency("G09", "G10", clock.today() - timedelta(days=1))
    [delivery] = send(net.commune, issue(net.commune), net.ministry)
    send_waiting()
    delivery.refresh_from_db()
    assert "Từ nay hãy gửi theo mã G10" in delivery.notice
    assert delivery.notice in page_of(net.commune, f"/documents/{delivery.document_id}/deliveries/")
    told = timeline.entries(audit.timeline(delivery.document_id))
    assert any(entry.what.endswith(f"; trục báo: {delivery.notice}") for entry in told)


def test_an_axis_that_tells_nothing_or_stopped_telling_leaves_no_stage_behind(
    net: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.ask_standing()
    assert AxisStanding.objects.get().stage == Stage.READY
    [delivery] = send(net.commune, issue(net.commune), net.ministry)
    silent, packet = SendAnswer("1", None), OutboxPacket.objects.get()
    assert standing.trials(ours(), packet, silent) == ["G09"], "where the answer does not say, the stage does"
    assert standing.trials(ours(), packet, SendAnswer("1", None, (), ())) == ()

    with monkeypatch.context() as patch:
        patch.setattr(lines, "is_modern", lambda _: False)
        jobs.ask_standing()
    assert "Trục này không cho biết" in page_of(net.commune)
    assert standing.trials(ours(), packet, silent) == ()
    why = "Trục liên thông từ chối: đơn vị nhận đang bị khóa (mã lỗi 23)."
    told = {"failed_at": delivery.queued_at, "last_error_code": "AXIS_REFUSED", "last_error": why}
    Delivery.objects.filter(pk=delivery.pk).update(**told)
    page = page_of(net.commune)
    assert "Lần gửi gần nhất bị từ chối" in page and why in page
    Delivery.objects.filter(pk=delivery.pk).update(sent_at=clock.now())
    assert "Văn bản gần nhất trục đã nhận" in page_of(net.commune)
    jobs.ask_standing()
    AxisAgency.objects.filter(code="H20.45").update(deleted=True)
    jobs.ask_standing()
    assert not AxisStanding.objects.exists()
    assert lines.relay(ours()).onboarding() == ([], [])

    person = Person.objects.create_user("chuyenvien", "mat-khau-cua-toi", full_name="Trần Văn Bình")
    Post.objects.create(person=person, agency=net.commune.agency, roles=[Role.SPECIALIST.value])
    browser = Browser()
    browser.force_login(person)
    assert browser.get("/axis-standing/").status_code == 403
