"""Reads of the handling room."""

from __future__ import annotations

from django.db.models import QuerySet

from vanthu.base.actors import Actor
from vanthu.handling.models import IntakeVerdict, Stage
from vanthu.records.models import Document, Verb, WorkItem


def registrable(actor: Actor) -> QuerySet[Document]:
    """Arrived documents that passed every check and wait for this clerk, urgent first, oldest first."""
    waiting = WorkItem.objects.filter(principal__in=actor.principals, verb=Verb.REGISTER)
    return Document.objects.filter(
        pk__in=waiting.values("document_id"),
        agency_id=actor.agency_id,
        state=Stage.ARRIVED,
        intake__verdict=IntakeVerdict.ACCEPTABLE,
    ).order_by("-urgency", "pk")
