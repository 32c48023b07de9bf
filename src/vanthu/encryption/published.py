"""Certificates that agencies elsewhere publish through an axis' agency list, believed as far as they prove themselves.

Each certificate must be the agency's (its code or name in the subject), trusted and not revoked, whoever passes it on.
The first statement of an agency tells which key signs its statements; certificates are withdrawn by that key's
statements only, so that an axis that leaves one out does not make documents travel readable. Refuses older statements,
and never brings back what a clerk put away by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog
from asn1crypto import x509

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, NotYours, Role, system_actor
from vanthu.directory.models import Agency
from vanthu.encryption import actions, rules
from vanthu.encryption.models import AgencyCertificate, AgencyStatement, Standing
from vanthu.errors import VanthuError
from vanthu.relay import Publication, Published, check_publication

log = structlog.get_logger(__name__)

AHEAD = timedelta(days=1)
"""How far another site's clock may go before ours."""


@dataclass
class Judged:
    """The certificates of a publication that may be used, and why others may not."""

    fit: list[tuple[x509.Certificate, Standing]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def known() -> set[str]:
    """Statements that were taken with all their certificates; the others are judged again when they are listed again,
    for a trusted authority may have been added meanwhile."""
    return set(AgencyStatement.objects.filter(problem="").values_list("statement", flat=True))


def take(home: Agency, axis: str, code: str, given: Publication) -> AgencyStatement | None:
    """Keep what the axis that people call so lists as published by the agency with this code; None: nothing new.

    ``home`` is named in the audit event. Outside the transaction, for authorities are asked. Raises
    ``PublicationWrong``, :class:`rules.StatementOfAnother`.
    """
    agency = Agency.objects.filter(identifiers__code=code, identifiers__primary=True, hosted=False).first()
    if agency is None:
        return None
    said = check_publication(given)
    if said.agency != code or said.at > clock.now() + AHEAD:
        raise rules.StatementOfAnother(code=code)
    return _keep(home, axis, agency, given, said, _judged(agency, code, given))


def _judged(agency: Agency, code: str, given: Publication) -> Judged:
    judged = Judged()
    for der in given.certificates:
        try:
            certificate = rules.read_certificate(der)
            judged.fit.append((certificate, actions.standing_as(agency.name, {code}, certificate)))
        except VanthuError as refusal:
            judged.problems.append(refusal.text)
    return judged


@action
def _keep(
    home: Agency, axis: str, agency: Agency, given: Publication, said: Published, judged: Judged
) -> AgencyStatement | None:
    Agency.objects.select_for_update().get(pk=agency.pk)
    before = AgencyStatement.objects.filter(agency=agency).first()
    row = before or AgencyStatement(agency=agency, key_id=said.key_id)
    old = before is not None and said.at <= before.said_at and before.statement != given.statement
    if not old:
        row.statement, row.said_at, row.axis, row.taken_at = given.statement, said.at, axis[:50], clock.now()
        row.other_key_id = "" if row.key_id == said.key_id else said.key_id
        row.problem = " ".join(judged.problems)[:500]
        row.save()
        _use(agency, axis, judged)
        if not row.other_key_id:
            _withdraw_others(agency, given)
    data = {
        "agency": agency.name,
        "axis": axis,
        "key": said.key_id,
        "known_key": not row.other_key_id,
        "certificates": [one.sha256.hex() for one, _ in judged.fit],
        "refused": judged.problems,
        "older": old,
    }
    record(system_actor(home.pk), "encryption.published", kind="agency", object_id=agency.pk, data=data)
    return None if old else row


def _use(agency: Agency, axis: str, judged: Judged) -> None:
    rows = AgencyCertificate.objects.filter(agency=agency, active=False, published=False)
    put_away = set(rows.values_list("sha256", flat=True))
    for certificate, standing in judged.fit:
        if certificate.sha256.hex() not in put_away:
            actions.publish(agency, certificate, standing, f"Cơ quan công bố qua {axis}", published=True)


def _withdraw_others(agency: Agency, given: Publication) -> None:
    named = {rules.read_certificate(der).sha256.hex() for der in given.certificates}
    gone = AgencyCertificate.objects.filter(agency=agency, active=True, published=True)
    gone.exclude(sha256__in=named).update(active=False, withdrawn_at=clock.now())


@action
def trust_new_key(actor: Actor, agency_id: UUID) -> AgencyStatement:
    """The agency said by another way that its system signs with a new key: its statements withdraw certificates again.

    Raises ``RoleRequired``, ``NotYours``.
    """
    actor.require(Role.CLERK)
    row = (
        AgencyStatement.objects.select_for_update().filter(agency=agency_id).exclude(other_key_id="").first()
    )
    if row is None:
        raise NotYours
    row.key_id, row.other_key_id = row.other_key_id, ""
    row.save(update_fields=["key_id", "other_key_id"])
    data = {"agency": row.agency.name, "key": row.key_id}
    record(actor, "encryption.trust_new_key", kind="agency", object_id=row.agency_id, data=data)
    return row
