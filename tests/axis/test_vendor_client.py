"""Every operation called as the vendor's client library calls it, from one client object with its habits.

One time stamp for the object's whole life; hash-file without padding; a line end after the packet; names of the
signed headers in an order of its own; ``docid`` beside ``docId``; empty bodies and ``{}``; a header map that keeps
arguments of earlier calls.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest
from tests.axis.axis_parts import Axis, document, status

from vanthu.base import clock
from vanthu.vxp import timestamp, unpadded

EMPTY, BRACES = b"", b"{}"
JSON = "application/json"


class VendorClient:
    """Sends what the library sends; ``leaks`` as its shared header map does."""

    def __init__(self, axis: Axis, system_id: str, *, leaks: bool = False) -> None:
        self.axis, self.system_id, self.leaks = axis, system_id, leaks
        self.stamp = timestamp(clock.now())
        self.kept: dict[str, str] = {}

    def call(self, verb: str, path: str, body: bytes, kind: str = JSON, **named: str) -> httpx.Response:
        arguments = {**self.kept, **{name.replace("_", "-"): value for name, value in named.items()}}
        if self.leaks:
            self.kept = arguments
        late = {"status": arguments.pop("status")} if "status" in arguments else {}
        signed = {
            "systemid": self.system_id,
            **arguments,
            "timestamp": self.stamp,
            "Content-Type": kind,
            **late,
        }
        text = json.dumps(
            {f"XroadVnpt-{name}": value for name, value in signed.items()}, separators=(",", ":")
        )
        secret = self.axis.secrets[self.system_id].encode()
        headers = {f"XroadVnpt-{name}": value for name, value in signed.items()} | {
            "Content-Type": kind,
            "XroadVnpt-sign-header-key": ";".join(signed),
            "XroadVnpt-sign-header": text,
            "XroadVnpt-hash-header": hmac.new(secret, text.encode(), hashlib.sha256).hexdigest(),
            "User-Agent": "JAVASDKAgent/1.0.0 XRoad/VPCP",
            "XroadVnpt-version": "3.0.201608",
        }
        answer = self.axis.http.request(verb, self.axis.url + path, headers=headers, content=body)
        assert answer.status_code == 200
        return answer

    def json(self, verb: str, path: str, body: bytes, **named: str) -> dict[str, Any]:
        answer = dict(self.call(verb, path, body, **named).json())
        assert (answer["status"], answer["ErrorCode"], answer["ErrorDesc"]) == ("OK", "0", "Thanh cong")
        return answer

    def send(self, packet: bytes, kind: str, sender: str) -> str:
        claimed = unpadded(hashlib.sha256(packet).digest())
        answer = self.call(
            "POST", "/sendEdoc", packet + b"\r\n", "application/octet-stream",
            servicetype="eDoc", messagetype=kind, hash_file=claimed, **{"from": sender},
        ).json()  # fmt: skip
        assert answer["status"] == "OK", answer
        return str(answer["DocId"])


Pair = tuple[VendorClient, VendorClient]


@pytest.fixture(params=[False, True], ids=["clean", "leaking"])
def vendors(axis: Axis, request: Any) -> Pair:
    """The province's and the district's software."""
    return VendorClient(axis, "H27", leaks=request.param), VendorClient(axis, "H37", leaks=request.param)


def test_a_document_and_its_status_travel_between_two_vendor_clients(
    vendors: tuple[VendorClient, VendorClient],
) -> None:
    province, district = vendors
    code = b"<edXML:CodeNumber>15</edXML:CodeNumber><edXML:CodeNotation>SNV</edXML:CodeNotation>"
    packet = document().replace(b"<edXML:Subject>", b"<edXML:Code>" + code + b"</edXML:Code><edXML:Subject>")
    sent = province.send(packet, "edoc", "H27.01")

    [row] = district.json("POST", "/getReceivedEdocList", EMPTY, servicetype="eDoc", messagetype="edoc")[
        "data"
    ]
    assert {
        "docId",
        "serviceType",
        "messageType",
        "created_time",
        "updated_time",
        "from",
        "to",
        "status",
    } <= set(row)
    assert "status_desc" in row
    assert (row["from"], row["to"], row["status"]) == ("H27.01", "H37.05", "initial")
    given = district.json("POST", "/getEdoc", BRACES, docId=row["docId"], filePath="store")["data"]
    assert base64.b64decode(given) == packet
    stream = district.call("GET", "/downloadEdoc", EMPTY, docId=row["docId"], filePath="store")
    assert stream.content == packet
    district.json("POST", "/updateStatus", BRACES, docid=row["docId"], status="done")

    district.kept.clear()
    district.send(status(), "status", "H37.05")
    [told] = province.json(
        "POST", "/getSentEdocList", EMPTY, servicetype="eDoc", messagetype="edoc", docId=sent
    )["data"]
    assert (told["fromCode"], told["toCode"], told["receiveStatus"]) == ("H27.01", "H37.05", "done")
    assert {"senderDocId", "receiverDocId", "sendStatus", "sentTime", "receivedTime", "title"} <= set(told)
    assert told["notation"] == "15/SNV"
    for verb in ("POST", "GET"):
        assert province.json(verb, "/countReceiveStatus", BRACES)["count"] == 1
        assert province.json(verb, "/countReceiveEdoc", BRACES)["count"] == 0


def test_the_agency_operations_of_two_vendor_clients(vendors: Pair) -> None:
    province, _ = vendors
    rows = province.json("POST", "/getAgenciesList", EMPTY)["data"]
    assert {"id", "pid", "code", "name", "mail", "oldCode"} <= set(rows[0])
    rows = province.json("POST", "/getAgenciesListQD20", EMPTY, level="1")["data"]
    assert {row["code"] for row in rows} == {"H27"}
    assert "code102" in rows[0]
    rows = province.json("POST", "/getSynchronizeUnit", EMPTY)["data"]
    assert {"id", "pid", "code", "name", "mail", "version", "centerCode", "deleted", "modifyDate"} <= set(
        rows[0]
    )
    assert "isAgency" in rows[0]
    body = {"id": "", "pcode": "H27", "code": "H27.99", "name": "Phong", "mail": "", "mobile": "", "fax": ""}
    province.json("POST", "/registerAgency", json.dumps(body).encode())
    assert "H27.99" in {row["code"] for row in province.json("POST", "/getAgenciesList", EMPTY)["data"]}
    province.json("POST", "/deleteAgency", BRACES, AgencyCode="H27.99")
    assert "H27.99" not in {row["code"] for row in province.json("POST", "/getAgenciesList", EMPTY)["data"]}


def test_the_same_packet_sent_again_by_the_same_object_has_the_first_id(
    vendors: tuple[VendorClient, VendorClient],
) -> None:
    province, _ = vendors
    assert province.send(document(), "edoc", "H27.01") == province.send(document(), "edoc", "H27.01")


def test_refusals_come_with_http_200(vendors: Pair) -> None:
    province, _ = vendors
    answer = province.call("POST", "/getEdoc", BRACES, docId="d1", filePath="store").json()
    assert (answer["status"], answer["ErrorCode"]) == ("FAIL", "41")
