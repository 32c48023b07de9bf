"""A site of its own for each run: embedded PostgreSQL with production settings in a temporary folder.

Must be entered before anything of Django is imported. Every acknowledged commit is flushed to the disk that the
folder lies on, as in production.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vanthu.localdb import PRODUCTION, LocalDb

CONNECTIONS = 80
"""Most threads of a benchmark, each with a connection of its own, so that none waits for the pool."""


@contextmanager
def running(parent: Path | None = None) -> Iterator[Path]:
    """Start the site, give its folder, and leave nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="vanthu-bench-", dir=parent))
    folder.chmod(0o711)
    server = LocalDb(folder / "pg", PRODUCTION)
    try:
        server.start()
        _set_up(server, folder)
        yield folder
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def fresh(server_folder: Path, name: str) -> None:
    """Give the benchmark an untouched database."""
    from django.db import connection

    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    server = LocalDb(server_folder / "pg", PRODUCTION)
    server.ensure_database(f"bench_{name}", "bench_template")
    connection.settings_dict["NAME"] = f"bench_{name}"


def _set_up(server: LocalDb, folder: Path) -> None:
    server.ensure_database("bench_template")
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "vanthu.settings",
        "VANTHU_SITE_KIND": "both",
        "VANTHU_DATABASE_URL": server.url("bench_template"),
        "VANTHU_DATA_DIR": str(folder),
        "VANTHU_BLOB_DIR": str(folder / "blobs"),
        "VANTHU_LOG_LEVEL": "WARNING",
        "VANTHU_AXIS_URL": "",
        "VANTHU_TSA_URL": "",
        "VANTHU_MAX_UPLOAD_MB": "150",
    }
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        settings.STORAGES["staticfiles"] = {
            "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        }
    connection.settings_dict["OPTIONS"]["pool"] = {"min_size": 1, "max_size": CONNECTIONS, "timeout": 60}
    call_command("migrate", verbosity=0, interactive=False)
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
