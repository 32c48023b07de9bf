"""Pure decisions about checking signatures: when to look again at what nobody could judge."""

from __future__ import annotations

from datetime import timedelta

_FIRST_GAP = timedelta(minutes=5)
_LONGEST_GAP = timedelta(days=7)


def growing_gap(attempts: int) -> timedelta:
    """How long to wait after ``attempts`` looks that found nobody to ask: twice as long each time, at most a week.

    There is no end: what nobody could judge is not forgotten."""
    return min(_FIRST_GAP * int(2 ** min(attempts - 1, 20)), _LONGEST_GAP)
