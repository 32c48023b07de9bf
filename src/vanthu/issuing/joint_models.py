"""State of joint documents (văn bản liên tịch): who issues a document together with the agency that drafts it."""

from __future__ import annotations

from django.db import models

from vanthu.base.models import Entity
from vanthu.directory.models import Agency, Post
from vanthu.records.models import Document


class CoIssuer(Entity):
    """Another agency that signs and seals the document beside the one that drafts, numbers and sends it.

    ``ordinal`` counts from 1 and names its fields in the file. An agency of this site signs by a ``post``; of one
    elsewhere the signer is written down as printed, and what it signed is brought here as a file.
    """

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="co_issuers")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    ordinal = models.PositiveSmallIntegerField()
    post = models.ForeignKey(Post, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signer_name = models.CharField("người ký", max_length=100)
    signer_position = models.CharField("chức vụ người ký", max_length=200, blank=True)
    signer_competence = models.CharField("thẩm quyền ký", max_length=100, blank=True)
    signed_at = models.DateTimeField(null=True)
    serial = models.CharField("of the certificate that signed", max_length=80, blank=True)
    sealed_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField("withdrew after the number was given", null=True)
    left_reason = models.CharField(max_length=500, blank=True)
    reminded_at = models.DateTimeField("asked again by the agency that drafts", null=True)

    class Meta:
        ordering = ["ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["document", "agency"], name="issuing_co_issuer_once"),
            models.UniqueConstraint(
                fields=["document", "ordinal"],
                name="issuing_co_issuer_order",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.document_id}"

    @property
    def here(self) -> bool:
        """Whether its people work on this site."""
        return self.post_id is not None
