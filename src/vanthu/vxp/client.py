"""The client of an axis: one method per operation, each with its own headers and a fresh time stamp.

Owns nothing between calls but the connection pool, so one client serves any number of threads. Refuses to
retry: whoever keeps the packet decides that. Sending the same packet again is safe, the axis answers with the
first document id.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal

import httpx

from vanthu.vxp.connection import UNAVAILABLE, Connection, bounded, notices, object_of
from vanthu.vxp.errors import ErrorCode, VxpBadAnswer, VxpBusy, VxpRefused, VxpUnreachable
from vanthu.vxp.headers import HASH_FILE, JSON_TYPE, PACKET_TYPE, VIETNAM, sign
from vanthu.vxp.rows import AgencyRow, PublicationRow, ReceivedRow, SendAnswer, SentRow, UnitRow, text_of
from vanthu.vxp.streams import CHUNK, chunks, measure, readable

MessageType = str
"""``edoc``, ``status``, or a further type that the axis carries."""

TransportStatus = Literal["processing", "done", "fail"]

MAX_ANSWER = 256 << 20
DESCRIPTION_LIMIT = 500
_PAUSES = (ErrorCode.OVER_LIMIT, ErrorCode.QUEUE_FULL)


class Client(Connection):
    """Calls one axis as one member system.

    ``endpoint`` is the axis' base address, ``system_id`` and ``secret`` what its operator gave. ``clock``
    returns an aware instant. Every method may raise :class:`VxpUnreachable` (try later), :class:`VxpRefused`
    (the axis said no) or :class:`VxpBadAnswer` (not the protocol).
    """

    def __init__(
        self,
        endpoint: str,
        system_id: str,
        secret: str,
        *,
        http: httpx.Client | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        max_packet_bytes: int = 1 << 30,
    ) -> None:
        super().__init__(endpoint, http, max_packet_bytes)
        self.system_id = system_id
        self._secret = secret
        self._clock = clock

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

        ``document_id`` (printable ASCII) and ``priority`` (0 to 4) are for types whose body the axis does not read.

        The packet has left the originator's control when this returns (NĐ 30/2020 via R3: ``sentAt``).
        """
        arguments = {"servicetype": "eDoc", "messagetype": message_type}
        with readable(body) as stream:
            digest, size = measure(stream)
            arguments |= {"hash-file": digest.hex(), "from": sender}
            if to is not None:
                arguments["to"] = json.dumps(list(to), separators=(",", ":"))
            if document_id:
                arguments["documentid"] = document_id
            if priority:
                arguments["priority"] = str(priority)
            headers = self._headers(arguments, PACKET_TYPE) | {"Content-Length": str(size)}
            answer = self._call("POST", "/sendEdoc", headers, chunks(stream))
        doc_id = text_of(answer, "DocId")
        if not doc_id:
            raise VxpBadAnswer(reason="sendEdoc không có DocId")
        return SendAnswer(doc_id, text_of(answer, "Receipt") or None, notices(answer, "Notices"))

    def received(
        self,
        message_type: MessageType,
        from_date: datetime | None = None,
        to_date: datetime | None = None,
        limit: int | None = None,
    ) -> list[ReceivedRow]:
        """What waits for this member, in the axis' order; rows come again until acknowledged.

        Aware instants. ``limit`` asks for the first rows only, where the axis knows how to (ours does).
        """
        arguments = {"servicetype": "eDoc", "messagetype": message_type}
        if limit is not None:
            arguments["limit"] = str(limit)
        for name, instant in (("fromDate", from_date), ("toDate", to_date)):
            if instant is not None:
                arguments[name] = f"{instant.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"
        return [ReceivedRow.of(row) for row in self._rows("/getReceivedEdocList", arguments)]

    def download(self, doc_id: str, target: BinaryIO, *, sha256: str | None = None) -> None:
        """Stream one packet into ``target``; whatever was written is worthless when this raises.

        Compares with ``sha256`` (lower-case hex) and with the hash the axis sends along, where there is one.
        """
        headers = self._headers({"docId": doc_id, "filePath": "store"}, JSON_TYPE)
        headers["Accept-Encoding"] = "identity"
        digest = hashlib.sha256()
        with self._opened(self._request("GET", "/downloadEdoc", headers=headers)) as response:
            if response.status_code == httpx.codes.NOT_FOUND:
                content = self.get(doc_id)
                digest.update(content)
                target.write(content)
            else:
                _refuse_status(response)
                for chunk in self._packet_chunks(response):
                    digest.update(chunk)
                    target.write(chunk)
            told = response.headers.get(HASH_FILE, "").lower()
        for expected in filter(None, (sha256, told)):
            if expected != digest.hexdigest():
                raise VxpBadAnswer(reason="gói tin tải về không khớp mã băm")

    def get(self, doc_id: str) -> bytes:
        """One packet whole, by the older operation that carries it as base64; for small packets."""
        return self._data("/getEdoc", {"docId": doc_id, "filePath": "store"})

    def evidence(self, doc_id: str) -> bytes:
        """The proof file of a packet that this member sent or received, or of its refusal (our axis only).

        Raises :class:`VxpUnreachable` while the axis has not sealed it yet.
        """
        return self._data("/getEvidence", {"docId": doc_id})

    def update_status(self, doc_id: str, status: TransportStatus, description: str = "") -> None:
        """Acknowledge one packet of this member's list. ``done`` only after it is stored durably.

        A header cannot carry accents, so the description is sent without them, as the axes' own texts are.
        """
        arguments = {"docid": doc_id, "status": status}
        if plain := _plain(description):
            arguments["description"] = plain
        self._json("POST", "/updateStatus", arguments, b"{}")

    def sent(self, doc_id: str, message_type: MessageType = "edoc") -> list[SentRow]:
        """Transport states of one packet this member sent, one row per recipient."""
        arguments = {"servicetype": "eDoc", "messagetype": message_type, "docId": doc_id}
        return [SentRow.of(row) for row in self._rows("/getSentEdocList", arguments)]

    def count(self, message_type: MessageType) -> int:
        """How many packets of a type wait for this member."""
        path = "/countReceiveEdoc" if message_type == "edoc" else "/countReceiveStatus"
        found = text_of(self._json("POST", path, {}, b"{}"), "count")
        if not (found.isascii() and found.isdigit()):
            raise VxpBadAnswer(reason=f"{path} không có count")
        return int(found)

    def agencies(self) -> list[AgencyRow]:
        """Every agency reachable through the axis."""
        return [AgencyRow.of(row) for row in self._rows("/getAgenciesList", {})]

    def agencies_qd20(self, level: int) -> list[AgencyRow]:
        """The agencies of one level with identifiers by QĐ 20/2020."""
        return [AgencyRow.of(row) for row in self._rows("/getAgenciesListQD20", {"level": str(level)})]

    def units(self, newer_than: int = 0) -> list[UnitRow]:
        """The agency list with versions and deletions, for synchronising a copy.

        ``newer_than``: only rows of a later version, where the axis knows how to (ours does); others send
        all.
        """
        arguments = {"fromVersion": str(newer_than)} if newer_than else {}
        return [UnitRow.of(row) for row in self._rows("/getSynchronizeUnit", arguments)]

    def register_agency(self, *, code: str, name: str, parent_code: str = "", email: str = "") -> None:
        """Register an agency under this member, or change its name and e-mail address."""
        row = {"id": "", "pcode": parent_code, "code": code, "name": name}
        row |= {"mail": email, "mobile": "", "fax": ""}
        self._json("POST", "/registerAgency", {}, json.dumps(row, ensure_ascii=False).encode())

    def delete_agency(self, code: str) -> None:
        """Take one of this member's agencies off the axis."""
        self._json("POST", "/deleteAgency", {"AgencyCode": code}, b"{}")

    def publications(self, newer_than: int = 0) -> list[PublicationRow]:
        """A page of what agencies publish for being encrypted to, behind a version, in its order; empty at the end.

        Our axis only; others answer as to any operation that they do not know.
        """
        arguments = {"fromVersion": str(newer_than)} if newer_than else {}
        return [PublicationRow.of(row) for row in self._rows("/getEncryptionList", arguments)]

    def publish(self, code: str, publication: Mapping[str, Any]) -> None:
        """Publish what one of this member's agencies is encrypted to, as its own system signed it; our axis only."""
        body = json.dumps(publication, ensure_ascii=False).encode()
        self._json("POST", "/publishEncryption", {"AgencyCode": code}, body)

    def _headers(self, arguments: Mapping[str, str], content_type: str) -> dict[str, str]:
        return sign(self.system_id, self._secret, arguments, at=self._clock(), content_type=content_type)

    def _json(self, verb: str, path: str, arguments: Mapping[str, str], body: bytes) -> Mapping[str, Any]:
        return self._call(verb, path, self._headers(arguments, JSON_TYPE), body)

    def _data(self, path: str, arguments: Mapping[str, str]) -> bytes:
        answer = self._json("POST", path, arguments, b"{}")
        try:
            return base64.b64decode("".join(text_of(answer, "data").split()), validate=True)
        except (binascii.Error, ValueError):
            raise VxpBadAnswer(reason=f"{path}: data không phải base64") from None

    def _rows(self, path: str, arguments: Mapping[str, str]) -> list[Mapping[str, Any]]:
        data = self._json("POST", path, arguments, b"").get("data") or []
        if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
            raise VxpBadAnswer(reason=f"{path}: data không phải danh sách")
        return data

    def _call(
        self, verb: str, path: str, headers: dict[str, str], body: bytes | Iterator[bytes]
    ) -> Mapping[str, Any]:
        with self._opened(self._request(verb, path, headers=headers, content=body)) as response:
            _refuse_status(response)
            return _answer(bounded(response, MAX_ANSWER), response.headers.get("Retry-After", ""))

    def _packet_chunks(self, response: httpx.Response) -> Iterator[bytes]:
        """The packet's bytes; an axis that answers JSON instead of a packet says why it refuses."""
        size = 0
        for chunk in response.iter_bytes(CHUNK):
            if size == 0 and chunk.lstrip()[:1] == b"{":
                _answer(chunk)
                raise VxpBadAnswer(reason="downloadEdoc không trả về gói tin")
            size += len(chunk)
            self._within_size(size)
            yield chunk


