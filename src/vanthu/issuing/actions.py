"""The verbs of issuing in the order of the law: draft, submit, review, sign, number, seal, dispatch (R90–R98)."""

from __future__ import annotations

from uuid import UUID

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.base.ids import new_id
from vanthu.blobs import store
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency, Post
from vanthu.exchange import outbox
from vanthu.formalities import Urgency, code, number_text
from vanthu.formalities.placement import find_or_make_places
from vanthu.formalities.reading import read_front_page
from vanthu.formalities.upright import upright
from vanthu.identifiers import document_id as make_document_id
from vanthu.issuing.models import Comment, Draft, DraftRecipient, Stage
from vanthu.issuing.rules import (
    EDITABLE,
    WITH_SIGNATURES_PENDING,
    AnnexMissing,
    AnnexUnsigned,
    ChangedMeanwhile,
    DraftData,
    DraftIncomplete,
    IssuerWithoutCode,
    NotADrafter,
    NotEditable,
    ReturnWithoutReason,
    document_type,
    missing,
    notation_for,
    require_stage,
)
from vanthu.issuing.uploads import DOCX_TYPE, Upload
from vanthu.legal.calendars import calendar_at
from vanthu.pades import prepare, seal, seal_attachment, sign, signer_fields
from vanthu.records import files, numbers, queries
from vanthu.records.models import (
    Capacity,
    Direction,
    Document,
    DocumentFile,
    DocumentLink,
    FileKind,
    FileStage,
    LinkKind,
    Verb,
)
from vanthu.records.participants import ask, done, include, require_step
from vanthu.signing import keys, service
from vanthu.worktime import dispatch_deadline

SIGNER_FIELD = signer_fields(1)[0]


# --- drafting ---


@action
def create_draft(actor: Actor, data: DraftData, document_id: UUID | None = None) -> Document:
    """Begin an outgoing document (NĐ 30/2020 Đ10). Anybody with a post may draft.

    ``document_id`` is the key that the drafting page was opened with; so an autosave and an upload that run at
    the same time make one document, never two.
    """
    now = clock.now()
    drafter = _post(actor)
    document = Document(
        id=document_id or new_id(),
        agency_id=actor.agency_id,
        direction=Direction.OUTGOING,
        state=Stage.DRAFT,
        issuer_name=drafter.agency.name,
        issuer_organ_id=drafter.agency.organ_id,
        created_by=drafter,
        created_at=now,
        changed_at=now,
    )
    draft = Draft(document=document, drafter=drafter, unit=drafter.unit)
    _fill(document, draft, data)
    document.save(force_insert=True)
    draft.save(force_insert=True)
    _set_recipients(document, data)
    _link_reply(actor, document, data)
    include(document, drafter.id, Capacity.DRAFTER)
    ask(document, drafter.id, Verb.REVISE)
    record(actor, "issuing.create_draft", kind="document", object_id=document.id, data=_said(document))
    return document


@action
def update_draft(actor: Actor, document_id: UUID, data: DraftData) -> Document:
    """Change the fields of a draft; only its drafter, only before submission or after return."""
    document, draft = _own_draft(actor, document_id)
    before = _said(document)
    _fill(document, draft, data)
    document.save()
    draft.save()
    _set_recipients(document, data)
    _link_reply(actor, document, data)
    record(
        actor,
        "issuing.update_draft",
        kind="document",
        object_id=document.id,
        data={"before": before, "after": _said(document)},
    )
    return document


@action
def attach_main(actor: Actor, document_id: UUID, upload: Upload) -> DocumentFile:
    """Put the document's file in place, or a newer version of it; earlier versions stay."""
    document, _ = _own_draft(actor, document_id)
    source = None
    if upload.source is not None:
        source = files.add_version(
            document,
            upload.source,
            kind=FileKind.SOURCE,
            stage=FileStage.DRAFT,
            name=upload.name.removesuffix(".pdf") + ".docx",
            actor=actor,
            media_type=DOCX_TYPE,
        )
    file = files.add_version(
        document,
        upload.pdf,
        kind=FileKind.MAIN,
        stage=FileStage.DRAFT,
        name=upload.name,
        actor=actor,
        source=source,
    )
    document.page_count = upload.pages
    _touch(document, "page_count")
    record(actor, "issuing.attach_main", kind="document", object_id=document.id, data=_file_said(file))
    return file


