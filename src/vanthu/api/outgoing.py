"""The verbs of an outgoing document for other software: draft, submit, review, sign, issue. Thin."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from uuid import UUID

from django.http import HttpRequest
from ninja import File, Form, Router, Schema, Status, UploadedFile

from vanthu.api.schemas import ChangeOut, DocumentOut
from vanthu.exchange.models import Change
from vanthu.formalities import Steering
from vanthu.formalities.byhand import Part
from vanthu.formalities.frames import Spot
from vanthu.issuing import actions, preview
from vanthu.issuing.rules import DraftData, UpdateData
from vanthu.issuing.uploads import taken
from vanthu.records.models import Document
from vanthu.web.middleware import actor as acting

router = Router(tags=["outgoing"])


class DraftIn(Schema):
    """What a drafter enters."""

    type_code: str
    subject: str
    urgency: int = 0
    restriction: str = ""
    steering: Steering = Steering.ORDINARY
    field_id: str = ""
    issue_place: str = ""
    signer_id: str = ""
    recipient_ids: list[str] = []
    distribution: list[str] = []
    reply_due: date | None = None
    reply_to_id: str = ""
    replaces: list[str] = []
    recall_left_out: bool = True
    recall_reason: str = ""
    note: str = ""

    def entered(self) -> DraftData:
        """The values for the action."""
        return DraftData(**self.model_dump())


class Reason(Schema):
    """Why."""

    reason: str


class Text(Schema):
    """What is said."""

    text: str


class Passphrase(Schema):
    """Opens the signing key for this one act; never stored, never logged."""

    passphrase: str = ""
    """Passphrase of a file, PIN of a device or of a remote key."""
    otp: str = ""


class TakeBackIn(Schema):
    """Of which deliveries a wrongly sent document is asked back, and why."""

    deliveries: list[UUID] = []
    reason: str


class RecallIn(Schema):
    """Why a document is recalled, and by which paper that was decided."""

    reason: str
    decision: str = ""


class UpdateIn(Schema):
    """What is said of an issued document from now on; ``added`` and ``removed`` are keys of agencies."""

    reason: str
    subject: str
    urgency: int = 0
    reply_due: date | None = None
    distribution: list[str] = []
    added: list[str] = []
    removed: list[str] = []

    def entered(self) -> UpdateData:
        """The values for the action."""
        return UpdateData(**self.model_dump(exclude={"reason"}))


class SpotIn(Schema):
    """A box on a page as shown: ``page`` from 1, millimetres from its top left corner."""

    page: int
    left: float
    top: float
    width: float
    height: float


class PlacesIn(Schema):
    """Where each part goes; empty: the system finds the places. ``confirmed``: it may cover what is printed."""

    spots: dict[Part, SpotIn] = {}
    confirmed: bool = False


class PlacesOut(Schema):
    """Where each part stands. ``by_hand``: somebody chose; otherwise the system found or suggests them."""

    spots: dict[Part, SpotIn]
    by_hand: bool


@router.post("/drafts", response={201: DocumentOut})
def create(request: HttpRequest, draft: DraftIn) -> Status[Document]:
    """Begin an outgoing document."""
    return Status(201, actions.create_draft(acting(request), draft.entered()))


@router.put("/drafts/{document_id}", response=DocumentOut)
def update(request: HttpRequest, document_id: UUID, draft: DraftIn) -> Document:
    """Change the fields of a draft."""
    return actions.update_draft(acting(request), document_id, draft.entered())


@router.post("/drafts/{document_id}/main", response={204: None})
def main_file(request: HttpRequest, document_id: UUID, file: File[UploadedFile]) -> Status[None]:
    """Put the document's file in place (PDF, or DOCX that is turned into PDF)."""
    actions.attach_main(acting(request), document_id, taken(file))
    return Status(204, None)


@router.post("/drafts/{document_id}/annexes", response={204: None})
def annex(request: HttpRequest, document_id: UUID, file: File[UploadedFile]) -> Status[None]:
    """Add a separate annex."""
    actions.attach_annex(acting(request), document_id, taken(file))
    return Status(204, None)


@router.get("/documents/{document_id}/places", response=PlacesOut)
def present_places(request: HttpRequest, document_id: UUID) -> PlacesOut:
    """Where number, date, signature and seal stand, or where to begin putting them when the page does not tell."""
    desk = preview.desk(*preview.placeable(acting(request), document_id))
    spots = {part: SpotIn(**asdict(spot)) for part, spot in desk.spots.items()}
    return PlacesOut(spots=spots, by_hand=desk.by_hand)


