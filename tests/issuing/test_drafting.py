"""The drafting page: what is typed is kept, files are checked in clear words, recipients found without accents."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests import world as worlds
from tests.issuing import desk
from tests.jobs import run_jobs

from vanthu.audit.models import Event
from vanthu.base.ids import new_id
from vanthu.demo import samples
from vanthu.directory.models import Agency, AgencyIdentifier
from vanthu.formalities import DOCUMENT_TYPES, Family, types_of
from vanthu.issuing import views
from vanthu.issuing.forms import type_choices
from vanthu.issuing.models import DraftRecipient, Stage
from vanthu.issuing.rules import DraftData
from vanthu.records import queries as records
from vanthu.records.models import Direction, Document, FileKind, FileStage, LinkKind

HTMX = {"HX-Request": "true"}


def opened(client: Client, query: str = "") -> tuple[UUID, str, str]:
    """Open a new drafting page: its document key, its proof and its text."""
    page = client.get(f"/drafts/new/{query}").content.decode()
    key = re.search(r'action="/documents/([0-9a-f-]{36})/edit/"', page)
    proof = re.search(r'name="begun" value="([^"]+)"', page)
    assert key and proof
    return UUID(key[1]), proof[1], page


@pytest.fixture
def specialist(world: worlds.World) -> Client:
    return desk.browser(world.province.posts["specialist"])


def new_payload(world: worlds.World, proof: str, **changed: Any) -> dict[str, Any]:
    return desk.fields_of(world.province, world.department.agency, begun=proof, **changed)


# --- what is typed is kept ---


def test_opening_the_page_stores_nothing(world: worlds.World, specialist: Client) -> None:
    opened(specialist)
    assert not Document.objects.exists()
    assert not Event.objects.filter(verb__startswith="issuing.").exists()


def test_the_first_autosave_makes_the_draft_and_names_its_address(
    world: worlds.World, specialist: Client
) -> None:
    key, proof, _ = opened(specialist)
    typed = {**new_payload(world, proof), "steering": "STEERING"}
    answer = specialist.post(f"/documents/{key}/autosave", typed, headers=HTMX)
    assert re.search(r"Đã lưu nháp lúc \d\d:\d\d", answer.content.decode())
    assert answer.headers["HX-Replace-Url"] == f"/documents/{key}/edit/"
    document = Document.objects.get(pk=key)
    assert (document.state, document.subject) == (Stage.DRAFT, "Về việc rà soát công tác chuyển đổi số")
    assert document.distribution == ["Như trên;", "Lưu: VT, VP."]
    assert [row.agency for row in document.recipients.all()] == [world.department.agency]
    page = specialist.get(f"/documents/{key}/edit/").content.decode()
    assert "Về việc rà soát công tác chuyển đổi số" in page
    assert world.department.agency.name in page
    assert '<option value="STEERING" selected' in page


def test_an_autosave_that_changes_nothing_leaves_no_trace(world: worlds.World, specialist: Client) -> None:
    key, proof, _ = opened(specialist)
    payload = new_payload(world, proof)
    specialist.post(f"/documents/{key}/autosave", payload, headers=HTMX)
    before = Event.objects.count()
    specialist.post(f"/documents/{key}/autosave", payload, headers=HTMX)
    assert Event.objects.count() == before
    specialist.post(f"/documents/{key}/autosave", {**payload, "subject": "Khác"}, headers=HTMX)
    assert Event.objects.count() == before + 1


def test_an_unfit_field_is_said_and_nothing_is_kept(world: worlds.World, specialist: Client) -> None:
    key, proof, _ = opened(specialist)
    payload = new_payload(world, proof, subject="dài " * 200)
    answer = specialist.post(f"/documents/{key}/autosave", payload, headers=HTMX)
    assert answer.status_code == 422
    assert "Chưa lưu" in answer.content.decode()
    assert not Document.objects.exists()


def test_an_incomplete_draft_is_saved_and_submitting_it_says_what_is_missing(
    world: worlds.World, specialist: Client
) -> None:
    key, proof, _ = opened(specialist)
    payload = {"type_code": "KE_HOACH", "urgency": "0", "subject": "Kế hoạch năm 2027", "begun": proof}
    answer = specialist.post(f"/documents/{key}/edit/", {**payload, "do": "submit"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "chưa chọn người ký, chưa có tệp văn bản, chưa chọn nơi nhận" in page
    assert "Kế hoạch năm 2027" in page
    assert Document.objects.get(pk=key).state == Stage.DRAFT


def test_nobody_chooses_the_key_of_a_document(world: worlds.World, specialist: Client) -> None:
    key, proof, _ = opened(specialist)
    other = desk.browser(world.province.posts["colleague"])
    assert other.post(f"/documents/{key}/autosave", new_payload(world, proof)).status_code == 404
    assert specialist.post(f"/documents/{key}/autosave", new_payload(world, "")).status_code == 404
    assert not Document.objects.exists()


def test_markup_in_what_is_typed_stays_text(world: worlds.World, specialist: Client) -> None:
    key, proof, _ = opened(specialist)
    evil = "<script>alert(1)</script>"
    payload = new_payload(world, proof, subject=evil, note=evil, distribution=evil)
    specialist.post(f"/documents/{key}/edit/", payload)
    for path in ("edit/", ""):
        page = specialist.get(f"/documents/{key}/{path}").content.decode()
        assert evil not in page
        assert "&lt;script&gt;" in page


# --- files ---

BAD_FILES = {
    "FILE_EMPTY": ("trong.pdf", b""),
    "PDF_NOT_PDF": ("anh.pdf", b"\x89PNG\r\n\x1a\n" + b"0" * 64),
    "PDF_DAMAGED": ("hong.pdf", b"%PDF-1.7\n" + b"\x00garbage " * 40),
    "PDF_ENCRYPTED": ("khoa.pdf", desk.locked_pdf()),
    "FILE_TYPE_REFUSED": ("cai-dat.exe", b"MZ" + b"\x00" * 64),
    "FILE_TOO_LARGE": ("to.pdf", b"%PDF-1.7\n" + b"0" * (1 << 20)),
    "CONVERSION_FAILED": ("hong.docx", b"PK\x03\x04 khong phai Word"),
}


@pytest.mark.parametrize("code", BAD_FILES)
@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_a_bad_file_is_named_with_its_reason_and_the_typed_fields_stay(
    world: worlds.World, specialist: Client, monkeypatch: pytest.MonkeyPatch, code: str, htmx: bool
) -> None:
    monkeypatch.setattr(settings.VANTHU, "max_upload_mb", 1)
    name, content = BAD_FILES[code]
    key, proof, _ = opened(specialist)
    typed = new_payload(world, proof)
    path = f"/documents/{key}/main" if htmx else f"/documents/{key}/edit/"
    if htmx:
        specialist.post(f"/documents/{key}/autosave", typed, headers=HTMX)
    payload = {**typed, "main_file": SimpleUploadedFile(name, content)}
    answer = specialist.post(path, payload, headers=HTMX if htmx else {})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert code in page
    if not htmx:
        assert "Về việc rà soát công tác chuyển đổi số" in page
        assert "Như trên;" in page
        assert world.department.agency.name in page
    kept = Document.objects.filter(pk=key).first()
    assert kept is not None
    assert records.main_file(kept) is None


def test_the_first_file_offers_type_subject_signer_and_recipients(
    world: worlds.World, specialist: Client
) -> None:
    key, proof, _ = opened(specialist)
    letter = desk.pdf("cong-van.pdf", worlds.official_letter(world.province))
    payload = {**new_payload(world, proof, subject="", signer_id=""), "main_file": letter}
    answer = specialist.post(f"/documents/{key}/main", payload, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer.headers["HX-Replace-Url"] == f"/documents/{key}/edit/"
    assert "data-suggestions" in page
    assert str(world.province.posts["leader"].pk) in page
    assert "rà soát công tác chuyển đổi số" in page
    again = {
        **payload,
        "main_file": desk.pdf("ban-2.pdf", worlds.official_letter(world.province, "V/v khác")),
    }
    assert (
        "data-suggestions"
        not in specialist.post(f"/documents/{key}/main", again, headers=HTMX).content.decode()
    )
    main = records.main_file(Document.objects.get(pk=key))
    assert main is not None
    assert (main.version, main.name) == (2, "ban-2.pdf")


def test_a_word_file_becomes_pdf_and_its_source_is_kept(world: worlds.World, specialist: Client) -> None:
    key, proof, _ = opened(specialist)
    head = worlds.letterhead(world.province, world.province.posts["leader"])
    word = SimpleUploadedFile("Công văn.docx", samples.cong_van_docx(letterhead=head))
    answer = specialist.post(
        f"/documents/{key}/edit/", {**new_payload(world, proof), "main_file": word, "do": "submit"}
    )
    assert answer.status_code == 302, answer.content.decode()
    document = Document.objects.get(pk=key)
    assert document.state == Stage.SUBMITTED
    assert document.files.get(kind=FileKind.SOURCE).name == "Công văn.docx"
    assert document.files.get(kind=FileKind.MAIN, current=True).stage == FileStage.PREPARED
    assert document.page_count >= 1


def test_annexes_are_added_together_the_bad_ones_named_and_one_removed(
    world: worlds.World, specialist: Client
) -> None:
    document = desk.draft(world)
    good, bad = desk.pdf("phu-luc-1.pdf", samples.annex()), desk.pdf("phu-luc-2.pdf", b"khong phai pdf")
    answer = specialist.post(f"/documents/{document.pk}/annexes", {"annex_files": [good, bad]}, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "phu-luc-1.pdf" in page
    assert "PDF_NOT_PDF" in page
    annex = next(file for file in records.current_files(document) if file.kind == FileKind.ANNEX)
    specialist.post(f"/documents/{document.pk}/annexes/{annex.ordinal}/remove", headers=HTMX)
    assert [file.kind for file in records.current_files(document)] == [FileKind.MAIN]
    assert document.files.filter(kind=FileKind.ANNEX).exists()


def test_an_annex_that_is_not_there_is_not_removed(world: worlds.World, specialist: Client) -> None:
    document = desk.with_annex(world)
    before = desk.state_of(document)
    for ordinal in (7, 99999999999):
        answer = specialist.post(f"/documents/{document.pk}/annexes/{ordinal}/remove")
        assert "ANNEX_NOT_FOUND" in answer.content.decode()
    assert desk.state_of(document) == before


def test_an_upload_and_an_autosave_at_the_same_time_make_one_draft(world: worlds.World) -> None:
    actor, key = world.province.specialist, new_id()
    typed = DraftData(type_code="CONG_VAN", subject="Trích yếu vừa gõ")
    views._keep(views._Desk(actor, key), DraftData(type_code="CONG_VAN", subject=""))
    views._keep(views._Desk(actor, key), typed)  # looked before the other had made it
    assert Document.objects.get().subject == "Trích yếu vừa gõ"


def test_a_file_name_cannot_leave_its_folder_or_grow_without_end(
    world: worlds.World, specialist: Client
) -> None:
    document = desk.draft(world)
    odd = desk.pdf(
        "..\\..\\etc\\" + "đ" * 400 + ".pdf", worlds.official_letter(world.province, "V/v tên tệp")
    )
    specialist.post(f"/documents/{document.pk}/main", {"main_file": odd}, headers=HTMX)
    main = records.main_file(document)
    assert main is not None
    assert "\\" not in main.name
    assert "/" not in main.name
    assert len(main.name) <= 200
    assert main.name.endswith(".pdf")


# --- recipients, types, signer ---


def test_agencies_are_found_without_accents_by_name_parent_and_identifier(
    world: worlds.World, specialist: Client
) -> None:
    school = Agency.objects.create(
        name="Trường Trung học phổ thông Đức Thọ", parent_name="Sở Giáo dục và Đào tạo", ready=False
    )
    AgencyIdentifier.objects.create(agency=school, code="H27.25.9")
    for text in ("truong duc tho", "Đức Thọ", "so giao duc tho", "H27.25.9"):
        page = specialist.get("/drafts/agencies", {"q": text}).content.decode()
        assert school.name in page, text
        assert "H27.25.9" in page
        assert "nhận bản giấy" in page
    assert specialist.get("/drafts/agencies", {"q": "so\0 %_'"}).status_code == 200
    assert "Không có cơ quan nào khớp" in specialist.get("/drafts/agencies", {"q": "xyz"}).content.decode()


def test_the_picker_never_offers_the_own_agency_and_shows_recent_ones_first(
    world: worlds.World, specialist: Client
) -> None:
    assert (
        'role="option"'
        not in specialist.get("/drafts/agencies", {"q": "tinh ha tinh uy ban"}).content.decode()
    )
    desk.draft(world)
    page = specialist.get("/drafts/agencies", {"q": ""}).content.decode()
    assert "Gửi gần đây" in page
    assert world.department.agency.name in page


def test_recipients_keep_their_order_and_a_forged_key_is_refused(
    world: worlds.World, specialist: Client
) -> None:
    document = desk.draft(world)
    others = [Agency.objects.create(name=f"Sở {name}") for name in ("Tài chính", "Xây dựng", "Y tế")]
    payload = desk.fields_of(world.province, others[2], others[0], others[1])
    specialist.post(f"/documents/{document.pk}/edit/", payload)
    chosen = DraftRecipient.objects.filter(document=document)
    assert [row.agency.name for row in chosen] == ["Sở Y tế", "Sở Tài chính", "Sở Xây dựng"]
    answer = specialist.post(
        f"/documents/{document.pk}/edit/", {**payload, "recipient_ids": ["khong-phai-khoa"]}
    )
    assert answer.status_code == 422


def test_only_leaders_of_the_own_agency_are_offered_as_signers(
    world: worlds.World, specialist: Client
) -> None:
    key, proof, page = opened(specialist)
    assert "Võ Trọng Thử – Chủ tịch" in page
    assert "Phan Thị Hồng Nhung" not in page
    assert "Bùi Thị Ngọc" not in page
    foreign = new_payload(world, proof, signer_id=str(world.department.posts["leader"].pk))
    assert specialist.post(f"/documents/{key}/edit/", foreign).status_code == 422


def test_every_type_that_is_issued_is_offered_once_the_common_ones_first() -> None:
    offered = [code for _, group in type_choices() for code, _ in group]
    issuable = [kind.code for kind in DOCUMENT_TYPES.values() if kind.issuable]
    assert sorted(offered) == sorted(issuable)
    assert offered[0] == "CONG_VAN"
    assert len(types_of(Family.ADMINISTRATIVE)) == 29


# --- answering ---


def test_an_answer_starts_with_subject_recipient_and_link(world: worlds.World) -> None:
    letter = worlds.issued(world.province, [world.department.agency])
    run_jobs()
    arrived = Document.objects.get(agency=world.department.agency, direction=Direction.INCOMING)
    clerk = desk.browser(world.department.posts["clerk"])
    key, proof, page = opened(clerk, f"?reply_to={arrived.pk}")
    assert f"V/v trả lời Công văn số {letter.code} ngày" in page
    assert world.province.agency.name in page
    payload = desk.fields_of(
        world.department, world.province.agency, begun=proof, reply_to_id=str(arrived.pk)
    )
    clerk.post(f"/documents/{key}/edit/", payload)
    link = Document.objects.get(pk=key).links.get()
    assert (link.kind, link.target_id) == (LinkKind.REPLY_TO, arrived.pk)


def test_nobody_answers_a_document_he_takes_no_part_in(world: worlds.World, specialist: Client) -> None:
    foreign = desk.draft(world)
    other = desk.browser(world.department.posts["specialist"])
    assert other.get(f"/drafts/new/?reply_to={foreign.pk}").status_code == 404
