"""The whole demonstration, hit once more and put away: nothing of it is left.

Ends the demonstration that it shares with the crash test, after it (``tests/conftest.py`` keeps the two together).
"""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import psutil
import pytest
from tests.cluster_fixtures import cluster, heal

from vanthu.demo.cluster import DemoCluster
from vanthu.demo.sites import AXIS, HA_TINH

__all__ = ["cluster"]


def _ours(root: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        named = any(str(root) in word for word in process.info["cmdline"] or [])
        if named and process.info["status"] != psutil.STATUS_ZOMBIE and process.pid != os.getpid():
            found.append(process)
    return found


def test_it_survives_kills_and_leaves_nothing_running(cluster: DemoCluster) -> None:
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
