"""What the API answers, and what several of its doors take."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from ninja import Field, Header, Schema

Again = Annotated[UUID | None, Header(alias="Idempotency-Key")]
"""Chosen by the caller: the same key never has the same thing done a second time."""


class DocumentOut(Schema):
    """One document in a list."""

    id: UUID
    direction: str
    state: str
    type_code: str
    code: str
    document_id: str
    subject: str
    urgency: int
    steering: str
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


class CoIssuerOut(Schema):
    """An agency that issues a joint document beside the one that drafts; ``here``: it works on this site.

    ``left_at``: it withdrew after the number was given, for ``left_reason``.
    """

    id: UUID
    agency_id: UUID
    agency_name: str
    here: bool
    signer_name: str
    signer_position: str
    signed_at: datetime | None
    sealed_at: datetime | None
    left_at: datetime | None
    left_reason: str
    reminded_at: datetime | None


class DocumentDetail(DocumentOut):
    """One document with its files and deliveries; ``co_issuers`` of a joint document, empty otherwise."""

    signer_name: str
    signer_position: str
    files: list[FileOut]
    deliveries: list[DeliveryOut]
    co_issuers: list[CoIssuerOut]


class PageOut(Schema):
    """A page of a list; ask again with ``before=next_before`` for the next."""

    documents: list[DocumentOut]
    next_before: UUID | None


class PersonOut(Schema):
    """A post that can be given work, or the caller's own."""

    id: UUID
    name: str
    position: str
    unit: str
    roles: list[str]


class AgencyOut(Schema):
    """An agency that can be addressed."""

    id: UUID
    name: str
    parent_name: str
    organ_id: str
    hosted: bool


class WorkOut(Schema):
    """A document that waits for the caller, or something that is none: its page is at ``url``."""

    verb: str = Field(description="what is to be done with the document; empty when it is none")
    document: DocumentOut | None
    title: str
    url: str
    due_at: datetime | None
    reason: str


class ChangeOut(Schema):
    """A decision, or a proposal, to take back, recall or update an issued document."""

    id: UUID
    kind: str
    state: str
    reason: str
    decision: str
    at: datetime
    decided_at: datetime | None


class AnswerOut(Schema):
    """What one recipient said to a change of a document."""

    id: UUID
    recipient_name: str
    state: str
    asked_at: datetime
    answered_at: datetime | None
    answered_by: str
    answer: str


class SentChangeOut(ChangeOut):
    """A change of an issued document with everybody's answers."""

    answers: list[AnswerOut]


class AskedChangeOut(Schema):
    """What the sender of a received document asks, and what was answered."""

    id: UUID
    kind: str
    state: str
    reason: str
    rule: str
    asked_at: datetime
    answered_at: datetime | None
    answered_by: str
    answer: str


class ChangesOut(Schema):
    """Both sides of what was done to a document after it was sent."""

    sent: list[SentChangeOut]
    asked: list[AskedChangeOut]
