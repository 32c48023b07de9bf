"""Signing and sealing with keys that the site cannot reach: prepared here, signed on the person's own device."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from tests import world as worlds
from tests.issuing import desk
from tests.world import World

from vanthu.base import clock
from vanthu.blobs import destruction, store
from vanthu.blobs.models import Blob
from vanthu.demo import pki
from vanthu.errors import VanthuError
from vanthu.issuing import actions
from vanthu.issuing.batch_models import BatchItem, BatchState, ItemState, SigningBatch
from vanthu.issuing.models import Stage
from vanthu.issuing.uploads import check_upload
from vanthu.pades import Pending, Pkcs12Key, Verdict, fields_match, validate
from vanthu.records import queries as records
from vanthu.records.models import Document, FileStage
from vanthu.signing import agents, awaiting, keys, materials, service
from vanthu.signing.models import AgentPairing, AwaitedSignature, KeyKind, SigningKey
from vanthu_agent.asked import proof


def device(slug: str) -> Pkcs12Key:
    """What lies on the person's own token."""
    return Pkcs12Key.open(
        pki.p12_path(worlds.authority(), slug).read_bytes(), worlds.PASSPHRASE, at=clock.now()
    )


def on_own_device(slug: str, key: SigningKey) -> None:
    """The key of the world, as if it had been enrolled from a token."""
    key.kind, key.material = KeyKind.AGENT, materials.dump_elsewhere(device(slug).chain)
    key.save()


def signed_by(slug: str, rows: list[AwaitedSignature]) -> dict[UUID, bytes]:
    """The device's answer to what the site asked it to sign."""
    held = device(slug)
    return {row.pk: held.sign_raw(Pending.from_dict(row.pending).to_sign, "sha256") for row in rows}


def refused(code: str, call: object, *given: object) -> None:
    with pytest.raises(VanthuError) as answer:
        call(*given)  # type: ignore[operator]
    assert answer.value.code == code


def submitted(world: World) -> Document:
    """A document with an annex that waits for the leader, whose key is on a token; so is the agency's."""
    office = world.province
    on_own_device("chu-tich", keys.person_key(office.leader))
    on_own_device("ubnd", keys.agency_key(office.clerk))
    document = worlds.draft(office, [world.department.agency])
    annex = check_upload("phu-luc.pdf", worlds.official_letter(office, "Phụ lục số liệu"))
    actions.attach_annex(office.specialist, document.pk, annex)
    return actions.submit(office.specialist, document.pk)


def test_leader_and_clerk_sign_with_tokens_of_their_own(world: World) -> None:
    office, document = world.province, submitted(world)
    refused("KEY_ELSEWHERE", actions.sign_document, office.leader, document.pk, "123456")
    rows = actions.begin_signing(office.leader, document.pk)
    prepared = store.read(rows[0].source_sha256)
    assert rows[0].kept == len(prepared) and len(rows[0].tail) < 100_000
    document = actions.finish_signing(office.leader, document.pk, signed_by("chu-tich", rows))
    assert document.state == Stage.SIGNED
    rows = actions.begin_issuing(office.clerk, document.pk)
    assert len(rows) == 2
    document = actions.finish_issuing(office.clerk, document.pk, signed_by("ubnd", rows))
    assert document.state == Stage.ISSUED
    main, annex = records.current_files(document)
    assert annex.stage == FileStage.SEALED
    assert document.number is not None and document.issued_date is not None
    sealed = store.read(main.sha256)
    assert fields_match(sealed, f"{document.number:02d}", document.issued_date)
    for content in (sealed, store.read(annex.sha256)):
        report = validate(content, service.trust())
        assert report.verdict is not Verdict.INVALID, report.reasons
    assert not AwaitedSignature.objects.exists()
    written_anew = rows[1].prepared_sha256
    assert (rows[0].prepared_sha256, bytes(rows[1].tail)) == ("", b"")
    assert Blob.objects.get(pk=written_anew).doomed_at is not None
    with clock.frozen(clock.now() + timedelta(hours=2)):
        assert destruction.destroy_all() == 1
    assert not store.path_of(written_anew).exists() and store.path_of(annex.sha256).exists()


def test_what_does_not_belong_to_this_signing_is_refused_and_the_document_still_waits(world: World) -> None:
    office, document = world.province, submitted(world)
    leader, stranger = office.leader, world.department.leader
    refused("NOT_FOUND", actions.begin_signing, stranger, document.pk)
    rows = actions.begin_signing(leader, document.pk)
    answer = signed_by("chu-tich", rows)
    refused("NOT_FOUND", actions.finish_signing, stranger, document.pk, answer)
    refused("SIGNATURE_NOT_AWAITED", actions.finish_signing, leader, document.pk, {})
    with pytest.raises(VanthuError):
        actions.finish_signing(leader, document.pk, signed_by("ubnd", rows))
    again = actions.begin_signing(leader, document.pk)
    refused("SIGNATURE_NOT_AWAITED", actions.finish_signing, leader, document.pk, answer)
    with clock.frozen(clock.now() + awaiting.LIFETIME + timedelta(seconds=1)):
        refused(
            "SIGNATURE_NOT_AWAITED", actions.finish_signing, leader, document.pk, signed_by("chu-tich", again)
        )
        assert awaiting.forget_old() == 1
    document.refresh_from_db()
    assert document.state == Stage.SUBMITTED
    rows = actions.begin_signing(leader, document.pk)
    assert actions.finish_signing(leader, document.pk, signed_by("chu-tich", rows)).state == Stage.SIGNED
    with pytest.raises(VanthuError):
        actions.finish_signing(leader, document.pk, signed_by("chu-tich", rows))


