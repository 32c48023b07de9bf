"""Every step of an outgoing document by the person whose step it is, through the pages; by nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from tests import world as worlds
from tests.issuing import desk
from tests.jobs import run_jobs

from vanthu.audit import queries as audit
from vanthu.blobs import store
from vanthu.demo import samples
from vanthu.exchange.models import Delivery, DeliveryState
from vanthu.issuing import actions
from vanthu.issuing.models import Comment, Stage
from vanthu.issuing.uploads import check_upload
from vanthu.pades import fields
from vanthu.records import queries as records
from vanthu.records.models import (
    Direction,
    Document,
    DocumentFile,
    FileKind,
    FileStage,
    Register,
    RegisterEntry,
)
from vanthu.signing.models import Validation

PASSPHRASE = worlds.PASSPHRASE
REASON = "Bổ sung căn cứ pháp lý."


def test_draft_submission_signature_number_seal_and_dispatch_each_by_its_person(world: worlds.World) -> None:
    province, department = world.province, world.department
    document = desk.with_annex(world)

    assert desk.go(province, "specialist", document, "submit").url == f"/documents/{document.pk}/"
    document.refresh_from_db()
    assert document.state == Stage.SUBMITTED

    assert desk.go(province, "leader", document, "sign", passphrase=PASSPHRASE).status_code == 302
    document.refresh_from_db()
    assert document.state == Stage.SIGNED
    assert document.number is None

    answer = desk.go(province, "clerk", document, "issue", passphrase=PASSPHRASE)
    assert answer.status_code == 302
    document.refresh_from_db()
    assert (document.state, document.code) == (Stage.ISSUED, "01/UBND")
    main, annex = records.current_files(document)
    assert main.stage == annex.stage == FileStage.SEALED
    assert "01" in fields(store.read(main.sha256)).values()

    run_jobs()
    delivery = Delivery.objects.get(document=document)
    assert delivery.state == DeliveryState.ARRIVED
    assert Document.objects.filter(agency=department.agency, direction=Direction.INCOMING).count() == 1
    checked = set(Validation.objects.values_list("sha256", flat=True))
    assert {main.sha256, annex.sha256} <= checked
    assert all(verdict.holds for verdict in audit.verify_all())


def test_in_a_unit_with_a_head_the_head_reads_before_the_leader_signs(world: worlds.World) -> None:
    document = worlds.draft(world.province, [world.department.agency], by="unit_specialist")
    desk.go(world.province, "unit_specialist", document, "submit")
    document.refresh_from_db()
    assert document.state == Stage.REVIEW
    assert desk.go(world.province, "leader", document, "sign", passphrase=PASSPHRASE).status_code == 404

    desk.go(world.province, "unit_head", document, "approve-review")
    document.refresh_from_db()
    assert document.state == Stage.SUBMITTED
    assert document.draft.reviewed_at is not None
    desk.go(world.province, "leader", document, "sign", passphrase=PASSPHRASE)
    document.refresh_from_db()
    assert document.state == Stage.SIGNED


@pytest.mark.parametrize(
    ("make", "who", "back_to"),
    [(desk.in_review, "unit_head", Stage.REVIEW), (desk.submitted, "leader", Stage.SUBMITTED)],
)
def test_a_returned_draft_is_mended_and_submitted_again(
    world: worlds.World, make: desk.Maker, who: str, back_to: Stage
) -> None:
    document = make(world)
    drafter = "unit_specialist" if who == "unit_head" else "specialist"
    assert desk.go(world.province, who, document, "return", reason=REASON).status_code == 302
    document.refresh_from_db()
    assert document.state == Stage.RETURNED
    assert Comment.objects.get(document=document, returned=True).text == REASON
    page = desk.browser(world.province.posts[drafter]).get(f"/documents/{document.pk}/edit/").content.decode()
    assert REASON in page

    newer = desk.pdf("ban-2.pdf", worlds.official_letter(world.province, "V/v rà soát lại"))
    assert desk.go(world.province, drafter, document, "main", main_file=newer).status_code == 302
    desk.go(world.province, drafter, document, "submit")
    document.refresh_from_db()
    assert document.state == back_to
    main = records.main_file(document)
    assert main is not None
    assert (main.stage, main.name) == (FileStage.PREPARED, "ban-2.pdf")


def test_returned_without_change_is_prepared_from_the_draft_and_can_be_signed(world: worlds.World) -> None:
    document = desk.submitted(world)
    desk.go(world.province, "leader", document, "return", reason=REASON)
    desk.go(world.province, "specialist", document, "submit")
    desk.go(world.province, "leader", document, "sign", passphrase=PASSPHRASE)
    document.refresh_from_db()
    assert document.state == Stage.SIGNED


def test_returning_needs_a_reason(world: worlds.World) -> None:
    document = desk.submitted(world)
    answer = desk.go(world.province, "leader", document, "return", reason="   ")
    assert answer.status_code == 400
    assert "RETURN_WITHOUT_REASON" in answer.content.decode()
    document.refresh_from_db()
    assert document.state == Stage.SUBMITTED


def test_the_drafter_takes_a_submitted_document_back_but_not_a_signed_one(world: worlds.World) -> None:
    document = desk.submitted(world)
    desk.go(world.province, "specialist", document, "withdraw")
    document.refresh_from_db()
    assert document.state == Stage.DRAFT
    desk.go(world.province, "specialist", document, "submit")
    desk.go(world.province, "leader", document, "sign", passphrase=PASSPHRASE)
    before = desk.state_of(document)
    assert desk.go(world.province, "specialist", document, "withdraw").status_code == 409
    assert desk.state_of(document) == before


def test_a_discarded_draft_stays_in_the_history_and_is_nobodys_work(world: worlds.World) -> None:
    document = desk.draft(world)
    desk.go(world.province, "specialist", document, "discard", reason="Trùng với dự thảo khác")
    document.refresh_from_db()
    assert document.state == Stage.VOIDED
    assert not document.work_items.exists()
    assert document.files.exists()


def test_everybody_who_takes_part_may_comment(world: worlds.World) -> None:
    document = desk.submitted(world)
    for who in ("specialist", "leader"):
        assert desk.go(world.province, who, document, "comment", text=f"Ý kiến {who}").status_code == 302
    said = list(Comment.objects.filter(document=document).values_list("text", flat=True))
    assert said == ["Ý kiến specialist", "Ý kiến leader"]


# --- nobody else ---

VERBS: dict[str, tuple[desk.Maker, str, dict[str, Any]]] = {
    "edit/": (desk.draft, "specialist", {"type_code": "QUYET_DINH", "subject": "Khác", "urgency": "1"}),
    "autosave": (desk.draft, "specialist", {"type_code": "QUYET_DINH", "subject": "Khác", "urgency": "1"}),
    "main": (desk.draft, "specialist", {}),
    "annexes": (desk.draft, "specialist", {}),
    "annexes/0/remove": (desk.with_annex, "specialist", {}),
    "submit": (desk.draft, "specialist", {}),
    "discard": (desk.draft, "specialist", {"reason": "Không dùng"}),
    "withdraw": (desk.submitted, "specialist", {}),
    "approve-review": (desk.in_review, "unit_head", {}),
    "return": (desk.submitted, "leader", {"reason": REASON}),
    "sign": (desk.submitted, "leader", {"passphrase": PASSPHRASE}),
    "issue": (desk.signed, "clerk", {"passphrase": PASSPHRASE}),
}
OUTSIDE = ("leader", "clerk", "specialist")


@pytest.mark.parametrize("verb", VERBS)
def test_a_step_is_taken_by_nobody_but_its_person(world: worlds.World, verb: str) -> None:
    make, own, payload = VERBS[verb]
    document = make(world)
    before = desk.state_of(document)
    others = [(world.province, name) for name in world.province.posts if name != own]
    others += [(world.department, name) for name in OUTSIDE]
    for office, who in others:
        answer = desk.go(office, who, document, verb, **payload, **_file(verb, world))
        assert answer.status_code in {403, 404, 409}, (who, answer.status_code)
        assert desk.state_of(document) == before, who
    signed_out = Client().post(f"/documents/{document.pk}/{verb}", payload)
    assert signed_out.status_code == 302
    assert "/accounts/login/" in signed_out.url
    assert desk.state_of(document) == before

    assert desk.go(world.province, own, document, verb, **payload, **_file(verb, world)).status_code < 400
    assert desk.state_of(document) != before


def _file(verb: str, world: worlds.World) -> dict[str, Any]:
    name = {"main": "main_file", "annexes": "annex_files"}.get(verb)
    return {name: desk.pdf("them.pdf", worlds.official_letter(world.province, "V/v khác"))} if name else {}


@pytest.mark.parametrize("verb", VERBS)
def test_no_step_is_taken_by_following_a_link(world: worlds.World, verb: str) -> None:
    document = VERBS[verb][0](world)
    before = desk.state_of(document)
    desk.browser(world.province.posts[VERBS[verb][1]]).get(f"/documents/{document.pk}/{verb}")
    assert desk.state_of(document) == before


@pytest.mark.parametrize("verb", ["edit/", "autosave", "main", "annexes", "submit", "discard"])
def test_a_submitted_document_is_not_edited_even_by_its_drafter(world: worlds.World, verb: str) -> None:
    document = desk.submitted(world)
    before = desk.state_of(document)
    payload = {**VERBS[verb][2], **_file(verb, world)}
    answer = desk.go(world.province, "specialist", document, verb, **payload)
    assert answer.status_code == 409
    assert desk.state_of(document) == before


def test_a_form_without_its_token_is_refused(world: worlds.World) -> None:
    document = desk.draft(world)
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.province.posts["specialist"].person)
    assert client.post(f"/documents/{document.pk}/submit").status_code == 403


# --- keys and numbers ---


def test_a_wrong_passphrase_takes_no_number_and_the_next_document_gets_it(world: worlds.World) -> None:
    document = desk.signed(world)
    before = desk.state_of(document)
    answer = desk.go(world.province, "clerk", document, "issue", passphrase="khong-phai")
    assert "KEY_WRONG_PASSPHRASE" in answer.content.decode()
    assert desk.state_of(document) == before
    assert not RegisterEntry.objects.exists()
    desk.go(world.province, "clerk", document, "issue", passphrase=PASSPHRASE)
    document.refresh_from_db()
    assert document.number == 1


def test_a_wrong_passphrase_does_not_sign(world: worlds.World) -> None:
    document = desk.submitted(world)
    before = desk.state_of(document)
    answer = desk.go(world.province, "leader", document, "sign", passphrase="khong-phai")
    assert "KEY_WRONG_PASSPHRASE" in answer.content.decode()
    assert "khong-phai" not in answer.content.decode()
    assert desk.state_of(document) == before


def test_after_a_crash_between_number_and_seal_the_same_number_is_sealed(world: worlds.World) -> None:
    document = desk.signed(world)
    actions.assign_number(world.province.clerk, document.pk)
    other = desk.signed(world)
    desk.go(world.province, "clerk", other, "issue", passphrase=PASSPHRASE)
    desk.go(world.province, "clerk", document, "issue", passphrase=PASSPHRASE)
    document.refresh_from_db()
    other.refresh_from_db()
    assert (document.state, document.number) == (Stage.ISSUED, 1)
    assert (other.state, other.number) == (Stage.ISSUED, 2)


def test_after_a_crash_between_seal_and_dispatch_the_same_sealed_file_is_sent(world: worlds.World) -> None:
    document = desk.signed(world)
    actions.assign_number(world.province.clerk, document.pk)
    actions.seal_document(world.province.clerk, document.pk, PASSPHRASE)
    sealed = records.main_file(document)
    assert sealed is not None
    desk.go(world.province, "clerk", document, "issue", passphrase=PASSPHRASE)
    document.refresh_from_db()
    main = records.main_file(document)
    assert main is not None
    assert (document.state, main.sha256) == (Stage.ISSUED, sealed.sha256)
    assert Delivery.objects.filter(document=document).count() == 1


def test_issuing_twice_sends_once(world: worlds.World) -> None:
    document = desk.signed(world)
    desk.go(world.province, "clerk", document, "issue", passphrase=PASSPHRASE)
    again = desk.go(world.province, "clerk", document, "issue", passphrase=PASSPHRASE)
    assert again.status_code == 409
    assert Delivery.objects.filter(document=document).count() == 1
    assert RegisterEntry.objects.count() == 1


def test_a_restricted_document_is_issued_on_paper_only(world: worlds.World) -> None:
    document = desk.draft(world)
    payload = desk.fields_of(
        world.province, world.department.agency, restriction="INTERNAL_ONLY", do="submit"
    )
    desk.go(world.province, "specialist", document, "edit/", **payload)
    desk.go(world.province, "leader", document, "sign", passphrase=PASSPHRASE)
    desk.go(world.province, "clerk", document, "issue", passphrase=PASSPHRASE)
    run_jobs()
    document.refresh_from_db()
    assert document.state == Stage.ISSUED
    assert Delivery.objects.get(document=document).channel == "PAPER"
    assert not Document.objects.filter(direction=Direction.INCOMING).exists()


def test_without_a_register_nothing_is_numbered_and_the_reason_is_said(world: worlds.World) -> None:
    document = desk.signed(world)
    Register.objects.filter(agency=world.province.agency, direction=Direction.OUTGOING).delete()
    answer = desk.go(world.province, "clerk", document, "issue", passphrase=PASSPHRASE)
    assert "NO_REGISTER" in answer.content.decode()
    document.refresh_from_db()
    assert document.state == Stage.SIGNED


def test_no_version_is_ever_lost(world: worlds.World) -> None:
    document = worlds.issued(world.province, [world.department.agency])
    stages = DocumentFile.objects.filter(document=document, kind=FileKind.MAIN).order_by("version")
    assert list(stages.values_list("stage", flat=True)) == ["DRAFT", "PREPARED", "SIGNED", "SEALED"]


def test_a_page_without_a_place_for_the_number_is_submitted_with_a_remark(world: worlds.World) -> None:
    document = desk.draft(world)
    actions.attach_main(world.province.specialist, document.pk, check_upload("pl.pdf", samples.annex()))
    drafter = desk.browser(world.province.posts["specialist"])
    page = drafter.post(f"/documents/{document.pk}/submit", follow=True).content.decode()
    document.refresh_from_db()
    assert document.state == Stage.SUBMITTED
    notes = document.draft.placement_notes
    assert notes
    assert "Lưu ý về thể thức" in page
    assert page.count(notes[0]) == 2  # said at once, and kept beside the document for the signer


def test_a_notation_that_the_register_will_not_give_is_remarked(world: worlds.World) -> None:
    document = desk.submitted(world)
    document.refresh_from_db()
    remark = next(note for note in document.draft.placement_notes if "Ký hiệu" in note)
    assert "“UBND-VP”" in remark
    assert "“UBND”" in remark
    page = desk.browser(world.province.posts["leader"]).get(f"/documents/{document.pk}/").content.decode()
    assert "nhưng sổ sẽ cấp ký hiệu" in page
    matching = desk.in_review(world)
    matching.refresh_from_db()
    assert not [note for note in matching.draft.placement_notes if "Ký hiệu" in note]
