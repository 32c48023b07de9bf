"""A worker that loses the database for a moment leaves no job behind as running."""

from __future__ import annotations

import asyncio
from typing import Any

from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.testing import InMemoryConnector

from vanthu.base.worker import JobWorker


class ForgetfulConnector(InMemoryConnector):
    """A database that is away at the moment when a job has ended."""

    async def finish_job_run(self, *_: Any, **__: Any) -> None:
        raise ConnectorException


def test_a_worker_that_cannot_note_a_jobs_outcome_ends_so_that_the_job_is_found() -> None:
    app = App(connector=ForgetfulConnector())
    done: list[str] = []

    @app.task(name="write_letter")
    def write_letter() -> None:
        done.append("letter")

    async def work() -> None:
        async with app.open_async():
            await write_letter.defer_async()
            worker = JobWorker(app=app, fetch_job_polling_interval=0.05, install_signal_handlers=False)
            await asyncio.wait_for(worker.run(), timeout=30)

    asyncio.run(work())

    assert done == ["letter"]
