"""A sender takes back, recalls or updates a document; the recipient answers; both sides keep everything."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from tests import world as worlds
from tests.jobs import run_jobs

from vanthu.audit import queries as audit
from vanthu.base import clock
from vanthu.base.actors import NotYourStep, RoleRequired
from vanthu.exchange import actions as exchange
from vanthu.exchange.change_rules import DocumentFrozen, NothingToTakeBack
from vanthu.exchange.models import AnswerState, ChangeTarget, Delivery, DeliveryState, IncomingChange
from vanthu.handling import actions, answering
from vanthu.handling.models import Stage
from vanthu.handling.rules import RefusalWithoutReason
from vanthu.issuing import actions as issuing
from vanthu.issuing.models import Stage as Outgoing
from vanthu.records import queries
from vanthu.records.models import Direction, Document, RegisterEntry, Verb
from vanthu.records.sealing import SUBJECT

REASON = "Sai số liệu tại Phụ lục I."


def arrived(world: worlds.World) -> Document:
    """The department's copy of what the province sent."""
    return Document.objects.get(agency=world.department.agency, direction=Direction.INCOMING)


def sent(world: worlds.World) -> Document:
    letter = worlds.issued(world.province, [world.department.agency])
    run_jobs()
    return letter


def in_work(world: worlds.World) -> tuple[Document, Document]:
    """Registered and assigned at the department."""
    letter = sent(world)
    copy = arrived(world)
    actions.register(world.department.clerk, copy.pk)
    actions.direct(
        world.department.leader,
        copy.pk,
        text="Giao đồng chí Nam tham mưu.",
        lead=world.department.posts["specialist"].pk,
        collaborators=[world.department.posts["colleague"].pk],
        due_at=clock.now() + timedelta(days=3),
    )
    run_jobs()
    return letter, copy


def asked(world: worlds.World) -> tuple[Document, Document, IncomingChange]:
    """In work at the department when the chairman recalls it."""
    letter, copy = in_work(world)
    issuing.recall(world.province.leader, letter.pk, REASON, "Thông báo số 15/TB-UBND")
    run_jobs()
    copy.refresh_from_db()
    return letter, copy, IncomingChange.objects.get()


def target() -> ChangeTarget:
    return ChangeTarget.objects.select_related("delivery").get()


def test_a_wrong_sending_is_taken_back_while_nobody_has_registered_it(world: worlds.World) -> None:
    letter = sent(world)
    delivery = Delivery.objects.get(document=letter)
    issuing.take_back(world.province.clerk, letter.pk, [delivery.pk], "Gửi nhầm nơi nhận.")
    run_jobs()
    copy = arrived(world)
    assert copy.state == Stage.RECALLED
    assert copy.subject == SUBJECT
    assert queries.current_files(copy) == []
    assert queries.search(world.department.clerk, "chuyển đổi số") == []
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.RECALLED
    assert target().state == AnswerState.AGREED
    assert [status.code for status in delivery.statuses.all()] == ["01", "15"]
    letter.refresh_from_db()
    assert letter.state == Outgoing.ISSUED  # other recipients keep it
    assert all(verdict.holds for verdict in audit.verify_all())


def test_what_is_registered_is_not_taken_back_but_recalled_by_a_leader(world: worlds.World) -> None:
    letter, _ = in_work(world)
    delivery = Delivery.objects.get(document=letter)
    with pytest.raises(NothingToTakeBack):
        issuing.take_back(world.province.clerk, letter.pk, [delivery.pk], "Gửi nhầm.")
    with pytest.raises(RoleRequired):
        issuing.recall(world.province.specialist, letter.pk, REASON)


def test_the_clerk_proposes_a_recall_and_the_leader_decides(world: worlds.World) -> None:
    letter = sent(world)
    change = issuing.recall(world.province.clerk, letter.pk, REASON)
    assert Verb.DECIDE in queries.work_counts(world.province.leader)
    run_jobs()
    assert arrived(world).state == Stage.ARRIVED
    with pytest.raises(NotYourStep):
        issuing.decide_change(world.province.clerk, letter.pk, change.pk)
    issuing.decide_change(world.province.leader, letter.pk, change.pk)
    run_jobs()
    assert arrived(world).state == Stage.RECALLED
    letter.refresh_from_db()
    assert letter.state == Outgoing.RECALLED
    assert Verb.DECIDE not in queries.work_counts(world.province.leader)


