"""The doors of ``/axis/v2/`` and their OpenAPI description. Thin: each is one call of a verb or a query."""

# ruff: noqa: ARG001 -- the framework hands the request to every door by its name

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from ninja import Status
from ninja.errors import HttpError, ValidationError

from vanthu.axis import actions, handing_over, payloads, proofs, queries, rules, storage
from vanthu.axis.actions import encryption, keys, webhooks
from vanthu.axis.errors import CallMalformed
from vanthu.axis.models import AxisAgency, AxisDelivery, Member, MemberKey, Webhook
from vanthu.axis.relay import description, parameters, problems, schemas, waiting
from vanthu.axis.relay import queries as relay_queries
from vanthu.axis.relay.calls import (
    ALWAYS,
    SignedCall,
    call_of,
    message_of,
    take_place,
    use_up,
    window,
    with_place,
)
from vanthu.axis.relay.downloads import packet_response
from vanthu.axis.relay.errors import NoProof
from vanthu.axis.relay.onboarding import onboarding as onboarding_of
from vanthu.axis.relay.uploads import Asked, upload
from vanthu.axis.views.calls import drain
from vanthu.axis.views.calls import verified as verified_by_secret
from vanthu.base import clock
from vanthu.errors import VanthuError
from vanthu.evidence import verifying_key
from vanthu.relay import Publication, verified

log = structlog.get_logger(__name__)

LONGEST_STATISTICS = timedelta(days=366)
PROBLEMS = {frozenset({400, 401, 403, 404, 409, 413, 416, 422, 429, 503}): schemas.ProblemOut}

api = description.DescribedAPI(
    title="Trục liên thông văn bản",
    version="2",
    description="Cửa hiện đại của trục: lời gọi có chữ ký thông điệp (RFC 9421). Xem docs/axis-api.md.",
    urls_namespace="axis-v2",
    auth=SignedCall(),
    docs_url=None,
)
api.add_decorator(with_place, mode="view")


@api.exception_handler(VanthuError)
def refused(request: HttpRequest, error: Exception) -> HttpResponse:
    """A domain error."""
    assert isinstance(error, VanthuError)
    return problems.refusal(request, error)


@api.exception_handler(ValidationError)
def malformed(request: HttpRequest, error: Exception) -> HttpResponse:
    """An argument that is missing or of the wrong kind."""
    assert isinstance(error, ValidationError)
    names = ", ".join(str(fault.get("loc", ("?",))[-1]) for fault in error.errors[:5])
    return problems.refusal(request, CallMalformed(name=names))


@api.exception_handler(HttpError)
@api.exception_handler(Http404)
def unknown(request: HttpRequest, error: Exception) -> HttpResponse:
    """What the framework itself refuses."""
    status = getattr(error, "status_code", 404)
    drain(request)
    return problems.problem(status, "AXIS_CALL_MALFORMED", str(error))


@api.exception_handler(Exception)
def failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """A fault of the axis: the caller should try again."""
    log.error("axis_failed", path=request.path, exc_info=error)
    drain(request)
    return problems.problem(503, "AXIS_FAILED", "Lỗi hệ thống của trục, hãy gửi lại sau.", "20")


@api.get("/about", response=schemas.AboutOut, auth=None, tags=["about"])
def about(request: HttpRequest) -> dict[str, Any]:
    """What a client has to know before it calls. Not signed."""
    return {
        "name": settings.VANTHU.site_name,
        "version": 2,
        "time": clock.now(),
        "algorithms": ["ed25519", "ecdsa-p256-sha256"],
        "clockWindowSeconds": settings.VANTHU.axis_signature_window_seconds,
        "maxPacketBytes": storage.largest_packet(),
        "waitSeconds": waiting.LONGEST,
        "receiptKeys": "/axis/jwks.json",
        "openapi": "/axis/v2/openapi.json",
    }


# --- keys


