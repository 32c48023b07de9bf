"""Version 1 of the API: lists, one document, its deliveries; signed in by session, seen by the access rule.

Every verb of the pages has its door here too (``outgoing``, ``joint``, ``incoming``, ``copies``, ``signing``); both
call the same actions. State changes need the CSRF token of the session.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Model
from django.http import HttpRequest
from ninja import NinjaAPI, Schema
from ninja.security import django_auth

from vanthu.api import copies, incoming, joint, outgoing, signing
from vanthu.api.schemas import (
    AgencyOut,
    AnswerOut,
    ChangesOut,
    DeliveryOut,
    DocumentDetail,
    DocumentOut,
    PageOut,
    PersonOut,
    SentChangeOut,
    WorkOut,
)
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency, Post
from vanthu.errors import VanthuError
from vanthu.exchange import changes
from vanthu.exchange.models import Change, Delivery
from vanthu.formalities import Steering
from vanthu.records import queries
from vanthu.records.models import Direction, Document
from vanthu.web import work as waiting
from vanthu.web.middleware import actor as acting
from vanthu.web.words import error_answer

MOST_WORK = 200

api = NinjaAPI(title="Vanthu", version="1", auth=django_auth, docs_url=None)
api.add_router("", outgoing.router)
api.add_router("", joint.router)
api.add_router("", incoming.router)
api.add_router("", copies.router)
api.add_router("", signing.router)


@api.exception_handler(VanthuError)
def refused(request: HttpRequest, error: Exception) -> Any:
    """A domain error as JSON with its stable code."""
    assert isinstance(error, VanthuError)
    return api.create_response(request, error_answer(error), status=error.http_status)


@api.get("/documents", response=PageOut)
def documents(
    request: HttpRequest,
    direction: Direction,
    q: str = "",
    document_id: str = "",
    steering: Steering = Steering.ORDINARY,
    before: UUID | None = None,
) -> dict[str, Any]:
    """The caller's incoming or outgoing documents, newest first, with this ``document_id`` or ``steering`` only."""
    actor = acting(request)
    if document_id:
        found = queries.visible(actor).filter(direction=direction, document_id=document_id)
        return {"documents": list(found.order_by("-pk")[: queries.PAGE_SIZE]), "next_before": None}
    page = queries.page(actor, direction, text=q, steering=steering, before=before)
    return {"documents": list(page.documents), "next_before": page.next_before}


@api.get("/search", response=list[DocumentOut])
def search(request: HttpRequest, q: str) -> list[Document]:
    """The caller's documents that hold every word, accents aside."""
    return queries.search(acting(request), q)


@api.get("/documents/{document_id}", response=DocumentDetail)
def document(request: HttpRequest, document_id: UUID) -> dict[str, Any]:
    """One document, also one that another agency shares to be signed or sealed; 404 without a part in it."""
    found = queries.get_open(acting(request), document_id)
    deliveries = Delivery.objects.filter(document=found).select_related("recipient")
    return {
        **_plain(found, DocumentDetail),
        "files": queries.current_files(found),
        "co_issuers": joint.co_issuers(found),
        "deliveries": [
            {
                **{
                    name: getattr(delivery, name)
                    for name in DeliveryOut.model_fields
                    if hasattr(delivery, name)
                },
                "recipient_name": delivery.recipient.name,
                "statuses": list(delivery.statuses.all()),
            }
            for delivery in deliveries.prefetch_related("statuses")
        ],
    }


@api.get("/documents/{document_id}/changes", response=ChangesOut)
def changes_of(request: HttpRequest, document_id: UUID) -> dict[str, Any]:
    """Take-back, recall, update of a document: what was decided here, or asked by its sender, and the answers."""
    found = queries.get(acting(request), document_id)
    sent = Change.objects.filter(document=found).prefetch_related("targets__delivery__recipient")
    return {
        "sent": [
            {
                **_plain(change, SentChangeOut),
                "answers": [
                    {**_plain(target, AnswerOut), "recipient_name": target.delivery.recipient.name}
                    for target in change.targets.all()
                ],
            }
            for change in sent
        ],
        "asked": changes.asked_before(found.pk),
    }


@api.get("/me", response=PersonOut)
def me(request: HttpRequest) -> dict[str, Any]:
    """The caller's post."""
    post = Post.objects.select_related("person", "unit").get(pk=acting(request).own_post)
    return _person(post)


@api.get("/colleagues", response=list[PersonOut])
def colleagues(request: HttpRequest) -> list[dict[str, Any]]:
    """Everybody who can be given work or asked to sign in the caller's agency."""
    return [_person(post) for post in directory.colleagues(acting(request).agency_id)]


@api.get("/agencies", response=list[AgencyOut])
def agencies(request: HttpRequest, q: str) -> list[Agency]:
    """Agencies by name, abbreviation or identifier, accents aside."""
    return directory.find_agencies(q, exclude=acting(request).agency_id)


@api.get("/work", response=list[WorkOut])
def work(request: HttpRequest) -> list[dict[str, Any]]:
    """What waits for the caller, as on the work page: first what is no document, then by verb, urgent first."""
    tasks, items = waiting.listed(acting(request), MOST_WORK)
    return [
        *(
            {
                "verb": "",
                "document": None,
                "title": str(task.title),
                "url": task.url,
                "due_at": task.due_at,
                "reason": str(task.note),
            }
            for task in tasks
        ),
        *(
            {
                "verb": item.verb,
                "document": item.document,
                "title": item.document.subject,
                "url": f"/documents/{item.document_id}/",
                "due_at": item.due_at,
                "reason": item.reason,
            }
            for item in items
        ),
    ]


def _person(post: Post) -> dict[str, Any]:
    return {
        "id": post.pk,
        "name": post.person.full_name,
        "position": post.position,
        "unit": post.unit.name if post.unit else "",
        "roles": post.roles,
    }


def _plain(row: Model, schema: type[Schema]) -> dict[str, Any]:
    """The fields that a row and a schema share, relations aside."""
    columns = {field.attname for field in row._meta.concrete_fields}
    return {name: getattr(row, name) for name in schema.model_fields if name in columns}
