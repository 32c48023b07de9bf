"""A trial that outlives its process: how it began and every call it was given lie in one SQLite file.

A trial is made of nothing but its beginning (instant, seed, files) and its calls in their order, so playing them again
makes the same trial, down to ids and bytes. Owns the file; refuses to judge and to keep what follows from the calls.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

from vanthu.conformance import papers
from vanthu.conformance.host import Host
from vanthu.conformance.report import Finding, Report
from vanthu.conformance.small_axis import Answer, Request

TABLES = """
    CREATE TABLE IF NOT EXISTS beginning (
        one INTEGER PRIMARY KEY CHECK (one = 1), at TEXT NOT NULL, seed TEXT NOT NULL, options TEXT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS paper (name TEXT PRIMARY KEY, content BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS call (
        number INTEGER PRIMARY KEY, at TEXT NOT NULL, verb TEXT NOT NULL, path TEXT NOT NULL, headers TEXT NOT NULL,
        body BLOB NOT NULL
    );
"""


class OtherTrial(Exception):
    """The file holds a trial with other options; the text is a Vietnamese sentence."""


@dataclass(frozen=True)
class Beginning:
    """What a trial starts from: an aware instant, the seed of its ids, its files."""

    at: datetime
    seed: str
    files: papers.Papers


class LastingHost:
    """A :class:`Host` whose calls are kept. ``make`` builds the host of a beginning.

    ``options`` are what the trial was asked for; a file of other options is refused with :class:`OtherTrial`.
    ``on_news`` hears what is found from now on, not what is only remembered. Raises ``sqlite3.Error`` for a file that
    is none.
    """

    def __init__(
        self,
        path: Path,
        make: Callable[[Beginning, Callable[[], datetime], Callable[[Finding], None]], Host],
        *,
        options: Mapping[str, Any],
        clock: Callable[[], datetime],
        on_news: Callable[[Finding], None],
    ) -> None:
        self._clock, self._at, self._live = clock, clock(), False
        self._lock = threading.Lock()
        self._file = _opened(path)
        beginning = self._begin(json.dumps(options, sort_keys=True, ensure_ascii=False))
        self._at = beginning.at
        self._host = make(beginning, self._now, lambda found: on_news(found) if self._live else None)
        self.remembered = self._play_again()
        self._live = True

    def answer(self, request: Request) -> Answer:
        """Answer a call; it is kept before the answer leaves."""
        if request.verb == "GET" and request.operation == "":
            return self._host.answer(request)
        with self._lock:
            self._at = self._clock()
            answer = self._host.answer(request)
            row = (
                self._at.isoformat(),
                request.verb,
                request.path,
                json.dumps(dict(request.headers)),
                request.body,
            )
            with self._file:
                self._file.execute(
                    "INSERT INTO call (at, verb, path, headers, body) VALUES (?, ?, ?, ?, ?)", row
                )
        return answer

    def report(self) -> Report:
        """What was found until now, in this process and before."""
        with self._lock:
            self._at = self._clock()
            return self._host.report()

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._file.close()

    def _now(self) -> datetime:
        """One instant for the whole of a call, so that playing it again writes the same bytes."""
        return self._at

    def _begin(self, options: str) -> Beginning:
        row = self._file.execute("SELECT at, seed, options FROM beginning").fetchone()
        if row is None:
            return self._new(options)
        at, seed, before = row
        if before != options:
            raise OtherTrial(f"tệp trạng thái thuộc một lần thử với tùy chọn khác: {before}")
        kept = dict(self._file.execute("SELECT name, content FROM paper"))
        return Beginning(datetime.fromisoformat(at), seed, papers.Papers(**kept))

    def _new(self, options: str) -> Beginning:
        at, seed = self._clock(), f"{SystemRandom().getrandbits(128):032x}"
        files = papers.make(at)
        with self._file:
            self._file.executemany(
                "INSERT INTO paper VALUES (?, ?)",
                [(field.name, getattr(files, field.name)) for field in fields(files)],
            )
            self._file.execute("INSERT INTO beginning VALUES (1, ?, ?, ?)", (at.isoformat(), seed, options))
        return Beginning(at, seed, files)

    def _play_again(self) -> int:
        """Give the host every kept call once more; returns how many."""
        number = 0
        for at, verb, path, headers, body in self._file.execute(
            "SELECT at, verb, path, headers, body FROM call ORDER BY number"
        ):
            self._at = datetime.fromisoformat(at)
            self._host.answer(Request(verb, path, json.loads(headers), body))
            number += 1
        return number


def chance_of(beginning: Beginning) -> Random:
    """The chance that makes the ids of a trial."""
    return Random(beginning.seed)  # noqa: S311 - ids of a trial, nobody is kept out by them


def _opened(path: Path) -> sqlite3.Connection:
    """The file, readable by its owner only: calls are kept with their signatures."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    file = sqlite3.connect(path, check_same_thread=False)
    file.execute("PRAGMA journal_mode=WAL")
    file.executescript(TABLES)
    return file
