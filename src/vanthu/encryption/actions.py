"""The verbs of the encryption room: enrol and retire keys, publish and withdraw certificates, choose to encrypt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from asn1crypto import x509
from django.db import transaction

from vanthu import cms
from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, NotYours, NotYourStep, Role, system_actor
from vanthu.base.announcements import announce
from vanthu.directory.models import Agency
from vanthu.encryption import keys, rules
from vanthu.encryption.announcements import CertificatesChanged
from vanthu.encryption.models import AgencyCertificate, AgencyKey, Choice, KeyPlace, Standing, Without
from vanthu.pades import Standing as Found
from vanthu.pades import check_certificate
from vanthu.records import queries as records
from vanthu.records.models import Direction, Document, Verb, WorkItem
from vanthu.signing import service

FRESH, ASKED_AT_ONCE = timedelta(hours=1), 50
STEPS = (Verb.REVISE, Verb.NUMBER)
OUT = frozenset({"ISSUED", "RECALLED", "REPLACED", "VOIDED"})
"""States after which nothing more is sent for the first time."""


def enrol_key(actor: Actor, p12: bytes, passphrase: str) -> AgencyKey:
    """Register a PKCS#12 file as the key that opens what is encrypted for the actor's agency, and publish its
    certificate to the agencies of this site; the key before is retired and still opens what is old.

    The passphrase only proves that the key opens. Raises ``RoleRequired``, ``WrongPassphrase``, ``KeyDamaged``,
    :class:`cms.CertificateUnfit`, :class:`rules.CertificateOfAnother`, :class:`rules.CertificateNotUsable`.
    """
    if not actor.is_system:
        actor.require(Role.CLERK)
    opened = cms.Pkcs12OpeningKey.open(p12, passphrase)
    certificate = opened.certificate
    agency = Agency.objects.prefetch_related("identifiers").get(pk=actor.agency_id)
    standing = standing_of(agency, certificate)
    return keep_key(actor, agency, KeyPlace.PKCS12, p12, certificate, standing)


def enrol_device_key(actor: Actor, fingerprint: str, pin: str) -> AgencyKey:
    """Like :func:`enrol_key`, for the key on the server's device whose certificate has this fingerprint.

    Raises also :class:`rules.NotOnDevice`, ``NoDeviceLibrary`` and the refusals of a device (wrong PIN …).
    """
    actor.require(Role.CLERK)
    found = next((one for one in keys.on_device() if one.fingerprint == fingerprint), None)
    if found is None:
        raise rules.NotOnDevice
    agency = Agency.objects.prefetch_related("identifiers").get(pk=actor.agency_id)
    standing = standing_of(agency, found.certificate)
    with cms.Pkcs11OpeningKey.open_found(found, pin):
        pass
    material = keys.place_of(found).dump()
    return keep_key(actor, agency, KeyPlace.PKCS11, material, found.certificate, standing)


@action
def keep_key(
    actor: Actor,
    agency: Agency,
    place: KeyPlace,
    material: bytes,
    certificate: x509.Certificate,
    standing: Standing,
) -> AgencyKey:
    """Make a key that proved itself the agency's, retire the one before, publish its certificate on this site."""
    now = clock.now()
    earlier = AgencyKey.objects.select_for_update().filter(agency=agency, active=True)
    retired = [key.serial for key in earlier]
    earlier.update(active=False, retired_at=now)
    key = AgencyKey.objects.create(
        agency=agency,
        place=place,
        material=material,
        certificate=certificate.dump(),
        subject=rules.called(certificate.subject),
        serial=f"{certificate.serial_number:X}",
        valid_to=certificate.not_valid_after,
        enrolled_by_id=actor.post_id,
        enrolled_at=now,
    )
    # Nobody is to encrypt to a retired key any more; what is under way opens all the same.
    AgencyCertificate.objects.filter(agency=agency, active=True).exclude(
        sha256=_fingerprint(certificate)
    ).update(active=False, withdrawn_at=now)
    publish(agency, certificate, standing, "Cơ quan trên hệ thống này đăng ký khóa")
    announce(CertificatesChanged(agency.pk))
    record(
        actor,
        "encryption.enrol_key",
        kind="agency",
        object_id=agency.pk,
        data={"subject": key.subject, "serial": key.serial, "place": place.value, "retired": retired},
    )
    return key


