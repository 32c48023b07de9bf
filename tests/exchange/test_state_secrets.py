"""A document with a mark of state secrecy: held apart when it comes, refused when it goes, decided by two people."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client as Browser
from tests.cms.parts import holder
from tests.cms.signed_files import cms as signed_cms
from tests.exchange.conftest import Office, issue, make_office, send
from tests.exchange.test_inbox import letter
from tests.formalities.papers import paper

from vanthu.audit.models import Event
from vanthu.base import clock
from vanthu.base.actors import Actor, NotYours, Role, RoleRequired
from vanthu.blobs import destruction, store
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency, Person, Post
from vanthu.edxml import Attachment, write
from vanthu.edxml.content import Content
from vanthu.exchange import actions, inbox, jobs, queries, rules, secrecy
from vanthu.exchange.models import InboxPacket, InboxState, SecretState
from vanthu.formalities.secrecy import SecrecyLevel
from vanthu.formalities.stampzone import stamp_marks
from vanthu.issuing import uploads
from vanthu.issuing.rules import SecretDraft
from vanthu.records.models import Document

pytestmark = pytest.mark.django_db
SUBJECT = "TỐI MẬT - Phương án bảo vệ mục tiêu"


def arrived(commune: Office, number: int = 1, subject: str = SUBJECT) -> InboxPacket:
    [row] = inbox.receive("axis", f"mat-{number}", packet_bytes(commune.code, number, subject))
    return row


@functools.cache
def packet_bytes(code: str, number: int, subject: str) -> bytes:
    return write(replace(letter(code, document_id=f"G09,{number}"), subject=subject))


def leader_of(office: Office) -> Actor:
    person = Person.objects.create_user("lanhdao", "matkhau-cua-lanh-dao", full_name="Trần Văn Minh")
    post = Post.objects.create(
        person=person, agency=office.agency, position="Chủ tịch", roles=[Role.LEADER.value]
    )
    return directory.actor_of(post)


def waiting_in(browser: Browser) -> list[UUID]:
    """The cases on somebody's work page, with sender and deadline and no word of the document."""
    page = browser.get("/").content.decode()
    assert "Phương án" not in page
    assert page.count("row-line") == page.count("Bộ Nội vụ") == page.count('class="due ')
    counted = browser.get("/work/counts").content.decode()
    keys = [UUID(key) for key in re.findall(r'href="/exchange/secrets/([0-9a-f-]{36})/"', page)]
    assert f'hx-swap-oob="true">{len(keys)}<' in counted
    told = browser.get("/api/v1/work").json()
    assert [line["url"] for line in told] == [f"/exchange/secrets/{key}/" for key in keys]
    assert not any(line["document"] or line["verb"] or "Phương án" in line["title"] for line in told)
    assert all("Bộ Nội vụ" in line["title"] and line["due_at"] for line in told)
    return keys


def test_what_comes_with_a_mark_is_held_apart_and_says_what_to_do(commune: Office, ministry: Agency) -> None:
    row = arrived(commune)
    assert (row.state, row.error_code, row.subject) == (InboxState.QUARANTINED, "EXCHANGE_STATE_SECRET", "")
    assert not Document.objects.exists()
    case = secrecy.case_of(commune.clerk, row.pk)
    assert (case.level, [mark["place"] for mark in case.marks]) == ("TỐI MẬT", ["trích yếu"])
    said = Event.objects.filter(object_id=row.pk)
    assert [event.verb for event in said] == ["exchange.secret_held"]
    assert "Phương án" not in str([event.data for event in said]), (
        "the history does not tell what it is about"
    )

    again = inbox.receive("axis", "mat-1", write(letter(commune.code)))
    assert [one.pk for one in again] == [row.pk]
    for alone in (
        lambda: inbox.retry(commune.clerk, row.pk),
        lambda: actions.discard(commune.clerk, row.pk, "nhầm"),
    ):
        with pytest.raises(rules.SecretHeld):
            alone()
    jobs._place_known_again()
    row.refresh_from_db()
    assert row.state == InboxState.QUARANTINED

    unknown = replace(letter("H99.99", sender="G77"), subject=SUBJECT)
    [elsewhere] = inbox.receive("axis", "mat-lac", write(unknown))
    assert elsewhere.error_code == "EXCHANGE_STATE_SECRET", "also for nobody here, from nobody known"
    [honey] = inbox.receive(
        "axis", "ong", write(replace(letter(commune.code), subject="Về nuôi ong lấy mật ong"))
    )
    assert honey.state == InboxState.STORED


