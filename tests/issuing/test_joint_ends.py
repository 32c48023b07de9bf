"""How joint documents end: an agency withdraws and comes back, the number is struck, a third agency receives it."""

from __future__ import annotations

import base64
import json
from functools import partial
from typing import Any

import pytest
from django.test import Client
from tests import world as worlds
from tests.issuing import desk, joint
from tests.issuing.test_keys_elsewhere import on_own_device, signed_by

from vanthu.audit.models import Event
from vanthu.base.actors import NotYours, NotYourStep, RoleRequired
from vanthu.directory.models import Post
from vanthu.formalities.byhand import Part
from vanthu.issuing import actions
from vanthu.issuing.actions import cancelling, leaving
from vanthu.issuing.joint_models import CoIssuer
from vanthu.issuing.joint_rules import PartnerLeft, PartnerNotAsked
from vanthu.issuing.models import Stage
from vanthu.issuing.rules import CancelWithoutReason, WrongStage
from vanthu.issuing.uploads import check_upload
from vanthu.records import numbers
from vanthu.records import queries as records
from vanthu.records.models import Document, RegisterEntry, Share, Verb
from vanthu.signing import agents, keys, service
from vanthu.signing.models import AgentPairing, AwaitedSignature
from vanthu_agent.asked import proof

SECRET = worlds.PASSPHRASE
API = "/api/v1/documents/"


def _signed(world: worlds.World, document: Document) -> Document:
    for who in (world.department.leader, world.province.leader):
        document = actions.sign_document(who, document.pk, SECRET)
    return document


def _post(client: Client, address: str, **given: Any) -> Any:
    return client.post(address, given, "application/json")


