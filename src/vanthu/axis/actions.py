"""The verbs of the axis. Each is one transaction with one audit event in the chain of the member it concerns.

One chain per member, so that members do not wait for each other; the operator's acts are in a chain of their
own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import connection
from django.db.models import Max

from vanthu.audit.ledger import action, record
from vanthu.axis import queries, rules, secrets, storage
from vanthu.axis.envelope import Envelope
from vanthu.axis.errors import AgencyNotYours, CodeTaken, DeliveryUnknown, MemberUnknown
from vanthu.axis.models import (
    WAITING,
    AgencyCode,
    AxisAgency,
    AxisDelivery,
    DeliveryState,
    Member,
    Packet,
    PacketBody,
)
from vanthu.axis.receipt_key import receipt_key
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.base.ids import new_id
from vanthu.errors import VanthuError
from vanthu.evidence import issue_receipt
from vanthu.vxp import Measured

OPERATOR_CHAIN = uuid5(NAMESPACE_URL, "vanthu:axis")
OPERATOR = Actor(agency_id=OPERATOR_CHAIN, name="Vận hành trục")


def acting(member: Member, address: str = "") -> Actor:
    """A member system as the actor of its calls; ``address`` is where it called from."""
    return Actor(agency_id=member.id, name=member.system_id, position=member.name, address=address)


# --- members and agencies


@action
def add_member(code: str, name: str, actor: Actor = OPERATOR) -> tuple[str, str]:
    """Admit a system; returns its system id and its secret, which is shown this once.

    Raises :class:`CodeTaken`.
    """
    if Member.objects.filter(system_id=code).exists():
        raise CodeTaken(code=code)
    secret = secrets.new_secret()
    member = Member.objects.create(
        system_id=code, name=name, secret_box=secrets.lock(secret), created_at=clock.now()
    )
    record(actor, "axis.member_added", kind="axis.member", object_id=member.id, data={"systemId": code})
    return code, secret


@action
def renew_secret(system_id: str, actor: Actor = OPERATOR) -> str:
    """Give a member a new secret; the old one stops working at once. Raises :class:`MemberUnknown`."""
    member = _locked_member(system_id)
    secret = secrets.new_secret()
    member.secret_box = secrets.lock(secret)
    member.save(update_fields=["secret_box"])
    record(actor, "axis.secret_renewed", kind="axis.member", object_id=member.id)
    return secret


@action
def set_member_active(system_id: str, active: bool, actor: Actor = OPERATOR) -> None:
    """Let a member call, or not. What is held for it stays held. Raises :class:`MemberUnknown`."""
    member = _locked_member(system_id)
    member.active = active
    member.save(update_fields=["active"])
    record(actor, "axis.member_switched", kind="axis.member", object_id=member.id, data={"active": active})


@dataclass(frozen=True)
class AgencyDetails:
    """What is registered of an agency; ``old_codes`` are added to those already known."""

    code: str
    name: str
    parent_code: str = ""
    email: str = ""
    old_codes: tuple[str, ...] = ()
    level: int | None = None


@action
def put_agency(member: Member, details: AgencyDetails, actor: Actor = OPERATOR) -> AxisAgency:
    """Register an agency under a member, or change it; what waits for it follows it to its new member.

    Raises :class:`CodeTaken` when a code belongs to another agency.
    """
    version = _next_version()
    code = details.code.strip()
    known = AgencyCode.objects.filter(key=rules.code_key(code)).select_related("agency").first()
    agency = known.agency if known else AxisAgency(code=code)
    moved = known is not None and agency.member_id != member.id
    agency.member, agency.name, agency.parent_code = member, details.name.strip(), details.parent_code.strip()
    agency.email, agency.deleted = details.email.strip(), False
    agency.level = details.level or rules.level_of(agency.code)
    agency.version, agency.modified_at = version, clock.now()
    agency.save()
    for spelling in (agency.code, *details.old_codes):
        _claim_code(agency, spelling)
    if moved:
        AxisDelivery.objects.filter(recipient=agency, state__in=WAITING).update(member=member)
    data = {"code": agency.code, "member": member.system_id, "oldCodes": list(details.old_codes)}
    record(actor, "axis.agency_registered", kind="axis.agency", object_id=agency.id, data=data)
    return agency


def register_agency(member: Member, details: AgencyDetails, actor: Actor) -> AxisAgency:
    """A member registers an agency below one of its own, or changes one of its own.

    Raises :class:`AgencyNotYours`: the body of that call is not signed, so nothing else may come of it.
    """
    owner = queries.agency_by_code(details.code)
    if owner is not None and owner.member_id != member.id:
        raise AgencyNotYours(code=details.code)
    parent = queries.agency_by_code(details.parent_code)
    if owner is None and (parent is None or parent.member_id != member.id):
        raise AgencyNotYours(code=details.parent_code or details.code)
    return put_agency(member, details, actor)


@action
def delete_agency(member: Member, code: str, actor: Actor) -> None:
    """Take one of the member's agencies off the axis; nothing new is accepted for it.

    Raises :class:`AgencyNotYours`.
    """
    version = _next_version()
    agency = queries.agency_by_code(code)
    if agency is None or agency.member_id != member.id:
        raise AgencyNotYours(code=code)
    agency.deleted, agency.version, agency.modified_at = True, version, clock.now()
    agency.save(update_fields=["deleted", "version", "modified_at"])
    record(actor, "axis.agency_deleted", kind="axis.agency", object_id=agency.id, data={"code": agency.code})


@action
def set_agency_locked(code: str, locked: bool, actor: Actor = OPERATOR) -> None:
    """Stop or resume taking packets for an agency. Raises :class:`AgencyNotYours` for an unknown code."""
    agency = queries.agency_by_code(code)
    if agency is None:
        raise AgencyNotYours(code=code)
    agency.locked = locked
    agency.save(update_fields=["locked"])
    record(actor, "axis.agency_locked", kind="axis.agency", object_id=agency.id, data={"locked": locked})


# --- packets


@dataclass(frozen=True)
class Incoming:
    """A checked packet, ready to be accepted. ``content`` is the body when it goes into the database."""

    packet_id: UUID
    envelope: Envelope
    sender: AxisAgency
    recipients: tuple[queries.Addressee, ...]
    measured: Measured
    content: bytes | None
    body_file: str


class _Repeated(Exception):
    """The packet was accepted before; ends the transaction without a trace, for nothing changes."""

    def __init__(self, packet: Packet) -> None:
        self.packet = packet


def take_in(
    member: Member,
    envelope: Envelope,
    *,
    named_sender: str,
    to: str,
    spool: storage.Spool,
    measured: Measured,
    address: str = "",
) -> Packet:
    """Check the addresses and accept the packet durably; the same packet again gives the first answer.

    ``to`` is the signed override of the recipients (a JSON array, may be empty). Raises what
    :mod:`vanthu.axis.errors` lists; after any error nothing is accepted.
    """
    sender = queries.sender_of(member, named_sender, envelope.sender)
    recipients = queries.addressees(rules.addressed(envelope.recipients, to))
    packet_id = new_id()
    body_file = spool.keep(packet_id)
    content = None if body_file else spool.inline()
    incoming = Incoming(packet_id, envelope, sender, recipients, measured, content, body_file)
    try:
        return accept_packet(acting(member, address), member, incoming)
    except _Repeated as repeated:
        storage.discard(body_file)
        return repeated.packet
    except VanthuError:
        storage.discard(body_file)
        raise
    # After any other failure the commit may have happened: the file stays, to be swept if no packet names it.


@action
def accept_packet(actor: Actor, member: Member, incoming: Incoming) -> Packet:
    """Write the packet, its receipt and one delivery per recipient that does not have it yet.

    Re-sent for more recipients, a document goes only to the new ones, so that it takes effect once at each.
    """
    _one_at_a_time(_same_packet_keys(incoming))
    fresh = _without_earlier(incoming)
    accepted_at = clock.now()
    receipt = issue_receipt(
        receipt_key(),
        packet_sha256=incoming.measured.sha256,
        size=incoming.measured.size,
        sender=incoming.envelope.sender,
        recipients=[addressee.code for addressee in fresh],
        doc_id=str(incoming.packet_id),
        accepted_at=accepted_at,
    )
    packet = Packet(
        id=incoming.packet_id,
        kind=incoming.envelope.kind,
        member=member,
        sender=incoming.sender,
        sender_code=incoming.envelope.sender,
        document_id=incoming.envelope.document_id,
        business_type=incoming.envelope.business_type,
        priority=incoming.envelope.priority,
        sha256=incoming.measured.sha256,
        size=incoming.measured.size,
        body_file=incoming.body_file,
        accepted_at=accepted_at,
        receipt=receipt,
    )
    packet.save(force_insert=True)
    if incoming.content is not None:
        PacketBody(packet=packet, content=incoming.content).save(force_insert=True)
    AxisDelivery.objects.bulk_create([_delivery(packet, addressee) for addressee in fresh])
    record(actor, "axis.packet_accepted", kind="axis.packet", object_id=packet.id, data=_said(packet, fresh))
    return packet


@action
def mark_handed_over(actor: Actor, delivery: AxisDelivery) -> None:
    """Note the first time the recipient's system fetched the packet."""
    delivery.handed_over_at = delivery.updated_at = clock.now()
    delivery.save(update_fields=["handed_over_at", "updated_at"])
    record(
        actor, "axis.packet_handed_over", kind="axis.packet", object_id=delivery.packet_id, data=_to(delivery)
    )


