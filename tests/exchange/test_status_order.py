"""Statuses come late, twice and in any order; what the sender sees depends on none of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from vanthu.exchange import rules
from vanthu.exchange.models import DeliveryState

CODES = ["01", "02", "03", "04", "05", "06", "13", "15", "16", "07", "99"]
START = datetime(2026, 11, 20, 1, tzinfo=UTC)
events = st.lists(
    st.tuples(st.sampled_from(CODES), st.integers(0, 10_000).map(lambda s: START + timedelta(seconds=s)))
)
RANK = [
    DeliveryState.QUEUED,
    DeliveryState.SENT,
    DeliveryState.ARRIVED,
    DeliveryState.ACCEPTED,
    DeliveryState.ASSIGNED,
    DeliveryState.IN_PROGRESS,
    DeliveryState.COMPLETED,
    DeliveryState.REJECTED,
]


def state(seen: list[tuple[str, datetime]]) -> DeliveryState:
    return rules.visible_state((code for code, _ in seen), sent=True, failed=False)


@given(st.data(), events)
def test_any_order_and_any_repetition_give_the_same_state_and_arrival(
    data: st.DataObject, seen: list[tuple[str, datetime]]
) -> None:
    repeated = seen + data.draw(st.lists(st.sampled_from(seen))) if seen else seen
    shuffled = data.draw(st.permutations(repeated))

    assert state(shuffled) == state(seen)
    assert rules.received_at(shuffled) == rules.received_at(seen)


@given(events, st.sampled_from(CODES))
def test_one_more_status_never_takes_the_state_back(seen: list[tuple[str, datetime]], code: str) -> None:
    before, after = state(seen), state([*seen, (code, START)])

    assert RANK.index(after) >= RANK.index(before)


@given(events)
def test_a_refusal_is_final(seen: list[tuple[str, datetime]]) -> None:
    assert state([("02", START), *seen]) is DeliveryState.REJECTED


@given(events)
def test_what_a_recipient_reported_outweighs_a_failed_sending(seen: list[tuple[str, datetime]]) -> None:
    codes = [code for code, _ in seen]
    shown = rules.visible_state(codes, sent=False, failed=True)

    assert (shown is DeliveryState.FAILED) == (not set(codes) & {"01", "02", "03", "04", "05", "06"})


def test_steps_may_be_skipped() -> None:
    assert state([("06", START)]) is DeliveryState.COMPLETED
    assert rules.received_at([("06", START)]) == START


def test_the_earliest_arrival_counts_as_received() -> None:
    later = START + timedelta(minutes=5)

    assert rules.received_at([("03", START - timedelta(minutes=1)), ("01", later), ("01", START)]) == START


@given(st.floats(0, 1, exclude_max=True))
def test_pauses_grow_and_end_after_about_two_days(chance: float) -> None:
    pauses = []
    for attempts in range(1, len(rules.GAPS) + 1):
        again = rules.next_try(attempts, START, chance)
        assert again is not None
        pauses.append(again - START)

    assert pauses == sorted(pauses)
    assert timedelta(hours=36) < sum(pauses, timedelta()) < timedelta(hours=60)
    assert rules.next_try(len(rules.GAPS) + 1, START, chance) is None
