"""The worker: a job it could not settle is found again, and what a job queues belongs to its transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.db import close_old_connections, connection, transaction
from procrastinate import App
from procrastinate.contrib.django import app as site_app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import ConnectorException
from procrastinate.testing import InMemoryConnector

from vanthu.base.worker import JobWorker, fetching_app


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


class Undone(Exception):
    """What rolls a job back."""


@pytest.fixture
def seen_meanwhile() -> Iterator[list[int]]:
    """Two tasks of this site; the list tells how many jobs others saw while the first was under way."""
    seen: list[int] = []

    @site_app.task(name="tests.write_letter")
    def write_letter() -> None:
        """Is only counted."""

    @site_app.task(name="tests.decide")
    def decide(holds: bool) -> None:
        with suppress(Undone), transaction.atomic():
            write_letter.defer()
            seen.append(asyncio.run(letters_for_others()))
            if not holds:
                raise Undone

    yield seen
    del site_app.tasks["tests.write_letter"], site_app.tasks["tests.decide"]


async def letters_for_others() -> int:
    """How many letters another connection finds to be written."""

    def count() -> int:
        try:
            return ProcrastinateJob.objects.filter(task_name="tests.write_letter").count()
        finally:
            connection.close()

    return await asyncio.to_thread(count)


def work_once() -> None:
    """Let a worker like the site's run what waits, one job after the other."""

    async def work() -> None:
        async with fetching_app() as fetching:
            options = {**fetching.worker_defaults, "wait": False, "install_signal_handlers": False}
            worker = JobWorker(app=fetching, queues=["decisions"], **options)
            await asyncio.wait_for(worker.run(), timeout=30)

    asyncio.run(work())
    close_old_connections()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("holds", "letters"), [(True, 1), (False, 0)])
def test_what_a_job_queues_is_seen_when_its_transaction_holds_and_never_before(
    seen_meanwhile: list[int], holds: bool, letters: int
) -> None:
    site_app.tasks["tests.decide"].configure(queue="decisions").defer(holds=holds)

    work_once()

    assert seen_meanwhile == [0]
    assert ProcrastinateJob.objects.filter(task_name="tests.write_letter").count() == letters
