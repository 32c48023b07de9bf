"""How a lower room tells higher rooms that something happened, without knowing them.

A room *announces* a small typed event inside the transaction that made it true; each listener gets it as a job
enqueued in the same transaction, so nothing is lost between "decided" and "to be done". ``listeners()`` shows
who listens to what. Listeners must be idempotent: a job can run twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any, TypeVar, get_type_hints
from uuid import UUID

import procrastinate
from procrastinate.contrib.django import app


@dataclass(frozen=True)
class Announcement:
    """Base of the events; fields are UUIDs, strings, numbers and booleans only."""


E = TypeVar("E", bound=Announcement)
Listener = Callable[[Any], None]

_listeners: dict[type[Announcement], dict[str, Listener]] = defaultdict(dict)
_by_name: dict[str, tuple[type[Announcement], Listener]] = {}


def listens(event: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Register a function of a room's ``jobs.py`` as listener of an event type."""

    def register(listener: Callable[[E], None]) -> Callable[[E], None]:
        name = f"{listener.__module__}.{listener.__qualname__}"
        _listeners[event][name] = listener
        _by_name[name] = (event, listener)
        return listener

    return register


def announce(event: Announcement, *, priority: int = 0) -> None:
    """Enqueue one job per listener of the event's type, in the present transaction."""
    assert is_dataclass(event)
    payload = {
        name: str(value) if isinstance(value, UUID) else value for name, value in asdict(event).items()
    }
    for name in _listeners[type(event)]:
        hear.configure(priority=priority).defer(listener=name, payload=payload)


def listeners() -> dict[str, list[str]]:
    """Event type → names of its listeners, for the documentation and for tests."""
    return {event.__name__: sorted(found) for event, found in _listeners.items()}


@app.task(
    name="base.hear",
    queue="default",
    retry=procrastinate.RetryStrategy(max_attempts=12, exponential_wait=2),
)
def hear(listener: str, payload: dict[str, Any]) -> None:
    """Deliver one announcement to one listener."""
    event, function = _by_name[listener]
    kinds = get_type_hints(event)
    function(event(**{name: UUID(v) if kinds[name] is UUID else v for name, v in payload.items()}))
