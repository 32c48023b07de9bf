"""Keeping signatures verifiable for decades: archived forms of signed files, renewed before they weaken.

An issued or received document never changes, so an archived form is a further file version (kind PRESERVED) that names
its source by hash: the same bytes with evidence and an archive time-stamp after them. Signatures in files of other
forms get time-stamps over their evidence instead (``chaining``). Owns when either happens. Refuses to preserve what is
not valid. Everything may run twice or die anywhere: a form exists whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, system_actor
from vanthu.blobs import store
from vanthu.blobs.working import working_copy
from vanthu.errors import VanthuError
from vanthu.pades import Verdict, extend_file, level_of, renew_by
from vanthu.records import files
from vanthu.records.models import DocumentFile, FileKind
from vanthu.signing import chaining, service
from vanthu.signing.evidence_models import Preservation
from vanthu.signing.models import Validation

log = structlog.get_logger(__name__)

PDF = "application/pdf"
_ORIGINALS = (FileKind.MAIN, FileKind.ANNEX)
LEASE = timedelta(minutes=10)
"""A worker that died while renewing is followed by another one after this."""
PATIENCE = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=7))
"""Pauses after failed tries; the last one again and again, for ``archive_lead_days`` leaves time."""
AT_LEAST = timedelta(days=30)
"""Between two renewals, also when the authority's newest time-stamps already count as weak."""


class Superseded(Exception):
    """Another worker has renewed this file meanwhile; nothing is kept."""


def enrol(kept: Iterable[DocumentFile]) -> None:
    """Keep these signed files verifiable from now on; a plain function for inside an action. A newer version of a file
    takes the place of the one before."""
    for file in kept:
        if not file.is_encrypted:
            Preservation.objects.update_or_create(
                document_id=file.document_id,
                ordinal=place_of(file),
                defaults={"source_sha256": file.sha256, "renew_at": clock.now(), "tries": 0, "problem": ""},
            )


def place_of(file: DocumentFile) -> int:
    """Where the archived form of a main file or annex stands among the document's PRESERVED ones."""
    return 0 if file.kind == FileKind.MAIN else file.ordinal + 1


def due(limit: int = 100) -> list[UUID]:
    """What needs a look now, the longest waiting first."""
    found = Preservation.objects.filter(renew_at__lte=clock.now()).order_by("renew_at")
    return list(found.values_list("pk", flat=True)[:limit])


def look(key: UUID) -> None:
    """Renew one file's archived form if it is time; note why when it cannot be done now, and when to try again."""
    row = Preservation.objects.select_related("document").get(pk=key)
    now = clock.now()
    if row.renew_at is None or row.renew_at > now:
        return
    if not Preservation.objects.filter(pk=key, renew_at=row.renew_at).update(renew_at=now + LEASE):
        return
    if row.document.sealed_at is not None or _is_hopeless(row.source_sha256):
        _rest(row)
        return
    try:
        _renew(row)
    except (Superseded, chaining.Superseded):
        return
    except VanthuError as problem:
        log.warning("preservation_failed", document=str(row.document_id), code=problem.code)
        pause = PATIENCE[min(row.tries, len(PATIENCE) - 1)]
        Preservation.objects.filter(pk=key).update(
            renew_at=now + pause, tries=min(row.tries + 1, 1000), problem=problem.text[:500]
        )


def _renew(row: Preservation) -> None:
    source, newest = _forms(row)
    if source.media_type != PDF:
        again = chaining.renew(row, source)
        same = Preservation.objects.filter(pk=row.pk, source_sha256=row.source_sha256)
        same.update(renew_at=again, tries=0, problem="")
        return
    sha256 = (newest or source).sha256
    store.require_whole(sha256)
    lead = timedelta(days=settings.VANTHU.archive_lead_days)
    with store.open_blob(sha256) as stream:
        until, level = renew_by(stream, lead=lead), level_of(stream)
    if until > clock.now():
        Preservation.objects.filter(pk=row.pk, source_sha256=row.source_sha256).update(
            renew_at=until, level=level.value if level else "", tries=0, problem=""
        )
        return
    stamper = service.timestamper()
    if stamper is None:
        raise service.NoTimestamper
    with working_copy(sha256) as path:
        extend_file(path, service.trust(), stamper, at=clock.now())
        validation = service.require_acceptable(path)
        _keep(system_actor(row.document.agency_id), row, source, newest, path, validation)


@action
def _keep(
    actor: Actor,
    row: Preservation,
    source: DocumentFile,
    seen: DocumentFile | None,
    extended: Path,
    validation: Validation,
) -> None:
    locked = Preservation.objects.select_for_update().get(pk=row.pk)
    if locked.source_sha256 != row.source_sha256 or _forms(locked) != (source, seen):
        raise Superseded
    with extended.open("rb") as stream:
        weakens = renew_by(stream, lead=timedelta(days=settings.VANTHU.archive_lead_days))
    file = files.add_version(
        row.document,
        extended,
        kind=FileKind.PRESERVED,
        stage=source.stage,  # type: ignore[arg-type]
        name=source.name,
        actor=actor,
        ordinal=row.ordinal,
        source=source,
    )
    locked.renew_at = max(weakens, clock.now() + AT_LEAST)
    locked.level = validation.report.get("level", "")
    locked.tries, locked.problem = 0, ""
    locked.save()
    record(
        actor,
        "signing.preserve",
        kind="document",
        object_id=row.document_id,
        data={
            "file": file.name,
            "sha256": file.sha256,
            "source_sha256": source.sha256,
            "version": file.version,
            "renew_at": locked.renew_at,
        },
    )


def _forms(row: Preservation) -> tuple[DocumentFile, DocumentFile | None]:
    """The signed file and its newest archived form."""
    found = DocumentFile.objects.filter(document_id=row.document_id)
    source = found.filter(kind__in=_ORIGINALS, sha256=row.source_sha256).order_by("-version")[0]
    forms = found.filter(kind=FileKind.PRESERVED, ordinal=row.ordinal, source_sha256=row.source_sha256)
    return source, forms.order_by("-version").first()


def _is_hopeless(sha256: str) -> bool:
    """No valid signature will ever be found in it."""
    known = service.latest(sha256)
    return known is not None and known.verdict in {Verdict.INVALID.value, Verdict.UNSIGNED.value}


def _rest(row: Preservation) -> None:
    Preservation.objects.filter(pk=row.pk).update(renew_at=None)
