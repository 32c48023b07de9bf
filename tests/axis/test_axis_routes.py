"""The axis remembers who is addressed by a code, and never accepts a packet by a list that has changed."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.axis.axis_parts import Axis, document

from vanthu.axis import actions, queries, routes
from vanthu.axis.models import AxisDelivery
from vanthu.vxp import VxpRefused


def send(axis: Axis, number: str, to: str = "H37.05") -> None:
    axis.province.send_edoc(document(document_id=number, to=(to,)), sender="H27.01", message_type="edoc")


def test_the_second_packet_to_the_same_agency_looks_nothing_up(axis: Axis) -> None:
    send(axis, "1")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        send(axis, "2")
    assert not [query for query in asked.captured_queries if "axis_agencycode" in query["sql"]]


def test_an_agency_that_moved_gets_its_packets_at_its_new_system(axis: Axis) -> None:
    send(axis, "1")
    actions.put_agency(queries.member("H27"), actions.AgencyDetails(code="H37.05", name="Sở Y tế"))
    send(axis, "2")
    assert {str(delivery.member) for delivery in AxisDelivery.objects.all()} == {"H27"}
    assert axis.district.received("edoc") == []


def test_a_change_by_another_process_is_noticed_by_the_database(axis: Axis) -> None:
    """This process still remembers; the row is changed behind its back."""
    send(axis, "1")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE axis_axisagency SET locked = true WHERE code = 'H37.05'")
    with pytest.raises(VxpRefused) as refused:
        send(axis, "2")
    assert refused.value.error_code == "23"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE axis_axisagency SET locked = false WHERE code = 'H37.05'")
    send(axis, "3")
    assert AxisDelivery.objects.count() == 2


def test_a_sender_that_was_given_to_another_system_cannot_send_any_more(axis: Axis) -> None:
    send(axis, "1")
    actions.put_agency(queries.member("H37"), actions.AgencyDetails(code="H27.01", name="Sở Nội vụ"))
    with pytest.raises(VxpRefused) as refused:
        send(axis, "2")
    assert refused.value.error_code == "19"


def test_what_is_remembered_has_an_end(axis: Axis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "MOST", 2)
    for number, code in enumerate(["H37.05", "H27.02", "H27", "H37.05"]):
        send(axis, str(number), code)
    assert len(routes.current()._answers) <= 2
