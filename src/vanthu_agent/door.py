"""The agent's door: HTTP on 127.0.0.1 for pages of paired sites.

Owns who may come in: Host must be this very door (a name that was made to point here is not), Origin a paired
site, or any secure page while a pairing code is shown. Whoever else comes gets no answer that a page could read.
Refuses bodies above 4 MB.
"""

from __future__ import annotations

import json
import os
import select
import socket
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from vanthu_agent import VERSION
from vanthu_agent.agent import Agent
from vanthu_agent.asked import Refused
from vanthu_agent.device import DeviceTrouble
from vanthu_agent.sites import may_pair

LARGEST_BODY = 4_000_000
PAIR, HELLO, ASK = "/v1/pair", "/v1/hello", "/v1/ask"
_METHODS = {PAIR: "POST", HELLO: "GET", ASK: "POST"}


class Door(ThreadingHTTPServer):
    """Listens on loopback only."""

    daemon_threads = True
    allow_reuse_address = os.name == "posix"
    """There it lets an agent that was just closed start again; on Windows it would let two programs share the port."""

    def __init__(self, agent: Agent, port: int) -> None:
        self.agent = agent
        super().__init__(("127.0.0.1", port), _Caller)

    @property
    def hosts(self) -> set[str]:
        """The names under which this door is called."""
        port = self.server_address[1]
        return {f"127.0.0.1:{port}", f"localhost:{port}"}


class _Caller(BaseHTTPRequestHandler):
    server: Door
    server_version = f"vanthu-agent/{VERSION}"
    sys_version = ""
    timeout = 10

    def do_OPTIONS(self) -> None:
        """CORS preflight, also that of private network access."""
        if self._welcome():
            self._answer(HTTPStatus.NO_CONTENT, None)

    def do_GET(self) -> None:
        """A challenge for the page of a paired site, and its pairings: the site's server knows whose is whose."""
        if self._welcome() and self._is(HELLO, "GET"):
            paired = self.server.agent.sites.of(self._origin)
            challenge = self.server.agent.challenges.give()
            pairing = " ".join(site.pairing for site in paired)
            self._answer(HTTPStatus.OK, {"version": VERSION, "pairing": pairing, "challenge": challenge})

    def do_POST(self) -> None:
        """Pair, or carry out what a paired site's server asks."""
        if not self._welcome() or not (self._is(PAIR, "POST") or self._is(ASK, "POST")):
            return
        try:
            given = self._body()
            agent = self.server.agent
            if self.path == PAIR:
                answer = agent.pair(self._origin, given, self._is_gone)
            else:
                asked = str(given["request"]), str(given["mac"])
                answer = agent.carry_out(self._origin, *asked, self._is_gone)
        except (Refused, DeviceTrouble) as refused:
            self._answer(HTTPStatus.CONFLICT, {"error": refused.code})
        except (ValueError, KeyError, TypeError):
            self._answer(HTTPStatus.BAD_REQUEST, {"error": "REQUEST_UNREADABLE"})
        else:
            self._answer(HTTPStatus.OK, answer)

    def _is_gone(self) -> bool:
        """The page hung up: a closed connection reads as the end of what it sends."""
        try:
            ready, _, _ = select.select([self.connection], [], [], 0)
            return bool(ready) and not self.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    @property
    def _origin(self) -> str:
        return self.headers.get("Origin", "")

    def _welcome(self) -> bool:
        if self.headers.get("Host", "") in self.server.hosts and self._is_known():
            return True
        self._answer(HTTPStatus.FORBIDDEN, {"error": "NOT_PAIRED"}, readable=False)
        return False

    def _is_known(self) -> bool:
        agent = self.server.agent
        if agent.sites.of(self._origin):
            return True
        return self.path == PAIR and agent.code.is_open and may_pair(self._origin)

    def _is(self, path: str, method: str) -> bool:
        if self.path == path and _METHODS[path] == method:
            return True
        if self.path not in _METHODS:
            self._answer(HTTPStatus.NOT_FOUND, {"error": "REQUEST_UNREADABLE"})
        return False

    def _body(self) -> dict[str, Any]:
        if self.headers.get_content_type() != "application/json":
            raise ValueError("content type")
        length = int(self.headers.get("Content-Length", ""))
        if not 0 < length <= LARGEST_BODY:
            raise ValueError("length")
        given = json.loads(self.rfile.read(length))
        if not isinstance(given, dict):
            raise TypeError("object")
        return given

    def _answer(self, status: HTTPStatus, content: dict[str, Any] | None, *, readable: bool = True) -> None:
        body = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        if readable:
            self.send_header("Access-Control-Allow-Origin", self._origin)
            self.send_header("Vary", "Origin")
        if readable and content is None:
            self.send_header("Access-Control-Allow-Methods", "GET, POST")
            self.send_header("Access-Control-Allow-Headers", "content-type")
            self.send_header("Access-Control-Allow-Private-Network", "true")
            self.send_header("Access-Control-Max-Age", "60")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: addresses of pages are nobody's business."""
