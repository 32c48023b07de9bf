"""Two axes for tests: this process is the child, the parent is a real process with a database of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from socket import socket

import httpx
import psycopg
from tests.axis.axis_parts import Axis
from tests.conftest import SERVER, TEMPLATE

from vanthu.axis import parent_jobs as jobs
from vanthu.base import clock
from vanthu.vxp import Client

OWN_CODE, PARENT_CODE = "TRUC-TINH", "TRUC-QUOC-GIA"


@dataclass
class ParentSite:
    """The parent axis' process; :meth:`stop` kills it as a crash would, :meth:`start` brings it up again."""

    folder: Path
    database: str
    port: int
    process: subprocess.Popen[bytes] | None = None
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @classmethod
    def fresh(cls, folder: Path, database: str) -> ParentSite:
        SERVER.ensure_database(database, TEMPLATE)
        with closing(socket()) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        site = cls(folder, database, port)
        site.start()
        site.secrets = json.loads((folder / "secrets.json").read_text())
        (folder / "secret-of-child").write_text(site.secrets["TRUC-H27"])
        return site

    def start(self) -> None:
        environment = os.environ | {
            "VANTHU_SITE_KIND": "axis",
            "VANTHU_DATABASE_URL": SERVER.url(self.database),
            "VANTHU_DATA_DIR": str(self.folder),
            "VANTHU_BLOB_DIR": str(self.folder / "blobs"),
            "VANTHU_AXIS_CODE": PARENT_CODE,
        }
        command = [sys.executable, "-m", "tests.axis.parent_site", str(self.port)]
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                httpx.get(self.url + "/health/live", timeout=5)
                return
            except httpx.TransportError:
                time.sleep(0.02)
        raise AssertionError((self.folder / "log").read_text()[-2000:])

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def forget_packets(self) -> None:
        with psycopg.connect(SERVER.url(self.database), autocommit=True) as connection:
            connection.execute("TRUNCATE axis_packet, axis_axisdelivery CASCADE")

    def put_publication(self, code: str, publication: Mapping[str, object]) -> None:
        """Whoever holds the parent's database puts there what they like."""
        with psycopg.connect(SERVER.url(self.database), autocommit=True) as connection:
            connection.execute(
                "UPDATE axis_agencyencryption SET publication = %s FROM axis_axisagency AS a"
                " WHERE a.id = agency_id AND a.code = %s",
                [json.dumps(publication), code],
            )

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(SERVER.url(self.database), autocommit=True) as connection:
            return connection.execute(query).fetchall()  # type: ignore[arg-type]


@dataclass
class Axes:
    """The child axis with its members (as :class:`Axis`), the parent's site, and a ministry's client up there."""

    child: Axis
    parent: ParentSite
    ministry: Client
    set_clock: Callable[[datetime], None]
    now: datetime = field(default_factory=clock.now)

    def match(self) -> None:
        """The agency lists, both ways."""
        jobs.match_agency_lists()

    def up(self) -> None:
        jobs.forward_all()

    def down(self) -> None:
        jobs.fetch_from_parent()

    def fates(self) -> None:
        jobs.ask_fates()

    def later(self, **span: float) -> None:
        """Let the child's clock go on."""
        self.now += timedelta(**span)
        self.set_clock(self.now)
