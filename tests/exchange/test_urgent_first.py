"""A flood at the axis delays neither what is urgent nor the statuses of what was sent."""

# ruff: noqa: F401, F811 -- `net` is a fixture

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.exchange.conftest import issue, send, send_waiting
from tests.exchange.test_axis import Net, letter, net, status

from vanthu.axis.models import AxisDelivery
from vanthu.edxml import StatusCode, write
from vanthu.exchange import jobs
from vanthu.exchange.models import DeliveryState, InboxPacket
from vanthu.vxp import VxpRefused

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "PAGE", 2)
    monkeypatch.setattr(jobs, "WAIT_SECONDS", 0.0)


def arrive(net: Net, number: int, priority: int = 0) -> None:
    packet = letter("H20.45", document_id=f"G09,{number}")
    net.elsewhere.send_edoc(write(replace(packet, priority=priority)), sender="G09", message_type="edoc")


def test_an_urgent_packet_that_comes_during_a_long_fetch_is_next(
    net: Net, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    [delivery] = send(net.commune, issue(net.commune), net.ministry)
    send_waiting()
    for number in range(6):
        arrive(net, number)
    taken: list[str] = []
    fetch = jobs._fetch

    def watched(line: Any, row: Any, kind: Any) -> None:
        taken.append(row.doc_id)
        fetch(line, row, kind)
        if len(taken) == 1:
            arrive(net, 99, priority=4)
            net.elsewhere.send_edoc(status(delivery, StatusCode.ARRIVED), sender="G09", message_type="status")

    monkeypatch.setattr(jobs, "_fetch", watched)
    jobs.poll_axis()
    by_time = list(InboxPacket.objects.order_by("received_at", "id").values_list("wire_id", "kind"))
    places = [wire_id for wire_id, _ in by_time]
    assert places.index("G09,99") <= 3, "after the page that was on its way, and a status"
    assert [kind for _, kind in by_time].index("status") <= 3
    assert len(by_time) == 8
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.ARRIVED


def test_packets_that_cannot_be_fetched_do_not_hide_those_behind_them(
    net: Net, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        arrive(net, number)
    bad = {f"G09,{number}" for number in range(5)}
    asked: list[str] = []
    download = jobs._download

    def broken(line: Any, row: Any, kind: Any) -> Any:
        known = AxisDelivery.objects.get(pk=row.doc_id).packet.document_id
        asked.append(known)
        if known in bad:
            raise VxpRefused("99", "hỏng")
        return download(line, row, kind)

    monkeypatch.setattr(jobs, "_download", broken)
    jobs.poll_axis()
    assert sorted(asked) == [f"G09,{number}" for number in range(7)], "each is tried once"
    assert set(InboxPacket.objects.values_list("wire_id", flat=True)) == {"G09,5", "G09,6"}
