"""The pages of the exchange: who sees what, in which words, at which cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.exchange.conftest import Office, issue, make_agency, report, send, send_waiting
from tests.exchange.test_local_delivery import arrive

from vanthu.base.actors import Role
from vanthu.directory.models import Agency, Person, Post
from vanthu.edxml.codes import StatusCode
from vanthu.exchange import inbox, queries
from vanthu.exchange.models import Delivery, DeliveryState, InboxPacket, InboxState
from vanthu.records.models import Document

pytestmark = pytest.mark.django_db


def signed_in(office: Office) -> Client:
    browser = Client()
    browser.force_login(Person.objects.get(pk=office.clerk.person_id))
    return browser


def page(browser: Client, document: Document, seen: str = "") -> str:
    answer = browser.get(f"/documents/{document.pk}/deliveries/", {"seen": seen} if seen else {})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_sender_sees_each_recipient_with_transport_and_answer_apart(
    commune: Office, department: Office
) -> None:
    document = issue(commune)
    send(commune, document, department.agency)
    send_waiting()

    shown = page(signed_in(commune), document)

    assert "Sở Nội vụ" in shown
    assert "Đã gửi" in shown
    assert "Chưa có phản hồi" in shown


def test_the_steps_show_person_time_and_reason(commune: Office, department: Office) -> None:
    document = issue(commune)
    send(commune, document, department.agency)
    send_waiting()
    incoming = arrive(department, InboxPacket.objects.get())
    report(department, incoming, StatusCode.ARRIVED)
    report(department, incoming, StatusCode.REJECTED, "Văn bản gửi <b>nhầm</b>")
    send_waiting()

    shown = page(signed_in(commune), document)

    assert "Bị từ chối tiếp nhận" in shown
    assert "Lê Thị Hoa" in shown
    assert "Văn bản gửi &lt;b&gt;nhầm&lt;/b&gt;" in shown


def test_the_page_asks_again_until_everything_is_finished(commune: Office, department: Office) -> None:
    document = issue(commune)
    send(commune, document, department.agency)
    browser = signed_in(commune)
    waiting = re.search(r'hx-get="([^"]+)"', page(browser, document))
    assert waiting is not None
    assert browser.get(waiting[1]).status_code == 204

    send_waiting()

    assert browser.get(waiting[1]).status_code == 200
    Delivery.objects.update(state=DeliveryState.COMPLETED)
    assert "hx-get" not in page(browser, document)


def test_a_clerk_of_another_agency_finds_no_such_document(commune: Office, department: Office) -> None:
    document = issue(commune)
    send(commune, document, department.agency)

    assert signed_in(department).get(f"/documents/{document.pk}/deliveries/").status_code == 404


def test_a_stranger_is_asked_to_sign_in(commune: Office) -> None:
    document = issue(commune)

    assert Client().get(f"/documents/{document.pk}/deliveries/").status_code == 302
    assert Client().get("/exchange/quarantine/").status_code == 302


@pytest.mark.parametrize("recipients", [2, 12])
def test_many_recipients_cost_no_more_queries(commune: Office, recipients: int) -> None:
    agencies = [make_agency(f"Xã số {n}", f"H20.{n}", hosted=True) for n in range(100, 100 + recipients)]
    document = issue(commune)
    send(commune, document, *agencies)
    send_waiting()
    browser = signed_in(commune)
    page(browser, document)

    with CaptureQueriesContext(
        connection,
    ) as seen:
        page(browser, document)
        queries.deliveries_of(document)

    assert len(seen) <= 11


def test_the_clerk_reads_why_a_packet_is_kept_apart_and_who_must_act(commune: Office) -> None:
    inbox.receive("axis", "d1", b"<edXML")

    answer = signed_in(commune).get("/exchange/quarantine/")

    shown = answer.content.decode()
    assert "Không đọc được gói tin" in shown
    assert "bên gửi" in shown


def test_the_clerk_discards_and_retries_from_the_page(commune: Office) -> None:
    [bad] = inbox.receive("axis", "d1", b"<edXML")
    browser = signed_in(commune)

    browser.post(f"/exchange/quarantine/{bad.pk}/retry")
    bad.refresh_from_db()
    assert bad.state == InboxState.QUARANTINED
    browser.post(f"/exchange/quarantine/{bad.pk}/discard", {"reason": "Gói tin thử"})

    bad.refresh_from_db()
    assert bad.state == InboxState.DISCARDED


def test_another_agency_sees_and_changes_none_of_it(commune: Office, department: Office) -> None:
    [bad] = inbox.receive("axis", "d1", b"<edXML")
    assert bad.agency == commune.agency
    browser = signed_in(department)

    assert "Không đọc được" not in browser.get("/exchange/quarantine/").content.decode()
    browser.post(f"/exchange/quarantine/{bad.pk}/discard", {"reason": "không phải của tôi"})
    bad.refresh_from_db()
    assert bad.state == InboxState.QUARANTINED


def test_the_quarantine_is_the_clerks(commune: Office) -> None:
    person = Person.objects.create_user("chuyenvien", "matkhau-cua-toi", full_name="Vũ Anh")
    Post.objects.create(
        person=person, agency=commune.agency, position="Chuyên viên", roles=[Role.SPECIALIST.value]
    )
    browser = Client()
    browser.force_login(person)

    assert browser.get("/exchange/quarantine/").status_code == 403


@pytest.mark.parametrize("count", [1, 20])
def test_a_long_quarantine_costs_no_more_queries(commune: Office, count: int) -> None:
    for number in range(count):
        inbox.receive("axis", f"d{number}", b"<edXML")
    browser = signed_in(commune)
    browser.get("/exchange/quarantine/")

    with CaptureQueriesContext(connection) as seen:
        browser.get("/exchange/quarantine/")

    assert len(seen) <= 12


def test_what_failed_stands_on_the_clerks_page_until_it_is_sent_again(
    commune: Office, department: Office, frozen_clock: Callable[[datetime], None]
) -> None:
    document = issue(commune)
    [delivery] = send(commune, document, department.agency)
    Agency.objects.filter(pk=department.agency.pk).update(hosted=False)
    send_waiting()
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.FAILED
    browser = signed_in(commune)
    assert document.code in browser.get("/exchange/quarantine/").content.decode()
    Agency.objects.filter(pk=department.agency.pk).update(hosted=True)

    browser.post(f"/exchange/deliveries/{delivery.pk}/resend")
    send_waiting()

    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT
    assert delivery.last_error == ""
    assert document.code not in browser.get("/exchange/quarantine/").content.decode()
