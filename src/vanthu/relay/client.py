"""The client of the modern door of an axis, with the same methods as the VXP client and some more.

Every call carries a message signature of the site's own key. A key that the axis does not know yet is enrolled
with the VXP secret, once per call that needs it. Refuses to retry, except that a download that breaks off goes
on where it stopped: whoever keeps the packet decides the rest.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode

import httpx

from vanthu.evidence import Key, public_jwk
from vanthu.relay.digests import digest_field, digest_of
from vanthu.relay.errors import KeyUnknown, SignatureMissing
from vanthu.relay.line import About, AgencyChanges, OnTheWay, Partner, SignedRow, Waiting
from vanthu.relay.proofs import Proof
from vanthu.relay.publications import Publication
from vanthu.relay.rows import (
    agency_row,
    between,
    codes_of,
    on_the_way,
    received_row,
    rows_of,
    sent_row,
    trials_of,
    wire_time,
)
from vanthu.relay.signatures import Message, sign_message
from vanthu.vxp import (
    AgencyRow,
    ErrorCode,
    MessageType,
    SendAnswer,
    SentRow,
    TransportStatus,
    UnitRow,
    VxpBadAnswer,
    VxpBusy,
    VxpRefused,
    VxpUnreachable,
)
from vanthu.vxp.connection import UNAVAILABLE, Connection, bounded, notices, object_of
from vanthu.vxp.headers import JSON_TYPE, PACKET_TYPE
from vanthu.vxp.headers import sign as vxp_headers
from vanthu.vxp.rows import text_of
from vanthu.vxp.streams import CHUNK, chunks, measure, readable

BASE = "/axis/v2"
MAX_ANSWER = 64 << 20
PAGE = 1000
ONBOARDING_PAGE = 200
WAIT_GRACE = 10.0
"""Seconds that the answer to a wait may take beyond the wait itself."""
RESUMES = 3
_ALWAYS = ("@method", "@authority", "@path", "@query")


class Client(Connection):
    """Calls one axis as the system whose ``key`` signs.

    ``secret`` is the VXP secret that enrols the key when the axis does not know it. ``clock`` returns an aware
    instant. Every method may raise ``VxpUnreachable`` (try later), ``VxpRefused`` (the axis said no) or
    ``VxpBadAnswer`` (not the protocol). One client serves any number of threads.
    """

    def __init__(
        self,
        endpoint: str,
        system_id: str,
        key: Key,
        *,
        secret: str = "",
        http: httpx.Client | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        max_packet_bytes: int = 1 << 30,
    ) -> None:
        super().__init__(endpoint, http, max_packet_bytes)
        self.system_id = system_id
        self._key = key
        self._secret = secret
        self._clock = clock

    def about(self) -> About:
        """What the axis says of its modern door; ``VxpRefused`` or ``VxpBadAnswer`` where there is none."""
        request = self._request("GET", f"{BASE}/about")
        with self._opened(request) as response:
            _refuse(response)
            answer = object_of(bounded(response, MAX_ANSWER))
        if answer.get("version") != 2:
            raise VxpBadAnswer(reason="about không đúng phiên bản")
        return About(text_of(answer, "name"), 2, float(answer.get("waitSeconds") or 0), dict(answer))

    def enrol(self) -> None:
        """Register the key with the VXP secret; harmless when it is known already.

        A refusal is one of credentials, whatever its reason: it says nothing about any packet.
        """
        jwk = json.dumps(
            {name: public_jwk(self._key)[name] for name in sorted(self._key.as_dict(private=False))}
        )
        headers = vxp_headers(
            self.system_id, self._secret, {"jwk": jwk}, at=self._clock(), content_type=JSON_TYPE
        )
        request = self._request("POST", f"{BASE}/enrol", headers=headers)
        self._sign(request, (*_ALWAYS, "xroadvnpt-hash-header"))
        with self._opened(request) as response:
            try:
                _refuse(response)
            except VxpRefused as error:
                raise VxpRefused(ErrorCode.BAD_CREDENTIALS, error.error_desc) from error

    # --- as the VXP client

    def send_edoc(
        self,
        body: bytes | BinaryIO | Path,
        *,
        sender: str,
        message_type: MessageType,
        to: Sequence[str] | None = None,
        document_id: str = "",
        priority: int = 0,
    ) -> SendAnswer:
        """Send one packet; streams it. ``to`` replaces the recipients written in the packet's header.

        ``document_id`` and ``priority`` (0 to 4) are for types whose body the axis does not read.

        The Idempotency-Key follows from what is sent, so sending again cannot make a second packet. The packet
        has left the originator's control when this returns (NĐ 30/2020 via R3: ``sentAt``).
        """
        with readable(body) as stream:
            digest, size = measure(stream)
            headers = {
                "Content-Type": PACKET_TYPE,
                "Content-Length": str(size),
                "Content-Digest": digest_field(digest),
                "Idempotency-Key": _idempotency_key(digest, sender, message_type, to, document_id, priority),
            }
            covered = [*_ALWAYS, "content-digest", "idempotency-key"]
            if to is not None:
                headers["Packet-To"] = json.dumps(list(to), separators=(",", ":"))
                covered.append("packet-to")
            asked: dict[str, str | int] = {"type": message_type, "from": sender}
            asked |= {"documentId": document_id} if document_id else {}
            asked |= {"priority": priority} if priority else {}
            path = f"/packets?{urlencode(asked)}"
            start = stream.tell()

            def content() -> Iterator[bytes]:
                stream.seek(start)
                return chunks(stream)

            answer = self._json("POST", path, headers, content, covered)
        doc_id = text_of(answer, "id")
        if not doc_id:
            raise VxpBadAnswer(reason="packets không có id")
        return SendAnswer(
            doc_id, text_of(answer, "receipt") or None, notices(answer, "notices"), trials_of(answer)
        )

    def received(
        self,
        message_type: MessageType,
        from_date: datetime | None = None,
        to_date: datetime | None = None,
        limit: int | None = None,
    ) -> list[SignedRow]:
        """What waits for this member, urgent first; rows come again until acknowledged. Aware instants."""
        asked = urlencode({"type": message_type, "limit": min(limit or PAGE, PAGE)})
        answer = self._get(f"/deliveries?{asked}")
        rows = [received_row(row) for row in rows_of(answer, "deliveries")]
        return [row for row in rows if between(row, from_date, to_date)]

    def download(self, doc_id: str, target: BinaryIO, *, sha256: str | None = None) -> None:
        """Stream one packet into ``target``, going on where a broken connection stopped, a few times.

        Compares with ``sha256`` (lower-case hex) and with the hash the axis sends along; whatever was written
        is worthless when this raises.
        """
        digest, size, told = hashlib.sha256(), 0, ""
        for attempt in range(RESUMES + 1):
            try:
                for chunk, named in self._part(doc_id, size):
                    told = named
                    digest.update(chunk)
                    target.write(chunk)
                    size += len(chunk)
                break
            except VxpUnreachable:
                if size == 0 or attempt == RESUMES:
                    raise
        for expected in filter(None, (sha256, told)):
            if expected != digest.hexdigest():
                raise VxpBadAnswer(reason="gói tin tải về không khớp mã băm")

    def update_status(self, doc_id: str, status: TransportStatus, description: str = "") -> None:
        """Acknowledge one packet of this member's list. ``done`` only after it is stored durably."""
        told = {"state": status, "description": description[:500]}
        self._told("PUT", f"/deliveries/{quote(doc_id, safe='')}/state", told)

    def sent(self, doc_id: str, message_type: MessageType = "edoc") -> list[SentRow]:
        """Transport states of one packet this member sent, one row per recipient."""
        rows = rows_of(self._get(f"/packets/{quote(doc_id, safe='')}"), "recipients")
        return [sent_row(row) for row in rows if text_of(row, "type") == message_type]

    def agencies(self) -> list[AgencyRow]:
        """Every agency reachable through the axis."""
        return list(self.agency_changes().rows)

    def agency_changes(self, after: int = 0) -> AgencyChanges:
        """The agency list behind a version; whole for 0, and where the axis says that it is another list."""
        version, rows, whole = self._changes(after)
        present = tuple(agency_row(row) for row in rows if not row.get("deleted"))
        left = {code for row in rows if row.get("deleted") for code in (text_of(row, "code"), *codes_of(row))}
        left.update(code for row in present for code in row.old_codes)
        found = {text_of(row, "code"): Publication.read(row.get("encryption")) for row in rows}
        published = {code: given for code, given in found.items() if given is not None}
        followed = {
            text_of(row, "code"): text_of(row, "successor") for row in rows if text_of(row, "successor")
        }
        gone = frozenset(left - {row.code for row in present})
        return AgencyChanges(version, present, gone, whole, published, followed)

    def publish(self, agency: str, given: Publication) -> None:
        """Publish which certificates contents for one of this member's agencies are encrypted to."""
        self._told("PUT", f"/agencies/{quote(agency, safe='')}/encryption", given.as_json())

    def units(self, newer_than: int = 0) -> list[UnitRow]:
        """The agency list with versions and deletions, only what is newer than a version."""
        return [
            UnitRow(
                id=text_of(row, "id"),
                parent_id=text_of(row, "parent"),
                code=text_of(row, "code"),
                name=text_of(row, "name"),
                email=text_of(row, "email"),
                version=int(row.get("version") or 0),
                center_code=text_of(row, "system"),
                deleted=bool(row.get("deleted")),
                modified=wire_time(text_of(row, "modifiedAt")),
                is_agency=True,
                successor=text_of(row, "successor"),
                stage=text_of(row, "stage"),
            )
            for row in self._changes(newer_than)[1]
        ]

    # --- what only the modern door has

    def wait(self, seconds: float, known: str = "") -> Waiting:
        """Blocks until something waits that ``known`` (of an earlier answer) does not tell of; at most
        ``seconds``, and no longer than the axis allows."""
        path = f"/wait?{urlencode({'seconds': int(seconds), 'known': known})}"
        answer = self._json("GET", path, {}, None, _ALWAYS, seconds=seconds + WAIT_GRACE)
        edoc, status, other = (int(answer.get(name) or 0) for name in ("edoc", "status", "other"))
        return Waiting(edoc, status, text_of(answer, "known"), other)

    def proof(self, doc_id: str) -> Proof | None:
        """The sender system's signature over a packet of this member's list; None where there is none."""
        try:
            return Proof.read(self._get(f"/deliveries/{quote(doc_id, safe='')}/proof"))
        except VxpRefused as error:
            if error.error_code == ErrorCode.DOCUMENT_UNKNOWN:
                return None
            raise

    def key_of(self, key_id: str, agency: str) -> Mapping[str, Any] | None:
        """The public key (JWK) of that name, if the system that serves ``agency`` holds it; else None."""
        try:
            answer = self._get(f"/keys/{quote(key_id, safe='')}?{urlencode({'agency': agency})}")
        except VxpRefused as error:
            if error.error_code == ErrorCode.DOCUMENT_UNKNOWN:
                return None
            raise
        jwk = answer.get("jwk")
        return jwk if isinstance(jwk, dict) else None

    def evidence(self, doc_id: str) -> bytes:
        """The proof file of a packet that this member sent, was sent, or was refused; verifies offline."""
        with self._answered("GET", f"/evidence/{quote(doc_id, safe='')}", {}, None, _ALWAYS) as response:
            return bounded(response, MAX_ANSWER)

    def onboarding(self) -> tuple[list[OnTheWay], list[Partner]]:
        """How far this member's agencies are on their way onto the axis, and with whom they can try everything.

        ``VxpRefused`` from an axis that does not tell.
        """
        found, after, seen = list[OnTheWay](), "", {""}
        while True:
            answer = self._get(f"/onboarding?{urlencode({'after': after, 'limit': ONBOARDING_PAGE})}")
            rows = [on_the_way(row) for row in rows_of(answer, "agencies")]
            found += rows
            if not answer.get("more"):
                named = rows_of(answer, "partners")
                return found, [Partner(text_of(row, "code"), text_of(row, "name")) for row in named]
            after = rows[-1].code if rows else ""
            if after in seen:
                raise VxpBadAnswer(reason="onboarding không tiến tới mã mới")
            seen.add(after)

    def statistics(self, since: datetime, until: datetime) -> Mapping[str, Any]:
        """Counts of this member's traffic between two aware instants."""
        return self._get(f"/statistics?{urlencode({'since': since.isoformat(), 'until': until.isoformat()})}")

    def add_webhook(self, url: str) -> str:
        """Have an address told when something waits; returns the webhook's id."""
        return text_of(self._told("POST", "/webhooks", {"url": url}), "id")

    def webhooks(self) -> list[Mapping[str, Any]]:
        """This member's webhooks and how their calls go."""
        return rows_of(self._get("/webhooks"), "webhooks")

    def remove_webhook(self, webhook_id: str) -> None:
        """Have an address told no longer."""
        self._json("DELETE", f"/webhooks/{quote(webhook_id, safe='')}", {}, None, _ALWAYS)

    # --- parts

    def _changes(self, after: int) -> tuple[int, list[Mapping[str, Any]], bool]:
        """The version reached, the rows of the list behind ``after``, and whether they are the whole list."""
        version, rows, whole = after, list[Mapping[str, Any]](), after == 0
        while True:
            answer = self._get(f"/agencies?{urlencode({'after': version, 'limit': PAGE})}")
            if answer.get("reset"):
                version, whole = 0, True
                rows.clear()
            rows += rows_of(answer, "agencies")
            reached = int(answer.get("version") or 0)
            if not answer.get("more"):
                return max(version, reached), rows, whole
            if reached <= version:
                raise VxpBadAnswer(reason="agencies không tiến tới phiên bản mới")
            version = reached

    def _get(self, path: str) -> Mapping[str, Any]:
        return self._json("GET", path, {}, None, _ALWAYS)

    def _told(self, method: str, path: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        body = json.dumps(content, ensure_ascii=False).encode()
        digest = digest_field(hashlib.sha256(body).digest())
        headers = {"Content-Type": JSON_TYPE, "Content-Digest": digest}
        return self._json(method, path, headers, lambda: body, (*_ALWAYS, "content-digest"))

    def _json(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        content: Callable[[], bytes | Iterator[bytes]] | None,
        covered: Sequence[str],
        *,
        seconds: float | None = None,
    ) -> Mapping[str, Any]:
        with self._answered(method, path, headers, content, covered, seconds=seconds) as response:
            return (
                {}
                if response.status_code == httpx.codes.NO_CONTENT
                else object_of(bounded(response, MAX_ANSWER))
            )

    def _part(self, doc_id: str, start: int) -> Iterator[tuple[bytes, str]]:
        """The packet from a byte on, each piece with the hash of the whole as the axis tells it."""
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        path = f"/deliveries/{quote(doc_id, safe='')}/packet"
        with self._answered("GET", path, headers, None, _ALWAYS) as response:
            if start and response.status_code != httpx.codes.PARTIAL_CONTENT:
                raise VxpBadAnswer(reason="trục không gửi tiếp phần còn lại của gói tin")
            told, size = _named_digest(response), start
            for chunk in response.iter_bytes(CHUNK):
                size += len(chunk)
                self._within_size(size)
                yield chunk, told

    @contextmanager
    def _answered(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        content: Callable[[], bytes | Iterator[bytes]] | None,
        covered: Sequence[str],
        *,
        seconds: float | None = None,
    ) -> Iterator[httpx.Response]:
        """The answer to a signed call; an axis that does not know the key gets it, and is asked again."""
        for attempt in (1, 2):
            request = self._request(
                method,
                f"{BASE}{path}",
                headers=dict(headers),
                content=content() if content else None,
                timeout=httpx.USE_CLIENT_DEFAULT if seconds is None else httpx.Timeout(seconds, connect=10),
            )
            self._sign(request, covered)
            with self._opened(request) as response:
                if attempt == 2 or not self._secret or not _unknown_key(response):
                    _refuse(response)
                    yield response
                    return
            self.enrol()

    def _sign(self, request: httpx.Request, covered: Sequence[str]) -> None:
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        message = Message(
            method=request.method,
            authority=request.headers["Host"],
            path=path,
            query=query,
            fields={name.lower(): value for name, value in request.headers.items()},
        )
        nonce = secrets.token_urlsafe(18)
        request.headers.update(sign_message(message, self._key, covered, at=self._clock(), nonce=nonce))


def _idempotency_key(
    digest: bytes, sender: str, message_type: str, to: Sequence[str] | None, document_id: str, priority: int
) -> str:
    asked: list[object] = [digest.hex(), sender, message_type, list(to) if to is not None else None]
    if document_id or priority:
        asked += [document_id, priority]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def _unknown_key(response: httpx.Response) -> bool:
    if response.status_code != httpx.codes.UNAUTHORIZED:
        return False
    response.read()
    return _problem(response).get("code") == KeyUnknown.code


def _refuse(response: httpx.Response) -> None:
    """Raise what a refusal means, in the words of the VXP client's errors."""
    status = response.status_code
    if httpx.codes.is_success(status):
        return
    if not response.is_closed and not response.is_stream_consumed:
        response.read()
    told = _problem(response)
    code, detail = text_of(told, "errorCode", "code"), text_of(told, "detail")
    pause = response.headers.get("Retry-After", "")
    if status in UNAVAILABLE and pause.isascii() and pause.isdigit():
        raise VxpBusy(detail[:200] or f"HTTP {status}", int(pause))
    if status in UNAVAILABLE:
        raise VxpUnreachable(reason=detail[:200] or f"HTTP {status}")
    if told or status in (401, 403, 413):
        raise VxpRefused(code or str(status), detail or response.reason_phrase, text_of(told, "receipt"))
    raise VxpBadAnswer(reason=f"HTTP {status}")


def _problem(response: httpx.Response) -> Mapping[str, Any]:
    if "application/problem+json" not in response.headers.get("Content-Type", ""):
        return {}
    try:
        told = response.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _named_digest(response: httpx.Response) -> str:
    try:
        return digest_of(response.headers.get("Repr-Digest", "")).hex()
    except SignatureMissing:
        return ""
