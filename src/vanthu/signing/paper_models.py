"""State of the papers of custody and authority: what somebody brought to the record of a hand-over or an authority."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.db.models import Q

from vanthu.base.models import Entity
from vanthu.blobs.fields import BlobField
from vanthu.directory.models import Agency
from vanthu.records.models import Document
from vanthu.signing.authority_models import Authority
from vanthu.signing.device_models import Handover


class CustodyPaper(Entity):
    """A paper kept with a hand-over (its minutes as both sides signed them) or with an authority (the decision that
    gives it): a PDF of its own, or a document of the site. Only added, never changed or taken away."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    handover = models.ForeignKey(Handover, null=True, on_delete=models.PROTECT, related_name="papers")
    handover_id: UUID | None
    authority = models.ForeignKey(Authority, null=True, on_delete=models.PROTECT, related_name="papers")
    authority_id: UUID | None
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="+")
    document_id: UUID | None
    sha256 = BlobField(blank=True)
    name = models.CharField(max_length=200)
    added_by_name = models.CharField(max_length=200)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(handover__isnull=False, authority__isnull=True, document__isnull=True)
                | Q(handover__isnull=True, authority__isnull=False),
                name="signing_paper_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(document__isnull=True) ^ Q(sha256=""), name="signing_paper_file_or_document"
            ),
        ]

    def __str__(self) -> str:
        return self.name
