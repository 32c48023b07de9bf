"""Several workers at once: one effect, one trace."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from tests.exchange.conftest import issue, make_agency, make_office, send
from tests.exchange.test_inbox import letter

from vanthu.audit import queries as audit
from vanthu.audit.models import Event
from vanthu.edxml import write
from vanthu.exchange import inbox, jobs
from vanthu.exchange.models import Delivery, DeliveryState, InboxPacket, InboxState, OutboxPacket

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 6


def at_once(*work: Callable[[], object]) -> None:
    def run(one: Callable[[], object]) -> None:
        try:
            one()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(work)) as pool:
        list(pool.map(run, work))


def test_many_workers_with_the_same_packet_deliver_it_once() -> None:
    commune, department = make_office("UBND xã Phú Thịnh", "H20.45"), make_office("Sở Nội vụ", "H20.07")
    send(commune, issue(commune), department.agency)
    packet = str(OutboxPacket.objects.get().id)

    at_once(*[lambda: jobs.send_packet(packet)] * WORKERS)

    assert Delivery.objects.get().state == DeliveryState.SENT
    assert InboxPacket.objects.count() == 1
    assert Event.objects.filter(verb="exchange.sent").count() == 1
    assert audit.verify(commune.agency.id).holds
    assert audit.verify(department.agency.id).holds


def test_the_same_document_arriving_by_many_ways_at_once_is_taken_once_and_the_rest_linked_to_it() -> None:
    commune = make_office("UBND xã Phú Thịnh", "H20.45")
    make_agency("Bộ Nội vụ", "G09", hosted=False)
    content = write(letter(commune.code))

    at_once(*[lambda n=n: inbox.receive("axis", f"d{n}", content) for n in range(WORKERS)])

    states = list(InboxPacket.objects.values_list("state", flat=True))
    assert sorted(states) == sorted([InboxState.STORED, *[InboxState.DUPLICATE] * (WORKERS - 1)])
    first = InboxPacket.objects.get(state=InboxState.STORED)
    assert first.duplicates.count() == WORKERS - 1
    assert audit.verify(commune.agency.id).holds


def test_the_same_copy_listed_to_many_pollers_is_stored_once() -> None:
    commune = make_office("UBND xã Phú Thịnh", "H20.45")
    make_agency("Bộ Nội vụ", "G09", hosted=False)
    content = write(letter(commune.code))

    at_once(*[lambda: inbox.receive("axis", "d1", content)] * WORKERS)

    assert InboxPacket.objects.count() == 1
    assert Event.objects.filter(verb="exchange.received").count() == 1