@router.put("/documents/{document_id}/places", response=DocumentOut)
def places(request: HttpRequest, document_id: UUID, wanted: PlacesIn) -> Document:
    """Put number, date, signature and seal on the page, or leave that to the system."""
    if not wanted.spots:
        return actions.place_by_itself(acting(request), document_id)
    spots = {part: Spot(**spot.model_dump()) for part, spot in wanted.spots.items()}
    return actions.place_by_hand(acting(request), document_id, spots, confirmed=wanted.confirmed)


@router.post("/documents/{document_id}/submit", response=DocumentOut)
def submit(request: HttpRequest, document_id: UUID) -> Document:
    """Submit for signature."""
    return actions.submit(acting(request), document_id)


@router.post("/documents/{document_id}/withdraw", response=DocumentOut)
def withdraw(request: HttpRequest, document_id: UUID) -> Document:
    """Take a submitted document back."""
    return actions.withdraw(acting(request), document_id)


@router.post("/documents/{document_id}/reopen", response=DocumentOut)
def reopen(request: HttpRequest, document_id: UUID, said: Reason) -> Document:
    """Drafter or clerk takes a signed document back before it has a number: every approval is void."""
    return actions.reopen(acting(request), document_id, said.reason)


@router.post("/documents/{document_id}/approve-review", response=DocumentOut)
def approve_review(request: HttpRequest, document_id: UUID) -> Document:
    """The unit head approves."""
    return actions.approve_review(acting(request), document_id)


@router.post("/documents/{document_id}/return", response=DocumentOut)
def return_draft(request: HttpRequest, document_id: UUID, said: Reason) -> Document:
    """Unit head or signer gives the document back."""
    return actions.return_draft(acting(request), document_id, said.reason)


@router.post("/documents/{document_id}/comment", response={204: None})
def comment(request: HttpRequest, document_id: UUID, said: Text) -> Status[None]:
    """Say something of the document."""
    actions.comment(acting(request), document_id, said.text)
    return Status(204, None)


@router.post("/documents/{document_id}/sign", response=DocumentOut)
def sign(request: HttpRequest, document_id: UUID, key: Form[Passphrase]) -> Document:
    """The competent person signs."""
    return actions.sign_document(acting(request), document_id, key.passphrase, key.otp)


@router.post("/documents/{document_id}/issue", response=DocumentOut)
def issue(request: HttpRequest, document_id: UUID, key: Form[Passphrase]) -> Document:
    """The clerk numbers, seals and dispatches."""
    return actions.issue(acting(request), document_id, key.passphrase, key.otp)


@router.post("/documents/{document_id}/cancel", response=DocumentOut)
def cancel(request: HttpRequest, document_id: UUID, said: Reason) -> Document:
    """Clerk or signer gives up a document that has its number and was not sent; the number is struck."""
    return actions.cancel_numbered(acting(request), document_id, said.reason)


@router.post("/documents/{document_id}/cancel-noted", response=DocumentOut)
def cancel_noted(request: HttpRequest, document_id: UUID) -> Document:
    """Somebody who had a hand in a cancelled document has read that it is."""
    return actions.note_cancelled(acting(request), document_id)


@router.post("/documents/{document_id}/take-back", response=ChangeOut)
def take_back(request: HttpRequest, document_id: UUID, asked: TakeBackIn) -> Change:
    """The clerk asks recipients that have not registered the document to give it back."""
    return actions.take_back(acting(request), document_id, asked.deliveries, asked.reason)


@router.post("/documents/{document_id}/recall", response=ChangeOut)
def recall(request: HttpRequest, document_id: UUID, asked: RecallIn) -> Change:
    """A leader recalls an issued document; a clerk proposes it."""
    return actions.recall(acting(request), document_id, asked.reason, asked.decision)


@router.post("/documents/{document_id}/update-issued", response=ChangeOut)
def update_issued(request: HttpRequest, document_id: UUID, asked: UpdateIn) -> Change:
    """A leader changes what is said of an issued document, or whom it goes to; a clerk proposes it."""
    return actions.update_issued(acting(request), document_id, asked.entered(), asked.reason)


@router.post("/documents/{document_id}/changes/{change_id}/decide", response=ChangeOut)
def decide(request: HttpRequest, document_id: UUID, change_id: UUID) -> Change:
    """The leader decides as proposed."""
    return actions.decide_change(acting(request), document_id, change_id)


@router.post("/documents/{document_id}/changes/{change_id}/drop", response=ChangeOut)
def drop(request: HttpRequest, document_id: UUID, change_id: UUID, said: Reason) -> Change:
    """The leader decides against the proposal."""
    return actions.drop_change(acting(request), document_id, change_id, said.reason)


@router.post("/documents/{document_id}/returned/{target_id}", response={204: None})
def returned(request: HttpRequest, document_id: UUID, target_id: UUID) -> Status[None]:
    """The clerk notes that a paper copy came home."""
    actions.paper_returned(acting(request), document_id, target_id)
    return Status(204, None)
