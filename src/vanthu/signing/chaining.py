"""Time-stamps over the evidence of signatures in files to which nothing can be added: CMS, XML, office files.

Owns the record that is stamped (which file, which files beside it, which evidence), when the next time-stamp is due,
and the judgement that the chain still proves years later. A link exists whole or not at all. Refuses PDF files, which
carry their archive time-stamps themselves (``preserving``).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from vanthu import cms
from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, system_actor
from vanthu.blobs import store
from vanthu.errors import MustAct, VanthuError
from vanthu.evidence import canonical
from vanthu.pades import Evidence, ValidationReport, Verdict, validate_within
from vanthu.pades.evidence_record import Link, add_link, covered, proven_since, renew_by, stamped_at
from vanthu.records import queries as records
from vanthu.records.models import DocumentFile, FileKind
from vanthu.signing import evidence, service
from vanthu.signing.evidence_models import EvidenceLink, Preservation, SignatureEvidence

FORMAT = "vanthu-evidence/1"
AT_LEAST = timedelta(days=30)
"""Between two links, also when the authority's newest time-stamps already count as weak."""
SOON = timedelta(days=1)
"""A signature is judged just before its evidence is stamped; what was stamped later proves less than it says."""


class NotYetJudged(VanthuError):
    """Only what was found valid is put under a time-stamp."""

    code = "EVIDENCE_NOT_YET_JUDGED"
    message = "Chưa kết luận được chữ ký số nên chưa đóng dấu thời gian lên bằng chứng; hệ thống sẽ thử lại."
    must_act = MustAct.ADMINISTRATOR
    rule = "TT 15/2025/TT-BKHCN PL II"


class EvidenceUnproven(VanthuError):
    """The chain does not prove that the evidence existed when it says that it was made."""

    code = "EVIDENCE_UNPROVEN"
    message = "Dấu thời gian trên bằng chứng không chứng minh được thời điểm kiểm tra ({why})."
    must_act = MustAct.ADMINISTRATOR


class Superseded(Exception):
    """Another worker has added the link meanwhile; nothing is kept."""


def chained(sha256: str) -> SignatureEvidence | None:
    """The evidence about a content that is under time-stamps."""
    return SignatureEvidence.objects.filter(sha256=sha256, links__ordinal=0).order_by("-at").first()


def links_of(record_of: SignatureEvidence) -> tuple[bytes, list[Link]]:
    """The stamped record and its links, oldest first. Raises ``BlobMissing``, ``BlobDamaged``."""
    rows = record_of.links.order_by("ordinal")
    kept = [json.loads(store.read(row.content_sha256)) for row in rows]
    return base64.b64decode(kept[0]["record"]), list(map(_link, kept))


def renew(row: Preservation, source: DocumentFile) -> datetime | None:
    """Add the next time-stamp when it is time; returns when to look again, None for what bears no valid signature.

    Raises :class:`NotYetJudged`, ``NoTimestamper``, ``TimestampUnavailable``, ``LongTermUnavailable``,
    :class:`Superseded`.
    """
    lead = timedelta(days=settings.VANTHU.archive_lead_days)
    found = chained(source.sha256)
    if found is not None:
        text, links = links_of(found)
        until = renew_by(links, lead=lead)
        if until > clock.now():
            return until
        if links and stamped_at(links[-1]) > clock.now() - AT_LEAST:
            return stamped_at(links[-1]) + AT_LEAST
    else:
        beside = _beside(source)
        validation = service.check(source.sha256, beside)
        if validation.verdict in (Verdict.UNSIGNED.value, Verdict.INVALID.value):
            return None
        if validation.verdict != Verdict.VALID.value:
            raise NotYetJudged
        found = SignatureEvidence.objects.get(validation=validation.pk)
        text, links = _record(found, beside), []
    stamper = service.timestamper()
    if stamper is None:
        raise service.NoTimestamper
    made = add_link(text, links, stamper, service.trust(), at=clock.now())
    _keep(system_actor(row.document.agency_id), row, source, found, text, links, made)
    return max(renew_by([made], lead=lead), clock.now() + AT_LEAST)


