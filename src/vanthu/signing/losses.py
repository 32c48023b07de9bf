"""A device is lost: one verb stops everything that its keys could still do; then what it signed is looked through.

In one transaction the keys end, what waits for their signature is forgotten, open hand-overs are given up, and a
request for revocation to the certification authority is made out for each certificate. A signature that began
before cannot be kept afterwards: the gate takes the same rows. Refuses to tell the authority: people do, with the
printed request, and note when.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, NotYours, Role
from vanthu.records import queries as records
from vanthu.records.models import Document
from vanthu.signing import awaiting
from vanthu.signing.certificate_models import CertificateRequest, KeyUse, RequestKind
from vanthu.signing.device_models import DeviceLoss, DeviceState, KeyDevice
from vanthu.signing.device_rules import NotKeeper, ReasonMissing, SignatureInDoubt, require_step
from vanthu.signing.devices import keeps_books, locked_device, stop_keys
from vanthu.signing.models import EndReason, SigningKey

REASON = "Thiết bị lưu khóa số hiệu {serial} bị mất từ {when}"


@action
def report_lost(actor: Actor, device_id: UUID, lost_at: datetime, circumstances: str) -> DeviceLoss:
    """Report a device lost since ``lost_at`` (an instant; a later one counts as now) and stop its keys everywhere.

    By whoever has it or owns it, by a leader, or by whoever keeps the register. Raises
    :class:`device_rules.DeviceUnknown`, :class:`NotKeeper`, ``DeviceStep``, :class:`ReasonMissing`.
    """
    device = locked_device(actor, device_id)
    if not _may_report(actor, device):
        raise NotKeeper
    require_step(device.state, DeviceState.LOST)
    if not circumstances.strip():
        raise ReasonMissing
    now = clock.now()
    loss = DeviceLoss.objects.create(
        device=device,
        lost_at=min(lost_at, now),
        circumstances=circumstances.strip()[:1000],
        reported_by_name=actor.name,
        reported_at=now,
    )
    stopped = stop_keys(device, EndReason.LOST)
    waiting = sum(awaiting.forget(key) for key in device.keys.all())
    device.handovers.filter(done_at=None, cancelled_at=None).update(
        cancelled_at=now, cancel_reason=DeviceState.LOST.label
    )
    device.state, device.ended_at, device.end_reason = DeviceState.LOST, now, loss.circumstances[:500]
    device.save()
    asked = _ask_for_revocation(actor, device, loss)
    record(
        actor,
        "signing.device_lost",
        kind="key_device",
        object_id=device.pk,
        data={
            "device": device.serial,
            "lost_at": loss.lost_at,
            "reason": loss.circumstances,
            "stopped": [key.serial for key in stopped],
            "awaited_forgotten": waiting,
            "revocation_asked": [row.key.serial for row in asked if row.key],
            "to_review": doubtful_uses(device.pk).count(),
        },
    )
    return loss


@action
def review_use(actor: Actor, use_id: UUID, genuine: bool) -> KeyUse:
    """Say of a signature made after the loss whether the right person made it. Raises ``NotYours``.

    By the clerk, or by the person whose device it was; of documents that they see themselves.
    """
    use = (
        KeyUse.objects.select_for_update(of=("self",))
        .select_related("key__device__loss")
        .filter(pk=use_id)
        .first()
    )
    device = use.key.device if use else None
    if use is None or device is None or device.agency_id != actor.agency_id:
        raise NotYours
    if not (actor.has(Role.CLERK) or device.owner_id == actor.post_id):
        raise NotYours
    if use.document_id is not None:
        records.get(actor, use.document_id)
    elif not actor.has(Role.CLERK):
        raise NotYours
    use.review = KeyUse.GENUINE if genuine else KeyUse.FORGED
    use.reviewed_by_name, use.reviewed_at = actor.name, clock.now()
    use.save(update_fields=["review", "reviewed_by_name", "reviewed_at"])
    record(
        actor,
        "signing.use_reviewed",
        kind="document" if use.document_id else "key_use",
        object_id=use.document_id or use.pk,
        data={"device": device.serial, "sha256": use.sha256, "review": use.review},
    )
    return use


def doubtful_uses(device_id: UUID) -> QuerySet[KeyUse]:
    """Signatures made with the device's keys since it was lost, newest first."""
    return (
        KeyUse.objects.filter(key__device_id=device_id, at__gte=F("key__device__loss__lost_at"))
        .select_related("document", "key")
        .order_by("-at")
    )


def require_undoubted(document: Document) -> None:
    """Raise :class:`SignatureInDoubt` when the document was signed with a device after its loss and nobody has said
    that the right person did."""
    signed = KeyUse.objects.filter(document=document, at__gte=F("key__device__loss__lost_at"))
    if signed.exclude(review=KeyUse.GENUINE).exists():
        raise SignatureInDoubt


def _may_report(actor: Actor, device: KeyDevice) -> bool:
    own = actor.post_id is not None and actor.post_id in {device.custodian_id, device.owner_id}
    return own or actor.has(Role.LEADER) or keeps_books(actor)


def _ask_for_revocation(actor: Actor, device: KeyDevice, loss: DeviceLoss) -> list[CertificateRequest]:
    """A request for every certificate of the device that would still be valid, unless one is open."""
    when = f"{clock.local(loss.lost_at):%H:%M %d/%m/%Y}"
    keys = SigningKey.objects.filter(device=device, valid_to__gt=loss.reported_at)
    wanted = keys.exclude(requests__kind=RequestKind.REVOKE)
    return [
        CertificateRequest.objects.create(
            agency_id=device.agency_id,
            kind=RequestKind.REVOKE,
            key=key,
            post_id=key.post_id,
            reason=REASON.format(serial=device.serial, when=when),
            made_by_name=actor.name,
            made_at=loss.reported_at,
        )
        for key in wanted
    ]
