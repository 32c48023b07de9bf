"""Between two agencies of one site: the same packet, the same evidence, no axis."""

from __future__ import annotations

import hashlib

import pytest
from tests.exchange.conftest import SEALED, Office, issue, make_agency, report, send, send_waiting

from vanthu.audit import queries as audit
from vanthu.audit.models import Event
from vanthu.base import clock
from vanthu.blobs import store
from vanthu.directory.models import Agency
from vanthu.edxml.codes import StatusCode
from vanthu.errors import VanthuError
from vanthu.exchange import inbox, outbox, rules
from vanthu.exchange.models import (
    Channel,
    Delivery,
    DeliveryState,
    InboxPacket,
    InboxState,
    OutboxPacket,
)
from vanthu.records.models import CirculationRestriction, Direction, Document, FileKind, FileStage

pytestmark = pytest.mark.django_db


def arrive(office: Office, packet: InboxPacket) -> Document:
    """What handling does with a stored packet, in short."""
    content = inbox.packet_of(packet)
    document = Document.objects.create(
        agency=office.agency,
        direction=Direction.INCOMING,
        state="ARRIVED",
        type_code="CONG_VAN",
        subject=content.subject,
        code=content.code,
        document_id=content.document_id,
        created_at=clock.now(),
        changed_at=clock.now(),
    )
    inbox.taken_in(packet, document)
    return document


def test_a_document_for_a_neighbour_is_queued_and_not_sent_when_the_button_is_pressed(
    commune: Office, department: Office
) -> None:
    [delivery] = send(commune, issue(commune), department.agency)

    delivery.refresh_from_db()
    assert delivery.channel == Channel.LOCAL
    assert delivery.state == DeliveryState.QUEUED
    assert delivery.sent_at is None


def test_it_enters_the_neighbours_mailbox_and_only_then_counts_as_sent(
    commune: Office, department: Office
) -> None:
    document = issue(commune)
    [delivery] = send(commune, document, department.agency)

    send_waiting()

    delivery.refresh_from_db()
    [packet] = InboxPacket.objects.filter(agency=department.agency)
    assert delivery.state == DeliveryState.SENT
    assert delivery.sent_at == packet.received_at
    assert packet.state == InboxState.STORED
    assert (packet.wire_id, packet.code) == (document.document_id, document.code)


def test_the_neighbour_gets_the_sealed_file_byte_for_byte_and_the_packet_keeps_its_hash(
    commune: Office, department: Office
) -> None:
    document = issue(commune)
    send(commune, document, department.agency)

    send_waiting()

    packet = InboxPacket.objects.get(agency=department.agency)
    [attachment] = inbox.packet_of(packet).attachments
    assert attachment.content.read() == SEALED + str(document.number).encode()
    assert hashlib.sha256(store.read(packet.sha256)).hexdigest() == packet.sha256


def test_every_step_at_the_recipient_comes_back_to_the_sender_with_person_and_time(
    commune: Office, department: Office
) -> None:
    [delivery] = send(commune, issue(commune), department.agency)
    send_waiting()
    incoming = arrive(department, InboxPacket.objects.get(agency=department.agency))

    for code in (StatusCode.ARRIVED, StatusCode.ACCEPTED, StatusCode.ASSIGNED):
        report(department, incoming, code, f"bước {code.value}")
    send_waiting()

    delivery.refresh_from_db()
    statuses = list(delivery.statuses.order_by("code"))
    assert delivery.state == DeliveryState.ASSIGNED
    assert [status.code for status in statuses] == ["01", "03", "04"]
    assert {status.staff for status in statuses} == {"Lê Thị Hoa"}
    assert delivery.received_at == statuses[0].at


def test_a_refusal_comes_back_with_its_reason_and_ends_the_delivery(
    commune: Office, department: Office
) -> None:
    [delivery] = send(commune, issue(commune), department.agency)
    send_waiting()
    incoming = arrive(department, InboxPacket.objects.get(agency=department.agency))

    report(department, incoming, StatusCode.REJECTED, "Sai nơi nhận")
    report(department, incoming, StatusCode.ACCEPTED)
    send_waiting()

    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.REJECTED
    assert delivery.statuses.get(code="02").description == "Sai nơi nhận"


def test_a_refusal_without_a_reason_is_not_sent(commune: Office, department: Office) -> None:
    send(commune, issue(commune), department.agency)
    send_waiting()
    incoming = arrive(department, InboxPacket.objects.get(agency=department.agency))

    with pytest.raises(rules.ReasonNeeded):
        report(department, incoming, StatusCode.REJECTED, "  ")


def test_the_same_status_reported_twice_goes_out_once(commune: Office, department: Office) -> None:
    send(commune, issue(commune), department.agency)
    send_waiting()
    incoming = arrive(department, InboxPacket.objects.get(agency=department.agency))

    report(department, incoming, StatusCode.IN_PROGRESS)
    report(department, incoming, StatusCode.IN_PROGRESS)

    assert OutboxPacket.objects.filter(kind="status").count() == 1


def test_a_document_that_came_on_paper_reports_nothing(commune: Office) -> None:
    scanned = Document.objects.create(
        agency=commune.agency,
        direction=Direction.INCOMING,
        state="ARRIVED",
        type_code="CONG_VAN",
        subject="Giấy mời",
        created_at=clock.now(),
        changed_at=clock.now(),
    )

    report(commune, scanned, StatusCode.ACCEPTED)

    assert not OutboxPacket.objects.exists()