def test_two_people_destroy_it_or_take_it_for_no_secret(
    commune: Office, ministry: Agency, frozen_clock: Callable[[datetime], None]
) -> None:
    leader, first, second = leader_of(commune), arrived(commune), arrived(commune, 2)
    hidden = [secrecy.case_of(leader, row.pk).hidden_sha256 for row in (first, second)]
    for row, kept in zip((first, second), hidden, strict=True):
        assert SUBJECT.encode() not in store.read(kept)
        number = int(row.axis_doc_id[-1])
        arrived(commune, number)  # the axis hands it over once more
        assert not store.path_of(row.sha256).exists(), "readable bytes are nowhere, not for a moment"
        assert (
            row.size == store.put(packet_bytes(commune.code, number, SUBJECT)).size
        )  # somebody here stores the same
    jobs.destroy_secrets()
    frozen_clock(clock.now() + timedelta(hours=1, minutes=1))
    assert destruction.destroy_all() == 2, "of each the readable bytes"
    assert not any(store.path_of(row.sha256).exists() for row in (first, second))
    assert all(store.path_of(kept).exists() for kept in hidden)
    browser = Browser()
    browser.force_login(Person.objects.get(pk=commune.clerk.person_id))
    page = browser.get(f"/exchange/secrets/{first.pk}/").content.decode()
    assert "Đề nghị tiêu hủy" in page
    assert "Phương án" not in page
    assert "Xem việc phải làm" in browser.get("/exchange/quarantine/").content.decode()
    path = f"/exchange/secrets/{first.pk}"
    browser.post(f"{path}/report", {"text": "Công an tỉnh, báo cáo số 3"})
    assert "Hãy nêu lý do" in browser.post(f"{path}/purge", {"text": " "}).content.decode()
    assert waiting_in(browser) == [first.pk, second.pk]
    browser.post(f"{path}/purge", {"text": "Gửi nhầm đường"})
    assert waiting_in(browser) == [second.pk], "who asked has nothing more to do there"
    assert browser.post(f"{path}/confirm").status_code == 403, "nobody confirms what they asked"
    browser.force_login(Person.objects.get(pk=leader.person_id))
    assert "Xác nhận tiêu hủy" in browser.get(f"{path}/").content.decode()
    assert waiting_in(browser) == [first.pk, second.pk]
    browser.post(f"{path}/confirm")
    assert waiting_in(browser) == [second.pk]
    first.refresh_from_db()
    assert first.state == InboxState.DISCARDED
    assert secrecy.case_of(leader, first.pk).state == SecretState.PURGED
    assert "xóa sau khoảng một giờ" in browser.get(f"{path}/").content.decode()
    assert secrecy.case_of(leader, first.pk).key_box == "", (
        "without its key nobody opens it, wherever copies are"
    )
    jobs.destroy_secrets()
    assert store.path_of(hidden[0]).exists()
    frozen_clock(clock.now() + timedelta(hours=1, minutes=1))
    jobs.destroy_secrets()
    assert not store.path_of(hidden[0]).exists()
    assert "Đã tiêu hủy lúc" in browser.get(f"{path}/").content.decode()
    assert store.path_of(hidden[1]).exists()
    with pytest.raises(rules.SecretStep):
        secrecy.ask(leader, first.pk, SecretState.CLEAR_ASKED, "Đổi ý rồi")

    secrecy.ask(leader, second.pk, SecretState.PURGE_ASKED, "Nghĩ là bí mật")
    secrecy.withdraw(commune.clerk, second.pk)
    secrecy.ask(leader, second.pk, SecretState.CLEAR_ASKED, "Tên một vở kịch")
    with pytest.raises(rules.SecondPerson):
        inbox.confirm_secret(leader, second.pk)
    secrecy.confirm(commune.clerk, second.pk)  # and the process is killed before the packet is placed
    store.path_of(hidden[1]).rename(store.path_of(hidden[1]).with_suffix(".away"))
    jobs._place_known_again()  # a store that lacks the file does not stop the mail
    store.path_of(hidden[1]).with_suffix(".away").rename(store.path_of(hidden[1]))
    jobs._place_known_again()
    second.refresh_from_db()
    assert (second.state, second.subject) == (InboxState.STORED, SUBJECT)
    assert (store.read(second.sha256)[:5], secrecy.case_of(leader, second.pk).key_box) == (b"<?xml", "")
    frozen_clock(clock.now() + timedelta(hours=1, minutes=1))
    destruction.destroy_all()
    assert store.path_of(second.sha256).exists() and not store.path_of(hidden[1]).exists()
    assert queries.quarantine(commune.clerk) == []
    assert browser.get("/exchange/secrets/").status_code == 200


