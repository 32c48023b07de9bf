"""``vanthu conformance`` at the command line, over real sockets; and what vendors' clients do on the wire."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from tests.axis.axis_parts import document
from tests.conformance.parts import small_axis
from tests.vxp.test_recorded_calls import CALLS, PACKET, RECORDED_AT, recorded
from typer.testing import CliRunner

from vanthu.commands.conformance import app
from vanthu.conformance.runner import MOST_WAITING
from vanthu.conformance.server import Server, serving
from vanthu.conformance.small_axis import Agency, MemberSystem, Request, SmallAxis
from vanthu.evidence import new_key
from vanthu.relay import Client as Relay
from vanthu.vxp import Client


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving("127.0.0.1", 0, small_axis(tmp_path, now).answer) as found:
        yield found


def test_who_waits_hears_at_once_of_what_comes_meanwhile(tmp_path: Path) -> None:
    axis = small_axis(tmp_path, now)
    waits, wait_for = Event(), axis.changed.wait_for

    def noticed(*given: Any) -> bool:
        waits.set()
        return wait_for(*given)

    axis.changed.wait_for = noticed  # type: ignore[method-assign]
    with serving("127.0.0.1", 0, axis.answer) as server, ThreadPoolExecutor() as pool:
        other = Relay(server.url, "W02", new_key(), secret="khoa-hai", clock=now)
        known = other.wait(0, "").known
        began, told = monotonic(), pool.submit(other.wait, 20, known)
        assert waits.wait(10)
        packet = document(sender="W01", to=("W02.05",))
        Client(server.url, "W01", "khoa-mot").send_edoc(packet, sender="W01", message_type="edoc")
        assert (told.result(10).edoc, monotonic() - began < 10) == (1, True)
        assert told.result().known != known


def run(server: Server, folder: Path, *more: str, secret: str = "khoa-mot") -> tuple[int, str]:
    (folder / "w01").write_text(secret)
    (folder / "w02").write_text("khoa-hai")
    arguments = ["run", "--endpoint", server.url, "--system-id", "W01", "--secret-file", str(folder / "w01")]
    other = [
        "--other-system-id",
        "W02",
        "--other-secret-file",
        str(folder / "w02"),
        "--other-agency",
        "W02.05",
    ]
    result = CliRunner().invoke(app, [*arguments, *other, *more])
    return result.exit_code, result.stdout


def test_a_right_axis_ends_with_zero_and_leaves_its_reports(server: Server, tmp_path: Path) -> None:
    report, junit = tmp_path / "report.json", tmp_path / "junit.xml"

    status, told = run(server, tmp_path, "--json-report", str(report), "--junit", str(junit))

    assert status == 0
    assert "chưa thử 2." in told.splitlines()[-1]  # without --too-large-mb and --register
    items = {row["id"]: row for row in json.loads(report.read_text())["items"]}
    assert items["axis-expect"]["verdict"] == "right"
    assert items["axis-repeat"]["evidence"][-1]["call"] == "GET /downloadEdoc"
    assert ET.parse(junit).getroot().get("failures") == "0"


def test_a_wrong_secret_is_told_item_by_item(server: Server, tmp_path: Path) -> None:
    status, told = run(server, tmp_path, "--only", "axis-agencies", "--json", secret="khong-phai")

    assert status == 1
    [row] = json.loads(told)["items"]
    assert "Sai SystemId hoặc SecretKey" in row["seen"]


def test_an_axis_that_nobody_serves_is_not_judged(server: Server, tmp_path: Path) -> None:
    for endpoint in ("http://127.0.0.1:1", "truc.example"):
        status, told = run(server, tmp_path, "--endpoint", endpoint, "--json")
        assert (status, told) == (2, "")


def test_a_queue_that_would_hide_the_trials_packets_is_told_first(server: Server, tmp_path: Path) -> None:
    client = Client(server.url, "W01", "khoa-mot")
    for number in range(MOST_WAITING + 1):
        packet = document(sender="W01", to=("W02.05",), document_id=str(number))
        client.send_edoc(packet, sender="W01", message_type="edoc")
    assert run(server, tmp_path, "--only", "axis-accept")[0] == 2


def test_an_unknown_item_is_named(server: Server, tmp_path: Path) -> None:
    assert run(server, tmp_path, "--only", "axis-nothing")[0] == 2


def test_a_trial_that_nobody_came_to_judges_nothing(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    more = ["--port", "0", "--minutes", "0.0001", "--scenario", "line", "--json-report", str(report)]

    result = CliRunner().invoke(app, ["serve", "--folder", str(tmp_path / "trial"), *more])

    assert result.exit_code == 2
    assert "SystemId:                 W01" in result.stderr
    assert json.loads(report.read_text())["counts"]["not exercised"] > 10
    secret = tmp_path / "trial" / "khoa.secret"
    assert secret.stat().st_mode & 0o077 == 0
    assert secret.read_text().strip() not in result.output


@pytest.mark.parametrize("name", CALLS)
def test_the_vendors_recorded_calls_are_understood(tmp_path: Path, name: str) -> None:
    axis = SmallAxis(
        [MemberSystem("H27", "Hà Tĩnh", "demo-key")],
        [Agency("H27", "Hà Tĩnh", "H27")],
        folder=tmp_path,
        clock=lambda: RECORDED_AT,
    )
    verb, body = (
        ("GET", b"")
        if name == "downloadEdoc"
        else ("POST", PACKET + b"\r\n" if name == "sendEdoc" else b"{}")
    )

    answer = json.loads(axis.answer(Request(verb, f"/{name}", recorded(name), body)).content)

    expected = {"sendEdoc": "22", "deleteAgency": "43"}  # an empty packet; H27.99 was never registered
    expected |= dict.fromkeys(("downloadEdoc", "updateStatus", "getSentEdocList"), "41")  # nobody sent that
    assert answer["ErrorCode"] == expected.get(name, "0")


def test_bodies_in_chunks_and_without_an_end(server: Server) -> None:
    def answered(head: str, body: bytes) -> bytes:
        host, port = server.server_address[:2]
        with socket.create_connection((host, port), 5) as line:
            line.sendall(
                f"POST /sendEdoc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}\r\n\r\n".encode() + body
            )
            return line.recv(1000)

    assert b"200 OK" in answered("Transfer-Encoding: chunked", b"3;x=y\r\nabc\r\n0\r\n\r\n")
    assert b"413" in answered("Content-Length: 99999999999", b"")
    assert b"413" in answered("Content-Length: -1", b"")
