"""The verbs of release: number, seal, dispatch, in this order only (R92–R98; NĐ 30/2020 Đ14–Đ18)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.blobs.working import working_copies
from vanthu.encryption import actions as encryption
from vanthu.exchange import completeness, outbox
from vanthu.formalities import code
from vanthu.formalities.corner import clear_corner
from vanthu.identifiers import document_id as make_document_id
from vanthu.issuing.actions import joint, recalling
from vanthu.issuing.actions.competence import require_competent
from vanthu.issuing.actions.steps import (
    annexes_of,
    check_later,
    current_main,
    file_said,
    number_and_date,
    require_unchanged,
    require_waiting,
    said,
    touch,
)
from vanthu.issuing.models import Draft, Stage
from vanthu.issuing.queries import issuer_abbreviation, recipients
from vanthu.issuing.rules import (
    AnnexUnsigned,
    notation_for,
)
from vanthu.pades import KeySource, Timestamper, Work, seal_attachment_file, seal_file, sign_works
from vanthu.records import files, numbers, queries
from vanthu.records.models import (
    Direction,
    Document,
    DocumentFile,
    FileKind,
    FileStage,
    Verb,
)
from vanthu.records.participants import done, unshare
from vanthu.signing import awaiting, gate, keys, losses, preserving, service
from vanthu.signing.certificate_models import Purpose
from vanthu.signing.models import AwaitedSignature, SigningKey


def issue(actor: Actor, document_id: UUID, passphrase: str, otp: str = "") -> Document:
    """The clerk's one button: number and date, seal, dispatch (R92–R97).

    Three actions, each atomic; a crash or a wrong passphrase between them leaves the number with the document,
    and the same button goes on from there. On a joint document the first press numbers, the second one, when the other
    agencies have sealed, seals and sends.
    """
    document = about_to_issue(actor, document_id)
    held = keys.agency_key(actor)
    with keys.unlock(held, passphrase, otp) as key:
        if document.state == Stage.SIGNED:
            document = assign_number(actor, document_id)
        if document.state == Stage.NUMBERED:
            document = _seal_with(actor, document_id, held, key)
    if document.state == Stage.SEALED:
        document = dispatch(actor, document_id)
    return document


def about_to_issue(actor: Actor, document_id: UUID) -> Document:
    """The document that waits for the clerk; refuses as issuing does."""
    document = queries.get(actor, document_id, Direction.OUTGOING)
    require_waiting(actor, document, Verb.NUMBER, Stage.SIGNED, Stage.NUMBERED, Stage.SEALED)
    to = [] if document.restriction else recipients(document)
    if to:
        completeness.require(document, (), numbered=False)
        encryption.look_before_sending(document, to)
        outbox.require_certificates(document, to)
    joint.require_nobody_left(document)
    require_competent(document)
    losses.require_undoubted(document)
    return document


@action
def assign_number(actor: Actor, document_id: UUID) -> Document:
    """Give number and date by the system's function, in order of time, without gaps (NĐ 30/2020 Đ15)."""
    document = queries.locked(actor, document_id, Direction.OUTGOING)
    require_waiting(actor, document, Verb.NUMBER, Stage.SIGNED)
    draft = Draft.objects.select_related("unit").get(document=document)
    book = numbers.register_for(document.agency_id, Direction.OUTGOING, document.type_code)
    entry = numbers.take_number(book, document, actor)
    document.number = entry.number
    document.issued_date = clock.local(entry.at).date()
    document.notation = notation_for(
        document.type_code,
        issuer_abbreviation(document),
        draft.unit.abbreviation if draft.unit else "",
        document.issued_date.year,
    )
    document.code = code(entry.number, document.notation)
    document.document_id = make_document_id(document.issuer_organ_id, document.issued_date, document.code)
    document.state = Stage.NUMBERED
    document.changed_at = clock.now()
    document.save()
    record(actor, "issuing.assign_number", kind="document", object_id=document.id, data=said(document))
    return document


def seal_document(actor: Actor, document_id: UUID, passphrase: str, otp: str = "") -> Document:
    """The agency signs: number and date are written in the same revision, then nothing can change (R92–R96).

    Every separate annex gets the agency's signature too. Raises the key errors of ``vanthu.pades``.
    """
    require_competent(queries.get(actor, document_id, Direction.OUTGOING))
    held = keys.agency_key(actor)
    with keys.unlock(held, passphrase, otp) as key:
        return _seal_with(actor, document_id, held, key)


def _seal_with(actor: Actor, document_id: UUID, held: SigningKey, key: KeySource) -> Document:
    """Seal outside the transaction, since tokens and time-stamps are slow; keep by a guarded update."""
    document = queries.get(actor, document_id, Direction.OUTGOING)
    require_waiting(actor, document, Verb.NUMBER, Stage.NUMBERED)
    signed, annexes = about_to_seal(document)
    with working_copies([file.sha256 for file in (signed, *annexes)]) as paths:
        sign_works(key, sealing_works(document, paths, held), service.signing_stamper())
        return keep_accepted_seal(actor, document, signed, annexes, paths, held)