def add_certificate(actor: Actor, agency_id: UUID, data: bytes, source: str) -> AgencyCertificate:
    """Enter a certificate that another agency published for being encrypted to; ``source`` says where it came from.

    Raises ``RoleRequired``, ``NotYours``, :class:`rules.CertificateUnreadable`, :class:`cms.CertificateUnfit`,
    :class:`rules.CertificateOfAnother`, :class:`rules.CertificateNotUsable`.
    """
    actor.require(Role.CLERK)
    certificate = rules.read_certificate(data)
    agency = Agency.objects.prefetch_related("identifiers").filter(pk=agency_id).first()
    if agency is None or (agency.hosted and agency.pk != actor.agency_id):
        raise NotYours
    standing = standing_of(agency, certificate)
    return _keep_certificate(actor, agency, certificate, standing, source)


@action
def _keep_certificate(
    actor: Actor, agency: Agency, certificate: x509.Certificate, standing: Standing, source: str
) -> AgencyCertificate:
    row = publish(agency, certificate, standing, source.strip()[:300])
    _told_if_ours(agency)
    _record(actor, "encryption.add_certificate", row)
    return row


@action
def withdraw_certificate(actor: Actor, certificate_id: UUID) -> AgencyCertificate:
    """Encrypt to a certificate no longer. Raises ``RoleRequired``, ``NotYours``."""
    actor.require(Role.CLERK)
    found = AgencyCertificate.objects.select_for_update(of=("self",)).select_related("agency")
    row = found.filter(pk=certificate_id, active=True).first()
    if row is None or (row.agency.hosted and row.agency_id != actor.agency_id):
        raise NotYours
    row.active, row.published, row.withdrawn_at = False, False, clock.now()
    row.save(update_fields=["active", "published", "withdrawn_at"])
    _told_if_ours(row.agency)
    _record(actor, "encryption.withdraw_certificate", row)
    return row


def check_again(row: AgencyCertificate) -> Standing:
    """Ask anew how a certificate stands; only a change is recorded, in the chain of the agency that first used it."""
    certificate = x509.Certificate.load(bytes(row.certificate))
    standing = _asked(certificate)
    if standing is Standing.UNKNOWN and row.standing != Standing.GOOD:
        standing = Standing(row.standing)  # silence takes back no revocation
    if standing != row.standing:
        _keep_standing(row, standing)
    AgencyCertificate.objects.filter(pk=row.pk).update(checked_at=clock.now())
    return standing


def look_before_sending(document: Document, agencies: Sequence[Agency]) -> None:
    """Before a document is encrypted, ask anew about those certificates of its recipients that nobody asked about for
    :data:`FRESH`; nothing when it is sent as it is.

    Outside the transaction, and at most :data:`ASKED_AT_ONCE`: the hourly round asks about all the others.
    """
    if not Choice.objects.filter(document=document).exists():
        return
    stale = AgencyCertificate.objects.filter(
        agency__in=agencies, active=True, checked_at__lt=clock.now() - FRESH
    )
    for row in stale.select_related("agency").order_by("checked_at")[:ASKED_AT_ONCE]:
        check_again(row)


@action
def _keep_standing(row: AgencyCertificate, standing: Standing) -> None:
    AgencyCertificate.objects.filter(pk=row.pk).update(standing=standing)
    row.standing = standing
    _told_if_ours(row.agency)
    home = row.agency if row.agency.hosted else Agency.objects.filter(hosted=True).order_by("id").first()
    _record(system_actor(home.pk if home else row.agency_id), "encryption.certificate_standing", row)