@api.post(
    "/enrol",
    response={201: schemas.KeyOut, **PROBLEMS},
    auth=None,
    tags=["keys"],
    openapi_extra=description.ENROLMENT,
)
def enrol(request: HttpRequest) -> Any:
    """Register a key with the system's secret: a VXP-signed call (HMAC headers, signed argument ``jwk``).

    It carries besides a message signature of the new key over the HMAC, which proves that the caller holds it.
    """
    call = verified_by_secret(request)
    take_place(request, call.member)
    try:
        key = verifying_key(json.loads(call.signed.required("jwk")))
    except (ValueError, AttributeError):
        raise CallMalformed(name="jwk") from None
    covers = (*ALWAYS, "xroadvnpt-hash-header")
    claim = verified(message_of(request), lambda _: key, now=clock.now(), window=window(), covers=covers)
    use_up(claim)
    return Status(201, _key(keys.add_key(call.member, key.as_dict(private=False), call.actor)))


@api.get("/keys", response={200: list[schemas.KeyOut], **PROBLEMS}, tags=["keys"])
def own_keys(request: HttpRequest) -> list[dict[str, Any]]:
    """The caller's keys, revoked ones too."""
    return [_key(key) for key in call_of(request).member.keys.select_related("member")]


@api.get("/keys/{kid}", response={200: schemas.KeyOut, **PROBLEMS}, tags=["keys"])
def key_of_agency(request: HttpRequest, kid: parameters.Kid, agency: parameters.Agency) -> dict[str, Any]:
    """The key of the system that serves ``agency``, to verify what was signed for that agency."""
    return _key(relay_queries.key_for(kid, agency))


@api.delete("/keys/{kid}", response={204: None, **PROBLEMS}, tags=["keys"])
def revoke_key(request: HttpRequest, kid: parameters.Kid) -> Any:
    """Give up one of the caller's keys, for good."""
    call = call_of(request)
    keys.revoke_own_key(call.member, kid, call.address)
    return Status(204, None)


def _key(key: MemberKey) -> dict[str, Any]:
    return {
        "kid": key.kid,
        "jwk": key.jwk,
        "system": key.member.system_id,
        "createdAt": key.created_at,
        "revokedAt": key.revoked_at,
    }


# --- sending


@api.post(
    "/packets",
    response={201: schemas.PacketOut, **PROBLEMS},
    auth=SignedCall(streams=True),
    tags=["sending"],
    openapi_extra=description.UPLOAD,
)
def send(
    request: HttpRequest,
    kind: parameters.Kind,
    sender: parameters.Sender,
    document_id: parameters.DocumentId,
    priority: parameters.Priority,
) -> Any:
    """Send one packet (the body, raw edXML; or opaque, of a declared type). Durable when this answers."""
    packet = upload(call_of(request), Asked(kind, sender, document_id, str(priority)))
    accepted = {
        "id": packet.id,
        "receipt": packet.receipt,
        "acceptedAt": packet.accepted_at,
        "sha256": packet.sha256,
        "size": packet.size,
        "notices": packet.notices,
        "trials": relay_queries.trials_of(packet),
    }
    return Status(201, accepted)


@api.get("/packets/{packet_id}", response={200: schemas.SentPacketOut, **PROBLEMS}, tags=["sending"])
def sent(request: HttpRequest, packet_id: parameters.PacketId) -> dict[str, Any]:
    """What became of a packet that the caller sent, one row per recipient."""
    rows = queries.sent(call_of(request).member, packet_id)
    return {"recipients": [_sent(delivery) for delivery in rows]}


def _sent(delivery: AxisDelivery) -> dict[str, Any]:
    return {
        "packet": delivery.packet_id,
        "delivery": delivery.id,
        "type": delivery.kind,
        "sender": delivery.packet.sender_code,
        "recipient": delivery.written_code or delivery.recipient_code,
        "successor": delivery.recipient_code if delivery.written_code else "",
        "state": delivery.state,
        "trial": delivery.trial,
        "description": delivery.description,
        "acceptedAt": delivery.packet.accepted_at,
        "handedOverAt": delivery.handed_over_at,
        "acknowledgedAt": delivery.acknowledged_at,
    }


# --- receiving


@api.get(
    "/wait",
    response={200: schemas.WaitingOut, **PROBLEMS},
    auth=SignedCall(waits=True),
    tags=["receiving"],
)
def wait(
    request: HttpRequest, seconds: parameters.Seconds, known: parameters.Known
) -> relay_queries.WaitingState:
    """Answers as soon as something waits that the caller does not know of (``known`` of the last answer)."""
    return waiting.wait(call_of(request).member, seconds, known)


