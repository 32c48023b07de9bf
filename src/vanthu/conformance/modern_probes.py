"""What an axis with a modern door must do there, each item tried by real calls; beside ``probes``."""

from __future__ import annotations

import hashlib
import json
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

from vanthu.conformance.probes import probe
from vanthu.conformance.signed_wire import Modern, Spoil
from vanthu.conformance.trial import Sent, Trial, Wrong
from vanthu.conformance.wire import Reply
from vanthu.edxml import write
from vanthu.evidence import new_key
from vanthu.relay import digest_field
from vanthu.vxp.headers import PACKET_TYPE
from vanthu.vxp.rows import text_of

WAIT = 2
LIST = "deliveries?type=edoc"


@probe
def relay_unsigned(trial: Trial) -> str:
    door = trial.modern(trial.one)
    _refused(door.again("GET", LIST, {}), 401)
    return _refused(door.call("GET", LIST, key=new_key()), 401)


@probe
def relay_altered(trial: Trial) -> str:
    kept: dict[str, str] = {}
    door = trial.modern(trial.one)
    door.call("GET", "deliveries?type=status", spoil=_into(kept))
    return _refused(door.again("GET", LIST, kept), 401)


@probe
def relay_old(trial: Trial) -> str:
    return _refused(trial.modern(trial.one).call("GET", LIST, at=trial.clock() - timedelta(hours=2)), 401)


@probe
def relay_replay(trial: Trial) -> str:
    kept: dict[str, str] = {}
    door = trial.modern(trial.one)
    _done(door.call("GET", LIST, spoil=_into(kept)))
    return _refused(door.again("GET", LIST, kept), 401)


@probe
def relay_digest(trial: Trial) -> str:
    before = set(trial.ids(trial.other))
    body, other = write(trial.letter()), write(trial.letter())
    said = _refused(_send(trial, body, str(uuid4()), digest_of=other), 400)
    if trial.new_rows(body, before):
        raise Wrong("gói tin khác mã băm vẫn tới bên nhận")
    return said


@probe
def relay_same_key(trial: Trial) -> str:
    before, body, key = set(trial.ids(trial.other)), write(trial.letter()), str(uuid4())
    first, second = _done(_send(trial, body, key), 201), _done(_send(trial, body, key), 201)
    if text_of(first.said, "id") != text_of(second.said, "id"):
        raise Wrong(f"lần sau nhận id khác: {text_of(second.said, 'id')} / {text_of(first.said, 'id')}")
    if text_of(first.said, "sha256") != hashlib.sha256(body).hexdigest():
        raise Wrong("câu trả lời không có sha256 của gói tin")
    count = len(trial.new_rows(body, before))
    if count != 1:
        raise Wrong(f"bên nhận có {count} bản của cùng một gói tin")
    return "cùng id, một bản ở bên nhận"


@probe
def relay_other_body(trial: Trial) -> str:
    key = str(uuid4())
    _done(_send(trial, write(trial.letter()), key), 201)
    return _refused(_send(trial, write(trial.letter()), key), 422, 409)


@probe
def relay_range(trial: Trial) -> str:
    sent = trial.deliver()
    path, door = f"deliveries/{sent.received_id}/packet", trial.modern(trial.other)
    whole = _done(door.call("GET", path))
    half = len(sent.body) // 2
    rest = door.call("GET", path, headers={"Range": f"bytes={half}-"})
    if whole.content != sent.body:
        raise Wrong("nội dung tải về khác nội dung đã gửi")
    if rest.http_status != 206 or rest.content != sent.body[half:]:
        raise Wrong(f"Range được trả lời HTTP {rest.http_status}, {len(rest.content)} byte")
    told = rest.headers.get("Repr-Digest", "")
    if told != digest_field(hashlib.sha256(sent.body).digest()):
        raise Wrong(f"Repr-Digest {told or 'không có'} không phải của cả gói tin")
    return f"đúng {len(rest.content)} byte còn lại"


