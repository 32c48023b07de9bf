"""Register numbers: unique, without gaps, in order of time, whatever races, crashes or year changes."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.records.conftest import Registry, make_document, make_registry

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.ids import new_id
from vanthu.records import numbers
from vanthu.records.models import Direction, Register, RegisterEntry, RegisterYear

WRITERS = 64


class PowerCut(Exception):
    """Stands for a process that dies inside its transaction: the database sees a connection that never commits."""


@action
def _issue(registry: Registry, dies: bool) -> int:
    document = make_document(registry.agency)
    entry = numbers.take_number(registry.book, document, registry.system)
    record(registry.system, "test.issue", kind="document", object_id=document.pk)
    if dies:
        raise PowerCut
    return entry.number


def _writer(registry: Registry, seed: int) -> int | None:
    try:
        return _issue(registry, dies=random.Random(seed).random() < 0.3)
    except PowerCut:
        return None
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [1, 2])
def test_64_writers_of_whom_some_die_get_every_number_once_and_leave_no_gap(seed: int) -> None:
    registry = make_registry()
    with ThreadPoolExecutor(WRITERS) as pool:
        given_out = list(pool.map(lambda n: _writer(registry, seed * 1000 + n), range(WRITERS * 2)))
    kept = sorted(number for number in given_out if number is not None)
    assert kept == list(range(1, len(kept) + 1))
    assert len(kept) < WRITERS * 2, "some writers must have died for the test to mean anything"
    sequence = RegisterYear.objects.get(register=registry.book)
    assert numbers.gaps(sequence) == []
    instants = list(sequence.entries.order_by("number").values_list("at", flat=True))
    assert instants == sorted(instants)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(-90, 4000), st.booleans()), min_size=1, max_size=30))
def test_over_the_change_of_year_each_year_counts_from_one_in_order_of_time(
    registry: Registry, steps: list[tuple[int, bool]]
) -> None:
    """Clocks may jump back a little (seconds); processes may die: the order of numbers stays the order of instants."""
    book = Register.objects.create(
        agency=registry.agency, direction=Direction.OUTGOING, name=f"Sổ {new_id()}"
    )
    at = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)  # half an hour before the year ends in Viet Nam
    for seconds, dies in steps:
        at += timedelta(seconds=seconds)
        with clock.frozen(at):
            _take(registry, book, dies)
    for sequence in RegisterYear.objects.filter(register=book):
        entries = list(sequence.entries.order_by("number"))
        assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
        assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
        assert {clock.local(entry.at).year for entry in entries} <= {sequence.year}


def _take(registry: Registry, book: Register, dies: bool) -> None:
    try:
        with transaction.atomic():
            numbers.take_number(book, make_document(registry.agency), registry.system)
            if dies:
                raise PowerCut
    except PowerCut:
        pass


@pytest.mark.django_db
def test_one_second_before_midnight_belongs_to_the_old_year_and_midnight_to_the_new(
    registry: Registry,
) -> None:
    last = datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC)
    with clock.frozen(last):
        old = numbers.take_number(registry.book, make_document(registry.agency), registry.system)
    with clock.frozen(last + timedelta(seconds=1)):
        new = numbers.take_number(registry.book, make_document(registry.agency), registry.system)
    assert (old.sequence.year, old.number) == (2026, 1)
    assert (new.sequence.year, new.number) == (2027, 1)


@pytest.mark.django_db
def test_a_voided_number_stays_in_the_register_with_its_reason_and_is_never_given_again(
    registry: Registry,
) -> None:
    entry = numbers.take_number(registry.book, make_document(registry.agency), registry.system)
    numbers.void_entry(entry, "Cấp nhầm")
    following = numbers.take_number(registry.book, make_document(registry.agency), registry.system)
    assert following.number == 2
    assert RegisterEntry.objects.get(pk=entry.pk).void_reason == "Cấp nhầm"
    with pytest.raises(numbers.AlreadyVoided):
        numbers.void_entry(entry, "Lần nữa")


@pytest.mark.django_db
def test_a_legal_normative_type_with_its_own_register_does_not_take_numbers_of_the_general_one(
    registry: Registry,
) -> None:
    own = Register.objects.create(
        agency=registry.agency,
        direction=Direction.OUTGOING,
        name="Sổ quyết định QPPL",
        type_codes=["QUYET_DINH_QPPL"],
    )
    assert numbers.register_for(registry.agency.pk, Direction.OUTGOING, "QUYET_DINH_QPPL") == own
    assert numbers.register_for(registry.agency.pk, Direction.OUTGOING, "CONG_VAN") == registry.book
    with pytest.raises(numbers.NoRegister):
        numbers.register_for(registry.agency.pk, Direction.INCOMING, "CONG_VAN")
