"""How many numbers per second a register gives out to many writers, by the action that the clerk's button runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import connection

from bench import seeding
from bench.measuring import Result, rated
from vanthu.audit import queries as audit
from vanthu.base.actors import Actor
from vanthu.issuing import actions as issuing
from vanthu.records import numbers
from vanthu.records.models import RegisterEntry

THREADS = (1, 8, 32, 64)
FLOOR = "một INSERT và một COMMIT mỗi lượt trên cùng cơ sở dữ liệu, cùng số luồng"


def run(*, quick: bool = False) -> Result:
    """Numbers per second at several numbers of writers; the register must have no gap and the chain must hold."""
    seconds, most = (1.5, 400) if quick else (8.0, 2500)
    office = seeding.office("Ủy ban nhân dân tỉnh Hà Tĩnh", "UBND", "H27")
    clerk = office.actor(office.clerk)
    _floor_table()
    waiting = seeding.signed_documents(office, most * len(THREADS))
    rows = []
    for order, threads in enumerate(THREADS):
        keys = waiting[order * most : (order + 1) * most]
        floor, _ = _rate(threads, [None] * 200_000, lambda _: _insert(), seconds / 2)
        cpu = time.process_time()
        rate, longest = _rate(threads, keys, lambda key: _number(clerk, key), seconds)
        cpu = (time.process_time() - cpu) * 1000 / max(1, _given(keys))
        notes = f"chậm nhất {longest:.0f} ms; {cpu:.0f} ms CPU mỗi số trong tiến trình web"
        rows.append(rated(f"{threads} luồng", rate, "số/giây", floor, notes))
    _require_whole()
    return Result("registers", "Cấp số văn bản đi (issuing.assign_number)", FLOOR, rows)


def _number(clerk: Actor, key: UUID | None) -> None:
    assert key is not None
    issuing.assign_number(clerk, key)


def _given(keys: Sequence[UUID]) -> int:
    return RegisterEntry.objects.filter(document_id__in=keys).count()


def _insert() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_floor (said) VALUES ('một dòng của sổ')")


def _floor_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_floor (id bigserial PRIMARY KEY, said text NOT NULL)")


def _rate(
    threads: int, keys: Sequence[UUID | None], work: Callable[[UUID | None], None], seconds: float
) -> tuple[float, float]:
    """Calls per second of all threads together, and the longest single call in ms."""
    supply = iter(keys)
    ends: list[tuple[int, float]] = []
    longest: list[float] = []
    lock, start = threading.Lock(), threading.Barrier(threads + 1)

    def writer() -> None:
        connection.ensure_connection()
        start.wait()
        done, slowest = 0, 0.0
        while time.perf_counter() < deadline:
            with lock:
                key = next(supply, StopIteration)
            if key is StopIteration:
                break
            began = time.perf_counter()
            work(key)  # type: ignore[arg-type]
            slowest = max(slowest, time.perf_counter() - began)
            done += 1
        ends.append((done, time.perf_counter()))
        longest.append(slowest)
        connection.close()

    deadline = time.perf_counter() + 3600
    crowd = [threading.Thread(target=writer) for _ in range(threads)]
    for thread in crowd:
        thread.start()
    start.wait()
    began = time.perf_counter()
    deadline = began + seconds
    for thread in crowd:
        thread.join()
    if len(ends) != threads:
        raise RuntimeError("a writer failed; see above")
    return sum(done for done, _ in ends) / (max(end for _, end in ends) - began), max(longest) * 1000


def _require_whole() -> None:
    for sequence in numbers.audit_sequences():
        if not sequence.holds:
            raise RuntimeError(f"the register is broken: {sequence}")
    for verdict in audit.verify_all():
        if not verdict.holds:
            raise RuntimeError(f"the chain is broken: {verdict}")
