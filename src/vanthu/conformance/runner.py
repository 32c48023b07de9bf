"""Runs the probes against an axis and makes the report: the work behind ``vanthu conformance run``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import httpx

from vanthu.conformance import modern_probes  # noqa: F401 - its probes stand in PROBES once it is imported
from vanthu.conformance.items import RUN, Item
from vanthu.conformance.probes import PROBES
from vanthu.conformance.report import Evidence, Finding, Referee, Report
from vanthu.conformance.trial import NotTried, Side, Trial, Wrong
from vanthu.conformance.wire import NoAnswer, Wire

MOST_WAITING = 100
"""Packets that may wait for the second system: an axis may list the oldest first, and not all at once."""


def try_axis(
    endpoint: str,
    one: tuple[str, str, str],
    other: tuple[str, str, str] | None,
    *,
    http: httpx.Client,
    clock: Callable[[], datetime],
    items: Sequence[Item] = RUN,
    too_large: int = 0,
    register: bool = False,
    on_news: Callable[[Finding], None] = lambda _: None,
) -> Report:
    """Judge an axis. ``one`` and ``other`` are (system id, secret, agency code to send as; empty: the system id).

    ``clock`` gives aware instants; ``too_large`` bytes is a body that the axis must refuse, 0 leaves that out;
    ``register`` allows to add an agency to its list and take it off again.
    Nothing that an axis does makes this raise.
    """
    journal: list[Evidence] = []
    sides = [
        Side(Wire(endpoint, system_id, secret, http=http, clock=clock, journal=journal), code or system_id)
        for system_id, secret, code in filter(None, (one, other))
    ]
    second = sides[1] if len(sides) > 1 else None
    trial = Trial(sides[0], second, journal, clock=clock, too_large=too_large, register=register)
    referee = Referee(items, clock, on_news)
    for item in items:
        _try(referee, trial, item)
    trial.clear()
    return referee.report()


def hindrance(
    endpoint: str,
    one: tuple[str, str, str],
    other: tuple[str, str, str] | None,
    *,
    http: httpx.Client,
    clock: Callable[[], datetime],
) -> str:
    """Why nothing could be judged, in a sentence: nobody answers, or so much waits for the second system that what is
    sent to it would not stand in its list. Empty where the trial can begin."""
    waiting = 0
    for system_id, secret, _ in filter(None, (one, other)):
        wire = Wire(endpoint, system_id, secret, http=http, clock=clock, journal=[])
        try:
            answer = wire.call("getReceivedEdocList", {"servicetype": "eDoc", "messagetype": "edoc"})
        except NoAnswer as error:
            return error.text
        waiting = len(answer.rows)
    if other is None or waiting <= MOST_WAITING:
        return ""
    return (
        f"Hệ thống {other[0]} còn {waiting} gói tin chờ nhận: gói tin thử có thể không hiện trong danh sách."
        " Hãy nhận hết, hoặc dùng hệ thống khác."
    )


def _try(referee: Referee, trial: Trial, item: Item) -> None:
    trial.journal.clear()
    try:
        seen = PROBES[item.id](trial)
    except NotTried as reason:
        referee.still_open(item.id, str(reason), *trial.journal)
    except Wrong as wrong:
        referee.wrong(item.id, str(wrong), *trial.journal)
    except NoAnswer as error:
        referee.wrong(item.id, error.text, *trial.journal)
    else:
        referee.right(item.id, seen, *trial.journal)
