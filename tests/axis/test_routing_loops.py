"""However wrongly axes are joined, a packet passes each of them at most once."""

from __future__ import annotations

import io
from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.axis.axis_parts import document

from vanthu.axis.envelope import read_envelope
from vanthu.axis.errors import RoutingLoop
from vanthu.axis.models import Member
from vanthu.axis.routing_rules import check_way, next_look, pause_of_line, pause_of_packet
from vanthu.edxml.hops import Spliced, splice

AT = datetime(2026, 11, 21, 8, 0)
AXES = 7


def member(number: int, *, is_axis: bool = True) -> Member:
    return Member(id=UUID(int=number + 1), system_id=f"TRUC-{number}", is_axis=is_axis)


def journey(routes: list[list[int]], start: int) -> list[int]:
    """The axes that take the packet in, in order, when each passes it on to every axis its list names.

    Uses the bytes that really travel, and the rule at the door of each axis.
    """
    seen: list[int] = []
    under_way = [(start, document(), member(99, is_axis=False))]
    while under_way:
        here, packet, source = under_way.pop(0)
        envelope = read_envelope(io.BytesIO(packet), "edoc")
        for there in routes[here]:
            try:
                check_way(envelope.trace, f"TRUC-{here}", source, [member(there).id])
            except RoutingLoop:
                continue
            stream = io.BytesIO(packet)
            passed = Spliced(stream, splice(stream, f"TRUC-{here}", AT)).read()
            assert here not in {int(code.partition("-")[2]) for code in envelope.trace}
            seen.append(here)
            under_way.append((there, passed, member(here)))
            assert len(envelope.trace) < AXES
    return seen


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, AXES - 1), min_size=AXES, max_size=AXES), st.integers(0, AXES - 1))
def test_in_any_graph_of_axes_a_packet_passes_each_at_most_once(ways: list[int], start: int) -> None:
    passed = journey([[there] for there in ways], start)
    assert len(passed) == len(set(passed))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 3), max_size=2, unique=True), min_size=4, max_size=4),
    st.integers(0, 3),
)
def test_copies_on_several_ways_come_to_an_end_too(routes: list[list[int]], start: int) -> None:
    assert len(journey(routes, start)) <= 2**5


def test_a_ring_of_axes_stops_where_it_began() -> None:
    assert journey([[1], [2], [0]], 0) == [0, 1, 2]


def test_two_axes_that_each_think_the_other_has_the_agency_do_not_play_ball() -> None:
    assert journey([[1], [0]], 0) == [0]


def test_a_system_may_send_to_its_own_agencies_an_axis_may_not() -> None:
    system = member(1, is_axis=False)
    check_way((), "TRUC-0", system, [system.id])
    with pytest.raises(RoutingLoop):
        check_way((), "TRUC-0", member(1), [member(2).id, member(1).id])


def test_an_axis_without_code_passes_nothing_on_and_refuses_nothing() -> None:
    check_way(("", "TRUC-0"), "", member(1), [])


@given(st.integers(1, 100), st.floats(0, 0.999))
def test_pauses_grow_up_to_a_limit(tries: int, chance: float) -> None:
    for pause in (pause_of_packet, pause_of_line):
        assert pause(tries, 0) <= pause(tries + 1, 0) <= pause(100, 0)
        assert pause(tries, 0) <= pause(tries, chance) <= pause(tries, 0) * 1.2


@given(st.timedeltas(min_value=datetime.min - datetime.min, max_value=AT - datetime(2020, 1, 1)))
def test_the_longer_a_packet_is_under_way_the_rarer_it_is_asked_for(age: object) -> None:
    assert next_look(age).total_seconds() in (2, 600) or 2 < next_look(age).total_seconds() < 600  # type: ignore[arg-type]
