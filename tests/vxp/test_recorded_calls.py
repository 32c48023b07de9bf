"""What the vendor's client was recorded sending is understood; any change to it is refused."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest

from vanthu.vxp import BadCredentials, BadHeaders, PacketMeter, StaleCall, matches, parse_and_verify

RECORDED_AT = datetime(2026, 11, 21, 21, 6, 40, tzinfo=UTC)
SECRETS = {"H27": "demo-key"}
JSON_TYPE, PACKET_TYPE = "application/json", "application/octet-stream"
HASH_FILE = "8e842cd247adebbecaaf6ac5aa8e0a4711b29c3c77849a57c82d49c518cd"
PACKET = b'<?xml version="1.0" encoding="UTF-8"?>\n<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"/>\n'

# (arguments in the order sent, time stamp, content type, argument after the content type, signature)
CALLS = {
    "getAgenciesList": (
        {},
        "210633+0813",
        JSON_TYPE,
        {},
        "c92076e1d30be70be03d7739839681b5cbc7dbc941da4e157d2b5a46c6c9ce8c",
    ),
    "getAgenciesListQD20": (
        {"level": "1"},
        "210634+0307",
        JSON_TYPE,
        {},
        "f457ba5adb562c47ac6309427c1a41dd71aa5b2ac9d15269b5c590ba3694b9e0",
    ),
    "deleteAgency": (
        {"AgencyCode": "H27.99"},
        "210635+0747",
        JSON_TYPE,
        {},
        "df4114267cad7ed8c1b26338123e24de8f8b28bb708ca37fd7c45cc8c76f92e3",
    ),
    "sendEdoc": (
        {"servicetype": "eDoc", "messagetype": "edoc", "hash-file": HASH_FILE, "from": "H27"},
        "210636+0290",
        PACKET_TYPE,
        {},
        "03ef3a02c90114701093d7ea03031397010849fd1bf5d907410122630f32200f",
    ),
    "getReceivedEdocList": (
        {"servicetype": "eDoc", "messagetype": "edoc"},
        "210636+0817",
        JSON_TYPE,
        {},
        "b9326bbeaec63cab8c82877b49d6876b895c6cd9293494ddca96173f2fd5f76d",
    ),
    "downloadEdoc": (
        {"docId": "d1", "filePath": "store"},
        "210637+0920",
        JSON_TYPE,
        {},
        "4817be497227109ef07778b41e2b025a3f713ad3bddf55e8f517c20e3ab0bb25",
    ),
    "updateStatus": (
        {"docid": "d1"},
        "210638+0442",
        JSON_TYPE,
        {"status": "done"},
        "51543e0449eb64b47c147eb433ab3a8809c6079e5327c36391432a050f35be06",
    ),
    "getSentEdocList": (
        {"servicetype": "eDoc", "messagetype": "edoc", "docId": "abc123"},
        "210638+0943",
        JSON_TYPE,
        {},
        "2f8f27685a59376c95550624c2c90b70666ed82949f54e7eeb6eeee4accd653e",
    ),
}


def recorded(name: str) -> dict[str, str]:
    """The headers of one recorded call, as the server saw them."""
    before, time, content_type, after, signature = CALLS[name]
    signed = {
        "systemid": "H27",
        **before,
        "timestamp": "21112026T" + time,
        "Content-Type": content_type,
        **after,
    }
    with_prefix = {f"XroadVnpt-{name}": value for name, value in signed.items()}
    return {
        "Content-Type": content_type,
        **with_prefix,
        "XroadVnpt-sign-header-key": ";".join(signed),
        "XroadVnpt-sign-header": json.dumps(with_prefix, separators=(",", ":")),
        "XroadVnpt-hash-header": signature,
        "XroadVnpt-version": "3.0.201608",
    }


@pytest.mark.parametrize("name", CALLS)
def test_every_recorded_call_is_accepted_with_its_arguments(name: str) -> None:
    call = parse_and_verify(recorded(name), SECRETS.get, now=RECORDED_AT)
    assert call.system_id == "H27"
    for argument, value in (CALLS[name][0] | CALLS[name][3]).items():
        assert call.argument(argument) == value


def test_header_names_may_come_in_any_case() -> None:
    shouted = {name.upper(): value for name, value in recorded("updateStatus").items()}
    assert parse_and_verify(shouted, SECRETS.get, now=RECORDED_AT).argument("docId") == "d1"


def test_wrong_secret_and_unknown_member_get_the_same_answer() -> None:
    for secrets in ({"H27": "another-key"}, {}):
        with pytest.raises(BadCredentials):
            parse_and_verify(recorded("sendEdoc"), secrets.get, now=RECORDED_AT)


@pytest.mark.parametrize("name", ["docid", "status", "systemid", "timestamp", "Content-Type"])
def test_a_header_that_differs_from_the_signed_text_is_refused(name: str) -> None:
    headers = recorded("updateStatus")
    headers[f"XroadVnpt-{name}"] += "x"
    with pytest.raises((BadHeaders, BadCredentials)):
        parse_and_verify(headers, {"H27": "demo-key", "H27x": "demo-key"}.get, now=RECORDED_AT)


@pytest.mark.parametrize("name", ["docid", "sign-header", "sign-header-key", "hash-header", "systemid"])
def test_a_missing_header_is_refused(name: str) -> None:
    headers = recorded("updateStatus")
    del headers[f"XroadVnpt-{name}"]
    with pytest.raises(BadHeaders):
        parse_and_verify(headers, SECRETS.get, now=RECORDED_AT)


def test_a_changed_signed_text_is_refused() -> None:
    headers = recorded("updateStatus")
    for name in ("XroadVnpt-sign-header", "XroadVnpt-docid"):
        headers[name] = headers[name].replace("d1", "d2")
    with pytest.raises(BadCredentials):
        parse_and_verify(headers, SECRETS.get, now=RECORDED_AT)


def test_names_left_out_of_the_list_of_signed_names_are_refused() -> None:
    headers = recorded("updateStatus")
    headers["XroadVnpt-sign-header-key"] = "systemid;docid;timestamp;Content-Type"
    with pytest.raises(BadHeaders):
        parse_and_verify(headers, SECRETS.get, now=RECORDED_AT)


def test_an_unsigned_argument_does_not_reach_the_server() -> None:
    headers = recorded("getReceivedEdocList") | {"XroadVnpt-docId": "smuggled"}
    assert parse_and_verify(headers, SECRETS.get, now=RECORDED_AT).argument("docId") == ""


def test_an_old_call_is_refused_and_the_zone_of_the_time_stamp_does_not_matter() -> None:
    headers = recorded("getAgenciesList")
    hour = timedelta(hours=1)
    for read_as_vietnamese_time in (RECORDED_AT, RECORDED_AT - timedelta(hours=7)):
        parse_and_verify(headers, SECRETS.get, now=read_as_vietnamese_time, window=hour)
    with pytest.raises(StaleCall):
        parse_and_verify(headers, SECRETS.get, now=RECORDED_AT + 2 * hour, window=hour)


def test_a_server_may_refuse_a_call_it_has_seen() -> None:
    seen: set[str] = set()

    def already_used(call: object) -> bool:
        key = repr(call)
        known = key in seen
        seen.add(key)
        return known

    headers = recorded("getAgenciesList")
    parse_and_verify(headers, SECRETS.get, now=RECORDED_AT, already_used=already_used)
    with pytest.raises(StaleCall):
        parse_and_verify(headers, SECRETS.get, now=RECORDED_AT, already_used=already_used)


def test_the_vendor_hash_lacks_zeros_and_leaves_out_the_line_end_it_adds() -> None:
    meter = PacketMeter()
    for start in range(0, len(PACKET) + 2, 7):
        meter.update((PACKET + b"\r\n")[start : start + 7])
    settled = meter.settle(HASH_FILE)
    assert settled is not None
    assert settled.size == len(PACKET)
    assert settled.sha256 == hashlib.sha256(PACKET).hexdigest()
    assert matches(settled.sha256.upper(), settled.digest)
    assert meter.settle("0" + HASH_FILE[1:]) is None
