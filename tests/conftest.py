"""The test run's database and folders.

One embedded PostgreSQL serves the whole run, however many xdist workers it has; it starts when the first test
needs it. Each worker has a database of its own, copied from a template that was migrated once; after a test that
really commits, what it wrote is taken out again. Two runs at once do not know of each other.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from tests.emptying import Untouched

from vanthu.localdb import TESTS, LocalDb
from vanthu.startup import loading

if TYPE_CHECKING:
    from vanthu.demo.cluster import DemoPki

RUN_VARIABLE = "VANTHU_TEST_RUN"
RUN_PREFIX = "vanthu-test-"
TEMPLATE = "vanthu_template"


def _run_folder() -> Path:
    """The folder of this run; made by the process that starts the run, inherited by its workers."""
    if RUN_VARIABLE not in os.environ:
        folder = tempfile.mkdtemp(prefix=f"{RUN_PREFIX}{os.getpid()}-")
        Path(folder).chmod(0o711)
        os.environ[RUN_VARIABLE] = folder
    return Path(os.environ[RUN_VARIABLE])


RUN = _run_folder()
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
SERVER = LocalDb(RUN / "pg", TESTS)
DATABASE = f"vanthu_{WORKER}"
FOLDER = RUN / WORKER
AUTHORITY = RUN / "authority"

# Child processes of tests get the site by its environment; this process has read its settings already.
os.environ["VANTHU_SITE_KIND"] = "both"
os.environ["VANTHU_DATABASE_URL"] = SERVER.url(DATABASE)
os.environ["VANTHU_DATA_DIR"] = str(FOLDER)
os.environ["VANTHU_BLOB_DIR"] = str(FOLDER / "blobs")


# Rooms and tests stay once they are loaded, as in a site's own process.
_loading = ExitStack()
_loading.enter_context(loading())


def pytest_collection_finish() -> None:
    """Everything is loaded."""
    _loading.close()


def pytest_configure(config: pytest.Config) -> None:
    """Point the settings at this run; the first process also clears what killed runs left behind."""
    from django.conf import settings
    from django.db import connections

    from vanthu.settings import database

    ours = database(os.environ["VANTHU_DATABASE_URL"])
    ours["OPTIONS"] = {"pool": {"min_size": 0, "max_size": 16, "timeout": 30}}
    connections.databases["default"].update(ours)
    settings.VANTHU.database_url = os.environ["VANTHU_DATABASE_URL"]
    settings.VANTHU.data_dir = FOLDER
    settings.VANTHU.blob_dir = FOLDER / "blobs"
    # Pages are rendered without the collected files, so each test file runs alone on a fresh checkout.
    settings.STATIC_ROOT = FOLDER / "static"  # whitenoise would look through all files for each test client
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    # Every call to the axis looks up anew: the members of one test are not those of the next.
    settings.VANTHU.axis_memory_seconds = 0.0
    # The slow hash is for production: tests sign in thousands of times.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # No test cuts the power, and a kill loses nothing that was written.
    os.fsync = lambda descriptor: None
    if not hasattr(config, "workerinput"):
        _clear_leftovers()


def pytest_unconfigure(config: pytest.Config) -> None:
    """The first process ends the server and removes the run's folder."""
    if not hasattr(config, "workerinput"):
        _end(RUN)


