"""State of signing many documents at once: which were asked for, what became of each."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from vanthu.base.models import Entity
from vanthu.directory.models import Agency, Post
from vanthu.records.models import Document
from vanthu.signing.models import SigningKey


class BatchState(models.TextChoices):
    """How far a batch is. Who reads RUNNING looks at ``beat_at`` too: a process that died says nothing more.
    ASKING waits for a key elsewhere, as long as its owner takes."""

    ASKING = "ASKING", "Chờ khóa ký"
    RUNNING = "RUNNING", "Đang ký"
    DONE = "DONE", "Đã xong"
    ABANDONED = "ABANDONED", "Đã dừng"
    INTERRUPTED = "INTERRUPTED", "Bị ngắt giữa chừng"


class ItemState(models.TextChoices):
    """What became of one document of a batch."""

    WAITING = "WAITING", "Chờ ký"
    SIGNED = "SIGNED", "Đã ký"
    REFUSED = "REFUSED", "Không ký được"
    LEFT = "LEFT", "Chưa ký"


class SigningBatch(Entity):
    """A leader's documents signed with one unlocking. Neither passphrase nor key is kept, here or anywhere."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=BatchState, default=BatchState.RUNNING)
    begun_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    request_key = models.UUIDField(
        "chosen by whoever called, so that a repeated call begins no second batch", null=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "request_key"], name="issuing_batch_once_per_request"),
            models.UniqueConstraint(
                fields=["post"], condition=Q(state="RUNNING"), name="issuing_one_running_batch"
            ),
        ]

    def __str__(self) -> str:
        return f"batch {self.pk}"


class BatchItem(Entity):
    """One document of a batch and its own result."""

    batch = models.ForeignKey(SigningBatch, on_delete=models.CASCADE, related_name="items")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    ordinal = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=ItemState, default=ItemState.WAITING)
    code = models.CharField(max_length=60, blank=True)
    message = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "document"], name="issuing_batch_document_once"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.state}"
