"""What the axis does not take, with the answer code that tells the sender why; nothing half-taken remains."""

from __future__ import annotations

import functools
import hashlib
import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.axis.axis_parts import Axis, document, status

from vanthu.axis import actions, storage
from vanthu.axis.models import AxisDelivery, Member, Packet
from vanthu.base import clock
from vanthu.vxp import Client, VxpRefused, VxpUnreachable, sign, unpadded


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(VxpRefused) as refused:
        call()
    assert refused.value.error_desc
    return refused.value.error_code


def send(axis: Axis, packet: bytes, sender: str = "H27.01", **options: Any) -> object:
    return axis.province.send_edoc(packet, sender=sender, message_type="edoc", **options)


def signed_send(axis: Axis, packet: bytes, claimed: str, body: bytes) -> dict[str, Any]:
    arguments = {"servicetype": "eDoc", "messagetype": "edoc", "hash-file": claimed, "from": "H27.01"}
    headers = sign(
        "H27", axis.secrets["H27"], arguments, at=clock.now(), content_type="application/octet-stream"
    )
    answer = axis.http.post(axis.url + "/sendEdoc", content=body, headers=headers)
    assert answer.status_code == 200
    return dict(answer.json())


def test_a_wrong_secret_and_an_unknown_system_are_answered_alike(axis: Axis) -> None:
    for system_id in ("H27", "H55"):
        stranger = Client(axis.url, system_id, "wrong", http=axis.http)
        assert refusal(functools.partial(stranger.count, "edoc")) == "15"


def test_a_stopped_member_is_refused_and_a_renewed_secret_replaces_the_old(axis: Axis) -> None:
    old = axis.province
    axis.secrets["H27"] = actions.renew_secret("H27")
    assert refusal(lambda: old.count("edoc")) == "15"
    assert axis.client("H27").count("edoc") == 0
    actions.set_member_active("H27", active=False)
    assert refusal(lambda: axis.client("H27").count("edoc")) == "15"


def test_secrets_are_not_readable_in_the_database(axis: Axis) -> None:
    for member in Member.objects.all():
        assert axis.secrets[member.system_id] not in member.secret_box


@pytest.mark.parametrize("spelling", ["padded", "unpadded", "with line end"])
def test_the_hash_of_the_body_may_be_spelt_in_both_ways(axis: Axis, spelling: str) -> None:
    packet = document()
    digest = hashlib.sha256(packet).digest()
    claimed = digest.hex() if spelling == "padded" else unpadded(digest)
    body = packet + (b"\r\n" if spelling == "with line end" else b"")
    answer = signed_send(axis, packet, claimed, body)
    assert (answer["status"], answer["ErrorCode"], answer["ErrorDesc"]) == ("OK", "0", "Thanh cong")
    [row] = axis.district.received("edoc")
    target = io.BytesIO()
    axis.district.download(row.doc_id, target, sha256=digest.hex())
    assert target.getvalue() == packet


def test_a_body_that_is_not_the_signed_one_is_refused(axis: Axis) -> None:
    packet = document()
    answer = signed_send(
        axis, packet, hashlib.sha256(packet).hexdigest(), packet.replace(b"H37.05", b"H27.02")
    )
    assert (answer["status"], answer["ErrorCode"]) == ("FAIL", "10")
    assert not Packet.objects.exists()


def test_unknown_and_locked_receivers_are_named(axis: Axis) -> None:
    with pytest.raises(VxpRefused, match="H99") as refused:
        send(axis, document(to=("H37.05", "H99")))
    assert refused.value.error_code == "18"
    actions.set_agency_locked("H37.05", locked=True)
    assert refusal(lambda: send(axis, document())) == "23"
    assert not AxisDelivery.objects.exists()


def test_nobody_sends_in_the_name_of_another_members_agency(axis: Axis) -> None:
    with pytest.raises(VxpRefused) as refused:
        send(axis, document(sender="H37.05"), sender="H37.05")
    assert refused.value.error_code == "19"
    assert refused.value.error_desc == "Don vi gui H37.05 khong dung voi ma da dang ky: H27"
    assert refusal(lambda: send(axis, document(sender="H37.05"))) == "19"
    assert refusal(lambda: send(axis, document(), sender="H37.05")) == "19"


