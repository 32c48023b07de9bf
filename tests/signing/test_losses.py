"""A lost device: what its keys could still do stops at once, and what they did since is looked through."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from tests import world as worlds
from tests.signing.staff import administrator, appoint

from vanthu.audit import queries as audit
from vanthu.base import clock
from vanthu.base.actors import NotYours, Role
from vanthu.blobs.working import working_copy
from vanthu.issuing import actions as issuing
from vanthu.issuing.actions.approval import about_to_sign, keep_signature, signing_work
from vanthu.issuing.actions.bulk import begin_batch
from vanthu.issuing.batch_models import BatchState
from vanthu.issuing.models import Stage
from vanthu.pades import sign_works
from vanthu.records import queries as records
from vanthu.signing import certificates, gate, keys, losses
from vanthu.signing.certificate_models import CertificateRequest, KeyUse, Purpose, RequestKind
from vanthu.signing.device_models import DeviceState, Handover, KeyDevice
from vanthu.signing.device_rules import (
    DeviceStep,
    DeviceUnknown,
    HandoverData,
    KeyStopped,
    NotKeeper,
    ReasonMissing,
    SignatureInDoubt,
)
from vanthu.signing.devices import propose_handover
from vanthu.signing.keys import NoKey
from vanthu.signing.models import AwaitedSignature, EndReason, SigningKey


def leaders_device(world: worlds.World) -> KeyDevice:
    return KeyDevice.objects.get(owner=world.province.posts["leader"])


def test_a_signature_begun_before_the_loss_is_not_kept_after_it(world: worlds.World) -> None:
    province = world.province
    document = worlds.draft(province, [world.department.agency])
    issuing.submit(province.specialist, document.pk)
    _document, prepared = about_to_sign(province.leader, document.pk)
    held = keys.person_key(province.leader)
    with working_copy(prepared.sha256) as signed:
        with keys.unlock(held, worlds.PASSPHRASE) as key:
            sign_works(key, [signing_work(document, signed, held)], None)
        AwaitedSignature.objects.create(
            key=held,
            post=province.posts["leader"],
            verb="SIGN",
            document_id=document.pk,
            file_id=prepared.pk,
            ordinal=0,
            source_sha256=prepared.sha256,
            kept=0,
            tail=b"",
            pending={},
            begun_at=clock.now(),
            expires_at=clock.now() + timedelta(minutes=10),
        )
        files = document.files.count()

        losses.report_lost(province.leader, leaders_device(world).pk, clock.now(), "Mất trên tàu")
        with pytest.raises(KeyStopped, match="báo mất"):
            keep_signature(province.leader, document.pk, prepared, signed, held)
    document.refresh_from_db()
    assert (document.state, document.files.count()) == (Stage.SUBMITTED, files)
    assert not AwaitedSignature.objects.filter(key=held).exists()
    assert SigningKey.objects.get(pk=held.pk).end_reason == EndReason.LOST
    with pytest.raises(NoKey):
        issuing.sign_document(province.leader, document.pk, worlds.PASSPHRASE)


def test_revocation_is_asked_noted_and_what_was_signed_since_is_reviewed(world: worlds.World) -> None:
    province = world.province
    administrator(province)
    earlier, later = (worlds.signed(province, [world.department.agency]) for _ in "ab")
    KeyUse.objects.filter(document=earlier).update(at=clock.now() - timedelta(days=3))
    device = leaders_device(world)
    for stranger, refusal in (
        (province.specialist, NotKeeper),
        (world.department.leader, DeviceUnknown),
        (world.department.clerk, DeviceUnknown),
    ):
        with pytest.raises(refusal):
            losses.report_lost(stranger, device.pk, clock.now(), "Không phải của mình")
    since = clock.now() - timedelta(days=1)
    with pytest.raises(ReasonMissing):
        losses.report_lost(province.clerk, device.pk, since, " ")
    losses.report_lost(province.clerk, device.pk, since, "Lãnh đạo báo mất ở sân bay")
    with pytest.raises(DeviceStep):
        losses.report_lost(province.clerk, device.pk, since, "Lần nữa")

    (event,) = [event for event in audit.timeline(device.pk) if event.verb == "signing.device_lost"]
    assert event.data["to_review"] == 1
    request = CertificateRequest.objects.get(kind=RequestKind.REVOKE)
    certificates.note_told(province.administrator, request.pk, "Công văn 12/UBND-VP, gọi điện 09:20")
    certificates.note_answer(province.administrator, request.pk, "Đã thu hồi lúc 10:05")
    assert KeyDevice.objects.get(pk=device.pk).state == DeviceState.REVOKED

    with pytest.raises(SignatureInDoubt):
        issuing.issue(province.clerk, later.pk, worlds.PASSPHRASE)
    (use,) = losses.doubtful_uses(device.pk)
    assert use.document_id == later.pk
    for stranger in (province.specialist, province.administrator, world.department.clerk):
        with pytest.raises(NotYours):
            losses.review_use(stranger, use.pk, True)
    losses.review_use(province.clerk, use.pk, True)
    losses.require_undoubted(later)
    losses.require_undoubted(earlier)


def test_bulk_signing_in_progress_stops(world: worlds.World) -> None:
    province = world.province
    waiting = [worlds.draft(province, [world.department.agency])]
    issuing.submit(province.specialist, waiting[0].pk)
    device = leaders_device(world)

    def lost_meanwhile(run: Callable[[], None]) -> None:
        losses.report_lost(province.leader, device.pk, clock.now(), "Mất khi đang ký")
        run()

    keys_of = [document.pk for document in waiting]
    batch = begin_batch(province.leader, keys_of, worlds.PASSPHRASE, start=lost_meanwhile)
    batch.refresh_from_db()
    assert batch.state == BatchState.ABANDONED
    assert not KeyUse.objects.filter(document__in=keys_of).exists()


def test_the_agencys_lost_device_seals_nothing_and_its_hand_over_ends(world: worlds.World) -> None:
    province = world.province
    administrator(province)
    document = worlds.signed(province, [world.department.agency])
    device = KeyDevice.objects.get(agency=province.agency, owner=None)
    appoint(province, "clerk2", "Đinh Thị Hạnh", "Văn thư", Role.CLERK)
    said = HandoverData(permission="Giấy cho phép 02/GP-UBND")
    propose_handover(province.clerk, device.pk, province.posts["clerk2"].pk, said)
    losses.report_lost(province.administrator, device.pk, clock.now() + timedelta(days=9), "Mất két")
    device.refresh_from_db()
    assert device.loss.lost_at <= clock.now()
    assert Handover.objects.get(device=device).cancel_reason == "Báo mất"
    with pytest.raises(NoKey):
        issuing.issue(province.clerk, document.pk, worlds.PASSPHRASE)
    document.refresh_from_db()
    assert document.number is None


@pytest.mark.django_db(transaction=True)
def test_a_loss_reported_while_a_signature_is_being_kept_waits_and_then_finds_it() -> None:
    world = worlds.build()
    province = world.province
    document = worlds.draft(province, [world.department.agency])
    device = leaders_device(world)
    held, going, done = keys.person_key(province.leader), threading.Event(), threading.Event()
    leader, since = province.leader, clock.now() - timedelta(hours=1)

    def report() -> None:
        try:
            going.set()
            losses.report_lost(leader, device.pk, since, "Mất túi")
        finally:
            connection.close()
            done.set()

    with transaction.atomic():
        key = gate.require_key(leader, held)
        other = threading.Thread(target=report)
        other.start()
        assert going.wait(10)
        _until_somebody_waits_for(held)
        assert not done.is_set()
        gate.note_use(leader, key, document, purpose=Purpose.SIGN, sha256="0" * 64)
    other.join(20)
    assert [use.document_id for use in losses.doubtful_uses(device.pk)] == [document.pk]
    with pytest.raises(KeyStopped):
        gate.require_key(leader, held)
    assert records.visible(province.specialist).filter(pk=document.pk).exists()


def _until_somebody_waits_for(held: SigningKey) -> None:
    """Until the database says that a statement waits for a lock."""
    for _ in range(2000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                "AND datname = current_database() AND query LIKE %s",
                [f"%{held._meta.db_table}%"],
            )
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.005)")
    raise AssertionError("nobody waited")
