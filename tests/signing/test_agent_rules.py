"""What vanthu-agent believes, and what a remote service with PIN and one-time code is asked (version 2 of its API)."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, utils
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from tests import world as worlds

import vanthu_agent
from vanthu.demo import pki
from vanthu.errors import VanthuError
from vanthu.pades.csc import CscAccess, CscKey, CscService
from vanthu.signing.agent_errors import BY_AGENT_CODE
from vanthu_agent.agent import Agent
from vanthu_agent.asked import Challenges, Refused, proof, read
from vanthu_agent.door import Door
from vanthu_agent.questions import Questions
from vanthu_agent.sites import MOST_TRIES, PairingCode, Site, Sites, may_pair
from vanthu_agent.words import WORDS

SOURCES = "".join(path.read_text() for path in Path(vanthu_agent.__file__).parent.glob("*.py"))


def code_of(call: Any, *given: Any, **more: Any) -> str:
    with pytest.raises((Refused, VanthuError)) as refused:
        call(*given, **more)
    return str(refused.value.code)


def test_a_request_is_believed_once_and_not_for_long() -> None:
    seconds = [0.0]
    challenges = Challenges(now=lambda: seconds[0])

    def request(challenge: str, pairing: str = "p") -> tuple[str, str]:
        text = json.dumps({"pairing": pairing, "challenge": challenge, "do": "look", "person": "A\u202eB\n"})
        return text, proof("secret", text)

    def carried(text: str, mac: str) -> Any:
        return read(text, mac, secret="secret", pairing="p", challenges=challenges)

    good = request(challenges.give())
    assert carried(*good).person == "A B"
    assert code_of(carried, *good) == "REQUEST_EXPIRED"
    assert code_of(carried, *request("never-given")) == "REQUEST_EXPIRED"
    assert code_of(carried, *request(challenges.give(), "q")) == "REQUEST_NOT_PROVED"
    assert code_of(carried, good[0], proof("guess", good[0])) == "REQUEST_NOT_PROVED"
    late = request(challenges.give())
    seconds[0] = 181
    assert code_of(carried, *late) == "REQUEST_EXPIRED"


def test_a_pairing_code_serves_once_for_a_short_time_and_a_few_tries(tmp_path: Path) -> None:
    seconds = [0.0]
    code = PairingCode(now=lambda: seconds[0])
    assert code_of(code.use, "00000000") == "PAIRING_CLOSED"
    shown = code.show()
    wrong = f"{(int(shown) + 1) % 10**8:08d}"
    assert [code_of(code.use, wrong) for _ in range(MOST_TRIES)] == ["PAIRING_CODE_WRONG"] * MOST_TRIES
    assert code_of(code.use, shown) == "PAIRING_CLOSED"
    shown = code.show()
    code.use(f"{shown[:4]} {shown[4:]}")
    assert code_of(code.use, shown) == "PAIRING_CLOSED"
    shown = code.show()
    seconds[0] += 601
    assert code_of(code.use, shown) == "PAIRING_CLOSED"
    origins = [
        "https://van-thu.hatinh.gov.vn",
        "http://127.0.0.1:8000",
        "http://van-thu.hatinh.gov.vn",
        "null",
    ]
    assert [may_pair(origin) for origin in origins] == [True, True, False, False]
    sites = Sites(tmp_path / "agent" / "sites.json")
    sites.add(Site("https://a", "1", "secret"))
    sites.add(Site("https://a", "2", "secret"))
    assert [site.pairing for site in sites.all()] == ["2"]
    assert (tmp_path / "agent" / "sites.json").stat().st_mode & 0o077 == 0
    sites.add(Site("https://a", "3", "secret", person="Người khác dùng chung máy"))
    sites.add(Site("https://b", "4", "secret"))
    assert [site.pairing for site in sites.of("https://a")] == ["2", "3"]
    sites.forget("https://a", "2")
    assert [site.pairing for site in sites.all()] == ["3", "4"]
    sites.forget("https://a")
    assert [site.pairing for site in sites.all()] == ["4"]


def test_an_agent_starts_again_at_once_and_never_beside_another(tmp_path: Path) -> None:
    agent = Agent(Sites(tmp_path / "sites.json"), Questions(), [])
    first = Door(agent, 0)
    port = first.server_address[1]
    threading.Thread(target=first.handle_request).start()
    assert httpx.get(f"http://127.0.0.1:{port}/v1/hello", trust_env=False).status_code == 403
    with pytest.raises(OSError, match="in use"):
        Door(agent, port)
    first.server_close()
    Door(agent, port).server_close()


def test_whatever_the_agent_answers_the_page_has_a_sentence_for_it() -> None:
    assert set(WORDS) <= set(BY_AGENT_CODE)
    codes = {code for code, _ in re.findall(r'(?:DeviceTrouble|Refused)\("([A-Z_]+)"(.?)', SOURCES)}
    assert codes and codes <= set(WORDS)


class Remote(BaseHTTPRequestHandler):
    """A service as version 2.0 describes it: OAuth client, PIN 1234, the one-time code 77 after it was asked for."""

    asked: list[str] = []
    bundle = None

    def do_POST(self) -> None:
        given = self.rfile.read(int(self.headers["Content-Length"]))
        path = self.path.removeprefix("/csc/v2/")
        self.asked.append(path)
        if path == "oauth2/token":
            right = b"client_secret=bi-mat" in given
            return self._say(200 if right else 401, {"access_token": "phep"} if right else {})
        if self.headers.get("Authorization") != "Bearer phep":
            return self._say(401, {"error": "invalid_token"})
        return self._say(*self._answer(path, json.loads(given)))

    def _answer(self, path: str, given: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        assert self.bundle is not None
        if path == "credentials/info":
            certificates = [self.bundle.cert, *self.bundle.additional_certs]
            encoded = [
                base64.b64encode(one.certificate.public_bytes(Encoding.DER)).decode() for one in certificates
            ]
            return 200, {
                "key": {"status": "enabled", "algo": ["1.2.840.113549.1.1.11"]},
                "cert": {"status": "valid", "certificates": encoded},
                "auth": {"mode": "explicit"},
                "PIN": {"presence": "true"},
                "OTP": {"presence": "true", "type": "online"},
                "multisign": 3,
            }
        if path == "credentials/sendOTP":
            return 200, {}
        if path == "credentials/authorize":
            if given["PIN"] != "1234":
                return 400, {"error": "invalid_pin", "error_description": "The PIN is invalid"}
            if given["OTP"] != "77" or "credentials/sendOTP" not in self.asked:
                return 400, {"error": "invalid_otp", "error_description": "The OTP is invalid"}
            return 200, {"SAD": " ".join(given["hashes"])}
        assert path == "signatures/signHash" and given["SAD"] == " ".join(given["hashes"])
        digest = utils.Prehashed(hashes.SHA256())
        signed = [
            self.bundle.key.sign(base64.b64decode(one), padding.PKCS1v15(), digest) for one in given["hashes"]
        ]
        return 200, {"signatures": [base64.b64encode(one).decode() for one in signed]}

    def _say(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def remote() -> Iterator[str]:
    p12 = pki.p12_path(worlds.authority(), "chu-tich").read_bytes()
    Remote.bundle, Remote.asked = pkcs12.load_pkcs12(p12, worlds.PASSPHRASE.encode()), []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Remote)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/csc/v2"
    server.shutdown()


def test_a_remote_key_wants_pin_and_one_time_code_once_for_all_files(remote: str) -> None:
    service = CscService("Ký từ xa", remote, CscAccess(client_id="h27", client_secret="bi-mat"))
    stranger = CscService("Ký từ xa", remote, CscAccess(client_id="h27", client_secret="sai"))
    assert code_of(stranger.credentials) == "REMOTE_SIGNING_NOT_ALLOWED"
    messages = [b"a", b"b"]
    with CscKey.open(service, "k", pin="9999", otp="77") as key:
        assert code_of(key.sign_all, messages) == "REMOTE_PIN_WRONG"
    with CscKey.open(service, "k", pin="1234", otp="77") as key:
        assert code_of(key.sign_all, messages) == "REMOTE_OTP_WRONG"
    service.send_otp("k")
    with CscKey.open(service, "k", pin="1234", otp="77") as key:
        signatures = key.sign_all(messages)
        assert code_of(key.sign_all, [b"x"] * 4) == "REMOTE_TOO_MANY_AT_ONCE"
    assert key._pin == key._otp == ""
    public = Remote.bundle.cert.certificate.public_key()  # type: ignore[attr-defined]
    for message, signature in zip(messages, signatures, strict=True):
        digest = hashlib.sha256(message).digest()
        public.verify(signature, digest, padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))
    assert Remote.asked.count("signatures/signHash") == 1
    assert Remote.asked.count("oauth2/token") == 2
