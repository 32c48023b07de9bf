"""State of the portal room: how often strangers called, and nothing about them."""

from __future__ import annotations

from django.db import models


class Visits(models.Model):
    """Calls of one network in one minute. ``caller`` is a keyed hash: the address itself is not kept."""

    caller = models.CharField(max_length=64)
    kind = models.CharField(max_length=10)
    minute = models.DateTimeField()
    calls = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["caller", "kind", "minute"], name="portal_visits_once"),
        ]
        indexes = [models.Index(fields=["minute"], name="portal_visits_minute")]

    def __str__(self) -> str:
        return f"{self.kind} {self.minute}"
