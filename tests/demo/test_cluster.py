"""The whole demonstration: brought up, hit, and put away again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from tests.cluster_fixtures import heal

from vanthu.demo.cluster import DemoCluster, DemoPki, free_base_port
from vanthu.demo.sites import AXIS, HA_TINH


@pytest.fixture
def cluster(demo_pki: DemoPki, open_folder: Path) -> Iterator[DemoCluster]:
    cluster = DemoCluster(open_folder / "demo", free_base_port(), shared_pki=demo_pki)
    cluster.start()
    yield cluster
    cluster.stop()


def _ours(root: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        named = any(str(root) in word for word in process.info["cmdline"] or [])
        if named and process.info["status"] != psutil.STATUS_ZOMBIE and process.pid != os.getpid():
            found.append(process)
    return found


def test_it_comes_up_survives_kills_and_leaves_nothing_running(cluster: DemoCluster) -> None:
    page = httpx.get(f"{cluster.url(HA_TINH)}/accounts/login/", follow_redirects=True)
    assert page.status_code == 200
    assert "csrfmiddlewaretoken" in page.text
    for name in ("pg", "hatinh.web", "truc.worker"):
        cluster.kill(name)
    assert not cluster.database.status().running
    with pytest.raises(httpx.HTTPError):
        httpx.get(cluster.url(HA_TINH), timeout=5)
    heal(cluster)
    assert httpx.get(f"{cluster.url(AXIS)}/health/live").is_success

    cluster.stop()
    assert _ours(cluster.root) == []
    assert not (cluster.root / "running.json").exists()
    cluster.destroy()
    assert not cluster.root.exists()
