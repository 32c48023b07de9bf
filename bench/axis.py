"""The axis under load: a really running site (web processes, worker, database), packets over HTTP.

Everything shares this machine's cores, the load's own work included. Durable means what it means in production:
each receipt was given after a flushed commit. The floor does the least that must happen to a packet, in as many
threads: HMAC of the call, SHA-256 of the body, one durable commit that writes the body.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
from django.conf import settings

from bench.load import Outcome, Target, drive
from bench.measuring import Result, Row, load_seconds, rated
from vanthu.localdb import PRODUCTION, LocalDb

FLOOR = "HMAC + SHA-256 + một COMMIT xuống đĩa có ghi thân gói tin, cùng số luồng, cùng lượt đo"
SMALL, LARGE = 100_000, 10 << 20
THREADS = 12
UNIT = "gói/giây"
_LIMITS = ("VANTHU_AXIS_CALLS_PER_MINUTE", "VANTHU_AXIS_MEGABYTES_PER_MINUTE", "VANTHU_AXIS_QUEUE_LIMIT")
"""All packets here come from one member; what one may ask of a site is another subject."""


def run(*, quick: bool = False) -> Result:
    """Packets accepted per second, with the longest waits, memory, and what killing processes does."""
    seconds = load_seconds(5 if quick else 30)
    with _Axis(Path(settings.VANTHU.data_dir)) as axis:
        drive(axis.target, SMALL, threads=THREADS, seconds=3, mark="warm-up")
        floor = _floor(axis, SMALL, min(seconds, 10))
        rows = [
            *_steady(axis, seconds, floor),
            _killed(axis, min(seconds, 30)),
            _large(axis, min(seconds, 15)),
        ]
        axis.require_whole_log()
    return Result("axis", "Trục: nhận gói tin bền vững, có biên nhận", FLOOR, rows)


def _steady(axis: _Axis, seconds: float, floor: float) -> list[Row]:
    before = axis.memory()
    cpu = axis.cpu()
    outcome = drive(axis.target, SMALL, threads=THREADS, seconds=seconds, mark="steady")
    used = {name: round(value - cpu[name], 1) for name, value in axis.cpu().items()}
    axis.require_exactly(outcome, "steady")
    thirds = _rates(outcome)
    waits = f"p50 {outcome.percentile(0.5):.0f}, p99 {outcome.percentile(0.99):.0f}, lâu nhất {max(outcome.ms):.0f} ms"
    notes = (
        f"{THREADS} kết nối, {seconds:.0f} giây; {waits}; "
        f"mỗi phần ba: {', '.join(f'{rate:.0f}' for rate in thirds)} gói/giây; "
        f"CPU mỗi gói: {_each(used, outcome)}; bộ nhớ web {before:.0f} → {axis.memory():.0f} MB"
    )
    detail = {
        "p50": outcome.percentile(0.5),
        "p99": outcome.percentile(0.99),
        "thirds": thirds,
        "cpu_seconds": used,
        "load_cpu_seconds": outcome.cpu,
        "memory_mb": [before, axis.memory()],
    }
    return [
        Row(
            "100 kB: nhận bền vững",
            outcome.rate,
            UNIT,
            floor,
            round(outcome.rate / floor, 3),
            notes=notes,
            detail=detail,
        )
    ]


def _each(used: dict[str, float], outcome: Outcome) -> str:
    parts = {**used, "tải": outcome.cpu}
    return ", ".join(f"{name} {value / len(outcome.ms) * 1000:.1f} ms" for name, value in parts.items())


def _rates(outcome: Outcome) -> list[float]:
    third = outcome.seconds / 3
    return [sum(part * third <= at < (part + 1) * third for at in outcome.at) / third for part in range(3)]


def _killed(axis: _Axis, seconds: float) -> Row:
    """Web processes, the worker and once the database are killed under load: nothing lost, nothing double."""
    stop, kills = threading.Event(), 0

    def kill() -> None:
        nonlocal kills
        while not stop.wait(2.0):
            axis.kill_one(kills)
            kills += 1

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        outcome = drive(axis.target, SMALL, threads=THREADS, seconds=seconds, mark="killed")
    finally:
        stop.set()
        killer.join()
    axis.wait_ready()
    axis.require_exactly(outcome, "killed")
    notes = f"{kills} lần kill -9, {outcome.retries} lần gửi lại; không mất, không trùng"
    return Row("100 kB trong khi tiến trình bị giết", outcome.rate, UNIT, notes=notes)


def _large(axis: _Axis, seconds: float) -> Row:
    """10 MB bodies in megabytes per second; the floor writes and flushes files of that size and hashes them."""
    floor = _files(axis.folder, seconds / 2)
    outcome = drive(axis.target, LARGE, threads=2, seconds=seconds, mark="large")
    axis.require_exactly(outcome, "large")
    rate = outcome.rate * LARGE / 1e6
    notes = f"2 kết nối; sàn: SHA-256 + ghi tệp + fsync, 2 luồng; p99 {outcome.percentile(0.99):.0f} ms"
    return rated("10 MB: nhận bền vững", rate, "MB/giây", floor, notes)


def _floor(axis: _Axis, size: int, seconds: float) -> float:
    """Packets per second that the bare parts allow."""
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

    rate = _per_second(work, THREADS, seconds)
    with psycopg.connect(axis.url, autocommit=True) as connection:
        connection.execute("DROP TABLE floor")
    return rate


def _files(folder: Path, seconds: float) -> float:
    """Megabytes per second: SHA-256 and a flushed file."""
    body = os.urandom(1 << 20) * 10
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

    return _per_second(work, 2, seconds) * len(body) / 1e6


def _per_second(work: Callable[[float], int], threads: int, seconds: float) -> float:
    done: list[int] = []
    started = time.perf_counter()
    running = [threading.Thread(target=lambda: done.append(work(started + seconds))) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return sum(done) / (time.perf_counter() - started)


class _Axis:
    """A site of its own on a free port: two web processes and a worker on the benchmark's database server."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "axis"
        self.folder.mkdir()
        self._server = LocalDb(root / "pg", PRODUCTION)
        self._port = _free_port()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._log = (self.folder / "log").open("ab")

    def __enter__(self) -> _Axis:
        self._server.ensure_database("bench_axis_site")
        self.url = self._server.url("bench_axis_site")
        key = self.folder / "secret-key"
        key.write_text("k" * 60)
        self._env = os.environ | {
            "VANTHU_SITE_KIND": "axis",
            "VANTHU_DATABASE_URL": self.url,
            "VANTHU_DATA_DIR": str(self.folder),
            "VANTHU_BLOB_DIR": str(self.folder / "blobs"),
            "VANTHU_SECRET_KEY_FILE": str(key),
            "VANTHU_WEB_PORT": str(self._port),
            **dict.fromkeys(_LIMITS, "0"),
            "VANTHU_AXIS_CONCURRENT_CALLS": "1000",
        }
        self._vanthu("manage", "migrate", "--verbosity", "0")
        self.target = self._members()
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            process.wait(30)
        self._log.close()

    def memory(self) -> float:
        """Resident megabytes of the web processes."""
        web = psutil.Process(self._processes["web"].pid)
        return sum(process.memory_info().rss for process in (web, *web.children(recursive=True))) / 2**20

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far of the web processes, the worker and the database."""
        groups = {name: psutil.Process(process.pid) for name, process in self._processes.items()}
        groups["CSDL"] = psutil.Process(self._postmaster())
        return {name: sum(map(_cpu, _family(process))) for name, process in groups.items()}

    def kill_one(self, turn: int) -> None:
        """End a web process, the worker, or (every tenth time) the database, as a crash would."""
        if turn % 10 == 4:
            self._server.kill()
            self._server.start()
        elif turn % 3 == 2:
            self._processes["worker"].kill()
            self._processes["worker"].wait()
            self._processes["worker"] = self._run("worker")
        else:
            self._kill_web(turn)

    def _kill_web(self, turn: int) -> None:
        """One web process; where granian gave up because they die too often, a supervisor starts it anew."""
        if self._processes["web"].poll() is not None:
            self._processes["web"] = self._run("web", "--workers", "2")
            return
        children = psutil.Process(self._processes["web"].pid).children()
        if children:
            children[turn % len(children)].kill()

    def require_exactly(self, outcome: Outcome, mark: str) -> None:
        """Every receipt is a packet of the axis, and every document was taken exactly once."""
        with psycopg.connect(self.url) as connection:
            query = "SELECT document_id, id::text FROM axis_packet WHERE document_id LIKE %s"
            rows = connection.execute(query, [mark + "/%"]).fetchall()
            query = (
                "SELECT count(*) FROM axis_axisdelivery JOIN axis_packet packet ON packet.id = packet_id "
                "WHERE document_id LIKE %s"
            )
            deliveries = connection.execute(query, [mark + "/%"]).fetchone()
        if dict(rows) != outcome.receipts or len(rows) != len(outcome.receipts):
            raise RuntimeError(f"{mark}: {len(outcome.receipts)} receipts, {len(rows)} packets")
        if deliveries is None or deliveries[0] != len(rows):
            raise RuntimeError(f"{mark}: {deliveries} deliveries of {len(rows)} packets")

    def require_whole_log(self) -> None:
        """The evidence of everything above holds, once the worker has put it into batches."""
        until = time.monotonic() + 120
        while True:
            found = json.loads(self._vanthu("axis", "verify", "--json"))
            if not found["holds"]:
                raise RuntimeError(f"the log is broken: {found}")
            if not found["open"]:
                return
            if time.monotonic() > until:
                raise RuntimeError(f"entries wait for their batch: {found}")

    def wait_ready(self) -> None:
        """Until the site answers again."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if httpx.get(f"http://127.0.0.1:{self._port}/health/ready", timeout=5).is_success:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        raise RuntimeError(f"the axis does not answer; see {self._log.name}")

    def _start(self) -> None:
        self._processes["web"] = self._run("web", "--workers", "2")
        self._processes["worker"] = self._run("worker")
        self.wait_ready()

    def _members(self) -> Target:
        secrets = {}
        for code, name in (("H27", "Tỉnh Hà Tĩnh"), ("H37", "Tỉnh Lạng Sơn")):
            secrets[code] = json.loads(self._vanthu("axis", "member", "add", code, name, "--json"))["secret"]
            self._vanthu("axis", "agency", "add", code, code, name)
        return Target(self._port, "H27", secrets["H27"], "H27", "H37")

    def _vanthu(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "vanthu", *arguments]
        done = subprocess.run(command, env=self._env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stderr[-2000:]}")
        return done.stdout

    def _run(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "vanthu", *arguments]
        return subprocess.Popen(command, env=self._env, stdout=self._log, stderr=self._log)

    def _postmaster(self) -> int:
        return int((self.folder.parent / "pg" / "data" / "postmaster.pid").read_text().split()[0])


def _family(process: psutil.Process) -> Iterator[psutil.Process]:
    yield process
    yield from process.children(recursive=True)


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system + times.children_user + times.children_system


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
