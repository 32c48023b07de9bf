"""After dispatch: a refusal becomes work for the registry and the drafter, until somebody has seen to it."""

from __future__ import annotations

import pytest
from tests import world as worlds
from tests.jobs import run_jobs

from vanthu.base.actors import NotYourStep
from vanthu.handling import actions as handling
from vanthu.issuing import actions as issuing
from vanthu.records import queries
from vanthu.records.models import Direction, Document, Verb


def test_a_refusal_waits_for_the_clerk_with_the_recipient_s_reason_until_it_is_dealt_with(db: None) -> None:
    world = worlds.build()
    letter = worlds.issued(world.province, [world.department.agency])
    run_jobs()
    arrived = Document.objects.get(agency=world.department.agency, direction=Direction.INCOMING)
    handling.reject(world.department.clerk, arrived.pk, "WRONG_ADDRESSEE", "Không thuộc thẩm quyền của Sở.")
    run_jobs()

    waiting = [item for item in queries.work(world.province.clerk) if item.verb == Verb.FOLLOW]
    assert [item.document_id for item in waiting] == [letter.pk]
    assert "Không thuộc thẩm quyền của Sở." in waiting[0].reason
    assert Verb.FOLLOW in queries.work_counts(world.province.specialist)

    with pytest.raises(NotYourStep):
        issuing.follow_up_done(world.province.leader, letter.pk)
    issuing.follow_up_done(world.province.clerk, letter.pk)
    assert Verb.FOLLOW not in queries.work_counts(world.province.clerk)