@api.get("/deliveries", response={200: schemas.DeliveriesOut, **PROBLEMS}, tags=["receiving"])
def deliveries(request: HttpRequest, kind: parameters.Kind, limit: parameters.Limit) -> dict[str, Any]:
    """What waits for the caller, urgent first; listed until acknowledged."""
    caller, name = call_of(request).member, payloads.find(kind, "type").name
    rows = queries.waiting(caller, name, limit=limit)
    signed = relay_queries.proofs(rows) if name == "status" else {}
    return {"deliveries": [_delivery(row, signed.get(row.packet_id), caller) for row in rows]}


def _delivery(delivery: AxisDelivery, proof: dict[str, str] | None, caller: Member) -> dict[str, Any]:
    """One row; another axis gets the packet with our hop in it, so hash and size are told with the download."""
    return {
        "id": delivery.id,
        "type": delivery.kind,
        "sender": delivery.packet.sender_code,
        "recipient": delivery.recipient_code,
        "state": delivery.state,
        "priority": delivery.priority,
        "trial": delivery.trial,
        "sha256": None if caller.is_axis else delivery.packet.sha256,
        "size": None if caller.is_axis else delivery.packet.size,
        "createdAt": delivery.created_at,
        "updatedAt": delivery.updated_at,
        "proof": proof,
    }


@api.get(
    "/deliveries/{delivery_id}/packet",
    response={200: None, **PROBLEMS},
    tags=["receiving"],
    openapi_extra=description.DOWNLOAD,
)
def download(request: HttpRequest, delivery_id: parameters.DeliveryId) -> HttpResponseBase:
    """The packet's bytes; ``Range`` goes on where a download broke off, ``Repr-Digest`` is the whole's hash."""
    call = call_of(request)
    delivery = actions.hand_over(call.member, delivery_id, call.address)
    return packet_response(request, handing_over.body_for(call.member, delivery))


@api.get("/deliveries/{delivery_id}/proof", response={200: schemas.ProofOut, **PROBLEMS}, tags=["receiving"])
def proof(request: HttpRequest, delivery_id: parameters.DeliveryId) -> dict[str, str]:
    """The sender system's signature over the packet."""
    delivery = queries.delivery_for(call_of(request).member, delivery_id)
    found = relay_queries.proofs([delivery]).get(delivery.packet_id)
    if found is None:
        raise NoProof
    return found


@api.put(
    "/deliveries/{delivery_id}/state",
    response={200: schemas.StateOut, **PROBLEMS},
    tags=["receiving"],
    openapi_extra=description.body({"state": "done", "description": ""}),
)
def acknowledge(
    request: HttpRequest, delivery_id: parameters.DeliveryId, told: schemas.StateIn
) -> dict[str, Any]:
    """Say how far the caller is with a packet: ``done`` once it is stored durably."""
    call = call_of(request)
    delivery = actions.acknowledge(call.member, delivery_id, told.state, told.description, call.address)
    return {"id": delivery.id, "state": delivery.state, "acknowledgedAt": delivery.acknowledged_at}


@api.get(
    "/evidence/{doc_id}",
    response={200: None, **PROBLEMS},
    tags=["evidence"],
    openapi_extra=description.PROOF_FILE,
)
def evidence(request: HttpRequest, doc_id: parameters.DocId) -> HttpResponse:
    """The proof file of what the caller sent, was sent, or was refused; checked with ``vanthu evidence verify``."""
    data = proofs.proof_file(doc_id, call_of(request).member)
    return HttpResponse(data, content_type="application/json")


# --- webhooks


@api.post(
    "/webhooks",
    response={201: schemas.WebhookOut, **PROBLEMS},
    tags=["webhooks"],
    openapi_extra=description.body({"url": "https://qlvb.example/chuong"}),
)
def add_webhook(request: HttpRequest, wanted: schemas.WebhookIn) -> Any:
    """Have an address told when something waits: a signed POST that says how much, and never what."""
    call = call_of(request)
    return Status(201, _webhook(webhooks.add_webhook(call.member, wanted.url.strip(), call.actor)))


