"""What holds at the VXP door holds at the modern one: limits, refusals on record, hops and loops, declared types."""

from __future__ import annotations

import io
import json
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from tests.axis.axis_parts import EDXML, Axis, document
from tests.axis.relay_parts import key_of, raw, relay, send_raw, upload_request

from vanthu.axis import actions, limits
from vanthu.axis.actions import MemberTerms
from vanthu.axis.models import AxisAgency, DownwardCopy, LogEntry, Packet, Stage
from vanthu.base import clock
from vanthu.evidence import verify_refusal
from vanthu.vxp import VxpBusy, VxpRefused

TERMS = MemberTerms(name="Hà Tĩnh")
OWN = "TRUC-TINH"
HOP = f'<edXML:TraceHeader xmlns:edXML="{EDXML}"><edXML:OrganId>{{}}</edXML:OrganId></edXML:TraceHeader>'


def through(*axes: str) -> bytes:
    """A document that has passed these axes."""
    hops = "".join(HOP.format(code) for code in axes).encode()
    return document().replace(b"<edXML:TraceHeaderList>", b"<edXML:TraceHeaderList>" + hops)


def test_a_burst_over_its_places_is_asked_to_wait_and_loses_nothing(axis_over_http: Axis) -> None:
    """Two uploads whose bodies never end; six more of the same member at once are put off, others are served."""
    axis = axis_over_http
    relay(axis, "H27").enrol()
    actions.set_terms("H27", replace(TERMS, concurrent_calls=2))
    hanging = [_half_sent(axis, number) for number in range(2)]
    try:
        _until_taken(2)
        start = Barrier(6)

        def send(number: int) -> tuple[int, Any, str]:
            start.wait()
            answer = send_raw(axis, _numbered(number), key=key_of("H27"), idempotency_key=f"k{number}")
            return answer.status_code, answer.json()["code"], answer.headers["Retry-After"]

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(send, range(6)))
        assert set(answers) == {(429, "AXIS_OVER_LIMIT", str(limits.BUSY_SECONDS))}
        with pytest.raises(VxpBusy, match="quá 2 lời gọi cùng lúc") as busy:
            relay(axis, "H27").received("edoc")
        assert busy.value.retry_after == limits.BUSY_SECONDS
        with pytest.raises(VxpBusy):
            axis.province.count("edoc")
        assert relay(axis, "H37").received("edoc") == [], "nobody else is slowed down"
    finally:
        for connection in hanging:
            connection.close()
    _until_taken(0)
    for number in range(6):
        sent = send_raw(axis, _numbered(number), key=key_of("H27"), idempotency_key=f"k{number}")
        assert sent.status_code == 201
    assert Packet.objects.count() == 6


def _numbered(number: int) -> bytes:
    return document(document_id=f"số {number}")


def _half_sent(axis: Axis, number: int) -> socket.socket:
    request = upload_request(axis, document(), key=key_of("H27"), idempotency_key=f"treo {number}")
    lines = [f"{name}: {value}" for name, value in request.headers.items()]
    host, port = axis.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)))
    target = request.url.raw_path.decode()
    connection.sendall("\r\n".join([f"POST {target} HTTP/1.1", *lines, "", "<"]).encode())
    return connection


def _until_taken(places: int) -> None:
    end = time.monotonic() + 20
    while limits._places.total() != places:
        assert time.monotonic() < end
        time.sleep(0.005)


def test_size_and_volume_of_a_member_are_limited(
    axis: Axis, frozen_clock: Callable[[datetime], None]
) -> None:
    frozen_clock(clock.now())  # the limit is per minute, and no new one begins
    actions.set_terms("H27", replace(TERMS, max_packet_mb=1, megabytes_per_minute=1))
    large = document(payload=b"A" * (3 << 19))
    relay(axis, "H27").enrol()
    answer = send_raw(axis, large, key=key_of("H27"))
    assert (answer.status_code, answer.json()["code"]) == (413, "AXIS_PACKET_TOO_LARGE")
    actions.set_terms("H27", replace(TERMS, megabytes_per_minute=1))
    assert send_raw(axis, large, key=key_of("H27")).status_code == 201, "one packet always fits"
    with pytest.raises(VxpBusy, match="1 MB mỗi phút"):
        relay(axis, "H27").send_edoc(document(), sender="H27.01", message_type="edoc")


