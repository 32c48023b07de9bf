"""A packet that carries a mark of state secrecy is stopped before the queue, sealed, destroyed by two people."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from tests.axis.axis_parts import Axis, document, status

from vanthu.audit.models import Event
from vanthu.axis import actions, sealing
from vanthu.axis.actions import OPERATOR
from vanthu.axis.models import AxisDelivery, IncidentState, Packet, RefusedCalls, SecrecyIncident
from vanthu.axis.operator_errors import IncidentStep, ReasonMissing, SecondPersonNeeded
from vanthu.base.actors import Actor
from vanthu.vxp import VxpRefused

SECRET_WORDS = "chiến dịch Hoa Ban"
FIRST = replace(OPERATOR, agency_id=uuid4(), name="Lê Văn Trực", person_id=uuid4(), post_id=uuid4())
SECOND = replace(FIRST, name="Phạm Thị Ca", person_id=uuid4(), post_id=uuid4())


def secret(subject: str = f"MẬT - {SECRET_WORDS}", **options: Any) -> bytes:
    return document(**options).replace("Về việc họp".encode(), subject.encode())


def send(axis: Axis, packet: bytes) -> Any:
    return axis.province.send_edoc(packet, sender="H27.01", message_type="edoc")


def stopped(axis: Axis, packet: bytes | None = None) -> SecrecyIncident:
    with pytest.raises(VxpRefused) as refused:
        send(axis, packet or secret())
    assert refused.value.error_code == "43"
    assert "bí mật nhà nước" in refused.value.error_desc
    assert SECRET_WORDS not in refused.value.error_desc
    return SecrecyIncident.objects.get()


def sealed_files() -> list[Path]:
    return list((Path(settings.VANTHU.blob_dir) / "axis-sealed").glob("*"))


def test_the_packet_is_refused_and_never_reaches_the_queue(axis: Axis) -> None:
    incident = stopped(axis)
    assert not Packet.objects.exists()
    assert not AxisDelivery.objects.exists()
    assert axis.district.received("edoc") == []
    assert (incident.level, incident.state) == ("MẬT", IncidentState.SEALED)
    assert (incident.sender_code, incident.recipient_codes) == ("H27.01", ["H37.05"])
    assert [mark["place"] for mark in incident.marks] == ["trích yếu"]


def test_nothing_of_the_content_stands_in_the_log_or_on_the_disk(axis: Axis) -> None:
    stopped(axis)
    events = json.dumps(list(Event.objects.values_list("data", flat=True)), ensure_ascii=False)
    assert "axis.secret_stopped" in set(Event.objects.values_list("verb", flat=True))
    rows = str(list(SecrecyIncident.objects.values())) + str(list(RefusedCalls.objects.values()))
    [file] = sealed_files()
    for word in (SECRET_WORDS, "JVBERi0xLjcK"):
        assert word not in events
        assert word not in rows
        assert word.encode() not in file.read_bytes()


def test_a_large_packet_is_sealed_too(axis: Axis) -> None:
    incident = stopped(axis, secret(payload=b"QUJD" * 500_000))
    [file] = sealed_files()
    assert file.stat().st_size > incident.size
    assert b"QUJDQUJD" not in file.read_bytes()


def test_the_mark_is_found_wherever_the_metadata_have_it(axis: Axis) -> None:
    for number, (old, new) in enumerate(
        (
            ("<edXML:Subject>Về việc họp", "<edXML:Subject>Phương án (TỐI MẬT)"),
            ("</edXML:OtherInfo>", "<SphereOfPromulgation>Mật</SphereOfPromulgation></edXML:OtherInfo>"),
            ("</edXML:OtherInfo>", "<x:DoMat>Tuyệt mật</x:DoMat></edXML:OtherInfo>"),
            (
                "<edXML:Subject>",
                "<Code><CodeNumber>15</CodeNumber><CodeNotation>BC-UBND(M)</CodeNotation></Code><edXML:Subject>",
            ),
            (
                "<edXML:ContentTransferEncoded",
                "<AttachmentName>MẬT - kế hoạch.pdf</AttachmentName><edXML:ContentTransferEncoded",
            ),
        ),
        start=1,
    ):
        packet = document(document_id=f"d{number}").decode().replace(old, new, 1).encode()
        with pytest.raises(VxpRefused):
            send(axis, packet)
        assert SecrecyIncident.objects.count() == number, new


def test_ordinary_documents_and_statuses_pass(axis: Axis) -> None:
    send(axis, secret("Về việc hỗ trợ hộ nuôi ong lấy mật"))
    send(axis, secret("Bảo vệ bí mật kinh doanh", document_id="d2"))
    axis.district.send_edoc(status(), sender="H37.05", message_type="status")
    assert Packet.objects.count() == 3
    assert not SecrecyIncident.objects.exists()


def test_the_same_packet_again_is_the_same_incident(axis: Axis) -> None:
    first = stopped(axis)
    again = stopped(axis)
    assert (again.pk, again.attempts) == (first.pk, 2)
    assert len(sealed_files()) == 1


def test_two_people_destroy_the_content(axis: Axis) -> None:
    incident = stopped(axis)
    actions.ask_purge(incident.pk, FIRST, "Đã báo cáo Công an tỉnh")
    with pytest.raises(SecondPersonNeeded):
        actions.confirm_request(incident.pk, FIRST)
    assert len(sealed_files()) == 1
    closed = actions.confirm_request(incident.pk, SECOND)
    assert (closed.state, closed.sealed_key) == (IncidentState.PURGED, "")
    assert (closed.asked_by, closed.decided_by) == (FIRST.name, SECOND.name)
    assert sealed_files() == []
    with pytest.raises(VxpRefused):
        send(axis, secret())
    told = list(Event.objects.filter(agency_id=OPERATOR.agency_id).values_list("verb", "actor_name"))
    assert told[-2:] == [("axis.incident_purge_asked", FIRST.name), ("axis.incident_purged", SECOND.name)]


def test_a_program_is_no_second_person(axis: Axis) -> None:
    incident = stopped(axis)
    actions.ask_purge(incident.pk, FIRST, "Đã báo cáo Công an tỉnh")
    with pytest.raises(SecondPersonNeeded):
        actions.confirm_request(incident.pk, OPERATOR)


def test_what_is_no_secret_may_be_sent_again_after_two_people_said_so(axis: Axis) -> None:
    incident = stopped(axis)
    actions.ask_clear(incident.pk, FIRST, "Trích yếu có chữ MẬT do đặt tên, không phải bí mật")
    with pytest.raises(VxpRefused):
        send(axis, secret())
    actions.confirm_request(incident.pk, SECOND)
    assert sealed_files() == []
    send(axis, secret())
    assert Packet.objects.count() == 1
    with pytest.raises(VxpRefused):
        send(axis, secret(priority=1))


def test_steps_follow_each_other_and_need_a_reason(axis: Axis) -> None:
    incident = stopped(axis)
    with pytest.raises(IncidentStep):
        actions.confirm_request(incident.pk, SECOND)
    with pytest.raises(ReasonMissing):
        actions.ask_purge(incident.pk, FIRST, " x ")
    actions.ask_purge(incident.pk, FIRST, "Đã báo cáo Công an tỉnh")
    with pytest.raises(IncidentStep):
        actions.ask_clear(incident.pk, SECOND, "Không phải bí mật")
    assert actions.take_back_request(incident.pk, SECOND).state == IncidentState.SEALED
    actions.note_report(incident.pk, SECOND, "Công an tỉnh Hà Tĩnh, công văn 12/TTT")
    actions.ask_purge(incident.pk, SECOND, "Theo chỉ đạo của Công an tỉnh")
    actions.confirm_request(incident.pk, FIRST)
    with pytest.raises(IncidentStep):
        actions.take_back_request(incident.pk, FIRST)


def test_killed_before_the_file_went_it_is_swept(axis: Axis, monkeypatch: pytest.MonkeyPatch) -> None:
    incident = stopped(axis)
    actions.ask_purge(incident.pk, FIRST, "Đã báo cáo Công an tỉnh")
    monkeypatch.setattr(sealing, "destroy", lambda name: None)
    actions.confirm_request(incident.pk, SECOND)
    monkeypatch.setattr(sealing, "FORGOTTEN_AFTER_SECONDS", -1)
    assert len(sealed_files()) == 1
    assert sealing.sweep() == 1
    assert sealed_files() == []


def test_sealed_content_that_is_still_wanted_is_not_swept(
    axis: Axis, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(axis)
    monkeypatch.setattr(sealing, "FORGOTTEN_AFTER_SECONDS", -1)
    assert sealing.sweep() == 0
    assert len(sealed_files()) == 1


def test_an_unknown_incident_is_said_to_be_unknown(db: None) -> None:
    from vanthu.axis.operator_errors import IncidentUnknown

    actor: Actor = FIRST
    with pytest.raises(IncidentUnknown):
        actions.ask_purge(UUID(int=1), actor, "lý do dài")
