"""The modern door of the small axis (``/axis/v2/``): message signatures, idempotent uploads, waiting, delta sync.

Every call becomes the VXP call that does the same, so that both doors share one axis, one script and one judgement;
only what the modern door has alone is done and looked at here. Refuses webhooks, proofs and evidence: it answers 404.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl
from uuid import NAMESPACE_OID, uuid5

from vanthu.axis.errors import CallMalformed, DeliveryUnknown
from vanthu.conformance.small_axis import KINDS, Answer, Call, Request, SmallAxis
from vanthu.errors import VanthuError
from vanthu.evidence import EvidenceError, Key, verifying_key
from vanthu.relay import (
    Claim,
    DigestWrong,
    KeyUnknown,
    Message,
    RelayError,
    SignatureUsed,
    digest_field,
    digest_of,
    verified,
)
from vanthu.vxp import CallRefused, SignedCall
from vanthu.vxp.errors import HTTP_STATUS, ErrorCode
from vanthu.vxp.headers import HASH_FILE, PACKET_TYPE, timestamp

ALWAYS = ("@method", "@authority", "@path", "@query")
WINDOW = timedelta(minutes=5)
LONGEST_WAIT = 25
PROBLEM = "application/problem+json"
ENDLESS = 5
"""So often may a caller wait without the state it was told before that counts as wrong."""

Seen = Callable[[str, bool, str], None]
"""Hears an item, whether it was done as expected, and a Vietnamese sentence about what was seen."""


class KeyReused(CallRefused):
    """The idempotency key stands for another upload."""

    code = "CONFORMANCE_KEY_REUSED"
    message = "Idempotency-Key này đã dùng cho một lần gửi khác; hãy dùng khóa mới cho gói tin mới."
    http_status = 422


@dataclass(frozen=True)
class _Caller:
    """Who calls, as the signature says."""

    member: str
    claim: Claim

    def call(self, request: Request, operation: str, **arguments: str) -> Call:
        """The VXP call that does the same."""
        spelled = {name: value for name, value in arguments.items() if value}
        signed = SignedCall(
            self.member,
            {name.lower(): value for name, value in spelled.items()},
            timestamp(self.claim.created),
            "",
            spelled=spelled,
        )
        return Call(request, signed, named=operation, nonce=self.claim.nonce)


class ModernDoor:
    """The door to one axis, which leads there from now on. ``seen`` hears what only this door shows of callers."""

    base = "/axis/v2/"

    def __init__(self, axis: SmallAxis) -> None:
        self._axis = axis
        axis.other_door = self
        self.seen: Seen = lambda *_: None
        self._keys: dict[str, tuple[str, Key]] = {}
        self._nonces: set[str] = set()
        self._uploads: dict[tuple[str, str], str] = {}
        self._sent_under: dict[str, str] = {}
        self._told: dict[str, int] = {}
        self._unlike: dict[str, int] = {}

    def answer(self, request: Request) -> Answer:
        """Answer one call; never raises for what a caller did. The axis' lock is held."""
        path = request.path.partition("?")[0].removeprefix(self.base)
        try:
            if (request.verb, path) == ("GET", "about"):
                return self._about()
            if (request.verb, path) == ("POST", "enrol"):
                return self._enrol(request)
            return self._signed(request, path)
        except RelayError as refused:
            self._not_believed(request, refused)
            return _problem(refused)
        except (CallRefused, EvidenceError) as refused:
            return _problem(refused)

    def _signed(self, request: Request, path: str) -> Answer:
        caller = self._caller(request)
        asked = dict(parse_qsl(request.path.partition("?")[2], keep_blank_values=True))
        match [request.verb, *path.strip("/").split("/")]:
            case ["POST", "packets"]:
                return self._send(caller, request, asked)
            case ["GET", "packets", doc_id]:
                return self._sent(caller, request, doc_id)
            case ["GET", "wait"]:
                return self._wait(caller, asked)
            case ["GET", "deliveries"]:
                return self._list(caller, request, asked)
            case ["GET", "deliveries", doc_id, "packet"]:
                return self._packet(caller, request, doc_id)
            case ["PUT", "deliveries", doc_id, "state"]:
                return self._state(caller, request, doc_id)
            case ["GET", "agencies"]:
                return self._agencies(caller, request, asked)
        raise DeliveryUnknown(doc_id=path[:60])

    # --- who calls

    def _about(self) -> Answer:
        return _json(
            {
                "name": "Bộ thử kết nối",
                "version": 2,
                "time": self._axis.clock().isoformat(),
                "algorithms": ["ed25519", "ecdsa-p256-sha256"],
                "clockWindowSeconds": int(WINDOW.total_seconds()),
                "maxPacketBytes": self._axis.largest,
                "waitSeconds": LONGEST_WAIT,
                "receiptKeys": "",
                "openapi": "",
            }
        )

    def _enrol(self, request: Request) -> Answer:
        signed = self._axis.verified(request)
        try:
            key = verifying_key(json.loads(signed.required("jwk")))
        except (ValueError, AttributeError):
            raise CallMalformed(name="jwk") from None
        covers = (*ALWAYS, "xroadvnpt-hash-header")
        verified(_message(request), lambda _: key, now=self._axis.clock(), window=WINDOW, covers=covers)
        self._keys[key.thumbprint()] = (signed.system_id, key)
        row = {"kid": key.thumbprint(), "jwk": key.as_dict(private=False), "system": signed.system_id}
        return _json(row | {"createdAt": self._axis.clock().isoformat(), "revokedAt": None}, 201)

    def _caller(self, request: Request) -> _Caller:
        covers = ALWAYS if request.verb in ("GET", "DELETE") else (*ALWAYS, "content-digest")
        if request.verb == "POST":
            covers = (*covers, "idempotency-key")
        if "packet-to" in {name.lower() for name in request.headers}:
            covers = (*covers, "packet-to")
        message = _message(request)
        claim = verified(message, self._key, now=self._axis.clock(), window=WINDOW, covers=covers)
        if "content-digest" in covers:
            self._check_digest(message.fields["content-digest"], request.body)
        if claim.nonce in self._nonces:
            raise SignatureUsed
        self._nonces.add(claim.nonce)
        self.seen("modern-signed", True, "mọi lời gọi đến nay đều có chữ ký thông điệp đúng và mới")
        return _Caller(self._keys[claim.key_id][0], claim)

    def _key(self, key_id: str) -> Key:
        if key_id not in self._keys:
            raise KeyUnknown(kid=key_id[:60])
        return self._keys[key_id][1]

    def _check_digest(self, field: str, body: bytes) -> None:
        if digest_of(field) != hashlib.sha256(body).digest():
            raise DigestWrong

    def _not_believed(self, request: Request, refused: RelayError) -> None:
        """A key that is not known yet is how every client begins; all else is its fault."""
        if not isinstance(refused, KeyUnknown):
            self.seen(
                "modern-signed", False, f"{request.verb} {request.path.partition('?')[0]}: {refused.text}"
            )

    # --- what the modern door has alone

    def _wait(self, caller: _Caller, asked: Mapping[str, str]) -> Answer:
        """At once where something waits that the caller does not know of, or as soon as it comes; else when its time is
        over.

        What was told is somewhere between the state when the caller began to wait and the present one: a trial that is
        played again does not know when it was woken.
        """
        now, known = self._changes(caller.member), asked.get("known", "")
        before = self._told.get(caller.member)
        if before is not None and known.isdigit() and before <= int(known) <= now:
            self._unlike[caller.member] = 0
            self.seen("modern-wait", True, "chờ với known của lần trả lời trước")
        elif before is not None:
            self._unlike[caller.member] = self._unlike.get(caller.member, 0) + 1
            if self._unlike[caller.member] >= ENDLESS:
                self.seen("modern-wait", False, f"{ENDLESS} lần chờ liền không kèm known đã được trả lời")
        self._told[caller.member] = now
        seconds = asked.get("seconds", "")
        pause = min(int(seconds), LONGEST_WAIT) if seconds.isdigit() else LONGEST_WAIT
        answer = self._state_of(caller.member)
        if self._news(caller.member, known):
            return answer
        return replace(answer, wait=float(pause), later=lambda: self._woken(caller.member, known, pause))

    def _changes(self, member: str) -> int:
        """How much has happened to what is for a member: what came and what was acknowledged."""
        rows = [row for row in self._axis.deliveries.values() if row.member == member]
        return len(rows) + sum(row.acknowledged is not None for row in rows)

    def _state_of(self, member: str) -> Answer:
        counts = {kind: len(self._axis.waiting(member, kind)) for kind in KINDS}
        return _json({**counts, "other": 0, "known": str(self._changes(member))})

    def _news(self, member: str, known: str) -> bool:
        waits = any(self._axis.waiting(member, kind) for kind in KINDS)
        return waits and known != str(self._changes(member))

    def _woken(self, member: str, known: str, seconds: float) -> Answer:
        with self._axis.changed:
            self._axis.changed.wait_for(lambda: self._news(member, known), seconds)
            return self._state_of(member)

    def _once(self, caller: _Caller, request: Request, asked: Mapping[str, str]) -> None:
        """One key stands for one upload; the same packet sent again comes under its key."""
        fields = _message(request).fields
        key = (caller.member, fields["idempotency-key"])
        digest = hashlib.sha256(request.body).hexdigest()
        wanted = json.dumps([digest, fields.get("packet-to", ""), asked.get("type"), asked.get("from")])
        if self._uploads.setdefault(key, wanted) != wanted:
            self.seen("modern-key-once", False, "cùng Idempotency-Key cho hai gói tin khác nhau")
            raise KeyReused
        before = self._sent_under.setdefault(wanted, key[1])
        if before != key[1]:
            self.seen("modern-key-once", False, "gửi lại cùng gói tin dưới Idempotency-Key khác")
        else:
            self.seen("modern-key-once", True, "mỗi gói tin một Idempotency-Key, gửi lại vẫn khóa đó")

    # --- as over VXP

    def _send(self, caller: _Caller, request: Request, asked: Mapping[str, str]) -> Answer:
        self._once(caller, request, asked)
        digest = hashlib.sha256(request.body).hexdigest()
        arguments = {"messagetype": asked.get("type", ""), "from": asked.get("from", ""), "hash-file": digest}
        to = _message(request).fields.get("packet-to", "")
        answer = self._axis.carried(caller.call(request, "sendEdoc", to=to, **arguments))

        def told(said: Mapping[str, Any]) -> Answer:
            row = {"id": said["DocId"], "receipt": "", "acceptedAt": self._axis.clock().isoformat()}
            to = [
                sent.recipient for sent in self._axis.deliveries.values() if sent.packet.doc_id == row["id"]
            ]
            row |= {"sha256": digest, "size": len(request.body), "notices": [], "trials": to}
            return _json(row, 201)

        return _translated(answer, told)

    def _sent(self, caller: _Caller, request: Request, doc_id: str) -> Answer:
        answer = self._axis.carried(caller.call(request, "getSentEdocList", docId=doc_id))
        rows = [
            row
            for row in self._axis.deliveries.values()
            if row.packet.doc_id == doc_id and row.packet.member == caller.member
        ]
        return _translated(
            answer,
            lambda _: _json(
                {
                    "recipients": [
                        {
                            "packet": row.packet.doc_id,
                            "delivery": row.doc_id,
                            "type": row.packet.kind,
                            "sender": row.packet.envelope.sender,
                            "recipient": row.recipient,
                            "successor": "",
                            "state": row.state,
                            "trial": True,
                            "description": row.description,
                            "acceptedAt": row.packet.accepted_at.isoformat(),
                            "handedOverAt": None,
                            "acknowledgedAt": row.acknowledged.isoformat() if row.acknowledged else None,
                        }
                        for row in rows
                    ]
                }
            ),
        )

    def _list(self, caller: _Caller, request: Request, asked: Mapping[str, str]) -> Answer:
        arguments = {"messagetype": asked.get("type", ""), "limit": asked.get("limit", "")}
        answer = self._axis.carried(caller.call(request, "getReceivedEdocList", **arguments))

        def told(said: Mapping[str, Any]) -> Answer:
            rows = [self._axis.deliveries[row["docId"]] for row in said["data"]]
            return _json(
                {
                    "deliveries": [
                        {
                            "id": row.doc_id,
                            "type": row.packet.kind,
                            "sender": row.packet.envelope.sender,
                            "recipient": row.recipient,
                            "state": row.state,
                            "priority": row.packet.envelope.priority,
                            "trial": True,
                            "sha256": row.packet.sha256,
                            "size": row.packet.size,
                            "createdAt": row.created.isoformat(),
                            "updatedAt": row.updated.isoformat(),
                            "proof": None,
                        }
                        for row in rows
                    ]
                }
            )

        return _translated(answer, told)

    def _packet(self, caller: _Caller, request: Request, doc_id: str) -> Answer:
        answer = self._axis.carried(caller.call(request, "downloadEdoc", docId=doc_id))
        told = answer.headers.get(HASH_FILE, "")
        if answer.status != 200 or not told:
            return _translated(answer, lambda _: answer)
        headers = {"Repr-Digest": digest_field(bytes.fromhex(told)), "Accept-Ranges": "bytes"}
        first = _message(request).fields.get("range", "").removeprefix("bytes=").removesuffix("-")
        if not (first.isdigit() and 0 < int(first) < len(answer.content)):
            return replace(answer, content_type=PACKET_TYPE, headers=headers)
        size, start = len(answer.content), int(first)
        headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
        return replace(
            answer, status=206, content=answer.content[start:], content_type=PACKET_TYPE, headers=headers
        )

    def _state(self, caller: _Caller, request: Request, doc_id: str) -> Answer:
        told = _object(request.body)
        arguments = {"docid": doc_id, "status": str(told.get("state", ""))}
        arguments["description"] = str(told.get("description", ""))
        answer = self._axis.carried(caller.call(request, "updateStatus", **arguments))

        def state(_: Mapping[str, Any]) -> Answer:
            row = self._axis.deliveries[doc_id]
            at = row.acknowledged.isoformat() if row.acknowledged else None
            return _json({"id": doc_id, "state": row.state, "acknowledgedAt": at})

        return _translated(answer, state)

    def _agencies(self, caller: _Caller, request: Request, asked: Mapping[str, str]) -> Answer:
        after = asked.get("after", "0")
        newer = int(after) if after.isdigit() else 0
        answer = self._axis.carried(caller.call(request, "getSynchronizeUnit", fromVersion=after))
        agencies = self._axis.agencies
        latest = max((row.version for row in agencies.values()), default=0)
        if newer and newer == latest:
            self.seen("modern-delta", True, f"hỏi tiếp từ phiên bản {newer}, không lấy lại cả danh mục")

        def told(said: Mapping[str, Any]) -> Answer:
            rows = [agencies[row["code"]] for row in said["data"]]
            listed = [
                {
                    "id": str(uuid5(NAMESPACE_OID, row.code)),
                    "code": row.code,
                    "codes": [code for code in (row.code, row.old_code) if code],
                    "name": row.name,
                    "parent": row.code.rpartition(".")[0],
                    "email": "",
                    "level": len(row.code.split(".")),
                    "system": row.member,
                    "stage": "CONNECTED",
                    "locked": row.locked,
                    "deleted": row.deleted,
                    "successor": "",
                    "encryption": None,
                    "version": row.version,
                    "modifiedAt": self._axis.clock().isoformat(),
                }
                for row in rows
            ]
            return _json({"version": max(latest, newer), "more": False, "reset": False, "agencies": listed})

        return _translated(answer, told)


