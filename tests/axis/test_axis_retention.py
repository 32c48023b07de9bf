"""Bodies go some days after everybody has taken them over; what somebody waits for stays, and so does evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from tests.axis.axis_parts import Axis, document

from vanthu.axis import retention
from vanthu.axis.actions import log
from vanthu.axis.models import Packet, PacketBody
from vanthu.base import clock
from vanthu.vxp import VxpRefused, VxpUnreachable

LARGE = b"A" * 400_000


@pytest.fixture(autouse=True)
def thirty_days(settings: Any) -> Iterator[None]:
    before = settings.VANTHU.axis_body_days
    settings.VANTHU.axis_body_days = 30
    yield
    settings.VANTHU.axis_body_days = before


def taken_over(axis: Axis, number: str, payload: bytes = b"AAAA", done: bool = True) -> str:
    packet = document(document_id=number, payload=payload)
    axis.province.send_edoc(packet, sender="H27.01", message_type="edoc")
    doc_id = axis.district.received("edoc")[-1].doc_id
    if done:
        axis.district.update_status(doc_id, "done")
    return doc_id


def partitions() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'axis_packetbody'::regclass")
        return int(cursor.fetchone()[0])


def test_the_bodies_of_a_day_go_at_once_when_all_were_taken_over(
    axis: Axis, frozen_clock: Callable[[Any], None], settings: Any
) -> None:
    small, large = taken_over(axis, "1"), taken_over(axis, "2", LARGE)
    file = settings.VANTHU.blob_dir / "axis" / Packet.objects.exclude(body_file="").get().body_file
    now = clock.now()
    frozen_clock(now + timedelta(days=29))
    assert retention.drop_old_bodies() == 0
    frozen_clock(now + timedelta(days=32))
    assert partitions() == 1
    assert retention.drop_old_bodies() == 2
    assert (partitions(), file.exists()) == (0, False)
    assert retention.drop_old_bodies() == 0
    for doc_id in (small, large):
        with pytest.raises(VxpRefused, match="chỉ còn giữ bằng chứng"):
            axis.client("H37", clock=clock.now).get(doc_id)
    log.close_batches()
    assert axis.client("H37", clock=clock.now).evidence(small)


def test_what_somebody_still_waits_for_stays(axis: Axis, frozen_clock: Callable[[Any], None]) -> None:
    taken_over(axis, "1")
    taken_over(axis, "2", LARGE)
    waiting = [taken_over(axis, "3", done=False), taken_over(axis, "4", LARGE, done=False)]
    frozen_clock(clock.now() + timedelta(days=400))
    assert retention.drop_old_bodies() == 2
    client = axis.client("H37", clock=clock.now)
    assert [client.get(doc_id) for doc_id in waiting]
    assert PacketBody.objects.count() == 1


def test_zero_days_means_for_ever(axis: Axis, frozen_clock: Callable[[Any], None], settings: Any) -> None:
    settings.VANTHU.axis_body_days = 0
    doc_id = taken_over(axis, "1")
    frozen_clock(clock.now() + timedelta(days=4000))
    assert retention.drop_old_bodies() == 0
    assert axis.client("H37", clock=clock.now).get(doc_id)


def test_a_body_that_is_lost_too_early_is_a_failure_and_not_its_time(axis: Axis) -> None:
    doc_id = taken_over(axis, "1")
    PacketBody.objects.all().delete()
    with pytest.raises(VxpUnreachable):
        axis.district.get(doc_id)