def hand_over(member: Member, doc_id: str, address: str = "") -> AxisDelivery:
    """The delivery whose packet the member may fetch now; raises :class:`DeliveryUnknown`."""
    delivery = queries.delivery_for(member, doc_id)
    if delivery.handed_over_at is None:
        mark_handed_over(acting(member, address), delivery)
    return delivery


@action
def acknowledge(
    member: Member, doc_id: str, status: str, description: str, address: str = ""
) -> AxisDelivery:
    """The recipient's system says how far it is: ``processing``, ``done`` (stored durably) or ``fail``.

    The same state again changes nothing but is on record. Raises :class:`DeliveryUnknown`,
    ``AlreadyAcknowledged``, ``CallMalformed``.
    """
    found = queries.delivery_for(member, doc_id)
    delivery = AxisDelivery.objects.select_for_update().get(pk=found.pk)
    state = rules.next_state(delivery.state, status)
    now = clock.now()
    delivery.state, delivery.description, delivery.updated_at = state, description[:500], now
    if state in (DeliveryState.DONE, DeliveryState.FAIL):
        delivery.acknowledged_at = delivery.acknowledged_at or now
    delivery.save(update_fields=["state", "description", "updated_at", "acknowledged_at"])
    data = {**_to(delivery), "state": state.value, "description": delivery.description}
    record(
        acting(member, address),
        "axis.packet_acknowledged",
        kind="axis.packet",
        object_id=delivery.packet_id,
        data=data,
    )
    return delivery


