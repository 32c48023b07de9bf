"""The modern door with many at it at once: uploads that race, calls that wait for packets."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest
from tests.axis.axis_parts import Axis, document
from tests.axis.relay_parts import key_of, raw, relay, send_raw

from vanthu.axis.doorbell import doorbell
from vanthu.axis.models import AxisDelivery, Packet, Upload


def test_two_uploads_of_one_key_at_once_make_one_packet(axis_over_http: Axis) -> None:
    axis = axis_over_http
    relay(axis, "H27").enrol()
    start = Barrier(4)

    def send(number: int) -> httpx.Response:
        start.wait()
        return send_raw(axis, document(), key=key_of("H27"))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert Packet.objects.count() == AxisDelivery.objects.count() == Upload.objects.count() == 1


def test_of_two_packets_under_one_key_one_is_refused(axis_over_http: Axis) -> None:
    axis = axis_over_http
    relay(axis, "H27").enrol()
    start = Barrier(2)

    def send(number: int) -> int:
        start.wait()
        return send_raw(axis, document(document_id=f"số {number}"), key=key_of("H27")).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, range(2))) == [201, 422]
    assert Packet.objects.count() == 1


def test_a_waiting_call_wakes_when_a_packet_comes(axis_over_http: Axis) -> None:
    axis = axis_over_http
    sender, recipient = relay(axis, "H27"), relay(axis, "H37")
    sender.enrol()
    known = recipient.wait(0).known
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(recipient.wait, 20, known)
        _until(lambda: doorbell.waiting() == 1)
        sender.send_edoc(document(), sender="H27.01", message_type="edoc")
        sent = time.monotonic()
        assert waiting.result(timeout=10).edoc == 1
    assert time.monotonic() - sent < 5, "woken by the packet, not by the end of the wait"


def test_a_packet_for_others_wakes_nobody_and_a_known_one_neither(axis_over_http: Axis) -> None:
    axis = axis_over_http
    sender, recipient = relay(axis, "H27"), relay(axis, "H37")
    sender.send_edoc(document(), sender="H27.01", message_type="edoc")
    known = recipient.wait(0).known
    started = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(recipient.wait, 1, known)
        _until(lambda: doorbell.waiting() == 1)
        sender.send_edoc(document(to=("H27.02",)), sender="H27.01", message_type="edoc")
        assert waiting.result(timeout=10).known == known
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize(("slots", "per_member"), [(2, 2), (64, 4)])
def test_above_the_limit_a_waiting_call_is_refused_politely(
    axis_over_http: Axis, settings: Any, slots: int, per_member: int
) -> None:
    settings.VANTHU = settings.VANTHU.model_copy(update={"axis_wait_slots": slots})
    axis = axis_over_http
    sender, recipient = relay(axis, "H27"), relay(axis, "H37")
    sender.enrol()
    recipient.enrol()
    with ThreadPoolExecutor(per_member) as pool:
        waiting = [pool.submit(recipient.wait, 20) for _ in range(per_member)]
        _until(lambda: doorbell.waiting() == per_member)
        answer = raw(axis, "GET", "/wait?seconds=20", key=key_of("H37"))
        assert (answer.status_code, answer.json()["code"]) == (503, "AXIS_WAITING_ROOM_FULL")
        assert int(answer.headers["Retry-After"]) > 0
        sender.send_edoc(document(), sender="H27.01", message_type="edoc")
        assert [call.result(timeout=10).edoc for call in waiting] == [1] * per_member
    assert recipient.wait(0).edoc == 1, "room again"


def _until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)
