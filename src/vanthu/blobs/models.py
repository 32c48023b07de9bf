"""State of the blob room: which contents are stored."""

from __future__ import annotations

from django.db import models


class Blob(models.Model):
    """A stored content. The row is written in the transaction that needs it, after the bytes are durable."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    size = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    doomed_at = models.DateTimeField("given up; destroyed a while later unless stored again", null=True)

    def __str__(self) -> str:
        return self.sha256
