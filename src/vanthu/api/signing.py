"""Signing many documents with one unlocking, and the evidence of signatures, for other software. Thin."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from ninja import Router, Schema, Status

from vanthu.api.schemas import Again
from vanthu.base.actors import Actor
from vanthu.issuing import actions, bulk_queries
from vanthu.issuing.batch_models import BatchItem, SigningBatch
from vanthu.issuing.rules import BatchRunning
from vanthu.records import queries
from vanthu.signing import evidence_queries
from vanthu.web.middleware import actor as acting

router = Router(tags=["signing"])


class BatchIn(Schema):
    """The documents, and what opens the key once for all of them; never stored, never logged."""

    documents: list[UUID]
    passphrase: str = ""
    otp: str = ""


class BatchItemOut(Schema):
    """One document's own result; ``code`` and ``message`` say why it was refused."""

    document_id: UUID
    state: str
    code: str
    message: str
    at: datetime | None


class BatchOut(Schema):
    """``state``: RUNNING, DONE, ABANDONED, INTERRUPTED, or ASKING for a key elsewhere."""

    id: UUID
    state: str
    begun_at: datetime
    ended_at: datetime | None
    signed: int
    refused: int
    items: list[BatchItemOut]


class EvidenceOut(Schema):
    """One check of a file's signatures; what it rested on is at ``zip``, its report at ``xml``."""

    id: UUID
    sha256: str
    verdict: str
    level: str
    at: datetime
    zip: str
    xml: str


class KeptFileOut(Schema):
    """A file in force with the checks kept about it, newest first."""

    file_id: UUID
    name: str
    sha256: str
    evidence: list[EvidenceOut]


@router.post("/batches", response={201: BatchOut})
def begin(request: HttpRequest, asked: BatchIn, again: Again = None) -> Status[dict[str, Any]]:
    """Sign the documents one after the other with one unlocking; answers at once, ask how far it is. A call that is
    repeated with the same Idempotency-Key answers with the batch that the first one began."""
    actor = acting(request)
    batch = _begun(actor, asked, again)
    return Status(201, _described(bulk_queries.batch_of(actor, batch.pk)))


def _begun(actor: Actor, asked: BatchIn, again: UUID | None) -> SigningBatch:
    if again is not None and (earlier := bulk_queries.begun_before(actor, again)):
        return earlier
    try:
        return actions.begin_batch(
            actor,
            asked.documents,
            asked.passphrase,
            asked.otp,
            start=actions.in_thread,
            request_key=again,
        )
    except BatchRunning:  # perhaps by the same call, at the same time
        earlier = bulk_queries.begun_before(actor, again) if again is not None else None
        if earlier is None:
            raise
        return earlier


@router.get("/batches/{batch_id}", response=BatchOut)
def progress(request: HttpRequest, batch_id: UUID) -> dict[str, Any]:
    """How far the caller's own batch is."""
    return _described(bulk_queries.batch_of(acting(request), batch_id))


@router.post("/batches/{batch_id}/abandon", response=BatchOut)
def abandon(request: HttpRequest, batch_id: UUID) -> dict[str, Any]:
    """Stop the caller's own batch: what is not signed yet stays unsigned."""
    actor = acting(request)
    bulk_queries.batch_of(actor, batch_id)
    actions.abandon_batch(actor, batch_id)
    return _described(bulk_queries.batch_of(actor, batch_id))


def _described(view: bulk_queries.BatchView) -> dict[str, Any]:
    batch = view.batch
    return {
        "id": batch.pk,
        "state": view.state.value,
        "begun_at": batch.begun_at,
        "ended_at": batch.ended_at,
        "signed": view.signed,
        "refused": view.refused,
        "items": [_item(item) for item in view.items],
    }


def _item(item: BatchItem) -> dict[str, Any]:
    return {name: getattr(item, name) for name in BatchItemOut.model_fields}


@router.get("/documents/{document_id}/evidence", response=list[KeptFileOut])
def evidence(request: HttpRequest, document_id: UUID) -> list[dict[str, Any]]:
    """What is kept about the signatures of a document's files."""
    document = queries.get(acting(request), document_id)
    return [
        {
            "file_id": kept.file.pk,
            "name": kept.file.name,
            "sha256": kept.file.sha256,
            "evidence": [
                {
                    **{name: getattr(one, name) for name in ("sha256", "verdict", "level", "at")},
                    "id": one.pk,
                    "zip": reverse("signature-evidence-zip", args=[document.pk, one.pk]),
                    "xml": reverse("signature-evidence-xml", args=[document.pk, one.pk]),
                }
                for one in kept.evidence
            ],
        }
        for kept in evidence_queries.of_document(document)
    ]