@action
def attach_annex(actor: Actor, document_id: UUID, upload: Upload) -> DocumentFile:
    """Add a separate annex; it will be numbered and sealed as the main document is (R96)."""
    document, _ = _own_draft(actor, document_id)
    file = files.add_version(
        document,
        upload.pdf,
        kind=FileKind.ANNEX,
        stage=FileStage.DRAFT,
        name=upload.name,
        actor=actor,
        ordinal=files.next_ordinal(document, FileKind.ANNEX),
    )
    record(actor, "issuing.attach_annex", kind="document", object_id=document.id, data=_file_said(file))
    return file


@action
def remove_annex(actor: Actor, document_id: UUID, ordinal: int) -> None:
    """Take an annex out of the draft; its versions stay in the history. Raises :class:`AnnexMissing`."""
    document, _ = _own_draft(actor, document_id)
    if ordinal not in {annex.ordinal for annex in _annexes(document)}:
        raise AnnexMissing
    files.drop(document, FileKind.ANNEX, ordinal)
    record(actor, "issuing.remove_annex", kind="document", object_id=document.id, data={"ordinal": ordinal})


@action
def comment(actor: Actor, document_id: UUID, text: str) -> Comment:
    """Say something of the document; everybody who takes part may (P6-III.5.a)."""
    document = queries.locked(actor, document_id)
    said = Comment.objects.create(document=document, author_id=actor.own_post, text=text, at=clock.now())
    record(actor, "issuing.comment", kind="document", object_id=document.id, data={"comment": text})
    return said


@action
def discard_draft(actor: Actor, document_id: UUID, reason: str) -> None:
    """Give a draft up before it has a number; it stays in the history as voided."""
    document, _ = _own_draft(actor, document_id)
    document.state = Stage.VOIDED
    _touch(document, "state")
    done(document, *Verb)
    record(actor, "issuing.discard_draft", kind="document", object_id=document.id, data={"reason": reason})


# --- submission and approval ---


@action
def submit(actor: Actor, document_id: UUID) -> Document:
    """Submit for signature: the PDF is prepared once, with fields for number, date, signature and seal (R90).

    Goes to the head of the drafter's unit first, when the unit has one (NĐ 30/2020 Đ12.1). Raises
    :class:`DraftIncomplete`, and PLACE_NOT_FOUND when the page shows no place for number, date or signature.
    """
    document, draft = _own_draft(actor, document_id)
    main = queries.main_file(document)
    lacking = missing(
        subject=document.subject,
        has_signer=draft.signer_id is not None,
        has_main_file=main is not None,
        recipients=document.recipients.count(),
        restricted=bool(document.restriction),
    )
    if lacking or main is None or draft.signer is None:
        raise DraftIncomplete(missing=", ".join(lacking))
    if not document.issuer_organ_id:
        raise IssuerWithoutCode
    _prepare(actor, document, draft, main)
    draft.submitted_at = clock.now()
    draft.reviewer = directory.unit_head_of(draft.drafter)
    done(document, Verb.REVISE)
    if draft.reviewer and draft.reviewer_id != draft.signer_id:
        document.state = Stage.REVIEW
        include(document, draft.reviewer.id, Capacity.REVIEWER)
        ask(document, draft.reviewer.id, Verb.REVIEW)
    else:
        _pass_to_signer(document, draft)
    draft.save()
    _touch(document, "state", "signer_name", "signer_position", "signer_competence")
    record(actor, "issuing.submit", kind="document", object_id=document.id, data=_said(document))
    return document


