"""By when a document must be sent, issued, registered: the test vectors V1–V11 of the requirements."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanthu.formalities import Urgency
from vanthu.worktime import (
    LEGAL_TIME,
    ReceptionRule,
    WorkCalendar,
    dispatch_deadline,
    effective_received_at,
    is_late,
    paper_issue_deadline,
    reception_deadline,
)

CALENDAR = WorkCalendar(holidays=frozenset({date(2027, 1, 1)}))


def at(text: str) -> datetime:
    """An instant of November 2026 unless a whole date is given: ``19 16:40``, ``2026-12-31 15:00``."""
    full = text if "-" in text else f"2026-11-{text}"
    return datetime.fromisoformat(full).replace(tzinfo=LEGAL_TIME)


def test_v1_sent_on_the_day_of_signing_is_on_time() -> None:
    assert not is_late(at("19 16:59"), dispatch_deadline(at("19 09:00"), CALENDAR))


def test_v2_sent_at_the_end_of_the_next_morning_is_on_time() -> None:
    assert not is_late(at("20 11:30:00"), dispatch_deadline(at("19 16:40"), CALENDAR))


def test_v3_sent_one_second_later_is_late_by_the_prime_ministers_rule_but_not_by_the_decree() -> None:
    assert is_late(at("20 11:30:01"), dispatch_deadline(at("19 16:40"), CALENDAR))
    assert not is_late(at("20 11:30:01"), paper_issue_deadline(at("19 16:40"), CALENDAR))


@pytest.mark.parametrize(
    ("vector", "signed", "deadline"),
    [
        ("V4 weekend", "20 17:30", "23 11:30"),
        ("V5 signed on Saturday", "21 08:00", "23 11:30"),
        ("V6 holiday", "2026-12-31 15:00", "2027-01-04 11:30"),
        ("V7 before midnight", "19 23:59:59", "20 11:30"),
        ("V7 after midnight", "20 00:00:01", "23 11:30"),
    ],
)
def test_v4_to_v7_the_deadline_is_the_next_working_morning(vector: str, signed: str, deadline: str) -> None:
    assert dispatch_deadline(at(signed), CALENDAR) == at(deadline), vector


def test_v8_an_express_document_must_leave_within_half_an_hour_even_on_saturday_night() -> None:
    deadline = dispatch_deadline(at("21 22:00"), CALENDAR, Urgency.EXPRESS)
    assert not is_late(at("21 22:20"), deadline)
    assert is_late(at("21 22:31"), deadline)


def test_v9_waiting_for_the_axis_does_not_make_a_document_on_time() -> None:
    accepted_by_axis = at("20 14:00")
    assert is_late(accepted_by_axis, dispatch_deadline(at("19 15:00"), CALENDAR))


def test_v10_registered_on_the_evening_of_arrival_is_on_time() -> None:
    assert not is_late(at("19 17:05"), reception_deadline(at("19 16:50"), CALENDAR))


def test_v10b_registered_next_morning_is_late_in_the_province_and_on_time_by_the_decree() -> None:
    received, registered = at("19 16:50"), at("20 08:00")
    by_decree = reception_deadline(received, CALENDAR, rule=ReceptionRule.NEXT_WORKING_DAY)
    assert is_late(registered, reception_deadline(received, CALENDAR))
    assert not is_late(registered, by_decree)


def test_v11_arrival_after_hours_counts_from_the_next_working_morning() -> None:
    assert effective_received_at(at("19 20:00"), CALENDAR) == at("20 07:30")
    assert not is_late(at("20 10:00"), reception_deadline(at("19 20:00"), CALENDAR))


def test_arrival_before_opening_on_a_working_day_counts_as_that_day() -> None:
    assert reception_deadline(at("19 05:00"), CALENDAR) == at("19 23:59:59")


def test_urgent_arrivals_run_from_the_real_arrival_also_at_night() -> None:
    assert reception_deadline(at("21 22:00"), CALENDAR, Urgency.URGENT) == at("21 22:30")


def test_instants_of_other_zones_are_read_in_legal_time() -> None:
    signed = datetime(2026, 11, 19, 17, 0, 1, tzinfo=UTC)
    assert dispatch_deadline(signed, CALENDAR) == at("23 11:30")


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        dispatch_deadline(datetime(2026, 11, 19, 9, 0), CALENDAR)


INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)).map(
    lambda t: t.replace(tzinfo=LEGAL_TIME)
)
LEVELS = st.sampled_from(list(Urgency))


@given(INSTANTS, LEVELS)
def test_no_deadline_lies_before_its_cause(instant: datetime, urgency: Urgency) -> None:
    assert dispatch_deadline(instant, CALENDAR, urgency) > instant
    assert reception_deadline(instant, CALENDAR, urgency) >= instant.replace(microsecond=0)


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_signing_later_never_brings_the_deadline_forward(signed: datetime, later: timedelta) -> None:
    assert dispatch_deadline(signed + later, CALENDAR) >= dispatch_deadline(signed, CALENDAR)
