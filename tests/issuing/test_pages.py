"""What the document page and the lists say of an outgoing document, to each person what is theirs."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import world as worlds
from tests.issuing import desk
from tests.jobs import run_jobs

from vanthu.audit import queries as audit
from vanthu.directory.models import Agency, AgencyIdentifier
from vanthu.issuing import actions, panel
from vanthu.issuing.models import Stage
from vanthu.issuing.views import STOP_POLLING
from vanthu.records import queries as records
from vanthu.records.models import Document
from vanthu.signing.models import Validation
from vanthu.web import timeline

WHOSE_BUTTON: dict[str, tuple[desk.Maker, str, str, str]] = {
    "Trình": (desk.draft, "specialist", "submit", "Trình"),
    "Duyệt": (desk.in_review, "unit_head", "approve-review", "Duyệt, chuyển ký"),
    "Ký": (desk.submitted, "leader", "sign", "Ký"),
    "Phát hành": (desk.signed, "clerk", "issue", "Cấp số, đóng dấu và phát hành"),
}


@pytest.mark.parametrize("step", WHOSE_BUTTON)
def test_the_one_primary_button_stands_on_the_page_of_its_person_only(world: worlds.World, step: str) -> None:
    make, whose, name, label = WHOSE_BUTTON[step]
    document = make(world)
    office = world.province
    for who in office.posts:
        found = records.visible(office.actor(who)).filter(pk=document.pk).first()
        if found is None:
            answer = desk.browser(office.posts[who]).get(f"/documents/{document.pk}/")
            assert answer.status_code == 404
            continue
        primary = panel.panel_of(office.actor(who), found).primary
        assert (primary is not None) is (who == whose), who
    page = desk.browser(office.posts[whose]).get(f"/documents/{document.pk}/").content.decode()
    assert label in page
    assert f"/documents/{document.pk}/{name}" in page


def test_a_passphrase_field_is_never_filled_in_by_the_browser(world: worlds.World) -> None:
    document = desk.submitted(world)
    page = desk.browser(world.province.posts["leader"]).get(f"/documents/{document.pk}/").content.decode()
    assert "Mật khẩu khóa ký" in page
    assert (
        'autocomplete="off"'
        in page[page.index('name="passphrase"') - 200 : page.index('name="passphrase"') + 300]
    )


def test_who_has_the_document_and_until_when(world: worlds.World) -> None:
    document = desk.signed(world)
    shown = panel.panel_of(world.province.clerk, records.get(world.province.clerk, document.pk))
    (holder,) = shown.holders
    assert holder.name == "Văn thư"
    assert holder.due_at == document.draft.dispatch_deadline
    assert "Hạn gửi 11:30" in str(holder.note)
    assert shown.step == panel.STEPS.index("Cấp số, đóng dấu")


def test_a_draft_says_what_it_still_lacks(world: worlds.World) -> None:
    document = worlds.draft(world.province)
    found = records.get(world.province.specialist, document.pk)
    shown = panel.panel_of(world.province.specialist, found)
    assert "chưa chọn nơi nhận" in str(shown.notice)
    assert shown.primary is not None
    assert shown.primary.url.endswith("/edit/")


def test_signatures_are_shown_with_their_verdicts_and_as_unchecked_where_evidence_is_missing(
    world: worlds.World,
) -> None:
    document = worlds.issued(world.province, [world.department.agency])
    client = desk.browser(world.province.posts["clerk"])
    assert "Chưa kiểm tra chữ ký" not in client.get(f"/documents/{document.pk}/").content.decode()
    Validation.objects.all().delete()
    page = client.get(f"/documents/{document.pk}/").content.decode()
    assert "Chưa kiểm tra chữ ký" in page
    assert f"/documents/{document.pk}/signatures" in page
    run_jobs()
    page = client.get(f"/documents/{document.pk}/").content.decode()
    assert "Chưa kiểm tra chữ ký" not in page
    assert "Võ Trọng Thử" in page
    assert client.get(f"/documents/{document.pk}/signatures").status_code == STOP_POLLING
    outsider = desk.browser(world.province.posts["colleague"])
    assert outsider.get(f"/documents/{document.pk}/signatures").status_code == 404


def test_recipients_stand_before_dispatch_and_deliveries_after(world: worlds.World) -> None:
    document = desk.signed(world)
    keys = _section_keys(world, document)
    assert "recipients" in keys
    assert "deliveries" not in keys
    actions.issue(world.province.clerk, document.pk, worlds.PASSPHRASE)
    keys = _section_keys(world, document)
    assert "deliveries" in keys
    assert "recipients" not in keys


def _section_keys(world: worlds.World, document: Document) -> list[str]:
    actor = world.province.clerk
    return [section.key for section in panel.panel_of(actor, records.get(actor, document.pk)).sections]


def test_the_panel_costs_the_same_whatever_hangs_on_the_document(world: worlds.World) -> None:
    small = desk.submitted(world)
    big = worlds.draft(world.province, [world.department.agency, *_agencies(25)])
    for number in range(12):
        actions.comment(world.province.specialist, big.pk, f"Ý kiến {number}")
    actions.submit(world.province.specialist, big.pk)
    assert _cost(world, big) == _cost(world, small)


def _agencies(count: int) -> list[Agency]:
    made = [Agency.objects.create(name=f"Xã số {number}") for number in range(count)]
    for number, agency in enumerate(made):
        AgencyIdentifier.objects.create(agency=agency, code=f"H27.{100 + number}")
    return made


def _cost(world: worlds.World, document: Document) -> int:
    client = desk.browser(world.province.posts["leader"])
    client.get(f"/documents/{document.pk}/")
    with CaptureQueriesContext(connection) as seen:
        client.get(f"/documents/{document.pk}/")
    return len(seen)


def test_the_history_reads_as_sentences(world: worlds.World) -> None:
    document = desk.with_annex(world)
    office = world.province
    actions.comment(office.specialist, document.pk, "Xin ý kiến về mục 2")
    actions.submit(office.specialist, document.pk)
    actions.return_draft(office.leader, document.pk, "Sửa mục 2")
    actions.submit(office.specialist, document.pk)
    actions.sign_document(office.leader, document.pk, worlds.PASSPHRASE)
    actions.issue(office.clerk, document.pk, worlds.PASSPHRASE)
    said = [(entry.who, entry.what, entry.quote) for entry in timeline.entries(audit.timeline(document.pk))]
    drafter, leader, clerk = (office.actor(who).name for who in ("specialist", "leader", "clerk"))
    assert said == [
        (clerk, "phát hành tới 1 nơi nhận", ""),
        (clerk, "ký số của cơ quan (đóng dấu)", ""),
        (clerk, "cấp số 01/UBND", ""),
        (leader, "ký số", ""),
        (drafter, "trình ký", ""),
        (leader, "trả lại", "Sửa mục 2"),
        (drafter, "trình ký", ""),
        (drafter, "góp ý", "Xin ý kiến về mục 2"),
        (drafter, "thêm phụ lục “phu-luc.pdf”", ""),
        (drafter, "đưa tệp văn bản “cong-van.pdf” vào, phiên bản 1", ""),
        (drafter, "soạn dự thảo", ""),
    ]


def test_every_state_has_a_word_an_icon_and_a_place_in_the_line() -> None:
    assert set(panel.STATES) == set(panel.STEP_OF) == set(Stage)
    assert all(state.label and state.icon for state in panel.STATES.values())


def test_the_list_of_outgoing_documents_names_states_and_offers_drafting(world: worlds.World) -> None:
    desk.submitted(world)
    page = desk.browser(world.province.posts["specialist"]).get("/outgoing/").content.decode()
    assert "Chờ ký" in page
    assert "/drafts/new/" in page
