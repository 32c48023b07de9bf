"""How fast the chain of audit events is verified: every hash computed anew, in order."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import connection

from bench import seeding
from bench.measuring import Result, rated
from vanthu.audit import queries as audit
from vanthu.audit.ledger import event_hash
from vanthu.audit.models import Chain, Event
from vanthu.base import clock
from vanthu.base.ids import new_id

FLOOR = "đọc cùng các dòng dưới dạng văn bản và một SHA-256 mỗi dòng, không kiểm tra gì"
ROUNDS = 5


def run(*, quick: bool = False) -> Result:
    """Events per second of ``vanthu audit verify`` over one agency's chain."""
    count = 5_000 if quick else 50_000
    office = seeding.office("Ủy ban nhân dân tỉnh Hà Tĩnh", "UBND", "H27")
    _load(office, count)
    floor = _best(count, _bare)
    rate = _best(count, lambda: _verify(office, count))
    notes = f"{count:,} sự kiện; một ngày 20.000 sự kiện: {20_000 / rate:.1f} giây".replace(",", ".")
    row = rated("audit.verify", rate, "sự kiện/giây", floor, notes)
    return Result("audit", "Xác minh chuỗi nhật ký", FLOOR, [row])


def _load(office: seeding.Office, count: int) -> None:
    actor, start = office.actor(office.clerk), clock.now() - timedelta(days=30)
    previous, events = "0" * 64, []
    for sequence in range(1, count + 1):
        event = Event(
            agency_id=actor.agency_id,
            sequence=sequence,
            at=start + timedelta(seconds=sequence),
            verb="issuing.assign_number",
            object_kind="document",
            object_id=new_id(),
            actor_post=actor.post_id,
            actor_name=actor.name,
            actor_position=actor.position,
            address=actor.address,
            data={
                "subject": f"V/v rà soát công tác chuyển đổi số lần {sequence}",
                "code": f"{sequence}/UBND-VP",
            },
            previous=previous,
        )
        previous = event.hash = event_hash(event)
        events.append(event)
    seeding.copy_in(Event, events)
    Chain.objects.create(agency_id=actor.agency_id, length=count, head=previous)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _verify(office: seeding.Office, count: int) -> None:
    verdict = audit.verify(office.agency.pk)
    if not verdict.holds or verdict.length != count:
        raise RuntimeError(f"the chain does not hold: {verdict}")


def _bare() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_event::text FROM audit_event ORDER BY agency_id, sequence")
        for row in cursor.fetchall():
            hashlib.sha256(row[0].encode()).hexdigest()


def _best(count: int, work: Callable[[], None]) -> float:
    """The rate of the quickest round: the others shared the machine."""
    took = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        took.append(time.perf_counter() - started)
    return count / min(took)
