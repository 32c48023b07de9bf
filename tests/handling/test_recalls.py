"""A sender takes back, recalls or updates a document; the recipient answers; both sides keep everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests import world as worlds
from tests.handling import letters
from tests.jobs import run_jobs

from vanthu.audit import queries as audit
from vanthu.base import clock
from vanthu.base.actors import NotYours, NotYourStep, RoleRequired
from vanthu.blobs import store
from vanthu.directory import queries as directory
from vanthu.edxml import (
    Business,
    BusinessType,
    Organization,
    Replacement,
    ResponseFor,
    StatusCode,
    StatusPacket,
    write,
)
from vanthu.exchange import actions as exchange
from vanthu.exchange import changes, inbox
from vanthu.exchange.change_rules import Asking, DocumentFrozen, Event, NothingToTakeBack, ordinary, replies
from vanthu.exchange.jobs import send_packet
from vanthu.exchange.models import (
    AnswerState,
    Change,
    ChangeKind,
    ChangeTarget,
    Delivery,
    DeliveryState,
    InboxPacket,
    IncomingChange,
    OutboxPacket,
    PacketKind,
)
from vanthu.exchange.queries import quarantine
from vanthu.handling import actions, answering
from vanthu.handling.models import Stage
from vanthu.handling.rules import RefusalWithoutReason
from vanthu.issuing import actions as issuing
from vanthu.issuing.models import Stage as Outgoing
from vanthu.issuing.rules import DraftData, NothingUpdated, ReplacedUnknown, UpdateData
from vanthu.records import queries, sealing
from vanthu.records.models import Direction, Document, DocumentLink, LinkKind, RegisterEntry, Verb
from vanthu.records.sealing import SUBJECT

REASON = "Sai số liệu tại Phụ lục I."


def arrived(world: worlds.World) -> Document:
    """The department's copy of what the province sent."""
    return Document.objects.get(agency=world.department.agency, direction=Direction.INCOMING)


def sent(world: worlds.World) -> Document:
    letter = letters.issued(world.province, [world.department.agency])
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


def test_a_recall_that_overtakes_its_document_finds_it_born_recalled(world: worlds.World) -> None:
    letter = letters.issued(world.province, [world.department.agency])
    issuing.recall(world.province.leader, letter.pk, REASON)
    send_packet(str(ChangeTarget.objects.get().packet_id))
    [row] = quarantine(world.department.clerk)
    assert row.error_code == "EXCHANGE_ORPHAN_CHANGE"
    assert letter.code in row.error_text

    run_jobs()
    copy = arrived(world)
    assert copy.state == Stage.RECALLED
    assert queries.work_counts(world.department.clerk) == {}
    assert quarantine(world.department.clerk) == []
    delivery = Delivery.objects.get(document=letter)
    assert sorted(status.code for status in delivery.statuses.all()) == ["01", "15"]
    assert delivery.state == DeliveryState.RECALLED


def test_the_same_request_twice_is_one_request_but_an_agreement_is_told_again(world: worlds.World) -> None:
    letter = sent(world)
    issuing.take_back(world.province.clerk, letter.pk, [Delivery.objects.get().pk], "Gửi nhầm.")
    run_jobs()
    asking = InboxPacket.objects.get(agency=world.department.agency, status_code="13")
    inbox.receive("axis", "again", store.read(asking.sha256), kind=PacketKind.STATUS)
    assert IncomingChange.objects.count() == 1
    assert OutboxPacket.objects.filter(status_code="15").count() == 2
    run_jobs()
    assert target().state == AnswerState.AGREED


def test_considering_a_request_twice_answers_once(world: worlds.World) -> None:
    letter = sent(world)
    issuing.recall(world.province.leader, letter.pk, REASON)
    run_jobs()
    answering.consider(IncomingChange.objects.get().pk)
    assert OutboxPacket.objects.filter(status_code="15").count() == 1


@given(st.permutations(["16", "15", "16", "03"]))
def test_whatever_order_answers_come_in_agreement_prevails(codes: list[str]) -> None:
    events = [Event(code, worlds.NOW + timedelta(minutes=place)) for place, code in enumerate(codes)]
    [found] = replies([Asking(worlds.NOW, ChangeKind.RECALL)], events)
    assert found is not None
    assert found.event.code == "15"