def judged_then(found: SignatureEvidence) -> tuple[ValidationReport, datetime]:
    """The judgement repeated from kept evidence, and since when that is proven to have existed.

    Nobody is asked but whoever knows of the newest time-stamp. Raises :class:`EvidenceUnproven`,
    ``LongTermUnavailable``, ``BlobMissing``, ``BlobDamaged``.
    """
    text, links = links_of(found)
    said = json.loads(text)
    if said["manifest_sha256"] != found.manifest_sha256 or said["content_sha256"] != found.sha256:
        raise EvidenceUnproven(why="manifest")
    since = proven_since(text, links, service.trust(), at=clock.now())
    report, rested_on = evidence.read(found)
    if not report.checked_at - SOON < since < report.checked_at + SOON:
        raise EvidenceUnproven(why=f"{since.isoformat()}, {report.checked_at.isoformat()}")
    store.require_whole(found.sha256)
    beside = [(name, sha256) for name, sha256 in said["beside"]]
    for _, sha256 in beside:
        store.require_whole(sha256)
    again = validate_within(
        store.path_of(found.sha256),
        service.trust().offline_with(rested_on),
        at=report.checked_at,
        budget=service.budget(),
        judge=cms.JUDGE,
        more=service.beside_for(found.sha256, beside),
    )
    return again, since


def files_of(found: SignatureEvidence) -> list[tuple[str, bytes]]:
    """What other programs check the chain with: per link the covered lines and the token, and the record itself."""
    if not found.links.exists():
        return []
    text, links = links_of(found)
    files = [("evidence-record/record.json", text)]
    for order, link in enumerate(links, 1):
        lines = covered(text, links[: order - 1], link.of_the_one_before)
        files += [
            (f"evidence-record/{order:02d}.txt", lines),
            (f"evidence-record/{order:02d}.tst", link.token),
        ]
    return files


@action
def _keep(
    actor: Actor,
    row: Preservation,
    source: DocumentFile,
    found: SignatureEvidence,
    text: bytes,
    links: Sequence[Link],
    made: Link,
) -> None:
    first = {"record": base64.b64encode(text).decode()} if not links else {}
    content: dict[str, Any] = {
        "token": base64.b64encode(made.token).decode(),
        "of_the_one_before": made.of_the_one_before.as_dict(),
        **first,
    }
    blob = store.put(json.dumps(content, sort_keys=True, separators=(",", ":")).encode())
    at = stamped_at(made)
    try:
        with transaction.atomic():
            EvidenceLink.objects.create(evidence=found, ordinal=len(links), content_sha256=blob.sha256, at=at)
    except IntegrityError as twice:
        raise Superseded from twice
    data = {
        "file": source.name,
        "sha256": source.sha256,
        "evidence": found.pk,
        "links": len(links) + 1,
        "at": at,
    }
    record(actor, "signing.stamp_evidence", kind="document", object_id=row.document_id, data=data)


def _record(found: SignatureEvidence, beside: Sequence[tuple[str, str]]) -> bytes:
    """What is stamped: the hash of everything that the verdict is about and rests on."""
    return canonical(
        {
            "format": FORMAT,
            "content_sha256": found.sha256,
            "manifest_sha256": found.manifest_sha256,
            "beside": [list(one) for one in beside],
        }
    )


def _beside(source: DocumentFile) -> list[tuple[str, str]]:
    """The files among which a detached signature found its own, as at the reception check."""
    files = records.readable_files(source.document)
    return [
        (file.name, file.sha256)
        for file in files
        if file.kind != FileKind.CONTENT and file.sha256 != source.sha256
    ]


def _link(kept: dict[str, Any]) -> Link:
    return Link(base64.b64decode(kept["token"]), Evidence.from_dict(kept["of_the_one_before"]))
