"""One running demonstration and one Chromium for all tests here; every person has a browser context of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.browser.person import Office
from tests.cluster_fixtures import cluster

from vanthu.demo.cluster import DemoCluster

__all__ = ["cluster"]

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The machine's own Chromium; its absence is a failure, never a skip."""
    if not CHROMIUM.exists():
        pytest.fail("Chưa có Chromium (/usr/bin/chromium): hãy cài gói chromium rồi chạy lại “make test”.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), headless=True, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def office(cluster: DemoCluster, chromium: Any) -> Iterator[Office]:
    """``office("ubnd.vanthu")`` is that person at their desk; at the end every desk must have been calm."""
    office = Office(cluster, chromium)
    yield office
    office.close()
    assert not office.faults, "\n".join(office.faults)
