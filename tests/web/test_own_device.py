"""A leader signs with a token in the leader's own computer: real browser, real vanthu-agent, real PKCS#11."""

from __future__ import annotations

import json
import os
import pty
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from tests import troubled_token
from tests import world as worlds
from tests.softtoken import LIBRARY, PIN, make_token, pull_out, shelf

from vanthu.blobs import store
from vanthu.environment import RsaSignatures
from vanthu.issuing import actions
from vanthu.issuing.models import Stage
from vanthu.pades import Verdict, validate
from vanthu.records import queries as records
from vanthu.records.models import Document
from vanthu.signing import agents, service
from vanthu.signing.models import AgentPairing, AwaitedSignature, KeyKind, SigningKey

PATIENCE_SECONDS = 30.0
TOKEN = "USB của Chủ tịch"
TROUBLES = {
    troubled_token.LAST_TRY: "TOKEN_PIN_LAST_TRY",
    troubled_token.LOCKED: "TOKEN_PIN_LOCKED",
    troubled_token.EXPIRED: "TOKEN_PIN_EXPIRED",
    troubled_token.BROKEN: "AGENT_TOKEN_TROUBLE",
    troubled_token.PULLED_OUT: "AGENT_TOKEN_ABSENT",
    "": "AGENT_REFUSED_BY_OWNER",
}
"""What is typed for a PIN → the code that the page shows."""
PROMPT = r"Mã PIN \(để trống: từ chối\): "


