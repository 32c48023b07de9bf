"""Through a real axis over real HTTP: proof of sending, retries, acknowledgement, the agency list."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.exchange.conftest import Office, issue, make_agency, make_office, send, send_waiting

from vanthu.axis import actions as axis_actions
from vanthu.axis.actions import AgencyDetails
from vanthu.axis.models import Area, AxisAgency, AxisDelivery, Member, Stage
from vanthu.base import clock
from vanthu.blobs import store
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency, AgencyIdentifier
from vanthu.edxml import (
    Attachment,
    Content,
    DocumentPacket,
    Organization,
    ResponseFor,
    StatusCode,
    StatusPacket,
    read,
    write,
)
from vanthu.exchange import actions, axes, axis, decisions, inbox, jobs, lines, queries, rules
from vanthu.exchange.models import (
    Channel,
    Delivery,
    DeliveryState,
    InboxPacket,
    InboxState,
    Link,
    Listing,
    OutboxPacket,
    OutboxState,
)
from vanthu.relay import AgencyChanges
from vanthu.vxp import Client

pytestmark = pytest.mark.django_db
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Net:
    """An axis with two members: this site with the commune, and the ministry, played by a bare client."""

    url: str
    commune: Office
    ministry: Agency
    elsewhere: Client
    member: Member
    other: Member


@pytest.fixture
def net(axis_url: str, settings: object, tmp_path: Path) -> Iterator[Net]:
    with connected(axis_url, settings, tmp_path) as found:
        yield found


@pytest.fixture
def committed_net(live_server: object, settings: object, tmp_path: Path) -> Iterator[Net]:
    """The same, really committed, for tests in which other connections must see it."""
    with connected(str(live_server), settings, tmp_path) as found:
        yield found


@contextmanager
def connected(url: str, settings: object, tmp_path: Path) -> Iterator[Net]:
    commune = make_office("Ủy ban nhân dân xã Phú Thịnh", "H20.45")
    ministry = make_agency("Bộ Nội vụ", "G09", hosted=False)
    _, secret = axis_actions.add_member("H20", "Tỉnh Đồng Tháp")
    _, other_secret = axis_actions.add_member("G09", "Bộ Nội vụ")
    member, other = Member.objects.get(system_id="H20"), Member.objects.get(system_id="G09")
    axis_actions.put_agency(member, AgencyDetails("H20.45", commune.agency.name))
    axis_actions.put_agency(other, AgencyDetails("G09", "Bộ Nội vụ"))
    secret_file = tmp_path / "secret"
    secret_file.write_text(secret)
    settings.VANTHU = settings.VANTHU.model_copy(
        update={"axis_url": url, "axis_system_id": "H20", "axis_secret_file": secret_file}
    )
    with Client(url, "G09", other_secret) as elsewhere:
        yield Net(url, commune, ministry, elsewhere, member, other)


@pytest.fixture
def reach(settings: object) -> Callable[[str], None]:
    """Point this site at another address of the axis."""

    def to(url: str) -> None:
        settings.VANTHU = settings.VANTHU.model_copy(update={"axis_url": url})

    return to


def ours() -> axes.Axis:
    """The site's one axis."""
    [one] = axes.configured()
    return one


def letter(*to: str, document_id: str = "G09,2026/11/19,12/BNV-VP", sender: str = "G09") -> DocumentPacket:
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


def status(delivery: Delivery, code: StatusCode, description: str = "") -> bytes:
    document = delivery.document
    return write(
        StatusPacket(
            sender=Organization("G09", "Bộ Nội vụ"),
            response_for=ResponseFor(
                document.agency.organ_id, document.code, document.document_id, document.issued_date
            ),
            status_code=code,
            timestamp=datetime(2026, 11, 21, 9, 30, tzinfo=HANOI),
            description=description,
        )
    )


def fetch(client: Client, doc_id: str) -> bytes:
    target = io.BytesIO()
    client.download(doc_id, target)
    return target.getvalue()


# Sending


def test_sent_means_the_axis_accepted_it_and_its_receipt_proves_when(net: Net) -> None:
    [delivery] = send(net.commune, issue(net.commune), net.ministry)

    send_waiting()

    delivery.refresh_from_db()
    held = AxisDelivery.objects.select_related("packet").get()
    assert delivery.state == DeliveryState.SENT
    assert delivery.sent_at == held.packet.accepted_at
    assert delivery.axis_doc_id == str(held.packet_id)
    assert delivery.receipt == held.packet.receipt