# --- parts


def _without_earlier(incoming: Incoming) -> list[queries.Addressee]:
    """The recipients that do not have this packet or document yet; none left: it is a repetition.

    The same bytes count whatever became of them. The same document in other bytes (built anew) does not count
    where the first try ended in ``fail``.
    """
    earlier = queries.earlier_deliveries(incoming.sender, incoming.envelope, incoming.measured.sha256)
    if not earlier:
        return list(incoming.recipients)
    having = {
        delivery.recipient_id
        for delivery in earlier
        if delivery.packet.sha256 == incoming.measured.sha256 or delivery.state != DeliveryState.FAIL
    }
    fresh = [addressee for addressee in incoming.recipients if addressee.agency.id not in having]
    if not fresh:
        wanted = {addressee.agency.id for addressee in incoming.recipients}
        raise _Repeated(next(delivery.packet for delivery in earlier if delivery.recipient_id in wanted))
    return fresh


def _delivery(packet: Packet, addressee: queries.Addressee) -> AxisDelivery:
    return AxisDelivery(
        packet=packet,
        recipient=addressee.agency,
        recipient_code=addressee.code,
        member_id=addressee.agency.member_id,
        kind=packet.kind,
        priority=packet.priority,
        created_at=packet.accepted_at,
        updated_at=packet.accepted_at,
    )


def _said(packet: Packet, fresh: Iterable[queries.Addressee]) -> dict[str, object]:
    return {
        "kind": str(packet.kind),
        "sha256": packet.sha256,
        "size": packet.size,
        "from": packet.sender_code,
        "to": [addressee.code for addressee in fresh],
    }


def _to(delivery: AxisDelivery) -> dict[str, str]:
    return {"to": delivery.recipient_code, "delivery": str(delivery.id)}


def _same_packet_keys(incoming: Incoming) -> list[str]:
    sender, envelope = incoming.sender.id, incoming.envelope
    keys = [f"{sender}:{incoming.measured.sha256}"]
    if envelope.document_id:
        keys.append(f"{sender}:{envelope.business_type}:{envelope.document_id}")
    return keys


def _one_at_a_time(keys: Iterable[str]) -> None:
    """Hold named locks until the transaction ends; ordered, so that two holders cannot block each other."""
    numbers = sorted(int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], signed=True) for key in keys)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(number) FROM unnest(%s::bigint[]) AS t(number)", [numbers]
        )


def _next_version() -> int:
    _one_at_a_time(["axis agency list"])
    return (AxisAgency.objects.aggregate(latest=Max("version"))["latest"] or 0) + 1


def _claim_code(agency: AxisAgency, spelling: str) -> None:
    code = spelling.strip()
    known, _ = AgencyCode.objects.get_or_create(
        key=rules.code_key(code), defaults={"code": code, "agency": agency}
    )
    if known.agency_id != agency.id:
        raise CodeTaken(code=code)


def _locked_member(system_id: str) -> Member:
    member = Member.objects.select_for_update().filter(system_id=system_id).first()
    if member is None:
        raise MemberUnknown(system_id=system_id)
    return member


__all__ = [
    "OPERATOR",
    "AgencyDetails",
    "DeliveryUnknown",
    "accept_packet",
    "acknowledge",
    "add_member",
    "delete_agency",
    "hand_over",
    "put_agency",
    "register_agency",
    "renew_secret",
    "set_agency_locked",
    "set_member_active",
    "take_in",
]
