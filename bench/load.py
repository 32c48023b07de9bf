"""A lean load for the axis: packets by the thousand from few threads, with little work of its own.

Every thread holds one connection and sends the next packet when it has the answer; a broken connection or a fault of
the axis means the same packet again, as a member's system does. Owns making requests; refuses to judge what the axis
did with them.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from vanthu.vxp import sign

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
LARGE, PREPARED_PER_SECOND = 1 << 20, 80
"""Packets from so many bytes on are hashed before the load begins: so many for each second that it lasts."""
PATIENCE = 60.0
"""Seconds of failures after which a thread gives up."""


@dataclass(frozen=True)
class Target:
    """Where to, and as whom: the sending and the receiving agency, the sender's system and its secret."""

    port: int
    system_id: str
    secret: str
    sender: str
    recipient: str


@dataclass
class Outcome:
    """What the threads saw: milliseconds from the first byte sent to the answer, by second of the load."""

    ms: list[float] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    receipts: dict[str, str] = field(default_factory=dict)
    """Document id → DocId of the axis."""
    retries: int = 0
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Accepted packets per second."""
        return len(self.ms) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds within which that share was answered."""
        return sorted(self.ms)[min(len(self.ms) - 1, int(len(self.ms) * share))]


class Packets:
    """Packets of about ``size`` bytes that differ in their document id."""

    def __init__(self, target: Target, size: int, mark: str) -> None:
        self._target, self._mark = target, mark
        self._tail = self._written_tail(size)
        self._hashes: dict[int, str] = {}

    def prepare(self, count: int) -> None:
        """Hash the first packets before the load begins: of large ones that is work of the sender, not of the axis."""
        self._hashes = {number: self._hash(self._head(self._document_id(number))) for number in range(count)}

    def _document_id(self, number: int) -> str:
        return f"{self._mark}/{number}"

    def _hash(self, head: bytes) -> str:
        digest = hashlib.sha256(head)
        digest.update(self._tail)
        return digest.hexdigest()

    def request(self, number: int) -> tuple[str, list[bytes]]:
        """The document id, and the bytes of one HTTP request."""
        document_id = self._document_id(number)
        head = self._head(document_id)
        target = self._target
        arguments = {
            "servicetype": "eDoc",
            "messagetype": "edoc",
            "hash-file": self._hashes.get(number) or self._hash(head),
            "from": target.sender,
        }
        headers = sign(
            target.system_id,
            target.secret,
            arguments,
            at=datetime.now(UTC),
            content_type="application/octet-stream",
        )
        lines = [f"{name}: {value}" for name, value in headers.items()]
        lines += ["Host: 127.0.0.1", f"Content-Length: {len(head) + len(self._tail)}", "", ""]
        return document_id, ["\r\n".join(["POST /sendEdoc HTTP/1.1", *lines]).encode(), head, self._tail]

    def _head(self, document_id: str) -> bytes:
        sender, recipient = self._target.sender, self._target.recipient
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><edXML xmlns="{NAMESPACE}">'
            f'<edXML:edXMLEnvelope xmlns:edXML="{NAMESPACE}"><edXML:edXMLHeader><edXML:MessageHeader>'
            f"<edXML:From><edXML:OrganId>{sender}</edXML:OrganId></edXML:From>"
            f"<edXML:To><edXML:OrganId>{recipient}</edXML:OrganId></edXML:To>"
            f"<edXML:DocumentId>{document_id}</edXML:DocumentId>"
        ).encode()

    def _written_tail(self, size: int) -> bytes:
        block = hashlib.sha256(self._mark.encode()).hexdigest().encode() * 4
        start = (
            "<edXML:Code><edXML:CodeNumber>15</edXML:CodeNumber><edXML:CodeNotation>SNV-VP</edXML:CodeNotation>"
            "</edXML:Code><edXML:Subject>Về việc rà soát công tác chuyển đổi số</edXML:Subject>"
            "<edXML:OtherInfo><edXML:Priority>0</edXML:Priority></edXML:OtherInfo></edXML:MessageHeader>"
            "<edXML:TraceHeaderList><edXML:Bussiness><edXML:BussinessDocType>0</edXML:BussinessDocType>"
            "</edXML:Bussiness></edXML:TraceHeaderList></edXML:edXMLHeader></edXML:edXMLEnvelope>"
            "<AttachmentEncoded><Attachment><AttachmentName>cong-van.pdf</AttachmentName>"
            f'<edXML:ContentTransferEncoded xmlns:edXML="{NAMESPACE}">'
        ).encode()
        end = b"</edXML:ContentTransferEncoded></Attachment></AttachmentEncoded></edXML>"
        return start + block * max(1, (size - len(start) - len(end) - 500) // len(block)) + end


def drive(
    target: Target, size: int, *, threads: int, seconds: float, mark: str, most: int | None = None
) -> Outcome:
    """Send packets of about ``size`` bytes for some seconds (or until ``most`` were sent)."""
    packets, numbers, outcome = Packets(target, size, mark), itertools.count(), Outcome()
    if size >= LARGE:
        packets.prepare(int(seconds * PREPARED_PER_SECOND))
    started, cpu = time.perf_counter(), time.process_time()
    until = started + seconds

    def go_on(number: int) -> bool:
        return time.perf_counter() < until and (most is None or number < most)

    def work() -> None:
        sender = _Sender(target.port)
        while go_on(number := next(numbers)):
            document_id, request = packets.request(number)
            begun = time.perf_counter()
            answer, retries = sender.until_accepted(request)
            now = time.perf_counter()
            outcome.ms.append((now - begun) * 1000)
            outcome.at.append(now - started)
            outcome.receipts[document_id] = answer["DocId"]
            outcome.retries += retries

    _together(work, threads)
    outcome.seconds, outcome.cpu = time.perf_counter() - started, time.process_time() - cpu
    return outcome


def _together(work: Callable[[], None], threads: int) -> None:
    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as failure:
            failures.append(failure)

    running = [threading.Thread(target=guarded) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if failures:
        raise failures[0]


class _Sender:
    """One connection, made anew whenever it breaks."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def until_accepted(self, request: list[bytes]) -> tuple[dict[str, str], int]:
        """The answer to the first acceptance, and how many tries failed before."""
        failures, give_up = 0, time.monotonic() + PATIENCE
        while True:
            try:
                answer = json.loads(self._exchange(request))
                if answer["status"] == "OK":
                    return answer, failures
                if answer["ErrorCode"] != "20" or time.monotonic() > give_up:
                    raise RuntimeError(f"refused: {answer}")
            except (OSError, ValueError):
                if time.monotonic() > give_up:
                    raise
                self._drop()
                time.sleep(0.05)
            failures += 1

    def _exchange(self, request: list[bytes]) -> bytes:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=30)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request[0] + request[1])
        self._socket.sendall(request[2])
        return self._answer(self._socket)

    @staticmethod
    def _answer(connection: socket.socket) -> bytes:
        received = b""
        while b"\r\n\r\n" not in received:
            received += _some(connection)
        head, _, body = received.partition(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        while len(body) < length:
            body += _some(connection)
        return body

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("the connection ended")
    return data
