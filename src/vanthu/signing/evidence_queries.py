"""The reads of evidence and archived forms; the caller has looked whether the document may be seen."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from vanthu.records import queries as records
from vanthu.records.models import Document, DocumentFile, FileKind
from vanthu.signing.evidence_models import EvidenceLink, Preservation, SignatureEvidence
from vanthu.signing.preserving import place_of

MOST = 20
"""Checks shown of one file; the newest ones."""


@dataclass(frozen=True)
class KeptFile:
    """One file in force with what is kept about its signatures, newest first."""

    file: DocumentFile
    evidence: list[SignatureEvidence] = field(default_factory=list)
    forms: list[DocumentFile] = field(default_factory=list)
    preservation: Preservation | None = None
    stamps: list[EvidenceLink] = field(default_factory=list)
    """Time-stamps over the evidence, oldest first, of files that are not PDF."""


def of_document(document: Document) -> list[KeptFile]:
    """Every file in force; five queries whatever the number of files. Empty when the content is sealed."""
    current = records.readable_files(document)
    forms = defaultdict(list)
    for form in _forms(document):
        forms[form.ordinal].append(form)
    hashes = {file.sha256 for file in current} | {form.sha256 for found in forms.values() for form in found}
    about = defaultdict(list)
    for kept in SignatureEvidence.objects.filter(sha256__in=hashes).order_by("-at", "-pk"):
        about[kept.sha256].append(kept)
    stamps = defaultdict(list)
    for link in EvidenceLink.objects.filter(evidence__sha256__in=hashes).select_related("evidence"):
        stamps[link.evidence.sha256].append(link)
    plans = {plan.ordinal: plan for plan in Preservation.objects.filter(document=document)}
    return [
        KeptFile(
            file,
            sorted(
                (kept for one in (file, *forms[_place(file)]) for kept in about[one.sha256]),
                key=lambda kept: kept.at,
                reverse=True,
            )[:MOST],
            forms[_place(file)],
            plans.get(_place(file)),
            sorted(stamps[file.sha256], key=lambda link: (link.evidence.at, link.ordinal)),
        )
        for file in current
    ]


def _place(file: DocumentFile) -> int:
    """Where its archived forms stand; nowhere for what was taken out of a signed file, which is what came."""
    return -1 if file.kind == FileKind.CONTENT else place_of(file)


def one(document: Document, evidence_id: UUID) -> SignatureEvidence | None:
    """An evidence about a file of this document; None for any other, and when the content is sealed."""
    if document.sealed_at is not None:
        return None
    found = SignatureEvidence.objects.filter(pk=evidence_id).first()
    if found is None or not document.files.filter(sha256=found.sha256).exists():
        return None
    return found


def _forms(document: Document) -> list[DocumentFile]:
    if document.sealed_at is not None:
        return []
    return list(document.files.filter(kind=FileKind.PRESERVED).order_by("-version"))
