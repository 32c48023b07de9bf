"""One running demonstration for all tests of a pytest worker: real processes, real database, real axis.

Owns bringing it up, once and only when a test asks for it, and putting it away. A test that breaks something
on purpose mends it before it ends (:func:`heal`), for the next test uses the same cluster. A ``conftest.py``
imports ``cluster`` from here; ``tests/conftest.py`` keeps those tests on one worker.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from vanthu.demo.cluster import DemoCluster, DemoPki, free_base_port
from vanthu.demo.sites import SITES
from vanthu.localdb.errors import LocalDbError

PATIENCE_SECONDS = 120.0
_RUNNING = pytest.StashKey[DemoCluster]()


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest, demo_pki: DemoPki) -> Iterator[DemoCluster]:
    """The axis and two agency sites, up and ready, with the people of :mod:`vanthu.demo.sites`.

    Several folders import this fixture; the first that asks starts the cluster, the others get the same.
    """
    stash = request.config.stash
    if _RUNNING in stash:
        yield stash[_RUNNING]
        return
    # The sites serve the collected front-end files; quick when nothing changed.
    with (Path(os.environ["VANTHU_TEST_RUN"]) / "build-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([sys.executable, "-m", "vanthu", "build"], check=True)
    folder = Path(tempfile.mkdtemp(dir=os.environ["VANTHU_TEST_RUN"], prefix="cluster-"))
    folder.chmod(0o711)
    # Commands that are given only the folder look for the authority in it.
    (folder / "authority").symlink_to(demo_pki.material.folder)
    cluster = DemoCluster(folder, free_base_port(), shared_pki=demo_pki, flushed=False)
    cluster.start()
    stash[_RUNNING] = cluster
    yield cluster
    del stash[_RUNNING]
    if folder.exists():  # else a test has put it away
        cluster.stop()
    shutil.rmtree(folder, ignore_errors=True)


def heal(cluster: DemoCluster, seconds: float = PATIENCE_SECONDS) -> None:
    """Look after the cluster as ``vanthu demo`` does until every process lives and every site answers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(LocalDbError):
            cluster.supervise()
        lives = all(cluster.processes[name].alive for name in cluster.processes.names)
        if lives and all(cluster.is_ready(site) for site in SITES):
            return
        time.sleep(0.1)
    raise AssertionError(f"not healed within {seconds:.0f} s")