class Program:
    """vanthu-agent in a terminal of its own, and the person before it."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._terminal, theirs = pty.openpty()
        command = [sys.executable, "-m", "tests.troubled_token", "--terminal", "--library", str(LIBRARY)]
        command += ["--port", str(self.port), "--folder", str(folder / "agent")]
        self._process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        self.shown = ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_for(self, pattern: str) -> re.Match[str]:
        """What the terminal shows, from the last thing waited for on."""
        end = time.monotonic() + PATIENCE_SECONDS
        os.set_blocking(self._terminal, False)
        while not (found := re.search(pattern, self.shown)):
            assert time.monotonic() < end, f"no {pattern!r} in {self.shown!r}"
            try:
                self.shown += os.read(self._terminal, 65536).decode()
            except BlockingIOError:
                time.sleep(0.02)
        self.shown = self.shown[found.end() :]
        return found

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode() + b"\n")

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(10)
            os.close(self._terminal)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    """vanthu-agent with a token that holds two certificates; the site lets its pages reach it."""
    with shelf(tmp_path) as folder:
        make_token(folder, TOKEN, worlds.authority(), "chu-tich", "giam-doc")
        running = Program(tmp_path)
        monkeypatch.setattr(settings.VANTHU, "agent_port", running.port)
        policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        monkeypatch.setitem(policy, "connect-src", ["'self'", running.address])
        yield running
        running.end()


def sign_in(watched: Any, name: str) -> None:
    watched.go("/accounts/login/")
    watched.page.get_by_role("button", name=name).click()
    watched.page.wait_for_url(watched.address + "/")


def fail_to_sign(watched: Any, code: str) -> None:
    watched.page.locator("[data-agent-trouble] [data-agent-code]", has_text=code).wait_for()


@pytest.mark.django_db(transaction=True)
def test_a_leader_pairs_a_computer_enrols_the_token_and_signs_with_it(
    browse: Any, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = worlds.build()
    office = world.province
    document, *folder = (worlds.draft(office, [world.department.agency]) for _ in range(3))
    for one in (document, *folder):
        actions.submit(office.specialist, one.pk)
    watched = browse()
    page = watched.page
    sign_in(watched, "Võ Trọng Thử")

    watched.go("/my-keys/")
    code = program.wait_for(r"Mã ghép nối: (\d{4} \d{4})")[1]
    page.get_by_label("Mã ghép nối").fill("0000 0000")
    page.get_by_role("button", name="Ghép nối", exact=True).click()
    fail_to_sign(watched, "AGENT_PAIRING_CODE_WRONG")
    page.get_by_label("Mã ghép nối").fill(code)
    page.get_by_role("button", name="Ghép nối", exact=True).click()
    assert "Võ Trọng Thử" in program.wait_for(r"Trang .* muốn ghép nối")[0]
    program.type("c")
    page.get_by_role("button", name="Bỏ ghép nối").wait_for()

    page.get_by_role("button", name="Đọc thiết bị").click()
    page.get_by_text("Phan Thị Hồng Nhung, Giám đốc").wait_for()
    page.get_by_text("Võ Trọng Thử, Chủ tịch").first.wait_for()
    page.locator("label", has_text="Phan Thị Hồng Nhung").click()
    page.get_by_role("button", name="Đăng ký chứng thư số này").click()
    page.locator("[data-agent-trouble]:not([hidden])").wait_for()
    page.locator("label", has_text="Võ Trọng Thử").click()
    page.get_by_role("button", name="Đăng ký chứng thư số này").click()
    page.get_by_text("Thiết bị của người ký").first.wait_for()
    key = SigningKey.objects.get(post=office.posts["leader"], active=True)
    assert key.kind == KeyKind.AGENT and PIN.encode() not in bytes(key.material)

    watched.go(f"/documents/{document.pk}/")
    page.locator("[data-dialog=sign]").first.click()
    sign = page.locator("#dialog-sign button[type=submit]")
    sign.click()
    program.wait_for(PROMPT)
    program.type("999999")
    fail_to_sign(watched, "TOKEN_PIN_WRONG")
    for pin, code in TROUBLES.items():
        sign.click()
        program.wait_for(PROMPT)
        program.type(pin)
        fail_to_sign(watched, code)
    with page.expect_response(
        lambda answer: answer.url.endswith("/v1/ask") and answer.status == 200
    ) as asked:
        sign.click()
        program.wait_for(r"SHA-256 ([0-9a-f]{4} ){15}")
        program.wait_for(PROMPT)
        program.type(PIN)
        page.wait_for_url(lambda url: "/documents/" in url)
        page.get_by_text("Đã ký số").first.wait_for()
    document.refresh_from_db()
    assert document.state == Stage.SIGNED
    main = records.main_file(document)
    assert main is not None
    report = validate(store.read(main.sha256), service.trust())
    assert report.verdict is not Verdict.INVALID
    assert report.signatures[0].signer_name == "Võ Trọng Thử"
    assert not AwaitedSignature.objects.exists()
    knock(program, watched.address, asked.value.request.post_data)
    monkeypatch.setattr(settings.VANTHU, "rsa_signatures", RsaSignatures.PSS)
    sign_the_folder(watched, program, folder)

    pull_out(TOKEN)
    watched.go(f"/documents/{folder[1].pk}/")
    page.locator("[data-dialog=sign]").first.click()
    sign.click()
    fail_to_sign(watched, "AGENT_TOKEN_ABSENT")
    program.end()
    sign.click()
    fail_to_sign(watched, "AGENT_ABSENT")
    faults = [one for one in watched.faults if program.address not in one and "status of 4" not in one]
    assert not faults, faults
    assert PIN not in json.dumps(asked.value.request.post_data)


def sign_the_folder(watched: Any, program: Program, folder: list[Document]) -> None:
    """The first is chosen; the page is loaded again while the PIN is asked for, and a wrong one is typed first."""
    page = watched.page
    watched.go("/sign/")
    page.locator(f"input[value='{folder[1].pk}']").uncheck()
    page.get_by_role("button", name="Ký các văn bản đã chọn").click()
    program.wait_for(PROMPT)
    page.reload()
    program.wait_for("Trang đã đóng hoặc tải lại")
    program.wait_for(r"ký 1 tệp")
    program.wait_for(PROMPT)
    program.type("999999")
    fail_to_sign(watched, "TOKEN_PIN_WRONG")
    page.get_by_role("button", name="Ký bằng thiết bị").click()
    program.wait_for(PROMPT)
    program.type(PIN)
    page.get_by_text("Đã ký 1 văn bản").wait_for()
    assert [Document.objects.get(pk=one.pk).state for one in folder] == [Stage.SIGNED, Stage.SUBMITTED]


def knock(program: Program, origin: str, sent: str) -> None:
    """What the agent refuses: other sites, other names for this computer, repetitions, requests of the page's own."""
    port = program.port

    def go(path: str, body: str | None = None, *, come_from: str = origin, host: str = "") -> httpx.Response:
        headers = {
            "Origin": come_from,
            "Host": host or f"127.0.0.1:{port}",
            "Content-Type": "application/json",
        }
        method = "POST" if body is not None else "GET"
        return httpx.request(method, program.address + path, content=body, headers=headers, trust_env=False)

    assert go("/v1/hello").json()["pairing"]
    for stranger in (
        go("/v1/hello", come_from="https://gia-mao.example"),
        go("/v1/hello", come_from=""),
        go("/v1/hello", host=f"gia-mao.example:{port}"),
        go("/v1/ask", sent, come_from="https://gia-mao.example"),
        go("/v1/pair", "{}", come_from="https://gia-mao.example"),
    ):
        assert stranger.status_code == 403
        assert "access-control-allow-origin" not in stranger.headers
    assert go("/v1/ask", sent).json() == {"error": "REQUEST_EXPIRED"}
    altered = json.loads(sent) | {
        "request": json.loads(sent)["request"].replace("Võ Trọng Thử", "Võ Trọng Thư")
    }
    assert go("/v1/ask", json.dumps(altered)).json() == {"error": "REQUEST_NOT_PROVED"}
    pairing = AgentPairing.objects.get(confirmed_at__isnull=False)
    challenge = go("/v1/hello").json()["challenge"]
    log_in = agents.ToSign("1", "Một văn bản", "", b"client certificate verify")
    actor = worlds.directory.actor_of(pairing.person.posts.get())
    key = SigningKey.objects.get(post__person=pairing.person, active=True)
    proved = agents.request_for(
        actor, pairing.pk, challenge, "sign", certificate=bytes(key.certificate), items=[log_in]
    )
    assert go("/v1/ask", json.dumps(proved)).json() == {"error": "NOT_A_DOCUMENT_SIGNATURE"}