@action
def withdraw(actor: Actor, document_id: UUID) -> Document:
    """The drafter takes the document back before it is signed."""
    document = queries.locked(actor, document_id)
    draft = Draft.objects.get(document=document)
    _require_drafter(actor, draft)
    require_stage(document.state, *WITH_SIGNATURES_PENDING)
    _back_to_drafter(document, draft, Stage.DRAFT, "")
    record(actor, "issuing.withdraw", kind="document", object_id=document.id)
    return document


@action
def approve_review(actor: Actor, document_id: UUID) -> Document:
    """The unit head answers for the content and passes the document on to the signer (NĐ 30/2020 Đ12.1)."""
    document = queries.locked(actor, document_id)
    _require_waiting(actor, document, Verb.REVIEW, Stage.REVIEW)
    draft = Draft.objects.select_related("signer__person").get(document=document)
    draft.reviewed_at = clock.now()
    draft.save()
    done(document, Verb.REVIEW)
    _pass_to_signer(document, draft)
    _touch(document, "state")
    record(actor, "issuing.approve_review", kind="document", object_id=document.id)
    return document


@action
def return_draft(actor: Actor, document_id: UUID, reason: str) -> Document:
    """Unit head or signer gives the document back with a reason (P6-III.1.n)."""
    document = queries.locked(actor, document_id)
    if not reason.strip():
        raise ReturnWithoutReason
    require_stage(document.state, *WITH_SIGNATURES_PENDING)
    verb = Verb.REVIEW if document.state == Stage.REVIEW else Verb.SIGN
    _require_waiting(actor, document, verb, Stage(document.state))
    draft = Draft.objects.get(document=document)
    Comment.objects.create(
        document=document, author_id=actor.own_post, text=reason, returned=True, at=clock.now()
    )
    _back_to_drafter(document, draft, Stage.RETURNED, reason)
    record(actor, "issuing.return_draft", kind="document", object_id=document.id, data={"reason": reason})
    return document


def sign_document(actor: Actor, document_id: UUID, passphrase: str) -> Document:
    """The competent person signs (R91): a visible PAdES signature between position and name.

    The signature is made outside the transaction and kept by a guarded update, so a slow token or time-stamp
    locks nobody out, and a crash leaves the document unsigned. Raises the key errors of ``vanthu.pades``.
    """
    document = queries.get(actor, document_id)
    _require_waiting(actor, document, Verb.SIGN, Stage.SUBMITTED)
    prepared = _current_main(document)
    held = keys.person_key(actor)
    with keys.unlock(held, passphrase) as key:
        signed = sign(
            store.read(prepared.sha256),
            SIGNER_FIELD,
            key,
            signed_at=clock.local(clock.now()),
            image=service.image_of(held),
            location=document.issue_place or None,
            timestamper=service.timestamper(),
        )
    service.require_acceptable(signed)
    return _keep_signature(actor, document_id, prepared, signed, held.serial)


@action
def _keep_signature(
    actor: Actor, document_id: UUID, prepared: DocumentFile, signed: bytes, serial: str
) -> Document:
    document = queries.locked(actor, document_id)
    _require_waiting(actor, document, Verb.SIGN, Stage.SUBMITTED)
    _require_unchanged(document, prepared)
    file = files.add_version(
        document,
        signed,
        kind=FileKind.MAIN,
        stage=FileStage.SIGNED,
        name=prepared.name,
        actor=actor,
        source=prepared,
    )
    draft = Draft.objects.get(document=document)
    draft.signed_at = clock.now()
    draft.dispatch_deadline = dispatch_deadline(
        draft.signed_at, calendar_at(draft.signed_at), Urgency(document.urgency)
    )
    draft.save()
    document.state = Stage.SIGNED
    _touch(document, "state")
    done(document, Verb.SIGN)
    registry = directory.registry_of(document.agency_id)
    include(document, registry, Capacity.REGISTRY)
    ask(document, registry, Verb.NUMBER, due_at=draft.dispatch_deadline)
    _check_later(document)
    record(
        actor,
        "issuing.sign",
        kind="document",
        object_id=document.id,
        data={**_file_said(file), "certificate": serial, "from_sha256": prepared.sha256},
    )
    return document


