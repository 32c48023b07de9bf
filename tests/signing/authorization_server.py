"""The OAuth 2.0 server that stands before a real signing service, for people who prove themselves in the browser.

The signing service itself (a real CSC server, a package) knows no OAuth. So this one gives codes and tokens as the CSC
API describes them, checks PKCE, client, redirect address and one-time use, has the service bind an authorization to the
hashes that the person confirmed, and lets nobody through to it without a token.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

CLIENT, SECRET = "h27", "bi-mat"


class AuthorizationServer(ThreadingHTTPServer):
    """What its tests turn: who is asked, what they say, how long tokens last."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Caller)
        self.behind = behind
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.redirects: set[str] = set()
        self.keys: list[str] = []
        self.person_agrees = True
        self.seconds = 3600
        self.gives_refresh = True
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: dict[str, str] = {}
        """Access token → the activation data it stands for; empty for the service scope."""
        self.refreshes: set[str] = set()

    def let_in(self, address: str) -> str:
        """A person's browser at the authorization page, answered as the person does; where it is sent back to."""
        answer = httpx.get(address, trust_env=False, follow_redirects=False)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]


class _Caller(BaseHTTPRequestHandler):
    server: AuthorizationServer

    def do_GET(self) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        right = (
            urlsplit(self.path).path == "/oauth2/authorize"
            and asked["client_id"] == CLIENT
            and asked["redirect_uri"] in self.server.redirects
            and asked["code_challenge_method"] == "S256"
        )
        if not right:
            return self._say(400, {"error": "invalid_request"})
        back = {"state": asked["state"]}
        if self.server.person_agrees:
            back["code"] = secrets.token_urlsafe(16)
            self.server.codes[back["code"]] = asked
        else:
            back["error"] = "access_denied"
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(back)}")
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None

    def do_POST(self) -> None:
        given = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/oauth2/"):
            form = {name: values[0] for name, values in parse_qs(given.decode()).items()}
            if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
                return self._say(401, {"error": "invalid_client"})
            return self._token(form) if self.path == "/oauth2/token" else self._revoke(form)
        _, version, path = self.path.removeprefix("/").split("/", 2)
        if path == "info":
            return self._say(200, {"oauth2": self.server.url})
        activation = self.server.tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
        if activation is None:
            return self._say(401, {"error": "invalid_token"})
        if path == "credentials/list":
            return self._say(200, {"credentialIDs": self.server.keys})
        asked = json.loads(given)
        if version == "v2" and path == "signatures/signHash":
            asked |= {"hash": asked["hashes"], "hashAlgo": asked["hashAlgorithmOID"], "SAD": activation}
        status, said = self._behind(path, asked)
        if path == "credentials/info" and status == 200:
            said["authMode"] = "oauth2code"
        return self._say(status, said)

    def _token(self, form: dict[str, str]) -> None:
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] not in self.server.refreshes:
                return self._say(400, {"error": "invalid_grant"})
            return self._give("")
        asked = self.server.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or (asked["redirect_uri"], asked["code_challenge"]) != (
            form["redirect_uri"],
            challenge,
        ):
            return self._say(400, {"error": "invalid_grant"})
        if asked["scope"] == "service":
            return self._give("")
        bound = (asked.get("hashes") or asked["hash"]).split(",")
        hashes = [
            base64.b64encode(base64.urlsafe_b64decode(one + "=" * (-len(one) % 4))).decode() for one in bound
        ]
        wanted = {"credentialID": asked["credentialID"], "numSignatures": int(asked["numSignatures"])}
        status, said = self._behind(
            "credentials/authorize", {**wanted, "hash": hashes, "hashAlgo": "2.16.840.1.101.3.4.2.1"}
        )
        assert status == 200, said
        return self._give(said["SAD"])

    def _give(self, activation: str) -> None:
        access = activation or secrets.token_urlsafe(16)
        self.server.tokens[access] = activation
        answer: dict[str, Any] = {"access_token": access, "expires_in": self.server.seconds}
        if not activation and self.server.gives_refresh:
            answer["refresh_token"] = secrets.token_urlsafe(16)
            self.server.refreshes.add(answer["refresh_token"])
        self._say(200, answer)

    def _revoke(self, form: dict[str, str]) -> None:
        self.server.tokens.pop(form["token"], None)
        self.server.refreshes.discard(form["token"])
        self._say(200, {})

    def _behind(self, path: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = httpx.post(f"{self.server.behind}/{path}", json=asked, trust_env=False)
        return answer.status_code, answer.json() if answer.status_code == 200 else {}

    def _say(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def authorization_server(behind: str) -> Iterator[AuthorizationServer]:
    """A server before the signing service at ``behind``."""
    server = AuthorizationServer(behind)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
