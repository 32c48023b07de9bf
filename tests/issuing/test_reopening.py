"""What was approved and is changed must be approved anew (NĐ 30/2020 Đ11.2); the agency seals only valid signatures."""

from __future__ import annotations

import pytest
from tests import world as worlds
from tests.issuing import desk

from vanthu.audit.models import Event
from vanthu.issuing import actions
from vanthu.issuing.models import Stage
from vanthu.issuing.rules import CompetentSignatureMissing
from vanthu.records import queries as records
from vanthu.records.models import Document, FileStage, RegisterEntry
from vanthu.signing.models import SigningKey


def test_a_signed_document_taken_back_loses_its_approvals_and_is_signed_anew(world: worlds.World) -> None:
    office = world.province
    document = worlds.draft(office, [world.department.agency], by="unit_specialist")
    actions.submit(office.unit_specialist, document.pk)
    actions.approve_review(office.unit_head, document.pk)
    actions.sign_document(office.leader, document.pk, worlds.PASSPHRASE)

    for who, reason, status in (("colleague", "Thử", 404), ("unit_head", "Thử", 409), ("clerk", " ", 400)):
        assert desk.go(office, who, document, "reopen", reason=reason).status_code == status
    assert desk.go(office, "unit_specialist", document, "reopen", reason="Sai số liệu.").status_code == 302
    document.refresh_from_db()
    document.draft.refresh_from_db()
    assert document.state == Stage.RETURNED
    assert document.draft.reviewed_at is document.draft.signed_at is document.draft.dispatch_deadline is None
    assert [file.stage for file in records.current_files(document)] == [FileStage.DRAFT]
    said = Event.objects.get(verb="issuing.reopen").data
    assert said["voided"] == ["Nguyễn Đức Ưng", "Võ Trọng Thử"]
    assert desk.go(office, "clerk", document, "issue", passphrase=worlds.PASSPHRASE).status_code == 409

    actions.submit(office.unit_specialist, document.pk)
    assert Document.objects.get(pk=document.pk).state == Stage.REVIEW, "the unit's head decides anew"
    actions.approve_review(office.unit_head, document.pk)
    page = desk.browser(office.posts["leader"]).get(f"/documents/{document.pk}/").content.decode()
    assert "đã được ký rồi lấy lại để sửa" in page and "Sai số liệu." in page
    actions.sign_document(office.leader, document.pk, worlds.PASSPHRASE)
    actions.issue(office.clerk, document.pk, worlds.PASSPHRASE)
    assert Document.objects.get(pk=document.pk).state == Stage.ISSUED
    assert desk.go(office, "unit_specialist", document, "reopen", reason="Muộn.").status_code == 409


def test_the_agency_does_not_number_or_seal_over_a_signature_that_is_not_the_signers(
    world: worlds.World,
) -> None:
    office = world.province
    document = worlds.signed(office, [world.department.agency])
    SigningKey.objects.filter(post=office.posts["leader"]).update(serial="1")
    with pytest.raises(CompetentSignatureMissing):
        actions.issue(office.clerk, document.pk, worlds.PASSPHRASE)
    document.refresh_from_db()
    assert document.state == Stage.SIGNED and not RegisterEntry.objects.exists(), "no number was spent"