# --- number, seal, dispatch ---


def issue(actor: Actor, document_id: UUID, passphrase: str) -> Document:
    """The clerk's one button: number and date, seal, dispatch (R92–R97).

    Three actions, each atomic; a crash or a wrong passphrase between them leaves the number with the document,
    and the same button goes on from there.
    """
    document = queries.get(actor, document_id)
    _require_waiting(actor, document, Verb.NUMBER, Stage.SIGNED, Stage.NUMBERED, Stage.SEALED)
    held = keys.agency_key(actor)
    with keys.unlock(held, passphrase):
        pass
    if document.state == Stage.SIGNED:
        document = assign_number(actor, document_id)
    if document.state == Stage.NUMBERED:
        document = seal_document(actor, document_id, passphrase)
    if document.state == Stage.SEALED:
        document = dispatch(actor, document_id)
    return document


@action
def assign_number(actor: Actor, document_id: UUID) -> Document:
    """Give number and date by the system's function, in order of time, without gaps (NĐ 30/2020 Đ15)."""
    document = queries.locked(actor, document_id)
    _require_waiting(actor, document, Verb.NUMBER, Stage.SIGNED)
    draft = Draft.objects.select_related("unit").get(document=document)
    book = numbers.register_for(document.agency_id, Direction.OUTGOING, document.type_code)
    entry = numbers.take_number(book, document, actor)
    document.number = entry.number
    document.issued_date = clock.local(entry.at).date()
    document.notation = notation_for(
        document.type_code,
        document.agency.abbreviation,
        draft.unit.abbreviation if draft.unit else "",
        document.issued_date.year,
    )
    document.code = code(entry.number, document.notation)
    document.document_id = make_document_id(document.issuer_organ_id, document.issued_date, document.code)
    document.state = Stage.NUMBERED
    document.changed_at = clock.now()
    document.save()
    record(actor, "issuing.assign_number", kind="document", object_id=document.id, data=_said(document))
    return document


def seal_document(actor: Actor, document_id: UUID, passphrase: str) -> Document:
    """The agency signs: number and date are written in the same revision, then nothing can change (R92–R96).

    Every separate annex gets the agency's signature too. Made outside the transaction, kept by a guarded
    update.
    """
    document = queries.get(actor, document_id)
    _require_waiting(actor, document, Verb.NUMBER, Stage.NUMBERED)
    assert document.number is not None and document.issued_date is not None
    signed = _current_main(document)
    held = keys.agency_key(actor)
    with keys.unlock(held, passphrase) as key:
        sealed = seal(
            store.read(signed.sha256),
            key,
            number=number_text(document.number),
            issued_date=document.issued_date,
            font=service.font("Regular"),
            date_font=service.font("Italic"),
            place=document.issue_place,
            signed_at=clock.local(clock.now()),
            seal_image=service.image_of(held),
            location=document.issue_place or None,
            timestamper=service.timestamper(),
        )
        service.require_acceptable(sealed)
        annexes = [
            (
                annex,
                seal_attachment(
                    store.read(annex.sha256),
                    key,
                    code=document.code,
                    font=service.font("Regular"),
                    signed_at=clock.local(clock.now()),
                    timestamper=service.timestamper(),
                ),
            )
            for annex in _annexes(document)
            if annex.stage != FileStage.SEALED
        ]
    return _keep_seal(actor, document_id, signed, sealed=sealed, annexes=annexes, serial=held.serial)


