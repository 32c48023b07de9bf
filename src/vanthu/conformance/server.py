"""The small axis behind a real HTTP port. Owns sockets, slow answers and broken connections; decides nothing."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from vanthu.conformance.small_axis import Answer, Request
from vanthu.vxp import ErrorCode
from vanthu.vxp.answers import failed

LONGEST_BODY = 256 << 20
IDLE_SECONDS = 120.0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "vanthu-conformance", ""
    timeout = IDLE_SECONDS
    server: Server

    def do_POST(self) -> None:
        self._handle()

    def do_GET(self) -> None:
        self._handle()

    def do_PUT(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def _handle(self) -> None:
        try:
            body = self._body()
        except ValueError:
            self._send(Answer(b"Payload Too Large", 413, "text/plain"), close=True)
            return
        request = Request(self.command, self.path, dict(self.headers.items()), body)
        try:
            answer = self.server.answer(request)
        except Exception:
            self._send(Answer.of(failed(ErrorCode.SYSTEM, "Loi cua bo thu, xem dong bao loi")), close=True)
            raise
        self._send(answer)

    def _body(self) -> bytes:
        """The call's body, by its length or in chunks; ``ValueError`` for one without a sensible end."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self._piece(int(self.headers.get("Content-Length") or "0"))
        body = b""
        while size := int(self.rfile.readline(100).partition(b";")[0], 16):
            body += self._piece(size, len(body))
            self.rfile.readline(100)
        while self.rfile.readline(1000).strip():
            pass
        return body

    def _piece(self, size: int, before: int = 0) -> bytes:
        if not 0 <= size <= LONGEST_BODY - before:
            raise ValueError(size)
        return self.rfile.read(size)

    def _send(self, answer: Answer, *, close: bool = False) -> None:
        if answer.later is not None:
            answer = answer.later()
        elif answer.wait:
            time.sleep(answer.wait)
        cut = answer.cut_after
        if cut == 0:
            self._break_off()
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.content)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if close:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(answer.content[:cut])
        if cut is not None:
            self._break_off()

    def _break_off(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        """The journal of the trial tells what came."""


class Server(ThreadingHTTPServer):
    """Serves ``answer`` on a port of this machine's ``host``; 0 takes a free port."""

    daemon_threads = True

    def __init__(self, host: str, port: int, answer: Callable[[Request], Answer]) -> None:
        super().__init__((host, port), _Handler)
        self.answer = answer

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that went away is no news; anything else is told on standard error."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    @property
    def url(self) -> str:
        """The base address."""
        host, port = self.server_address[:2]
        return f"http://{host if isinstance(host, str) else host.decode()}:{port}"


@contextmanager
def serving(host: str, port: int, answer: Callable[[Request], Answer]) -> Iterator[Server]:
    """The server in a thread of its own, until the block ends. Raises ``OSError`` when the port is taken."""
    server = Server(host, port, answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
