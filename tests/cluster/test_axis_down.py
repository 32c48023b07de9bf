"""The axis is down for a while: documents wait, the clerk is told, and they go as soon as it is back."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from tests.cluster.helpers import change, rows, wait_for
from tests.cluster_fixtures import heal

from vanthu.demo.cluster import DemoCluster
from vanthu.demo.sites import AXIS, GOVERNMENT_OFFICE, HA_TINH
from vanthu.demo.story.desk import desk_of
from vanthu.demo.story.load import DEPARTMENT, GOVERNMENT, Office
from vanthu.demo.story.stories import sample_papers

TOLD = "Trục liên thông chưa trả lời; hệ thống sẽ gửi lại lúc"


def delivery(office: Office, key: str, recipient: str) -> dict[str, Any]:
    return next(row for row in office.deliveries(key) if row["recipient_code"] == recipient)


def waits_for_hours(cluster: DemoCluster) -> int:
    """As after a long outage: many tries behind, the next one far away."""
    change(
        cluster,
        HA_TINH,
        "UPDATE procrastinate_jobs SET scheduled_at = now() + interval '4 hours' "
        "WHERE status = 'todo' AND task_name = 'exchange.send_packet'",
    )
    return change(
        cluster,
        HA_TINH,
        "UPDATE exchange_outboxpacket SET next_attempt_at = now() + interval '4 hours', attempts = 9 "
        "WHERE state = 'WAITING' AND channel = 'AXIS' AND next_attempt_at > now()",
    )


def test_a_document_waits_for_the_axis_and_goes_when_it_is_back(cluster: DemoCluster) -> None:
    with ExitStack() as stack:
        office = Office(cluster, stack)
        reader = stack.enter_context(desk_of(cluster, "vpcp.vanthu"))
        cluster.kill("truc.web")
        [key] = office.issue(sample_papers()[0], [f"văn bản phát hành khi trục tạm dừng {token_hex(3)}"])

        wait_for(lambda: delivery(office, key, DEPARTMENT)["received_at"], "the neighbour has it")
        wait_for(
            lambda: delivery(office, key, GOVERNMENT)["last_error"].startswith(TOLD), "the clerk is told"
        )
        waiting = delivery(office, key, GOVERNMENT)
        assert (waiting["state"], waiting["sent_at"], waiting["statuses"]) == ("QUEUED", None, [])
        page = office.registrar.page(f"/documents/{key}/")
        assert TOLD in page
        wait_for(
            lambda: rows(
                cluster, HA_TINH, "SELECT 1 FROM exchange_link WHERE name = 'axis:poll' AND error <> ''"
            ),
            "the poll has noticed",
        )
        wait_for(lambda: waits_for_hours(cluster), "the packet is between two tries")

        back = datetime.now(UTC)
        cluster.revive("truc.web")
        wait_for(lambda: delivery(office, key, GOVERNMENT)["state"] == "ARRIVED", "it arrived")
        sent = delivery(office, key, GOVERNMENT)
        identifier = office.registrar.get(f"/documents/{key}")["document_id"]
        [(accepted,)] = rows(
            cluster,
            AXIS,
            "SELECT accepted_at FROM axis_packet WHERE document_id = %s AND kind = 'edoc'",
            identifier,
        )
        [(sent_at,)] = rows(
            cluster,
            HA_TINH,
            "SELECT sent_at FROM exchange_delivery WHERE document_id = %s AND channel = 'AXIS'",
            key,
        )
        assert sent_at == accepted > back
        assert sent["last_error"] == ""
        assert TOLD not in office.registrar.page(f"/documents/{key}/")
        found = reader.get("/documents", direction="INCOMING", document_id=identifier)["documents"]
        assert len(found) == 1
    heal(cluster)


def test_incoming_mail_is_held_by_the_axis_while_the_recipient_is_down(cluster: DemoCluster) -> None:
    with ExitStack() as stack:
        office = Office(cluster, stack)
        cluster.kill("vpcp.worker")
        cluster.kill("vpcp.web")
        subject = f"văn bản gửi khi nơi nhận tạm dừng {token_hex(3)}"
        [key] = office.issue(sample_papers()[0], [subject])
        wait_for(lambda: delivery(office, key, GOVERNMENT)["state"] == "SENT", "the axis has it")
        assert delivery(office, key, GOVERNMENT)["received_at"] is None

        cluster.revive("vpcp.worker")
        cluster.revive("vpcp.web")

        wait_for(lambda: delivery(office, key, GOVERNMENT)["state"] == "ARRIVED", "it arrived")
        arrived = delivery(office, key, GOVERNMENT)
        assert arrived["sent_at"] < arrived["received_at"]
    arrived_there = "SELECT count(*) FROM records_document WHERE subject = %s"
    assert rows(cluster, GOVERNMENT_OFFICE, arrived_there, subject) == [(1,)]