@action
def _keep_seal(
    actor: Actor,
    document_id: UUID,
    signed: DocumentFile,
    *,
    sealed: bytes,
    annexes: list[tuple[DocumentFile, bytes]],
    serial: str,
) -> Document:
    document = queries.locked(actor, document_id)
    _require_waiting(actor, document, Verb.NUMBER, Stage.NUMBERED)
    _require_unchanged(document, signed)
    main = _sealed_version(document, signed, sealed, actor)
    kept = [_sealed_version(document, annex, content, actor) for annex, content in annexes]
    document.state = Stage.SEALED
    _touch(document, "state")
    draft = Draft.objects.get(document=document)
    draft.issued_at = clock.now()
    draft.save(update_fields=["issued_at"])
    _check_later(document)
    record(
        actor,
        "issuing.seal",
        kind="document",
        object_id=document.id,
        data={
            **_file_said(main),
            "certificate": serial,
            "from_sha256": signed.sha256,
            "annexes": [file.sha256 for file in kept],
        },
    )
    return document


@action
def dispatch(actor: Actor, document_id: UUID) -> Document:
    """Send the sealed document to every recipient (R97); one delivery each, followed from then on."""
    document = queries.locked(actor, document_id)
    _require_waiting(actor, document, Verb.NUMBER, Stage.SEALED)
    for annex in _annexes(document):
        if annex.stage != FileStage.SEALED:
            raise AnnexUnsigned(name=annex.name)
    chosen = DraftRecipient.objects.filter(document=document).values_list("agency_id", flat=True)
    recipients = list(Agency.objects.filter(pk__in=chosen).prefetch_related("identifiers"))
    if recipients and document.restriction:
        outbox.dispatch_paper(document, recipients)
    elif recipients:
        outbox.dispatch(document, recipients, actor=actor)
    document.state = Stage.ISSUED
    _touch(document, "state")
    done(document, Verb.NUMBER)
    record(
        actor,
        "issuing.dispatch",
        kind="document",
        object_id=document.id,
        data={"recipients": [agency.organ_id for agency in recipients]},
    )
    return document


# --- shared steps ---


def _own_draft(actor: Actor, document_id: UUID) -> tuple[Document, Draft]:
    document = queries.locked(actor, document_id)
    draft = Draft.objects.select_related("drafter", "signer__person").get(document=document)
    _require_drafter(actor, draft)
    if document.state not in EDITABLE:
        raise NotEditable(state=Stage(document.state).label)
    return document, draft


def _require_drafter(actor: Actor, draft: Draft) -> None:
    if draft.drafter_id != actor.post_id:
        raise NotADrafter


def _require_waiting(actor: Actor, document: Document, verb: Verb, *stages: Stage) -> None:
    require_step(actor, document, verb, state_label=Stage(document.state).label)
    require_stage(document.state, *stages)
    if verb is Verb.NUMBER:
        actor.require(Role.CLERK)


def _require_unchanged(document: Document, seen: DocumentFile) -> None:
    if _current_main(document).pk != seen.pk:
        raise ChangedMeanwhile


def _current_main(document: Document) -> DocumentFile:
    file = queries.main_file(document)
    if file is None:
        raise ChangedMeanwhile
    return file


def _annexes(document: Document) -> list[DocumentFile]:
    return [file for file in queries.current_files(document) if file.kind == FileKind.ANNEX]


def _sealed_version(document: Document, source: DocumentFile, content: bytes, actor: Actor) -> DocumentFile:
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


def _prepare(actor: Actor, document: Document, draft: Draft, main: DocumentFile) -> None:
    """Write the empty fields into a clean copy of the draft; the draft version itself stays."""
    assert draft.signer is not None
    draft_file = _draft_version(document, main)
    content = upright(store.read(draft_file.sha256))
    found = find_or_make_places(content, signer_name=draft.signer.person.full_name)
    draft.placement_notes = [note.text for note in found.notes] + _notation_note(document, draft, content)
    files.add_version(
        document,
        prepare(content, found.places, signers=[SIGNER_FIELD]),
        kind=FileKind.MAIN,
        stage=FileStage.PREPARED,
        name=draft_file.name,
        actor=actor,
        source=draft_file,
    )
    document.signer_name = draft.signer.person.full_name
    document.signer_position = draft.signer.position
    document.signer_competence = draft.signer.competence


