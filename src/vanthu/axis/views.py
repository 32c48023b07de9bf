"""The axis' doors: the VXP operations for systems, a page for the operator."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from vanthu.axis import actions, queries, secrets, storage
from vanthu.axis.envelope import read_envelope
from vanthu.axis.errors import CallMalformed, HashMismatch, PacketTooLarge
from vanthu.axis.models import AxisAgency, AxisDelivery, Member, PacketKind
from vanthu.axis.receipt_key import receipt_key
from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.evidence import public_jwk
from vanthu.vxp import CallRefused, ErrorCode, Measured, PacketMeter, SignedCall, parse_and_verify
from vanthu.web.middleware import actor as acting

log = structlog.get_logger(__name__)

CHUNK = 1 << 18
LARGEST_BASE64 = 64 << 20
HASH_HEADER = "XroadVnpt-hash-file"
WIRE_TIME = "%d/%m/%Y %H:%M:%S"


@dataclass(frozen=True)
class Call:
    """A verified call: its request, the member it comes from and its signed arguments."""

    request: HttpRequest
    member: Member
    signed: SignedCall

    @property
    def address(self) -> str:
        """Where it came from."""
        return str(self.request.META.get("REMOTE_ADDR", ""))

    @property
    def actor(self) -> Actor:
        """The member as the actor of what the call does."""
        return actions.acting(self.member, self.address)

    @property
    def kind(self) -> PacketKind:
        """The transport type asked for; raises :class:`CallMalformed`."""
        try:
            return PacketKind(self.signed.required("messagetype").lower())
        except ValueError:
            raise CallMalformed(name="messagetype") from None


Door = Callable[[Call], "Mapping[str, Any] | HttpResponseBase"]
View = Callable[[HttpRequest], HttpResponseBase]


def door(*methods: str) -> Callable[[Door], View]:
    """A signed operation: find out who calls, do it, answer JSON with HTTP 200 also when refusing."""

    def wrap(function: Door) -> View:
        @functools.wraps(function)
        def view(request: HttpRequest) -> HttpResponseBase:
            try:
                answer = function(_verified(request))
            except CallRefused as refused:
                log.info("axis_refused", code=refused.code, path=request.path)
                return _refusal(request, refused.answer, refused.text)
            except Exception:
                log.exception("axis_failed", path=request.path)
                return _refusal(request, ErrorCode.SYSTEM, "Lỗi hệ thống của trục, hãy gửi lại sau.")
            if isinstance(answer, HttpResponseBase):
                return answer
            return JsonResponse({"status": "OK", "ErrorCode": "0", "ErrorDesc": "Thanh cong", **answer})

        return csrf_exempt(never_cache(require_http_methods(list(methods))(view)))

    return wrap


def _verified(request: HttpRequest) -> Call:
    found: list[Member] = []

    def secret_of(system_id: str) -> str | None:
        found.extend(Member.objects.filter(system_id=system_id, active=True))
        return secrets.unlock(found[0].secret_box) if found else None

    window = timedelta(seconds=settings.VANTHU.axis_clock_window_seconds)
    signed = parse_and_verify(request.headers, secret_of, now=clock.now(), window=window)
    queries.note_call(found[0])
    return Call(request, found[0], signed)


def _refusal(request: HttpRequest, code: ErrorCode, text: str) -> HttpResponse:
    """A FAIL answer.

    The rest of the body is read first: a client in the middle of sending would see a broken connection
    instead of the reason.
    """
    left = storage.largest_packet() * 2
    while left > 0 and (chunk := request.read(CHUNK)):
        left -= len(chunk)
    return JsonResponse({"status": "FAIL", "ErrorCode": code.value, "ErrorDesc": text})


# --- sending


@door("POST")
def send_edoc(call: Call) -> Mapping[str, Any]:
    """Take in one packet; its body streams to disk, its acceptance is durable before the answer."""
    signed, claimed = call.signed, call.signed.required("hash-file")
    with storage.Spool(storage.largest_packet()) as spool:
        measured = _spooled(call.request, spool, claimed)
        packet = actions.take_in(
            call.member,
            read_envelope(spool.stream(), call.kind),
            named_sender=signed.required("from"),
            to=signed.argument("to"),
            spool=spool,
            measured=measured,
            address=call.address,
        )
    return {"DocId": str(packet.id), "Receipt": packet.receipt}


def _spooled(request: HttpRequest, spool: storage.Spool, claimed: str) -> Measured:
    declared = request.META.get("CONTENT_LENGTH") or "0"
    limit = storage.largest_packet()
    if declared.isdigit() and int(declared) > limit:
        raise PacketTooLarge(limit_mb=limit >> 20)
    meter = PacketMeter()
    while chunk := request.read(CHUNK):
        meter.update(chunk)
        spool.write(chunk)
    measured = meter.settle(claimed)
    if measured is None:
        raise HashMismatch(size=meter.size)
    spool.cut(measured.size)
    return measured


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
        "toCode": delivery.recipient_code,
        "sendStatus": "done",
        "sendStatusDesc": "",
        "receiveStatus": delivery.state,
        "receiveStatusDesc": delivery.description,
        "sentTime": _wire_time(packet.accepted_at),
        "receivedTime": _wire_time(delivery.acknowledged_at),
    }


# --- receiving


@door("POST", "GET")
def get_received_edoc_list(call: Call) -> Mapping[str, Any]:
    """What waits for the member, again on every call until acknowledged."""
    since, until = _instant(call, "fromDate"), _instant(call, "toDate")
    return {"data": [_received_row(row) for row in queries.waiting(call.member, call.kind, since, until)]}


def _received_row(delivery: AxisDelivery) -> dict[str, Any]:
    return {
        "docId": str(delivery.id),
        "serviceType": "eDoc",
        "messageType": delivery.kind,
        "created_time": _wire_time(delivery.created_at),
        "updated_time": _wire_time(delivery.updated_at),
        "from": delivery.packet.sender_code,
        "to": delivery.recipient_code,
        "status": delivery.state,
        "status_desc": delivery.description,
        "contentSha256": delivery.packet.sha256,
        "contentLength": delivery.packet.size,
    }


@door("POST", "GET")
def get_edoc(call: Call) -> Mapping[str, Any]:
    """One packet as base64; large ones only through ``downloadEdoc``."""
    delivery = actions.hand_over(call.member, call.signed.required("docId"), call.address)
    if delivery.packet.size > LARGEST_BASE64:
        raise CallRefused("Gói tin lớn, hãy tải bằng downloadEdoc.")
    with storage.open_body(delivery.packet) as body:
        return {"data": base64.b64encode(body.read()).decode()}


@door("GET", "POST")
def download_edoc(call: Call) -> HttpResponseBase:
    """One packet, streamed; its hash goes along in the vendor's header, padded."""
    delivery = actions.hand_over(call.member, call.signed.required("docId"), call.address)
    packet = delivery.packet
    return FileResponse(
        storage.open_body(packet),
        content_type="application/octet-stream",
        headers={HASH_HEADER: packet.sha256, "Content-Length": str(packet.size)},
    )


