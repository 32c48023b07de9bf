"""The axis under load: a really running site (web processes, worker, database), packets over HTTP.

Everything shares this machine's cores, the load's own work included, but large packets are hashed before. Durable
means what it means in production: each receipt was given after a flushed commit. The floor does the least that must
happen to a packet, in as many threads: HMAC of the call, SHA-256 of the body, one durable commit that writes the body;
for large bodies a flushed file. Rates lie on a busy machine, so the processor time per packet stands beside them, for
the floor too.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from bench import measuring
from bench.axis_site import AxisSite
from bench.load import Outcome, drive
from bench.measuring import Result, Row

FLOOR = "HMAC + SHA-256 + một COMMIT xuống đĩa có ghi thân gói tin (gói lớn: tệp + fsync), cùng số luồng, cùng lượt đo"
SMALL, LARGE = 100_000, 10 << 20
INLINE = 256 << 10
THREADS, LARGE_THREADS = 12, 2
KILL_EVERY = 3.0


@dataclass(frozen=True)
class Phase:
    """One load: bodies of ``size`` bytes for ``seconds``; ``kill`` ends processes meanwhile."""

    size: int
    seconds: float
    kill: bool = False

    @property
    def mark(self) -> str:
        """What its documents are called."""
        return f"{self.size}-{self.seconds:g}-{'kill' if self.kill else 'steady'}"

    @property
    def threads(self) -> int:
        """How many connections send."""
        return THREADS if self.size <= INLINE else LARGE_THREADS

    def __str__(self) -> str:
        size = f"{self.size / 1e6:g} MB" if self.size >= 1_000_000 else f"{self.size // 1000} kB"
        return f"{size}: nhận bền vững" + (", tiến trình bị giết" if self.kill else "")


@dataclass(frozen=True)
class Floor:
    """Packets per second of the least that must happen, and its processor milliseconds per packet."""

    rate: float
    cpu: float


def run(*, quick: bool = False) -> Result:
    """Packets accepted per second, with the longest waits, memory, and what killing processes does."""
    with AxisSite(Path(settings.VANTHU.data_dir)) as axis:
        drive(axis.target, SMALL, threads=THREADS, seconds=3, mark="warm-up")
        rows = [_row(axis, phase) for phase in _phases(quick)]
        axis.require_whole_log()
    return Result("axis", "Trục: nhận gói tin bền vững, có biên nhận", FLOOR, rows)


def _phases(quick: bool) -> list[Phase]:
    """What was asked for; otherwise a short look at everything."""
    asked = measuring.asked
    if asked.seconds or asked.size or asked.kill:
        return [Phase(asked.size or SMALL, asked.seconds or 30, asked.kill)]
    return [
        Phase(SMALL, 5 if quick else 20),
        Phase(SMALL, 8 if quick else 20, kill=True),
        Phase(LARGE, 5 if quick else 10),
    ]


def _row(axis: AxisSite, phase: Phase) -> Row:
    floor = _floor(axis, phase)
    memory, cpu = axis.memory(), axis.cpu()
    outcome, kills = _driven(axis, phase)
    used = {} if phase.kill else {name: value - cpu[name] for name, value in axis.cpu().items()}
    memory_after = axis.memory()
    axis.require_exactly(outcome, phase.mark)
    each = {name: value / len(outcome.ms) * 1000 for name, value in used.items()}
    each |= {"bên gửi": outcome.cpu / len(outcome.ms) * 1000}
    rate, unit, floor_rate = _in_unit(phase, outcome.rate, floor.rate)
    detail = {
        "p50": outcome.percentile(0.5),
        "p99": outcome.percentile(0.99),
        "longest": max(outcome.ms),
        "parts": _rates(outcome),
        "cpu_ms_per_packet": each,
        "floor_cpu_ms_per_packet": floor.cpu,
        "memory_mb": [memory, memory_after],
        "kills": kills,
        "retries": outcome.retries,
        "packets": len(outcome.ms),
    }
    notes = _notes(phase, outcome, each, floor, kills, [memory, memory_after])
    return Row(str(phase), rate, unit, floor_rate, round(rate / floor_rate, 3), notes=notes, detail=detail)


def _in_unit(phase: Phase, rate: float, floor: float) -> tuple[float, str, float]:
    if phase.size <= INLINE:
        return rate, "gói/giây", floor
    megabytes = phase.size / 1e6
    return rate * megabytes, "MB/giây", floor * megabytes


def _notes(
    phase: Phase,
    outcome: Outcome,
    each: dict[str, float],
    floor: Floor,
    kills: int,
    memory: list[dict[str, float]],
) -> str:
    whole = "" if phase.kill else f" (cả thảy {sum(each.values()):.1f}; sàn {floor.cpu:.1f})"
    killed = (
        f"{kills} lần kill -9, {outcome.retries} lần gửi lại; không mất, không trùng; " if phase.kill else ""
    )
    growth = ", ".join(f"{name} {memory[0][name]:.0f}→{after:.0f}" for name, after in memory[1].items()
                       if name in memory[0])  # fmt: skip
    return (
        f"{phase.threads} kết nối, {phase.seconds:.0f} giây, {len(outcome.ms)} gói; {killed}"
        f"p50 {outcome.percentile(0.5):.0f}, p99 {outcome.percentile(0.99):.0f}, "
        f"lâu nhất {max(outcome.ms):.0f} ms; "
        f"từng phần: {', '.join(f'{rate:.0f}' for rate in _rates(outcome))} gói/giây; "
        f"CPU mỗi gói: {', '.join(f'{name} {value:.1f}' for name, value in each.items())} ms{whole}; "
        f"bộ nhớ (MB): {growth}"
    )


def _rates(outcome: Outcome) -> list[float]:
    """Packets per second of each minute; of each third where it lasted less than three."""
    count = max(3, int(outcome.seconds // 60))
    part = outcome.seconds / count
    return [sum(n * part <= at < (n + 1) * part for at in outcome.at) / part for n in range(count)]


def _driven(axis: AxisSite, phase: Phase) -> tuple[Outcome, int]:
    """The load, with killing where it is asked for; returns how many processes were killed, too."""
    stop, kills = threading.Event(), 0

    def kill() -> None:
        nonlocal kills
        while not stop.wait(KILL_EVERY):
            axis.kill_one(kills)
            kills += 1

    killer = threading.Thread(target=kill)
    if phase.kill:
        killer.start()
    try:
        outcome = drive(
            axis.target, phase.size, threads=phase.threads, seconds=phase.seconds, mark=phase.mark
        )
    finally:
        stop.set()
        if phase.kill:
            killer.join()
    if phase.kill:
        axis.wait_ready()
    return outcome, kills


def _floor(axis: AxisSite, phase: Phase) -> Floor:
    seconds = min(phase.seconds, 10)
    if phase.size <= INLINE:
        return _commits(axis, phase.size, seconds)
    return _files(axis.folder, phase.size, seconds)


def _commits(axis: AxisSite, size: int, seconds: float) -> Floor:
    """What the bare parts allow for bodies in the database."""
    body, text, key = os.urandom(size // 2).hex().encode(), b"x" * 700, b"k" * 32

    with psycopg.connect(axis.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE floor (id bigserial PRIMARY KEY, mac text, sha text, body bytea)")
        connection.execute("ALTER TABLE floor ALTER COLUMN body SET STORAGE EXTERNAL")

    def once(connection: psycopg.Connection[Any]) -> None:
        mac = hmac.new(key, text, hashlib.sha256).hexdigest()
        sha = hashlib.sha256(body).hexdigest()
        connection.execute("INSERT INTO floor (mac, sha, body) VALUES (%s, %s, %s)", [mac, sha, body])

    def work(until: float) -> int:
        done = 0
        with psycopg.connect(axis.url, autocommit=True) as connection:
            while time.perf_counter() < until:
                once(connection)
                done += 1
        return done

    database = axis.database_cpu()
    rate, cpu = _per_second(work, THREADS, seconds)
    cpu += (axis.database_cpu() - database) / (rate * seconds)
    with psycopg.connect(axis.url, autocommit=True) as connection:
        connection.execute("DROP TABLE floor")
    return Floor(rate, cpu * 1000)


def _files(folder: Path, size: int, seconds: float) -> Floor:
    """What the disk and SHA-256 allow for bodies in files."""
    body = os.urandom(size)
    target = folder / "floor"
    target.mkdir()

    def work(until: float) -> int:
        done = 0
        while time.perf_counter() < until:
            hashlib.sha256(body).hexdigest()
            path = target / f"{threading.get_ident()}-{done}"
            with path.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
            done += 1
        return done

    rate, cpu = _per_second(work, LARGE_THREADS, seconds)
    target.rmdir()
    return Floor(rate, cpu * 1000)


def _per_second(work: Callable[[float], int], threads: int, seconds: float) -> tuple[float, float]:
    """How often per second, and this process' CPU seconds for each."""
    done: list[int] = []
    started, cpu = time.perf_counter(), time.process_time()
    running = [threading.Thread(target=lambda: done.append(work(started + seconds))) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    used = time.process_time() - cpu
    return sum(done) / (time.perf_counter() - started), used / sum(done)