def test_an_answer_belongs_to_the_request_that_was_made_before_it() -> None:
    asked_at = [Asking(worlds.NOW), Asking(worlds.NOW + timedelta(hours=1))]
    early = Event("15", worlds.NOW + timedelta(minutes=5))
    late = Event("16", worlds.NOW + timedelta(hours=2))
    behind = Event("15", worlds.NOW - timedelta(minutes=5))
    assert [found and found.event for found in replies(asked_at, [late, early])] == [early, late]
    assert [found and found.event for found in replies(asked_at[:1], [behind])] == [behind]


@pytest.mark.parametrize(
    ("kind", "before", "answer", "means", "shown"),
    [
        ("RECALL", "03", ("03", ""), AnswerState.AGREED, ["03", "03"]),
        ("RECALL", "06", ("02", "Đã thực hiện"), AnswerState.REFUSED, ["06"]),
        ("RECALL", "01", ("03", ""), None, ["01", "03"]),  # the registration crossed the recall on its way
        ("RECALL", "01", ("03", "Đồng ý thu hồi văn bản"), AnswerState.AGREED, ["01", "03"]),
        ("RECALL", "01", ("02", "Không đồng ý"), AnswerState.REFUSED, ["01", "02"]),
        ("TAKE_BACK", "03", ("03", ""), None, ["03", "03"]),
        ("UPDATE", "03", ("02", "Từ chối"), None, ["03", "02"]),
    ],
)
def test_some_systems_answer_a_recall_with_03_or_02(
    kind: str, before: str, answer: tuple[str, str], means: AnswerState | None, shown: list[str]
) -> None:
    asked = [Asking(worlds.NOW, kind)]
    events = [
        Event(before, worlds.NOW - timedelta(hours=1)),
        Event(answer[0], worlds.NOW + timedelta(hours=1), description=answer[1]),
    ]
    [found] = replies(asked, events)
    assert (found.state if found else None) == means
    assert [event.code for event in ordinary(asked, events)] == shown
    standard = Event("15", worlds.NOW + timedelta(hours=2))
    [prevails] = replies(asked, [*events, standard])
    assert prevails is not None
    assert prevails.state == AnswerState.AGREED


def test_another_agency_can_neither_answer_nor_decide_nor_read(world: worlds.World) -> None:
    letter, copy, request = asked(world)
    for stranger in (world.province.clerk, world.province.leader):
        with pytest.raises(NotYours):
            answering.agree(stranger, copy.pk, request.pk)
        with pytest.raises(NotYours):
            answering.refuse(stranger, copy.pk, request.pk, "Không.")
    with pytest.raises(NotYours):
        issuing.recall(world.department.leader, letter.pk, REASON)
    with pytest.raises(NotYours):
        issuing.take_back(world.department.clerk, letter.pk, [], REASON)
    with pytest.raises(NotYours):
        issuing.paper_returned(world.department.clerk, letter.pk, target().pk)
    with pytest.raises(NotYours):
        answering.agree(world.department.clerk, letter.pk, request.pk)


def test_of_a_recalled_document_files_search_and_api_give_nothing(world: worlds.World) -> None:
    _, copy, request = asked(world)
    subject, file = copy.subject, copy.files.get(kind="MAIN")
    answering.agree(world.department.clerk, copy.pk, request.pk)
    clerk = Client()
    clerk.force_login(world.department.posts["clerk"].person)
    assert clerk.get(f"/files/{file.pk}").status_code == 410
    answer = clerk.get(f"/api/v1/documents/{copy.pk}").json()
    assert answer["files"] == []
    for path in (
        f"/documents/{copy.pk}/",
        "/incoming/",
        "/search/?q=chuyen doi",
        "/",
        f"/api/v1/documents/{copy.pk}",
    ):
        page = clerk.get(path)
        assert page.status_code == 200, path
        assert subject not in page.content.decode(), path
    assert "Nội dung đã niêm phong" in clerk.get(f"/documents/{copy.pk}/").content.decode()
    entry = RegisterEntry.objects.select_related("sequence").get(document=copy)
    book = clerk.get(f"/registers/{entry.sequence.register_id}/{entry.sequence.year}/").content.decode()
    assert 'class="voided"' in book
    assert "đã thu hồi" in book
    assert subject not in book


