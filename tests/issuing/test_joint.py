"""Documents that several agencies issue together (văn bản liên tịch)."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.generic import TextStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, sign_pdf
from tests import world as worlds
from tests.issuing import desk, joint
from tests.jobs import forget_jobs, run_jobs

from vanthu import pades
from vanthu.audit.models import Event
from vanthu.base.actors import NotYours, NotYourStep, Role
from vanthu.blobs import store
from vanthu.demo import pki
from vanthu.directory.models import Agency, Person, Post
from vanthu.formalities.byhand import PARTNERS, Part
from vanthu.handling.models import IntakeVerdict
from vanthu.issuing import actions, preview
from vanthu.issuing.actions import approval, outside
from vanthu.issuing.actions import joint as sealing
from vanthu.issuing.joint_models import CoIssuer
from vanthu.issuing.joint_rules import (
    CoIssuerData,
    CoIssuerUnfit,
    OutsideRefused,
    PartnerPlaceMissing,
    Party,
    whose_turn,
)
from vanthu.issuing.models import Draft, Stage
from vanthu.issuing.rules import ReopenWithoutReason, WrongStage
from vanthu.pades.keys import HeldKeySigner
from vanthu.pades.reserved import reserved_fields
from vanthu.records import queries as records
from vanthu.records.models import Direction, Document, DocumentFile, Share, Verb
from vanthu.signing import service
from vanthu.signing.models import Validation

SECRET = worlds.PASSPHRASE


# --- whose turn it is ----------------------------------------------------------------------------------------


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=6),
    st.booleans(),
)
def test_everybody_is_asked_once_and_a_file_outside_is_never_overtaken(
    shape: list[tuple[bool, bool]], in_order: bool
) -> None:
    parties = [Party(place, here, done) for place, (here, done) in enumerate(shape)]
    while turn := whose_turn(parties, in_order=in_order):
        asked = [party for party in parties if party.key in turn]
        assert asked and not any(party.done for party in asked)
        assert len(asked) == 1 or all(party.here for party in asked)
        if in_order:
            assert all(party.done for party in parties[: turn[0]])
        parties = [Party(party.key, party.here, party.done or party.key == turn[-1]) for party in parties]
    assert all(party.done for party in parties)


# --- two agencies of one site --------------------------------------------------------------------------------


def test_two_agencies_of_one_site_sign_number_seal_and_each_keeps_the_document(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies at any of these steps leaves the document before it, and the same button goes on."""
    office, other = world.province, world.department
    third = joint.third_clerk()
    document = _named_on_the_page(world, third.agency)
    assert desk.go(office, "specialist", document, "submit").status_code == 302
    document.refresh_from_db()

    # The director finds it on the work page and signs it with the rest of the folder; nothing of the draft is shown.
    assert str(document.pk) in desk.browser(other.posts["leader"]).get("/").content.decode()
    page = desk.browser(other.posts["leader"]).get(f"/documents/{document.pk}/").content.decode()
    assert "Ủy ban nhân dân tỉnh Hà Tĩnh chủ trì văn bản này" in page and "Từ chối ký" in page
    assert "soạn dự thảo" not in page and "Góp ý" not in page and "/evidence/" not in page
    shown = {item.part: item for item in preview.coming(other.leader, document)}
    assert shown[Part.PARTNER_1.value].image and not shown[Part.SIGNATURE.value].image
    _dying(monkeypatch, approval, lambda: actions.sign_document(other.leader, document.pk, SECRET))
    batch = actions.begin_batch(other.leader, [document.pk], SECRET, start=lambda run: run())
    assert batch.items.get().state == "SIGNED"
    document.refresh_from_db()
    assert document.state == Stage.SUBMITTED and not Draft.objects.get(document=document).signed_at
    with pytest.raises(ReopenWithoutReason):
        actions.withdraw(office.specialist, document.pk)
    with pytest.raises(WrongStage):
        actions.place_by_itself(office.leader, document.pk)

    actions.sign_document(office.leader, document.pk, SECRET)
    _dying(monkeypatch, sealing, lambda: actions.issue(office.clerk, document.pk, SECRET))
    document = actions.issue(office.clerk, document.pk, SECRET)
    assert document.state == Stage.NUMBERED and document.code == "01/KH-UBND-SNV", "no second number"
    with pytest.raises(NotYourStep):
        actions.issue(office.clerk, document.pk, SECRET)
    _dying(monkeypatch, sealing, lambda: actions.seal_as_partner(other.clerk, document.pk, SECRET))
    assert not CoIssuer.objects.get(document=document).sealed_at
    for who, status in (("leader", 409), ("clerk", 302)):
        assert desk.go(other, who, document, "seal-joint", passphrase=SECRET).status_code == status
    document = actions.issue(office.clerk, document.pk, SECRET)
    assert document.state == Stage.ISSUED

    main = records.main_file(document)
    assert main is not None and document.issued_date is not None
    report = pades.ValidationReport.from_dict(service.check(main.sha256).report)
    assert [item.field for item in report.signatures] == [
        "lien_tich_1_ky",
        "nguoi_ky_1",
        "cap_so",
        "lien_tich_1_dau",
        "con_dau",
    ]
    assert report.verdict is not pades.Verdict.INVALID
    assert pades.fields_match(store.read(main.sha256), "01", document.issued_date)
    assert not Share.objects.exists(), "each agency has its own original now"
    told = desk.browser(office.posts["clerk"]).get(f"/documents/{document.pk}/").content.decode()
    for words in ("đóng dấu Sở Nội vụ tỉnh Hà Tĩnh lên văn bản liên tịch", "ghi số 01/KH-UBND-SNV và ngày"):
        assert words in told, "the history tells what people of both agencies did"

    recipients = {delivery.recipient_id for delivery in document.deliveries.all()}
    assert recipients == {other.agency.pk, third.agency_id}, "each agency keeps an original"
    _received_with_all_signatures_judged(third, office.agency.name, other.agency.name)


