"""The worker process: runs the jobs of all rooms, and the loops that rooms register.

A job that was running when its worker was killed is found by its stale heartbeat and run again; jobs are
idempotent, so twice is as good as once. Owns the pace of heartbeats; the search for orphaned jobs is a loop of
its own, not a job, so that it neither waits behind other jobs nor is orphaned itself.

The worker fetches jobs over connections of its own, but what a job *defers* goes through Django's connection of
its thread, and so belongs to the job's transaction: procrastinate's ``replace_connector`` would send it over the
worker's, where the new job could start before the rows it is about are there.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.db import close_old_connections, connection
from procrastinate import App
from procrastinate.app import WorkerOptions
from procrastinate.contrib.django import DjangoApp, app
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker

log = structlog.get_logger(__name__)

CHECKS = -10
"""Priority of checks that nobody waits for: after all mail, whose priority is its urgency, 0 to 4."""

Loops = Callable[[], Sequence[tuple[str, Callable[[], None], Callable[[], float]]]]
"""What to start for one registration: name, function and pause in seconds of each loop."""

_loops: list[tuple[str, Loops]] = []
_stop = threading.Event()


def every(seconds: Callable[[], float]) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a function that the worker calls again and again with a pause between the calls."""

    def register(function: Callable[[], None]) -> Callable[[], None]:
        name = _name(function)
        _loops.append((name, lambda: [(name, function, seconds)]))
        return function

    return register


def every_one(
    items: Callable[[], Sequence[str]], seconds: Callable[[str], float]
) -> Callable[[Callable[[str], None]], Callable[[str], None]]:
    """Like :func:`every`, with a loop of its own for each item, so that a slow one delays none of the others.

    ``items`` is asked once, when the worker starts.
    """

    def register(function: Callable[[str], None]) -> Callable[[str], None]:
        name = _name(function)

        def loops() -> Sequence[tuple[str, Callable[[], None], Callable[[], float]]]:
            return [(f"{name}[{item}]", partial(function, item), partial(seconds, item)) for item in items()]

        _loops.append((name, loops))
        return function

    return register


def _name(function: Callable[..., None]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def _beat() -> float:
    """Pause between two heartbeats: four may be missed before a worker counts as dead."""
    return settings.VANTHU.worker_stale_seconds / 4


@every(_beat)
def revive() -> None:
    """Give jobs whose worker died back to the queue; a job that another worker revives now is skipped."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH orphaned AS MATERIALIZED (
                SELECT job.id, job.task_name
                FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
                WHERE job.status = 'doing'
                  AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %s))
                FOR UPDATE OF job SKIP LOCKED)
            SELECT id, task_name, procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM orphaned
            """,
            [settings.VANTHU.worker_stale_seconds],
        )
        for job, task, _ in cursor.fetchall():
            log.warning("job_revived", job=job, task=task)


class JobWorker(Worker):
    """Ends when it cannot note what became of a job.

    Such a job would count as running for as long as this worker lives (the database was away for a moment);
    after the worker's end it is found and runs again. Whoever supervises the process starts it anew.
    """

    async def _persist_job_status(self, *args: Any, **kwargs: Any) -> None:
        try:
            await super()._persist_job_status(*args, **kwargs)
        except ConnectorException:
            log.warning("job_outcome_lost")
            self.stop()  # type: ignore[no-untyped-call]


def run() -> None:
    """Run until the process is told to stop."""
    for _, loops in _loops:
        for name, function, seconds in loops():
            threading.Thread(target=_loop, args=(name, function, seconds), daemon=True, name=name).start()
    asyncio.run(_serve())
    _stop.set()


@asynccontextmanager
async def fetching_app() -> AsyncIterator[App]:
    """The application a worker fetches from: the same tasks, whose ``defer`` stays with Django's connection."""
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    fetching = DjangoApp(connector=app.connector.get_worker_connector())  # type: ignore[attr-defined]
    fetching.tasks = app.tasks
    async with fetching.open_async():
        yield fetching


async def _serve() -> None:
    async with fetching_app() as fetching:
        options: WorkerOptions = {
            **fetching.worker_defaults,
            "concurrency": settings.VANTHU.worker_concurrency,
            "listen_notify": True,
            "fetch_job_polling_interval": 1.0,
            "delete_jobs": "successful",
            "update_heartbeat_interval": _beat(),
            "stalled_worker_timeout": settings.VANTHU.worker_stale_seconds,
            "install_signal_handlers": True,
        }
        await JobWorker(app=fetching, **options).run()  # type: ignore[no-untyped-call]


def _loop(name: str, function: Callable[[], None], seconds: Callable[[], float]) -> None:
    while not _stop.is_set():
        try:
            function()
        except Exception:
            log.exception("loop_failed", loop=name)
        finally:
            close_old_connections()
        _stop.wait(seconds())
