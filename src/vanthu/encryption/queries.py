"""The reads that other rooms and pages share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import BinaryIO
from uuid import UUID

from asn1crypto import x509

from vanthu import cms
from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.directory.models import Agency
from vanthu.encryption import rules
from vanthu.encryption.models import AgencyCertificate, AgencyKey, AgencyStatement, Choice, PublishedKeys
from vanthu.legal.authority import WARNING_DAYS
from vanthu.records.models import Document

SHOWN = 200


def choice_of(document: Document) -> Choice | None:
    """What was decided about encrypting a document; None: it is sent as it is."""
    return Choice.objects.filter(document=document).first()


def certificates_for(agencies: Sequence[Agency]) -> dict[UUID, list[x509.Certificate]]:
    """Agency → the certificates that contents for it are encrypted to now; agencies without any are left out.

    All usable ones, so that whichever key the recipient holds opens it. One query.
    """
    now = clock.now()
    found: dict[UUID, list[x509.Certificate]] = defaultdict(list)
    for row in AgencyCertificate.objects.filter(agency__in=agencies, active=True):
        if rules.may_encrypt(row.standing, row.valid_from, row.valid_to, now):
            found[row.agency_id].append(x509.Certificate.load(bytes(row.certificate)))
    return dict(found)


def keys_for(agency_id: UUID, stream: BinaryIO) -> list[AgencyKey]:
    """The keys of an agency, retired ones too, that open an encrypted file; empty when it is for somebody else.

    Raises the errors of ``cms.locate``.
    """
    envelope = cms.locate(stream)
    return [key for key in keys_of(agency_id) if envelope.meant_for(certificate_of(key))]


def keys_of(agency_id: UUID) -> list[AgencyKey]:
    """All keys that an agency ever enrolled, the active one first."""
    return sorted(AgencyKey.objects.filter(agency=agency_id), key=lambda key: not key.active)


def ending_keys(agency_id: UUID) -> list[AgencyKey]:
    """The agency's key in use when its certificate ends within the days of the first warning, or has ended."""
    soon = clock.now() + timedelta(days=max(WARNING_DAYS) + 1)
    return list(AgencyKey.objects.filter(agency=agency_id, active=True, valid_to__lte=soon))


def published_keys(agency_id: UUID) -> list[PublishedKeys]:
    """Which axes were told of the agency's certificates, and when."""
    return list(PublishedKeys.objects.filter(agency=agency_id).order_by("axis"))


def doubtful_statements() -> list[AgencyStatement]:
    """What agencies elsewhere publish that is not used as it stands: certificates that do not hold, another key."""
    doubtful = AgencyStatement.objects.exclude(problem="", other_key_id="")
    return list(doubtful.select_related("agency").order_by("agency__name")[:SHOWN])


def certificate_of(key: AgencyKey) -> x509.Certificate:
    """The certificate of a key."""
    return x509.Certificate.load(bytes(key.certificate))


def known_certificates(actor: Actor, text: str = "") -> list[AgencyCertificate]:
    """Certificates of all agencies, newest first, at most :data:`SHOWN`; for clerks. Raises ``RoleRequired``."""
    actor.require(Role.CLERK)
    found = AgencyCertificate.objects.select_related("agency").order_by("-active", "agency__name", "-id")
    if text.strip():
        from vanthu.vietnamese import search_key

        for word in search_key(text).split():
            found = found.filter(agency__search_key__contains=word)
    return list(found[:SHOWN])
