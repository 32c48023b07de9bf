"""The two layers: how far the axis carried a document, apart from what the office does with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client as Browser
from django.utils import translation
from tests.exchange.conftest import issue, make_office, send, send_waiting
from tests.exchange.test_axis import HANOI, NOWHERE, Net, net, reach, status  # noqa: F401 - fixtures

from vanthu.axis.jobs import seal_evidence
from vanthu.base import clock
from vanthu.directory.models import Person
from vanthu.edxml import StatusCode
from vanthu.evidence import verify_receipt
from vanthu.evidence.proofs import verify_proof
from vanthu.exchange import actions, axis, jobs, panel, queries, receipts, transport
from vanthu.exchange.models import Delivery, DeliveryState, InboxPacket, OutboxPacket, Transport
from vanthu.vxp import SentRow

pytestmark = pytest.mark.django_db
SENT_AT = datetime(2026, 11, 21, 9, 0, tzinfo=HANOI)


@pytest.fixture
def sent(net: Net) -> Delivery:  # noqa: F811
    """A document that the axis accepted for the ministry."""
    [delivery] = send(net.commune, issue(net.commune), net.ministry)
    send_waiting()
    delivery.refresh_from_db()
    return delivery


def asked(delivery: Delivery) -> Delivery:
    """Let the time for the next question come, and ask."""
    OutboxPacket.objects.filter(pk=delivery.packet_id).exclude(ask_at=None).update(ask_at=clock.now())
    jobs.watch_sent()
    delivery.refresh_from_db()
    return delivery


def test_the_axis_tells_how_far_it_carried_a_document_until_the_other_system_has_it(
    net: Net,  # noqa: F811
    sent: Delivery,
) -> None:
    assert asked(sent).transport == Transport.HELD

    [row] = net.elsewhere.received("edoc")
    net.elsewhere.update_status(row.doc_id, "processing")
    assert asked(sent).transport == Transport.HANDED_OVER

    net.elsewhere.update_status(row.doc_id, "done")
    delivery = asked(sent)
    assert (delivery.transport, delivery.state) == (Transport.ACKNOWLEDGED, DeliveryState.SENT)
    assert delivery.transport_at is not None
    assert OutboxPacket.objects.get().ask_at is None


def test_a_system_that_could_not_read_the_packet_makes_it_somebodys_work_and_it_is_sent_anew(
    net: Net,  # noqa: F811
    sent: Delivery,
) -> None:
    [row] = net.elsewhere.received("edoc")
    net.elsewhere.update_status(row.doc_id, "fail", "Sai dinh dang")

    delivery = asked(sent)

    assert (delivery.state, delivery.transport) == (DeliveryState.FAILED, Transport.REFUSED)
    assert "Bộ Nội vụ" in delivery.last_error
    assert "Sai dinh dang" in delivery.last_error
    assert [found.id for found in queries.failed(net.commune.clerk).deliveries] == [delivery.id]

    with_later_stamp = clock.now() + timedelta(minutes=1)
    with clock.frozen(with_later_stamp):
        actions.resend(net.commune.clerk, delivery.id)
        send_waiting()
    [again] = net.elsewhere.received("edoc")
    assert again.doc_id != row.doc_id
    delivery.refresh_from_db()
    assert (delivery.state, delivery.transport, delivery.last_error) == (DeliveryState.SENT, "", "")


def test_once_the_office_answered_the_axis_is_not_asked_any_more(
    net: Net,  # noqa: F811
    sent: Delivery,
) -> None:
    net.elsewhere.send_edoc(status(sent, StatusCode.ACCEPTED), sender="G09", message_type="status")
    jobs.poll_axis()

    assert asked(sent).received_at is not None
    assert OutboxPacket.objects.get().ask_at is None


def test_a_silent_axis_is_asked_again_later(
    net: Net,  # noqa: F811
    sent: Delivery,
    reach: Callable[[str], None],  # noqa: F811
) -> None:
    reach(NOWHERE)
    assert asked(sent).transport == ""
    reach(net.url)
    assert asked(sent).transport == Transport.HELD


def test_questions_grow_rare_and_end() -> None:
    now, asked_at = SENT_AT, []
    while (following := transport.next_ask(SENT_AT, now)) is not None:
        asked_at.append(following)
        now = following

    gaps = [later - earlier for earlier, later in pairwise(asked_at)]
    assert gaps == sorted(gaps)
    assert gaps[0] == timedelta(seconds=15)
    assert gaps[-1] == transport.LONGEST_GAP
    assert len(asked_at) < 200
    assert asked_at[-1] - SENT_AT > timedelta(days=29)


def test_a_word_of_the_axis_about_another_identifier_of_the_recipient_counts(sent: Delivery) -> None:
    sent.recipient.identifiers.create(code="000.00.00.G09", primary=False)
    row = SentRow("s", "r", "H20.45", "000.00.00.G09", "edoc", "done", "", "Processing", "", "", "hôm qua")
    assert sent.packet is not None

    transport.heard(sent.packet, [row])
    transport.heard(sent.packet, [row])

    sent.refresh_from_db()
    assert sent.transport == Transport.HANDED_OVER
    assert sent.transport_at is not None


def test_the_page_shows_both_layers_with_their_times_and_offers_the_receipt(
    net: Net,  # noqa: F811
    sent: Delivery,
    client: Browser,
) -> None:
    [row] = net.elsewhere.received("edoc")
    net.elsewhere.update_status(row.doc_id, "done")
    asked(sent)

    line = panel.shown(net.commune.clerk, queries.deliveries_of(sent.document)[0])
    assert (line.transport.label, line.carried) == ("Đã gửi", "Hệ thống nhận đã lưu")
    assert line.business.label == "Chưa có phản hồi"

    client.force_login(Person.objects.get(username="vanthu.H20.45"))
    answer = client.get(f"/exchange/deliveries/{sent.pk}/receipt")
    assert answer["Content-Disposition"].startswith("attachment")
    told = verify_receipt(answer.content.decode(), axis.receipt_keys(net.url))
    assert sent.packet is not None
    assert told.packet_sha256 == sent.packet.sha256


def test_the_receipt_is_checked_on_the_page_and_its_proof_downloaded_for_years_later(
    sent: Delivery,
    client: Browser,
    reach: Callable[[str], None],  # noqa: F811
) -> None:
    assert sent.packet is not None
    early = receipts.check(sent)
    assert (early.outcome, early.entries) == (receipts.Outcome.VALID, 0)
    assert "Chưa lấy được tệp bằng chứng" in early.pending  # the axis seals its log every few seconds
    with pytest.raises(receipts.ProofNotYet):
        receipts.proof_file(sent)
    seal_evidence()
    later = receipts.check(sent)
    assert later.entries > 0
    with translation.override("vi"):
        shown = render_to_string("exchange/receipt_check.html", {"delivery": sent, "checked": later})
    assert "Biên nhận hợp lệ" in shown
    assert "Có trong nhật ký của trục" in shown
    assert verify_proof(receipts.proof_file(sent)).packet_sha256 == sent.packet.sha256

    door = f"/exchange/deliveries/{sent.pk}/receipt/check"
    Delivery.objects.filter(pk=sent.pk).update(packet=OutboxPacket.objects.create(**_another_packet(sent)))
    client.force_login(Person.objects.get(username="vanthu.H20.45"))
    assert "Biên nhận không hợp lệ" in client.get(door).content.decode()
    Delivery.objects.filter(pk=sent.pk).update(packet=sent.packet, receipt=sent.receipt[:-9] + "AAAAAAAAA")
    assert "Biên nhận không hợp lệ" in client.get(door).content.decode()
    assert door in client.get(f"/documents/{sent.document_id}/deliveries/").content.decode()
    reach(NOWHERE)
    assert "Chưa kiểm tra được" in client.get(door).content.decode()
    assert client.get(f"/exchange/deliveries/{sent.pk}/proof").status_code == 503
    make_office("Sở Nội vụ", "H20.07")
    client.force_login(Person.objects.get(username="vanthu.H20.07"))
    assert client.get(door).status_code == 404
    assert client.get(f"/exchange/deliveries/{sent.pk}/proof").status_code == 404


def _another_packet(delivery: Delivery) -> dict[str, Any]:
    return {
        "agency_id": delivery.agency_id,
        "document_id": delivery.document_id,
        "kind": "edoc",
        "channel": delivery.channel,
        "recipients": [],
        "sha256": "0" * 64,
        "size": 1,
        "created_at": clock.now(),
    }


def test_nobody_of_another_agency_gets_the_receipt(sent: Delivery, client: Browser) -> None:
    make_office("Sở Nội vụ", "H20.07")
    client.force_login(Person.objects.get(username="vanthu.H20.07"))

    assert client.get(f"/exchange/deliveries/{sent.pk}/receipt").status_code == 404


# Acknowledging


def test_a_worker_killed_between_telling_the_axis_and_noting_it_leaves_no_open_end(
    net: Net,  # noqa: F811
    frozen_clock: Callable[[datetime], None],
) -> None:
    from tests.exchange.test_axis import letter

    from vanthu.edxml import write

    net.elsewhere.send_edoc(write(letter("H20.45")), sender="G09", message_type="edoc")
    jobs.poll_axis()
    InboxPacket.objects.update(acknowledged_at=None)

    jobs.poll_axis()
    assert InboxPacket.objects.get().acknowledged_at is None

    frozen_clock(clock.now() + jobs.FORGOTTEN + timedelta(seconds=1))
    jobs.poll_axis()
    assert InboxPacket.objects.get().acknowledged_at is not None


@pytest.mark.parametrize("doc_id", ["gone-from-the-axis", "không gửi lại được"])
def test_an_acknowledgement_that_the_axis_does_not_want_any_more_is_settled_too(
    doc_id: str,
    net: Net,  # noqa: F811
    frozen_clock: Callable[[datetime], None],
) -> None:
    from tests.exchange.test_axis import letter

    from vanthu.edxml import write
    from vanthu.exchange import inbox

    inbox.receive("axis", doc_id, write(letter("H20.45")))
    frozen_clock(clock.now() + jobs.FORGOTTEN + timedelta(seconds=1))

    jobs.poll_axis()

    assert InboxPacket.objects.get().acknowledged_at is not None
