"""What the modern door refuses: wrong keys, used and expired signatures, altered bodies, others' packets."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.axis.axis_parts import Axis, document
from tests.axis.relay_parts import key_of, raw, relay, send_raw

from vanthu.audit.models import Event
from vanthu.axis import actions, queries
from vanthu.axis.actions import keys
from vanthu.axis.models import Member, MemberKey, Packet
from vanthu.base import clock
from vanthu.evidence import new_key, public_jwk
from vanthu.vxp import VxpBadAnswer, VxpRefused, sign


@pytest.fixture
def enrolled(axis: Axis) -> Axis:
    """Both members have registered their keys."""
    for system_id in axis.secrets:
        relay(axis, system_id).enrol()
    return axis


class Recorder(httpx.BaseTransport):
    """Passes calls on and keeps the last one, as somebody who listens might."""

    def __init__(self, below: Any) -> None:
        self.below = below
        self.last: httpx.Request | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.last = request
        return self.below.handle_request(request)


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == answer.status_code and told["detail"]
    return answer.status_code, told["code"]


def test_an_unknown_key_is_refused(enrolled: Axis) -> None:
    assert problem(raw(enrolled, "GET", "/deliveries?type=edoc", key=new_key())) == (401, "RELAY_KEY_UNKNOWN")


def test_a_call_without_signature_is_refused(axis: Axis) -> None:
    answer = axis.http.get(f"{axis.url}/axis/v2/deliveries?type=edoc")
    assert problem(answer) == (401, "RELAY_SIGNATURE_MISSING")


def test_the_same_call_twice_is_a_replay(enrolled: Axis) -> None:
    recorder = Recorder(enrolled.http._transport)
    with httpx.Client(transport=recorder) as http:
        relay(enrolled, "H37", http=http).received("edoc")
        assert recorder.last is not None
        assert problem(http.send(recorder.last)) == (401, "RELAY_SIGNATURE_USED")


def test_an_expired_signature_is_refused(enrolled: Axis) -> None:
    late = relay(enrolled, "H37", clock=lambda: clock.now() - timedelta(minutes=8))
    with pytest.raises(VxpRefused, match="đồng hồ") as refused:
        late.received("edoc")
    assert refused.value.error_code == "15"


def test_a_body_that_was_altered_is_refused(enrolled: Axis) -> None:
    other = document(document_id="bị sửa")
    answer = send_raw(enrolled, other, key=key_of("H27"), signed_body=document())
    assert problem(answer) == (400, "RELAY_DIGEST_WRONG")
    (row,) = _one_waiting(enrolled)
    told = raw(
        enrolled,
        "PUT",
        f"/deliveries/{row}/state",
        key=key_of("H37"),
        body=b'{"state": "done"}',
        signed_body=b'{"state": "fail"}',
    )
    assert problem(told) == (400, "RELAY_DIGEST_WRONG")
    assert Packet.objects.count() == 1


def test_a_signature_that_leaves_the_recipients_open_is_refused(enrolled: Axis) -> None:
    answer = raw(
        enrolled,
        "POST",
        "/packets?type=edoc&from=H27.01",
        key=key_of("H27"),
        body=document(),
        headers={"Idempotency-Key": "k", "Packet-To": '["H27.02"]'},
        covered=("idempotency-key",),
    )
    assert problem(answer) == (401, "RELAY_SIGNATURE_MISSING")


def test_another_members_packet_does_not_exist(enrolled: Axis) -> None:
    (row,) = _one_waiting(enrolled)
    packet = Packet.objects.get()
    for method, path, body in (
        ("GET", f"/deliveries/{row}/packet", b""),
        ("GET", f"/deliveries/{row}/proof", b""),
        ("PUT", f"/deliveries/{row}/state", b'{"state": "done"}'),
    ):
        answer = raw(enrolled, method, path, key=key_of("H27"), body=body)
        assert problem(answer) == (404, "AXIS_DELIVERY_UNKNOWN"), path
    answer = raw(enrolled, "GET", f"/packets/{packet.id}", key=key_of("H37"))
    assert problem(answer) == (404, "AXIS_DELIVERY_UNKNOWN")
    assert raw(enrolled, "GET", "/deliveries?type=edoc", key=key_of("H27")).json() == {"deliveries": []}


def test_nobody_sends_for_another_members_agency(enrolled: Axis) -> None:
    answer = send_raw(enrolled, document(sender="H37.05"), key=key_of("H27"), sender="H37.05")
    assert problem(answer) == (403, "AXIS_SENDER_MISMATCH")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/deliveries?type=fax", "AXIS_CALL_MALFORMED"),
        ("/deliveries?type=edoc&limit=0", "AXIS_CALL_MALFORMED"),
        ("/wait?seconds=600", "AXIS_CALL_MALFORMED"),
        ("/agencies?after=-1", "AXIS_CALL_MALFORMED"),
        ("/statistics?since=2020-01-01T00:00:00Z", "AXIS_CALL_MALFORMED"),
    ],
)
def test_arguments_without_meaning_are_refused(enrolled: Axis, path: str, code: str) -> None:
    assert problem(raw(enrolled, "GET", path, key=key_of("H37"))) == (400, code)


def test_an_upload_needs_its_idempotency_key(enrolled: Axis) -> None:
    answer = raw(
        enrolled,
        "POST",
        "/packets?type=edoc&from=H27.01",
        key=key_of("H27"),
        body=document(),
        headers={"Idempotency-Key": " "},
        covered=("idempotency-key",),
    )
    assert problem(answer) == (400, "AXIS_IDEMPOTENCY_KEY_MISSING")


def test_a_stopped_member_is_not_served(enrolled: Axis) -> None:
    actions.set_member_active("H37", active=False)
    assert problem(raw(enrolled, "GET", "/keys", key=key_of("H37"))) == (401, "RELAY_KEY_UNKNOWN")


def test_the_members_limits_hold_at_this_door_too(enrolled: Axis) -> None:
    Member.objects.filter(system_id="H37").update(calls_per_minute=2)
    answers = [raw(enrolled, "GET", "/keys", key=key_of("H37")) for _ in range(4)]
    assert answers[0].status_code == 200
    assert problem(answers[-1]) == (429, "AXIS_OVER_LIMIT")
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert raw(enrolled, "GET", "/keys", key=key_of("H27")).status_code == 200, "nobody else is slowed down"


# --- keys


def test_a_site_enrols_itself_with_its_secret(axis: Axis) -> None:
    assert relay(axis, "H27").received("edoc") == []
    key = MemberKey.objects.get()
    assert (key.member.system_id, key.kid) == ("H27", key_of("H27").thumbprint())
    relay(axis, "H27").enrol()
    assert MemberKey.objects.count() == 1, "again changes nothing"
    assert Event.objects.filter(verb="axis.key_added").count() == 1


def test_a_wrong_secret_enrols_nothing(axis: Axis) -> None:
    with pytest.raises(VxpRefused) as refused:
        relay(axis, "H27", secret="sai").enrol()
    assert refused.value.error_code == "15"
    assert not MemberKey.objects.exists()


def test_nobody_enrols_a_key_that_is_not_in_their_hands(axis: Axis) -> None:
    """Else a member could take another's public key for itself and lock the other out."""
    jwk = json.dumps(public_jwk(key_of("H27")))
    headers = sign("H37", axis.secrets["H37"], {"jwk": jwk}, at=clock.now(), content_type="application/json")
    answer = raw(
        axis, "POST", "/enrol", key=key_of("H37"), headers=headers, covered=("xroadvnpt-hash-header",)
    )
    assert problem(answer) == (401, "RELAY_SIGNATURE_WRONG")
    assert not MemberKey.objects.exists()