@api.get("/webhooks", response={200: schemas.WebhooksOut, **PROBLEMS}, tags=["webhooks"])
def own_webhooks(request: HttpRequest) -> dict[str, Any]:
    """The caller's webhooks and how their calls go."""
    return {"webhooks": [_webhook(row) for row in call_of(request).member.webhooks.all()]}


@api.delete("/webhooks/{webhook_id}", response={204: None, **PROBLEMS}, tags=["webhooks"])
def remove_webhook(request: HttpRequest, webhook_id: parameters.WebhookId) -> Any:
    """Have an address told no longer."""
    call = call_of(request)
    webhooks.remove_webhook(call.member, webhook_id, call.actor)
    return Status(204, None)


def _webhook(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "createdAt": webhook.created_at,
        "toldAt": webhook.told_at,
        "failures": webhook.failures,
        "lastError": webhook.last_error,
        "nextTryAt": webhook.next_try_at,
        "pausedAt": webhook.paused_at,
    }


# --- the agency list, counts


@api.get("/agencies", response={200: schemas.AgenciesOut, **PROBLEMS}, tags=["agencies"])
def agencies(request: HttpRequest, after: parameters.After, limit: parameters.PageLimit) -> dict[str, Any]:
    """What changed in the agency list behind a version, departures included; ``after`` 0 is all of it."""
    rows, more = relay_queries.agencies_after(after, limit)
    reset = not rows and after > 0 and after > relay_queries.latest_version()
    if reset:
        rows, more = relay_queries.agencies_after(0, limit)
    version = max((row.version for row in rows), default=0 if reset else after)
    return {"version": version, "more": more, "reset": reset, "agencies": [_agency(row) for row in rows]}


def _agency(agency: AxisAgency) -> dict[str, Any]:
    return {
        "id": agency.id,
        "code": agency.code,
        "codes": [known.code for known in agency.codes.all()],
        "name": agency.name,
        "parent": agency.parent_code,
        "email": agency.email,
        "level": agency.level,
        "system": agency.member.system_id,
        "stage": agency.stage,
        "locked": agency.locked,
        "deleted": rules.is_gone(agency, clock.today()),
        "successor": agency.successor.code if agency.successor else "",
        "encryption": agency.encryption.publication if hasattr(agency, "encryption") else None,
        "version": agency.version,
        "modifiedAt": agency.modified_at,
    }


@api.get("/onboarding", response={200: schemas.OnboardingOut, **PROBLEMS}, tags=["agencies"])
def onboarding(request: HttpRequest, after: parameters.AfterCode, limit: parameters.Limit) -> dict[str, Any]:
    """How far the caller's agencies are on their way onto the axis, what their trial showed and what is missing."""
    return onboarding_of(call_of(request).member, after, limit)


@api.put(
    "/agencies/{code}/encryption",
    response={204: None, **PROBLEMS},
    tags=["agencies"],
    openapi_extra=description.body(
        {"statement": "eyJ0eXAi…", "key": {"kty": "EC", "crv": "P-256"}, "certificates": ["MIIC…"]}
    ),
)
def publish_encryption(request: HttpRequest, code: parameters.Code, given: schemas.PublicationOut) -> Any:
    """Publish which certificates contents for one of the caller's agencies are encrypted to; the list carries it."""
    call = call_of(request)
    publication = Publication.read(given.model_dump())
    if publication is None:
        raise CallMalformed(name="certificates")
    encryption.publish_encryption(call.member, code, publication, call.actor)
    return Status(204, None)


@api.get("/statistics", response={200: schemas.StatisticsOut, **PROBLEMS}, tags=["statistics"])
def statistics(request: HttpRequest, since: parameters.Since, until: parameters.Until) -> Any:
    """Counts of the caller's own traffic, by default of the last 30 days; at most a year at once."""
    end = until or clock.now()
    start = since or end - timedelta(days=30)
    if end.tzinfo is None or start.tzinfo is None or not timedelta(0) <= end - start <= LONGEST_STATISTICS:
        raise CallMalformed(name="since, until")
    return relay_queries.statistics(call_of(request).member, start, end)