def _refuse_status(response: httpx.Response) -> None:
    status = response.status_code
    if status == httpx.codes.OK:
        return
    if status in (401, 403, 413):
        text = bounded(response, 4096, cut=True).decode(errors="replace").strip()
        raise VxpRefused(str(status), text[:200] or response.reason_phrase)
    if status in UNAVAILABLE:
        raise VxpUnreachable(reason=f"HTTP {status}")
    raise VxpBadAnswer(reason=f"HTTP {status}")


def _answer(content: bytes, retry_after: str = "") -> Mapping[str, Any]:
    """The answer's JSON object. FAIL comes with HTTP 200; the axis' own trouble is a reason to try again."""
    answer = object_of(content)
    status, code = text_of(answer, "status").upper(), text_of(answer, "ErrorCode")
    if status == "OK" and code in ("", "0"):
        return answer
    if code == ErrorCode.SYSTEM:
        raise VxpUnreachable(reason=text_of(answer, "ErrorDesc")[:200])
    if code in _PAUSES:
        pause = int(retry_after) if retry_after.isascii() and retry_after.isdigit() else None
        raise VxpBusy(text_of(answer, "ErrorDesc")[:200], pause)
    if status or code:
        raise VxpRefused(code or "?", text_of(answer, "ErrorDesc"), text_of(answer, "Receipt"))
    raise VxpBadAnswer(reason="không có status")


def _plain(text: str) -> str:
    """The text as printable ASCII on one line: accents off, ``đ`` to ``d``."""
    folded = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    letters = "".join(letter for letter in folded if letter.isascii())
    return " ".join(letters.split())[:DESCRIPTION_LIMIT]
