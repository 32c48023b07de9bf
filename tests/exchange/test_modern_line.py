"""Between sites of this product: the modern door where the axis has one, woken by it, statuses signed."""

# ruff: noqa: F401, F811 -- `net` is a fixture

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from tests.exchange.conftest import issue, send, send_waiting
from tests.exchange.test_axis import Net, letter, net, ours, status

from vanthu.axis.actions import keys
from vanthu.axis.models import MemberKey, Packet, Upload
from vanthu.edxml import StatusCode, write
from vanthu.evidence import Key, new_key, verifying_key
from vanthu.exchange import axis, jobs, lines, panel
from vanthu.exchange.axes import Axis, Protocol
from vanthu.exchange.models import DeliveryState, InboxPacket, SenderProof
from vanthu.relay import Client, Proof, check_proof
from vanthu.vxp import Client as OldClient
from vanthu.vxp import VxpUnreachable

pytestmark = pytest.mark.django_db
WORDS = "có chữ ký của hệ thống gửi"


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server of these tests answers one call at a time, so nobody may wait long."""
    monkeypatch.setattr(jobs, "WAIT_SECONDS", 0.0)


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    """What a process knows of the axes' doors does not go from test to test."""
    lines._doors.clear()
    yield
    lines._doors.clear()


def modern(net: Net, key: Key | None = None) -> Client:
    """The ministry's system, as a site of this product."""
    return Client(net.url, "G09", key or new_key(), secret=net.elsewhere._secret)


def test_the_modern_door_is_taken_where_there_is_one(net: Net) -> None:
    [delivery] = send(net.commune, issue(net.commune), net.ministry)
    send_waiting()
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT
    assert isinstance(lines.client(ours()), Client)
    assert Upload.objects.get().packet_id == Packet.objects.get().id
    assert MemberKey.objects.get().member == net.member, "the site enrolled its key by itself"


def test_a_status_is_shown_as_signed_by_the_system_of_its_sender(net: Net) -> None:
    [delivery] = send(net.commune, issue(net.commune), net.ministry)
    send_waiting()
    key = new_key()
    body = status(delivery, StatusCode.REJECTED, "Không thuộc thẩm quyền")
    modern(net, key).send_edoc(body, sender="G09", message_type="status")
    jobs.poll_axis()

    kept = SenderProof.objects.get()
    assert kept.sha256 == delivery.statuses.get().raw
    said = check_proof(Proof(**_named(kept.proof)), verifying_key(kept.jwk))
    assert (said.sha256, said.sender) == (kept.sha256, "G09"), "provable without the axis"
    assert verifying_key(kept.jwk).thumbprint() == key.thumbprint()
    [line] = panel.context_of(net.commune.clerk, delivery.document)["deliveries"]  # type: ignore[misc]
    assert [step.signed for step in line.others] == [True]


def test_a_status_over_the_old_door_is_not(net: Net) -> None:
    [delivery] = send(net.commune, issue(net.commune), net.ministry)
    send_waiting()
    net.elsewhere.send_edoc(status(delivery, StatusCode.ARRIVED), sender="G09", message_type="status")
    jobs.poll_axis()
    [line] = panel.context_of(net.commune.clerk, delivery.document)["deliveries"]  # type: ignore[misc]
    assert [step.signed for step in line.steps if step.event] == [False]


def test_a_signature_that_does_not_hold_is_not_kept_but_the_status_is(net: Net) -> None:
    [delivery] = send(net.commune, issue(net.commune), net.ministry)
    send_waiting()
    modern(net).send_edoc(status(delivery, StatusCode.ARRIVED), sender="G09", message_type="status")
    upload = Upload.objects.get(member=net.other)
    upload.proof = {**upload.proof, "base": upload.proof["base"].replace("from=G09", "from=H99")}
    upload.save()
    jobs.poll_axis()
    assert delivery.statuses.count() == 1
    assert not SenderProof.objects.exists()


def test_a_key_that_is_not_of_the_senders_system_proves_nothing(net: Net) -> None:
    [delivery] = send(net.commune, issue(net.commune), net.ministry)
    send_waiting()
    key = new_key()
    modern(net, key).send_edoc(status(delivery, StatusCode.ARRIVED), sender="G09", message_type="status")
    MemberKey.objects.filter(kid=key.thumbprint()).update(member=net.member)
    jobs.poll_axis()
    assert delivery.statuses.count() == 1
    assert not SenderProof.objects.exists()


def test_a_revoked_key_still_proves_what_it_signed(net: Net) -> None:
    [delivery] = send(net.commune, issue(net.commune), net.ministry)
    send_waiting()
    key = new_key()
    modern(net, key).send_edoc(status(delivery, StatusCode.ARRIVED), sender="G09", message_type="status")
    keys.revoke_key(key.thumbprint())
    jobs.poll_axis()
    assert SenderProof.objects.count() == 1


def test_the_axis_wakes_the_site_and_it_does_not_look_in_vain(
    net: Net,
    no_waiting: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines.client(ours())
    asked: list[object] = []
    poll = jobs.poll_axis
    monkeypatch.setattr(jobs, "poll_axis", lambda name, kinds: (asked.append(kinds), poll(name, kinds)))

    jobs.follow_axis()
    assert asked == [[]], "nothing waits: no list is asked for"
    net.elsewhere.send_edoc(write(letter("H20.45")), sender="G09", message_type="edoc")
    jobs.follow_axis()
    assert asked[1:] == [["edoc"]]
    assert InboxPacket.objects.get().acknowledged_at is not None


def test_one_worker_waits_for_all(net: Net, no_waiting: None) -> None:
    lines.client(ours())
    net.elsewhere.send_edoc(write(letter("H20.45")), sender="G09", message_type="edoc")
    assert axis.lease("axis:wait", 8), "another worker waits"
    jobs.follow_axis()
    assert not InboxPacket.objects.exists()
    axis.release("axis:wait")
    jobs.follow_axis()
    assert InboxPacket.objects.exists()


def test_an_axis_without_the_door_is_spoken_to_in_vxp() -> None:
    with serving(404) as url:
        assert isinstance(lines.client(_axis(url)), OldClient)
        assert not lines.waits(_axis(url))


def test_a_silent_axis_is_asked_for_its_doors_again(net: Net) -> None:
    with serving(503) as url, pytest.raises(VxpUnreachable):
        lines.client(_axis(url))
    assert isinstance(lines.client(ours()), Client)


def test_a_site_whose_key_is_refused_goes_by_vxp(net: Net) -> None:
    for _ in range(keys.MOST_KEYS):
        modern(net).enrol()
    other = ours().model_copy(update={"system_id": "G09"})
    other.secret_file.write_text(net.elsewhere._secret)  # type: ignore[union-attr]
    assert isinstance(lines.client(other), OldClient)


def test_a_national_axis_can_be_declared_as_vxp(net: Net) -> None:
    assert isinstance(lines.client(ours().model_copy(update={"protocol": Protocol.VXP})), OldClient)


def _axis(url: str) -> Axis:
    return Axis(name="xa", url=url, system_id="H20")


def _named(row: dict[str, str]) -> dict[str, str]:
    return {"key_id": row["keyId"], "base": row["base"], "signature": row["signature"]}


@contextmanager
def serving(code: int) -> Iterator[str]:
    """A server that answers everything with one status, as a foreign axis, or one in trouble."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Answer)
    run: Callable[[], None] = lambda: server.serve_forever(0.02)  # noqa: E731
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
