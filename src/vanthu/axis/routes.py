"""Senders and recipients as this process remembers them, for as long as the agency list does not change.

Looking codes up is most of the work of taking in a packet, and the answer hardly ever changes. What is remembered
belongs to one version of the list (a trigger gives it a new one with every change); the statement that accepts a
packet compares versions, so that nothing is ever accepted by an old list. Refuses to remember refusals.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import date
from time import monotonic
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connection

from vanthu.axis import queries
from vanthu.axis.models import AxisAgency, Member
from vanthu.base import clock

T = TypeVar("T")
MOST = 20_000
"""Answers kept; when there are more, all are forgotten."""


class Routes:
    """Answers of one version of the list, on one day (codes have days of validity)."""

    def __init__(self, version: UUID, day: date) -> None:
        self.version = version
        self.day = day
        self._answers: dict[Hashable, Any] = {}

    def sender(self, caller: Member, named: str, written: str) -> AxisAgency:
        """See :func:`vanthu.axis.queries.sender_of`."""
        return self._remembered(
            ("from", caller.id, named, written), lambda: queries.sender_of(caller, named, written)
        )

    def addressees(self, codes: Sequence[str]) -> tuple[queries.Addressee, ...]:
        """See :func:`vanthu.axis.queries.addressees`."""
        return self._remembered(("to", *codes), lambda: queries.addressees(codes))

    def _remembered(self, key: Hashable, find: Callable[[], T]) -> T:
        if key in self._answers:
            return self._answers[key]  # type: ignore[no-any-return]
        found = find()
        if len(self._answers) >= MOST:
            self._answers.clear()
        self._answers[key] = found
        return found


_last: Routes | None = None
_asked_at = 0.0


def current(*, ask: bool = False) -> Routes:
    """What is remembered of the present version of the list.

    The version is asked for again after ``VANTHU_AXIS_MEMORY_SECONDS``, or when told to ``ask``.
    """
    global _last, _asked_at  # noqa: PLW0603 - one memory per process; threads replace it as a whole
    found, today, now = _last, clock.today(), monotonic()
    if found is not None and not ask and now - _asked_at < settings.VANTHU.axis_memory_seconds:
        version = found.version
    else:
        # Before anything is looked up: a change in between is noticed at acceptance.
        with connection.cursor() as cursor:
            cursor.execute("SELECT version FROM axis_agencylistversion")
            [version] = cursor.fetchone()
        _asked_at = now
    if found is None or found.version != version or found.day != today:
        found = _last = Routes(version, today)
    return found
