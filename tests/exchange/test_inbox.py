"""What comes in: stored before anything else, placed with the right agency, never lost, never taken twice."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from tests.exchange.conftest import Office, issue, make_agency, send, send_waiting

from vanthu.audit import queries as audit
from vanthu.base.actors import NotYours
from vanthu.blobs import store
from vanthu.directory.models import Agency, AgencyIdentifier
from vanthu.edxml import (
    Attachment,
    Business,
    BusinessType,
    Content,
    DocumentPacket,
    Organization,
    ResponseFor,
    StaffInfo,
    StatusCode,
    StatusPacket,
    write,
)
from vanthu.exchange import actions, inbox, rules
from vanthu.exchange.models import (
    Delivery,
    DeliveryState,
    DeliveryStatus,
    InboxPacket,
    InboxState,
    PacketKind,
)
from vanthu.records.models import Document

pytestmark = pytest.mark.django_db
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def letter(*to: str, sender: str = "G09", document_id: str = "G09,2026/11/19,12/BNV-VP") -> DocumentPacket:
    return DocumentPacket(
        sender=Organization(sender, "Bộ Nội vụ"),
        recipients=tuple(Organization(code, "Nơi nhận") for code in to),
        document_id=document_id,
        code_number="12",
        code_notation="BNV-VP",
        promulgation_date=date(2026, 11, 19),
        subject="V/v hướng dẫn công tác văn thư",
        type_name="Công văn",
        type=2,
        type_detail=18,
        place="Hà Nội",
        attachments=(Attachment("cong-van.pdf", Content.of(b"%PDF-1.7 page")),),
    )


def status(document: Document, by: Agency, code: str = "03", **changes: object) -> StatusPacket:
    packet = StatusPacket(
        sender=Organization(by.organ_id, by.name),
        response_for=ResponseFor(
            organ_id=document.agency.organ_id,
            code=document.code,
            document_id=document.document_id,
            promulgation_date=document.issued_date,
        ),
        status_code=StatusCode(code) if code in {member.value for member in StatusCode} else code,
        timestamp=datetime(2026, 11, 21, 9, 30, tzinfo=HANOI),
        description="",
        staff=StaffInfo("Văn phòng", "Phạm Minh"),
    )
    return replace(packet, **changes)  # type: ignore[arg-type]


def from_axis(packet: DocumentPacket | StatusPacket, doc_id: str = "d1", to: str = "") -> list[InboxPacket]:
    kind = PacketKind.STATUS if isinstance(packet, StatusPacket) else PacketKind.EDOC
    return inbox.receive("axis", doc_id, write(packet), kind=kind, to=[to] if to else ())


@pytest.fixture
def delivery(commune: Office, ministry: Agency, settings: object) -> Delivery:
    """A document of the commune for the ministry, on its way."""
    settings.VANTHU = settings.VANTHU.model_copy(update={"axis_url": "http://127.0.0.1:9"})
    [delivery] = send(commune, issue(commune), ministry)
    return delivery


# Documents


def test_a_packet_is_stored_unchanged_and_waits_for_its_agency(commune: Office, ministry: Agency) -> None:
    content = write(letter(commune.code))

    [packet] = inbox.receive("axis", "d1", content)

    assert (packet.agency, packet.sender) == (commune.agency, ministry)
    assert packet.state == InboxState.STORED
    assert store.read(packet.sha256) == content


def test_one_packet_for_two_agencies_of_the_site_reaches_both(
    commune: Office, department: Office, ministry: Agency
) -> None:
    packets = from_axis(letter(commune.code, department.code, "H01"))

    assert {packet.agency for packet in packets} == {commune.agency, department.agency}
    assert {packet.state for packet in packets} == {InboxState.STORED}


def test_a_copy_meant_for_one_recipient_goes_to_that_one_only(
    commune: Office, department: Office, ministry: Agency
) -> None:
    packet = letter(commune.code, department.code)

    from_axis(packet, "copy-1", to=commune.code)
    from_axis(packet, "copy-2", to=department.code)

    states = InboxPacket.objects.order_by("id").values_list("agency__name", "state")
    assert list(states) == [(commune.agency.name, "STORED"), (department.agency.name, "STORED")]


def test_an_old_code_of_the_agency_still_finds_it(commune: Office, ministry: Agency) -> None:
    AgencyIdentifier.objects.create(agency=commune.agency, code="000.45.00.H20", primary=False)

    [packet] = from_axis(letter("000.45.00.H20"))

    assert packet.agency == commune.agency


def test_the_same_packet_listed_again_by_the_axis_changes_nothing(commune: Office, ministry: Agency) -> None:
    first = from_axis(letter(commune.code))
    again = from_axis(letter(commune.code))

    assert [packet.id for packet in first] == [packet.id for packet in again]
    assert InboxPacket.objects.count() == 1


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_same_document_under_another_axis_id_is_a_duplicate_linked_to_the_first(
    commune: Office, ministry: Agency, form: str
) -> None:
    document_id = "G09,2026/11/19,12/BNV-TTĐT Hộ"
    [first] = from_axis(letter(commune.code, document_id=document_id))

    spelled = unicodedata.normalize(form, document_id)  # type: ignore[arg-type]
    [second] = from_axis(letter(commune.code, document_id=f" {spelled}"), "d2")

    assert second.state == InboxState.DUPLICATE
    assert second.first == first


def test_an_update_of_a_document_is_no_duplicate_of_it(commune: Office, ministry: Agency) -> None:
    packet = letter(commune.code)
    from_axis(packet)
    update = Business(doc_type=BusinessType.UPDATE, reason="Sửa trích yếu", document_id=packet.document_id)

    [second] = from_axis(replace(packet, business=update), "d2")

    assert second.state == InboxState.TAKEN_IN
    assert second.business_type == BusinessType.UPDATE


def test_two_senders_may_use_the_same_document_id(commune: Office, ministry: Agency) -> None:
    make_agency("Bộ Tài chính", "G12", hosted=False)
    from_axis(letter(commune.code, document_id="7"))

    [second] = from_axis(letter(commune.code, sender="G12", document_id="7"), "d2")

    assert second.state == InboxState.STORED


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 not xml",
        b"<edXML",
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        b"<a/>",
        b"\x00" * 1000,
    ],
    ids=["empty", "zip", "cut off", "doctype", "other xml", "zeros"],
)
def test_what_cannot_be_read_is_kept_apart_with_a_sentence_for_the_clerk(
    commune: Office, content: bytes
) -> None:
    [packet] = inbox.receive("axis", "d1", content)

    assert packet.state == InboxState.QUARANTINED
    assert packet.error_code == "EXCHANGE_UNREADABLE"
    assert packet.error_text.startswith("Không đọc được gói tin")
    assert packet.must_act == "bên gửi"
    assert store.read(packet.sha256) == content
    assert audit.verify(commune.agency.id).broken_at is None


def test_a_packet_for_somebody_else_is_kept_apart(commune: Office, ministry: Agency) -> None:
    [packet] = from_axis(letter("H99.1"))

    assert packet.error_code == "EXCHANGE_WRONG_RECIPIENT"
    assert "H99.1" in packet.error_text


def test_a_packet_of_an_unknown_sender_is_kept_apart_and_placed_once_the_sender_is_known(
    commune: Office,
) -> None:
    [packet] = from_axis(letter(commune.code))
    assert (packet.state, packet.error_code) == (InboxState.QUARANTINED, "EXCHANGE_UNKNOWN_SENDER")
    make_agency("Bộ Nội vụ", "G09", hosted=False)

    packet = inbox.retry(commune.clerk, packet.id)

    assert packet.state == InboxState.STORED
    assert packet.error_code == ""
    assert InboxPacket.objects.count() == 1


def test_trying_again_without_a_change_leaves_it_where_it_is(commune: Office) -> None:
    [packet] = inbox.receive("axis", "d1", b"<edXML")

    assert inbox.retry(commune.clerk, packet.id).state == InboxState.QUARANTINED


def test_a_refused_document_may_come_again_mended(commune: Office, ministry: Agency) -> None:
    [packet] = from_axis(letter(commune.code))
    InboxPacket.objects.filter(pk=packet.pk).update(state=InboxState.REFUSED, identity=None)

    [again] = from_axis(letter(commune.code), "d2")

    assert again.state == InboxState.STORED


# Statuses


def test_a_status_is_found_by_document_id(delivery: Delivery, ministry: Agency) -> None:
    [row] = from_axis(status(delivery.document, ministry))

    delivery.refresh_from_db()
    assert (row.state, row.delivery) == (InboxState.TAKEN_IN, delivery)
    assert delivery.state == DeliveryState.ACCEPTED
    assert delivery.statuses.get().staff == "Phạm Minh"


def test_a_status_with_a_garbled_document_id_is_found_by_number_and_date(
    delivery: Delivery, ministry: Agency
) -> None:
    packet = status(delivery.document, ministry)
    garbled = replace(packet, response_for=replace(packet.response_for, document_id="G20-0001"))

    from_axis(garbled)

    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.ACCEPTED


def test_a_status_that_fits_nothing_waits_in_quarantine_and_is_placed_when_it_fits(
    commune: Office, delivery: Delivery, ministry: Agency
) -> None:
    packet = status(delivery.document, ministry)
    stray = replace(packet, response_for=replace(packet.response_for, document_id="x", code="999/UBND-VP"))

    [row] = from_axis(stray)

    assert (row.state, row.error_code) == (InboxState.QUARANTINED, "EXCHANGE_ORPHAN_STATUS")
    assert "999/UBND-VP" in row.error_text
    assert row.must_act == "văn thư"
    Document.objects.filter(pk=delivery.document_id).update(code="999/UBND-VP")
    assert inbox.retry(commune.clerk, row.id).state == InboxState.TAKEN_IN


def test_nobody_reports_for_another_recipient(delivery: Delivery) -> None:
    stranger = make_agency("Sở Tài chính", "H20.09", hosted=False)

    [row] = from_axis(status(delivery.document, stranger, "02", description="giả mạo"))

    delivery.refresh_from_db()
    assert row.state == InboxState.QUARANTINED
    assert delivery.state == DeliveryState.QUEUED


def test_the_same_status_twice_is_kept_once(delivery: Delivery, ministry: Agency) -> None:
    from_axis(status(delivery.document, ministry), "s1")
    [again] = from_axis(status(delivery.document, ministry), "s2")

    assert again.state == InboxState.DUPLICATE
    assert DeliveryStatus.objects.count() == 1


def test_statuses_out_of_order_end_in_the_furthest(delivery: Delivery, ministry: Agency) -> None:
    for number, code in enumerate(["05", "01", "03"]):
        at = datetime(2026, 11, 21, 9, number, tzinfo=HANOI)
        from_axis(status(delivery.document, ministry, code, timestamp=at), f"s{number}")

    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.IN_PROGRESS
    assert delivery.received_at == datetime(2026, 11, 21, 9, 1, tzinfo=HANOI)
    assert delivery.statuses.count() == 3


def test_a_code_outside_the_list_is_kept_and_changes_nothing(delivery: Delivery, ministry: Agency) -> None:
    from_axis(status(delivery.document, ministry, "09"))

    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.QUEUED
    assert delivery.statuses.get().code == "09"


def test_a_status_of_an_unknown_agency_waits(delivery: Delivery) -> None:
    nobody = Agency(name="Không rõ")
    packet = status(delivery.document, nobody)

    [row] = from_axis(replace(packet, sender=Organization("Z99", "Không rõ")))

    assert row.error_code == "EXCHANGE_UNKNOWN_SENDER"


def test_a_status_for_an_agency_that_is_not_here_waits(delivery: Delivery, ministry: Agency) -> None:
    packet = status(delivery.document, ministry)

    [row] = from_axis(replace(packet, response_for=replace(packet.response_for, organ_id="H77")))

    assert row.error_code == "EXCHANGE_WRONG_RECIPIENT"


def test_the_senders_request_to_take_a_document_back_is_linked_to_what_it_sent(
    commune: Office, ministry: Agency
) -> None:
    sent = letter(commune.code)
    [arrived] = from_axis(sent)
    asked = StatusPacket(
        sender=sent.sender,
        response_for=ResponseFor(commune.code, sent.code, sent.document_id, sent.promulgation_date),
        status_code=StatusCode.TAKE_BACK,
        timestamp=datetime(2026, 11, 21, 9, 30, tzinfo=HANOI),
        description="Gửi nhầm",
    )

    [row] = from_axis(asked, "s1")

    assert (row.first, row.state, row.status_code) == (arrived, InboxState.TAKEN_IN, "13")


# People


def test_the_clerk_discards_with_a_reason(commune: Office) -> None:
    [packet] = inbox.receive("axis", "d1", b"<edXML")

    with pytest.raises(rules.ReasonNeeded):
        actions.discard(commune.clerk, packet.id, " ")
    actions.discard(commune.clerk, packet.id, "Gói tin thử của trục")

    packet.refresh_from_db()
    assert packet.state == InboxState.DISCARDED
    with pytest.raises(rules.NotQuarantined):
        actions.discard(commune.clerk, packet.id, "lần nữa")
    with pytest.raises(rules.NotQuarantined):
        inbox.retry(commune.clerk, packet.id)


def test_another_agencys_clerk_gets_nothing(
    commune: Office,
    department: Office,
    delivery: Delivery,
) -> None:
    [packet] = inbox.receive("axis", "d1", write(letter(commune.code)))
    assert packet.state == InboxState.QUARANTINED or packet.agency == commune.agency
    InboxPacket.objects.filter(pk=packet.pk).update(state=InboxState.QUARANTINED)

    with pytest.raises(NotYours):
        actions.discard(department.clerk, packet.id, "không phải của tôi")
    with pytest.raises(NotYours):
        inbox.retry(department.clerk, packet.id)
    with pytest.raises(NotYours):
        actions.resend(department.clerk, delivery.id)


def test_a_neighbours_packet_with_a_foreign_code_cannot_be_forged_into_a_mailbox_twice(
    commune: Office, department: Office
) -> None:
    send(commune, issue(commune), department.agency)
    send_waiting()
    stored = InboxPacket.objects.get()

    again = inbox.receive("axis", "other", store.read(stored.sha256), to=[department.code])

    assert [row.state for row in again] == [InboxState.DUPLICATE]
