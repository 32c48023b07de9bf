"""The worker process: runs the jobs of all rooms, and the loops that rooms register.

A job that was running when its worker was killed is found by its stale heartbeat and run again; jobs are
idempotent, so twice is as good as once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import procrastinate
import structlog
from django.conf import settings
from procrastinate.contrib.django import app

log = structlog.get_logger(__name__)

_loops: list[tuple[str, Callable[[], None], Callable[[], float]]] = []
_stop = threading.Event()


def every(seconds: Callable[[], float]) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a function that the worker calls again and again with a pause between the calls."""

    def register(function: Callable[[], None]) -> Callable[[], None]:
        _loops.append((f"{function.__module__}.{function.__qualname__}", function, seconds))
        return function

    return register


@app.periodic(cron="* * * * * */10")
@app.task(name="base.revive", queue="default", queueing_lock="base.revive", pass_context=True)
async def revive(context: procrastinate.JobContext, timestamp: int) -> None:
    """Give jobs whose worker died back to the queue (heartbeat older than 30 seconds)."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=30):
        log.warning("job_revived", job=job.id, task=job.task_name)
        await manager.retry_job(job)


def run() -> None:
    """Run until the process is told to stop."""
    for name, function, seconds in _loops:
        threading.Thread(target=_loop, args=(name, function, seconds), daemon=True, name=name).start()
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with app.replace_connector(connector) as worker_app:
        worker_app.run_worker(
            concurrency=settings.VANTHU.worker_concurrency,
            listen_notify=True,
            fetch_job_polling_interval=1.0,
            delete_jobs="successful",
            update_heartbeat_interval=5,
            stalled_worker_timeout=20,
            install_signal_handlers=True,
        )
    _stop.set()


def _loop(name: str, function: Callable[[], None], seconds: Callable[[], float]) -> None:
    from django.db import close_old_connections

    while not _stop.is_set():
        try:
            function()
        except Exception:
            log.exception("loop_failed", loop=name)
        finally:
            close_old_connections()
        _stop.wait(seconds())
