"""The small axis behind a real HTTP port. Owns sockets, slow answers and broken connections; decides nothing."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from vanthu.conformance.small_axis import Answer, Request

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

    def _handle(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if self.headers.get("Transfer-Encoding") or not length.isdigit():
            self._send(Answer(b"Length Required", 411, "text/plain"), close=True)
            return
        if int(length) > LONGEST_BODY:
            self._send(Answer(b"Payload Too Large", 413, "text/plain"), close=True)
            return
        body = self.rfile.read(int(length))
        headers = dict(self.headers.items())
        self._send(self.server.answer(Request(self.command, self.path, headers, body)))

    def _send(self, answer: Answer, *, close: bool = False) -> None:
        if answer.wait:
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