def test_the_leader_may_decide_against_it_and_says_why(world: worlds.World) -> None:
    letter = sent(world)
    change = issuing.recall(world.province.clerk, letter.pk, REASON)
    issuing.drop_change(world.province.leader, letter.pk, change.pk, "Chỉ cần đính chính.")
    letter.refresh_from_db()
    assert letter.state == Outgoing.ISSUED
    [item] = [item for item in queries.work(world.province.clerk) if item.verb == Verb.FOLLOW]
    assert "Chỉ cần đính chính." in item.reason


def test_a_recalled_document_is_frozen_at_its_sender_even_against_the_database(world: worlds.World) -> None:
    letter = sent(world)
    issuing.recall(world.province.leader, letter.pk, REASON)
    letter.refresh_from_db()
    with pytest.raises(DocumentFrozen):
        issuing.recall(world.province.leader, letter.pk, REASON)
    Delivery.objects.filter(document=letter).update(state=DeliveryState.FAILED)
    with pytest.raises(DocumentFrozen):
        exchange.resend(world.province.clerk, Delivery.objects.get(document=letter).pk)
    letter.subject = "Trích yếu khác"
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        letter.save()


def test_a_document_in_work_stays_until_the_clerk_or_leader_agrees(world: worlds.World) -> None:
    letter, copy, request = asked(world)
    assert copy.state == Stage.ASSIGNED
    assert "NĐ 30/2020" in request.rule
    for person in (world.department.clerk, world.department.leader):
        [item] = [item for item in queries.work(person) if item.verb == Verb.ANSWER]
        assert REASON in item.reason
    with pytest.raises(NotYourStep):
        answering.agree(world.department.specialist, copy.pk, request.pk)

    answering.agree(world.department.leader, copy.pk, request.pk)
    run_jobs()
    copy.refresh_from_db()
    assert copy.state == Stage.RECALLED
    assert not copy.assignments.filter(finished_at=None).exists()
    assert Verb.ANSWER not in queries.work_counts(world.department.clerk)
    assert queries.work_counts(world.department.specialist) == {Verb.READ.value: 1}
    assert Delivery.objects.get(document=letter).state == DeliveryState.RECALLED
    answering.noted(world.department.specialist, copy.pk)
    assert queries.work_counts(world.department.specialist) == {}


def test_the_arrival_number_stays_taken_in_the_register(world: worlds.World) -> None:
    _, copy, request = asked(world)
    number = copy.arrival_number
    answering.agree(world.department.clerk, copy.pk, request.pk)
    copy.refresh_from_db()
    assert copy.arrival_number == number
    assert RegisterEntry.objects.get(document=copy).number == number


def test_a_completed_document_may_be_kept_with_a_reason_that_the_sender_reads(world: worlds.World) -> None:
    letter, copy = in_work(world)
    actions.complete(world.department.specialist, copy.pk, "Đã tổng hợp báo cáo.")
    issuing.recall(world.province.leader, letter.pk, REASON)
    run_jobs()
    request = IncomingChange.objects.get()
    with pytest.raises(RefusalWithoutReason):
        answering.refuse(world.department.clerk, copy.pk, request.pk, " ")
    answering.refuse(world.department.clerk, copy.pk, request.pk, "Đã thực hiện xong theo văn bản.")
    run_jobs()
    copy.refresh_from_db()
    assert copy.state == Stage.COMPLETED
    assert copy.sealed_at is None
    assert (target().state, target().answer) == (AnswerState.REFUSED, "Đã thực hiện xong theo văn bản.")
    [item] = [item for item in queries.work(world.province.clerk) if item.verb == Verb.FOLLOW]
    assert "Đã thực hiện xong theo văn bản." in item.reason
