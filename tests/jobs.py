"""Runs the jobs that a test's actions enqueued, in this process, until none is left."""

from __future__ import annotations

import importlib
from typing import Any

from django.db import connection
from procrastinate.contrib.django import app


def run_jobs(limit: int = 200) -> int:
    """Run the due jobs in order of priority, including those that jobs enqueue; returns how many ran."""
    for _ in range(limit):
        job = _take()
        if job is None:
            return _
        task_name, arguments = job
        app.tasks[task_name].func(**arguments)
    raise AssertionError("jobs do not come to an end")


def forget_jobs(task_name: str) -> None:
    """Drop the queued jobs of one kind: another test runs them."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = %s", [task_name])


def _take() -> tuple[str, dict[str, Any]] | None:
    importlib.import_module("vanthu.exchange.jobs")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing' WHERE id = (SELECT id FROM procrastinate_jobs "
            "WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()) "
            "ORDER BY priority DESC, id LIMIT 1) RETURNING id, task_name, args"
        )
        row = cursor.fetchone()
        if row is None:
            return None
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [row[0]])
    arguments = row[2] if isinstance(row[2], dict) else __import__("json").loads(row[2])
    return row[1], arguments
