"""What the verbs of issuing share: whose step it is, what must not have changed, what is said to the audit."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.directory.models import Post
from vanthu.formalities import number_text
from vanthu.issuing.batch_models import BatchItem, BatchState, ItemState
from vanthu.issuing.models import Draft, Stage
from vanthu.issuing.rules import (
    EDITABLE,
    ChangedMeanwhile,
    NotADrafter,
    NotEditable,
    require_stage,
)
from vanthu.pades import signer_fields
from vanthu.records import queries
from vanthu.records.models import (
    Direction,
    Document,
    DocumentFile,
    FileKind,
    Verb,
)
from vanthu.records.participants import require_step
from vanthu.signing import service

SIGNER_FIELD = signer_fields(1)[0]


class NumberAndDate(TypedDict):
    """What ``pades`` writes into the two reserved fields, and when and where."""

    number: str
    issued_date: date
    font: bytes
    date_font: bytes
    place: str
    signed_at: datetime
    location: str | None


def number_and_date(document: Document) -> NumberAndDate:
    """Of a document that has its number, for signing now."""
    assert document.number is not None and document.issued_date is not None
    return {
        "number": number_text(document.number),
        "issued_date": document.issued_date,
        "font": service.font("Regular"),
        "date_font": service.font("Italic"),
        "place": document.issue_place,
        "signed_at": clock.local(clock.now()),
        "location": document.issue_place or None,
    }


def own_draft(actor: Actor, document_id: UUID) -> tuple[Document, Draft]:
    document = queries.locked(actor, document_id, Direction.OUTGOING)
    draft = Draft.objects.select_related("drafter", "signer__person").get(document=document)
    require_drafter(actor, draft)
    if document.state not in EDITABLE:
        raise NotEditable(state=Stage(document.state).label)
    return document, draft


def require_drafter(actor: Actor, draft: Draft) -> None:
    if draft.drafter_id != actor.post_id:
        raise NotADrafter


def require_waiting(actor: Actor, document: Document, verb: Verb, *stages: Stage) -> None:
    require_step(actor, document, verb, state_label=Stage(document.state).label)
    require_stage(document.state, *stages)
    if verb is Verb.NUMBER:
        actor.require(Role.CLERK)


def require_unchanged(document: Document, seen: DocumentFile) -> None:
    if current_main(document).pk != seen.pk:
        raise ChangedMeanwhile


def current_main(document: Document) -> DocumentFile:
    file = queries.main_file(document)
    if file is None:
        raise ChangedMeanwhile
    return file


def annexes_of(document: Document) -> list[DocumentFile]:
    return [file for file in queries.current_files(document) if file.kind == FileKind.ANNEX]


def check_later(document: Document) -> None:
    """Have the signatures checked as any reader would, in the background; the page shows what was found."""
    from vanthu.base.worker import CHECKS
    from vanthu.issuing.jobs import check_sealed

    check_sealed.configure(priority=CHECKS).defer(document_id=str(document.id))


def touch(document: Document, *fields: str) -> None:
    document.changed_at = clock.now()
    document.save(update_fields=[*fields, "changed_at"])


def said(document: Document) -> dict[str, object]:
    return {
        "subject": document.subject,
        "type": document.type_code,
        "urgency": document.urgency,
        "code": document.code,
        "state": document.state,
    }


def file_said(file: DocumentFile) -> dict[str, object]:
    return {"file": file.name, "sha256": file.sha256, "version": file.version, "stage": file.stage}


def drafter_post(actor: Actor) -> Post:
    return Post.objects.select_related("agency", "unit").get(pk=actor.own_post)


def mark_signed(actor: Actor, document_id: UUID) -> None:
    """Note the result in the transaction that keeps the signature; a plain function for inside an action."""
    mine = BatchItem.objects.filter(
        document_id=document_id,
        batch__post_id=actor.own_post,
        batch__state__in=(BatchState.ASKING, BatchState.RUNNING),
    )
    mine.update(state=ItemState.SIGNED, at=clock.now())
