"""The VXP operations, at the paths and with the answers that clients in use expect."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponseBase

from vanthu.axis import actions, handing_over, limits, meter, queries, rules, storage
from vanthu.axis.callers import call_key
from vanthu.axis.envelope import CODE_LENGTH, Envelope, argued_envelope, read_arriving
from vanthu.axis.errors import CallMalformed, EnvelopeWrong, HashMismatch
from vanthu.axis.models import AxisAgency, AxisDelivery, Member, Packet, PacketKind
from vanthu.axis.payloads import Addressing, PayloadType
from vanthu.axis.views.calls import CHUNK, Call, door
from vanthu.axis.wire_rules import usable_code
from vanthu.base import clock
from vanthu.vxp import CallRefused, PacketMeter
from vanthu.vxp.answers import WIRE_TIME, wire_time

LARGEST_BASE64 = 64 << 20
HASH_HEADER = "XroadVnpt-hash-file"


# --- sending


@door("POST", changes=True)
def send_edoc(call: Call) -> Mapping[str, Any]:
    """Take in one packet; its body streams to disk, its acceptance is durable before the answer.

    A refusal is on record as well and carries the axis' signature.
    """
    arrived = PacketMeter()
    try:
        packet = _take_in(call, arrived)
    except CallRefused as refused:
        refused.receipt = actions.refuse(
            call.member,
            refused,
            sender=call.signed.argument("from")[:CODE_LENGTH],
            arrived=arrived.settle(call.signed.argument("hash-file")) or arrived.whole(),
            address=call.address,
        )
        raise
    finally:
        meter.note(call.member, received=arrived.size)
    told = {"Notices": packet.notices} if packet.notices else {}
    return {"DocId": str(packet.id), "Receipt": packet.receipt, **told}


def _take_in(call: Call, arrived: PacketMeter) -> Packet:
    signed, payload = call.signed, call.payload
    with storage.Spool(limits.packet_bytes(call.member, payload.max_mb)) as spool:
        claimed = signed.required("hash-file")
        envelope = _envelope(call, payload, _arriving(call.request, spool, arrived))
        measured = arrived.settle(claimed)
        if measured is None:
            raise HashMismatch(size=arrived.size)
        spool.cut(measured.size)
        if isinstance(envelope, EnvelopeWrong):
            raise envelope
        return actions.take_in(
            call.member,
            envelope,
            named_sender=signed.required("from"),
            to=signed.argument("to"),
            spool=spool,
            measured=measured,
            address=call.address,
        )


def _envelope(call: Call, payload: PayloadType, chunks: Iterator[bytes]) -> Envelope | EnvelopeWrong:
    """What the arriving packet says, or what is wrong with it; all of it has arrived afterwards."""
    if payload.addressing is Addressing.HEADER:
        return read_arriving(chunks, payload.name)
    for _ in chunks:
        pass
    signed = call.signed
    return argued_envelope(
        payload.name, signed.required("from"), signed.argument("documentid"), signed.argument("priority")
    )


def _arriving(request: HttpRequest, spool: storage.Spool, packet: PacketMeter) -> Iterator[bytes]:
    declared = request.META.get("CONTENT_LENGTH") or "0"
    limits.check_size(int(declared) if declared.isdigit() else 0, spool.limit)
    while chunk := request.read(CHUNK):
        packet.update(chunk)
        spool.write(chunk)
        yield chunk


@door("POST", "GET")
def get_sent_edoc_list(call: Call) -> Mapping[str, Any]:
    """What became of one packet the member sent, one row per recipient."""
    return {
        "data": [_sent_row(delivery) for delivery in queries.sent(call.member, call.signed.required("docId"))]
    }


def _sent_row(delivery: AxisDelivery) -> dict[str, str]:
    packet = delivery.packet
    return {
        "serviceType": "eDoc",
        "messageType": packet.kind,
        "senderDocId": str(packet.id),
        "receiverDocId": str(delivery.id),
        "fromCode": packet.sender_code,
        "toCode": delivery.written_code or delivery.recipient_code,
        "successorCode": delivery.recipient_code if delivery.written_code else "",
        "sendStatus": "done",
        "sendStatusDesc": _moved(delivery),
        "receiveStatus": delivery.state,
        "receiveStatusDesc": delivery.description,
        "title": "",  # clients expect the field; the axis keeps no subject
        "notation": packet.document_code,
        "sentTime": wire_time(packet.accepted_at),
        "receivedTime": wire_time(delivery.acknowledged_at),
    }


def _moved(delivery: AxisDelivery) -> str:
    if not delivery.written_code:
        return ""
    return f"Da chuyen toi {delivery.recipient_code}, co quan ke thua cua {delivery.written_code}"


# --- receiving


@door("POST", "GET")
def get_received_edoc_list(call: Call) -> Mapping[str, Any]:
    """What waits for the member, again on every call until acknowledged; ``limit`` asks for fewer rows."""
    since, until = _instant(call, "fromDate"), _instant(call, "toDate")
    limit = call.whole("limit", queries.LIST_LIMIT)
    rows = queries.waiting(call.member, call.payload.name, since, until, limit)
    return {"data": [_received_row(row, call.member) for row in rows]}


def _received_row(delivery: AxisDelivery, caller: Member) -> dict[str, Any]:
    """One row; another axis gets the packet with our hop in it, so hash and size are told with the download."""
    packet = delivery.packet
    known = {} if caller.is_axis else {"contentSha256": packet.sha256, "contentLength": packet.size}
    return {
        "docId": str(delivery.id),
        "serviceType": "eDoc",
        "messageType": delivery.kind,
        "created_time": wire_time(delivery.created_at),
        "updated_time": wire_time(delivery.updated_at),
        "from": packet.sender_code,
        "to": delivery.recipient_code,
        "status": delivery.state,
        "status_desc": delivery.description,
        "documentId": packet.document_id,
        "priority": packet.priority,
        **known,
    }


@door("POST", "GET")
def get_edoc(call: Call) -> Mapping[str, Any]:
    """One packet as base64; large ones only through ``downloadEdoc``."""
    delivery = actions.hand_over(call.member, call.signed.required("docId"), call.address)
    if delivery.packet.size > LARGEST_BASE64:
        raise CallRefused("Gói tin lớn, hãy tải bằng downloadEdoc.")
    body = handing_over.body_for(call.member, delivery)
    with body.stream as stream:
        return {"data": base64.b64encode(stream.read()).decode()}


@door("GET", "POST")
def download_edoc(call: Call) -> HttpResponseBase:
    """One packet, streamed; its hash goes along in the vendor's header, padded."""
    delivery = actions.hand_over(call.member, call.signed.required("docId"), call.address)
    body = handing_over.body_for(call.member, delivery)
    return FileResponse(
        body.stream,
        content_type="application/octet-stream",
        headers={HASH_HEADER: body.sha256, "Content-Length": str(body.size)},
    )


