"""Copies that the agency makes, for other software: make, print, withdraw, verify. Thin."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.http import HttpRequest
from ninja import File, Form, Router, Schema, Status, UploadedFile

from vanthu.api.schemas import Again
from vanthu.base.actors import Actor
from vanthu.copying import actions, queries
from vanthu.copying.forms import require_size
from vanthu.copying.models import Copy, Way
from vanthu.copying.models import Form as CopyForm
from vanthu.copying.rules import Wanted, require_possible
from vanthu.vietnamese import nfc
from vanthu.web.middleware import actor as acting

router = Router(tags=["copies"])

ELECTRONIC = (Way.PAPER_TO_ELECTRONIC, Way.ELECTRONIC_TO_ELECTRONIC)


class CopyIn(Schema):
    """What a copy is to be; ``source_*`` only where the system does not hold what is copied."""

    form: CopyForm
    way: Way
    signer_id: UUID
    made_from: str = ""
    extent: str = ""
    sheets: int = 1
    recipients: list[str] = []
    source_code: str = ""
    source_date: date | None = None
    source_issuer: str = ""
    source_subject: str = ""
    passphrase: str = ""
    """Of the agency's key, for an electronic copy; never stored, never logged."""
    otp: str = ""

    def wanted(self) -> Wanted:
        """In the words of the rules."""
        return Wanted(
            form=self.form,
            way=self.way,
            signer_id=self.signer_id,
            made_from=nfc(self.made_from)[:200],
            extent=nfc(self.extent)[:300],
            sheets=min(max(self.sheets, 1), 999),
            recipients=[nfc(line.strip())[:200] for line in self.recipients if line.strip()][:30],
            source_code=nfc(self.source_code)[:80],
            source_date=self.source_date,
            source_issuer=nfc(self.source_issuer)[:200],
            source_subject=nfc(self.source_subject)[:500],
        )


class WithdrawIn(Schema):
    """Why a copy is taken back."""

    reason: str


class CopyOut(Schema):
    """One copy; its bytes, once it has some, are at ``/copies/{id}/file``."""

    id: UUID
    document_id: UUID | None
    form: str
    way: str
    code: str
    lookup: str
    source_code: str
    source_date: date | None
    source_issuer: str
    signer_name: str
    sheets: int
    made_at: datetime
    made_by_name: str
    file_sha256: str
    file_size: int
    withdrawn_at: datetime | None


class CopyDetail(CopyOut):
    """``standing``: IN_FORCE, WITHDRAWN, RECALLED or REPLACED."""

    standing: str


class PublicCopyOut(Schema):
    """What anybody who holds a copy's code may learn."""

    standing: str
    form: str
    code: str
    agency: str
    made_at: datetime
    source_code: str
    source_date: date | None
    source_issuer: str
    subject: str
    source_sha256: str
    file_sha256: str


@router.post("/documents/{document_id}/copies", response={201: CopyOut})
def of_document(
    request: HttpRequest,
    document_id: UUID,
    asked: Form[CopyIn],
    again: Again = None,
    file: File[UploadedFile | None] = None,
) -> Status[Copy]:
    """The clerk makes a copy of a document of the system."""
    return Status(201, _made(request, document_id, asked, again, file))


@router.post("/copies", response={201: CopyOut})
def of_paper(
    request: HttpRequest, asked: Form[CopyIn], again: Again = None, file: File[UploadedFile | None] = None
) -> Status[Copy]:
    """The clerk makes a copy of a paper that the system does not hold."""
    return Status(201, _made(request, None, asked, again, file))


def _made(
    request: HttpRequest, document_id: UUID | None, asked: CopyIn, again: UUID | None, file: Any
) -> Copy:
    actor = acting(request)
    if again is not None and (earlier := queries.made_before(actor, again)):
        return earlier
    try:
        return _new(actor, document_id, asked, again, file)
    except IntegrityError:  # the same call, at the same time
        earlier = queries.made_before(actor, again) if again is not None else None
        if earlier is None:
            raise
        return earlier


def _new(actor: Actor, document_id: UUID | None, asked: CopyIn, key: UUID | None, file: Any) -> Copy:
    wanted = asked.wanted()
    pages = None
    if file is not None:
        require_size(file.size or 0)
        pages = file.file
    if wanted.way not in ELECTRONIC:
        return actions.make_paper(actor, document_id, wanted, pages, request_key=key)
    require_possible(wanted, has_document=document_id is not None, has_upload=pages is not None)
    assert pages is not None
    return actions.make_electronic(
        actor, document_id, wanted, pages, asked.passphrase, asked.otp, request_key=key
    )


@router.get("/copies", response=list[CopyOut])
def copies(request: HttpRequest, before: UUID | None = None) -> list[Copy]:
    """The agency's copies, newest first, at most 50; ``before``: the last id of the page before."""
    actor = acting(request)
    queries.require_reader(actor)
    return queries.page(actor, before=before)


@router.get("/copies/by-code/{code}", response=PublicCopyOut)
def by_code(request: HttpRequest, code: str) -> dict[str, Any]:
    """Verify a copy: the public record that its code opens."""
    acting(request)
    found = queries.public_record(code)
    copy = found.copy
    shared = (
        "code",
        "made_at",
        "source_code",
        "source_date",
        "source_issuer",
        "source_sha256",
        "file_sha256",
    )
    return {
        **{name: getattr(copy, name) for name in shared},
        "standing": found.standing,
        "form": copy.form,
        "agency": copy.agency.name,
        "subject": found.subject,
    }


@router.get("/copies/{copy_id}", response=CopyDetail)
def copy(request: HttpRequest, copy_id: UUID) -> dict[str, Any]:
    """One copy, and whether it still stands."""
    found = queries.get(acting(request), copy_id)
    values = {name: getattr(found, name) for name in CopyOut.model_fields}
    return {**values, "standing": queries.standing_of(found)}


@router.post("/copies/{copy_id}/print", response=CopyOut)
def print_copy(request: HttpRequest, copy_id: UUID) -> Copy:
    """The clerk prints a paper copy: recorded, then its file is there."""
    return actions.print_copy(acting(request), copy_id)


@router.post("/copies/{copy_id}/withdraw", response=CopyOut)
def withdraw(request: HttpRequest, copy_id: UUID, said: WithdrawIn) -> Copy:
    """The clerk takes a mistaken copy back."""
    return actions.withdraw(acting(request), copy_id, said.reason)
