"""The verbs of the device register: register, hand over in two confirmations, take back, destroy (R66–R67).

Each locks the keys of the device before the device itself, in the order in which the gate takes them, so that
nothing is signed across a change of custody. Refuses to delete: what a device was stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.directory.models import Post
from vanthu.signing.device_models import DeviceKind, DeviceState, Handover, KeyDevice
from vanthu.signing.device_rules import (
    KEEPING_BOOKS,
    NOTHING_SAID,
    DeviceRegistered,
    DeviceUnknown,
    HandoverData,
    HandoverOpen,
    HandoverUnknown,
    NotKeeper,
    ReasonMissing,
    require_keepable,
    require_step,
)
from vanthu.signing.minutes import number_and_keep
from vanthu.signing.models import EndReason, SigningKey


@dataclass(frozen=True)
class DeviceData:
    """What is entered of a device. ``owner_id`` empty: the agency's own.

    ``custodian_id``: who keeps it already, by a hand-over made on paper before this register; ``said`` cites it.
    """

    kind: DeviceKind
    serial: str
    label: str = ""
    owner_id: UUID | None = None
    custodian_id: UUID | None = None
    said: HandoverData = NOTHING_SAID


@action
def register_device(actor: Actor, data: DeviceData) -> KeyDevice:
    """Enter a device into the agency's register (R66).

    Raises :class:`NotKeeper`, :class:`DeviceRegistered`, and what :func:`device_rules.require_keepable` raises.
    """
    require_bookkeeper(actor)
    owner = _post(actor, data.owner_id) if data.owner_id else None
    custodian = _post(actor, data.custodian_id) if data.custodian_id else None
    now = clock.now()
    device = KeyDevice(
        agency_id=actor.agency_id,
        kind=data.kind,
        serial=data.serial.strip()[:80],
        label=data.label.strip()[:120],
        owner=owner,
        registered_by_name=actor.name,
        registered_at=now,
    )
    if custodian is not None:
        _require_keepable(device, custodian, data.said)
        device.state, device.custodian, device.kept_since = DeviceState.IN_USE, custodian, now
    try:
        with transaction.atomic():
            device.save(force_insert=True)
    except IntegrityError as error:
        raise DeviceRegistered(serial=device.serial) from error
    _record(actor, "signing.device_registered", device, **_words(data.said))
    return device


@action
def propose_handover(actor: Actor, device_id: UUID, taker_id: UUID, said: HandoverData) -> Handover:
    """Begin a hand-over; it takes effect when giver and taker have confirmed (NĐ 30/2020 Đ32.2b).

    Whoever proposes and is one of the two has confirmed with it. Raises :class:`DeviceUnknown`, :class:`NotKeeper`,
    :class:`HandoverOpen`, and what ``require_keepable`` and ``require_step`` raise.
    """
    device = locked_device(actor, device_id)
    if device.custodian_id != actor.post_id:
        require_bookkeeper(actor)
    require_step(device.state, DeviceState.IN_USE)
    taker = _post(actor, taker_id)
    _require_keepable(device, taker, said)
    if taker.pk == device.custodian_id or device.handovers.filter(done_at=None, cancelled_at=None).exists():
        raise HandoverOpen
    row = Handover.objects.create(
        device=device,
        giver=device.custodian,
        taker=taker,
        proposed_by_name=actor.name,
        proposed_at=clock.now(),
        **_words(said),
    )
    _confirm(actor, device, row)
    _record(actor, "signing.handover_proposed", device, to=taker.person.full_name, **_words(said))
    return row


@action
def confirm_handover(actor: Actor, handover_id: UUID) -> Handover:
    """One side confirms; with the second the custody changes. Raises :class:`HandoverUnknown`."""
    device, row = _open_handover(actor, handover_id)
    if not _confirm(actor, device, row):
        raise HandoverUnknown
    verb = "signing.handover_done" if row.done_at else "signing.handover_confirmed"
    said = {"minutes": row.code, "sha256": row.minutes_sha256} if row.done_at else {}
    _record(actor, verb, device, to=row.taker.person.full_name, permission=row.permission, **said)
    return row


@action
def cancel_handover(actor: Actor, handover_id: UUID, reason: str) -> Handover:
    """Give up a hand-over that is not complete. Raises :class:`HandoverUnknown`, :class:`ReasonMissing`."""
    device, row = _open_handover(actor, handover_id)
    if actor.post_id not in {row.giver_id, row.taker_id} and not keeps_books(actor):
        raise HandoverUnknown
    if not reason.strip():
        raise ReasonMissing
    row.cancelled_at, row.cancel_reason = clock.now(), reason.strip()[:300]
    row.save(update_fields=["cancelled_at", "cancel_reason"])
    _record(actor, "signing.handover_cancelled", device, reason=row.cancel_reason)
    return row


@action
def place_key(actor: Actor, device_id: UUID, key_id: UUID) -> SigningKey:
    """Note which device keeps an enrolled key of its owner; to another device only an administrator moves one.

    Raises :class:`DeviceUnknown`, :class:`NotKeeper`, ``DeviceStep``.
    """
    require_bookkeeper(actor)
    device = locked_device(actor, device_id)
    if device.state != DeviceState.UNASSIGNED:
        require_step(device.state, DeviceState.IN_USE)
    key = placeable_keys(device).select_for_update(of=("self",)).filter(pk=key_id).first()
    if key is None:
        raise DeviceUnknown
    if key.device_id is not None and not actor.has(Role.ADMINISTRATOR):
        raise NotKeeper
    before = key.device.serial if key.device else ""
    key.device = device
    key.save(update_fields=["device"])
    _record(actor, "signing.key_placed", device, certificate=key.serial, before=before)
    return key


def placeable_keys(device: KeyDevice) -> QuerySet[SigningKey]:
    """Keys in use of the device's owner that the register does not say this device keeps."""
    keys = SigningKey.objects.filter(agency_id=device.agency_id, post=device.owner, active=True)
    return keys.exclude(device=device).select_related("device")