def test_no_other_agency_and_no_other_role_sees_a_case(commune: Office, ministry: Agency) -> None:
    row = arrived(commune)
    stranger = make_office("Sở Y tế", "H20.09")
    with pytest.raises(NotYours):
        secrecy.case_of(stranger.clerk, row.pk)
    assert secrecy.cases(stranger.clerk) == []
    person = Person.objects.create_user("cv", "matkhau-cua-chuyen-vien", full_name="Phạm An")
    post = Post.objects.create(
        person=person, agency=commune.agency, position="Chuyên viên", roles=[Role.SPECIALIST.value]
    )
    with pytest.raises(RoleRequired):
        secrecy.cases(directory.actor_of(post))
    assert [secrecy.waiting(one) for one in (stranger.clerk, directory.actor_of(post))] == [[], []]
    assert len(secrecy.waiting(leader_of(commune))) == 1


def test_a_mark_inside_a_signed_file_makes_the_same_case(
    commune: Office, ministry: Agency, tmp_path: Path
) -> None:
    who = holder("Người ký", signs=True)
    plain = signed_cms(tmp_path, paper(), who, "-nodetach")
    marked = signed_cms(tmp_path, paper(number="TUYỆT MẬT"), who, "-nodetach")
    beside = signed_cms(tmp_path, paper(number="TUYỆT MẬT"), who)

    def received(number: int, *files: tuple[str, bytes]) -> InboxPacket:
        attachments = tuple(Attachment(name, Content.of(data)) for name, data in files)
        packet = replace(letter(commune.code, document_id=f"G09,{number}"), attachments=attachments)
        [row] = inbox.receive("axis", f"p7m-{number}", write(packet))
        return row

    good = received(1, ("cong-van.pdf.p7m", plain), ("chu-ky.p7s", beside), ("khac.pdf", b"%PDF-1.7"))
    assert good.state == InboxState.STORED
    held = [
        received(2, ("cong-van.pdf", plain), ("phu-luc.bin", marked)),
        received(3, ("TỐI MẬT - ds.p7m", plain)),
    ]
    held.append(received(4, ("(MẬT) ds.xlsx.p7m", signed_cms(tmp_path, b"bang", who, "-nodetach"))))
    for row in held:
        assert (row.state, row.subject) == (InboxState.QUARANTINED, "")
        assert not store.path_of(row.sha256).exists()
    places = [[mark["place"] for mark in secrecy.case_of(commune.clerk, row.pk).marks] for row in held]
    inside = "nội dung bên trong tệp ký số"
    assert places == [[inside], ["tên tệp kèm theo", inside], ["tên tệp kèm theo", inside]]
    assert secrecy.case_of(commune.clerk, held[0].pk).level == "TUYỆT MẬT"


def test_what_carries_a_mark_does_not_leave(commune: Office, ministry: Agency) -> None:
    document = issue(commune)
    document.files.update(name="TUYỆT MẬT - phụ lục.pdf")
    with pytest.raises(rules.ChannelRefused) as refused:
        send(commune, document, ministry)
    assert "bí mật nhà nước" in refused.value.text


def test_what_carries_a_mark_is_not_uploaded(tmp_path: Path) -> None:
    plain = paper()
    assert stamp_marks(plain) == ()
    assert uploads.check_upload("thong-bao.pdf", plain).pages == 1
    with pytest.raises(SecretDraft):
        uploads.check_upload("(MẬT) thông báo.pdf", plain)
    stamped = paper(number="TUYỆT MẬT")
    assert [mark.level for mark in stamp_marks(stamped)] == [SecrecyLevel.ABSOLUTE_SECRET]
    with pytest.raises(SecretDraft, match="dấu trên trang đầu"):
        uploads.check_upload("thong-bao.pdf", stamped)
