"""A packet's way over the modern door, the same verbs as over VXP behind it."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.axis.axis_parts import Axis, document, status
from tests.axis.relay_parts import key_of, raw, relay, send_raw

from vanthu.axis.models import AxisDelivery, Packet, Upload
from vanthu.base import clock
from vanthu.evidence import verify_receipt, verify_refusal
from vanthu.relay import Proof, check_proof
from vanthu.vxp import VxpBadAnswer, VxpRefused


def test_a_document_goes_from_one_site_to_the_other(axis: Axis) -> None:
    sender, recipient, body = relay(axis, "H27"), relay(axis, "H37"), document(priority=2)
    answer = sender.send_edoc(body, sender="H27.01", message_type="edoc")
    receipt = verify_receipt(answer.receipt or "", axis.keys())
    assert (receipt.packet_sha256, receipt.doc_id) == (hashlib.sha256(body).hexdigest(), answer.doc_id)

    waiting = recipient.wait(0)
    assert (waiting.edoc, waiting.status) == (1, 0)
    (row,) = recipient.received("edoc")
    assert (row.sender, row.recipient, row.priority, row.size) == ("H27.01", "H37.05", 2, len(body))
    target = io.BytesIO()
    recipient.download(row.doc_id, target, sha256=row.sha256)
    assert target.getvalue() == body

    recipient.update_status(row.doc_id, "done", "đã lưu bền vững")
    assert recipient.received("edoc") == []
    assert not recipient.wait(0)
    (told,) = sender.sent(answer.doc_id)
    assert (told.receive_status, told.receive_status_desc) == ("done", "đã lưu bền vững")
    assert told.received_time


def test_both_doors_lead_to_the_same_room(axis: Axis) -> None:
    """Sent over one door, a packet is fetched and acknowledged over the other."""
    axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    (row,) = relay(axis, "H37").received("edoc")
    axis.district.update_status(row.doc_id, "done")
    assert relay(axis, "H37").received("edoc") == []
    relay(axis, "H27").send_edoc(document(document_id="hai"), sender="H27.01", message_type="edoc")
    assert [found.sender for found in axis.district.received("edoc")] == ["H27.01"]


def test_recipients_of_the_call_replace_those_of_the_packet(axis: Axis) -> None:
    relay(axis, "H27").send_edoc(document(), sender="H27.01", message_type="edoc", to=["H27.02"])
    assert [row.recipient for row in relay(axis, "H27").received("edoc")] == ["H27.02"]


def test_a_large_packet_comes_in_parts(axis: Axis) -> None:
    body = document(payload=b"QUJD" * 200_000)
    relay(axis, "H27").send_edoc(body, sender="H27.01", message_type="edoc")
    (row,) = relay(axis, "H37").received("edoc")
    for wanted, part in (
        ("bytes=0-99", body[:100]),
        ("bytes=799000-", body[799000:]),
        ("bytes=-5", body[-5:]),
    ):
        answer = raw(
            axis, "GET", f"/deliveries/{row.doc_id}/packet", key=key_of("H37"), headers={"Range": wanted}
        )
        assert (answer.status_code, answer.content) == (206, part)
        assert answer.headers["ETag"] == f'"{row.sha256}"'
    beyond = raw(
        axis,
        "GET",
        f"/deliveries/{row.doc_id}/packet",
        key=key_of("H37"),
        headers={"Range": "bytes=9999999-"},
    )
    assert (beyond.status_code, beyond.json()["code"]) == (416, "AXIS_RANGE_WRONG")
    assert beyond.headers["Content-Range"] == f"bytes */{row.size}"


def test_a_download_with_the_wrong_hash_is_worthless(axis: Axis) -> None:
    relay(axis, "H27").send_edoc(document(), sender="H27.01", message_type="edoc")
    (row,) = relay(axis, "H37").received("edoc")
    with pytest.raises(VxpBadAnswer):
        relay(axis, "H37").download(row.doc_id, io.BytesIO(), sha256="0" * 64)


def test_the_same_upload_again_gets_the_same_answer(axis: Axis) -> None:
    relay(axis, "H27").enrol()
    first = send_raw(axis, document(), key=key_of("H27"))
    again = send_raw(axis, document(), key=key_of("H27"))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Packet.objects.count() == AxisDelivery.objects.count() == Upload.objects.count() == 1


def test_the_same_key_for_another_packet_is_refused(axis: Axis) -> None:
    relay(axis, "H27").enrol()
    send_raw(axis, document(), key=key_of("H27"))
    other = send_raw(axis, document(document_id="khác"), key=key_of("H27"))
    assert (other.status_code, other.json()["code"]) == (422, "AXIS_IDEMPOTENCY_KEY_REUSED")
    other = send_raw(axis, document(), key=key_of("H27"), sender="H27.02")
    assert other.status_code == 422
    assert Packet.objects.count() == 1


def test_a_refused_upload_may_come_again(axis: Axis) -> None:
    """What stopped it may be mended meanwhile: an unknown recipient gets registered."""
    body = document(to=("H37.99",))
    with pytest.raises(VxpRefused) as refused:
        relay(axis, "H27").send_edoc(body, sender="H27.01", message_type="edoc")
    assert refused.value.error_code == "18"
    said = verify_refusal(refused.value.receipt, axis.keys())
    assert (said.packet_sha256, said.answer) == (hashlib.sha256(body).hexdigest(), "18")
    axis.district.register_agency(code="H37.99", name="Sở mới", parent_code="H37.05")
    assert relay(axis, "H27").send_edoc(body, sender="H27.01", message_type="edoc").doc_id


def test_a_status_carries_the_signature_of_its_sender(axis: Axis) -> None:
    body = status()
    relay(axis, "H37").send_edoc(body, sender="H37.05", message_type="status")
    (row,) = relay(axis, "H27").received("status")
    assert row.proof is not None
    said = check_proof(row.proof, key_of("H37"))
    assert (said.sha256, said.sender, said.kind) == (hashlib.sha256(body).hexdigest(), "H37.05", "status")
    jwk = relay(axis, "H27").key_of(row.proof.key_id, "H37.05")
    assert jwk is not None and jwk["kid"] == key_of("H37").thumbprint()
    assert relay(axis, "H27").key_of(row.proof.key_id, "H27.01") is None, "not a key of that agency's system"


def test_a_document_carries_it_too_and_one_over_the_old_door_does_not(axis: Axis) -> None:
    relay(axis, "H27").send_edoc(document(), sender="H27.01", message_type="edoc")
    axis.province.send_edoc(document(document_id="cũ"), sender="H27.01", message_type="edoc")
    proofs = [relay(axis, "H37").proof(row.doc_id) for row in relay(axis, "H37").received("edoc")]
    assert [isinstance(proof, Proof) for proof in proofs] == [True, False]


def test_the_agency_list_comes_in_changes(axis: Axis) -> None:
    client = relay(axis, "H27")
    units = client.units()
    assert [unit.code for unit in units] == ["H27", "H27.01", "H27.02", "H37.05"]
    latest = max(unit.version for unit in units)
    assert client.units(latest) == []
    axis.district.delete_agency("H37.05")
    assert [(unit.code, unit.deleted) for unit in client.units(latest)] == [("H37.05", True)]
    assert [row.code for row in client.agencies()] == ["H27", "H27.01", "H27.02"]


def test_pages_of_the_agency_list_miss_nothing(axis: Axis) -> None:
    relay(axis, "H27").enrol()
    seen: list[str] = []
    after, more = 0, True
    while more:
        page = raw(axis, "GET", f"/agencies?after={after}&limit=1", key=key_of("H27")).json()
        seen += [row["code"] for row in page["agencies"]]
        after, more = page["version"], page["more"]
    assert seen == ["H27", "H27.01", "H27.02", "H37.05"]
    assert page["agencies"][0]["codes"] == ["H37.05", "000.00.05.H37"]


def test_statistics_count_and_name_nothing(axis: Axis) -> None:
    relay(axis, "H27").send_edoc(document(), sender="H27.01", message_type="edoc")
    relay(axis, "H37").send_edoc(status(), sender="H37.05", message_type="status")
    now = clock.now()
    counts = relay(axis, "H27").statistics(now - timedelta(days=1), now + timedelta(minutes=1))
    assert counts["sent"] == [{"type": "edoc", "count": 1, "bytes": len(document())}]
    assert counts["received"] == [{"type": "status", "state": "initial", "count": 1}]
    assert relay(axis, "H27").statistics(now - timedelta(days=2), now - timedelta(days=1))["sent"] == []


@pytest.mark.parametrize("number", [3, 30])
def test_lists_cost_the_same_however_long(axis: Axis, number: int) -> None:
    for count in range(number):
        relay(axis, "H37").send_edoc(
            status().replace(b">d<", f">{count}<".encode()), sender="H37.05", message_type="status"
        )
    client = relay(axis, "H27")
    client.wait(0)
    with CaptureQueriesContext(connection) as asked:
        assert len(client.received("status")) == number
    assert len(own(asked)) == 5  # key, nonce, order, rows, signatures
    with CaptureQueriesContext(connection) as asked:
        assert client.wait(0).status == number
    assert len(own(asked)) == 3
    with CaptureQueriesContext(connection) as asked:
        client.units()
    assert len(own(asked)) == 4


def own(asked: CaptureQueriesContext) -> list[str]:
    """What a call asks, without the meter of calls, which is written once a second by whoever comes by."""
    return [query["sql"] for query in asked if "axis_memberminute" not in query["sql"]]
