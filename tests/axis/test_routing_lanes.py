"""Urgent packets overtake; a flood of one sender does not delay the others."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.axis.axis_parts import Axis, document

from vanthu.axis import actions, parent, queries
from vanthu.axis.actions import forwarding
from vanthu.axis.models import AxisAgency, AxisDelivery, Member, Packet
from vanthu.base import clock
from vanthu.base.ids import new_id


def held(sender: str, number: int, *, recipient: str = "H37.05", priority: int = 0) -> list[str]:
    """That many accepted packets that wait for the recipient, oldest first; their document ids."""
    agency = AxisAgency.objects.get(code=recipient)
    origin = AxisAgency.objects.get(code=sender)
    now = clock.now()
    packets = [
        Packet(
            id=new_id(),
            kind="edoc",
            member_id=origin.member_id,
            sender=origin,
            sender_code=sender,
            document_id=f"{sender}-{priority}-{index}",
            priority=priority,
            sha256=f"{index:064x}",
            size=1,
            accepted_at=now,
            receipt="",
        )
        for index in range(number)
    ]
    Packet.objects.bulk_create(packets)
    AxisDelivery.objects.bulk_create(
        AxisDelivery(
            packet=packet,
            recipient=agency,
            recipient_code=recipient,
            member_id=agency.member_id,
            origin_id=packet.member_id,
            kind="edoc",
            priority=priority,
            created_at=now,
            updated_at=now,
        )
        for packet in packets
    )
    return [packet.document_id for packet in packets]


@pytest.fixture
def ministry(axis: Axis) -> str:
    """A third system on the axis, with one agency."""
    actions.add_member("G12", "Bộ Y tế")
    member = Member.objects.get(system_id="G12")
    return actions.put_agency(member, actions.AgencyDetails(code="G12", name="Bộ Y tế")).code


def listed(limit: int | None = None) -> list[str]:
    rows = queries.waiting(Member.objects.get(system_id="H37"), "edoc", limit=limit or queries.LIST_LIMIT)
    return [row.packet.document_id for row in rows]


def positions(wanted: Iterable[str], order: list[str]) -> list[int]:
    return [order.index(name) for name in wanted]


def test_an_urgent_packet_overtakes_a_thousand_ordinary_ones(axis: Axis) -> None:
    held("H27.01", 1001)
    packet = document(document_id="hoa-toc", priority=3)
    axis.province.send_edoc(packet, sender="H27.01", message_type="edoc")

    rows = axis.district.received("edoc", limit=10)

    assert len(rows) == 10
    assert Packet.objects.get(deliveries=rows[0].doc_id).document_id == "hoa-toc"


def test_the_more_urgent_stands_before_the_less_urgent(axis: Axis) -> None:
    held("H27.01", 5)
    urgent, utmost = held("H27.01", 2, priority=1), held("H27.02", 2, priority=4)
    assert listed()[:4] == utmost + urgent


def test_one_senders_flood_does_not_delay_another(axis: Axis, ministry: str) -> None:
    flood, later = held("H27.01", 1500), held(ministry, 3)

    order = listed()

    assert positions(later, order) == [1, 3, 5]
    assert [name for name in order if name in set(flood)] == flood[: len(order) - 3], (
        "each sender's oldest first"
    )


def test_within_the_urgent_lane_senders_take_turns_too(axis: Axis, ministry: str) -> None:
    held("H27.01", 20, priority=2)
    [own] = held(ministry, 1, priority=2)
    assert listed(limit=2)[1] == own


def test_what_is_taken_over_makes_room_for_what_comes_behind_it(axis: Axis) -> None:
    order = held("H27.01", 7)
    for number in (3, 3, 1):
        rows = axis.district.received("edoc", limit=number)
        assert len(rows) == number
        for row in rows:
            assert Packet.objects.get(deliveries=row.doc_id).document_id == order.pop(0)
            axis.district.update_status(row.doc_id, "done")
    assert axis.district.received("edoc") == []


# --- on the way to the parent axis


def taken(number: int, least_priority: int = 0) -> list[str]:
    """The next packets in the order in which workers try them."""
    forwarding.queue(parent.line().member)
    tried = [forwarding.claim(least_priority) for _ in range(number)]
    return [forward.packet.document_id for forward in tried if forward is not None]


@pytest.fixture
def above(axis: Axis) -> str:
    """An agency behind the parent axis."""
    details = actions.AgencyDetails(code="G12", name="Bộ Y tế")
    return actions.put_agency(parent.line().member, details).code


def test_an_urgent_packet_is_forwarded_before_a_thousand_ordinary_ones(above: str) -> None:
    held("H27.01", 1000, recipient=above)
    taken(3)
    [urgent] = held("H27.01", 1, recipient=above, priority=3)
    assert taken(1) == [urgent]


def test_senders_take_turns_on_the_way_up(above: str) -> None:
    flood, few = held("H27.01", 50, recipient=above), held("H37.05", 3, recipient=above)
    order = taken(8)
    assert positions(few, order)[-1] <= 5
    assert [name for name in order if name in set(flood)] == flood[:5]


def test_the_urgent_lane_takes_nothing_ordinary(above: str) -> None:
    held("H27.01", 2, recipient=above)
    urgent = held("H27.01", 2, recipient=above, priority=2)
    assert taken(4, least_priority=1) == urgent


def test_each_packet_goes_to_one_worker(above: str) -> None:
    names = held("H27.01", 5, recipient=above)
    assert sorted(taken(9)) == sorted(names)


@pytest.mark.parametrize("number", [5, 500])
def test_picking_the_next_packet_costs_the_same_queries_however_many_wait(above: str, number: int) -> None:
    held("H27.01", number, recipient=above)
    taken(1)
    with CaptureQueriesContext(connection) as asked:
        assert forwarding.claim() is not None
    assert len(asked) == 4


@pytest.mark.parametrize("number", [3, 300])
def test_a_list_costs_the_same_queries_however_much_waits(axis: Axis, number: int) -> None:
    held("H27.01", number)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert len(listed()) == number
    assert len(asked) == 3  # one of them finds the member