def test_whatever_is_wrong_with_a_packet_its_refusal_is_signed_and_on_record(axis: Axis) -> None:
    relay(axis, "H27").enrol()
    key = key_of("H27")
    send_raw(axis, document(document_id="đầu"), key=key, idempotency_key="cu")
    wrong = {
        "RELAY_DIGEST_WRONG": send_raw(axis, document(), key=key, signed_body=b"khac"),
        "AXIS_IDEMPOTENCY_KEY_MISSING": send_raw(axis, document(), key=key, idempotency_key=" "),
        "AXIS_IDEMPOTENCY_KEY_REUSED": send_raw(axis, document(), key=key, idempotency_key="cu"),
        "AXIS_CALL_MALFORMED": send_raw(axis, document(), key=key, kind="fax"),
        "AXIS_RECEIVER_UNKNOWN": send_raw(axis, document(to=("H99",)), key=key),
    }
    for code, answer in wrong.items():
        told = answer.json()
        assert told["code"] == code
        said = verify_refusal(told["receipt"], axis.keys())
        assert (said.code, said.member, said.sender, said.reason) == (code, "H27", "H27.01", told["detail"])
        assert LogEntry.objects.get(about=said.refusal_id).statement == told["receipt"]
    assert Packet.objects.count() == 1


@pytest.fixture
def joined(axis: Axis, settings: Any) -> Axis:
    """This axis has a code and live agencies; H37 is another axis below it."""
    AxisAgency.objects.update(stage=Stage.LIVE)
    settings.VANTHU = settings.VANTHU.model_copy(update={"axis_code": OWN})
    actions.set_member_axis("H37", is_axis=True)
    return axis


def test_another_axis_gets_a_packet_with_our_hop_whole_or_in_parts(joined: Axis) -> None:
    relay(joined, "H27").send_edoc(document(), sender="H27.01", message_type="edoc")
    [row] = relay(joined, "H37").received("edoc")
    assert (row.sha256, row.size) == ("", None), "told with the download"
    target = io.BytesIO()
    relay(joined, "H37").download(row.doc_id, target)
    whole = target.getvalue()
    assert OWN.encode() in whole and OWN.encode() not in document()
    path = f"/deliveries/{row.doc_id}/packet"
    part = raw(joined, "GET", path, key=key_of("H37"), headers={"Range": "bytes=300-"})
    assert (part.status_code, part.content) == (206, whole[300:])
    assert DownwardCopy.objects.count() == 1
    relay(joined, "H37").update_status(row.doc_id, "processing")
    assert not relay(joined, "H37").wait(0), "it has the packet; only its recipient does not"


def test_what_comes_from_another_axis_keeps_its_hops_on_record_and_never_runs_in_a_ring(joined: Axis) -> None:
    other = relay(joined, "H37")
    for body, sender, to in ((through(OWN), "H37.05", "H27.01"), (through("X"), "H37.05", "H37.05")):
        with pytest.raises(VxpRefused, match="chuyển vòng") as refused:
            packet = body.replace(b"H27.01", b"H37.05")
            other.send_edoc(packet, sender=sender, message_type="edoc", to=[to])
        assert refused.value.error_code == "50"
        assert verify_refusal(refused.value.receipt, joined.keys()).code == "AXIS_ROUTING_LOOP"
    sent = other.send_edoc(
        through("XA", "TRUC-XA").replace(b"H27.01", b"H37.05"),
        sender="H37.05",
        message_type="edoc",
        to=["H27.01"],
    )
    assert json.loads(LogEntry.objects.get(about=sent.doc_id).content)["trace"] == ["XA", "TRUC-XA"]


def test_a_declared_type_travels_over_the_modern_door(axis: Axis, settings: Any, tmp_path: Path) -> None:
    file = tmp_path / "loai.toml"
    file.write_text('[cong-bao]\nlabel = "Công báo"\nmax_mb = 1\n', encoding="utf-8")
    settings.VANTHU = settings.VANTHU.model_copy(update={"axis_payload_types_file": file})
    sender, recipient, gazette = relay(axis, "H27"), relay(axis, "H37"), b"\x00 khong phai XML"
    named = {"sender": "H27.01", "message_type": "cong-bao"}
    sent = sender.send_edoc(gazette, to=["H37.05"], document_id="CB-12", priority=2, **named)
    assert recipient.wait(0).other == 1
    [row] = recipient.received("cong-bao")
    target = io.BytesIO()
    recipient.download(row.doc_id, target, sha256=row.sha256)
    assert target.getvalue() == gazette
    packet = Packet.objects.get(pk=sent.doc_id)
    assert (packet.kind, packet.document_id, packet.priority) == ("cong-bao", "CB-12", 2)
    with pytest.raises(VxpRefused, match="không có bên nhận"):
        sender.send_edoc(gazette, **named)
    with pytest.raises(VxpRefused, match="1 MB"):
        sender.send_edoc(b"x" * ((1 << 20) + 1), to=["H37.05"], **named)
