"""What an axis carries of an encrypted document: a readable header, and files that only the recipient opens."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from tests.cms.parts import holder, opened
from tests.exchange.conftest import SEALED, issue, send, send_waiting
from tests.exchange.test_axis import connected

from vanthu import cms
from vanthu.base import clock
from vanthu.directory.models import Agency
from vanthu.edxml import DocumentPacket, read
from vanthu.encryption.models import AgencyCertificate, Choice, Without
from vanthu.encryption.rules import LacksCertificate
from vanthu.exchange.models import OutboxPacket

pytestmark = pytest.mark.django_db


def test_the_axis_holds_ciphertext_and_the_recipients_system_opens_it(
    axis_url: str, settings: object, tmp_path: Path
) -> None:
    with connected(axis_url, settings, tmp_path) as net:
        document = issue(net.commune)
        Choice.objects.create(document=document, without=Without.STOP, at=clock.now())
        with pytest.raises(LacksCertificate):
            send(net.commune, document, net.ministry)
        _publish(net.ministry)
        send(net.commune, document, net.ministry)
        send_waiting()
        (row,) = net.elsewhere.received("edoc")
        body = io.BytesIO()
        net.elsewhere.download(row.doc_id, body)
    packet = read(io.BytesIO(body.getvalue())).packet
    assert isinstance(packet, DocumentPacket)
    assert (packet.subject, packet.document_id) == (document.subject, document.document_id)
    (file,) = packet.attachments
    assert file.name == "cong-van.pdf.p7m" and cms.is_encrypted(file.content.head(64))
    assert b"%PDF" not in file.content.read()
    ministry = holder("Bộ Nội vụ", organ_id="G09")
    assert opened(file.content.read(), ministry.opening).startswith(SEALED)
    with pytest.raises(cms.NotForThisKey):
        opened(file.content.read(), holder("Người vận hành trục").opening)
    assert OutboxPacket.objects.get(document=document).state == "SENT"


def _publish(agency: Agency) -> None:
    certificate = holder("Bộ Nội vụ", organ_id="G09").asn1
    AgencyCertificate.objects.create(
        agency=agency,
        certificate=certificate.dump(),
        sha256=certificate.sha256.hex(),
        subject="Bộ Nội vụ",
        issuer="Cơ quan chứng thực thử nghiệm",
        serial=f"{certificate.serial_number:X}",
        valid_from=certificate.not_valid_before,
        valid_to=certificate.not_valid_after,
        source="thử",
        added_at=clock.now(),
    )