def test_an_agency_withdraws_comes_back_and_the_number_of_a_cancelled_document_is_struck_and_kept(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, other = world.province, world.department
    third = joint.third_clerk()
    stranger = desk.browser(third)
    director, sealer = desk.browser(other.posts["leader"]), desk.browser(other.posts["clerk"])
    clerk = desk.browser(office.posts["clerk"])
    document = joint.with_department(world)
    annex = check_upload("phu-luc.pdf", worlds.official_letter(office, "Phụ lục số liệu"))
    actions.attach_annex(office.specialist, document.pk, annex)
    actions.submit(office.specialist, document.pk)
    here, base = f"{API}{document.pk}", f"/documents/{document.pk}/"
    [part] = CoIssuer.objects.all()

    # Other software of the partner reads what its people read on pages, and signs through the same door.
    assert [item["document"]["id"] for item in director.get("/api/v1/work").json()] == [str(document.pk)]
    told = director.get(here).json()
    assert told["co_issuers"][0]["agency_name"] == other.agency.name and told["deliveries"] == []
    assert "lien_tich_1_ky" not in json.dumps(told) and len(told["files"]) == 2
    assert {item["part"] for item in director.get(here + "/preview").json()} >= {
        Part.PARTNER_1.value,
        Part.SEAL.value,
    }
    uninvolved = desk.browser(other.posts["specialist"])
    for nobody in (stranger, uninvolved):
        for door in ("", "/preview"):
            assert nobody.get(here + door).status_code == 404, door
        for verb in ("leave-joint", "return"):
            assert _post(nobody, f"{here}/{verb}", reason="?").status_code == 404, verb
    for verb in ("rejoin-joint", "cancel", "cancel-noted", f"co-issuers/{part.pk}/ask-again"):
        assert _post(stranger, f"{here}/{verb}", reason="?").status_code == 404, verb
    assert stranger.post(f"{here}/seal-joint", {"passphrase": SECRET}).status_code == 404
    for closed in ("/evidence", "/changes", "/places"):
        assert director.get(here + closed).status_code == 404, "nothing of how it was drafted"

    # Reminded while it is to sign; it has not signed, so it refuses and does not withdraw.
    assert desk.go(office, "specialist", document, f"joint/{part.pk}/ask-again").status_code == 302
    assert "Ủy ban nhân dân tỉnh Hà Tĩnh nhắc lúc" in director.get("/").content.decode()
    assert _post(director, here + "/leave-joint", reason="Chưa đọc.").json()["code"] == "WRONG_STAGE"
    assert director.post(here + "/sign", {"passphrase": SECRET}).status_code == 200
    [own] = Event.objects.filter(verb="issuing.sign")
    assert own.agency_id == other.agency.pk and len(own.data["annexes"]) == 1, "with which annexes it agreed"
    with pytest.raises(PartnerNotAsked):
        actions.ask_partner_again(office.specialist, document.pk, part.pk)
    document = actions.sign_document(office.leader, document.pk, SECRET)

    # Before the number a withdrawal gives the draft back.
    _dying(monkeypatch, leaving, lambda: actions.leave_joint(other.leader, document.pk, "Sai số liệu."))
    assert desk.go(other, "leader", document, "leave-joint", reason=" ").status_code == 400
    assert desk.go(other, "leader", document, "leave-joint", reason="Sai số liệu.").url == "/"
    document.refresh_from_db()
    assert document.state == Stage.RETURNED and not Share.objects.exists()
    assert not records.work(office.clerk).exists(), "there is nothing to number any more"
    document = _signed(world, actions.submit(office.specialist, document.pk))
    document = actions.issue(office.clerk, document.pk, SECRET)
    before = desk.state_of(document)

    # After the number the agency that drafts decides; nothing more is sealed until then.
    _dying(monkeypatch, leaving, lambda: actions.leave_joint(other.clerk, document.pk, "Trùng văn bản."))
    assert desk.state_of(document) == before
    assert desk.go(other, "clerk", document, "leave-joint", reason="Trùng văn bản.").url == base
    with pytest.raises(NotYourStep):
        actions.seal_as_partner(other.clerk, document.pk, SECRET)
    with pytest.raises(PartnerLeft):
        actions.issue(office.clerk, document.pk, SECRET)
    page = clerk.get(base).content.decode()
    assert "Sở Nội vụ tỉnh Hà Tĩnh đã rút: Trùng văn bản. Mời lại" in page and "issue_passphrase" not in page
    assert "đã rút: Trùng văn bản." in clerk.get("/").content.decode()
    assert "Tiếp tục cùng ban hành" in sealer.get(base).content.decode()
    assert _post(sealer, here + "/rejoin-joint").status_code == 200
    assert desk.state_of(document) == before, "as if it had never left"
    with pytest.raises(WrongStage):
        actions.rejoin_joint(other.clerk, document.pk)
    actions.leave_joint(other.leader, document.pk, "Trùng văn bản.")
    with pytest.raises(RoleRequired):
        actions.ask_partner_again(office.leader, document.pk, part.pk)
    assert clerk.post(f"{here}/co-issuers/{part.pk}/ask-again").json()["left_at"] is None
    assert desk.state_of(document) == before

    # One that has sealed may withdraw, too, even while the agency that drafts is sealing.
    _seal_by_own_device(other, third, document)
    with monkeypatch.context() as meanwhile, pytest.raises(PartnerLeft):
        leave = partial(actions.leave_joint, other.clerk, document.pk, "Trùng văn bản.")
        meanwhile.setattr(service, "archive", lambda _: leave())
        actions.issue(office.clerk, document.pk, SECRET)
    document.refresh_from_db()
    assert document.state == Stage.NUMBERED
    actions.rejoin_joint(other.clerk, document.pk)
    assert [item.verb for item in records.work(office.clerk)] == [Verb.NUMBER]
    before = desk.state_of(document)

    # Cancelled: the number stays in the register, and both agencies read why until they say that they have.
    with pytest.raises(NotYours):
        actions.cancel_numbered(other.leader, document.pk, "Không phải việc của họ.")
    with pytest.raises(RoleRequired):
        actions.cancel_numbered(office.specialist, document.pk, "Không phải việc của tôi.")
    with pytest.raises(CancelWithoutReason):
        actions.cancel_numbered(office.clerk, document.pk, " ")
    _dying(monkeypatch, cancelling, lambda: actions.cancel_numbered(office.clerk, document.pk, "Trùng."))
    assert desk.state_of(document) == before
    assert desk.go(office, "clerk", document, "cancel", reason="Trùng kế hoạch khác.").url == base
    document.refresh_from_db()
    assert document.state == Stage.VOIDED and document.code == "01/KH-UBND-SNV"
    entry = RegisterEntry.objects.get(document=document)
    assert entry.voided_at and entry.void_reason == "Trùng kế hoạch khác."
    book = f"/registers/{entry.sequence.register_id}/{entry.sequence.year}/"
    assert "đã hủy số: Trùng kế hoạch khác." in clerk.get(book).content.decode()
    for reader in (director, sealer, desk.browser(office.posts["specialist"])):
        [item] = reader.get("/api/v1/work").json()
        assert item["verb"] == Verb.READ and item["reason"].endswith("01/KH-UBND-SNV: Trùng kế hoạch khác.")
        assert "đã hủy văn bản số 01/KH-UBND-SNV" in reader.get(base).content.decode()
    assert desk.go(other, "leader", document, "cancel-noted").url == "/"
    assert director.get(base).status_code == director.get(here).status_code == 404
    assert sealer.get(base).status_code == 200
    assert _post(sealer, here + "/cancel-noted").status_code == 200 and not Share.objects.exists()
    with pytest.raises(WrongStage):
        actions.cancel_numbered(office.clerk, document.pk, "Lần nữa.")
    assert numbers.expected(entry.sequence.register) == 2, "a struck number is not given again"
    verbs = set(Event.objects.filter(object_id=document.pk).values_list("verb", flat=True))
    assert verbs >= {f"issuing.{verb}" for verb in ("leave_joint", "rejoin_joint", "invite_again")}
    assert verbs >= {f"issuing.{verb}" for verb in ("remind_partner", "cancel_numbered", "cancel_noted")}


def _seal_by_own_device(other: worlds.Office, stranger: Post, document: Document) -> None:
    """The partner's clerk holds the seal on a token: the page asks its computer, and keeps what comes back."""
    on_own_device("snv", keys.agency_key(other.clerk))
    sealer, base = desk.browser(other.posts["clerk"]), f"/documents/{document.pk}/elsewhere/"
    asked = {"verb": "seal-joint", "pairing": str(_pairing(other).pk), "challenge": "c"}
    assert len(json.loads(sealer.post(base + "begin", asked).json()["request"])["items"]) == 1
    answer = signed_by("snv", list(AwaitedSignature.objects.all()))
    given = {
        "signatures": json.dumps({str(key): base64.b64encode(one).decode() for key, one in answer.items()})
    }
    for nobody, status in ((stranger, 404), (other.posts["leader"], 409)):
        assert desk.browser(nobody).post(base + "seal-joint", given).status_code == status
    assert not CoIssuer.objects.get().sealed_at
    assert sealer.post(base + "seal-joint", given).json() == {"to": f"/documents/{document.pk}/"}
    assert CoIssuer.objects.get().sealed_at and not AwaitedSignature.objects.exists()


def _pairing(office: worlds.Office) -> AgentPairing:
    pairing, secret = agents.begin_pairing(office.clerk)
    return agents.confirm_pairing(office.clerk, pairing.pk, proof(secret, f"paired {pairing.pk}"), "MAY-1")


def _dying(monkeypatch: pytest.MonkeyPatch, module: Any, act: Any) -> None:
    """The process ends as the action is about to commit."""

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(module, "record", die)
        with pytest.raises(KeyboardInterrupt):
            act()