@pytest.mark.parametrize(
    "packet",
    [
        b"hello",
        b"",
        document()[:-20],
        document(to=()),
        document(sender=""),
        document().replace(b"<?xml", b" <?xml"),
        b'<!DOCTYPE x [<!ENTITY a "b">]>' + status(),
        document().replace(
            b"<edXML:Subject>", b"<edXML:From><OrganId>H27.02</OrganId></edXML:From><edXML:Subject>"
        ),
        document().replace(b"<AttachmentEncoded>", b"<MessageHeader/><AttachmentEncoded>"),
        document(document_id="x" * 256),
        b"<edXML>" * 200 + b"</edXML>" * 200,
    ],
    ids=[
        "no XML",
        "empty",
        "cut off",
        "no recipient",
        "no sender",
        "XML declaration too late",
        "DOCTYPE",
        "two senders",
        "two headers",
        "document id too long",
        "too deep",
    ],
)
def test_a_packet_that_cannot_be_routed_is_refused(axis: Axis, packet: bytes) -> None:
    assert refusal(lambda: send(axis, packet)) == "22"
    assert not Packet.objects.exists()


def test_a_document_is_not_accepted_as_a_status(axis: Axis) -> None:
    call = lambda: axis.province.send_edoc(document(), sender="H27.01", message_type="status")  # noqa: E731
    assert refusal(call) == "22"


@pytest.mark.parametrize("to", ["H37.05", "{}", '["H37.05", 1]', '[" "]'])
def test_a_list_of_recipients_that_is_no_list_is_refused(axis: Axis, to: str) -> None:
    packet = document()
    arguments = {
        "messagetype": "edoc",
        "hash-file": hashlib.sha256(packet).hexdigest(),
        "from": "H27.01",
        "to": to,
    }
    headers = sign(
        "H27", axis.secrets["H27"], arguments, at=clock.now(), content_type="application/octet-stream"
    )
    assert axis.http.post(axis.url + "/sendEdoc", content=packet, headers=headers).json()["ErrorCode"] == "40"


def test_a_packet_above_the_limit_is_refused_with_a_reason(axis: Axis, monkeypatch: Any) -> None:
    monkeypatch.setattr(storage, "largest_packet", lambda: 1 << 20)
    packet = document(payload=b"A" * (3 << 19))
    assert refusal(lambda: send(axis, packet)) == "42"


def test_a_packet_for_another_member_does_not_exist_for_this_one(axis: Axis) -> None:
    sent = axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    [row] = axis.district.received("edoc")
    assert refusal(lambda: axis.province.get(row.doc_id)) == "41"
    assert refusal(lambda: axis.province.download(row.doc_id, io.BytesIO())) == "41"
    assert refusal(lambda: axis.province.update_status(row.doc_id, "done")) == "41"
    assert refusal(lambda: axis.district.sent(sent.doc_id)) == "41"
    assert refusal(lambda: axis.district.get("../../etc/passwd")) == "41"
    assert AxisDelivery.objects.get().handed_over_at is None


def test_a_failure_in_the_middle_leaves_no_packet_and_the_next_try_succeeds(axis_over_http: Axis) -> None:
    """The power fails after the file, the packet and the deliveries were written, before the commit."""
    axis, packet = axis_over_http, document(payload=b"A" * 400_000)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION power_cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'power cut'; END $$;"
            "CREATE TRIGGER power_cut BEFORE INSERT ON axis_logentry EXECUTE FUNCTION power_cut()"
        )
        with pytest.raises(VxpUnreachable):
            send(axis, packet)
        cursor.execute("DROP TRIGGER power_cut ON axis_logentry")
    assert not Packet.objects.exists()
    assert axis.district.received("edoc") == []
    send(axis, packet)
    [row] = axis.district.received("edoc")
    assert axis.district.get(row.doc_id) == packet


def test_files_of_killed_processes_are_swept_after_a_day(axis: Axis, monkeypatch: Any, settings: Any) -> None:
    root: Path = settings.VANTHU.blob_dir / "axis"
    send(axis, document(payload=b"A" * 400_000))
    kept = root / Packet.objects.get().body_file
    forgotten = [root / "incoming" / "tmpabc", root / "018f00" / "aa" / "018f00aa"]
    for path in forgotten:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    assert storage.sweep() == 0
    tomorrow = time.time() + 90_000
    monkeypatch.setattr(storage.time, "time", lambda: tomorrow)
    assert storage.sweep() == 2
    assert kept.exists()
    assert not any(path.exists() for path in forgotten)


def test_calls_without_signature_get_an_answer_and_no_data(axis: Axis) -> None:
    for path in ("sendEdoc", "getReceivedEdocList", "updateStatus", "getAgenciesList", "registerAgency"):
        answer = axis.http.post(f"{axis.url}/{path}", content=b"x" * 100)
        assert answer.status_code == 200
        assert answer.json()["status"] == "FAIL"
        assert "data" not in answer.json()