def keep_accepted_seal(
    actor: Actor,
    document: Document,
    signed: DocumentFile,
    annexes: Sequence[DocumentFile],
    made: Sequence[Path],
    held: SigningKey,
    awaited: Sequence[AwaitedSignature] = (),
) -> Document:
    """Keep what a reader would accept of the seals just made in working files: the main file's, then the annexes'; or
    a joint document's number."""
    sealed, *sealed_annexes = made
    if joint.awaits_number(document):
        service.require_acceptable(sealed)
        return joint.keep_number(actor, document.pk, signed, sealed, held, awaited)
    service.archive(sealed)
    service.require_acceptable(sealed)
    pairs = list(zip(annexes, sealed_annexes, strict=True))
    return keep_seal(actor, document.pk, signed, sealed=sealed, annexes=pairs, held=held, awaited=awaited)


def about_to_seal(document: Document) -> tuple[DocumentFile, list[DocumentFile]]:
    """The signed main file and the annexes that the agency has not signed yet; those of a joint document wait until
    the other agencies have sealed."""
    if joint.awaits_number(document):
        return current_main(document), []
    annexes = [annex for annex in annexes_of(document) if annex.stage != FileStage.SEALED]
    return current_main(document), annexes


def sealing_works(document: Document, paths: Sequence[Path], held: SigningKey) -> list[Work]:
    """The seal, then the agency's signature on each annex, in working copies of them, with whatever kind of key; for a
    joint document without its number in the file that number alone."""
    signed, *annexes = paths
    if joint.awaits_number(document):
        return [joint.number_work(document, signed)]
    return [_seal_work(document, signed, held), *(_annex_work(document, annex) for annex in annexes)]


def _seal_work(document: Document, signed: Path, held: SigningKey) -> Work:
    def make(path: Path, key: KeySource, timestamper: Timestamper | None) -> None:
        seal_file(
            path,
            key,
            **number_and_date(document),
            seal_image=service.image_of(held),
            timestamper=timestamper,
            profile=service.profile(),
            agency=document.agency.name,
            evidence=service.lasting_evidence(path, key),
        )

    return Work(signed, make)


def _annex_work(document: Document, annex: Path) -> Work:
    def make(path: Path, key: KeySource, timestamper: Timestamper | None) -> None:
        seal_attachment_file(
            path,
            key,
            code=document.code,
            font=service.font("Regular"),
            signed_at=clock.local(clock.now()),
            timestamper=timestamper,
            profile=service.profile(),
            clearing=clear_corner,
            evidence=service.lasting_evidence(None, key),
        )

    return Work(annex, make)


@action
def keep_seal(
    actor: Actor,
    document_id: UUID,
    signed: DocumentFile,
    *,
    sealed: Path,
    annexes: Sequence[tuple[DocumentFile, Path]],
    held: SigningKey,
    awaited: Sequence[AwaitedSignature] = (),
) -> Document:
    """Keep seals that were just made; ``awaited`` are the rows that waited for them, if the key is elsewhere."""
    document = queries.locked(actor, document_id, Direction.OUTGOING)
    require_waiting(actor, document, Verb.NUMBER, Stage.NUMBERED)
    joint.require_nobody_left(document)
    require_unchanged(document, signed)
    awaiting.consume(awaited)
    held = gate.require_key(actor, held)
    losses.require_undoubted(document)
    main = _sealed_version(document, signed, sealed, actor)
    kept = [_sealed_version(document, annex, content, actor) for annex, content in annexes]
    preserving.enrol([main, *kept])
    document.state = Stage.SEALED
    touch(document, "state")
    draft = Draft.objects.get(document=document)
    draft.issued_at = clock.now()
    draft.save(update_fields=["issued_at"])
    check_later(document)
    said_of_key = gate.note_use(actor, held, document, purpose=Purpose.SEAL, sha256=main.sha256)
    record(
        actor,
        "issuing.seal",
        kind="document",
        object_id=document.id,
        data={
            **file_said(main),
            **said_of_key,
            "from_sha256": signed.sha256,
            "annexes": [file.sha256 for file in kept],
        },
    )
    return document


@action
def dispatch(actor: Actor, document_id: UUID) -> Document:
    """Send the sealed document to every recipient (R97); one delivery each, followed from then on. The other agencies
    of a joint document have their own originals from here: it is no longer shared."""
    document = queries.locked(actor, document_id, Direction.OUTGOING)
    require_waiting(actor, document, Verb.NUMBER, Stage.SEALED)
    for annex in annexes_of(document):
        if annex.stage != FileStage.SEALED:
            raise AnnexUnsigned(name=annex.name)
    to = recipients(document)
    if to and document.restriction:
        outbox.dispatch_paper(document, to)
    elif to:
        details = recalling.replacement_details(document, to)
        outbox.dispatch(document, to, actor=actor, packet_details=details)
    asked_back = recalling.replace_earlier(actor, document, to)
    document.state = Stage.ISSUED
    touch(document, "state")
    done(document, Verb.NUMBER)
    unshare(document)
    record(
        actor,
        "issuing.dispatch",
        kind="document",
        object_id=document.id,
        data={"recipients": [agency.organ_id for agency in to], "asked_back": asked_back},
    )
    return document


def _sealed_version(document: Document, source: DocumentFile, content: Path, actor: Actor) -> DocumentFile:
    return files.add_version(
        document,
        content,
        kind=FileKind(source.kind),
        stage=FileStage.SEALED,
        name=source.name,
        actor=actor,
        ordinal=source.ordinal,
        source=source,
    )
