"""State of the audit room: one chain per agency, its events in order."""

from __future__ import annotations

from typing import Any

from django.db import models

from vanthu.base.ids import new_id


class Chain(models.Model):
    """The head of one agency's chain; locked while an event is appended."""

    agency_id = models.UUIDField(primary_key=True)
    length = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"{self.agency_id}#{self.length}"


class Event(models.Model):
    """One event: who did what to which object, when, from where, with which result (requirements, appendix B)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency_id = models.UUIDField()
    sequence = models.BigIntegerField()
    at = models.DateTimeField()
    verb = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=40)
    object_id = models.UUIDField(null=True)
    actor_post = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=200)
    actor_position = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=64, blank=True)
    data: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency_id", "sequence"], name="audit_event_sequence")]
        indexes = [models.Index(fields=["object_id", "sequence"], name="audit_event_object")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.verb}"
