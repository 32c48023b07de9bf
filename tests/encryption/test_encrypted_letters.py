"""A letter that is encrypted for its recipients: nobody on the way reads it, and the clerk opens it with the key."""

from __future__ import annotations

import io

import pytest
from django.db import transaction
from tests import world as worlds
from tests.encryption.key_files import PASSPHRASE, p12
from tests.handling import letters
from tests.jobs import run_jobs

from vanthu import cms, edxml
from vanthu.audit import queries as audit
from vanthu.base.actors import NotYours, NotYourStep, RoleRequired
from vanthu.blobs import store
from vanthu.encryption import actions as encryption
from vanthu.encryption.models import AgencyCertificate, AgencyKey, Choice, Without
from vanthu.encryption.rules import LacksCertificate, NoAgencyKey, TooLateToChoose
from vanthu.exchange.models import Channel, Delivery, DeliveryState, OutboxPacket
from vanthu.handling import actions, opening
from vanthu.handling.models import IntakeVerdict, RejectReason
from vanthu.handling.rules import NothingToOpen, StillEncrypted
from vanthu.issuing import actions as issuing
from vanthu.issuing.models import Stage
from vanthu.pades.errors import WrongPassphrase
from vanthu.records import queries as records
from vanthu.records.models import Direction, Document, DocumentFile, FileKind


def test_only_the_recipient_reads_it_and_nothing_is_lost_until_the_key_is_at_hand(
    world: worlds.World,
) -> None:
    sender, recipient = world.province, world.department
    _enrol(sender, "ma-hoa-tinh")
    _enrol(recipient, "ma-hoa-so")
    letter = letters.issued(sender, [recipient.agency], encrypted=Without.STOP)
    sent = _main(letter)
    packet = OutboxPacket.objects.get(document=letter)
    on_the_way = edxml.read(io.BytesIO(store.read(packet.sha256))).packet
    assert isinstance(on_the_way, edxml.DocumentPacket)
    (attachment,) = on_the_way.attachments
    assert (attachment.name, on_the_way.code) == (f"{sent.name}.p7m", letter.code)
    assert cms.is_encrypted(attachment.content.head(64))
    assert b"%PDF" not in attachment.content.read()
    run_jobs()

    arrived = _arrived(recipient)
    assert Delivery.objects.get(document=letter).state == DeliveryState.ARRIVED
    assert _main(arrived).is_encrypted
    assert arrived.intake.verdict == IntakeVerdict.WARNING
    assert any(check["code"] == "ENCRYPTED" for check in arrived.intake.checks)
    with pytest.raises(StillEncrypted):
        actions.register(recipient.clerk, arrived.pk)
    with pytest.raises(WrongPassphrase):
        opening.open_files(recipient.clerk, arrived.pk, "sai")
    for stranger in (sender.clerk, recipient.specialist):
        with pytest.raises((NotYours, RoleRequired)):
            opening.open_files(stranger, arrived.pk, PASSPHRASE)
    assert _main(arrived).is_encrypted

    opening.open_files(recipient.clerk, arrived.pk, PASSPHRASE)
    run_jobs()
    opened = _main(arrived)
    assert (opened.sha256, opened.name, opened.media_type) == (sent.sha256, sent.name, "application/pdf")
    came = DocumentFile.objects.get(document=arrived, kind=FileKind.MAIN, version=1)
    assert opened.source_sha256 == came.sha256 == attachment.content.sha256
    codes = {check["code"] for check in _arrived(recipient).intake.checks}
    assert "ENCRYPTED" not in codes and "SIGNATURES" in codes
    with pytest.raises(NothingToOpen):
        opening.open_files(recipient.clerk, arrived.pk, PASSPHRASE)
    assert actions.register(recipient.clerk, arrived.pk).arrival_number == 1
    event = next(one for one in audit.timeline(arrived.pk) if one.verb == "handling.open")
    assert PASSPHRASE not in str(event.data)
    # The sender can prove with its own key what it sent.
    target = io.BytesIO()
    key = cms.Pkcs12OpeningKey.open(p12("ma-hoa-tinh"), PASSPHRASE)
    cms.decrypt(io.BytesIO(attachment.content.read()), target, [key])
    assert target.getvalue() == store.read(sent.sha256)


