"""Statuses that find no document: kept apart until the clerk says what they are about; any order, same end."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client as Browser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.exchange.conftest import Office, issue, make_agency, make_office, send

from vanthu.audit.models import Event
from vanthu.base import clock
from vanthu.base.actors import NotYours
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency, Person
from vanthu.edxml import Organization, ResponseFor, StatusCode, StatusPacket, write
from vanthu.exchange import actions, agencies, inbox, matching, queries, rules
from vanthu.exchange.models import (
    Delivery,
    DeliveryState,
    DeliveryStatus,
    InboxPacket,
    InboxState,
    PacketKind,
)

pytestmark = pytest.mark.django_db
REPORTED = ["01", "02", "03", "04", "05", "06", "15", "07"]


def report(delivery: Delivery, code: str, at: datetime, *, sender: str = "", about: str = "") -> bytes:
    document = delivery.document
    return write(
        StatusPacket(
            sender=Organization(sender or delivery.recipient.organ_id, "Cơ quan nhận"),
            response_for=ResponseFor(
                document.agency.organ_id,
                about or document.code,
                about or document.document_id,
                date(2026, 1, 2),
            ),
            status_code=StatusCode(code) if code in list(StatusCode) else code,
            timestamp=at.replace(microsecond=0),
            description="Lý do của bên nhận",
        )
    )


@pytest.fixture
def delivery(commune: Office, ministry: Agency) -> Delivery:
    [found] = send(commune, issue(commune), ministry)
    Delivery.objects.filter(pk=found.pk).update(sent_at=clock.now(), state=DeliveryState.SENT)
    found.refresh_from_db()
    return found


@pytest.fixture
def orphan(delivery: Delivery) -> InboxPacket:
    """The ministry reports a refusal, but names the document by a number it never had."""
    content = report(delivery, "02", clock.now(), about="77/ABC")
    [row] = inbox.receive("axis", "o1", content, kind=PacketKind.STATUS)
    assert row.error_code == rules.Orphan.code
    return row


def test_the_clerk_says_which_document_a_status_is_about_and_it_counts(
    commune: Office, delivery: Delivery, orphan: InboxPacket
) -> None:
    assert [found.key for found in matching.candidates(orphan)] == [delivery.pk]

    inbox.resolve(commune.clerk, orphan.pk, delivery.pk)

    delivery.refresh_from_db()
    orphan.refresh_from_db()
    assert delivery.state == DeliveryState.REJECTED
    assert (orphan.state, orphan.delivery) == (InboxState.TAKEN_IN, delivery)
    assert queries.quarantine(commune.clerk) == []
    with pytest.raises(rules.NotQuarantined):
        inbox.resolve(commune.clerk, orphan.pk, delivery.pk)


def test_who_took_an_agencys_work_over_reports_on_what_was_sent_to_that_one(
    commune: Office, ministry: Agency, delivery: Delivery
) -> None:
    merged, later = (
        make_agency("Bộ Nội vụ và Lao động", "G19", hosted=False),
        make_agency("Bộ mới", "G29", hosted=False),
    )
    content = report(delivery, "02", clock.now(), about="77/ABC", sender="G29")
    [orphan] = inbox.receive("axis", "sau-sap-nhap", content, kind=PacketKind.STATUS)
    assert matching.candidates(orphan) == [], "nobody speaks for others"
    with pytest.raises(rules.NotItsDelivery):
        inbox.resolve(commune.clerk, orphan.pk, delivery.pk)

    told = {"G09": "G19", "G19": "G29", commune.code: "G29", "G77": "G29"}
    agencies.note_successors(commune.agency, "axis", told)
    agencies.note_successors(commune.agency, "axis", told)
    assert Event.objects.filter(verb="exchange.successors_noted").count() == 1, "nothing new the second time"
    commune.agency.refresh_from_db()
    assert commune.agency.successor is None, "an agency of this site is not for the axis to give away"
    assert directory.line_of(later.pk) == {later.pk, merged.pk, ministry.pk}
    assert [found.key for found in matching.candidates(orphan)] == [delivery.pk]
    inbox.resolve(commune.clerk, orphan.pk, delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.REJECTED

    right = report(delivery, "01", clock.now(), sender="G19")
    [known] = inbox.receive("axis", "dung-so", right, kind=PacketKind.STATUS)
    assert known.delivery == delivery, "by its DocumentId no clerk is needed"


def test_a_status_is_never_given_to_a_document_sent_to_somebody_else(
    commune: Office, delivery: Delivery, orphan: InboxPacket
) -> None:
    other = make_office("Sở Nội vụ", "H20.07")
    [elsewhere] = send(commune, issue(commune), other.agency)

    with pytest.raises(rules.NotItsDelivery):
        inbox.resolve(commune.clerk, orphan.pk, elsewhere.pk)
    with pytest.raises(rules.NotItsDelivery):
        inbox.resolve(commune.clerk, orphan.pk, None)
    assert not DeliveryStatus.objects.exists()


def test_another_agencys_clerk_can_do_nothing_with_it(delivery: Delivery, orphan: InboxPacket) -> None:
    stranger = make_office("Sở Nội vụ", "H20.07")

    with pytest.raises(NotYours):
        inbox.resolve(stranger.clerk, orphan.pk, delivery.pk)


def test_on_the_page_the_clerk_chooses_the_document(
    client: Browser, delivery: Delivery, orphan: InboxPacket
) -> None:
    client.force_login(Person.objects.get(username="vanthu.H20.45"))
    page = client.get("/exchange/quarantine/").content.decode()
    assert f"/exchange/quarantine/{orphan.pk}/matches" in page
    found = client.get(f"/exchange/quarantine/{orphan.pk}/matches?q=bao cao 20/11/2026").content.decode()
    assert f'value="{delivery.pk}"' in found
    assert delivery.document.code in found
    assert "khớp" in client.get(f"/exchange/quarantine/{orphan.pk}/matches?q=21/11/2026").content.decode()

    answer = client.post(f"/exchange/quarantine/{orphan.pk}/resolve", {"about": str(delivery.pk)})

    assert answer["Location"] == f"/documents/{delivery.document_id}/"
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.REJECTED


def test_an_orphan_that_is_nobodys_is_discarded_with_a_reason(commune: Office, orphan: InboxPacket) -> None:
    actions.discard(commune.clerk, orphan.pk, "Cơ quan báo nhầm")

    orphan.refresh_from_db()
    assert orphan.state == InboxState.DISCARDED


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_and_repetition_of_status_packets_shows_the_same_and_keeps_every_event(
    delivery: Delivery, data: st.DataObject
) -> None:
    start = datetime(2026, 11, 20, 8, tzinfo=clock.local(clock.now()).tzinfo)
    events = data.draw(
        st.lists(st.tuples(st.sampled_from(REPORTED), st.integers(0, 5)), min_size=1, max_size=5, unique=True)
    )
    in_order = [(code, start + timedelta(minutes=minute)) for code, minute in events]
    repeated = data.draw(
        st.permutations([*in_order, *data.draw(st.lists(st.sampled_from(in_order), max_size=3))])
    )

    def shown(sequence: list[tuple[str, datetime]]) -> tuple[object, ...]:
        with transaction.atomic():
            for number, (code, at) in enumerate(sequence):
                inbox.receive("axis", f"s{number}", report(delivery, code, at), kind=PacketKind.STATUS)
            delivery.refresh_from_db()
            kept = frozenset(delivery.statuses.values_list("code", "at"))
            found = (delivery.state, delivery.received_at, kept, delivery.statuses.count())
            transaction.set_rollback(True)
        return found

    assert shown(repeated) == shown(in_order)
    assert shown(in_order)[3] == len(in_order)