@probe
def relay_state(trial: Trial) -> str:
    sent = trial.deliver()
    _done(_acknowledge(trial.modern(trial.other), sent))
    listed = _done(trial.modern(trial.other).call("GET", LIST))
    if sent.received_id in listed.content.decode(errors="replace") or sent.received_id in trial.ids(
        trial.other
    ):
        raise Wrong("gói tin vẫn trong danh sách sau khi báo done")
    states = [text_of(row, "receiveStatus") for row in trial.sent_rows(trial.one, sent.doc_id)]
    if states != ["done"]:
        raise Wrong(f"bên gửi thấy {states}")
    return "rời danh sách, bên gửi thấy done"


@probe
def relay_only_theirs(trial: Trial) -> str:
    sent, door = trial.deliver(), trial.modern(trial.one)
    got = door.call("GET", f"deliveries/{sent.received_id}/packet")
    if sent.body in got.content:
        raise Wrong("hệ thống khác tải được gói tin")
    _refused(got, 404, 403)
    _refused(_acknowledge(door, sent), 404, 403)
    if sent.received_id not in trial.ids(trial.other):
        raise Wrong("hệ thống khác báo done được thay cho bên nhận")
    return "hệ thống khác không tải, không báo nhận được"


@probe
def relay_wait(trial: Trial) -> str:
    trial.deliver()
    door = trial.modern(trial.other)
    began = time.monotonic()
    first = _done(door.call("GET", f"wait?seconds={WAIT}&known="))
    if time.monotonic() - began >= WAIT:
        raise Wrong("có gói tin chờ mà không trả lời ngay")
    known = text_of(first.said, "known")
    if not known or not (first.said.get("edoc") or first.said.get("status")):
        raise Wrong(f"câu trả lời không có known hoặc số gói tin: {first.content[:100]!r}")
    second = _done(door.call("GET", f"wait?seconds=0&known={known}"))
    if text_of(second.said, "known") != known:
        raise Wrong("known đổi khi không có gì mới")
    return f"edoc {first.said.get('edoc')}, status {first.said.get('status')}"


@probe
def relay_delta(trial: Trial) -> str:
    door = trial.modern(trial.one)
    whole = _done(door.call("GET", "agencies?after=0"))
    rows: list[dict[str, Any]] = whole.said.get("agencies", [])
    version = whole.said.get("version")
    if trial.one.code not in {text_of(row, "code") for row in rows} or not isinstance(version, int):
        raise Wrong(f"{len(rows)} dòng, không có {trial.one.code} hoặc không có version")
    later = _done(door.call("GET", f"agencies?after={version}"))
    if later.said.get("agencies") != []:
        raise Wrong("sau phiên bản mới nhất vẫn có dòng")
    return f"{len(rows)} dòng đến phiên bản {version}"


def _send(trial: Trial, body: bytes, key: str, digest_of: bytes | None = None) -> Reply:
    """Upload as the first side, with the digest of other bytes where given."""
    headers = {"Content-Type": PACKET_TYPE, "Idempotency-Key": key}
    return trial.modern(trial.one).call(
        "POST",
        f"packets?type=edoc&from={trial.one.code}",
        body,
        headers=headers,
        covered=("idempotency-key",),
        digest_of=digest_of,
    )


def _acknowledge(door: Modern, sent: Sent) -> Reply:
    told = json.dumps({"state": "done", "description": ""}).encode()
    headers = {"Content-Type": "application/json"}
    return door.call("PUT", f"deliveries/{sent.received_id}/state", told, headers=headers)


def _into(kept: dict[str, str]) -> Spoil:
    """Keeps the headers as they were signed."""
    return kept.update


def _done(reply: Reply, status: int = 200) -> Reply:
    if reply.http_status != status:
        raise Wrong(f"bị từ chối: HTTP {reply.http_status} {reply.content[:160].decode(errors='replace')}")
    return reply


def _refused(reply: Reply, *statuses: int) -> str:
    """What the axis said in refusing; raises :class:`Wrong` when it did what was asked, or broke."""
    if reply.http_status not in statuses:
        raise Wrong(f"trả lời HTTP {reply.http_status}, cần {' hoặc '.join(map(str, statuses))}")
    return f"từ chối: HTTP {reply.http_status} {text_of(reply.said, 'code')}"