@door("POST", changes=True)
def update_status(call: Call) -> Mapping[str, Any]:
    """The recipient's system acknowledges; a transport state, not the business status."""
    actions.acknowledge(
        call.member,
        call.signed.required("docid"),
        call.signed.required("status").lower(),
        call.signed.argument("description"),
        call.address,
    )
    return {}


@door("GET", "POST")
def count_receive_edoc(call: Call) -> Mapping[str, Any]:
    """How many documents wait for the member."""
    return {"count": queries.waiting_count(call.member, PacketKind.EDOC)}


@door("GET", "POST")
def count_receive_status(call: Call) -> Mapping[str, Any]:
    """How many status packets wait for the member."""
    return {"count": queries.waiting_count(call.member, PacketKind.STATUS)}


# --- the agency list


@door("POST", "GET")
def get_agencies_list(_call: Call) -> Mapping[str, Any]:
    """Every agency that can be addressed."""
    return {"data": [_agency_row(agency) | {"oldCode": _old_code(agency)} for agency in queries.agencies()]}


@door("POST", "GET")
def get_agencies_list_qd20(call: Call) -> Mapping[str, Any]:
    """The agencies of one level, with their identifiers before QĐ 20/2020."""
    level = call.whole("level", 1)
    return {"data": [_agency_row(row) | {"code102": _old_code(row)} for row in queries.agencies(level=level)]}


@door("POST", "GET")
def get_synchronize_unit(call: Call) -> Mapping[str, Any]:
    """The list with versions and departures; a signed ``fromVersion`` asks only for what is newer."""
    rows = queries.agencies(deleted=True, newer_than=call.whole("fromVersion", 0))
    return {"data": [_unit_row(agency) for agency in rows]}


def _agency_row(agency: AxisAgency) -> dict[str, Any]:
    return {
        "id": str(agency.id),
        "pid": agency.parent_code,
        "code": agency.code,
        "name": agency.name,
        "mail": agency.email,
    }


def _unit_row(agency: AxisAgency) -> dict[str, Any]:
    return _agency_row(agency) | {
        "version": agency.version,
        "centerCode": agency.member.system_id,
        "deleted": rules.is_gone(agency, clock.today()),
        "successorCode": agency.successor.code if agency.successor else "",
        "stage": agency.stage,
        "modifyDate": wire_time(agency.modified_at),
        "isAgency": True,
    }


def _old_code(agency: AxisAgency) -> str:
    return next((known.code for known in agency.codes.all() if known.code != agency.code), "")


@door("POST", changes=True)
def register_agency(call: Call) -> Mapping[str, Any]:
    """A member registers an agency below one of its own."""
    row = _registration(call.request.read(1 << 16))
    details = actions.AgencyDetails(
        code=row["code"], name=row["name"], parent_code=row["pcode"], email=row["mail"]
    )
    actions.register_agency(call.member, details, call.actor)
    return {}


def _registration(body: bytes) -> dict[str, str]:
    lengths = {"code": 35, "name": 200, "pcode": 35, "mail": 100}
    try:
        given = json.loads(body)
        row = {name: str(given.get(name) or "").strip() for name in lengths}
    except (ValueError, AttributeError, RecursionError):
        raise CallMalformed(name="body") from None
    for name, length in lengths.items():
        if len(row[name]) > length or "\0" in row[name] or (name == "name" and not row[name]):
            raise CallMalformed(name=name)
    for name in ("code", "pcode"):
        if not usable_code(row[name]) and (row[name] or name == "code"):
            raise CallMalformed(name=name)
    return row


@door("POST", changes=True)
def delete_agency(call: Call) -> Mapping[str, Any]:
    """A member takes one of its agencies off the axis."""
    key = call_key(call.signed, call.request.path)
    actions.delete_agency(call.member, call.signed.required("AgencyCode"), call.actor, key)
    return {}


def _instant(call: Call, name: str) -> datetime | None:
    text = call.signed.argument(name)
    if not text:
        return None
    try:
        return datetime.strptime(text, WIRE_TIME).replace(tzinfo=clock.VIETNAM)
    except ValueError:
        raise CallMalformed(name=name) from None