def _clear_leftovers() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{RUN_PREFIX}*-*"):
        pid = folder.name.removeprefix(RUN_PREFIX).split("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            _end(folder)


def _end(folder: Path) -> None:
    LocalDb(folder / "pg", TESTS).kill()
    for started in (folder / AUTHORITY.name, *folder.glob("cluster-*")):
        if started.exists():
            _end_started(started)
    shutil.rmtree(folder, ignore_errors=True)


def _end_started(folder: Path) -> None:
    """The authority's or a demonstration's processes that a killed run left."""
    from vanthu.demo.processes import Processes

    Processes(folder / "running.json").end_leftovers()
    if (folder / "pg").exists():
        LocalDb(folder / "pg", TESTS).kill()


def _migrated_template() -> None:
    """Start the server and make the template, once per run; the other workers wait and find it done."""
    with (RUN / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        SERVER.start()
        if (RUN / "migrated").exists():
            return
        from django.core.management import call_command
        from django.db import connection

        SERVER.ensure_database(TEMPLATE)
        connection.settings_dict["NAME"] = TEMPLATE
        try:
            call_command("migrate", verbosity=0, interactive=False)
        finally:
            _disconnect()
            connection.settings_dict["NAME"] = DATABASE
        (RUN / "migrated").touch()


def _disconnect() -> None:
    from django.db import connection

    connection.close()
    connection.close_pool()


def _fresh_database() -> None:
    """Give this worker an untouched copy of the template."""
    _disconnect()
    SERVER.drop_database(DATABASE)
    SERVER.ensure_database(DATABASE, TEMPLATE)
    _reconnect()


def _reconnect() -> None:
    """Threads of a server in this process come back for connections at any moment; none that was cut off stays."""
    from django.db import OperationalError, connection

    _disconnect()
    for _ in range(3):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except OperationalError:
            _disconnect()
        else:
            return


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """Replaces pytest-django's own way of making the test database."""
    from django.test import TransactionTestCase

    with django_db_blocker.unblock():
        _migrated_template()
        _fresh_database()
    untouched = Untouched(SERVER, DATABASE)

    def clean(test: TransactionTestCase) -> None:
        nonlocal untouched
        _disconnect()
        if untouched.restored():
            _reconnect()
        else:
            _fresh_database()
            untouched = Untouched(SERVER, DATABASE)

    TransactionTestCase._fixture_teardown = clean  # type: ignore[method-assign]
    yield
    with django_db_blocker.unblock():
        _disconnect()


@pytest.fixture(scope="session")
def demo_pki() -> DemoPki:
    """The make-believe authority with the keys of all demo people, running; one for the whole run."""
    from vanthu.demo.cluster import DemoPki, free_base_port

    with (RUN / "pki-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        chosen = RUN / "pki-port"
        if not chosen.exists():
            DemoPki(AUTHORITY, port := free_base_port()).start()
            chosen.write_text(str(port))
        return DemoPki(AUTHORITY, int(chosen.read_text()))


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """An empty folder that another user can pass through, which a server started by root needs.

    pytest's own ``tmp_path`` is closed, and each further pytest closes it again.
    """
    folder = Path(tempfile.mkdtemp(dir=RUN, prefix="t"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _empty_file_store() -> Iterator[None]:
    """No test sees files of another."""
    yield
    shutil.rmtree(FOLDER / "blobs", ignore_errors=True)


@pytest.fixture
def frozen_clock() -> Iterator[Callable[[datetime], None]]:
    """Call it with an aware instant to make it the present for the rest of the test."""
    from vanthu.base import clock

    with ExitStack() as stack:

        def set_to(instant: datetime) -> None:
            stack.close()
            stack.enter_context(clock.frozen(instant))

        yield set_to


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Each test begins with a connection that was looked at.

    Browser tests keep an event loop on their thread, and Django gives that another connection than the same
    thread without a loop; when the database is made anew, the other one is cut off unseen.
    """
    from django.db import connection

    if not connection.in_atomic_block:
        connection.close()


GROUPS = {
    "tests/browser/": "demonstration",
    "tests/cluster/": "demonstration",
    "tests/demo/test_cluster.py": "demonstration",
}
"""Files whose tests use a running demonstration stay together, for it is started once per worker. The last of them
puts it away."""

LONG = ("tests/web/", "tests/issuing/", "tests/signing/")


def _group(nodeid: str) -> str | None:
    return next((group for path, group in GROUPS.items() if nodeid.startswith(path)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long group begins first, then long files, so that no worker still has one when the others are done."""
    items.sort(key=lambda item: (_group(item.nodeid) is None, not item.nodeid.startswith(LONG)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Whole files stay on one worker, and the files of a group all on the same."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return _group(nodeid) or str(super()._split_scope(nodeid))

    return Together(config, log)
