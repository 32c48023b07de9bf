"""The embedded database: what a laptop does to it in a day."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from vanthu.localdb import LocalDb, OtherVersion, StartFailed
from vanthu.localdb.server import PRODUCTION, SOCKET_PATH_LIMIT

SMALL = {**PRODUCTION, "shared_buffers": "16MB", "max_connections": "20"}


@pytest.fixture
def folder(open_folder: Path) -> Path:
    return open_folder / "pg"


@pytest.fixture
def server(folder: Path) -> Iterator[LocalDb]:
    server = LocalDb(folder, SMALL)
    server.start()
    yield server
    server.kill()


def test_a_new_folder_becomes_a_server_that_keeps_its_data_over_a_stop(server: LocalDb) -> None:
    assert server.ensure_database("axis")
    assert not server.ensure_database("axis")
    with server.connect("axis") as connection:
        connection.execute("CREATE TABLE t AS SELECT 'Hà Tĩnh' AS name")
    server.stop()
    assert not server.status().running
    server.start()
    assert server.status().ready
    with server.connect("axis") as connection:
        assert connection.execute("SELECT name FROM t").fetchone() == ("Hà Tĩnh",)


def test_starting_twice_is_one_server(server: LocalDb) -> None:
    before = server.status().pid
    server.start()
    assert server.status().pid == before


def test_what_was_committed_before_a_power_cut_is_there_after_it(server: LocalDb) -> None:
    with server.connect() as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (125)")
        server.kill()
    assert not server.status().running
    server.start()
    with server.connect() as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (125,)


def test_a_server_whose_main_process_alone_was_killed_starts_again(server: LocalDb) -> None:
    os.kill(server.status().pid, signal.SIGKILL)
    while server.status().running:
        pass
    server.start()
    assert server.status().ready


def test_a_stale_process_file_that_names_a_stranger_does_not_count(server: LocalDb) -> None:
    server.stop()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n0\n5432\n\n\n0 0\nready\n")
    assert not server.status().running
    server.start()
    assert server.status().ready
    assert server.status().pid != os.getpid()


def test_no_network_port_and_no_other_user(server: LocalDb) -> None:
    with server.connect() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
    assert server.folder.stat().st_mode & 0o077 == 0


def test_a_path_too_long_for_a_socket_uses_a_short_folder(folder: Path) -> None:
    deep = folder.parent / ("d" * 60) / ("e" * 60) / "pg"
    server = LocalDb(deep, SMALL)
    try:
        server.start()
        assert server.socket_dir != server.folder
        assert len(str(server.socket_dir)) < SOCKET_PATH_LIMIT
        assert server.ensure_database("axis")
    finally:
        server.kill()
        server.stop()
        (server.socket_dir / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
        server.socket_dir.rmdir()


def test_data_of_another_version_is_not_touched(folder: Path) -> None:
    server = LocalDb(folder, SMALL)
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "PG_VERSION").write_text("15\n")
    with pytest.raises(OtherVersion, match="PostgreSQL 15"):
        server.start()
    assert (folder / "data" / "PG_VERSION").read_text() == "15\n"


def test_a_wrong_parameter_is_named_in_the_error(folder: Path) -> None:
    with pytest.raises(StartFailed, match="shared_buffers"):
        LocalDb(folder, {**SMALL, "shared_buffers": "lots"}).start()


def test_two_programs_that_start_it_at_once_get_the_same_server(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from vanthu.localdb import LocalDb;"
        f"s = LocalDb(Path(sys.argv[1]), {SMALL!r}); s.start(); print(s.status().pid)"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    try:
        first, second = [process.communicate(timeout=60)[0].strip() for process in both]
        assert first == second != "0"
    finally:
        LocalDb(folder, SMALL).kill()


def test_a_strange_database_name_is_refused(server: LocalDb) -> None:
    with pytest.raises(ValueError, match="not a database name"):
        server.ensure_database('a"; DROP DATABASE postgres; --')
