"""What the cluster tests share: looking into a site's database, waiting for something to come true."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from vanthu.demo.cluster import DemoCluster
from vanthu.demo.sites import DemoSite

T = TypeVar("T")


def rows(cluster: DemoCluster, site: DemoSite, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
    """What a query finds in a site's database."""
    with cluster.database.connect(f"vanthu_{site.code}") as connection:
        return connection.execute(query, list(arguments)).fetchall()


def change(cluster: DemoCluster, site: DemoSite, statement: str, *arguments: Any) -> int:
    """Meddle with a site's database; returns how many rows were hit."""
    with cluster.database.connect(f"vanthu_{site.code}") as connection:
        return connection.execute(statement, list(arguments)).rowcount


def wait_for(look: Callable[[], T | None], what: str, seconds: float = 120) -> T:
    """The first thing that ``look`` finds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")
