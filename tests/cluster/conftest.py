"""Tests against a whole running demonstration."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.cluster_fixtures import cluster, heal

from vanthu.demo.cluster import DemoCluster

__all__ = ["cluster"]


@pytest.fixture(autouse=True)
def _mended(cluster: DemoCluster) -> Iterator[None]:
    """Whatever a test killed, the next one finds alive."""
    yield
    heal(cluster)
