"""The verbs of an incoming document for other software: register, reject, direct, start, complete. Thin."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status

from vanthu.api.schemas import DocumentOut
from vanthu.handling import actions, answering
from vanthu.records.models import Document
from vanthu.web.middleware import actor as acting

router = Router(tags=["incoming"])


class RegisterIn(Schema):
    """To which leader's post; the first leader's when empty."""

    submit_to: UUID | None = None


class RejectIn(Schema):
    """A coded reason and a text for the sender."""

    code: str
    reason: str


class DirectiveIn(Schema):
    """The leader's directive; keys are posts of the agency."""

    text: str
    lead: UUID | None = None
    collaborators: list[UUID] = []
    informed: list[UUID] = []
    due_at: datetime | None = None


class ResultIn(Schema):
    """What came of it."""

    result: str = ""


class NoteIn(Schema):
    """How it stands."""

    text: str


class RefusalIn(Schema):
    """Why what the sender asks is refused."""

    reason: str


@router.post("/documents/{document_id}/register", response=DocumentOut)
def register(request: HttpRequest, document_id: UUID, asked: RegisterIn) -> Document:
    """Give the arrival number and submit to the leader."""
    return actions.register(acting(request), document_id, submit_to=asked.submit_to)


@router.post("/documents/{document_id}/reject", response=DocumentOut)
def reject(request: HttpRequest, document_id: UUID, asked: RejectIn) -> Document:
    """Refuse and tell the sender why."""
    return actions.reject(acting(request), document_id, asked.code, asked.reason)


@router.post("/documents/{document_id}/direct", response={204: None})
def direct(request: HttpRequest, document_id: UUID, asked: DirectiveIn) -> Status[None]:
    """Give the directive."""
    actions.direct(
        acting(request),
        document_id,
        text=asked.text,
        lead=asked.lead,
        collaborators=asked.collaborators,
        informed=asked.informed,
        due_at=asked.due_at,
    )
    return Status(204, None)


@router.post("/documents/{document_id}/start", response=DocumentOut)
def start(request: HttpRequest, document_id: UUID) -> Document:
    """Begin the work."""
    return actions.start(acting(request), document_id)


@router.post("/documents/{document_id}/note", response={204: None})
def note(request: HttpRequest, document_id: UUID, said: NoteIn) -> Status[None]:
    """Report progress."""
    actions.add_note(acting(request), document_id, said.text)
    return Status(204, None)


@router.post("/documents/{document_id}/finish", response=DocumentOut)
def finish(request: HttpRequest, document_id: UUID, said: ResultIn) -> Document:
    """A collaborator is done, or an informed person has read it."""
    return actions.finish_part(acting(request), document_id, said.result)


@router.post("/documents/{document_id}/complete", response=DocumentOut)
def complete(request: HttpRequest, document_id: UUID, said: ResultIn) -> Document:
    """The lead closes the work."""
    return actions.complete(acting(request), document_id, said.result)


@router.post("/documents/{document_id}/requests/{change_id}/agree", response=DocumentOut)
def agree(request: HttpRequest, document_id: UUID, change_id: UUID) -> Document:
    """Agree to what the sender asks: it takes effect and the sender is told (15)."""
    return answering.agree(acting(request), document_id, change_id)


@router.post("/documents/{document_id}/requests/{change_id}/refuse", response=DocumentOut)
def refuse(request: HttpRequest, document_id: UUID, change_id: UUID, said: RefusalIn) -> Document:
    """Refuse what the sender asks, with a reason (16)."""
    return answering.refuse(acting(request), document_id, change_id, said.reason)


@router.post("/documents/{document_id}/noted", response=DocumentOut)
def noted(request: HttpRequest, document_id: UUID) -> Document:
    """Somebody who had a recalled document knows that it is gone."""
    return answering.noted(acting(request), document_id)