def test_the_recipient_downloads_what_was_stored_here_byte_for_byte(net: Net) -> None:
    document = issue(net.commune)
    send(net.commune, document, net.ministry)
    send_waiting()

    [row] = net.elsewhere.received("edoc")
    content = fetch(net.elsewhere, row.doc_id)

    assert content == store.read(OutboxPacket.objects.get().sha256)
    packet = read(content).packet
    assert isinstance(packet, DocumentPacket)
    assert packet.document_id == document.document_id


def test_a_neighbour_and_a_ministry_get_the_same_list_of_recipients_each_by_its_way(net: Net) -> None:
    neighbour = make_office("Sở Nội vụ", "H20.07")

    send(net.commune, issue(net.commune), neighbour.agency, net.ministry)
    send_waiting()

    assert {delivery.state for delivery in Delivery.objects.all()} == {DeliveryState.SENT}
    [row] = net.elsewhere.received("edoc")
    packet = read(fetch(net.elsewhere, row.doc_id)).packet
    assert isinstance(packet, DocumentPacket)
    assert {organ.organ_id for organ in packet.recipients} == {"H20.07", "G09"}
    assert AxisDelivery.objects.count() == 1


def test_while_the_axis_is_silent_nothing_counts_as_sent_and_the_clerk_is_told_when_it_is_tried_again(
    net: Net, reach: Callable[[str], None], frozen_clock: Callable[[datetime], None]
) -> None:
    now = clock.now()
    frozen_clock(now)
    reach(NOWHERE)
    [delivery] = send(net.commune, issue(net.commune), net.ministry)

    assert send_waiting() == 1

    delivery.refresh_from_db()
    assert (delivery.state, delivery.sent_at) == (DeliveryState.QUEUED, None)
    assert delivery.last_error.startswith("Trục liên thông chưa trả lời; hệ thống sẽ gửi lại lúc ")
    [line] = queries.axis_links()
    assert line.link is not None
    assert line.link.error

    reach(net.url)
    assert send_waiting() == 0
    frozen_clock(now + timedelta(seconds=10))
    assert send_waiting() == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_error) == (DeliveryState.SENT, "")


def test_after_the_last_try_it_has_failed_for_all_to_see_and_the_clerk_sends_it_again(
    net: Net, reach: Callable[[str], None], frozen_clock: Callable[[datetime], None]
) -> None:
    reach(NOWHERE)
    [delivery] = send(net.commune, issue(net.commune), net.ministry)
    now = clock.now()
    for _ in range(len(rules.GAPS) + 1):
        frozen_clock(now)
        assert send_waiting() == 1
        now += timedelta(days=1)

    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.FAILED
    assert [row.id for row in queries.failed(net.commune.clerk).deliveries] == [delivery.id]
    assert send_waiting() == 0

    reach(net.url)
    actions.resend(net.commune.clerk, delivery.id)
    send_waiting()
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT


def test_a_worker_killed_after_the_axis_accepted_sends_again_and_gets_the_first_answer(net: Net) -> None:
    [delivery] = send(net.commune, issue(net.commune), net.ministry)
    packet = OutboxPacket.objects.get()
    first = lines.client(ours()).send_edoc(
        store.read(packet.sha256), sender="H20.45", message_type="edoc", to=packet.recipients
    )

    send_waiting()

    delivery.refresh_from_db()
    assert delivery.axis_doc_id == first.doc_id
    assert AxisDelivery.objects.count() == 1


def test_one_recipient_whom_the_axis_does_not_know_does_not_stop_the_others(net: Net) -> None:
    gone = make_agency("Sở Giao thông (đã sáp nhập)", "H20.99", hosted=False)

    send(net.commune, issue(net.commune), net.ministry, gone)
    send_waiting()

    reached, lost = Delivery.objects.get(recipient=net.ministry), Delivery.objects.get(recipient=gone)
    assert reached.state == DeliveryState.SENT
    assert lost.state == DeliveryState.FAILED
    assert "H20.99" in lost.last_error

    axis_actions.put_agency(net.other, AgencyDetails("H20.99", "Sở Xây dựng"))
    actions.resend(net.commune.clerk, lost.id)
    send_waiting()
    lost.refresh_from_db()
    assert lost.state == DeliveryState.SENT