def test_several_keys_are_valid_until_one_is_revoked(enrolled: Axis) -> None:
    second = new_key()
    keys.add_key(queries.member("H37"), public_jwk(second))
    for key in (key_of("H37"), second):
        assert raw(enrolled, "GET", "/keys", key=key).status_code == 200
    gone = raw(enrolled, "DELETE", f"/keys/{second.thumbprint()}", key=key_of("H37"))
    assert gone.status_code == 204
    assert problem(raw(enrolled, "GET", "/keys", key=second)) == (401, "RELAY_KEY_UNKNOWN")
    with pytest.raises(VxpRefused) as refused:
        relay(enrolled, "H37", key=second).enrol()
    assert "AXIS_KEY_TAKEN" not in str(refused.value)
    assert "thu hồi" in refused.value.error_desc


def test_nobody_revokes_anothers_key(enrolled: Axis) -> None:
    answer = raw(enrolled, "DELETE", f"/keys/{key_of('H27').thumbprint()}", key=key_of("H37"))
    assert problem(answer) == (404, "AXIS_KEY_NOT_FOUND")


def test_keys_have_a_limit(enrolled: Axis) -> None:
    member = queries.member("H37")
    for _ in range(keys.MOST_KEYS - 1):
        keys.add_key(member, public_jwk(new_key()))
    with pytest.raises(VxpRefused) as refused:
        relay(enrolled, "H37", key=new_key()).enrol()
    assert "thu hồi khóa cũ" in refused.value.error_desc


def test_an_axis_without_the_door_is_told_apart(axis: Axis) -> None:
    assert relay(axis, "H27").about().wait_seconds == 25
    nowhere = relay(axis, "H27")
    nowhere.endpoint += "/khong-co"
    with pytest.raises(VxpBadAnswer):
        nowhere.about()


def _one_waiting(axis: Axis) -> list[str]:
    relay(axis, "H27").send_edoc(document(), sender="H27.01", message_type="edoc")
    return [row.doc_id for row in relay(axis, "H37").received("edoc")]
