"""What the verbs of copying share: the document to copy, the row of a copy, the agency's signature on it.

Plain functions, called inside and beside the actions. Refuses to keep anything by itself.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID

from vanthu.audit.ledger import record
from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.blobs import store
from vanthu.copying import papers, queries
from vanthu.copying.models import Copy, Way
from vanthu.copying.pages import marked
from vanthu.copying.rules import (
    CopySignerUnknown,
    CopySourceNotIssued,
    CopySourceWithdrawn,
    Wanted,
    require_possible,
)
from vanthu.directory.models import Agency, Post
from vanthu.formalities import CopyForm
from vanthu.formalities.corner import clear_corner
from vanthu.pades import KeySource, Timestamper, Work, seal_copy_file
from vanthu.records import queries as records
from vanthu.records.models import Document
from vanthu.signing import gate, service
from vanthu.signing.authority_queries import authorities_of, signers
from vanthu.signing.authority_rules import Given, Paper, choose
from vanthu.signing.certificate_models import Purpose
from vanthu.signing.models import SigningKey


def source_of(
    actor: Actor, document_id: UUID | None, wanted: Wanted, upload: bool, *, lock: bool = False
) -> Document | None:
    """The document to copy, fit for it; None for a paper that the system does not hold."""
    actor.require(Role.CLERK)
    require_possible(wanted, has_document=document_id is not None, has_upload=upload)
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


def row_of(
    actor: Actor,
    document: Document | None,
    wanted: Wanted,
    lookup: str,
    at: datetime,
    request_key: UUID | None = None,
) -> Copy:
    signer = next((post for post in signers(actor.agency_id) if post.pk == wanted.signer_id), None)
    if signer is None:
        raise CopySignerUnknown
    paper = Paper(wanted.form.value)
    given = choose(authorities_of(signer), paper, clock.today(), None, signer.person.full_name)
    main = queries.signed_main(document) if document else None
    from_paper = wanted.way in (Way.PAPER_TO_ELECTRONIC, Way.PAPER_TO_PAPER)
    return Copy(
        request_key=request_key,
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


def sealing(copy: Copy, pages: Path, path: Path, held: SigningKey) -> Work:
    """The agency's signature on an electronic copy, to be made in the empty working file ``path``: first the mark and
    the code come onto the ``pages``. Raises what ``pades.prepare`` raises for files that may not be signed."""
    with pages.open("rb") as source, path.open("wb") as target:
        marked(source, papers.electronic_mark(copy), target)

    def make(path: Path, key: KeySource, timestamper: Timestamper | None) -> None:
        seal_copy_file(
            path,
            key,
            form=CopyForm(copy.form).label,
            agency=copy.agency.name,
            font=service.font("Regular"),
            signed_at=clock.local(copy.made_at),
            timestamper=timestamper,
            profile=service.profile(),
            seal_image=service.image_of(held),
            clearing=clear_corner,
            evidence=service.lasting_evidence(None, key),
        )

    return Work(path, make)


def keep_sealed(actor: Actor, copy: Copy, sealed: Path, held: SigningKey) -> None:
    """Keep the copy and its signed file, in the running action."""
    held = gate.require_key(actor, held)
    kept = store.adopt(sealed)
    copy.file_sha256, copy.file_size = kept.sha256, kept.size
    copy.save(force_insert=True)
    about = f"{CopyForm(copy.form).label} {copy.source_code}, {copy.source_issuer}"
    used = gate.note_use(actor, held, copy.document, purpose=Purpose.SEAL, sha256=kept.sha256, about=about)
    record_copy(actor, "copying.make", copy, sha256=kept.sha256, **used)


def record_copy(actor: Actor, verb: str, copy: Copy, **more: object) -> None:
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
