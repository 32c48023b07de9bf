"""Wakes whoever waits for packets of a member: threads of this process, told by every process of the site.

``ring`` is called after a packet was accepted; a thread sends the first ring at once, gathers those of the next
moment and sends them as one PostgreSQL notification, on a connection of its own and apart from the accepting
transactions, because a notification inside a transaction makes all commits queue up behind each other. A ring may
get lost when a process is killed; whoever waits looks again by itself after a while.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import structlog
from django.db import connection

log = structlog.get_logger(__name__)

CHANNEL = "axis_doorbell"
GATHER_SECONDS = 0.05
"""Pause between two notifications: under load, one wakes for many packets."""

RINGS_AT_ONCE = 150
"""Identifiers per notification: its text may have 8000 bytes."""
AGAIN_SECONDS = 2.0


class Doorbell:
    """One per process; its threads start with the first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, set[threading.Event]] = defaultdict(set)
        self._rings: set[str] = set()
        self._rung = threading.Event()
        self._listener: threading.Thread | None = None
        self._ringer: threading.Thread | None = None

    def ring(self, members: Iterable[UUID]) -> None:
        """Something came for these members; returns at once and never fails."""
        with self._lock:
            self._rings.update(str(member) for member in members)
            if self._ringer is None:
                self._ringer = _started(self._send, "axis-doorbell-ringer")
        self._rung.set()

    @contextmanager
    def heard(self, member: UUID | None) -> Iterator[threading.Event]:
        """An event that is set when somebody rings for ``member`` (None: for anybody).

        Look for packets *inside* the block, then wait: what comes in between sets the event.
        """
        event, name = threading.Event(), str(member or "")
        with self._lock:
            self._waiting[name].add(event)
            if self._listener is None:
                self._listener = _started(self._listen, "axis-doorbell-listener")
        try:
            yield event
        finally:
            with self._lock:
                self._waiting[name].discard(event)
                if not self._waiting[name]:
                    del self._waiting[name]

    def waiting(self) -> int:
        """How many threads of this process wait."""
        with self._lock:
            return sum(len(events) for events in self._waiting.values())

    def _wake(self, names: Iterable[str]) -> None:
        with self._lock:
            for name in (*names, ""):
                for event in self._waiting.get(name, ()):
                    event.set()

    def _wake_all(self) -> None:
        """After a break in listening nobody knows what was missed."""
        with self._lock:
            for events in self._waiting.values():
                for event in events:
                    event.set()

    def _listen(self) -> None:
        while True:
            try:
                with _connected() as own:
                    own.execute(f"LISTEN {CHANNEL}")
                    self._wake_all()
                    for told in own.notifies():
                        self._wake(told.payload.split(","))
            except psycopg.Error as error:
                log.warning("doorbell_deaf", error=str(error))
            time.sleep(AGAIN_SECONDS)

    def _send(self) -> None:
        while True:
            try:
                with _connected() as own:
                    own.execute("SET synchronous_commit TO off")
                    self._send_over(own)
            except psycopg.Error as error:
                log.warning("doorbell_mute", error=str(error))
            time.sleep(AGAIN_SECONDS)

    def _send_over(self, own: psycopg.Connection[Any]) -> None:
        while True:
            self._rung.wait()
            self._rung.clear()
            with self._lock:
                names, self._rings = sorted(self._rings), set()
            try:
                for start in range(0, len(names), RINGS_AT_ONCE):
                    told = ",".join(names[start : start + RINGS_AT_ONCE])
                    own.execute("SELECT pg_notify(%s, %s)", [CHANNEL, told])
            except psycopg.Error:
                self.ring(map(UUID, names))
                raise
            time.sleep(GATHER_SECONDS)


def _connected() -> psycopg.Connection[Any]:
    """A connection apart from the pool, for as long as the process lives."""
    given = connection.get_connection_params()
    for name in ("pool", "cursor_factory", "context", "prepare_threshold"):
        given.pop(name, None)
    return psycopg.connect(**given, autocommit=True, application_name="vanthu doorbell")


def _started(run: Any, name: str) -> threading.Thread:
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


doorbell = Doorbell()
