"""The history of a document tells what happened, once: looks are kept apart, runs of the same act are one line."""

from __future__ import annotations

import pytest

from vanthu.audit import queries as audit
from vanthu.audit.ledger import action, record, record_access
from vanthu.base.actors import Actor, system_actor
from vanthu.base.ids import new_id
from vanthu.web import timeline

ACTOR = system_actor(new_id(), "Lê Thị Hoa")


@action
def _do(actor: Actor, verb: str, document: object) -> None:
    record(actor, verb, kind="document", object_id=document)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_three_savings_in_a_row_are_one_line_and_looks_are_told_apart() -> None:
    document = new_id()
    for verb in (
        "issuing.create_draft",
        "issuing.update_draft",
        "issuing.update_draft",
        "issuing.update_draft",
    ):
        _do(ACTOR, verb, document)
    record_access(ACTOR, "records.view", kind="document", object_id=document, data={"file": "a.pdf"})
    _do(ACTOR, "issuing.submit", document)
    assert len(timeline.entries(audit.timeline(document))) == 3
    assert [event.verb for event in audit.looks(document)] == ["records.view"]
