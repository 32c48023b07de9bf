"""A packet goes in at one member and comes out at the other, byte for byte, with proof."""

from __future__ import annotations

import hashlib
import io
import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.axis.axis_parts import Axis, document, status

from vanthu.axis.models import AxisDelivery, LogEntry, Packet
from vanthu.base import clock
from vanthu.evidence import verify_receipt
from vanthu.vxp import VxpBadAnswer, VxpRefused


def fetched(axis: Axis, doc_id: str) -> bytes:
    target = io.BytesIO()
    axis.district.download(doc_id, target)
    return target.getvalue()


def test_a_document_travels_from_sender_to_recipient_and_is_acknowledged(axis_over_http: Axis) -> None:
    axis = axis_over_http
    packet = document()
    sent = axis.province.send_edoc(packet, sender="H27.01", message_type="edoc")

    [row] = axis.district.received("edoc")
    assert (row.sender, row.recipient, row.message_type) == ("H27.01", "H37.05", "edoc")
    assert (row.status, row.size, row.sha256) == ("initial", len(packet), hashlib.sha256(packet).hexdigest())
    assert axis.district.count("edoc") == 1
    assert axis.district.count("status") == 0
    assert fetched(axis, row.doc_id) == packet
    assert axis.district.get(row.doc_id) == packet

    axis.district.update_status(row.doc_id, "processing")
    assert [again.status for again in axis.district.received("edoc")] == ["processing"]
    axis.district.update_status(row.doc_id, "done")
    assert axis.district.received("edoc") == []
    [told] = axis.province.sent(sent.doc_id)
    assert (told.receiver_doc_id, told.recipient, told.receive_status) == (row.doc_id, "H37.05", "done")
    assert fetched(axis, row.doc_id) == packet, "still there if the recipient lost it"


def test_the_receipt_proves_what_was_taken_and_when(axis: Axis) -> None:
    packet = document()
    before = clock.now()
    sent = axis.province.send_edoc(packet, sender="H27.01", message_type="edoc")
    keys = axis.keys()
    assert sent.receipt is not None
    said = verify_receipt(sent.receipt, keys)
    assert (said.packet_sha256, said.size) == (hashlib.sha256(packet).hexdigest(), len(packet))
    assert (said.sender, said.recipients, said.doc_id) == ("H27.01", ("H37.05",), sent.doc_id)
    assert before <= said.accepted_at <= clock.now()
    assert all("d" not in key for key in keys["keys"])


def test_a_status_goes_back_to_the_agency_it_answers(axis: Axis) -> None:
    axis.district.send_edoc(status(), sender="H37.05", message_type="status")
    assert axis.province.received("edoc") == []
    [row] = axis.province.received("status")
    assert (row.sender, row.recipient) == ("H37.05", "H27.01")
    assert axis.province.count("status") == 1


def test_a_large_packet_is_kept_as_a_file_and_comes_back_unchanged(
    axis_over_http: Axis, tmp_path: Path, settings: Any
) -> None:
    axis = axis_over_http
    path = tmp_path / "large.edxml"
    path.write_bytes(document(payload=os.urandom(900_000).hex().encode()))
    axis.province.send_edoc(path, sender="H27.01", message_type="edoc")
    assert Packet.objects.get().body_file
    [row] = axis.district.received("edoc")
    target = io.BytesIO()
    axis.district.download(row.doc_id, target, sha256=row.sha256)
    assert target.getvalue() == path.read_bytes()
    assert axis.district.get(row.doc_id) == path.read_bytes()
    assert not list((settings.VANTHU.blob_dir / "axis" / "incoming").iterdir())


def test_a_damaged_file_does_not_pass_for_the_packet(axis: Axis, settings: Any) -> None:
    axis.province.send_edoc(document(payload=b"A" * 400_000), sender="H27.01", message_type="edoc")
    path = settings.VANTHU.blob_dir / "axis" / Packet.objects.get().body_file
    path.write_bytes(path.read_bytes().replace(b"AAAA", b"AABA", 1))
    [row] = axis.district.received("edoc")
    with pytest.raises(VxpBadAnswer):
        fetched(axis, row.doc_id)


def test_urgent_documents_are_listed_first_then_the_oldest(axis: Axis) -> None:
    for number, priority in (("1", 0), ("2", 3), ("3", 0), ("4", 1)):
        packet = document(document_id=number, priority=priority)
        axis.province.send_edoc(packet, sender="H27.01", message_type="edoc")
    order = [Packet.objects.get(deliveries=row.doc_id).document_id for row in axis.district.received("edoc")]
    assert order == ["2", "4", "1", "3"]


def test_the_list_can_be_narrowed_to_a_time(axis: Axis) -> None:
    axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    now = clock.now()
    hour = timedelta(hours=1)
    assert len(axis.district.received("edoc", now - hour, now + hour)) == 1
    assert axis.district.received("edoc", now + hour) == []
    assert axis.district.received("edoc", to_date=now - hour) == []


def test_several_recipients_each_get_their_own_delivery(axis: Axis) -> None:
    packet = document(to=("H37.05", "H27.02", "000.00.05.H37"))
    sent = axis.province.send_edoc(packet, sender="H27.01", message_type="edoc")
    assert [row.recipient for row in axis.district.received("edoc")] == ["H37.05"]
    [own] = axis.province.received("edoc")
    axis.province.update_status(own.doc_id, "fail", "Không đọc được tệp đính kèm")
    told = {row.recipient: row for row in axis.province.sent(sent.doc_id)}
    assert told["H37.05"].receive_status == "initial"
    assert told["H27.02"].receive_status == "fail"
    assert told["H27.02"].receive_status_desc == "Khong doc duoc tep dinh kem"