def _received_with_all_signatures_judged(third: Post, lead: str, partner: str) -> None:
    """At an agency without a part in it: who drafts is the sender, every signature and seal was looked at."""
    forget_jobs("issuing.check_sealed")
    run_jobs()
    arrived = Document.objects.get(agency=third.agency, direction=Direction.INCOMING)
    assert (arrived.issuer_name, arrived.code) == (lead, "01/KH-UBND-SNV")
    assert arrived.intake.verdict == IntakeVerdict.WARNING  # nobody to ask about revocation in this test
    main = records.main_file(arrived)
    assert main is not None
    report = pades.ValidationReport.from_dict(
        Validation.objects.filter(sha256=main.sha256).latest("at").report
    )
    people = ["Phan Thị Hồng Nhung", "Võ Trọng Thử"]
    assert [item.signer_name for item in report.signatures] == [*people, lead, partner, lead]
    page = desk.browser(third).get(f"/documents/{arrived.pk}/").content.decode()
    assert all(name in page for name in [*people, partner])
    assert "Ký ở ô dành cho số và ngày ban hành" in page and "Người ký và cơ quan ban hành khớp" in page


def _named_on_the_page(world: worlds.World, recipient: Agency) -> Document:
    """The drafter looks the department up, chooses its director, and settles the order."""
    office, other = world.province, world.department
    document = joint.draft(world, [recipient])
    drafter, address = desk.browser(office.posts["specialist"]), f"/documents/{document.pk}/joint/"
    assert "Sở Nội vụ" in drafter.get(address, {"q": "so noi vu"}).content.decode()
    assert "Phan Thị Hồng Nhung" in drafter.get(address, {"agency": other.agency.pk}).content.decode()
    fields = {"agency_id": other.agency.pk, "post_id": other.posts["leader"].pk}
    assert drafter.post(address, {**fields, "post_id": ""}).status_code == 422
    assert drafter.post(address, fields).status_code == 302
    assert "đã có trong danh sách" in drafter.post(address, fields).content.decode()
    assert drafter.post(address + "arrange", {"in_order": "0"}).status_code == 302
    assert "Sở Nội vụ" in drafter.get(f"/documents/{document.pk}/edit/").content.decode()
    assert desk.browser(office.posts["colleague"]).get(address).status_code == 404
    return document


# --- who sees it, and what a refusal undoes ------------------------------------------------------------------


