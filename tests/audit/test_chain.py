"""The event chain: one event per action, nothing changes without one, nobody edits it unnoticed."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from vanthu.audit import queries
from vanthu.audit.ledger import ActionWithoutEvent, action, event_hash, record
from vanthu.audit.models import Chain, Event
from vanthu.base.actors import system_actor
from vanthu.base.ids import new_id
from vanthu.directory.models import Agency

ACTOR = system_actor(new_id())


@action
def _rename(agency: Agency, name: str, *, says: int = 1) -> None:
    agency.name = name
    agency.save()
    for _ in range(says):
        record(ACTOR, "test.rename", kind="agency", object_id=agency.pk, data={"name": name})


@pytest.fixture
def agency(db: None) -> Agency:
    return Agency.objects.create(name="Trước")


def test_actions_append_events_that_verify(agency: Agency) -> None:
    for name in ("Một", "Hai", "Ba"):
        _rename(agency, name)
    verdict = queries.verify(ACTOR.agency_id)
    assert (verdict.holds, verdict.length) == (True, 3)


def test_what_is_recorded_while_a_chain_is_verified_does_not_break_it(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    _rename(agency, "Một")

    def slow(event: Event) -> str:
        _rename(agency, "Hai")
        return event_hash(event)

    monkeypatch.setattr(queries, "event_hash", slow)
    verdict = queries.verify(ACTOR.agency_id)
    assert (verdict.holds, verdict.length) == (True, 1)
    monkeypatch.undo()
    assert queries.verify(ACTOR.agency_id).length == 2


@pytest.mark.parametrize("says", [0, 2])
def test_an_action_that_says_nothing_or_too_much_changes_nothing(agency: Agency, says: int) -> None:
    with pytest.raises(ActionWithoutEvent):
        _rename(agency, "Sau", says=says)
    agency.refresh_from_db()
    assert agency.name == "Trước"


def test_the_database_refuses_to_edit_or_delete_events(agency: Agency) -> None:
    _rename(agency, "Sau")
    for change in (lambda: Event.objects.update(verb="khác"), lambda: Event.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("UPDATE audit_event SET actor_name = 'Người khác' WHERE sequence = 2", 2),
        ("DELETE FROM audit_event WHERE sequence = 2", 2),
        ("DELETE FROM audit_event WHERE sequence = 3", 3),
        ("UPDATE audit_event SET data = '{}' WHERE sequence = 1", 1),
    ],
)
def test_whoever_goes_around_the_database_s_guard_is_found(
    agency: Agency, tampering: str, broken_at: int
) -> None:
    for name in ("Một", "Hai", "Ba"):
        _rename(agency, name)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only")
        cursor.execute(tampering)
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER audit_event_append_only")
    verdict = queries.verify(ACTOR.agency_id)
    assert (verdict.holds, verdict.broken_at) == (False, broken_at)
    assert Chain.objects.get(pk=ACTOR.agency_id).length == 3