@action
def take_back(actor: Actor, device_id: UUID, reason: str) -> KeyDevice:
    """The agency takes the device in; nothing is signed with it until it is handed out again.

    Raises :class:`NotKeeper`, ``DeviceStep``, :class:`ReasonMissing`.
    """
    return _end(actor, device_id, DeviceState.RETURNED, reason, "signing.device_returned")


@action
def destroy_device(actor: Actor, device_id: UUID, reason: str) -> KeyDevice:
    """The device was destroyed, for example by minutes with the authority; its keys sign nothing more.

    Raises :class:`NotKeeper`, ``DeviceStep``, :class:`ReasonMissing`.
    """
    return _end(actor, device_id, DeviceState.DESTROYED, reason, "signing.device_destroyed")


def locked_device(actor: Actor, device_id: UUID) -> KeyDevice:
    """The device of the actor's agency, locked with its keys. Raises :class:`DeviceUnknown`."""
    list(SigningKey.objects.select_for_update().filter(device_id=device_id).order_by("pk"))
    rows = KeyDevice.objects.select_for_update(of=("self",)).select_related(
        "custodian__person", "owner__person"
    )
    device = rows.filter(pk=device_id, agency_id=actor.agency_id).first()
    if device is None:
        raise DeviceUnknown
    return device


def stop_keys(device: KeyDevice, why: EndReason) -> list[SigningKey]:
    """End the active keys in a device; whoever is signing with one finds it stopped."""
    keys = list(device.keys.filter(active=True).order_by("pk"))
    SigningKey.objects.filter(pk__in=[key.pk for key in keys]).update(
        active=False, ended_at=clock.now(), end_reason=why
    )
    return keys


