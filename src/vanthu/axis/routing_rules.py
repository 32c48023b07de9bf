"""Pure decisions about packets that cross from one axis to another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from vanthu.axis.errors import RoutingLoop
from vanthu.axis.models import Member
from vanthu.axis.wire_rules import code_key
from vanthu.vxp import ErrorCode

GAPS = (5, 15, 60, 300, 900, 1800)
"""Seconds between two tries of one packet at the parent; the last one again and again."""

SILENCES = (1, 2, 5, 10, 20, 30)
"""Seconds during which a parent that does not answer is left alone, by the number of tries in vain."""

FIRST_LOOK, LAST_LOOK = timedelta(seconds=2), timedelta(minutes=10)

FOR_GOOD = frozenset(
    {
        ErrorCode.BAD_FILE.value,
        ErrorCode.RECEIVER_UNKNOWN.value,
        ErrorCode.FILE_PROCESSING.value,
        ErrorCode.BAD_EDXML.value,
        ErrorCode.RECEIVER_LOCKED.value,
        ErrorCode.BAD_REQUEST.value,
        ErrorCode.TOO_LARGE.value,
        ErrorCode.NOT_ALLOWED.value,
        ErrorCode.ROUTING_LOOP.value,
        "413",
    }
)
"""Answers that the same packet will get again; every other refusal may pass (credentials, registration, load)."""

ONE_RECIPIENT = frozenset(
    {ErrorCode.RECEIVER_UNKNOWN.value, ErrorCode.RECEIVER_LOCKED.value, ErrorCode.ROUTING_LOOP.value}
)
"""Refusals that may concern some of a packet's recipients only."""


def check_way(trace: Sequence[str], own_code: str, source: Member, targets: Iterable[UUID]) -> None:
    """A packet passes an axis once, and never goes back to the axis that it came from.

    ``trace`` are the codes of the packet's hops, ``own_code`` this axis' code (empty: it passes nothing on),
    ``source`` the member that sends it, ``targets`` the members that it is for. Raises :class:`RoutingLoop`.
    """
    if own_code and code_key(own_code) in {code_key(code) for code in trace}:
        raise RoutingLoop(code=own_code)
    if source.is_axis and source.id in targets:
        raise RoutingLoop(code=source.system_id)


def pause_of_packet(attempts: int, chance: float) -> timedelta:
    """How long a packet waits after its ``attempts``-th try; ``chance`` (0 to 1) adds up to a fifth."""
    return _stretched(GAPS[min(attempts, len(GAPS)) - 1], chance)


def pause_of_line(failures: int, chance: float) -> timedelta:
    """How long a silent parent is left alone after that many tries in vain."""
    return _stretched(SILENCES[min(failures, len(SILENCES)) - 1], chance)


def next_look(since_sent: timedelta) -> timedelta:
    """When to ask again what became of a packet: rarer the longer it is under way."""
    return max(FIRST_LOOK, min(since_sent / 2, LAST_LOOK))


def _stretched(seconds: int, chance: float) -> timedelta:
    return timedelta(seconds=seconds * (1 + chance / 5))
