"""The verbs of copying: make a copy on paper, make an electronic one, print, withdraw (NĐ 30/2020 Đ25–27)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.blobs import store
from vanthu.blobs.working import working_file
from vanthu.copying import papers, queries
from vanthu.copying.models import Copy, Way
from vanthu.copying.pages import marked, printed
from vanthu.copying.rules import (
    REGISTER_NAME,
    CopyAlreadyWithdrawn,
    CopyIncomplete,
    CopyKeyElsewhere,
    CopySignerUnknown,
    CopySourceNotIssued,
    CopySourceWithdrawn,
    Wanted,
    copy_code,
    new_lookup,
    require_possible,
)
from vanthu.directory.models import Agency, Post
from vanthu.formalities import CopyForm
from vanthu.formalities.corner import clear_corner
from vanthu.pades import KeySource, Timestamper, Work, seal_copy_file, sign_works
from vanthu.records import numbers
from vanthu.records import queries as records
from vanthu.records.models import Direction, Document, Register
from vanthu.signing import gate, keys, service
from vanthu.signing.authority_queries import authorities_of, signers
from vanthu.signing.authority_rules import Given, Paper, choose
from vanthu.signing.certificate_models import Purpose
from vanthu.signing.models import SigningKey


@action
def make_paper(actor: Actor, document_id: UUID | None, wanted: Wanted, upload: bytes | None = None) -> Copy:
    """Register a copy on paper with the next number of the year's one sequence for all forms (Phụ lục I Phần II.II).

    ``upload`` are the pages of a paper, or the extract. The file to print is composed when it is first printed. Raises
    the refusals of ``copying.rules`` and of unsignable PDF files.
    """
    document = _source(actor, document_id, wanted, upload, lock=True)
    pages = papers.checked_pages(wanted, upload) if upload else None
    register = _register(actor.agency_id)
    copy = _row(actor, document, wanted, new_lookup(), clock.now())
    said = f"{CopyForm(copy.form).label} {copy.source_code}, {copy.source_issuer}"
    copy.entry = numbers.take_number(register, None, actor, said=said)
    copy.made_at = copy.entry.at
    copy.code = copy_code(copy.entry.number, wanted.form, copy.agency.abbreviation)
    copy.pages_sha256 = store.put(pages).sha256 if pages else ""
    copy.save(force_insert=True)
    _record(actor, "copying.make", copy)
    return copy


def make_electronic(
    actor: Actor,
    document_id: UUID | None,
    wanted: Wanted,
    upload: bytes,
    passphrase: str,
    otp: str = "",
) -> Copy:
    """Make an electronic copy: mark and code on the page, then the agency's signature at the top right (Phần II.I).

    Signed outside the transaction; a crash before it is kept leaves nothing. Raises the refusals of
    ``copying.rules`` and the key errors of ``vanthu.pades``.
    """
    document = _source(actor, document_id, wanted, upload)
    held = keys.agency_key(actor)
    if keys.wanted(held).elsewhere:
        raise CopyKeyElsewhere
    pages = papers.checked_pages(wanted, upload)
    lookup, at = new_lookup(), clock.now()
    copy = _row(actor, document, wanted, lookup, at)
    content = marked(pages, papers.electronic_mark(copy))

    def make(path: Path, key: KeySource, timestamper: Timestamper | None) -> None:
        seal_copy_file(
            path,
            key,
            form=CopyForm(copy.form).label,
            agency=copy.agency.name,
            font=service.font("Regular"),
            signed_at=clock.local(at),
            timestamper=timestamper,
            profile=service.profile(),
            seal_image=service.image_of(held),
            clearing=clear_corner,
            evidence=service.lasting_evidence(None, key),
        )

    with working_file(io.BytesIO(content)) as sealed:
        with keys.unlock(held, passphrase, otp) as key:
            sign_works(key, [Work(sealed, make)], service.signing_stamper())
        service.require_acceptable(sealed)
        return _keep_electronic(actor, document_id, wanted, copy, pages, sealed, held)


@action
def _keep_electronic(
    actor: Actor,
    document_id: UUID | None,
    wanted: Wanted,
    copy: Copy,
    pages: bytes,
    sealed: Path,
    held: SigningKey,
) -> Copy:
    document = _source(actor, document_id, wanted, pages, lock=True)
    held = gate.require_key(actor, held)
    copy.pages_sha256 = store.put(pages).sha256
    kept = store.adopt(sealed)
    copy.file_sha256, copy.file_size = kept.sha256, kept.size
    copy.save(force_insert=True)
    used = {"certificate": held.serial}
    if document is not None:
        used = gate.note_use(actor, held, document, purpose=Purpose.SEAL, sha256=kept.sha256)
    _record(actor, "copying.make", copy, sha256=kept.sha256, **used)
    return copy


def print_copy(actor: Actor, copy_id: UUID) -> Copy:
    """The file of a paper copy, composed at its first printing and the same ever after (R93); printing is recorded.

    Raises CopyNotFound, CopySourceWithdrawn, CopyAlreadyWithdrawn.
    """
    copy = _own(actor, copy_id)
    content = None if copy.file_sha256 else _composed(copy)
    return _keep_printing(actor, copy_id, content)


@action
def _keep_printing(actor: Actor, copy_id: UUID, content: bytes | None) -> Copy:
    copy = Copy.objects.select_for_update(of=("self",)).select_related("agency", "document").get(pk=copy_id)
    _require_standing(copy)
    if content is not None and not copy.file_sha256:
        kept = store.put(content)
        copy.file_sha256, copy.file_size = kept.sha256, kept.size
        copy.save(update_fields=["file_sha256", "file_size"])
    _record(actor, "copying.print", copy, sheets=copy.sheets, sha256=copy.file_sha256)
    return copy


@action
def withdraw(actor: Actor, copy_id: UUID, reason: str) -> Copy:
    """Take a mistaken copy back: its public record says so, its line is struck, its number stays taken."""
    copy = _own(actor, copy_id, lock=True)
    if not reason.strip():
        raise CopyIncomplete(missing="chưa ghi lý do thu hồi bản sao")
    if copy.withdrawn_at:
        raise CopyAlreadyWithdrawn
    copy.withdrawn_at, copy.withdraw_reason = clock.now(), reason.strip()[:500]
    copy.save(update_fields=["withdrawn_at", "withdraw_reason"])
    if copy.entry is not None:
        numbers.void_entry(copy.entry, copy.withdraw_reason)
    _record(actor, "copying.withdraw", copy, reason=copy.withdraw_reason)
    return copy


# --- parts ---


def _source(
    actor: Actor, document_id: UUID | None, wanted: Wanted, upload: bytes | None, *, lock: bool = False
) -> Document | None:
    """The document to copy, fit for it; None for a paper that the system does not hold."""
    actor.require(Role.CLERK)
    require_possible(wanted, has_document=document_id is not None, has_upload=bool(upload))
    if document_id is None:
        return None
    document = records.get(actor, document_id)
    if lock:
        document = (
            Document.objects.select_for_update(of=("self",)).select_related("agency").get(pk=document.pk)
        )
    if document.sealed_at or document.frozen_at:
        raise CopySourceWithdrawn
    if queries.signed_main(document) is None:
        raise CopySourceNotIssued
    return document


def _own(actor: Actor, copy_id: UUID, *, lock: bool = False) -> Copy:
    actor.require(Role.CLERK)
    copy = queries.get(actor, copy_id)
    if lock:
        return (
            Copy.objects.select_for_update(of=("self",))
            .select_related("agency", "document", "entry")
            .get(pk=copy.pk)
        )
    return copy


def _require_standing(copy: Copy) -> None:
    if copy.withdrawn_at:
        raise CopyAlreadyWithdrawn
    if queries.standing_of(copy) != "IN_FORCE":
        raise CopySourceWithdrawn


def _row(actor: Actor, document: Document | None, wanted: Wanted, lookup: str, at: datetime) -> Copy:
    signer = next((post for post in signers(actor.agency_id) if post.pk == wanted.signer_id), None)
    if signer is None:
        raise CopySignerUnknown
    paper = Paper(wanted.form.value)
    given = choose(authorities_of(signer), paper, clock.today(), None, signer.person.full_name)
    main = queries.signed_main(document) if document else None
    from_paper = wanted.way in (Way.PAPER_TO_ELECTRONIC, Way.PAPER_TO_PAPER)
    return Copy(
        agency=Agency.objects.get(pk=actor.agency_id),
        document=document,
        form=wanted.form,
        way=wanted.way,
        lookup=lookup,
        **_described(document, wanted),
        source_sha256=main.sha256 if main and not from_paper else "",
        made_from=wanted.made_from,
        extent=wanted.extent,
        signer_name=signer.person.full_name,
        signer_position=signer.position,
        signer_competence=_competence(signer, given),
        sheets=wanted.sheets,
        recipients=wanted.recipients,
        made_by_id=actor.own_post,
        made_by_name=actor.name,
        made_at=at,
    )


def _described(document: Document | None, wanted: Wanted) -> dict[str, object]:
    if document is None:
        return {
            "source_code": wanted.source_code,
            "source_date": wanted.source_date,
            "source_issuer": wanted.source_issuer,
            "source_subject": wanted.source_subject,
        }
    return {
        "source_code": document.code,
        "source_date": document.issued_date,
        "source_issuer": document.issuer_name or document.agency.name,
        "source_type": document.type_code,
        "source_subject": document.subject,
        "subject_public": not document.restriction,
    }


def _competence(signer: Post, given: Given) -> str:
    """The lines above the position, as the authority has them printed (NĐ 30/2020 PL I.II.7a)."""
    if not given.basis:
        return signer.competence
    chain = [given.under, given] if given.under else [given]
    return "\n".join(f"{one.prefix.printed} {one.by_order_of.upper()}".strip() for one in chain)


def _register(agency_id: UUID) -> Register:
    """The book of copies, opened with the first one."""
    book, _ = Register.objects.get_or_create(
        agency_id=agency_id,
        direction=Direction.OUTGOING,
        name=REGISTER_NAME,
        defaults={"type_codes": [form.value for form in CopyForm]},
    )
    return book


def _composed(copy: Copy) -> bytes:
    return printed(_pages_of(copy), papers.block(copy), papers.paper_mark(copy), papers.footer(copy))


def _pages_of(copy: Copy) -> Sequence[bytes]:
    if copy.pages_sha256:
        return [store.read(copy.pages_sha256)]
    _require_standing(copy)
    assert copy.document is not None
    files = records.current_files(copy.document)
    return [store.read(file.sha256) for file in files if file.media_type == "application/pdf"]


def _record(actor: Actor, verb: str, copy: Copy, **more: object) -> None:
    """Among the events of the document; of a paper that the system does not hold, of the copy itself."""
    about = copy.document_id
    record(
        actor,
        verb,
        kind="document" if about else "copy",
        object_id=about or copy.pk,
        data={
            "copy": copy.pk,
            "form": CopyForm(copy.form).label,
            "code": copy.code,
            "way": copy.way,
            "signer": copy.signer_name,
            **more,
        },
    )
