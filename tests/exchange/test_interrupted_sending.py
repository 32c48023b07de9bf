"""Sending that was interrupted goes on by itself, soon, and at its own pace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.exchange.conftest import issue, send, send_waiting
from tests.exchange.test_axis import NOWHERE, Net, net, reach

from vanthu.base import clock, worker
from vanthu.exchange import jobs, outbox, rules
from vanthu.exchange.models import DeliveryState, OutboxPacket

__all__ = ["net", "reach"]
pytestmark = pytest.mark.django_db


def sending_jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name="exchange.send_packet", status="todo").count()


def change_jobs(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_when_the_axis_is_back_what_waits_for_it_goes_at_once(
    net: Net, reach: Callable[[str], None], frozen_clock: Callable[[datetime], None]
) -> None:
    now = clock.now()
    reach(NOWHERE)
    [delivery] = send(net.commune, issue(net.commune), net.ministry)
    for _ in range(5):
        frozen_clock(now)
        assert send_waiting() == 1
        now = OutboxPacket.objects.get().next_attempt_at
    frozen_clock(now - timedelta(minutes=10))
    jobs.poll_axis()
    reach(net.url)

    jobs.poll_axis()
    send_waiting()

    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT
    assert delivery.sent_at < now


def test_an_axis_that_answers_the_poll_but_not_the_sending_is_not_asked_faster(
    net: Net, reach: Callable[[str], None], frozen_clock: Callable[[datetime], None]
) -> None:
    frozen_clock(clock.now())
    reach(NOWHERE)
    send(net.commune, issue(net.commune), net.ministry)
    send_waiting()
    reach(net.url)

    jobs.poll_axis()

    assert OutboxPacket.objects.get().attempts == 1
    assert send_waiting() == 0


def test_a_job_that_comes_before_its_time_leaves_the_packet_to_the_job_that_is_meant(
    net: Net, reach: Callable[[str], None], frozen_clock: Callable[[datetime], None]
) -> None:
    frozen_clock(clock.now())
    reach(NOWHERE)
    send(net.commune, issue(net.commune), net.ministry)
    send_waiting()

    jobs.send_packet(str(OutboxPacket.objects.get().id))

    assert OutboxPacket.objects.get().attempts == 1
    assert sending_jobs() == 1


def test_a_waiting_packet_whose_job_was_lost_gets_a_new_one(
    net: Net, frozen_clock: Callable[[datetime], None]
) -> None:
    now = clock.now()
    [delivery] = send(net.commune, issue(net.commune), net.ministry)
    frozen_clock(now + timedelta(minutes=5))
    jobs.sweep_outbox()
    assert sending_jobs() == 1, "one with a job needs no other"
    change_jobs("DELETE FROM procrastinate_jobs")

    jobs.sweep_outbox()
    send_waiting()

    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT
    assert not outbox.forgotten(clock.now())


def test_jobs_of_a_dead_worker_are_given_back_and_those_of_a_living_one_are_not(net: Net) -> None:
    for _ in range(2):
        send(net.commune, issue(net.commune), net.ministry)
    change_jobs(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour'), (now())"
    )
    change_jobs(
        "UPDATE procrastinate_jobs job SET status = 'doing', worker_id = worker.id FROM "
        "(SELECT id, row_number() OVER (ORDER BY id) AS place FROM procrastinate_workers) worker, "
        "(SELECT id, row_number() OVER (ORDER BY id) AS place FROM procrastinate_jobs "
        "WHERE task_name = 'exchange.send_packet') mine WHERE mine.id = job.id AND mine.place = worker.place"
    )

    worker.revive()
    worker.revive()

    found = ProcrastinateJob.objects.filter(task_name="exchange.send_packet").order_by("id")
    assert list(found.values_list("status", "attempts")) == [("todo", 1), ("doing", 0)]


def test_the_tolerance_is_shorter_than_any_pause() -> None:
    assert min(rules.GAPS) > rules.TOLERANCE
