"""The verbs of release that only joint documents have: number and date in the file before anybody seals, then the
seals of the other agencies. Each is kept by one transaction; what dies before leaves the document as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, NotYours, Role
from vanthu.blobs.working import working_copy
from vanthu.directory import queries as directory
from vanthu.issuing.actions.competence import require_competent
from vanthu.issuing.actions.steps import (
    annexes_of,
    check_later,
    current_main,
    file_said,
    number_and_date,
    require_unchanged,
    require_waiting,
    touch,
)
from vanthu.issuing.actions.turns import ask_seals
from vanthu.issuing.joint_models import CoIssuer
from vanthu.issuing.joint_queries import part_of
from vanthu.issuing.joint_rules import PartnerLeft
from vanthu.issuing.models import Draft, Stage
from vanthu.pades import KeySource, Timestamper, Work, give_number_file, seal_partner_file, sign_works
from vanthu.records import files, queries
from vanthu.records.models import Direction, Document, DocumentFile, FileKind, FileStage, Verb
from vanthu.records.participants import done
from vanthu.signing import awaiting, gate, keys, losses, service
from vanthu.signing.certificate_models import Purpose
from vanthu.signing.models import AwaitedSignature, SigningKey


def awaits_number(document: Document) -> bool:
    """Whether the document is a joint one whose file does not bear its number yet."""
    unwritten = Draft.objects.filter(document=document, numbered_at=None)
    return unwritten.exists() and document.co_issuers.exists()


def require_nobody_left(document: Document) -> None:
    """Raise :class:`PartnerLeft` while an agency that signed has withdrawn."""
    left = CoIssuer.objects.filter(document=document).exclude(left_at=None).order_by("ordinal")
    names = list(left.values_list("agency__name", flat=True))
    if names:
        raise PartnerLeft(names=", ".join(names))


def number_work(document: Document, path: Path) -> Work:
    """Number and date in a working copy of the signed file, signed by the agency without a picture."""

    def make(path: Path, key: KeySource, timestamper: Timestamper | None) -> None:
        give_number_file(path, key, **number_and_date(document), timestamper=timestamper)

    return Work(path, make)


@action
def keep_number(
    actor: Actor,
    document_id: UUID,
    signed: DocumentFile,
    numbered: Path,
    held: SigningKey,
    awaited: Sequence[AwaitedSignature] = (),
) -> Document:
    """Keep the file with its number, and ask the other agencies to seal it (NĐ 30/2020 Đ15, Đ17)."""
    document = queries.locked(actor, document_id, Direction.OUTGOING)
    require_waiting(actor, document, Verb.NUMBER, Stage.NUMBERED)
    require_nobody_left(document)
    require_unchanged(document, signed)
    awaiting.consume(awaited)
    held = gate.require_key(actor, held)
    losses.require_undoubted(document)
    file = _further(actor, document, signed, numbered)
    draft = Draft.objects.get(document=document)
    draft.numbered_at = clock.now()
    draft.save(update_fields=["numbered_at"])
    done(document, Verb.NUMBER)
    ask_seals(document, draft)
    touch(document)
    check_later(document)
    said_of_key = gate.note_use(actor, held, document, purpose=Purpose.SEAL, sha256=file.sha256)
    record(
        actor,
        "issuing.write_number",
        kind="document",
        object_id=document.id,
        data={**file_said(file), **said_of_key, "code": document.code, "from_sha256": signed.sha256},
    )
    return document


def seal_as_partner(actor: Actor, document_id: UUID, passphrase: str, otp: str = "") -> Document:
    """The clerk of another agency that issues the document seals over its own signer's signature.

    Raises the key errors of ``vanthu.pades``, ``CompetentSignatureMissing``, ``NotYourStep``, ``NotYours``.
    """
    _document, part, file = about_to_seal_as_partner(actor, document_id)
    held = keys.agency_key(actor)
    with working_copy(file.sha256) as path:
        with keys.unlock(held, passphrase, otp) as key:
            sign_works(key, [partner_seal_work(part, path, held)], service.signing_stamper())
        service.require_acceptable(path)
        return keep_partner_seal(actor, document_id, file, path, held)


def about_to_seal_as_partner(actor: Actor, document_id: UUID) -> tuple[Document, CoIssuer, DocumentFile]:
    """The document that waits for the seal of the actor's agency, its part in it, and the file to seal."""
    document = queries.get_open(actor, document_id, Direction.OUTGOING)
    part = _sealing(actor, document)
    require_competent(document)
    losses.require_undoubted(document)
    return document, part, current_main(document)


def partner_seal_work(part: CoIssuer, path: Path, held: SigningKey) -> Work:
    """The seal of another agency in a working copy of the numbered file, with whatever kind of key."""

    def make(path: Path, key: KeySource, timestamper: Timestamper | None) -> None:
        seal_partner_file(
            path,
            part.ordinal,
            key,
            signed_at=clock.local(clock.now()),
            seal_image=service.image_of(held),
            location=part.agency.place or None,
            timestamper=timestamper,
        )

    return Work(path, make)


@action
def keep_partner_seal(
    actor: Actor,
    document_id: UUID,
    numbered: DocumentFile,
    sealed: Path,
    held: SigningKey,
    awaited: Sequence[AwaitedSignature] = (),
) -> Document:
    """Keep the seal of another agency; when all have sealed, it is the turn of the agency that drafts."""
    document = queries.locked_open(actor, document_id, Direction.OUTGOING)
    part = _sealing(actor, document)
    require_unchanged(document, numbered)
    awaiting.consume(awaited)
    held = gate.require_key(actor, held)
    losses.require_undoubted(document)
    file = _further(actor, document, numbered, sealed)
    done(document, Verb.SEAL, principal=directory.registry_of(actor.agency_id))
    after_partner_seal(document, part)
    said_of_key = gate.note_use(actor, held, document, purpose=Purpose.SEAL, sha256=file.sha256)
    record(
        actor,
        "issuing.seal_as_partner",
        kind="document",
        object_id=document.id,
        data={
            **file_said(file),
            **said_of_key,
            "agency": part.agency.name,
            "annexes": [annex.sha256 for annex in annexes_of(document)],
            "from_sha256": numbered.sha256,
        },
    )
    return document


def after_partner_seal(document: Document, part: CoIssuer) -> None:
    """Note the seal, and ask whoever seals next."""
    part.sealed_at = clock.now()
    part.save(update_fields=["sealed_at"])
    ask_seals(document, Draft.objects.get(document=document))
    touch(document)
    check_later(document)


def _sealing(actor: Actor, document: Document) -> CoIssuer:
    require_waiting(actor, document, Verb.SEAL, Stage.NUMBERED)
    actor.require(Role.CLERK)
    part = part_of(actor, document)
    if part is None:
        raise NotYours
    return part


def _further(actor: Actor, document: Document, source: DocumentFile, content: Path) -> DocumentFile:
    return files.add_version(
        document,
        content,
        kind=FileKind.MAIN,
        stage=FileStage.SIGNED,
        name=source.name,
        actor=actor,
        source=source,
    )
