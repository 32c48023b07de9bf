"""The small axis on the trial stage: puts ``vanthu conformance serve`` together, decides nothing itself."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random, SystemRandom
from uuid import UUID

from vanthu.conformance import papers
from vanthu.conformance.acts import Script
from vanthu.conformance.desks import COUNTERPART, DESKS
from vanthu.conformance.inbound import Inbound
from vanthu.conformance.items import SERVE, Item
from vanthu.conformance.modern_door import ModernDoor
from vanthu.conformance.outbound import Outbound
from vanthu.conformance.report import Finding, Referee, Report
from vanthu.conformance.small_axis import Agency, Answer, Call, MemberSystem, Request, SmallAxis
from vanthu.conformance.stage import Stage, evidence, is_ok
from vanthu.edxml import Organization
from vanthu.vxp import BadCredentials, BadHeaders, CallRefused, StaleCall, lag

PATIENCE = timedelta(minutes=45)
"""Integrators try again after one, five, thirty minutes."""

LISTS = ("getAgenciesList", "getAgenciesListQD20", "getSynchronizeUnit")


class Host:
    """One trial of a software that connects to an axis; :meth:`answer` takes its calls.

    ``tested`` is its member system, ``agencies`` its agencies. Bodies and the trial's root certificate go into
    ``folder``. ``clock`` gives aware instants; ``groups`` are the scenarios to play, all when empty; ``many`` the
    length of the very long list; ``slow_seconds`` what slow answers take; ``patience`` after how long something left
    undone is wrong. ``chance`` makes ids and marks: the same beginning and the same calls make the same trial.
    ``modern``: the axis has the modern door, too.
    """

    def __init__(
        self,
        tested: MemberSystem,
        agencies: Sequence[Agency],
        *,
        folder: Path,
        clock: Callable[[], datetime],
        on_news: Callable[[Finding], None] = lambda _: None,
        groups: Collection[str] = (),
        many: int = 200,
        slow_seconds: float = 40,
        patience: timedelta = PATIENCE,
        files: papers.Papers | None = None,
        chance: Random | None = None,
        modern: bool = True,
    ) -> None:
        files, chance = files or papers.make(clock()), chance or SystemRandom()
        (folder / "goc-thu-nghiem.pem").write_bytes(files.root)
        items = items_of(groups)
        counterpart = MemberSystem(COUNTERPART, "Đối tác thử nghiệm", secrets.token_urlsafe(24))

        def new_id() -> str:
            return str(UUID(int=chance.getrandbits(128), version=4))

        desks = [Agency(desk.code, desk.vi, COUNTERPART) for desk in DESKS]
        self.axis = SmallAxis(
            (tested, counterpart), (*agencies, *desks), folder=folder, clock=clock, new_id=new_id
        )
        self.referee = Referee(items, clock, on_news)
        home = Organization(agencies[0].code, agencies[0].name)
        stage = Stage(
            self.axis,
            self.referee,
            Script(home, files, clock, f"{chance.getrandbits(16):04X}"),
            tested.system_id,
            {item.id for item in items},
            slow_seconds,
            patience,
            clock,
        )
        self._stage, self._clock = stage, clock
        self._inbound = Inbound(stage, many)
        self._outbound = Outbound(stage, self._inbound)
        self.axis.watcher = self
        if modern:
            ModernDoor(self.axis).seen = self._noted
        self._inbound.start()

    def answer(self, request: Request) -> Answer:
        """Answer a call; the address itself shows the report."""
        if request.verb == "GET" and request.operation == "":
            return Answer(self.report().text().encode() + b"\n", content_type="text/plain; charset=utf-8")
        return self.axis.answer(request)

    def report(self) -> Report:
        """What was found until now."""
        with self.axis.lock:
            return self.referee.report()

    # --- what the axis tells

    def instead(self, call: Call) -> Answer | None:
        """A fault of the trial in the place of an answer."""
        if call.member != self._stage.tested:
            return None
        found = self._outbound.instead(call) or self._inbound.instead(call)
        if found is not None:
            self._note_call(call, found)
        return found

    def afterwards(self, call: Call, answer: Answer) -> Answer:
        """The answer that goes out; both halves of the trial look at the call."""
        if call.member != self._stage.tested:
            return answer
        self._note_call(call, answer)
        seen = evidence(call.request, answer, self._clock())
        answer = self._outbound.afterwards(call, answer, seen)
        return self._inbound.afterwards(call, answer, seen)

    def not_verified(self, request: Request, refused: CallRefused, answer: Answer) -> None:
        """A call that could not be verified."""
        seen = evidence(request, answer, self._clock())
        if isinstance(refused, StaleCall):
            self.referee.wrong("call-clock", refused.text, seen)
        elif isinstance(refused, (BadCredentials, BadHeaders)):
            self.referee.wrong("call-signed", refused.text, seen)

    def _noted(self, item: str, good: bool, seen: str) -> None:
        """What only the modern door shows."""
        (self.referee.right if good else self.referee.wrong)(item, seen)

    def _note_call(self, call: Call, answer: Answer) -> None:
        seen = evidence(call.request, answer, self._clock())
        self.referee.right("call-signed", "mọi lời gọi đến nay đều ký đúng", seen)
        behind = lag(call.signed.timestamp, self._clock()).total_seconds()
        self.referee.right("call-clock", f"lệch {behind:.0f} giây", seen)
        if call.operation in LISTS and is_ok(answer):
            self.referee.right("agency-list", f"đã gọi {call.operation}", seen)


def items_of(groups: Collection[str]) -> list[Item]:
    """The items of the scenarios, and those that every trial shows."""
    if not groups:
        return list(SERVE)
    return [item for item in SERVE if item.group in groups or item.group == "calls"]
