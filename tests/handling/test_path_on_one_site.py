"""A document goes from one agency to another on the same site, step by step, by the person whose step it is."""

from __future__ import annotations

from datetime import timedelta

from tests import world as worlds
from tests.jobs import run_jobs

from vanthu.audit import queries as audit
from vanthu.base import clock
from vanthu.exchange.models import Delivery, DeliveryState
from vanthu.handling import actions
from vanthu.handling.models import IntakeVerdict, Stage
from vanthu.issuing import actions as issuing
from vanthu.issuing.models import Stage as Outgoing
from vanthu.records.models import Direction, Document


def test_a_letter_is_drafted_signed_sealed_sent_registered_directed_answered_and_closed(
    world: worlds.World,
) -> None:
    sender, recipient = world.province, world.department
    letter = worlds.issued(sender, [recipient.agency])
    assert letter.state == Outgoing.ISSUED
    assert letter.code == "01/UBND"
    run_jobs()

    arrived = Document.objects.get(agency=recipient.agency, direction=Direction.INCOMING)
    assert arrived.document_id == letter.document_id
    assert arrived.intake.verdict == IntakeVerdict.WARNING  # nobody to ask about revocation in this test
    assert _state(letter) == DeliveryState.ARRIVED

    actions.register(recipient.clerk, arrived.pk)
    run_jobs()
    assert _state(letter) == DeliveryState.ACCEPTED

    actions.direct(
        recipient.leader,
        arrived.pk,
        text="Giao đồng chí Nam tham mưu văn bản trả lời.",
        lead=recipient.posts["specialist"].pk,
        collaborators=[recipient.posts["colleague"].pk],
        due_at=clock.now() + timedelta(days=3),
    )
    run_jobs()
    assert _state(letter) == DeliveryState.ASSIGNED

    actions.start(recipient.specialist, arrived.pk)
    run_jobs()
    assert _state(letter) == DeliveryState.IN_PROGRESS

    answer = worlds.issued(recipient, [sender.agency], reply_to=arrived)
    actions.complete(recipient.specialist, arrived.pk)
    run_jobs()
    arrived.refresh_from_db()
    assert arrived.state == Stage.COMPLETED
    assert _state(letter) == DeliveryState.COMPLETED
    delivery = Delivery.objects.get(document=letter)
    assert [status.code for status in delivery.statuses.all()] == ["01", "03", "04", "05", "06"]
    assert answer.code in delivery.statuses.last().description
    assert all(verdict.holds for verdict in audit.verify_all())


def test_refusing_tells_the_sender_the_reason_and_gives_no_arrival_number(world: worlds.World) -> None:
    letter = worlds.issued(world.province, [world.department.agency])
    run_jobs()
    arrived = Document.objects.get(agency=world.department.agency, direction=Direction.INCOMING)
    actions.reject(world.department.clerk, arrived.pk, "WRONG_ADDRESSEE", "Không thuộc thẩm quyền của Sở.")
    run_jobs()
    arrived.refresh_from_db()
    assert arrived.state == Stage.REJECTED
    assert arrived.arrival_number is None
    delivery = Delivery.objects.get(document=letter)
    assert delivery.state == DeliveryState.REJECTED
    assert "Không thuộc thẩm quyền của Sở." in delivery.statuses.last().description


def test_a_document_returned_by_the_unit_head_goes_back_to_its_drafter_with_the_reason(
    world: worlds.World,
) -> None:
    office = world.province
    letter = worlds.draft(office, [world.department.agency], by="unit_specialist")
    assert issuing.submit(office.unit_specialist, letter.pk).state == Outgoing.REVIEW
    issuing.return_draft(office.unit_head, letter.pk, "Bổ sung căn cứ.")
    letter.refresh_from_db()
    assert letter.state == Outgoing.RETURNED
    assert issuing.submit(office.unit_specialist, letter.pk).state == Outgoing.REVIEW
    assert issuing.approve_review(office.unit_head, letter.pk).state == Outgoing.SUBMITTED


def _state(letter: Document) -> str:
    return Delivery.objects.get(document=letter).state
