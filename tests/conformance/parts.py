"""What the tests of the conformance kit share: a small axis, and calling it without a socket."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import httpx

from vanthu.conformance.items import RUN, Item
from vanthu.conformance.modern_door import ModernDoor
from vanthu.conformance.report import Report
from vanthu.conformance.runner import try_axis
from vanthu.conformance.small_axis import Agency, Answer, MemberSystem, Request, SmallAxis

MEMBERS = (MemberSystem("W01", "Phần mềm thử", "khoa-mot"), MemberSystem("W02", "Đối tác", "khoa-hai"))
AGENCIES = (
    Agency("W01", "Cơ quan thử", "W01", old_code="000.00.00.W01"),
    Agency("W02.05", "Cơ quan bạn", "W02"),
)


def small_axis(
    folder: Path, clock: Callable[[], datetime], kind: type[SmallAxis] = SmallAxis, **more: int
) -> SmallAxis:
    axis = kind(MEMBERS, AGENCIES, folder=folder, clock=clock, **more)
    ModernDoor(axis)
    return axis


def without_socket(answer: Callable[[Request], Answer]) -> httpx.Client:
    """A client whose calls go straight to the axis; a broken connection is one for the caller, too."""

    def handle(request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        found = answer(Request(request.method, path, dict(request.headers.items()), request.read()))
        if found.cut_after is not None:
            raise httpx.RemoteProtocolError("connection broken off")
        headers = {"Content-Type": found.content_type, **found.headers}
        return httpx.Response(found.status, headers=headers, content=found.content)

    return httpx.Client(transport=httpx.MockTransport(handle))


def tried(
    axis: SmallAxis,
    clock: Callable[[], datetime],
    *,
    items: tuple[str, ...] = (),
    alone: bool = False,
    too_large: int = 0,
) -> Report:
    """The report on an axis, about some items or all."""
    chosen: list[Item] = [item for item in RUN if not items or item.id in items]
    other = None if alone else ("W02", "khoa-hai", "W02.05")
    with without_socket(axis.answer) as http:
        return try_axis(
            "https://truc.example",
            ("W01", "khoa-mot", "W01"),
            other,
            http=http,
            clock=clock,
            items=chosen,
            too_large=too_large,
            register=True,
        )