def test_a_job_that_runs_twice_delivers_once(commune: Office, department: Office) -> None:
    from vanthu.exchange import jobs

    send(commune, issue(commune), department.agency)
    packet = OutboxPacket.objects.get()

    jobs.send_packet(str(packet.id))
    jobs.send_packet(str(packet.id))

    assert InboxPacket.objects.count() == 1
    assert Event.objects.filter(verb="exchange.sent").count() == 1


def test_a_worker_killed_after_the_hand_over_is_made_good_at_once_by_the_next(
    commune: Office, department: Office
) -> None:
    from vanthu.exchange import actions

    [delivery] = send(commune, issue(commune), department.agency)
    packet = OutboxPacket.objects.get()
    assert actions.begin(packet.id) is not None
    inbox.receive_stored("local", str(packet.id), store.put(store.read(packet.sha256)), to=packet.recipients)

    send_waiting()

    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT
    assert InboxPacket.objects.count() == 1


def test_sending_the_document_again_to_the_same_recipient_adds_nothing(
    commune: Office, department: Office
) -> None:
    document = issue(commune)
    send(commune, document, department.agency)

    assert send(commune, document, department.agency, department.agency) == []
    assert Delivery.objects.count() == 1


def test_three_recipients_three_ways(
    commune: Office, department: Office, ministry: Agency, settings: object
) -> None:
    settings.VANTHU = settings.VANTHU.model_copy(update={"axis_url": "http://127.0.0.1:9"})
    unready = make_agency("Hội Người cao tuổi", "", hosted=False, ready=False, address="12 Hùng Vương")

    deliveries = send(commune, issue(commune), department.agency, ministry, unready)

    assert [delivery.channel for delivery in deliveries] == [Channel.LOCAL, Channel.AXIS, Channel.PAPER]


def test_without_an_axis_agencies_elsewhere_get_paper(commune: Office, ministry: Agency) -> None:
    [delivery] = send(commune, issue(commune), ministry)

    assert delivery.channel == Channel.PAPER
    assert not OutboxPacket.objects.exists()


def test_the_clerk_notes_the_day_the_paper_left(commune: Office, ministry: Agency) -> None:
    from vanthu.exchange import actions

    [delivery] = send(commune, issue(commune), ministry)

    actions.posted(commune.clerk, delivery.id)

    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT
    assert delivery.sent_at is not None


@pytest.mark.parametrize("stamp", [value for value in CirculationRestriction.values if value])
def test_a_document_stamped_for_return_never_leaves_by_network(
    commune: Office, department: Office, stamp: str
) -> None:
    with pytest.raises(rules.Restricted) as refused:
        send(commune, issue(commune, restriction=stamp), department.agency)

    assert refused.value.code == "EXCHANGE_RESTRICTED"
    assert CirculationRestriction(stamp).label in refused.value.text
    assert not Delivery.objects.exists()


def test_it_may_go_on_paper(commune: Office, department: Office) -> None:
    document = issue(commune, restriction=CirculationRestriction.INTERNAL_ONLY)

    [delivery] = outbox.dispatch_paper(document, [department.agency])

    assert delivery.channel == Channel.PAPER


def test_an_unsealed_file_is_not_sent(commune: Office, department: Office) -> None:
    from vanthu.records import files

    document = issue(commune)
    files.add_version(
        document,
        b"%PDF-1.7 annex",
        kind=FileKind.ANNEX,
        stage=FileStage.DRAFT,
        name="phu-luc.pdf",
        actor=commune.clerk,
    )

    with pytest.raises(rules.NotSealed, match=r"phu-luc\.pdf"):
        send(commune, document, department.agency)


def test_a_document_without_number_is_not_sent(commune: Office, department: Office) -> None:
    document = issue(commune)
    Document.objects.filter(pk=document.pk).update(code="", document_id="")
    document.refresh_from_db()

    with pytest.raises(rules.NotIssued):
        send(commune, document, department.agency)


def test_a_recipient_without_any_address_is_named(commune: Office) -> None:
    nobody = make_agency("Tổ dân phố 3", "", hosted=False)

    with pytest.raises(rules.NoAddress, match="Tổ dân phố 3"):
        send(commune, issue(commune), nobody)


def test_nobody_to_send_to_is_said(commune: Office) -> None:
    with pytest.raises(rules.NoRecipients):
        send(commune, issue(commune))


def test_when_dispatch_fails_nothing_stays_behind(commune: Office, department: Office) -> None:
    document = issue(commune)
    document.subject = "hỏng\x00"

    with pytest.raises((VanthuError, ValueError)):
        send(commune, document, department.agency)

    assert not OutboxPacket.objects.exists()
    assert send_waiting() == 0


def test_an_urgent_document_overtakes_the_queue(commune: Office, department: Office) -> None:
    for _ in range(3):
        send(commune, issue(commune), department.agency)
    urgent = issue(commune, urgency=3)
    send(commune, urgent, department.agency)

    send_waiting()

    first = InboxPacket.objects.order_by("id").first()
    assert first is not None
    assert first.wire_id == urgent.document_id


def test_every_change_stands_in_both_agencies_chains(commune: Office, department: Office) -> None:
    send(commune, issue(commune), department.agency)

    send_waiting()

    assert [
        event.verb for event in Event.objects.filter(agency_id=commune.agency.id).order_by("sequence")
    ] == [
        "test.dispatch",
        "exchange.sent",
    ]
    assert [event.verb for event in Event.objects.filter(agency_id=department.agency.id)] == [
        "exchange.received"
    ]
    assert audit.verify(commune.agency.id).broken_at is None
    assert audit.verify(department.agency.id).broken_at is None