def test_what_arrived_cannot_be_sent_again_by_hand(net: Net) -> None:
    [delivery] = send(net.commune, issue(net.commune), net.ministry)
    send_waiting()

    with pytest.raises(rules.NotResendable):
        actions.resend(net.commune.clerk, delivery.id)


def test_a_wrong_secret_waits_for_the_administrator_instead_of_failing(
    net: Net, settings: object, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("khong-phai-khoa-nay")
    settings.VANTHU = settings.VANTHU.model_copy(update={"axis_secret_file": wrong})
    [delivery] = send(net.commune, issue(net.commune), net.ministry)

    send_waiting()

    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.QUEUED
    assert "từ chối" in delivery.last_error


# Receiving


def test_a_status_comes_back_and_is_acknowledged(net: Net) -> None:
    [delivery] = send(net.commune, issue(net.commune), net.ministry)
    send_waiting()
    net.elsewhere.send_edoc(
        status(delivery, StatusCode.REJECTED, "Không thuộc thẩm quyền"), sender="G09", message_type="status"
    )

    jobs.poll_axis()

    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.REJECTED
    assert delivery.statuses.get().description == "Không thuộc thẩm quyền"
    assert lines.client(ours()).received("status") == []


def test_a_document_is_stored_before_the_axis_hears_that_it_came(net: Net) -> None:
    content = write(letter("H20.45"))
    net.elsewhere.send_edoc(content, sender="G09", message_type="edoc")

    jobs.poll_axis()

    row = InboxPacket.objects.get()
    assert row.state == InboxState.STORED
    assert store.read(row.sha256) == content
    assert row.acknowledged_at is not None
    assert lines.client(ours()).received("edoc") == []


def test_a_worker_killed_between_storing_and_acknowledging_loses_and_doubles_nothing(net: Net) -> None:
    content = write(letter("H20.45"))
    net.elsewhere.send_edoc(content, sender="G09", message_type="edoc")
    [waiting] = lines.client(ours()).received("edoc")
    inbox.receive("axis", waiting.doc_id, content, to=[waiting.recipient])

    jobs.poll_axis()

    row = InboxPacket.objects.get()
    assert row.state == InboxState.STORED
    assert row.acknowledged_at is not None
    assert lines.client(ours()).received("edoc") == []


def test_two_agencies_of_the_site_each_get_their_copy_and_no_duplicate(net: Net) -> None:
    second = make_office("Sở Nội vụ", "H20.07")
    axis_actions.put_agency(net.member, AgencyDetails("H20.07", "Sở Nội vụ"))
    net.elsewhere.send_edoc(write(letter("H20.45", "H20.07")), sender="G09", message_type="edoc")

    jobs.poll_axis()

    rows = InboxPacket.objects.order_by("agency__name")
    assert {row.agency_id for row in rows} == {net.commune.agency.id, second.agency.id}
    assert [row.state for row in rows] == [InboxState.STORED, InboxState.STORED]


def test_a_packet_for_an_agency_that_left_the_site_is_kept_apart_and_the_sender_learns_why(net: Net) -> None:
    axis_actions.put_agency(net.member, AgencyDetails("H20.50", "Xã đã chuyển đi"))
    sent = net.elsewhere.send_edoc(write(letter("H20.50")), sender="G09", message_type="edoc")

    jobs.poll_axis()

    row = InboxPacket.objects.get()
    assert (row.state, row.error_code) == (InboxState.QUARANTINED, "EXCHANGE_WRONG_RECIPIENT")
    [line] = net.elsewhere.sent(sent.doc_id)
    assert line.receive_status == "fail"
    assert lines.client(ours()).received("edoc") == []


def test_an_orphan_status_is_acknowledged_so_that_it_does_not_come_back_for_ever(net: Net) -> None:
    [delivery] = send(net.commune, issue(net.commune), net.ministry)
    content = status(delivery, StatusCode.ACCEPTED).replace(delivery.document.code.encode(), b"9999/XX")
    delivery.delete()
    net.elsewhere.send_edoc(content, sender="G09", message_type="status")

    jobs.poll_axis()

    assert InboxPacket.objects.get().error_code == "EXCHANGE_ORPHAN_STATUS"
    assert lines.client(ours()).received("status") == []


def test_one_packet_that_cannot_be_fetched_does_not_hold_up_the_next(net: Net) -> None:
    net.elsewhere.send_edoc(write(letter("H20.45", document_id="a")), sender="G09", message_type="edoc")
    net.elsewhere.send_edoc(write(letter("H20.45", document_id="b")), sender="G09", message_type="edoc")
    damaged = AxisDelivery.objects.order_by("id").first()
    assert damaged is not None
    body = damaged.packet.body
    body.content = bytes(body.content)[:-20] + b"x" * 20
    body.save()

    jobs.poll_axis()

    assert [row.wire_id for row in InboxPacket.objects.all()] == ["b"]
    assert [row.doc_id for row in lines.client(ours()).received("edoc")] == [str(damaged.id)]


def test_two_pollers_do_not_fetch_at_the_same_time(net: Net) -> None:
    net.elsewhere.send_edoc(write(letter("H20.45")), sender="G09", message_type="edoc")
    assert axis.lease("axis:poll", 60)

    jobs.poll_axis()
    assert not InboxPacket.objects.exists()

    axis.release("axis:poll")
    jobs.poll_axis()
    assert InboxPacket.objects.count() == 1


def test_a_poller_that_died_gives_way_when_its_lease_is_over(
    net: Net, frozen_clock: Callable[[datetime], None]
) -> None:
    frozen_clock(clock.now() - timedelta(minutes=10))
    assert axis.lease("axis:poll", jobs.LEASE_SECONDS)
    frozen_clock(clock.now() + timedelta(minutes=10))

    assert axis.lease("axis:poll", jobs.LEASE_SECONDS)


def test_a_silent_axis_is_noted_and_forgotten_when_it_answers(net: Net, reach: Callable[[str], None]) -> None:
    reach(NOWHERE)
    jobs.poll_axis()
    assert Link.objects.get(name=axes.ONE).error

    reach(net.url)
    jobs.poll_axis()

    link = Link.objects.get(name=axes.ONE)
    assert link.error == ""
    assert link.answered_at is not None


# Agencies


def test_agencies_of_the_axis_can_be_addressed_here_and_ours_stay_as_they_are(net: Net) -> None:
    axis_actions.put_agency(
        net.other,
        AgencyDetails("G09.12", "Cục Văn thư và Lưu trữ nhà nước", "G09", old_codes=("000.00.12.G09",)),
    )
    axis_actions.put_agency(net.member, AgencyDetails("H20.45", "Tên khác trên trục"))
    before = Agency.objects.get(pk=net.commune.agency.pk)

    jobs.sync_agencies()
    jobs.sync_agencies()

    [found] = directory.find_agencies("van thu luu tru")
    assert (found.organ_id, found.parent) == ("G09.12", net.ministry)
    assert directory.agency_by_code("000.00.12.G09") == found
    assert Agency.objects.get(pk=net.commune.agency.pk).name == before.name
    assert Agency.objects.filter(identifiers__code="G09.12").count() == 1


def test_of_a_long_list_only_what_changed_is_fetched(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[list[str], bool]] = []
    ask = lines.agency_changes

    def asked(line: axes.Axis, after: int) -> AgencyChanges:
        changes = ask(line, after)
        told.append((sorted(row.code for row in changes.rows), changes.whole))
        return changes

    monkeypatch.setattr(lines, "agency_changes", asked)
    axis_actions.put_agency(net.other, AgencyDetails("G09.12", "Cục Lưu trữ", "G09", old_codes=("K1", "K2")))
    jobs.sync_agencies()
    jobs.sync_agencies()
    assert told == [(["G09", "G09.12", "H20.45"], True), ([], False)]

    axis_actions.put_agency(net.other, AgencyDetails("G09", "Bộ Nội vụ và Lao động"))
    jobs.sync_agencies()
    archive = directory.agency_by_code("G09.12")
    assert archive is not None and archive.parent_name == "Bộ Nội vụ và Lao động"
    assert directory.find_agencies("luu tru lao dong") == [archive]

    axis_actions.change_code("G09.12", "G09.50", clock.today())
    jobs.sync_agencies()
    assert told[2:] == [(["G09"], False), (["G09.50"], False)]
    assert directory.agency_by_code("G09.50") == directory.agency_by_code("K1") == archive
    listed = set(Listing.objects.values_list("code", flat=True))
    assert listed == {"G09", "G09.50", "H20.45"}

    axis_actions.delete_agency(net.other, "G09.50", axis_actions.OPERATOR)
    jobs.sync_agencies()
    assert set(Listing.objects.values_list("code", flat=True)) == {"G09", "H20.45"}
    assert Agency.objects.filter(pk=archive.pk).exists(), "documents name it"

    whole = (["G09", "H20.45"], True)
    Link.objects.filter(name=axis.loop(ours(), "agencies")).update(list_version=10**9)
    jobs.sync_agencies()
    assert told[-1] == whole, "the axis says that it has no such version"
    Link.objects.filter(name=axis.loop(ours(), "agencies")).update(list_of="another axis")
    jobs.sync_agencies()
    assert told[-1] == whole
    Link.objects.update(listed_whole_at=clock.now() - axis.WHOLE_LIST - timedelta(seconds=1))
    jobs.sync_agencies()
    jobs.sync_agencies()
    assert told[-2:] == [whole, ([], False)], "once a day"


def test_an_agency_that_the_axis_found_not_ready_gets_paper_until_it_is(net: Net) -> None:
    def way() -> tuple[str, Channel]:
        ministry = Agency.objects.get(pk=net.ministry.pk)
        [decision] = decisions.of_all(net.commune.agency, [ministry], type_code="CONG_VAN")
        return decision.rule.id, decision.route.channel

    jobs.sync_agencies()
    before = way()
    assert before[1] is Channel.AXIS

    AxisAgency.objects.filter(code="G09").update(stage=Stage.READY)
    axis_actions.record_survey("G09", {Area.TECHNOLOGY: "Chưa có phần mềm."})
    jobs.sync_agencies()
    assert way() == ("QD28_7_1", Channel.PAPER)

    axis_actions.record_survey("G09", {})
    jobs.sync_agencies()
    assert way() == before


def test_an_agency_renamed_at_the_axis_is_renamed_here(net: Net) -> None:
    axis_actions.put_agency(net.other, AgencyDetails("G09", "Bộ Nội vụ và Lao động"))

    jobs.sync_agencies()

    net.ministry.refresh_from_db()
    assert net.ministry.name == "Bộ Nội vụ và Lao động"
    assert directory.find_agencies("lao dong") == [net.ministry]


def test_a_new_code_of_an_agency_known_by_its_old_one_is_added_to_it(net: Net) -> None:
    AgencyIdentifier.objects.filter(code="G09").update(code="000.00.00.G09")
    axis_actions.put_agency(net.other, AgencyDetails("G09", "Bộ Nội vụ", old_codes=("000.00.00.G09",)))

    jobs.sync_agencies()

    agency = Agency.objects.get(pk=net.ministry.pk)
    assert agency.organ_id == "G09"
    assert {code.code for code in agency.identifiers.all()} == {"G09", "000.00.00.G09"}


def test_a_packet_of_a_newcomer_is_placed_as_soon_as_the_list_names_it(net: Net) -> None:
    axis_actions.put_agency(net.other, AgencyDetails("G12", "Bộ Tài chính"))
    net.elsewhere.send_edoc(write(letter("H20.45", sender="G12")), sender="G12", message_type="edoc")
    jobs.poll_axis()
    assert InboxPacket.objects.get().state == InboxState.QUARANTINED

    jobs.sync_agencies()

    row = InboxPacket.objects.get()
    assert row.state == InboxState.STORED
    assert row.sender == directory.agency_by_code("G12")


# The queue


@pytest.mark.django_db(transaction=True)
def test_the_real_worker_sends_what_was_dispatched(committed_net: Net, worker: Callable[[], None]) -> None:
    [delivery] = send(committed_net.commune, issue(committed_net.commune), committed_net.ministry)

    worker()

    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT
    assert OutboxPacket.objects.get().state == OutboxState.SENT
