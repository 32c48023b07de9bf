"""One running demonstration and one Chromium for all tests here; every person has a browser context of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.browser.person import Office
from tests.cluster_fixtures import cluster, on_one_worker

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder share a cluster, so they stay on one worker."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(on_one_worker)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The machine's own Chromium; skipped where there is none."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed")
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
