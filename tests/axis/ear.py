"""A member's server that the axis calls, for the tests of webhooks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest


@dataclass
class Ear:
    """A member's server that hears the axis call."""

    url: str = ""
    answer: int = 204
    heard: list[tuple[dict[str, str], bytes, str]] = field(default_factory=list)


@pytest.fixture
def ear() -> Iterator[Ear]:
    found = Ear()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.heard.append(
                ({name.lower(): value for name, value in self.headers.items()}, body, self.path)
            )
            self.send_response(found.answer)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/chuong?don-vi=H37"
    thread = threading.Thread(target=lambda: server.serve_forever(0.02), daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def allowed(settings: Any) -> None:
    """The operator allows this machine's own network."""
    settings.VANTHU = settings.VANTHU.model_copy(update={"axis_webhook_allow": "127.0.0.0/8, may-cua-tinh"})
