"""State of what is kept about signatures: evidence, time-stamps over it, and by when archived forms are renewed."""

from __future__ import annotations

from django.db import models

from vanthu.base.models import Entity
from vanthu.blobs.fields import BlobField, BlobListField, HashField
from vanthu.records.models import Document


class SignatureEvidence(Entity):
    """Everything that one validation rested on, kept so that it can be repeated decades later without any network
    (requirement L33; TT 15/2025/TT-BKHCN PL II). Never changed; the database refuses it.

    ``manifest_sha256`` is a blob (JSON: the report, certificates, OCSP answers, time-stamps); ``attachments`` are the
    hashes of further blobs that it names (large CRLs, reports in other formats).
    """

    validation = models.UUIDField("key of the Validation that it belongs to", unique=True)
    sha256 = HashField("content that was judged", db_index=True)
    verdict = models.CharField(max_length=15)
    level = models.CharField(max_length=6, blank=True)
    manifest_sha256 = BlobField(db_index=True)
    attachments = BlobListField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.verdict} {self.level}"


class EvidenceLink(Entity):
    """One time-stamp of the chain over an evidence (``pades.evidence_record``), for signatures in files to which
    nothing can be added. Never changed; the database refuses it.

    ``content_sha256`` is a blob (JSON: the token, what the one before was judged by; the first one holds the record).
    """

    evidence = models.ForeignKey(SignatureEvidence, on_delete=models.PROTECT, related_name="links")
    ordinal = models.PositiveSmallIntegerField()
    content_sha256 = BlobField(db_index=True)
    at = models.DateTimeField("what the time-stamp says")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["evidence", "ordinal"], name="signing_evidence_link_once"),
        ]

    def __str__(self) -> str:
        return f"{self.evidence_id} {self.ordinal}"


class Preservation(Entity):
    """One signed file of a document that is kept verifiable: by when its archived form needs a newer time-stamp.

    The forms themselves are file versions of kind PRESERVED, each naming its source by hash; the signed file never
    changes. ``renew_at`` is empty when nothing can be preserved (the file bears no valid signature).
    """

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="preservations")
    source_sha256 = HashField()
    ordinal = models.PositiveSmallIntegerField("0: main file, n: annex n-1", default=0)
    renew_at = models.DateTimeField(null=True, db_index=True)
    level = models.CharField(max_length=6, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField("why the last try failed", max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "ordinal"], name="signing_preserved_once"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id}/{self.ordinal}"