def _message(request: Request) -> Message:
    path, _, query = request.path.partition("?")
    fields = {name.lower(): value for name, value in request.headers.items()}
    return Message(
        method=request.verb, authority=fields.get("host", ""), path=path, query=query, fields=fields
    )


def _translated(answer: Answer, done: Callable[[Mapping[str, Any]], Answer]) -> Answer:
    """An answer of the VXP door as this door gives it; faults of the line and slowness stay as they are."""
    if answer.cut_after == 0 or answer.status != 200:
        return answer
    said = _object(answer.content)
    if said.get("status") == "OK":
        return replace(done(said), wait=answer.wait, cut_after=answer.cut_after)
    if said.get("status") != "FAIL":
        return answer
    code = str(said.get("ErrorCode"))
    known = ErrorCode(code) if code in list(ErrorCode) else ErrorCode.BAD_REQUEST
    status = 429 if code in (ErrorCode.OVER_LIMIT, ErrorCode.QUEUE_FULL) else HTTP_STATUS.get(known, 400)
    told = _told(status, f"VXP_{code}", str(said.get("ErrorDesc", "")), code)
    return replace(told, headers=answer.headers, wait=answer.wait)


def _problem(refused: VanthuError) -> Answer:
    code = getattr(refused, "answer", ErrorCode.BAD_CREDENTIALS)
    return _told(refused.http_status, refused.code, refused.text, str(code), refused.must_act.value)


def _told(status: int, code: str, detail: str, error_code: str, must_act: str = "") -> Answer:
    """Problem details (RFC 9457) as the axis of this product gives them."""
    told = {
        "type": f"urn:vanthu:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "errorCode": error_code,
        "mustAct": must_act,
    }
    return replace(_json(told, status), content_type=PROBLEM)


def _json(said: Mapping[str, Any], status: int = 200) -> Answer:
    return Answer.of(said, status=status)


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
