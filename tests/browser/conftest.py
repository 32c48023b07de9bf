"""One running demonstration and one Chromium for all tests here; every person has a browser context of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.browser.person import Office
from tests.chromium import running_chromium
from tests.cluster_fixtures import cluster

from vanthu.demo.cluster import DemoCluster

__all__ = ["cluster"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for the tests of a file."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def office(cluster: DemoCluster, chromium: Any) -> Iterator[Office]:
    """``office("ubnd.vanthu")`` is that person at their desk; at the end every desk must have been calm."""
    office = Office(cluster, chromium)
    yield office
    office.close()
    assert not office.faults, "\n".join(office.faults)
