"""The verbs of copying: make a copy on paper, make an electronic one, print, withdraw (NĐ 30/2020 Đ25–27)."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from vanthu.audit.ledger import action
from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.blobs import store
from vanthu.blobs.working import working_file
from vanthu.copying import papers, queries
from vanthu.copying.making import keep_sealed, record_copy, row_of, sealing, source_of
from vanthu.copying.models import Copy
from vanthu.copying.pages import printed
from vanthu.copying.rules import (
    REGISTER_NAME,
    CopyAlreadyWithdrawn,
    CopyIncomplete,
    CopySourceWithdrawn,
    Wanted,
    copy_code,
    new_lookup,
)
from vanthu.formalities import CopyForm
from vanthu.pades import sign_works
from vanthu.records import numbers
from vanthu.records import queries as records
from vanthu.records.models import Direction, Register
from vanthu.signing import keys, service
from vanthu.signing.models import SigningKey


@action
def make_paper(
    actor: Actor,
    document_id: UUID | None,
    wanted: Wanted,
    upload: BinaryIO | None = None,
    *,
    request_key: UUID | None = None,
) -> Copy:
    """Register a copy on paper with the next number of the year's one sequence for all forms (Phụ lục I Phần II.II).

    ``upload`` are the pages of a paper, or the extract; ``request_key`` is the caller's own, by which a repeated call
    is known. The file to print is composed when it is first printed. Raises the refusals of ``copying.rules`` and of
    unsignable PDF files.
    """
    document = source_of(actor, document_id, wanted, upload is not None, lock=True)
    if upload is not None:
        papers.require_pages(wanted, upload)
    register = _register(actor.agency_id)
    copy = row_of(actor, document, wanted, new_lookup(), clock.now(), request_key)
    said = f"{CopyForm(copy.form).label} {copy.source_code}, {copy.source_issuer}"
    copy.entry = numbers.take_number(register, None, actor, said=said)
    copy.made_at = copy.entry.at
    copy.code = copy_code(copy.entry.number, wanted.form, copy.agency.abbreviation)
    copy.pages_sha256 = store.put(upload).sha256 if upload is not None else ""
    copy.save(force_insert=True)
    record_copy(actor, "copying.make", copy)
    return copy


def make_electronic(
    actor: Actor,
    document_id: UUID | None,
    wanted: Wanted,
    upload: BinaryIO,
    passphrase: str,
    otp: str = "",
    *,
    request_key: UUID | None = None,
) -> Copy:
    """Make an electronic copy: mark and code on the page, then the agency's signature at the top right (Phần II.I).

    Signed outside the transaction; a crash before it is kept leaves nothing. Raises the refusals of
    ``copying.rules`` and the key errors of ``vanthu.pades``; a key elsewhere signs by ``copying.elsewhere``.
    """
    document = source_of(actor, document_id, wanted, True)
    held = keys.agency_key(actor)
    papers.require_pages(wanted, upload)
    copy = row_of(actor, document, wanted, new_lookup(), clock.now(), request_key)
    with working_file(upload) as pages, working_file() as sealed:
        work = sealing(copy, pages, sealed, held)
        with keys.unlock(held, passphrase, otp) as key:
            sign_works(key, [work], service.signing_stamper())
        service.require_acceptable(sealed)
        return _keep_electronic(actor, document_id, wanted, copy, pages, sealed, held)


@action
def _keep_electronic(
    actor: Actor,
    document_id: UUID | None,
    wanted: Wanted,
    copy: Copy,
    pages: Path,
    sealed: Path,
    held: SigningKey,
) -> Copy:
    source_of(actor, document_id, wanted, True, lock=True)
    copy.pages_sha256 = store.adopt(pages).sha256
    keep_sealed(actor, copy, sealed, held)
    return copy


def print_copy(actor: Actor, copy_id: UUID) -> Copy:
    """The file of a paper copy, composed at its first printing and the same ever after (R93); printing is recorded.

    Raises CopyNotFound, CopySourceWithdrawn, CopyAlreadyWithdrawn.
    """
    copy = _own(actor, copy_id)
    with ExitStack() as stack:
        composed = None if copy.file_sha256 else _composed(stack, copy)
        return _keep_printing(actor, copy_id, composed)


@action
def _keep_printing(actor: Actor, copy_id: UUID, composed: Path | None) -> Copy:
    copy = Copy.objects.select_for_update(of=("self",)).select_related("agency", "document").get(pk=copy_id)
    _require_standing(copy)
    if composed is not None and not copy.file_sha256:
        kept = store.adopt(composed)
        copy.file_sha256, copy.file_size = kept.sha256, kept.size
        copy.save(update_fields=["file_sha256", "file_size"])
    record_copy(actor, "copying.print", copy, sheets=copy.sheets, sha256=copy.file_sha256)
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
    record_copy(actor, "copying.withdraw", copy, reason=copy.withdraw_reason)
    return copy


# --- parts ---


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


def _register(agency_id: UUID) -> Register:
    """The book of copies, opened with the first one."""
    book, _ = Register.objects.get_or_create(
        agency_id=agency_id,
        direction=Direction.OUTGOING,
        name=REGISTER_NAME,
        defaults={"type_codes": [form.value for form in CopyForm]},
    )
    return book


def _composed(stack: ExitStack, copy: Copy) -> Path:
    path = stack.enter_context(working_file())
    with path.open("wb") as target:
        printed(_pages_of(copy), papers.block(copy), papers.paper_mark(copy), papers.footer(copy), target)
    return path


def _pages_of(copy: Copy) -> list[Path]:
    if copy.pages_sha256:
        return [_whole(copy.pages_sha256)]
    _require_standing(copy)
    assert copy.document is not None
    files = records.current_files(copy.document)
    return [_whole(file.sha256) for file in files if file.media_type == "application/pdf"]


def _whole(sha256: str) -> Path:
    store.require_whole(sha256)
    return store.path_of(sha256)
