"""The content of a recalled document is destroyed for good: by policy, or by two persons; minutes and numbers stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests import world as worlds
from tests.handling.test_recalls import REASON, arrived, asked, sent
from tests.jobs import run_jobs

from vanthu.audit import queries as audit
from vanthu.audit.models import Event
from vanthu.base import clock
from vanthu.base.actors import NotYours, NotYourStep, Role, RoleRequired
from vanthu.blobs import destruction, store
from vanthu.blobs.models import Blob
from vanthu.copying import actions as copying
from vanthu.copying.models import Copy, Form, Way
from vanthu.copying.rules import Wanted
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency, AgencyIdentifier, Post
from vanthu.edxml import Content, Organization, ResponseFor, StatusCode, StatusPacket, write
from vanthu.environment import RecalledContent
from vanthu.exchange import inbox
from vanthu.exchange.models import InboxPacket, PacketKind
from vanthu.handling import answering, destroying, jobs
from vanthu.handling.models import Destruction, DestructionState, Stage
from vanthu.handling.rules import DestructionBegun, NotSealed, SecondPersonNeeded
from vanthu.records import queries
from vanthu.records.models import Document, RegisterEntry, SealedDocument

LATER = timedelta(hours=1, minutes=1)


def from_the_ministry(world: worlds.World) -> Document:
    """A letter that nobody else on this site has."""
    ministry = Agency.objects.create(name="Bộ Nội vụ", hosted=False)
    AgencyIdentifier.objects.create(agency=ministry, code="G09")
    sent(world)
    bringing = inbox.packet_of(InboxPacket.objects.get(document=arrived(world)))
    files = tuple(
        replace(one, content=Content.of(b"%PDF-1.7 of the ministry")) for one in bringing.attachments
    )
    letter = replace(
        bringing,
        sender=Organization("G09", "Bộ Nội vụ"),
        document_id="G09,1",
        attachments=files,
        subject="Thanh tra đột xuất",
    )
    inbox.receive("axis", "g09-1", write(letter))
    run_jobs()
    return Document.objects.get(agency=world.department.agency, document_id="G09,1")


def taken_back(world: worlds.World, document: Document) -> None:
    asking = StatusPacket(
        sender=Organization("G09", "Bộ Nội vụ"),
        response_for=ResponseFor("H27.14", document.code, "G09,1", document.issued_date),
        status_code=StatusCode.TAKE_BACK,
        timestamp=clock.local(clock.now()).replace(microsecond=0),
        description=REASON,
    )
    inbox.receive("axis", "g09-2", write(asking), kind=PacketKind.STATUS)
    run_jobs()
    document.refresh_from_db()


@pytest.fixture
def purging(settings: Any) -> None:
    settings.VANTHU = settings.VANTHU.model_copy(update={"recall_destroys_content": RecalledContent.PURGE})


@pytest.mark.usefixtures("purging")
def test_by_policy_what_nobody_registered_is_destroyed_and_only_hashes_and_minutes_stay(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = from_the_ministry(world)
    subject, page = copy.subject, copy.files.get().sha256
    packet = InboxPacket.objects.get(document=copy).sha256
    signer = world.department.posts["leader"].pk
    asked_for = Wanted(Form.TRUE_COPY, Way.ELECTRONIC_TO_PAPER, signer)
    sheets = copying.make_paper(world.department.clerk, copy.pk, asked_for)
    printed = store.put(b"what was printed of it").sha256
    Copy.objects.filter(pk=sheets.pk).update(file_sha256=printed, file_size=22)
    taken_back(world, copy)
    assert copy.state == Stage.RECALLED
    minutes = Destruction.objects.get()
    assert [one["sha256"] for one in minutes.contents] == [page, printed, packet]
    assert minutes.contents[1]["name"] == f"Sao y {sheets.code}.pdf"
    assert store.path_of(
        page
    ).exists()  # a while, so that nobody loses what is being stored at the same moment
    jobs.destroy(str(minutes.pk))
    assert store.path_of(page).exists()

    with clock.frozen(clock.now() + LATER):
        with monkeypatch.context() as killed:  # after the bytes are gone, before the commit

            def kill(self: Blob) -> None:
                raise KeyboardInterrupt

            killed.setattr(Blob, "delete", kill)
            with pytest.raises(KeyboardInterrupt):
                jobs.destroy(str(minutes.pk))
        assert not store.path_of(page).exists()
        minutes.refresh_from_db()
        assert (minutes.state, minutes.done_at) == (DestructionState.DECIDED, None)
        for _ in range(2):  # the job runs again, and once more
            jobs.destroy(str(minutes.pk))
    minutes.refresh_from_db()
    assert minutes.state == DestructionState.DONE
    assert {one["fate"] for one in minutes.contents} == {"DESTROYED"}
    assert not Blob.objects.filter(sha256__in=[page, packet]).exists()
    assert not store.path_of(packet).exists() and not store.path_of(printed).exists()
    kept = SealedDocument.objects.get(document=copy)
    assert set(kept.metadata) == {"sha256"}
    assert copy.files.get().sha256 == page
    event = Event.objects.filter(verb="handling.destroyed").first()
    assert event is not None
    assert page in {one["sha256"] for one in event.data["contents"]}
    assert all(verdict.holds for verdict in audit.verify_all())
    clerk = Client()
    clerk.force_login(world.department.posts["clerk"].person)
    shown = clerk.get(f"/documents/{copy.pk}/").content.decode()
    assert "Biên bản tiêu hủy" in shown
    assert page in shown
    assert "Nội dung đã tiêu hủy" in shown
    assert subject not in shown


def test_what_was_in_work_is_destroyed_when_the_clerk_asks_and_another_person_decides(
    world: worlds.World,
) -> None:
    _, copy, request = asked(world)
    department, clerk = world.department, world.department.clerk
    with pytest.raises(NotSealed):
        destroying.ask_destruction(clerk, copy.pk, "Lưu giữ không còn căn cứ.")
    answering.agree(department.leader, copy.pk, request.pk)
    own = Post.objects.create(
        person=department.posts["clerk"].person,
        agency=department.agency,
        position="Phó Giám đốc",
        roles=[Role.LEADER.value],
    )
    for stranger in (world.province.clerk, world.province.leader):
        with pytest.raises((NotYours, RoleRequired)):
            destroying.ask_destruction(stranger, copy.pk, "x")
        with pytest.raises((NotYours, RoleRequired)):
            destroying.decide_destruction(stranger, copy.pk)
    browser = {name: Client() for name in ("clerk", "leader")}
    for name, client in browser.items():
        client.force_login(department.posts[name].person)
    door = f"/documents/{copy.pk}/destroy/"
    assert "Đề nghị tiêu hủy nội dung" in browser["clerk"].get(f"/documents/{copy.pk}/").content.decode()
    browser["clerk"].post(door + "ask", {"reason": "Lưu giữ không còn căn cứ."})
    with pytest.raises(DestructionBegun):
        destroying.ask_destruction(clerk, copy.pk, "Lần nữa.")
    with pytest.raises(RoleRequired):
        destroying.decide_destruction(clerk, copy.pk)
    with pytest.raises(SecondPersonNeeded):
        destroying.decide_destruction(directory.actor_of(own), copy.pk)
    browser["leader"].post(door + "drop", {"reason": "Chờ kết luận thanh tra."})
    assert "Chờ kết luận thanh tra." in browser["clerk"].get(f"/documents/{copy.pk}/").content.decode()
    browser["clerk"].post(door + "ask", {"reason": "Thanh tra đã kết luận."})
    assert "Quyết định tiêu hủy" in browser["leader"].get(f"/documents/{copy.pk}/").content.decode()
    browser["leader"].post(door + "decide")
    minutes = Destruction.objects.get(state=DestructionState.DECIDED)
    with clock.frozen(clock.now() + LATER):
        jobs.destroy(str(minutes.pk))
    minutes.refresh_from_db()
    assert {one["fate"] for one in minutes.contents} == {"HELD"}  # the province, on the same site, issued it
    assert store.read(copy.files.get(kind="MAIN").sha256)
    assert RegisterEntry.objects.get(document=copy).number == copy.arrival_number
    assert (
        "cơ quan khác trên hệ thống còn lưu"
        in browser["clerk"].get(f"/documents/{copy.pk}/").content.decode()
    )
    with pytest.raises((DestructionBegun, NotYourStep)):
        destroying.decide_destruction(department.leader, copy.pk)
    copy.refresh_from_db()
    assert queries.current_files(copy) == []


@pytest.mark.usefixtures("purging")
def test_the_policy_has_what_was_in_work_proposed_to_the_registry(world: worlds.World) -> None:
    _, copy, request = asked(world)
    answering.agree(world.department.leader, copy.pk, request.pk)
    assert not Destruction.objects.exists()
    assert queries.work_counts(world.department.clerk) == {"DESTROY": 1}


@pytest.mark.django_db
def test_a_content_that_is_stored_again_meanwhile_is_not_lost() -> None:
    kept = store.put(b"given up")
    destruction.doom([kept.sha256])
    with clock.frozen(clock.now() + LATER):
        store.put(b"given up")
        assert destruction.destroy(kept.sha256) is destruction.Fate.WAITING
        assert store.read(kept.sha256) == b"given up"
    with clock.frozen(clock.now() + 2 * LATER):
        assert destruction.destroy(kept.sha256) is destruction.Fate.DESTROYED
        assert store.put(b"given up").doomed_at is None
        assert store.read(kept.sha256) == b"given up"