@door("POST")
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
    level = _whole(call, "level", 1)
    return {"data": [_agency_row(row) | {"code102": _old_code(row)} for row in queries.agencies(level=level)]}


@door("POST", "GET")
def get_synchronize_unit(call: Call) -> Mapping[str, Any]:
    """The list with versions and departures; a signed ``fromVersion`` asks only for what is newer."""
    rows = queries.agencies(deleted=True, newer_than=_whole(call, "fromVersion", 0))
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
        "deleted": agency.deleted,
        "modifyDate": _wire_time(agency.modified_at),
        "isAgency": True,
    }


def _old_code(agency: AxisAgency) -> str:
    return next((known.code for known in agency.codes.all() if known.code != agency.code), "")


@door("POST")
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
        if len(row[name]) > length or "\0" in row[name] or (name in ("code", "name") and not row[name]):
            raise CallMalformed(name=name)
    return row


@door("POST")
def delete_agency(call: Call) -> Mapping[str, Any]:
    """A member takes one of its agencies off the axis."""
    actions.delete_agency(call.member, call.signed.required("AgencyCode"), call.actor)
    return {}


def _whole(call: Call, name: str, default: int) -> int:
    text = call.signed.argument(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise CallMalformed(name=name)
    return int(text)


def _instant(call: Call, name: str) -> datetime | None:
    text = call.signed.argument(name)
    if not text:
        return None
    try:
        return datetime.strptime(text, WIRE_TIME).replace(tzinfo=clock.VIETNAM)
    except ValueError:
        raise CallMalformed(name=name) from None


def _wire_time(instant: datetime | None) -> str:
    return clock.local(instant).strftime(WIRE_TIME) if instant else ""


# --- evidence and the operator


@require_http_methods(["GET", "HEAD"])
def jwks(_request: HttpRequest) -> JsonResponse:
    """The public key that verifies this axis' receipts (RFC 7517)."""
    return JsonResponse({"keys": [public_jwk(receipt_key())]})


def operator_only(view: View) -> View:
    """Signed in with the operator's role; raises ``RoleRequired`` for other people."""

    @functools.wraps(view)
    def checked(request: HttpRequest) -> HttpResponseBase:
        acting(request).require(Role.OPERATOR)
        return view(request)

    return login_required(checked)


@operator_only
@require_http_methods(["GET", "HEAD"])
def overview(request: HttpRequest) -> HttpResponse:
    """The operator's page; with htmx only its live part."""
    template = "axis/_live.html" if request.headers.get("HX-Request") else "axis/overview.html"
    return render(request, template, _live(request))


def _live(request: HttpRequest) -> dict[str, Any]:
    search = request.GET.get("q", "").replace("\0", "").strip()[:255]
    lines = queries.member_lines()
    return {
        "search": search,
        "lines": lines,
        "waiting": sum(line.waiting for line in lines),
        "oldest": min((line.oldest for line in lines if line.oldest), default=None),
        "deliveries": list(_shown(queries.latest_deliveries(search))),
    }


def _shown(deliveries: list[AxisDelivery]) -> Iterator[dict[str, Any]]:
    """Dates are formatted here: in the template it takes most of the page's time."""
    for delivery in deliveries:
        yield {
            "delivery": delivery,
            "packet": delivery.packet,
            "accepted": clock.local(delivery.created_at).strftime("%d/%m/%Y %H:%M:%S"),
            "acknowledged": _wire_time(delivery.acknowledged_at),
        }
