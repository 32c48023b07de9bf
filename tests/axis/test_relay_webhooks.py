"""Webhooks: told that something waits and never what, each with its own breaker, none inside the network."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from ipaddress import ip_address
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.axis.axis_parts import Axis, document
from tests.axis.ear import Ear, allowed, ear
from tests.axis.relay_parts import key_of, raw, relay

from vanthu.axis.models import Webhook
from vanthu.axis.relay import ringing, targets
from vanthu.axis.relay.errors import WebhookNotAllowed
from vanthu.base import clock
from vanthu.evidence import verifying_key
from vanthu.relay import Message, digest_of, verified
from vanthu.vxp import VxpRefused

__all__ = ["allowed", "ear"]


def send(axis: Axis, number: int = 1) -> None:
    relay(axis, "H27").send_edoc(document(document_id=f"số {number}"), sender="H27.01", message_type="edoc")


def test_a_member_is_told_that_something_waits_and_not_what(axis: Axis, ear: Ear, allowed: None) -> None:
    relay(axis, "H37").add_webhook(ear.url)
    assert ringing.ring_due() == 0, "nothing waits"
    send(axis)
    assert ringing.ring_due() == 1
    [(headers, body, path)] = ear.heard
    told = json.loads(body)
    assert (told["event"], told["system"], told["edoc"], told["status"]) == ("waiting", "H37", 1, 0)
    assert b"H27" not in body and "Về việc họp".encode() not in body

    assert digest_of(headers["content-digest"]) == hashlib.sha256(body).digest()
    target, _, query = path.partition("?")
    message = Message("POST", headers["host"], target, query, headers)
    key = verifying_key(axis.keys()["keys"][0])
    verified(
        message,
        lambda _: key,
        now=clock.now(),
        window=timedelta(minutes=1),
        covers=ringing.COVERED,
        tag=ringing.TAG,
    )


def test_a_flood_is_told_once_and_what_is_known_not_again(axis: Axis, ear: Ear, allowed: None) -> None:
    relay(axis, "H37").add_webhook(ear.url)
    for number in range(5):
        send(axis, number)
    assert [ringing.ring_due(), ringing.ring_due()] == [1, 0]
    assert json.loads(ear.heard[0][1])["edoc"] == 5
    send(axis, 6)
    assert ringing.ring_due() == 1


def test_a_failing_webhook_is_tried_later_and_later_and_only_that_one(
    axis: Axis, ear: Ear, allowed: None
) -> None:
    broken = Webhook.objects.get(pk=relay(axis, "H37").add_webhook("http://127.0.0.1:9/dong"))
    relay(axis, "H37").add_webhook(ear.url)
    now = clock.now()
    with clock.frozen(now):
        send(axis)
        assert ringing.ring_due() == 2
        assert ringing.ring_due() == 0, "the circuit of the broken one is open"
    assert len(ear.heard) == 1
    gaps = []
    for failures in range(2, 9):
        broken.refresh_from_db()
        assert broken.next_try_at is not None
        gaps.append((broken.next_try_at - now).total_seconds())
        now = broken.next_try_at
        with clock.frozen(now):
            assert ringing.ring_due() == 1
        broken.refresh_from_db()
        assert broken.failures == failures
        assert broken.last_error
    assert all(gap <= later * 1.2 for gap, later in pairwise(gaps))
    assert gaps[0] < 10 and gaps[-1] >= 3600


def test_an_answered_call_closes_the_circuit(axis: Axis, ear: Ear, allowed: None) -> None:
    webhook = Webhook.objects.get(pk=relay(axis, "H37").add_webhook(ear.url))
    Webhook.objects.update(failures=7, last_error="HTTP 500", next_try_at=clock.now())
    send(axis)
    ringing.ring_due()
    webhook.refresh_from_db()
    assert (webhook.failures, webhook.last_error, webhook.next_try_at) == (0, "", None)


@pytest.mark.parametrize("answer", [301, 307, 404, 500])
def test_redirects_and_errors_are_failures(axis: Axis, ear: Ear, allowed: None, answer: int) -> None:
    relay(axis, "H37").add_webhook(ear.url)
    send(axis)
    ear.answer = answer
    ringing.ring_due()
    assert len(ear.heard) == 1, "a redirect is not followed"
    assert Webhook.objects.get().last_error == f"HTTP {answer}"


def test_a_worker_killed_in_the_call_leaves_the_webhook_due_again(
    axis: Axis, ear: Ear, allowed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay(axis, "H37").add_webhook(ear.url)
    send(axis)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(ringing, "_call", killed)
        ringing.ring_due()
    assert ringing.ring_due() == 0, "as long as the claim holds"
    with clock.frozen(clock.now() + ringing.CLAIM):
        assert ringing.ring_due() == 1
    assert len(ear.heard) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost:8000/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.5/",
        "https://192.168.1.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "ftp://8.8.8.8/",
        "http://nguoi:matkhau@8.8.8.8/",
        "http://8.8.8.8/#x",
        "http://8.8.8.8:0/",
        "http:///x",
        "không phải địa chỉ",
        "http://khong-co-may-nay.invalid/",
    ],
)
def test_nothing_inside_the_network_can_be_called(axis: Axis, url: str) -> None:
    with pytest.raises(VxpRefused) as refused:
        relay(axis, "H37").add_webhook(url)
    assert "Trục không gọi được" in refused.value.error_desc
    assert not Webhook.objects.exists()


def test_a_name_that_points_inside_later_is_not_called(
    axis: Axis, ear: Ear, allowed: None, settings: Any
) -> None:
    relay(axis, "H37").add_webhook(ear.url)
    send(axis)
    settings.VANTHU = settings.VANTHU.model_copy(update={"axis_webhook_allow": ""})
    ringing.ring_due()
    assert ear.heard == []
    assert "không nằm trong mạng được phép" in Webhook.objects.get().last_error


@given(number=st.integers(0, 2**32 - 1))
def test_without_permission_only_public_addresses_are_called(number: int) -> None:
    address = ip_address(number)
    assert targets.permitted("x", address, "") == (address.is_global and not address.is_multicast)
    assert targets.permitted("x", address, "0.0.0.0/0")
    assert targets.permitted("may-cua-tinh", address, "10.0.0.0/8, may-cua-tinh")


def test_webhooks_are_listed_and_removed_by_their_member_only(axis: Axis, ear: Ear, allowed: None) -> None:
    webhook_id = relay(axis, "H37").add_webhook(ear.url)
    assert relay(axis, "H37").add_webhook(ear.url) == webhook_id, "again changes nothing"
    assert relay(axis, "H27").webhooks() == []
    answer = raw(axis, "DELETE", f"/webhooks/{webhook_id}", key=key_of("H27"))
    assert (answer.status_code, answer.json()["code"]) == (404, "AXIS_WEBHOOK_UNKNOWN")
    [row] = relay(axis, "H37").webhooks()
    assert (row["id"], row["url"], row["failures"]) == (webhook_id, ear.url, 0)
    relay(axis, "H37").remove_webhook(webhook_id)
    assert relay(axis, "H37").webhooks() == []


def test_webhooks_have_a_limit(axis: Axis, allowed: None) -> None:
    for number in range(4):
        relay(axis, "H37").add_webhook(f"http://127.0.0.1:9/{number}")
    with pytest.raises(VxpRefused, match="4 webhook"):
        relay(axis, "H37").add_webhook("http://127.0.0.1:9/5")


def test_addresses_of_a_name_that_is_half_inside_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [ip_address("8.8.8.8"), ip_address("10.0.0.1")]
    monkeypatch.setattr(targets, "_addresses", lambda *_: both)
    with pytest.raises(WebhookNotAllowed):
        targets.look_up("http://hai-mat.example/", "")
    assert targets.look_up("http://hai-mat.example/x?y", "10.0.0.0/8").url == "http://8.8.8.8:80/x?y"
