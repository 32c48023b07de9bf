"""Electronic copies signed with the agency's key on the clerk's own computer."""

from __future__ import annotations

import base64
import io
import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests import world
from tests.copying.test_copies import PAPER_ONLY, scan, signed_in, wanted
from tests.issuing.test_keys_elsewhere import on_own_device, signed_by
from tests.world import Office

from vanthu.audit.models import Event
from vanthu.base import clock
from vanthu.blobs import destruction, store
from vanthu.copying import actions, elsewhere
from vanthu.copying.models import BegunCopy, Copy, Way
from vanthu.copying.rules import CopySignerUnknown, ScanBelowStandard
from vanthu.directory.models import Post
from vanthu.pades import Verdict
from vanthu.pades.errors import KeyElsewhere
from vanthu.signing import agents, keys, losses, service
from vanthu.signing.awaiting import SignatureNotAwaited
from vanthu.signing.certificate_models import KeyUse
from vanthu.signing.device_queries import to_review
from vanthu.signing.models import AgentPairing, AwaitedSignature
from vanthu_agent.asked import proof

QUIET = {"accept": "application/json"}


def paired(office: Office) -> AgentPairing:
    """The clerk's own computer."""
    pairing, secret = agents.begin_pairing(office.clerk)
    return agents.confirm_pairing(
        office.clerk, pairing.pk, proof(secret, f"paired {pairing.pk}"), "máy văn thư"
    )


def test_a_clerk_signs_a_copy_with_the_token_in_the_own_computer(db: None) -> None:
    offices = world.build()
    office = offices.province
    on_own_device("ubnd", keys.agency_key(office.clerk))
    pairing = paired(office)
    clerk, other = signed_in(office, "clerk"), signed_in(offices.department, "clerk")
    form = {**PAPER_ONLY, "way": "P2E", "form": "SY", "signer": str(office.posts["leader"].pk)}

    def sent(sheet: bytes) -> dict[str, object]:
        return {**form, "file": SimpleUploadedFile("quet.pdf", sheet, "application/pdf")}

    assert "vanthu-agent" in clerk.get("/copies/new/").content.decode()
    assert ScanBelowStandard.code in clerk.post("/copies/new/", sent(scan(150))).content.decode()
    made = clerk.post("/copies/new/", sent(scan()))
    begun = BegunCopy.objects.get()
    assert made["Location"] == f"/copies/begun/{begun.pk}/?now"
    assert "data-ask-now" in clerk.get(made["Location"]).content.decode()
    assert other.get(made["Location"], headers=QUIET).status_code == 409

    posted = {"pairing": str(pairing.pk), "challenge": "thử thách"}
    for _ in range(2):  # the page is loaded again
        asked = clerk.post(f"/copies/begun/{begun.pk}/prepare", posted)
    [row] = AwaitedSignature.objects.all()
    [item] = json.loads(asked.json()["request"])["items"]
    assert (item["title"], item["id"]) == ("SAO Y 12/QĐ-UBND", str(row.pk))
    assert other.post(f"/copies/begun/{begun.pk}/prepare", posted, headers=QUIET).status_code == 404
    answer = {str(key): base64.b64encode(value).decode() for key, value in signed_by("ubnd", [row]).items()}
    given = {"signatures": json.dumps(answer)}
    assert other.post(f"/copies/begun/{begun.pk}/finish", given, headers=QUIET).status_code == 409
    nonsense = clerk.post(f"/copies/begun/{begun.pk}/finish", {"signatures": "["}, headers=QUIET)
    assert nonsense.json()["code"] == "AGENT_ANSWER_UNREADABLE"
    assert not Copy.objects.exists()
    done = clerk.post(f"/copies/begun/{begun.pk}/finish", given)
    found = Copy.objects.get()
    assert done.json() == {"to": f"/copies/{found.pk}/"}
    assert service.judge(store.read(found.file_sha256)).verdict is not Verdict.INVALID
    assert (found.lookup, found.pages_sha256) == (begun.lookup, begun.pages_sha256)
    assert not BegunCopy.objects.exists() and not AwaitedSignature.objects.exists()
    assert clerk.post(f"/copies/begun/{begun.pk}/finish", given, headers=QUIET).status_code == 409
    verbs = Event.objects.filter(verb__startswith="copying").values_list("verb", flat=True)
    assert sorted(set(verbs)) == ["copying.await_signature", "copying.begin", "copying.make"]

    # The use of the key is on record though the system does not hold the paper, and is looked through after a loss.
    use = KeyUse.objects.get()
    assert (use.document, use.about) == (None, "SAO Y 12/QĐ-UBND, Ủy ban nhân dân xã Mẫu")
    held = use.key.device
    assert held is not None
    losses.report_lost(office.clerk, held.pk, clock.now() - timedelta(days=1), "Rơi")
    [reviewed] = to_review(office.clerk, held)
    assert (reviewed.about, reviewed.may_say) == (use.about, True)
    [hidden] = to_review(office.leader, held)
    assert (hidden.about, hidden.may_say) == ("", False)
    assert losses.review_use(office.clerk, use.pk, True).review == KeyUse.GENUINE


def test_a_copy_that_is_not_signed_in_time_or_meets_a_stopped_key_leaves_nothing(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = world.build().province
    key = keys.agency_key(office.clerk)
    on_own_device("ubnd", key)
    asked = wanted(office, way=Way.PAPER_TO_ELECTRONIC, **PAPER_ONLY)
    with pytest.raises(KeyElsewhere):
        actions.make_electronic(office.clerk, None, asked, io.BytesIO(scan()), "123456")

    def begun() -> tuple[BegunCopy, dict[UUID, bytes]]:
        row = elsewhere.begin(office.clerk, None, asked, io.BytesIO(scan()))
        return row, signed_by("ubnd", elsewhere.prepare(office.clerk, row.pk))

    first, signatures = begun()
    with monkeypatch.context() as killed:  # before the commit

        def kill(*_given: object, **_named: object) -> None:
            raise KeyboardInterrupt

        killed.setattr(elsewhere, "keep_sealed", kill)
        with pytest.raises(KeyboardInterrupt):
            elsewhere.finish(office.clerk, first.pk, signatures)
    Post.objects.filter(pk=office.posts["leader"].pk).update(active=False)
    with pytest.raises(CopySignerUnknown):
        elsewhere.finish(office.clerk, first.pk, signatures)
    Post.objects.filter(pk=office.posts["leader"].pk).update(active=True)
    assert key.device is not None
    losses.report_lost(office.clerk, key.device.pk, clock.now(), "Rơi")
    with pytest.raises(SignatureNotAwaited):
        elsewhere.finish(office.clerk, first.pk, signatures)
    with pytest.raises(keys.NoKey):
        elsewhere.prepare(office.clerk, first.pk)
    assert not Copy.objects.exists()

    with clock.frozen(clock.now() + elsewhere.LIFETIME + timedelta(seconds=1)):
        with pytest.raises(SignatureNotAwaited):
            elsewhere.begun_copy(office.clerk, first.pk)
        assert elsewhere.forget_old() == 1
    with clock.frozen(clock.now() + timedelta(hours=3)):
        destruction.destroy_all()
    assert not store.path_of(first.pages_sha256).exists()