def test_only_those_asked_see_it_and_a_refusal_takes_it_from_them_and_voids_every_signature(
    world: worlds.World,
) -> None:
    office, other = world.province, world.department
    document = joint.with_department(world)
    stranger = _clerk_of(Agency.objects.create(name="Sở Tài chính", abbreviation="STC", hosted=True))
    assert not Share.objects.exists(), "a draft is nobody else's business"
    document = actions.submit(office.specialist, document.pk)
    main = records.main_file(document)
    assert main is not None
    drafted = DocumentFile.objects.filter(document=document, stage="DRAFT").latest("version")
    allowed = {"leader": 200, "clerk": 200, "specialist": 404}
    for who, status in allowed.items():
        assert desk.browser(other.posts[who]).get(f"/documents/{document.pk}/").status_code == status
        assert desk.browser(other.posts[who]).get(f"/files/{main.pk}").status_code == status
    director = desk.browser(other.posts["leader"])
    closed = ["evidence/", "edit/", "places/", "joint/"]
    for address in [f"/files/{drafted.pk}", *(f"/documents/{document.pk}/{door}" for door in closed)]:
        assert director.get(address).status_code == 404, address
    for verb in ("comment", "reopen", "issue"):
        assert desk.go(other, "leader", document, verb, text="?", reason="?").status_code in {404, 409}, verb
    for address in (f"/documents/{document.pk}/preview", f"/files/{main.pk}"):
        assert desk.browser(stranger).get(address).status_code == 404
    assert not records.visible(other.leader).filter(pk=document.pk).exists(), "the access rule is untouched"
    assert document.subject not in director.get("/outgoing/").content.decode()

    actions.sign_document(office.leader, document.pk, SECRET)
    assert desk.go(other, "leader", document, "return", reason=" ").status_code == 400
    assert desk.go(other, "leader", document, "return", reason="Chưa thống nhất kinh phí.").url == "/"
    document.refresh_from_db()
    assert document.state == Stage.RETURNED and not Share.objects.exists()
    assert not document.work_items.exclude(agency=office.agency).exists()
    assert not Draft.objects.get(document=document).signed_at
    assert [file.stage for file in records.current_files(document)] == ["DRAFT"]
    assert Event.objects.get(verb="issuing.return_draft").data["voided"] == ["Võ Trọng Thử"]
    page = desk.browser(office.posts["specialist"]).get(f"/documents/{document.pk}/").content.decode()
    assert "Chưa thống nhất kinh phí." in page
    assert director.get(f"/documents/{document.pk}/").status_code == 404
    with pytest.raises(NotYours):
        actions.sign_document(other.leader, document.pk, SECRET)

    # Named anew in order: the director is asked only after the chairman; a draft without a block for him is not sent.
    [one] = CoIssuer.objects.filter(document=document)
    actions.arrange_co_issuers(office.specialist, document.pk, [one.pk], in_order=True)
    actions.submit(office.specialist, document.pk)
    assert not Share.objects.exists()
    actions.sign_document(office.leader, document.pk, SECRET)
    assert {item.verb for item in records.work(other.leader)} == {Verb.SIGN}
    actions.reopen(office.specialist, document.pk, "Sửa số liệu.")
    assert not Share.objects.exists() and not records.work(other.leader).exists()
    actions.remove_co_issuer(office.specialist, document.pk, one.pk)
    outsider = Agency.objects.create(name="Kho bạc Nhà nước Khu vực X", abbreviation="KBNN")
    for name, agency in (("", outsider), ("Ai", office.agency)):
        with pytest.raises(CoIssuerUnfit):
            data = CoIssuerData(agency_id=str(agency.pk), signer_name=name)
            actions.add_co_issuer(office.specialist, document.pk, data)
    data = CoIssuerData(agency_id=str(outsider.pk), signer_name="Đặng Văn Không Có")
    actions.add_co_issuer(office.specialist, document.pk, data)
    with pytest.raises(PartnerPlaceMissing):
        actions.submit(office.specialist, document.pk)

    # Places by hand serve where the page shows no block.
    placing = preview.desk(document, Draft.objects.select_related("signer__person").get(document=document))
    assert set(PARTNERS[0]) <= set(placing.spots)
    spots = {part: placing.spots[part] for part in placing.parts if part in placing.spots}
    actions.place_by_hand(office.specialist, document.pk, spots, confirmed=True)
    actions.submit(office.specialist, document.pk)
    assert "lien_tich_1_dau" in reserved_fields(_content(document))


def _clerk_of(agency: Agency) -> Post:
    person = Person.objects.create_user("van-thu-la", worlds.PASSWORD, full_name="Người Lạ")
    return Post.objects.create(person=person, agency=agency, position="Văn thư", roles=[Role.CLERK.value])


# --- an agency elsewhere -------------------------------------------------------------------------------------