def test_an_update_is_shown_side_by_side_and_taken_over_when_agreed(world: worlds.World) -> None:
    letter, copy = in_work(world)
    data = UpdateData(subject="Rà soát chuyển đổi số năm 2027", urgency=2)
    change = issuing.update_issued(world.province.clerk, letter.pk, data, "Bổ sung năm thực hiện.")
    issuing.decide_change(world.province.leader, letter.pk, change.pk)
    run_jobs()
    request = IncomingChange.objects.get()
    page = Client()
    page.force_login(world.department.posts["leader"].person)
    shown = page.get(f"/documents/{copy.pk}/").content.decode()
    assert "<del>Rà soát công tác chuyển đổi số</del>" in shown
    assert "<ins>Rà soát chuyển đổi số năm 2027</ins>" in shown
    answering.agree(world.department.leader, copy.pk, request.pk)
    run_jobs()
    copy.refresh_from_db()
    assert (copy.subject, copy.urgency, copy.state) == ("Rà soát chuyển đổi số năm 2027", 2, Stage.ASSIGNED)
    assert IncomingChange.objects.get().data["before"]["subject"] == "Rà soát công tác chuyển đổi số"
    assert target().state == AnswerState.AGREED
    assert Delivery.objects.get(document=letter).state == DeliveryState.ASSIGNED


def test_an_update_that_changes_nothing_is_not_sent(world: worlds.World) -> None:
    letter = sent(world)
    with pytest.raises(NothingUpdated):
        issuing.update_issued(
            world.province.leader, letter.pk, UpdateData(letter.subject, 0), "Không đổi gì."
        )


def test_an_update_adds_one_recipient_and_takes_another_off(world: worlds.World) -> None:
    letter = sent(world)
    added = letters.another_office()
    browser = Client()
    browser.force_login(world.province.posts["leader"].person)
    assert "data-picker" in browser.get(f"/documents/{letter.pk}/").content.decode()
    assert f'data-option="{added.pk}"' in browser.get("/drafts/agencies?q=so tai chinh").content.decode()
    typed = {"subject": letter.subject, "urgency": 0, "reason": "Sai nơi nhận."}
    chosen = {"added": [str(added.pk)], "removed": [str(world.department.agency.pk)]}
    browser.post(f"/documents/{letter.pk}/update-issued", {**typed, **chosen})
    run_jobs()
    assert arrived(world).state == Stage.RECALLED
    assert Document.objects.get(agency=added).subject == letter.subject
    states = dict(Delivery.objects.filter(document=letter).values_list("recipient_code", "state"))
    assert states == {"H27.14": DeliveryState.RECALLED, "H27.09": DeliveryState.ARRIVED}


@pytest.mark.parametrize("newer_first", [False, True])
def test_a_replacement_is_linked_at_both_ends_whichever_comes_first(
    world: worlds.World, newer_first: bool
) -> None:
    old = letters.issued(world.province, [world.department.agency])
    if not newer_first:
        run_jobs()
    new = letters.issued(world.province, [world.department.agency], subject="Thay thế", replaces=[old])
    if newer_first:
        send_packet(str(Delivery.objects.get(document=new).packet_id))
    run_jobs()
    old.refresh_from_db()
    assert old.state == Outgoing.REPLACED
    assert old.frozen_at is not None
    copies = {doc.code: doc for doc in Document.objects.filter(agency=world.department.agency)}
    [link] = copies[new.code].links.all()
    assert (link.kind, link.target_id) == (LinkKind.REPLACES, copies[old.code].pk)
    assert copies[old.code].state == Stage.ARRIVED
    clerk = Client()
    clerk.force_login(world.department.posts["clerk"].person)
    assert (
        f"thay thế bởi văn bản số {new.code}"
        in clerk.get(f"/documents/{copies[old.code].pk}/").content.decode()
    )


def test_who_does_not_get_the_replacement_is_asked_to_give_the_earlier_document_back(
    world: worlds.World,
) -> None:
    office, finance = world.province, letters.another_office()
    kept, third = letters.issued(office, [finance]), letters.another_office("Sở Y tế", "H27.10")
    letters.issued(office, [third], replaces=[kept], recall_left_out=False)
    assert not Change.objects.exists(), "the drafter chose not to"

    old = letters.issued(office, [world.department.agency, finance, third])
    run_jobs()
    registered = Document.objects.get(agency=world.department.agency, code=old.code)
    actions.register(world.department.clerk, registered.pk)
    new = letters.issued(office, [third], subject="Thay thế", replaces=[old])
    run_jobs()
    change = Change.objects.get(document=old)
    assert (change.kind, change.decision, change.decided_by) == (
        "TAKE_BACK",
        new.code,
        office.posts["leader"],
    )
    assert change.reason == f"Văn bản được thay thế bởi văn bản số {new.code}."
    answers = {target.delivery.recipient_code: target.state for target in change.targets.all()}
    assert answers == {"H27.14": AnswerState.ASKED, "H27.09": AnswerState.AGREED}, (
        "registered: somebody is asked"
    )
    clerk = Client()
    clerk.force_login(office.posts["clerk"].person)
    page = clerk.get(f"/documents/{old.pk}/").content.decode()
    assert f"Đã yêu cầu lấy lại, chờ trả lời. Lý do: {change.reason}" in page
    assert "Đã được thay thế" in page