def test_who_has_no_certificate_is_named_before_anything_is_sent(world: worlds.World) -> None:
    sender, recipient, other = world.province, world.department, letters.another_office()
    _enrol(recipient, "ma-hoa-so")
    draft = worlds.signed(sender, [recipient.agency, other])
    with pytest.raises(NotYourStep):
        encryption.choose(sender.specialist, draft.pk, encrypt=True)
    encryption.choose(sender.clerk, draft.pk, encrypt=True)
    with pytest.raises(LacksCertificate) as refused:
        issuing.issue(sender.clerk, draft.pk, worlds.PASSPHRASE)
    assert other.name in refused.value.text and recipient.agency.name not in refused.value.text
    draft.refresh_from_db()
    assert (draft.state, draft.number) == (Stage.SIGNED, None)

    encryption.choose(sender.clerk, draft.pk, encrypt=True, without=Without.PAPER)
    issuing.issue(sender.clerk, draft.pk, worlds.PASSPHRASE)
    ways = {one.recipient_id: one for one in Delivery.objects.filter(document=draft)}
    assert (ways[other.pk].channel, ways[other.pk].rule) == (Channel.PAPER, "HT_13")
    assert (ways[recipient.agency.pk].channel, ways[recipient.agency.pk].encrypted) == (Channel.LOCAL, True)
    with pytest.raises(TooLateToChoose):
        encryption.choose(sender.clerk, draft.pk, encrypt=False)
    with pytest.raises(NotYours):
        encryption.choose(recipient.clerk, draft.pk, encrypt=False)

    mixed = letters.issued(sender, [recipient.agency, other], encrypted=Without.PLAIN)
    assert {one.recipient_id: one.encrypted for one in Delivery.objects.filter(document=mixed)} == {
        recipient.agency.pk: True,
        other.pk: False,
    }
    assert OutboxPacket.objects.filter(document=mixed).count() == 2


def test_a_retired_key_still_opens_and_a_strange_one_is_named(world: worlds.World) -> None:
    sender, recipient = world.province, world.department
    _enrol(recipient, "ma-hoa-so")
    letters.issued(sender, [recipient.agency], encrypted=Without.STOP)
    old = AgencyKey.objects.get(agency=recipient.agency)
    _enrol(recipient, "ma-hoa-so-moi")
    run_jobs()
    first = _arrived(recipient)
    assert AgencyKey.objects.get(agency=recipient.agency, active=True).serial != old.serial
    opening.open_files(recipient.clerk, first.pk, PASSPHRASE)
    assert not _main(first).is_encrypted

    letters.issued(sender, [recipient.agency], encrypted=Without.STOP)
    run_jobs()
    second = _arrived(recipient)
    AgencyKey.objects.filter(agency=recipient.agency, active=True).delete()
    with pytest.raises(cms.NotForThisKey):
        opening.open_files(recipient.clerk, second.pk, PASSPHRASE)
    AgencyKey.objects.filter(agency=recipient.agency).delete()
    with pytest.raises(NoAgencyKey):
        opening.open_files(recipient.clerk, second.pk, PASSPHRASE)
    actions.reject(recipient.clerk, second.pk, RejectReason.INCOMPLETE, "Mã hóa cho khóa đã bỏ.")
    assert AgencyCertificate.objects.filter(agency=recipient.agency, active=True).count() == 1


def test_killed_while_opening_nothing_has_changed(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipient = world.department
    _enrol(recipient, "ma-hoa-so")
    letters.issued(world.province, [recipient.agency], encrypted=Without.STOP)
    run_jobs()
    arrived = _arrived(recipient)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("vanthu.handling.recalls.check_anew", killed)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            opening.open_files(recipient.clerk, arrived.pk, PASSPHRASE)
    assert _main(arrived).is_encrypted
    opening.open_files(recipient.clerk, arrived.pk, PASSPHRASE)
    assert not _main(arrived).is_encrypted


def test_encryption_permits_nothing(world: worlds.World) -> None:
    sender, recipient = world.province, world.department
    _enrol(recipient, "ma-hoa-so")
    stamped = worlds.signed(sender, [recipient.agency])
    Document.objects.filter(pk=stamped.pk).update(restriction="RECALLABLE")
    encryption.choose(sender.clerk, stamped.pk, encrypt=True)
    issuing.issue(sender.clerk, stamped.pk, worlds.PASSPHRASE)
    assert Delivery.objects.get(document=stamped).channel == Channel.PAPER
    assert Choice.objects.filter(document=stamped).exists()


def _enrol(office: worlds.Office, slug: str) -> AgencyKey:
    return encryption.enrol_key(office.clerk, p12(slug), PASSPHRASE)


def _arrived(office: worlds.Office) -> Document:
    found = Document.objects.filter(agency=office.agency, direction=Direction.INCOMING)
    return found.select_related("intake").order_by("-pk")[0]


def _main(document: Document) -> DocumentFile:
    return next(file for file in records.current_files(document) if file.kind == FileKind.MAIN)
