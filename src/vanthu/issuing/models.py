"""State of the issuing room: what a draft needs beyond the document itself."""

from __future__ import annotations

from typing import Any

from django.db import models

from vanthu.base.models import Entity
from vanthu.directory.models import Agency, OrgUnit, Post, WorkField
from vanthu.issuing import batch_models, joint_models  # noqa: F401 - Django looks for models here
from vanthu.records.models import Document


class Stage(models.TextChoices):
    """``Document.state`` of an outgoing document (requirements, appendix A)."""

    DRAFT = "DRAFT", "Dự thảo"
    REVIEW = "REVIEW", "Chờ lãnh đạo đơn vị"
    SUBMITTED = "SUBMITTED", "Chờ ký"
    RETURNED = "RETURNED", "Trả lại"
    SIGNED = "SIGNED", "Đã ký, chờ cấp số"
    NUMBERED = "NUMBERED", "Đã cấp số, chờ đóng dấu"
    SEALED = "SEALED", "Đã đóng dấu, chờ phát hành"
    ISSUED = "ISSUED", "Đã phát hành"
    RECALLED = "RECALLED", "Đã thu hồi"
    REPLACED = "REPLACED", "Đã được thay thế"
    VOIDED = "VOIDED", "Đã hủy"


class Draft(models.Model):
    """The path of one outgoing document: who drafts, reviews and signs, to whom it goes, by when."""

    document = models.OneToOneField(
        Document, on_delete=models.CASCADE, primary_key=True, related_name="draft"
    )
    drafter = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(OrgUnit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    field = models.ForeignKey(WorkField, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(Post, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signer = models.ForeignKey(Post, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    issued_at = models.DateTimeField(null=True)
    dispatch_deadline = models.DateTimeField(null=True)
    placement_notes: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    places: models.JSONField[dict[str, Any] | None, dict[str, Any] | None] = models.JSONField(null=True)
    """Chosen by hand: ``spots`` by part on the draft file with this ``sha256``; empty: found on the page."""
    in_order = models.BooleanField(
        "co-issuers sign one after the other, the issuing agency first", default=False
    )
    recall_left_out = models.BooleanField(
        "what this one replaces is asked back of those who do not get this one", default=True
    )
    recall_reason = models.CharField(
        "why, as they read it; empty: by which it is replaced", max_length=500, blank=True
    )
    numbered_at = models.DateTimeField("joint document: number and date stand signed in the file", null=True)

    def __str__(self) -> str:
        return f"draft of {self.document_id}"


class DraftRecipient(Entity):
    """An agency the document will be sent to."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="recipients")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    ordinal = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["ordinal", "id"]
        constraints = [
            models.UniqueConstraint(fields=["document", "agency"], name="issuing_recipient_once"),
        ]

    def __str__(self) -> str:
        return str(self.agency_id)


class Comment(Entity):
    """What somebody said of a document: a contribution, a reason to return it. Never deleted (P6-III.5.a)."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    returned = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text[:40]