def test_the_replaced_document_is_chosen_by_its_number_at_drafting(world: worlds.World) -> None:
    old = sent(world)
    office = world.province
    data = DraftData(type_code="CONG_VAN", subject="Thay thế", replaces=(old.code,))
    draft = issuing.create_draft(office.specialist, data)
    assert [link.target_id for link in draft.links.all()] == [old.pk]
    with pytest.raises(ReplacedUnknown):
        issuing.update_draft(office.specialist, draft.pk, DraftData("CONG_VAN", "x", replaces=("999/KHONG",)))
    browser = Client()
    browser.force_login(office.posts["specialist"].person)
    page = browser.get(f"/drafts/new/?replaces={old.pk}").content.decode()
    assert old.code in page
    assert world.department.agency.name in page


def test_a_paper_copy_comes_home_and_is_noted(world: worlds.World) -> None:
    letter = letters.issued(world.province, [letters.somebody_on_paper()])
    issuing.recall(world.province.leader, letter.pk, REASON)
    clerk = Client()
    clerk.force_login(world.province.posts["clerk"].person)
    assert "Đã nhận lại bản giấy" in clerk.get(f"/documents/{letter.pk}/").content.decode()
    clerk.post(f"/documents/{letter.pk}/returned/{target().pk}")
    assert target().state == AnswerState.RETURNED
    assert Delivery.objects.get(document=letter).state == DeliveryState.RECALLED


def test_every_person_of_both_agencies_reads_the_page_at_every_step(world: worlds.World) -> None:
    letter, copy = in_work(world)
    change = issuing.recall(world.province.clerk, letter.pk, REASON)
    _read_pages(world.province, letter)
    issuing.decide_change(world.province.leader, letter.pk, change.pk)
    run_jobs()
    _read_pages(world.province, letter)
    _read_pages(world.department, copy)
    browser = Client()
    browser.force_login(world.department.posts["leader"].person)
    browser.post(f"/documents/{copy.pk}/changes/{IncomingChange.objects.get().pk}/agree")
    run_jobs()
    copy.refresh_from_db()
    assert copy.state == Stage.RECALLED
    _read_pages(world.department, copy)
    _read_pages(world.province, letter)


def _read_pages(office: worlds.Office, document: Document) -> None:
    for post in office.posts.values():
        browser = Client()
        browser.force_login(post.person)
        seen = queries.visible(directory.actor_of(post)).filter(pk=document.pk).exists()
        assert browser.get(f"/documents/{document.pk}/").status_code == (200 if seen else 404)


def _mistyped(world: worlds.World, kind: ChangeKind, letter: Document) -> InboxPacket:
    """The province asks, but its system names the document by an identifier and a number that it never had."""
    wrong = "H27,2026/01/02,999/SAI"
    if kind is ChangeKind.TAKE_BACK:
        content = write(
            StatusPacket(
                sender=Organization("H27", "Ủy ban nhân dân tỉnh"),
                response_for=ResponseFor(
                    world.department.agency.organ_id, "999/SAI", wrong, worlds.NOW.date()
                ),
                status_code=StatusCode.TAKE_BACK,
                timestamp=clock.local(worlds.NOW).replace(microsecond=0),
                description=REASON,
            )
        )
        kept = PacketKind.STATUS
    else:
        bringing = inbox.packet_of(InboxPacket.objects.get(document=arrived(world)))
        business = Business(
            BusinessType.RECALL if kind is ChangeKind.RECALL else BusinessType.REPLACE,
            REASON,
            document_id=wrong if kind is ChangeKind.RECALL else "",
            replacements=(Replacement(wrong, ()),) if kind is ChangeKind.REPLACE else (),
        )
        content = write(
            replace(bringing, document_id="moi", code_number="88", code_notation="MOI", business=business)
        )
        kept = PacketKind.EDOC
    [row] = inbox.receive("axis", f"lac-{kind}", content, kind=kept)
    return row


