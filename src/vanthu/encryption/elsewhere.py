"""Keys on tokens in people's own computers: a token opens a trial before its key is enrolled.

Owns the trial, a content of this site's own that is encrypted to the certificate. Refuses to believe a certificate
alone: whoever enrols has the key that opens at hand.
"""

from __future__ import annotations

import io

from asn1crypto import x509

from vanthu import cms
from vanthu.base.actors import Actor, Role
from vanthu.directory.models import Agency
from vanthu.encryption import actions, rules
from vanthu.encryption.models import AgencyKey, KeyPlace
from vanthu_agent.opening import Sealed


def trial_for(actor: Actor, data: bytes) -> tuple[bytes, Sealed]:
    """A trial for the token with this certificate (DER): the envelope to keep, and what the token is asked for.

    Raises ``RoleRequired``, :class:`rules.CertificateUnreadable`, :class:`cms.CertificateUnfit`,
    :class:`rules.CertificateOfAnother`, :class:`rules.CertificateNotUsable`.
    """
    actor.require(Role.CLERK)
    certificate = rules.read_certificate(data)
    actions.standing_of(_agency(actor), certificate)
    envelope, content = io.BytesIO(), _content(certificate)
    cms.encrypt(io.BytesIO(content), envelope, [certificate], size=len(content))
    return envelope.getvalue(), cms.locate(envelope).sealed_for(certificate)


def enrol_key(actor: Actor, data: bytes, envelope: bytes, answer: bytes) -> AgencyKey:
    """Register the key whose token gave ``answer`` for a trial, as :func:`actions.enrol_key` does.

    Raises as :func:`trial_for` does, and :class:`rules.TrialNotOpened`.
    """
    actor.require(Role.CLERK)
    certificate, agency = rules.read_certificate(data), _agency(actor)
    _require_opened(certificate, envelope, answer)
    standing = actions.standing_of(agency, certificate)
    return actions.keep_key(actor, agency, KeyPlace.AGENT, b"", certificate, standing)


def _require_opened(certificate: x509.Certificate, envelope: bytes, answer: bytes) -> None:
    opened = io.BytesIO()
    try:
        sealed = cms.locate(io.BytesIO(envelope)).sealed_for(certificate)
        cms.decrypt(io.BytesIO(envelope), opened, [cms.AnsweredKey(certificate, {sealed: answer})])
    except cms.CmsError as problem:
        raise rules.TrialNotOpened from problem
    if opened.getvalue() != _content(certificate):
        raise rules.TrialNotOpened


def _content(certificate: x509.Certificate) -> bytes:
    return b"vanthu: " + bytes(certificate.sha256)


def _agency(actor: Actor) -> Agency:
    return Agency.objects.prefetch_related("identifiers").get(pk=actor.agency_id)
