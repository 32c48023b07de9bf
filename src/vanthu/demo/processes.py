"""The processes of a demonstration: started, watched, restarted when they die, stopped together.

Owns process handling only. A list of what was started lies in a file, so that the next start can end what a
killed demonstration left behind. Refuses to touch a process that it cannot recognise by id and start time.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import structlog

log = structlog.get_logger(__name__)

STOP_SECONDS = 10.0
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
LIVED_LONG_SECONDS = 60.0


@dataclass
class Process:
    """One process to keep alive: how to start it, and its present life."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    running: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = field(default=0)
    not_before: float = 0.0

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        return self.running is not None and self.running.poll() is None

    def tail(self, lines: int = 15) -> str:
        """The last lines of its log."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as stream:
            stream.seek(max(0, self.log.stat().st_size - 8000))
            return "\n".join(stream.read().decode(errors="replace").splitlines()[-lines:])


class Processes:
    """All processes of one demonstration, remembered in ``memory`` (a JSON file)."""

    def __init__(self, memory: Path) -> None:
        self._memory = memory
        self._all: dict[str, Process] = {}

    def __getitem__(self, name: str) -> Process:
        return self._all[name]

    @property
    def names(self) -> list[str]:
        """The names in order of starting."""
        return list(self._all)

    def start(self, process: Process) -> None:
        """Start a process in a session of its own: Ctrl-C reaches only the demonstration, which stops it."""
        self._all[process.name] = process
        process.log.parent.mkdir(parents=True, exist_ok=True)
        with process.log.open("ab") as stream:
            process.running = subprocess.Popen(
                list(process.command),
                env=dict(process.environment),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )
        process.started_at = time.monotonic()
        self._remember()

    def kill(self, name: str) -> None:
        """End a process and its children as a crash would."""
        running = self._all[name].running
        if running is not None:
            _end_session(running.pid, signal.SIGKILL)
            running.wait()

    def stop(self, name: str) -> None:
        """Ask a process to end, and insist after a while; it is not restarted."""
        process = self._all.pop(name)
        _stop_all([process])
        self._remember()

    def stop_all(self) -> None:
        """Ask every process to end, all at once, and insist after a while."""
        _stop_all(list(self._all.values()))
        self._all.clear()
        self._memory.unlink(missing_ok=True)

    def restart_dead(self) -> list[str]:
        """Start again what has died, later each time it dies young; returns the names of those started."""
        restarted = []
        now = time.monotonic()
        for process in self._all.values():
            if process.alive:
                continue
            if process.running is not None:
                self._mourn(process, now)
            if now >= process.not_before:
                self.start(process)
                restarted.append(process.name)
        return restarted

    def end_leftovers(self) -> None:
        """End what a killed demonstration of the same folder left running."""
        try:
            remembered = json.loads(self._memory.read_text())
        except (FileNotFoundError, ValueError):
            return
        ended: list[psutil.Process] = []
        for pid, born in remembered:
            if _born(pid) == born:
                log.debug("leftover_process_ended", pid=pid)
                ended += _family(pid)
                _end_session(pid, signal.SIGKILL)
        _wait_gone(ended)
        self._memory.unlink(missing_ok=True)

    def _mourn(self, process: Process, now: float) -> None:
        """Plan the next life; what the dead left behind (a web server's workers) must not keep its port."""
        assert process.running is not None
        _end_session(process.running.pid, signal.SIGKILL)
        lived = now - process.started_at
        process.deaths = 1 if lived > LIVED_LONG_SECONDS else process.deaths + 1
        pause = min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** (process.deaths - 1))
        process.not_before = now + pause
        log.warning("process_died", name=process.name, status=process.running.returncode, again_in=pause)
        process.running = None

    def _remember(self) -> None:
        alive = [process.running.pid for process in self._all.values() if process.running is not None]
        self._memory.parent.mkdir(parents=True, exist_ok=True)
        draft = self._memory.with_suffix(".new")
        draft.write_text(json.dumps([(pid, _born(pid)) for pid in alive]))
        draft.replace(self._memory)


def _stop_all(processes: Sequence[Process]) -> None:
    running = [process.running for process in processes if process.running is not None]
    for one in running:
        if one.poll() is None:
            one.terminate()
    end = time.monotonic() + STOP_SECONDS
    for one in running:
        try:
            one.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("process_did_not_stop", pid=one.pid)
        _end_session(one.pid, signal.SIGKILL)
        one.wait()


def _end_session(leader: int, number: int) -> None:
    """Signal a process and its children; each was started as leader of a process group."""
    try:
        os.killpg(leader, number)
    except (ProcessLookupError, PermissionError):
        return


def _family(pid: int) -> list[psutil.Process]:
    try:
        leader = psutil.Process(pid)
        return [leader, *leader.children(recursive=True)]
    except psutil.Error:
        return []


def _wait_gone(processes: Sequence[psutil.Process]) -> None:
    """Until killed processes have let go of their ports; one that only waits for its parent has."""
    end = time.monotonic() + STOP_SECONDS
    while time.monotonic() < end and any(_exists(process) for process in processes):
        time.sleep(0.02)


def _exists(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _born(pid: int) -> float | None:
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return None