@pytest.mark.parametrize("kind", [ChangeKind.TAKE_BACK, ChangeKind.RECALL])
def test_a_request_that_names_no_known_document_is_matched_by_the_clerk(
    world: worlds.World, kind: ChangeKind
) -> None:
    letter = sent(world)
    row = _mistyped(world, kind, letter)
    assert row.error_code == "EXCHANGE_ORPHAN_CHANGE"
    clerk, stranger = Client(), Client()
    clerk.force_login(world.department.posts["clerk"].person)
    stranger.force_login(world.province.posts["clerk"].person)
    door = f"/exchange/quarantine/{row.pk}"
    assert door + "/resolve" in clerk.get("/exchange/quarantine/").content.decode()
    shown = clerk.get(f"{door}/matches?q=CHUYEN doi so 20/11/2026").content.decode()
    about = InboxPacket.objects.get(document=arrived(world))
    assert f'value="{about.pk}"' in shown
    assert stranger.get(f"{door}/matches").status_code == 404
    assert stranger.post(f"{door}/resolve", {"about": str(about.pk)}).status_code == 404
    others = from_somebody_else(world)
    assert clerk.post(f"{door}/resolve", {"about": str(others.pk)}).status_code == 409

    assert clerk.post(f"{door}/resolve", {"about": str(about.pk)}).status_code == 302
    run_jobs()
    assert arrived(world).state == Stage.RECALLED
    assert quarantine(world.department.clerk) == []
    assert {status.code for status in Delivery.objects.get(document=letter).statuses.all()} == {"01", "15"}
    history = clerk.get(f"/documents/{about.document_id}/").content.decode()
    assert "gắn yêu cầu" in history
    assert clerk.post(f"{door}/resolve", {"about": str(about.pk)}).status_code == 409


def test_what_a_document_replaces_may_be_pointed_out_by_the_clerk(world: worlds.World) -> None:
    letter = sent(world)
    row = _mistyped(world, ChangeKind.REPLACE, letter)
    run_jobs()
    row.refresh_from_db()
    old = InboxPacket.objects.get(document__code=letter.code, agency=world.department.agency)
    request = IncomingChange.objects.get()
    clerk = Client()
    clerk.force_login(world.department.posts["clerk"].person)
    page = clerk.get(f"/documents/{row.document_id}/").content.decode()
    assert "thay thế văn bản H27,2026/01/02,999/SAI" in page
    assert f'value="{old.pk}"' in clerk.get(f"/exchange/replacements/{request.pk}/matches").content.decode()
    clerk.post(f"/exchange/replacements/{request.pk}/match", {"about": str(old.pk)})
    run_jobs()
    [link] = DocumentLink.objects.filter(kind=LinkKind.REPLACES, source_id=row.document_id)
    assert link.target_id == old.document_id


def from_somebody_else(world: worlds.World) -> InboxPacket:
    """What another agency sent to the department."""
    office = letters.another_office()
    return InboxPacket.objects.create(
        source="axis",
        axis_doc_id="khac",
        kind=PacketKind.EDOC,
        sha256="0" * 64,
        size=1,
        agency=world.department.agency,
        sender=office,
        state="TAKEN_IN",
        document=arrived(world),
        received_at=worlds.NOW,
    )


@pytest.mark.parametrize("habit", ["own id", "list twice", "no list, old id", "no list, nothing"])
def test_replacements_are_understood_however_a_system_names_the_old_document(
    world: worlds.World, habit: str
) -> None:
    sent(world)
    old = arrived(world)
    bringing = inbox.packet_of(InboxPacket.objects.get(document=old))
    named = {
        "own id": (old.document_id, Business(BusinessType.REPLACE, REASON)),
        "list twice": (
            "moi",
            Business(BusinessType.REPLACE, REASON, replacements=(Replacement(old.document_id, ()),) * 2),
        ),
        "no list, old id": ("moi", Business(BusinessType.REPLACE, REASON, document_id=old.document_id)),
        "no list, nothing": ("moi", Business(BusinessType.REPLACE, REASON)),
    }
    document_id, business = named[habit]
    packet = replace(bringing, document_id=document_id, code_notation="MOI", business=business)
    content = write(packet, strict=False)
    [row] = inbox.receive("axis", "thay", content)
    run_jobs()
    row.refresh_from_db()
    links = set(DocumentLink.objects.values_list("source_id", "target_id"))
    assert links == (set() if habit == "no list, nothing" else {(row.document_id, old.pk)})
    assert not IncomingChange.objects.filter(state=AnswerState.WAITING).exists()


