"""Health doors: ``live``: the process answers; ``ready``: it can work (database, migrations, file store)."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse


def live(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """Always 200 while the process answers."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """200 when the database answers and is migrated and the file store is writable, else 503 and why."""
    problems = []
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            problems.append("migrations")
    except Exception:
        problems.append("database")
    try:
        settings.VANTHU.blob_dir.mkdir(parents=True, exist_ok=True)
    except OSError:
        problems.append("blobs")
    status = 503 if problems else 200
    return JsonResponse(
        {"status": "ok" if not problems else "not ready", "problems": problems}, status=status
    )