def _notation_note(document: Document, draft: Draft, content: bytes) -> list[str]:
    """A remark when the notation printed on the page is not the one that the register will give."""
    printed = read_front_page(content).notation
    given = notation_for(
        document.type_code,
        document.agency.abbreviation,
        draft.unit.abbreviation if draft.unit else "",
        clock.today().year,
    )
    if not printed or printed == given:
        return []
    return [f"Ký hiệu in trên trang là “{printed}”, nhưng sổ sẽ cấp ký hiệu “{given}”; hãy sửa cho khớp."]


def _draft_version(document: Document, main: DocumentFile) -> DocumentFile:
    """The newest draft version: after a return the prepared copy is current, but never prepared again."""
    if main.stage == FileStage.DRAFT:
        return main
    drafts = document.files.filter(kind=FileKind.MAIN, stage=FileStage.DRAFT)
    return drafts.order_by("-version")[0]


def _pass_to_signer(document: Document, draft: Draft) -> None:
    assert draft.signer_id is not None
    document.state = Stage.SUBMITTED
    include(document, draft.signer_id, Capacity.SIGNER)
    ask(document, draft.signer_id, Verb.SIGN)


def _back_to_drafter(document: Document, draft: Draft, stage: Stage, reason: str) -> None:
    document.state = stage
    _touch(document, "state")
    done(document, Verb.REVIEW, Verb.SIGN)
    ask(document, draft.drafter_id, Verb.REVISE, reason=reason)


def _fill(document: Document, draft: Draft, data: DraftData) -> None:
    document.type_code = document_type(data.type_code).code
    document.subject = " ".join(data.subject.split())
    document.urgency = Urgency(data.urgency)
    document.restriction = data.restriction
    document.issue_place = data.issue_place or draft.drafter.agency.place
    document.distribution = [line.strip() for line in data.distribution if line.strip()]
    document.reply_due = data.reply_due
    document.note = data.note
    document.changed_at = clock.now()
    draft.signer = _signer(draft.drafter.agency_id, data.signer_id)


def _signer(agency_id: UUID, post_id: str) -> Post | None:
    if not post_id:
        return None
    return directory.holders(agency_id, Role.LEADER).filter(pk=post_id).first()


def _set_recipients(document: Document, data: DraftData) -> None:
    wanted = [UUID(str(key)) for key in dict.fromkeys(data.recipient_ids)]
    known = set(
        Agency.objects.filter(pk__in=wanted).exclude(pk=document.agency_id).values_list("pk", flat=True)
    )
    DraftRecipient.objects.filter(document=document).exclude(agency_id__in=known).delete()
    for ordinal, agency_id in enumerate(key for key in wanted if key in known):
        DraftRecipient.objects.update_or_create(
            document=document, agency_id=agency_id, defaults={"ordinal": ordinal}
        )


def _link_reply(actor: Actor, document: Document, data: DraftData) -> None:
    DocumentLink.objects.filter(source=document, kind=LinkKind.REPLY_TO).delete()
    if data.reply_to_id:
        answered = queries.get(actor, UUID(str(data.reply_to_id)))
        DocumentLink.objects.create(source=document, target=answered, kind=LinkKind.REPLY_TO)


def _post(actor: Actor) -> Post:
    return Post.objects.select_related("agency", "unit").get(pk=actor.own_post)


def _check_later(document: Document) -> None:
    """Have the signatures checked as any reader would, in the background; the page shows what was found."""
    from vanthu.issuing.jobs import check_sealed

    check_sealed.defer(document_id=str(document.id))


def _touch(document: Document, *fields: str) -> None:
    document.changed_at = clock.now()
    document.save(update_fields=[*fields, "changed_at"])


def _said(document: Document) -> dict[str, object]:
    return {
        "subject": document.subject,
        "type": document.type_code,
        "urgency": document.urgency,
        "code": document.code,
        "state": document.state,
    }


def _file_said(file: DocumentFile) -> dict[str, object]:
    return {"file": file.name, "sha256": file.sha256, "version": file.version, "stage": file.stage}
