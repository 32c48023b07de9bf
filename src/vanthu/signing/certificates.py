"""The verbs of the certificates: look at each daily, warn before one ends, ask the authority and note its answer.

The look asks the trust list's own sources; an authority that does not answer changes nothing. A certificate found
revoked stops its key at once. Refuses to renew or revoke by itself: that is the certification authority's.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from asn1crypto import x509
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, NotYours, Role, system_actor
from vanthu.directory.models import Post
from vanthu.legal.authority import WARNING_DAYS
from vanthu.pades import Standing, check_certificate
from vanthu.signing import service
from vanthu.signing.certificate_models import (
    CertificateRequest,
    CertificateStanding,
    CertificateWarning,
    RequestKind,
)
from vanthu.signing.certificate_rules import LOOK_AGAIN, RequestOpen, RequestUnknown, warning_due
from vanthu.signing.device_models import DeviceState
from vanthu.signing.device_rules import NotKeeper, ReasonMissing
from vanthu.signing.devices import keeps_books, require_bookkeeper
from vanthu.signing.models import EndReason, SigningKey


def look_at_all() -> int:
    """Look at every key in use that was not looked at for a day; returns at how many."""
    before = clock.now() - LOOK_AGAIN
    stale = Q(known=None) | Q(known__looked_at__lte=before)
    keys = SigningKey.objects.filter(stale, active=True).order_by("known__looked_at", "pk")
    return sum(1 for key in keys.iterator(chunk_size=200) if _look(key))


def _look(key: SigningKey) -> bool:
    certificate, now = x509.Certificate.load(bytes(key.certificate)), clock.now()
    found = check_certificate(certificate, service.trust(), at=now)
    standing = found.standing
    certain = {} if standing is Standing.UNKNOWN else {"standing": standing.value, "certain_at": now}
    if found.category is not None:
        certain["authority"] = found.category.value
    CertificateStanding.objects.update_or_create(key=key, defaults={"looked_at": now, **certain})
    if standing is Standing.REVOKED:
        note_revoked(system_actor(key.agency_id), key.pk)
    return True


@action
def note_revoked(actor: Actor, key_id: UUID) -> SigningKey:
    """The authority has revoked the certificate: its key signs nothing more, what waits for it is forgotten."""
    from vanthu.signing import awaiting

    key = SigningKey.objects.select_for_update().get(pk=key_id)
    if key.active:
        key.active, key.ended_at, key.end_reason = False, clock.now(), EndReason.REVOKED
        key.save(update_fields=["active", "ended_at", "end_reason"])
    forgotten = awaiting.forget(key)
    data = {"subject": key.subject, "serial": key.serial, "awaited_forgotten": forgotten}
    record(actor, "signing.certificate_revoked", kind="key", object_id=key.pk, data=data)
    return key


def warn_all() -> int:
    """Tell holders and administrators of certificates that end soon, each threshold once; returns how many."""
    now = clock.now()
    ending = SigningKey.objects.filter(active=True, valid_to__lte=now + timedelta(days=max(WARNING_DAYS) + 1))
    rows: list[CertificateWarning] = []
    for key in ending.select_related("device"):
        days = warning_due(key.valid_to, now)
        if days is not None:
            people = _to_warn(key)
            rows += [CertificateWarning(key=key, post_id=one, days=days, given_at=now) for one in people]
    known = set(
        CertificateWarning.objects.filter(key__in={row.key_id for row in rows}).values_list(
            "key_id", "post_id", "days"
        )
    )
    new = [row for row in rows if (row.key_id, row.post_id, row.days) not in known]
    CertificateWarning.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _to_warn(key: SigningKey) -> set[UUID]:
    """Who uses the key, and the administrators of the agency; where there is none, its clerks."""
    posts = Post.objects.filter(agency_id=key.agency_id, active=True)
    clerks, administrators = (
        set(posts.filter(roles__contains=[role.value]).values_list("pk", flat=True))
        for role in (Role.CLERK, Role.ADMINISTRATOR)
    )
    keeper = key.device.custodian_id if key.device else None
    users = {one for one in (key.post_id or keeper,) if one is not None} or clerks
    return users | (administrators or clerks)


@action
def warning_seen(actor: Actor, warning_id: UUID) -> CertificateWarning:
    """The person has taken note; what was said of the same certificate before goes with it. Raises ``NotYours``."""
    row = (
        CertificateWarning.objects.select_related("key").filter(pk=warning_id, post_id=actor.own_post).first()
    )
    if row is None:
        raise NotYours
    same = CertificateWarning.objects.filter(key=row.key, post_id=actor.own_post, seen_at=None)
    same.update(seen_at=clock.now())
    data = {"serial": row.key.serial, "days": row.days}
    record(actor, "signing.warning_seen", kind="key", object_id=row.key_id, data=data)
    return row


@action
def ask_authority(
    actor: Actor, kind: RequestKind, reason: str, *, key_id: UUID | None = None, post_id: UUID | None = None
) -> CertificateRequest:
    """Make out a request to the certification authority for a key, or for a post that has none (R189).

    Raises :class:`NotKeeper`, ``NotYours``, :class:`RequestOpen`, :class:`ReasonMissing`.
    """
    key = SigningKey.objects.filter(pk=key_id, agency_id=actor.agency_id).first() if key_id else None
    post = Post.objects.filter(pk=post_id, agency_id=actor.agency_id).first() if post_id else None
    if (key_id and key is None) or (post_id and post is None):
        raise NotYours
    own = actor.post_id is not None and actor.post_id in {key.post_id if key else None, post_id}
    if not own and not keeps_books(actor):
        raise NotKeeper
    if not reason.strip():
        raise ReasonMissing
    row = CertificateRequest(
        agency_id=actor.agency_id,
        kind=kind,
        key=key,
        post=key.post if key else post,
        reason=reason.strip()[:500],
        made_by_name=actor.name,
        made_at=clock.now(),
    )
    if key is None and _open_for(row).exists():
        raise RequestOpen
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise RequestOpen from error
    _record(actor, "signing.authority_asked", row)
    return row


@action
def note_told(actor: Actor, request_id: UUID, how: str) -> CertificateRequest:
    """When and how the authority was told: document number, telephone call … Raises :class:`RequestUnknown`."""
    row = _request(actor, request_id, how)
    row.told_at, row.told_how, row.told_by_name = clock.now(), how.strip()[:300], actor.name
    row.save(update_fields=["told_at", "told_how", "told_by_name"])
    _record(actor, "signing.authority_told", row)
    return row


@action
def note_answer(actor: Actor, request_id: UUID, answer: str) -> CertificateRequest:
    """What the authority answered; the last revocation of a lost device makes the device revoked.

    Raises :class:`RequestUnknown`, :class:`ReasonMissing`.
    """
    row = _request(actor, request_id, answer)
    row.answered_at, row.answer = clock.now(), answer.strip()[:300]
    row.save(update_fields=["answered_at", "answer"])
    device = row.key.device if row.key else None
    if row.kind == RequestKind.REVOKE and device is not None and device.state == DeviceState.LOST:
        left = CertificateRequest.objects.filter(
            key__device=device, kind=RequestKind.REVOKE, answered_at=None
        )
        if not left.exists():
            device.state = DeviceState.REVOKED
            device.save(update_fields=["state"])
    _record(actor, "signing.authority_answered", row)
    return row


def _request(actor: Actor, request_id: UUID, text: str) -> CertificateRequest:
    require_bookkeeper(actor)
    rows = CertificateRequest.objects.select_for_update(of=("self",)).select_related("key__device")
    row = rows.filter(pk=request_id, agency_id=actor.agency_id, answered_at=None).first()
    if row is None:
        raise RequestUnknown
    if not text.strip():
        raise ReasonMissing
    return row


def _open_for(row: CertificateRequest) -> QuerySet[CertificateRequest]:
    return CertificateRequest.objects.filter(
        agency_id=row.agency_id, post=row.post, key=None, kind=row.kind, answered_at=None
    )


def _record(actor: Actor, verb: str, row: CertificateRequest) -> None:
    data = {
        "request": row.kind,
        "serial": row.key.serial if row.key else "",
        "post": str(row.post_id or ""),
        "reason": row.reason,
        "how": row.told_how,
        "answer": row.answer,
    }
    record(actor, verb, kind="certificate_request", object_id=row.pk, data=data)