def keeps_books(actor: Actor) -> bool:
    """Whether the actor keeps the register of devices."""
    return actor.is_system or any(map(actor.has, KEEPING_BOOKS))


def require_bookkeeper(actor: Actor) -> None:
    """Raise :class:`NotKeeper` unless the actor keeps the register."""
    if not keeps_books(actor):
        raise NotKeeper


def _end(actor: Actor, device_id: UUID, state: DeviceState, reason: str, verb: str) -> KeyDevice:
    require_bookkeeper(actor)
    device = locked_device(actor, device_id)
    require_step(device.state, state)
    if not reason.strip():
        raise ReasonMissing
    stopped = stop_keys(device, EndReason.DESTROYED) if state is DeviceState.DESTROYED else []
    device.handovers.filter(done_at=None, cancelled_at=None).update(
        cancelled_at=clock.now(), cancel_reason=state.label
    )
    device.state, device.custodian, device.kept_since = state, None, None
    device.ended_at, device.end_reason = clock.now(), reason.strip()[:500]
    device.save()
    _record(actor, verb, device, reason=device.end_reason, certificates=[key.serial for key in stopped])
    return device


def _post(actor: Actor, post_id: UUID) -> Post:
    post = (
        Post.objects.select_related("person")
        .filter(pk=post_id, agency_id=actor.agency_id, active=True)
        .first()
    )
    if post is None:
        raise DeviceUnknown
    return post


def _require_keepable(device: KeyDevice, taker: Post, said: HandoverData) -> None:
    require_keepable(
        of_agency=device.owner_id is None,
        owner_takes=device.owner is not None and device.owner.pk == taker.pk,
        taker_roles=taker.roles,
        taker=taker.person.full_name,
        said=said,
    )


def _open_handover(actor: Actor, handover_id: UUID) -> tuple[KeyDevice, Handover]:
    row = Handover.objects.filter(pk=handover_id, device__agency_id=actor.agency_id).first()
    if row is None:
        raise HandoverUnknown
    device = locked_device(actor, row.device_id)
    rows = Handover.objects.select_related(
        "device__agency",
        "device__owner__person",
        "taker__person",
        "taker__unit",
        "giver__person",
        "giver__unit",
    )
    row = rows.filter(pk=handover_id, done_at=None, cancelled_at=None).first()
    if row is None:
        raise HandoverUnknown
    return device, row


def _confirm(actor: Actor, device: KeyDevice, row: Handover) -> bool:
    """Set the actor's confirmation; True when there was one to set. The taker never confirms for the giver."""
    now, confirmed = clock.now(), False
    if row.taken_at is None and actor.post_id == row.taker_id:
        row.taken_at, confirmed = now, True
    elif row.given_at is None and _gives(actor, row):
        row.given_at, row.giver_name, confirmed = now, actor.name, True
    if row.given_at and row.taken_at:
        row.done_at = now
        number_and_keep(actor, row)
        device.state, device.custodian, device.kept_since = DeviceState.IN_USE, row.taker, now
        device.ended_at, device.end_reason = None, ""
        device.save()
    row.save()
    return confirmed


def _gives(actor: Actor, row: Handover) -> bool:
    """The custodian gives; for a device that nobody keeps, or whose custodian left, whoever keeps the books."""
    if row.giver is not None and row.giver.active:
        return actor.post_id == row.giver_id
    return keeps_books(actor)


def _words(said: HandoverData) -> dict[str, str]:
    return {
        "permission": said.permission.strip()[:300],
        "regulation": said.regulation.strip()[:300],
        "place": said.place.strip()[:200],
        "condition": said.condition.strip()[:500],
    }


def _record(actor: Actor, verb: str, device: KeyDevice, **more: object) -> None:
    data = {
        "device": device.serial,
        "kind": device.kind,
        "state": device.state,
        "custodian": device.custodian.person.full_name if device.custodian else "",
    }
    record(actor, verb, kind="key_device", object_id=device.id, data={**data, **more})
