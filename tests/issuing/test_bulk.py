"""A leader signs a whole folder with one unlocking: each document its own result, stoppable, and safe to kill."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests import world as worlds
from tests.issuing import desk

from vanthu.issuing import actions, bulk_queries
from vanthu.issuing.actions import bulk
from vanthu.issuing.batch_models import BatchItem, BatchState, ItemState, SigningBatch
from vanthu.issuing.models import Stage
from vanthu.pades import Pkcs12Key
from vanthu.records.models import Document
from vanthu.signing import keys
from vanthu.signing.models import SigningKey

Runs = list[Callable[[], None]]


@pytest.fixture
def folder(world: worlds.World) -> list[Document]:
    """Three documents in front of the chairman."""
    return [desk.submitted(world) for _ in range(3)]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    """What the pages would run beside the request, to be run when the test says so."""
    kept: Runs = []
    monkeypatch.setattr(actions, "in_thread", kept.append)
    yield kept


def stages(folder: Sequence[Document]) -> list[str]:
    return [Document.objects.get(pk=document.pk).state for document in folder]


def results(batch: UUID) -> list[str]:
    return list(BatchItem.objects.filter(batch_id=batch).values_list("state", flat=True))


def test_a_folder_is_signed_with_one_unlocking_and_each_document_has_its_own_result(
    world: worlds.World, folder: list[Document], runs: Runs
) -> None:
    leader = desk.browser(world.province.posts["leader"])
    assert 'href="/sign/"' in leader.get("/").content.decode(), "offered where the work waits"
    page = leader.get("/sign/").content.decode()
    assert all(str(document.pk) in page for document in folder)
    chosen = {"documents": [str(document.pk) for document in folder]}

    assert leader.post("/sign/begin", {**chosen, "passphrase": "sai"}).status_code >= 400
    assert leader.post("/sign/begin", {"passphrase": worlds.PASSPHRASE}).status_code >= 400
    assert not SigningBatch.objects.exists() and not runs

    there = leader.post("/sign/begin", {**chosen, "passphrase": worlds.PASSPHRASE}).url
    assert leader.get("/sign/").url == there, "one folder at a time"
    assert leader.get(there + "progress").status_code == 200
    actions.return_draft(world.province.leader, folder[1].pk, "Thiếu căn cứ.")
    runs[0]()

    batch = SigningBatch.objects.get()
    assert batch.state == BatchState.DONE
    assert results(batch.pk) == [ItemState.SIGNED, ItemState.REFUSED, ItemState.SIGNED]
    assert stages(folder) == [Stage.SIGNED, Stage.RETURNED, Stage.SIGNED]
    last = leader.get(there + "progress")
    assert last.status_code == 286
    shown = last.content.decode()
    assert BatchItem.objects.get(state=ItemState.REFUSED).message in shown and "2/3" not in shown

    for office, who in ((world.province, "clerk"), (world.department, "leader")):
        stranger = desk.browser(office.posts[who])
        for door in (there, there + "progress"):
            assert stranger.get(door).status_code == 404
        assert stranger.post(there + "abandon").status_code == 404


def test_a_stopped_batch_signs_nothing_more_and_the_rest_can_be_signed_later(
    world: worlds.World, folder: list[Document], runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, ids = world.province.leader, [document.pk for document in folder]
    batch = actions.begin_batch(actor, ids, worlds.PASSPHRASE, start=runs.append)
    keep = bulk.keep_signature

    def keep_then_stop(*given: Any) -> Document:
        kept = keep(*given)
        actions.abandon_batch(actor, batch.pk)
        return kept

    with monkeypatch.context() as stopping:
        stopping.setattr(bulk, "keep_signature", keep_then_stop)
        runs[0]()
    assert results(batch.pk) == [ItemState.SIGNED, ItemState.LEFT, ItemState.LEFT]
    left = bulk_queries.batch_of(actor, batch.pk).left
    page = desk.browser(world.province.posts["leader"]).get(f"/sign/?of={batch.pk}").content.decode()
    assert page.count('name="documents"') == len(left) == 2

    # The key is reported lost while the second batch runs: it ends at once.
    again = actions.begin_batch(
        actor, [item.document_id for item in left], worlds.PASSPHRASE, start=runs.append
    )
    SigningKey.objects.filter(post_id=actor.post_id).update(active=False)
    runs[1]()
    assert results(again.pk) == [ItemState.LEFT, ItemState.LEFT]
    assert stages(folder) == [Stage.SIGNED, Stage.SUBMITTED, Stage.SUBMITTED]


def test_a_killed_process_leaves_signed_ones_signed_and_the_others_unsigned(
    world: worlds.World,
    folder: list[Document],
    runs: Runs,
    frozen_clock: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frozen_clock(worlds.NOW)
    actor, ids = world.province.leader, [document.pk for document in folder]
    batch = actions.begin_batch(actor, ids, worlds.PASSPHRASE, start=runs.append)
    keep = bulk.keep_signature
    kept: list[UUID] = []

    def killed_before_the_second_is_kept(*given: Any) -> Document:
        if kept:
            raise SystemExit
        kept.append(given[1])
        return keep(*given)

    with monkeypatch.context() as killing:
        killing.setattr(bulk, "keep_signature", killed_before_the_second_is_kept)
        with pytest.raises(SystemExit):
            runs[0]()
    assert stages(folder) == [Stage.SIGNED, Stage.SUBMITTED, Stage.SUBMITTED]
    with pytest.raises(bulk.BatchRunning):
        actions.begin_batch(actor, ids, worlds.PASSPHRASE, start=runs.append)

    frozen_clock(worlds.NOW + bulk.SILENT + timedelta(seconds=1))
    view = bulk_queries.batch_of(actor, batch.pk)
    assert view.interrupted and view.signed == 1 and len(view.left) == 2
    page = desk.browser(world.province.posts["leader"]).get(f"/sign/{batch.pk}/").content.decode()
    assert "Chưa ký" in page

    class AskedOnce(Pkcs12Key):
        """A key that is asked for all digests in one call, as a remote service with a one-time password is."""

        calls: list[int] = []

        def sign_all(self, messages: Sequence[bytes]) -> list[bytes]:
            self.calls.append(len(messages))
            return [self.sign_raw(message, "sha256") for message in messages]

    held = keys.unlock(keys.person_key(actor), worlds.PASSPHRASE)
    assert isinstance(held, Pkcs12Key)
    monkeypatch.setattr(keys, "unlock", lambda *_: AskedOnce(held.certificate, held.chain, held._key))
    actions.begin_batch(actor, [item.document_id for item in view.left], "", start=lambda run: run())
    assert AskedOnce.calls == [2]
    assert stages(folder) == [Stage.SIGNED] * 3
    assert SigningBatch.objects.get(pk=batch.pk).state == BatchState.INTERRUPTED


def test_other_software_signs_a_folder_looks_at_it_and_takes_a_document_back(
    world: worlds.World, folder: list[Document], runs: Runs
) -> None:
    posts = world.province.posts
    leader, clerk, other = (
        desk.browser(post) for post in (posts["leader"], posts["clerk"], world.department.posts["leader"])
    )
    asked = {"documents": [str(document.pk) for document in folder], "passphrase": worlds.PASSPHRASE}
    again = {"HTTP_IDEMPOTENCY_KEY": "0190f5c2-7d11-7c10-8f4b-2a4d5e6f7a8b"}
    begun = leader.post("/api/v1/batches", asked, "application/json", **again)
    assert (begun.status_code, begun.json()["state"]) == (201, "RUNNING")
    batch = f"/api/v1/batches/{begun.json()['id']}"
    assert leader.post("/api/v1/batches", asked, "application/json").json()["code"] == "SIGNING_BATCH_RUNNING"
    assert (
        leader.post("/api/v1/batches", asked, "application/json", **again).json()["id"] == begun.json()["id"]
    )
    refused = other.post("/api/v1/batches", asked, "application/json", **again)
    assert refused.json()["code"] == "NOTHING_CHOSEN"
    for who in (clerk, other):
        assert who.get(batch).status_code == who.post(f"{batch}/abandon").status_code == 404
    runs.pop()()
    done = leader.get(batch).json()
    assert (done["state"], done["signed"], done["refused"]) == ("DONE", 3, 0)
    assert leader.post("/api/v1/batches", asked, "application/json", **again).json() == done and not runs
    assert {item["state"] for item in done["items"]} == {"SIGNED"}
    assert leader.post(f"{batch}/abandon").json()["state"] == "DONE"

    first, second, _third = (f"/api/v1/documents/{item['document_id']}" for item in done["items"])
    [kept] = leader.get(f"{first}/evidence").json()
    assert kept["evidence"][0]["verdict"] != "INVALID"
    assert other.get(f"{first}/evidence").status_code == 404
    zipped = leader.get(kept["evidence"][0]["zip"])
    assert zipped.content.startswith(b"PK") and other.get(kept["evidence"][0]["zip"]).status_code == 404
    why = {"reason": "Sai căn cứ"}
    for who, status in ((other, 404), (leader, 409), (clerk, 200)):
        assert who.post(f"{first}/reopen", why, "application/json").status_code == status
    assert clerk.post(f"{second}/reopen", {"reason": " "}, "application/json").status_code == 400
    assert Document.objects.get(pk=done["items"][0]["document_id"]).state == Stage.RETURNED
