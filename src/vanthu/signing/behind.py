"""Whose authority stands behind a certificate, and whether an agency may sign with it (R104).

Looks at the chain alone and asks nobody about revocation: that is looked at where it matters. Refuses to judge
signatures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from asn1crypto import x509
from django.conf import settings

from vanthu.base import clock
from vanthu.directory.models import OUTSIDE, Agency
from vanthu.environment import PublicCertificates
from vanthu.identifiers import CodeKind, parse
from vanthu.legal.certificates import Bound, bound
from vanthu.pades import Category, Revocation, check_certificate
from vanthu.signing import service
from vanthu.signing.trust_rules import CertificatePublic, refuses_public


def category_of(certificate: x509.Certificate, chain: Sequence[x509.Certificate] = ()) -> Category | None:
    """The category of the authority that a certificate leads to now; None when it leads to none that is trusted."""
    trust = replace(service.trust(), allow_fetching=False, revocation=Revocation.IGNORED)
    return check_certificate(certificate, trust, at=clock.now(), others=chain).category


def bound_of(agency: Agency) -> Bound:
    """Whether an agency must sign with public-duty certificates."""
    return bound_by(agency.organ_id, agency)


def bound_by(code: str, agency: Agency | None) -> Bound:
    """The same of whoever bears an identifier; ``agency`` is what the directory knows of it."""
    parsed = parse(code)
    if parsed.kind is CodeKind.BUSINESS:
        return Bound.NO
    return bound(parsed.levels, outside=None if agency is None else agency.kind in OUTSIDE)


def require_authority(
    agency: Agency, certificate: x509.Certificate, chain: Sequence[x509.Certificate]
) -> None:
    """Raises :class:`trust_rules.CertificatePublic` where an agency that must sign with public-duty certificates may
    not register this one (``VANTHU_PUBLIC_CERTIFICATES``)."""
    found = category_of(certificate, chain)
    refuses = settings.VANTHU.public_certificates is PublicCertificates.REFUSE
    if refuses and refuses_public(found, bound_of(agency)):
        raise CertificatePublic(subject=certificate.subject.human_friendly)