def test_what_an_agency_elsewhere_signs_comes_back_as_the_same_file_with_its_signature_or_not_at_all(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, agency = world.province, world.department.agency
    Agency.objects.filter(pk=agency.pk).update(hosted=False)
    document = joint.draft(world)
    named = CoIssuerData(
        agency_id=str(agency.pk), signer_name="Phan Thị Hồng Nhung", signer_position="Giám đốc"
    )
    one = actions.add_co_issuer(office.specialist, document.pk, named)
    actions.submit(office.specialist, document.pk)
    assert not records.work(office.clerk).exists(), "a file outside would overtake the chairman"
    actions.sign_document(office.leader, document.pk, SECRET)
    [item] = records.work(office.clerk)
    assert item.verb == Verb.OBTAIN

    handed_out = _content(document)
    person, stamp = pades.partner_fields(1)
    director, chairman, department = (_key(slug) for slug in ("giam-doc", "chu-tich", "snv"))
    signed = pades.sign(handed_out, person, director, signed_at=worlds.NOW)
    refused = {
        "chưa có thêm chữ ký": handed_out + b"\n",
        "không phải tệp đã tải": handed_out,
        "một ô đã dành": _signed_outside(handed_out, stamp, department),
        "là của Võ Trọng Thử": pades.sign(handed_out, person, chairman, signed_at=worlds.NOW),
        "đây không phải": b"%PDF-1.7\n" + signed,
        "bổ sung nội dung": signed + b"\n% mot dong nua\n",
        "chỉ cơ quan chủ trì ghi số": _signed_outside(handed_out, person, director, number="99"),
    }
    before = desk.state_of(document)
    for why, content in refused.items():
        with pytest.raises(OutsideRefused) as error:
            actions.bring_in(office.clerk, document.pk, one.pk, content)
        assert why in error.value.text and desk.state_of(document) == before
    with pytest.raises(NotYourStep):
        actions.bring_in(office.specialist, document.pk, one.pk, signed)
    _dying(monkeypatch, outside, lambda: actions.bring_in(office.clerk, document.pk, one.pk, signed))
    assert desk.state_of(document) == before

    address = f"/documents/{document.pk}/"
    assert "Tải tệp để ký" in desk.browser(office.posts["clerk"]).get(address).content.decode()
    assert _brought(office, document, one, signed) == 302
    document.refresh_from_db()
    assert document.state == Stage.SIGNED
    actions.issue(office.clerk, document.pk, SECRET)
    [item] = records.work(office.clerk)
    assert item.verb == Verb.OBTAIN, "now the seal is outside"
    numbered = _content(document)
    with pytest.raises(OutsideRefused):
        actions.bring_in(office.clerk, document.pk, one.pk, _signed_outside(numbered, stamp, director))
    sealed = pades.seal_partner(numbered, 1, department, signed_at=worlds.NOW)
    assert _brought(office, document, one, sealed) == 302
    document = actions.issue(office.clerk, document.pk, SECRET)
    assert document.state == Stage.ISSUED
    assert document.deliveries.get().recipient_id == agency.pk


def _signed_outside(content: bytes, field: str, key: pades.KeySource, *, number: str = "") -> bytes:
    """Signed with some other program, which heeds no names of fields; perhaps it fills in a number, for no earlier
    signature forbids that."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    if number:
        every = [item.get_object() for item in writer.root["/AcroForm"]["/Fields"]]
        so_vb = next(item for item in every if item["/T"] == "so_vb")
        so_vb["/V"] = TextStringObject(number)
        writer.update_container(so_vb)
    wanted = PdfSignatureMetadata(field_name=field, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    signed: io.BytesIO = sign_pdf(writer, wanted, signer=HeldKeySigner(key), existing_fields_only=True)
    return signed.getvalue()


def _key(slug: str) -> pades.Pkcs12Key:
    return pades.Pkcs12Key.open(pki.p12_path(worlds.authority(), slug).read_bytes(), SECRET, at=worlds.NOW)


def _content(document: Document) -> bytes:
    main = records.main_file(document)
    assert main is not None
    return store.read(main.sha256)


def _brought(office: worlds.Office, document: Document, one: CoIssuer, content: bytes) -> int:
    given = {"file": SimpleUploadedFile("da-ky.pdf", content, content_type="application/pdf")}
    address = f"/documents/{document.pk}/joint/{one.pk}/bring"
    assert (
        desk.browser(office.posts["clerk"])
        .post(f"/documents/{document.pk}/joint/{uuid4()}/bring")
        .status_code
        >= 400
    )
    return desk.browser(office.posts["clerk"]).post(address, given).status_code


# --- what dies in between ------------------------------------------------------------------------------------


def _dying(monkeypatch: pytest.MonkeyPatch, module: Any, act: Callable[[], object]) -> None:
    """The process ends as the action is about to commit."""

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(module, "record", die)
        with pytest.raises(KeyboardInterrupt):
            act()
