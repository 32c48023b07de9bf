"""A whole demonstration in one folder: database, authority, axis, agency sites.

Owns ports, secrets, environments and the order of starting and stopping. ``vanthu demo`` runs one; tests run
clusters of their own in other folders on other ports, and may share one :class:`DemoPki`, whose keys take
seconds to make. Refuses to run twice in one folder.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

import httpx
import psutil

from vanthu.demo import pki
from vanthu.demo.errors import AlreadyRunning, NotReady, PortTaken, PreparationFailed
from vanthu.demo.material import Material
from vanthu.demo.processes import Process, Processes
from vanthu.demo.sites import AGENCY_SITES, AXIS, DEFAULT_PORT, PKI_OFFSET, SITES, DemoSite
from vanthu.localdb import PRODUCTION, LocalDb

HOST = "127.0.0.1"
READY_SECONDS = 60.0
VANTHU = [sys.executable, "-m", "vanthu"]

Tell = Callable[[str], None]


def _silent(text: str) -> None:
    """Says nothing."""


class DemoPki:
    """The make-believe authority with its services on one port."""

    def __init__(self, folder: Path, port: int) -> None:
        self.material = Material(folder)
        self.port = port
        self._processes = Processes(folder / "running.json")

    def start(self) -> None:
        """Make what is missing and serve; raises :class:`PortTaken`, :class:`NotReady`."""
        self.end_leftovers()
        require_free({self.port: "dịch vụ chứng thực thử nghiệm"})
        self.material.make(self.port)
        process = Process(
            "pki",
            pki.serve_command(self.material.pki, self.port),
            dict(os.environ),
            self.material.folder / "pki.log",
        )
        self._processes.start(process)
        wait_for_port(process, self.port)

    def end_leftovers(self) -> None:
        """End the services that a killed demonstration left running."""
        self._processes.end_leftovers()

    def restart_dead(self) -> list[str]:
        """Start the services again when they died."""
        return self._processes.restart_dead()

    def kill(self) -> None:
        """End the services as a crash would."""
        self._processes.kill("pki")

    def stop(self) -> None:
        """End the services."""
        self._processes.stop_all()


class DemoCluster:
    """Database, axis and agency sites under ``root`` on ports from ``base_port`` up.

    Process names: ``pg``, ``pki``, and each site's ``web`` and ``worker`` (``truc.web``, ``hatinh.worker``).
    With a ``shared_pki`` the cluster neither starts nor stops an authority of its own. Unless ``flushed``, the
    database leaves writing to the operating system: it then outlives every kill, but no power cut.
    """

    def __init__(
        self,
        root: Path,
        base_port: int = DEFAULT_PORT,
        *,
        shared_pki: DemoPki | None = None,
        web_workers: int = 1,
        flushed: bool = True,
        tell: Tell = _silent,
    ) -> None:
        self.root = root.absolute()
        self.base_port = base_port
        self.pki = shared_pki or DemoPki(self.root / "authority", base_port + PKI_OFFSET)
        parameters = {**PRODUCTION, "shared_buffers": "128MB", "fsync": "on" if flushed else "off"}
        self.database = LocalDb(self.root / "pg", parameters)
        self.processes = Processes(self.root / "running.json")
        self._owns_pki = shared_pki is None
        self._web_workers = web_workers
        self._tell = tell
        self._lock: IO[str] | None = None
        # Plain HTTP: a context for TLS would cost more than the question.
        self._http = httpx.Client(timeout=10, trust_env=False, verify=False)  # noqa: S501

    def url(self, site: DemoSite) -> str:
        """The address of a site."""
        return f"http://{HOST}:{self.base_port + site.offset}"

    def is_ready(self, site: DemoSite) -> bool:
        """Whether the site says that it is ready, database included."""
        try:
            return self._http.get(f"{self.url(site)}/health/ready").is_success
        except httpx.HTTPError:
            return False

    def env(self, site: DemoSite) -> dict[str, str]:
        """The whole environment of a site's processes."""
        folder = self.root / site.code
        own = {
            "SITE_KIND": site.kind,
            "SITE_NAME": site.name,
            "SITE_CODE": site.code,
            "BASE_URL": self.url(site),
            "ALLOWED_HOSTS": f"{HOST},localhost",
            "DATABASE_URL": self.database.url(f"vanthu_{site.code}"),
            "DATA_DIR": str(folder),
            "BLOB_DIR": str(folder / "blobs"),
            "SECRET_KEY_FILE": str(self._secret(f"{site.code}.key")),
            "DEMO": "true",
            "DEMO_DIR": str(self.root),
            "TRUST_DIR": str(self.pki.material.trust),
            "TSA_URL": pki.tsa_url(self.pki.port),
            "WORKER_STALE_SECONDS": "8",
            # People try papers of their own, which name other signers.
            "SIGNER_BLOCK": "remark",
            "WEB_HOST": HOST,
            "WEB_PORT": str(self.base_port + site.offset),
        }
        own |= self._axis_settings(site)
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("VANTHU_")}
        return inherited | {f"VANTHU_{name}": value for name, value in own.items()}

    def start(self) -> None:
        """Bring everything up and wait until every site is ready.

        Raises the errors of :mod:`vanthu.demo.errors` and :mod:`vanthu.localdb.errors`; what had been started
        is stopped again.
        """
        self._claim()
        try:
            self._end_leftovers()
            require_free({self.base_port + site.offset: site.name for site in SITES})
            self._start_all()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every process, the database last."""
        self.processes.stop_all()
        if self._owns_pki:
            self.pki.stop()
        self.database.stop()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def kill(self, name: str) -> None:
        """End one process as ``kill -9`` would; :meth:`supervise` or :meth:`revive` starts it again."""
        if name == "pg":
            self.database.kill()
        elif name == "pki":
            self.pki.kill()
        else:
            self.processes.kill(name)

    def revive(self, name: str) -> None:
        """Start a killed process again and wait until it is ready."""
        if name == "pg":
            self.database.start()
        elif name == "pki":
            self.pki.restart_dead()
        else:
            process = self.processes[name]
            self.processes.start(process)
            if name.endswith(".web"):
                self._wait_ready(next(site for site in SITES if name == f"{site.code}.web"))

    def supervise(self) -> list[str]:
        """One round: start again what has died; returns the names."""
        revived = []
        if not self.database.status().running:
            self.database.start()
            revived.append("pg")
        if self._owns_pki:
            revived += self.pki.restart_dead()
        return revived + self.processes.restart_dead()

    def destroy(self) -> None:
        """Stop what runs and delete the folder; raises :class:`AlreadyRunning`."""
        if self.root.exists():
            self._claim()
            self._end_leftovers()
            self.stop()
            shutil.rmtree(self.root)

    def _end_leftovers(self) -> None:
        """What a killed demonstration left running; the database continues as it is."""
        self.processes.end_leftovers()
        if self._owns_pki:
            self.pki.end_leftovers()

    def _start_all(self) -> None:
        self._tell("Khởi động PostgreSQL")
        self.database.start()
        if self._owns_pki:
            self._tell("Chuẩn bị khóa ký số và dịch vụ chứng thực thử nghiệm")
            self.pki.start()
        self._tell("Chuẩn bị cơ sở dữ liệu của ba hệ thống")
        self._prepare()
        self._tell("Khởi động trục liên thông và hai hệ thống cơ quan")
        for site in SITES:
            self._start_web(site)
        # The workers of the agencies ask the axis for its list at once, then not for a long while.
        for site in (AXIS, *AGENCY_SITES):
            self._wait_ready(site)
            self._start_worker(site)

    def _prepare(self) -> None:
        """Migrate and fill the sites, at the same time."""
        members = [f"{site.system_id}={self._axis_secret(site)}" for site in AGENCY_SITES]
        running = {}
        for site in SITES:
            self.database.ensure_database(f"vanthu_{site.code}")
            command = [sys.executable, "-m", "vanthu.demo.prepare", site.code, str(self.pki.material.folder)]
            process = self._process(site, "prepare", [*command, *(members if site is AXIS else [])])
            process.log.unlink(missing_ok=True)
            self.processes.start(process)
            running[process.name] = (site, process)
        for name, (site, process) in running.items():
            assert process.running is not None
            if process.running.wait():
                raise PreparationFailed(site=site.name, log=process.log, tail=process.tail())
            self.processes.stop(name)

    def _start_web(self, site: DemoSite) -> None:
        command = [*VANTHU, "web", "--workers", str(self._web_workers)]
        self.processes.start(self._process(site, "web", command))

    def _start_worker(self, site: DemoSite) -> None:
        self.processes.start(self._process(site, "worker", [*VANTHU, "worker"]))

    def _process(self, site: DemoSite, what: str, command: list[str]) -> Process:
        name = f"{site.code}.{what}"
        return Process(name, command, self.env(site), self.root / "logs" / f"{name}.log")

    def _wait_ready(self, site: DemoSite) -> None:
        process = self.processes[f"{site.code}.web"]
        end = time.monotonic() + READY_SECONDS
        while process.alive and time.monotonic() < end:
            if self.is_ready(site):
                return
            time.sleep(0.1)
        reason = "quá thời gian chờ" if process.alive else "tiến trình đã dừng"
        raise NotReady(name=site.name, reason=reason, log=process.log, tail=process.tail())

    def _axis_settings(self, site: DemoSite) -> dict[str, str]:
        if site is AXIS:
            return {"AXIS_KEY_FILE": str(self._receipt_key())}
        return {
            "AXIS_URL": self.url(AXIS),
            "AXIS_SYSTEM_ID": site.system_id,
            "AXIS_SECRET_FILE": str(self._axis_secret(site)),
            "AXIS_POLL_SECONDS": "1",
        }

    def _axis_secret(self, site: DemoSite) -> Path:
        """Written by the axis when it admits the site (:mod:`vanthu.demo.members`)."""
        return self.root / "secrets" / f"axis-{site.code}.secret"

    def _secret(self, name: str) -> Path:
        return self._kept(name, lambda: secrets.token_urlsafe(48).encode())

    def _receipt_key(self) -> Path:
        from vanthu.evidence import new_key, private_pem

        return self._kept("axis-receipt.pem", lambda: private_pem(new_key()))

    def _kept(self, name: str, make: Callable[[], bytes]) -> Path:
        """A secret file, made on first use, for this user only."""
        folder = self.root / "secrets"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / name
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as target:
                target.write(make())
        return path

    def _claim(self) -> None:
        """One cluster at a time works in a folder; the lock ends with the process."""
        self.root.mkdir(parents=True, exist_ok=True)
        lock = (self.root / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            pid = lock.read().strip()
            lock.close()
            raise AlreadyRunning(pid=pid) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock


def free_base_port() -> int:
    """A port from which on all that a cluster needs are free now; for tests."""
    needed = [*(site.offset for site in SITES), PKI_OFFSET]
    while True:
        base = 20000 + secrets.randbelow(20000)
        if all(_is_free(base + offset) for offset in needed):
            return base


def require_free(ports: dict[int, str]) -> None:
    """Raise :class:`PortTaken` for the first port (number → what for) that another program has."""
    for port, purpose in ports.items():
        if not _is_free(port):
            raise PortTaken(port=port, purpose=purpose, owner=_owner(port))


def wait_for_port(process: Process, port: int) -> None:
    """Wait until a process accepts connections; raises :class:`NotReady`."""
    end = time.monotonic() + READY_SECONDS
    while process.alive and time.monotonic() < end:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.05)
    reason = "quá thời gian chờ" if process.alive else "tiến trình đã dừng"
    raise NotReady(name=process.name, reason=reason, log=process.log, tail=process.tail())


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _owner(port: int) -> str:
    with suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and tuple(connection.laddr)[1:] == (port,)
            if listens and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (tiến trình {connection.pid})"
    return "một chương trình khác"
