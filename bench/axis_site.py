"""An axis of its own for a load: two web processes, a worker and a database, really running, that can be killed.

Owns starting, killing and looking at the processes, and the proof that nothing was lost or taken twice.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import psycopg

from bench.load import Outcome, Target
from vanthu.localdb import PRODUCTION, LocalDb

_LIMITS = ("VANTHU_AXIS_CALLS_PER_MINUTE", "VANTHU_AXIS_MEGABYTES_PER_MINUTE", "VANTHU_AXIS_QUEUE_LIMIT")
"""All packets here come from one member; what one may ask of a site is another subject."""

_WORKER_MEGABYTES = 80
"""A web process that has loaded the site is larger; helpers of the server are smaller."""

CATCHING_UP = 600.0
"""Seconds that the log may take to chain everything after the load."""


class AxisSite:
    """A site of its own on a free port: two web processes and a worker on the benchmark's database server."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "axis"
        self.folder.mkdir()
        self._server = LocalDb(root / "pg", PRODUCTION)
        self._port = _free_port()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._log = (self.folder / "log").open("ab")

    def __enter__(self) -> AxisSite:
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

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            print((self.folder / "log").read_text(errors="replace")[-3000:], file=sys.stderr)
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            process.wait(60)
        self._log.close()

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._port}"

    def memory(self) -> dict[str, float]:
        """Resident megabytes of each process: the web's in the order in which they started."""
        web = psutil.Process(self._processes["web"].pid)
        family = [("web", web), *((f"web {n}", child) for n, child in enumerate(web.children(), 1))]
        family.append(("worker", psutil.Process(self._processes["worker"].pid)))
        return {name: round(_resident(process), 1) for name, process in family}

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far of the web processes, the worker and the database."""
        groups = {name: psutil.Process(process.pid) for name, process in self._processes.items()}
        groups["CSDL"] = psutil.Process(self._postmaster())
        return {name: sum(map(_cpu, _family(process))) for name, process in groups.items()}

    def database_cpu(self) -> float:
        """CPU seconds so far of the database alone."""
        return sum(map(_cpu, _family(psutil.Process(self._postmaster()))))

    def kill_one(self, turn: int) -> None:
        """End a web process, the other one, the worker, the database, as a crash would; then from the beginning."""
        if turn % 4 == 3:
            self._kill_database()
        elif turn % 4 == 2:
            self._processes["worker"].kill()
            self._processes["worker"].wait()
            self._processes["worker"] = self._run("worker")
        else:
            self._kill_web()

    def _kill_database(self) -> None:
        """The next server takes a dead one for running until its parent, which we are, has buried it."""
        postmaster = self._postmaster()
        self._server.kill()
        with suppress(ChildProcessError):
            os.waitpid(postmaster, 0)
        self._server.start()

    def _kill_web(self) -> None:
        """The web process that has run for longest: one that dies twice within seconds ends the whole server.

        Where it ended all the same, a supervisor starts it anew.
        """
        if self._supervise():
            return
        children = psutil.Process(self._processes["web"].pid).children()
        workers = [child for child in children if _resident(child) > _WORKER_MEGABYTES]
        if workers:
            min(workers, key=psutil.Process.create_time).kill()

    def _supervise(self) -> bool:
        """Whether the web server had ended, as it does when its processes die too often, and was started anew."""
        ended = self._processes["web"].poll() is not None
        if ended:
            self._processes["web"] = self._run("web", "--workers", "2")
        return ended

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
        until = time.monotonic() + CATCHING_UP
        while True:
            found = json.loads(self._vanthu("axis", "verify", "--json"))
            if not found["holds"]:
                raise RuntimeError(f"the log is broken: {found}")
            if not found["open"]:
                return
            if time.monotonic() > until:
                raise RuntimeError(f"entries wait for their batch: {found}")
            time.sleep(1)

    def wait_ready(self) -> None:
        """Until the site answers again."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            self._supervise()
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
        secrets: dict[str, str] = {}
        for code, name in (("H27", "Tỉnh Hà Tĩnh"), ("H37", "Tỉnh Lạng Sơn")):
            secrets[code] = json.loads(self._vanthu("axis", "member", "add", code, name, "--json"))["secret"]
            self._vanthu("axis", "agency", "add", code, code, name)
        self.secrets = secrets
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


def _resident(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 2**20
    except psutil.NoSuchProcess:
        return 0.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
