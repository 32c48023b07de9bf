"""Version 1 of the API: lists, one document, its deliveries; signed in by the session, seen by the access rule."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import NinjaAPI, Schema
from ninja.security import django_auth

from vanthu.errors import VanthuError
from vanthu.exchange.models import Delivery
from vanthu.records import queries
from vanthu.records.models import Direction, Document
from vanthu.web.middleware import actor as acting

api = NinjaAPI(title="Vanthu", version="1", auth=django_auth, docs_url=None)


class DocumentOut(Schema):
    """One document in a list."""

    id: UUID
    direction: str
    state: str
    type_code: str
    code: str
    subject: str
    urgency: int
    issuer_name: str
    issued_date: date | None
    arrival_number: int | None
    created_at: datetime


class FileOut(Schema):
    """One current file; its bytes are at ``/files/{id}``."""

    id: UUID
    kind: str
    stage: str
    name: str
    media_type: str
    sha256: str
    size: int


class DeliveryStatusOut(Schema):
    """One status a recipient reported."""

    code: str
    at: datetime
    staff: str
    description: str


class DeliveryOut(Schema):
    """How far the document is at one recipient."""

    recipient_code: str
    recipient_name: str
    channel: str
    state: str
    sent_at: datetime | None
    received_at: datetime | None
    last_error: str
    statuses: list[DeliveryStatusOut]


class DocumentDetail(DocumentOut):
    """One document with its files and deliveries."""

    document_id: str
    signer_name: str
    signer_position: str
    files: list[FileOut]
    deliveries: list[DeliveryOut]


class PageOut(Schema):
    """A page of a list; ask again with ``before=next_before`` for the next."""

    documents: list[DocumentOut]
    next_before: UUID | None


@api.exception_handler(VanthuError)
def refused(request: HttpRequest, error: Exception) -> Any:
    """A domain error as JSON with its stable code."""
    assert isinstance(error, VanthuError)
    return api.create_response(request, error.as_dict(), status=error.http_status)


@api.get("/documents", response=PageOut)
def documents(
    request: HttpRequest, direction: Direction, q: str = "", before: UUID | None = None
) -> dict[str, Any]:
    """The caller's incoming or outgoing documents, newest first."""
    page = queries.page(acting(request), direction, text=q, before=before)
    return {"documents": list(page.documents), "next_before": page.next_before}


@api.get("/search", response=list[DocumentOut])
def search(request: HttpRequest, q: str) -> list[Document]:
    """The caller's documents that hold every word, accents aside."""
    return queries.search(acting(request), q)


@api.get("/documents/{document_id}", response=DocumentDetail)
def document(request: HttpRequest, document_id: UUID) -> dict[str, Any]:
    """One document; 404 when the caller takes no part in it."""
    found = queries.get(acting(request), document_id)
    deliveries = Delivery.objects.filter(document=found).select_related("recipient")
    return {
        **{name: getattr(found, name) for name in DocumentDetail.model_fields if hasattr(found, name)},
        "files": queries.current_files(found),
        "deliveries": [
            {
                **{name: getattr(delivery, name) for name in DeliveryOut.model_fields if hasattr(delivery, name)},
                "recipient_name": delivery.recipient.name,
                "statuses": list(delivery.statuses.all()),
            }
            for delivery in deliveries.prefetch_related("statuses")
        ],
    }
