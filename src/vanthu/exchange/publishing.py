"""Our agencies' encryption certificates on their way into the agency lists of the axes, and others' out of them.

What is published is signed with the site's own key (``vanthu.relay.publications``) and written down before it is
sent, so that a process that dies in between sends the same again. National axes (VXP) have no place for it. Refuses
to judge certificates: that is ``encryption``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import structlog
from django.db import transaction

from vanthu.base import clock
from vanthu.directory.models import Agency
from vanthu.encryption import published
from vanthu.encryption import queries as encryption
from vanthu.encryption.models import AgencyKey, PublishedKeys
from vanthu.errors import VanthuError
from vanthu.exchange import lines
from vanthu.exchange.axes import Axis
from vanthu.relay import Publication, publication
from vanthu.relay.publications import MOST
from vanthu.vxp import VxpRefused

log = structlog.get_logger(__name__)

AGAIN, AFTER_REFUSAL = timedelta(days=1), timedelta(hours=1)
"""An axis that was restored from a backup hears it again; one that refused perhaps takes it later."""


def publish(line: Axis) -> int:
    """Publish what an axis does not know yet of our agencies' certificates; returns how many were told.

    Raises ``VxpUnreachable``.
    """
    if not lines.is_modern(line):
        return 0
    enrolled = AgencyKey.objects.values("agency")
    agencies = Agency.objects.filter(hosted=True, pk__in=enrolled).prefetch_related("identifiers")
    found = encryption.certificates_for(list(agencies))
    told = 0
    for agency in agencies:
        ours = sorted(one.dump() for one in found.get(agency.pk, ()))[:MOST]
        row = _due(line, agency, ours)
        if row is not None:
            _tell(line, agency, row)
            told += 1
    return told


@transaction.atomic
def _due(line: Axis, agency: Agency, certificates: list[bytes]) -> PublishedKeys | None:
    """What is to be told now, written down; None when the axis knows it.

    One at a time for an agency: two workers with statements of their own would refuse each other's as outdated.
    """
    Agency.objects.select_for_update().get(pk=agency.pk)
    row = PublishedKeys.objects.filter(axis=line.name, agency=agency).first()
    kept = Publication.read(row.body) if row else None
    if kept is not None and list(kept.certificates) == certificates:
        assert row is not None
        pause = AFTER_REFUSAL if row.error else AGAIN
        return None if row.told_at is not None and row.told_at > clock.now() - pause else row
    if kept is None and not certificates:
        return None
    made = publication(lines.site_key(), agency.organ_id, certificates, clock.now())
    row, _ = PublishedKeys.objects.update_or_create(
        axis=line.name, agency=agency, defaults={"body": made.as_json(), "told_at": None, "error": ""}
    )
    return row


def _tell(line: Axis, agency: Agency, row: PublishedKeys) -> None:
    given, error = Publication.read(row.body), ""
    assert given is not None
    try:
        lines.relay(line).publish(agency.organ_id, given)
    except VxpRefused as refusal:
        log.warning("certificates_not_published", axis=line.name, agency=agency.organ_id, error=refusal.text)
        error = refusal.text[:500]
    PublishedKeys.objects.filter(pk=row.pk).update(told_at=clock.now(), error=error)


def take_in(home: Agency, line: Axis, listed: Mapping[str, Publication]) -> None:
    """Keep what agencies elsewhere publish; one that does not hold stops no other."""
    known = published.known() if listed else set()
    for code, given in listed.items():
        if given.statement in known:
            continue
        try:
            published.take(home, line.title, code, given)
        except VanthuError as refusal:
            log.warning("publication_not_taken", axis=line.name, agency=code, error=refusal.text)
