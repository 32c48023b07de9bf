"""The figure of the certificates: each a bar from its first to its last day, on one scale with today and the years.

Everything is a share of the width in percent, so that the page draws it at any size. Refuses to draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from vanthu.base import clock
from vanthu.legal.authority import WARNING_DAYS
from vanthu.signing.certificate_queries import Certificate

BEFORE, LEAST_AFTER, MOST_AFTER = timedelta(days=120), timedelta(days=420), timedelta(days=1100)
"""How much of the past and the future the scale shows; what lasts longer runs over its edge."""

_MOST_TICKS = 6


@dataclass(frozen=True)
class Tick:
    """A mark on the scale; ``at`` in percent of the width."""

    label: str
    at: str


@dataclass(frozen=True)
class Bar:
    """One certificate: the part of its life within the scale, and the last days in which it should be renewed."""

    line: Certificate
    start: str
    width: str
    soon_start: str
    soon_width: str
    years: int
    """Whole years left, where there are more than two; else 0, and the days are told."""


@dataclass(frozen=True)
class Figure:
    """All bars on one scale; the next to end stands first."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    today: str


def timeline_of(lines: Sequence[Certificate], now: datetime) -> Figure:
    """The figure for these certificates at an instant: from four months ago to the last end, at least 14 months
    and at most three years ahead."""
    begin = now - BEFORE
    last = max([now + LEAST_AFTER, *(line.key.valid_to for line in lines)])
    scale = _Scale(begin, min(last, now + MOST_AFTER) + timedelta(days=20))
    bars = tuple(_bar(scale, line) for line in lines)
    return Figure(bars, tuple(_ticks(scale)), scale.at(now))


@dataclass(frozen=True)
class _Scale:
    begin: datetime
    end: datetime

    def share(self, instant: datetime) -> float:
        whole = (self.end - self.begin).total_seconds()
        return min(1.0, max(0.0, (instant - self.begin).total_seconds() / whole))

    def at(self, instant: datetime) -> str:
        return _percent(self.share(instant))

    def width(self, start: datetime, end: datetime) -> str:
        return _percent(max(0.0, self.share(end) - self.share(start)))


def _percent(share: float) -> str:
    return f"{share * 100:.2f}%"


def _bar(scale: _Scale, line: Certificate) -> Bar:
    start, end = line.key.valid_from, line.key.valid_to
    soon = max(start, end - timedelta(days=max(WARNING_DAYS)))
    years = line.left // 365
    return Bar(
        line,
        scale.at(start),
        scale.width(start, end),
        scale.at(soon),
        scale.width(soon, end),
        years if years >= 2 else 0,
    )


def _ticks(scale: _Scale) -> list[Tick]:
    """Beginnings of quarters while they are few, else of years (dates of Viet Nam)."""
    first, last = clock.local(scale.begin).year, clock.local(scale.end).year
    months = [
        datetime(year, month, 1, tzinfo=clock.VIETNAM).astimezone(UTC)
        for year in range(first, last + 1)
        for month in (1, 4, 7, 10)
    ]
    inside = [at for at in months if scale.begin < at < scale.end]
    if len(inside) > _MOST_TICKS:
        inside = [at for at in inside if clock.local(at).month == 1]
    while len(inside) > _MOST_TICKS:
        inside = inside[::2]
    return [Tick(_label(at), scale.at(at)) for at in inside]


def _label(at: datetime) -> str:
    local = clock.local(at)
    return f"{local:%Y}" if local.month == 1 else f"{local:%m/%Y}"