def test_a_key_retired_between_the_two_steps_signs_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, document = world.province, submitted(world)
    rows = actions.begin_signing(office.leader, document.pk)
    answer = signed_by("chu-tich", rows)
    require_acceptable = service.require_acceptable

    def lost_at_this_instant(path: Path) -> object:
        SigningKey.objects.filter(pk=rows[0].key_id).update(active=False)
        return require_acceptable(path)

    monkeypatch.setattr(service, "require_acceptable", lost_at_this_instant)
    refused("SIGNATURE_NOT_AWAITED", actions.finish_signing, office.leader, document.pk, answer)
    document.refresh_from_db()
    assert document.state == Stage.SUBMITTED


def test_a_clerk_whose_device_fails_keeps_the_number_and_goes_on_from_there(world: World) -> None:
    office, document = world.province, submitted(world)
    rows = actions.begin_signing(office.leader, document.pk)
    actions.finish_signing(office.leader, document.pk, signed_by("chu-tich", rows))
    actions.begin_issuing(office.clerk, document.pk)
    document.refresh_from_db()
    number = document.number
    assert document.state == Stage.NUMBERED
    rows = actions.begin_issuing(office.clerk, document.pk)
    issued = actions.finish_issuing(office.clerk, document.pk, signed_by("ubnd", rows))
    assert (issued.state, issued.number) == (Stage.ISSUED, number)


def test_a_folder_on_a_token_is_one_batch_that_outlives_its_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = world.province
    on_own_device("chu-tich", keys.person_key(office.leader))
    folder = [desk.submitted(world) for _ in range(3)]
    chosen = {"documents": [str(document.pk) for document in folder]}
    monkeypatch.setattr(actions, "in_thread", lambda run: run())
    leader, stranger = (desk.browser(one.posts["leader"]) for one in (office, world.department))
    there = leader.post("/sign/begin", chosen).url.removesuffix("?now")
    batch = SigningBatch.objects.get()
    assert leader.get("/sign/").url == there, "still there after the page was closed"
    assert "Ký bằng thiết bị" in leader.get(there).content.decode()
    actions.return_draft(office.leader, folder[1].pk, "Thiếu căn cứ.")

    asked = {"pairing": str(agents_pairing(office).pk), "challenge": "c"}
    assert stranger.post(there + "elsewhere", asked).status_code == 404
    own = {"pairing": str(agents_pairing(world.department).pk), "challenge": "c"}
    assert stranger.post(there + "elsewhere", own).status_code == 409
    for _ in range(2):  # the page was loaded again while the device was asked
        said = leader.post(there + "elsewhere", asked).json()
    assert len(json.loads(said["request"])["items"]) == 2
    rows = list(AwaitedSignature.objects.all())
    answer = signed_by("chu-tich", rows)
    last = rows[-1]
    answer[last.pk] = bytes(256)  # a device that garbles one signature spoils one document
    given = {
        "signatures": json.dumps({str(key): base64.b64encode(one).decode() for key, one in answer.items()})
    }
    assert stranger.post(there + "signatures", given).status_code == 404
    assert leader.post(there + "signatures", given).json() == {"to": there}
    items = {item.document_id: item.state for item in BatchItem.objects.all()}
    spoiled = last.document_id
    assert items[folder[1].pk] == items[spoiled] == ItemState.REFUSED
    assert sorted(items.values()) == [ItemState.REFUSED, ItemState.REFUSED, ItemState.SIGNED]
    batch.refresh_from_db()
    assert batch.state == BatchState.DONE
    assert leader.post(there + "elsewhere", asked).status_code == 409

    # The one that was spoiled again, stopped before the device answers: nothing waits for its answer any more.
    there = leader.post("/sign/begin", {"documents": [str(spoiled)]}).url.removesuffix("?now")
    leader.post(there + "elsewhere", asked)
    late = signed_by("chu-tich", list(AwaitedSignature.objects.filter(document_id=spoiled)))
    leader.post(there + "abandon")
    refused("SIGNATURE_NOT_AWAITED", actions.finish_signing, office.leader, spoiled, late)
    assert BatchItem.objects.get(batch__state=BatchState.ABANDONED).state == ItemState.LEFT
    assert Document.objects.get(pk=spoiled).state == Stage.SUBMITTED


def agents_pairing(office: worlds.Office) -> AgentPairing:
    """The leader's computer."""
    pairing, secret = agents.begin_pairing(office.leader)
    return agents.confirm_pairing(office.leader, pairing.pk, proof(secret, f"paired {pairing.pk}"), "MAY-1")