def test_recipients_in_the_call_replace_those_in_the_packet(axis: Axis) -> None:
    axis.province.send_edoc(document(to=("H99",)), sender="H27.01", message_type="edoc", to=["H37.05"])
    assert len(axis.district.received("edoc")) == 1


def test_an_earlier_code_reaches_the_same_agency(axis: Axis) -> None:
    packet = document(to=("000.00.05.h37",))
    axis.province.send_edoc(packet, sender="H27.01", message_type="edoc")
    assert [row.recipient for row in axis.district.received("edoc")] == ["000.00.05.h37"]


def test_sending_the_same_packet_again_gives_the_first_answer(axis: Axis) -> None:
    first = axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    assert axis.province.send_edoc(document(), sender="H27.01", message_type="edoc") == first
    rebuilt = document(payload=b"JVBERi0yLjAK")
    assert axis.province.send_edoc(rebuilt, sender="H27.01", message_type="edoc") == first
    assert len(axis.district.received("edoc")) == 1
    [row] = axis.district.received("edoc")
    axis.district.update_status(row.doc_id, "done")
    assert axis.province.send_edoc(document(), sender="H27.01", message_type="edoc") == first
    assert axis.district.received("edoc") == []


def test_a_repeated_large_packet_leaves_no_second_file(axis: Axis, settings: Any) -> None:
    packet = document(payload=b"A" * 400_000)
    first = axis.province.send_edoc(packet, sender="H27.01", message_type="edoc")
    assert axis.province.send_edoc(packet, sender="H27.01", message_type="edoc") == first
    files = [path for path in (settings.VANTHU.blob_dir / "axis").rglob("*") if path.is_file()]
    assert len(files) == 1


def test_a_recall_of_the_same_document_is_not_a_repetition(axis: Axis) -> None:
    for business in (0, 1):
        axis.province.send_edoc(document(business=business), sender="H27.01", message_type="edoc")
    assert len(axis.district.received("edoc")) == 2


def test_a_document_sent_on_to_one_more_recipient_reaches_only_that_one(axis: Axis) -> None:
    first = axis.province.send_edoc(document(to=("H37.05",)), sender="H27.01", message_type="edoc")
    both = document(to=("H37.05", "H27.02"))
    second = axis.province.send_edoc(both, sender="H27.01", message_type="edoc")
    assert second.doc_id != first.doc_id
    assert len(axis.district.received("edoc")) == 1
    assert len(axis.province.received("edoc")) == 1
    assert {row.recipient for row in axis.province.sent(second.doc_id)} == {"H37.05", "H27.02"}
    assert second.receipt is not None
    assert verify_receipt(second.receipt, axis.keys()).recipients == ("H27.02",)


def test_a_document_rebuilt_after_a_failure_is_delivered(axis: Axis) -> None:
    axis.province.send_edoc(document(payload=b"broken"), sender="H27.01", message_type="edoc")
    [row] = axis.district.received("edoc")
    axis.district.update_status(row.doc_id, "fail", "hong")
    axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    [again] = axis.district.received("edoc")
    assert fetched(axis, again.doc_id) == document()


def test_what_was_taken_over_stays_taken_over(axis: Axis) -> None:
    axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    [row] = axis.district.received("edoc")
    axis.district.update_status(row.doc_id, "done")
    axis.district.update_status(row.doc_id, "done")
    with pytest.raises(VxpRefused):
        axis.district.update_status(row.doc_id, "fail")
    assert AxisDelivery.objects.get().state == "done"


def test_twenty_senders_at_once_lose_nothing_and_double_nothing(axis_over_http: Axis) -> None:
    axis = axis_over_http
    packets = [document(document_id=f"{number % 40}") for number in range(60)]

    def send(packet: bytes) -> str:
        return axis.province.send_edoc(packet, sender="H27.01", message_type="edoc").doc_id

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, packets))
    rows = axis.district.received("edoc")
    assert len(rows) == len({row.doc_id for row in rows}) == len(set(answers)) == 40
    assert answers[:20] == answers[40:], "a repeated packet got the first answer"
    assert LogEntry.objects.filter(event="accepted").count() == 40


def test_every_step_is_in_the_log_with_the_member_that_did_it(axis: Axis) -> None:
    sent = axis.province.send_edoc(document(), sender="H27.01", message_type="edoc")
    [row] = axis.district.received("edoc")
    for _ in range(2):
        fetched(axis, row.doc_id)
    axis.district.update_status(row.doc_id, "done")
    lines = LogEntry.objects.filter(about=sent.doc_id).order_by("id")
    assert [(line.event, json.loads(line.content)["member"]) for line in lines] == [
        ("accepted", "H27"),
        ("handed_over", "H37"),
        ("acknowledged", "H37"),
    ]


def test_a_members_client_may_keep_its_time_stamp_for_a_day(axis: Axis) -> None:
    yesterday = clock.now() - timedelta(hours=23)
    assert axis.client("H27", clock=lambda: yesterday).count("edoc") == 0
    long_ago = datetime(2020, 1, 1, tzinfo=clock.UTC)
    with pytest.raises(VxpRefused) as refused:
        axis.client("H27", clock=lambda: long_ago).count("edoc")
    assert refused.value.error_code == "15"