def test_an_answer_that_names_the_request_instead_of_the_document_is_understood(world: worlds.World) -> None:
    letter, _ = in_work(world)
    change = issuing.recall(world.province.leader, letter.pk, REASON)
    answer = StatusPacket(
        sender=Organization(world.department.agency.organ_id, "Sở"),
        response_for=ResponseFor("H27", "", str(change.pk), None),
        status_code=StatusCode.REJECTED,
        timestamp=clock.local(clock.now() + timedelta(minutes=1)).replace(microsecond=0),
        description="Đã thực hiện xong",
    )
    inbox.receive("axis", "tra-loi", write(answer), kind=PacketKind.STATUS)
    found = target()
    assert (found.state, found.answer_code) == (AnswerState.REFUSED, "02")
    assert found.delivery.state == DeliveryState.ASSIGNED
    run_jobs()
    browser = Client()
    browser.force_login(world.province.posts["clerk"].person)
    page = browser.get(f"/documents/{letter.pk}/").content.decode()
    assert "trả lời bằng trạng thái 02" in page
    assert "từ chối thu hồi: Đã thực hiện xong" in page
    assert "từ chối tiếp nhận" not in page


def test_whoever_has_the_replaced_document_and_is_left_out_is_added_with_one_click(
    world: worlds.World,
) -> None:
    office, other = letters.another_office(), world.department.agency
    old = letters.issued(world.province, [other, office])
    data = DraftData(
        type_code="CONG_VAN", subject="Thay thế", recipient_ids=(str(office.pk),), replaces=(old.code,)
    )
    draft = issuing.create_draft(world.province.specialist, data)
    drafter, clerk = Client(), Client()
    drafter.force_login(world.province.posts["specialist"].person)
    clerk.force_login(world.province.posts["clerk"].person)
    page = drafter.get(f"/documents/{draft.pk}/edit/").content.decode()
    assert "data-left-out" in page
    assert f'<span hidden data-option="{other.pk}"' in page
    assert f'<span hidden data-option="{office.pk}"' not in page
    door = f"/documents/{draft.pk}/tell-everybody"
    assert door in drafter.get(f"/documents/{draft.pk}/").content.decode()
    assert clerk.post(door).status_code in (403, 404)  # not his step yet
    drafter.post(door)
    assert set(draft.recipients.values_list("agency_id", flat=True)) == {office.pk, other.pk}
    page = drafter.get(f"/documents/{draft.pk}/").content.decode()
    assert door not in page
    assert f"thêm nơi nhận {other.name}" in page


def test_a_worker_killed_between_any_two_steps_and_jobs_run_twice_end_the_same(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    letter = sent(world)
    with monkeypatch.context() as killed:  # every recipient was asked, the document is not frozen yet
        killed.setattr(sealing, "freeze", kill)
        with pytest.raises(KeyboardInterrupt):
            issuing.recall(world.province.leader, letter.pk, REASON)
    letter.refresh_from_db()
    assert (letter.state, ChangeTarget.objects.count()) == (Outgoing.ISSUED, 0)
    issuing.recall(world.province.leader, letter.pk, REASON)
    with monkeypatch.context() as killed:  # the content is sealed, the answer not queued yet
        killed.setattr(changes, "answer", kill)
        with pytest.raises(KeyboardInterrupt):
            run_jobs()
    request, copy = IncomingChange.objects.get(), arrived(world)
    assert (copy.state, request.state, copy.sealed_at) == (Stage.ARRIVED, AnswerState.ASKED, None)
    for _ in range(2):
        answering.consider(request.pk)
    assert arrived(world).state == Stage.RECALLED
    told = OutboxPacket.objects.get(status_code="15")
    for _ in range(2):
        send_packet(str(told.pk))
    run_jobs()
    issuing.notice_answer(target().pk)
    assert target().state == AnswerState.AGREED
    assert [status.code for status in target().delivery.statuses.all()].count("15") == 1
    assert all(verdict.holds for verdict in audit.verify_all())
