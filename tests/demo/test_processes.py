"""The supervisor of the demonstration."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from vanthu.demo.cluster import DemoCluster, free_base_port, require_free
from vanthu.demo.errors import AlreadyRunning, PortTaken
from vanthu.demo.processes import Process, Processes
from vanthu.demo.sites import AXIS, HA_TINH

SLEEPER = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]


def _sleeper(tmp_path: Path, command: list[str] | None = None) -> Process:
    return Process("sleeper", command or SLEEPER, dict(os.environ), tmp_path / "logs" / "sleeper.log")


def test_a_process_that_dies_is_started_again_after_a_pause(tmp_path: Path) -> None:
    processes = Processes(tmp_path / "running.json")
    try:
        processes.start(_sleeper(tmp_path))
        assert processes.restart_dead() == []
        processes.kill("sleeper")
        assert processes.restart_dead() == []
        assert processes["sleeper"].not_before > time.monotonic()
        processes["sleeper"].not_before = 0
        assert processes.restart_dead() == ["sleeper"]
        assert processes["sleeper"].alive
    finally:
        processes.stop_all()


def test_the_pause_grows_while_a_process_keeps_dying(tmp_path: Path) -> None:
    processes = Processes(tmp_path / "running.json")
    pauses = []
    try:
        processes.start(_sleeper(tmp_path))
        for _ in range(4):
            processes.kill("sleeper")
            processes.restart_dead()
            pauses.append(processes["sleeper"].not_before - time.monotonic())
            processes["sleeper"].not_before = 0
            processes.restart_dead()
        assert pauses == sorted(pauses)
        assert pauses[-1] > 3
    finally:
        processes.stop_all()


def _with_child(processes: Processes, tmp_path: Path) -> list[psutil.Process]:
    """Start a process that starts another; returns the other."""
    program = (
        f"import subprocess, time; subprocess.Popen({SLEEPER!r}); print('ready', flush=True); time.sleep(600)"
    )
    process = _sleeper(tmp_path, [sys.executable, "-S", "-c", program])
    processes.start(process)
    while "ready" not in process.tail():
        assert process.alive
    assert process.running is not None
    family = psutil.Process(process.running.pid).children()
    assert family
    return family


def _all_end(family: list[psutil.Process]) -> bool:
    """Whether all end soon; one that only waits for its parent to notice has ended."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if not any(_alive(one) for one in family):
            return True
    return False


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_stopping_ends_children_of_children(tmp_path: Path) -> None:
    processes = Processes(tmp_path / "running.json")
    family = _with_child(processes, tmp_path)
    processes.stop_all()
    assert _all_end(family)


def test_a_dead_process_does_not_leave_its_children_to_the_next_one(tmp_path: Path) -> None:
    processes = Processes(tmp_path / "running.json")
    family = _with_child(processes, tmp_path)
    running = processes["sleeper"].running
    assert running is not None
    try:
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        processes.restart_dead()
        assert _all_end(family)
    finally:
        processes.stop_all()


def test_what_a_killed_demonstration_left_behind_is_ended(tmp_path: Path) -> None:
    memory = tmp_path / "running.json"
    with subprocess.Popen(SLEEPER, start_new_session=True) as orphan:
        memory.write_text(json.dumps([(orphan.pid, psutil.Process(orphan.pid).create_time())]))
        Processes(memory).end_leftovers()
        assert orphan.wait(timeout=5) != 0
    assert not memory.exists()


def test_a_stranger_who_got_the_same_process_id_is_left_alone(tmp_path: Path) -> None:
    memory = tmp_path / "running.json"
    with subprocess.Popen(SLEEPER, start_new_session=True) as stranger:
        memory.write_text(json.dumps([(stranger.pid, 12345.0)]))
        Processes(memory).end_leftovers()
        assert stranger.poll() is None
        stranger.kill()


def test_a_taken_port_is_named_with_its_owner() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Cổng {port} .*trục.*tiến trình {os.getpid()}"):
            require_free({port: "trục"})


def test_the_same_folder_is_not_run_twice(tmp_path: Path) -> None:
    first, second = DemoCluster(tmp_path, free_base_port()), DemoCluster(tmp_path, free_base_port())
    first._claim()
    with pytest.raises(AlreadyRunning, match=str(os.getpid())):
        second.destroy()


def test_each_site_has_its_own_database_folder_and_secret(tmp_path: Path) -> None:
    cluster = DemoCluster(tmp_path, 8100)
    axis, province = cluster.env(AXIS), cluster.env(HA_TINH)
    assert axis["VANTHU_SITE_KIND"] == "axis" and province["VANTHU_SITE_KIND"] == "agency"
    for name in ("DATABASE_URL", "DATA_DIR", "BLOB_DIR", "SECRET_KEY_FILE", "WEB_PORT", "SITE_CODE"):
        assert axis[f"VANTHU_{name}"] != province[f"VANTHU_{name}"]
    assert province["VANTHU_AXIS_URL"] == "http://127.0.0.1:8100"
    secret = Path(province["VANTHU_SECRET_KEY_FILE"])
    assert len(secret.read_text()) >= 50
    assert secret.stat().st_mode & 0o077 == 0
    assert cluster.env(HA_TINH) == province