@action
def choose(actor: Actor, document_id: UUID, *, encrypt: bool, without: Without = Without.STOP) -> Document:
    """Decide that a document is sent encrypted, or not: its drafter while drafting, its clerk before the dispatch.

    ``without``: what then with recipients who have no certificate. Encryption permits nothing: what must not go by
    network is refused all the same at dispatch. Raises ``NotYours``, ``NotYourStep``, :class:`rules.TooLateToChoose`.
    """
    document = records.locked(actor, document_id, Direction.OUTGOING)
    if document.state in OUT:
        raise rules.TooLateToChoose
    waits = WorkItem.objects.filter(document=document, principal__in=actor.principals, verb__in=STEPS)
    if not waits.exists():
        raise NotYourStep(state=document.state, verb="chọn mã hóa")
    if encrypt:
        Choice.objects.update_or_create(
            document=document, defaults={"without": without, "by_id": actor.post_id, "at": clock.now()}
        )
    else:
        Choice.objects.filter(document=document).delete()
    record(
        actor,
        "encryption.choose",
        kind="document",
        object_id=document.pk,
        data={"encrypt": encrypt, "without": without.value if encrypt else ""},
    )
    return document


def standing_of(agency: Agency, certificate: x509.Certificate) -> Standing:
    """How a certificate stands that is to be used from now on. Raises what makes it unfit."""
    return standing_as(agency.name, {row.code for row in agency.identifiers.all()}, certificate)


def standing_as(name: str, codes: Collection[str], certificate: x509.Certificate) -> Standing:
    """Like :func:`standing_of`, for the agency with this name and these codes."""
    cms.require_fit(certificate, clock.now())
    subject = rules.called(certificate.subject)
    if not rules.belongs_to(certificate, [name], codes):
        raise rules.CertificateOfAnother(subject=subject, agency=name)
    standing = _asked(certificate)
    if standing not in rules.USABLE:
        raise rules.CertificateNotUsable(subject=subject, why=standing.label.lower())
    return standing


def _asked(certificate: x509.Certificate) -> Standing:
    found = check_certificate(certificate, service.trust(), at=clock.now())
    if found.standing is Found.WITHDRAWN:
        return Standing.UNTRUSTED
    return Standing(found.standing.name)


def publish(
    agency: Agency,
    certificate: x509.Certificate,
    standing: Standing,
    source: str,
    *,
    published: bool = False,
) -> AgencyCertificate:
    """Called inside an action: contents for the agency are encrypted to this certificate from now on.

    ``published``: the agency's own statement names it.
    """
    now = clock.now()
    with transaction.atomic():
        row, _ = AgencyCertificate.objects.update_or_create(
            agency=agency,
            sha256=_fingerprint(certificate),
            defaults={
                "certificate": certificate.dump(),
                "subject": rules.called(certificate.subject),
                "issuer": rules.called(certificate.issuer),
                "serial": f"{certificate.serial_number:X}",
                "valid_from": certificate.not_valid_before,
                "valid_to": certificate.not_valid_after,
                "standing": standing,
                "checked_at": now,
                "source": source,
                "published": published,
                "active": True,
                "added_at": now,
                "withdrawn_at": None,
            },
        )
    return row


def _told_if_ours(agency: Agency) -> None:
    if agency.hosted:
        announce(CertificatesChanged(agency.pk))


def _fingerprint(certificate: x509.Certificate) -> str:
    return str(certificate.sha256.hex())


def _record(actor: Actor, verb: str, row: AgencyCertificate) -> None:
    data = {"agency": row.agency.name, "subject": row.subject, "serial": row.serial, "standing": row.standing}
    record(actor, verb, kind="agency", object_id=row.agency_id, data={**data, "sha256": row.sha256})
