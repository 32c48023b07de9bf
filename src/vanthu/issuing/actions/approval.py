"""The verbs of approval: submit, withdraw, review, return, sign (R90–R91; NĐ 30/2020 Đ11–Đ13)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.blobs.working import working_copy
from vanthu.directory import queries as directory
from vanthu.formalities import Urgency
from vanthu.issuing.actions.preparing import draft_version, prepare_draft
from vanthu.issuing.actions.steps import (
    SIGNER_FIELD,
    annexes_of,
    check_later,
    current_main,
    file_said,
    mark_signed,
    own_draft,
    require_drafter,
    require_unchanged,
    require_waiting,
    said,
    touch,
)
from vanthu.issuing.actions.turns import ask_people, take_back_from_all
from vanthu.issuing.joint_models import CoIssuer
from vanthu.issuing.joint_queries import co_issuers, part_of
from vanthu.issuing.joint_rules import is_joint_type
from vanthu.issuing.models import Comment, Draft, Stage
from vanthu.issuing.queries import recipients
from vanthu.issuing.rules import (
    WITH_SIGNATURES_PENDING,
    DraftIncomplete,
    IssuerWithoutCode,
    ReopenWithoutReason,
    ReturnWithoutReason,
    WrongStage,
    missing,
    require_stage,
)
from vanthu.legal.calendars import calendar_at
from vanthu.pades import KeySource, Timestamper, Work, partner_fields, sign_file, sign_works
from vanthu.records import files, queries
from vanthu.records.models import (
    Capacity,
    Direction,
    Document,
    DocumentFile,
    FileKind,
    FileStage,
    Verb,
)
from vanthu.records.participants import ask, done, include, waits_for
from vanthu.signing import awaiting, gate, keys, service
from vanthu.signing.authority_rules import Given
from vanthu.signing.certificate_models import Purpose
from vanthu.signing.models import AwaitedSignature, SigningKey
from vanthu.worktime import dispatch_deadline


@action
def submit(actor: Actor, document_id: UUID) -> Document:
    """Submit for signature: the PDF is prepared once, with fields for number, date, signature and seal (R90).

    Goes to the head of the drafter's unit first, when the unit has one (NĐ 30/2020 Đ12.1). Raises
    :class:`DraftIncomplete`, and PLACE_NOT_FOUND when the page shows no place for number, date or signature.
    """
    document, draft = own_draft(actor, document_id)
    main = queries.main_file(document)
    lacking = missing(
        subject=document.subject,
        has_signer=draft.signer_id is not None,
        has_main_file=main is not None,
        recipients=len(recipients(document)),
        restricted=bool(document.restriction),
        partners_missing=is_joint_type(document.type_code) and not co_issuers(document),
    )
    if lacking or main is None or draft.signer is None:
        raise DraftIncomplete(missing=", ".join(lacking))
    if not document.issuer_organ_id:
        raise IssuerWithoutCode
    prepare_draft(actor, document, draft, main)
    draft.submitted_at = clock.now()
    draft.reviewer = directory.unit_head_of(draft.drafter)
    done(document, Verb.REVISE)
    if draft.reviewer and draft.reviewer_id != draft.signer_id:
        document.state = Stage.REVIEW
        include(document, draft.reviewer.id, Capacity.REVIEWER)
        ask(document, draft.reviewer.id, Verb.REVIEW)
    else:
        _pass_to_signers(document, draft)
    draft.save()
    touch(document, "state", "signer_name", "signer_position", "signer_competence")
    record(actor, "issuing.submit", kind="document", object_id=document.id, data=said(document))
    return document


@action
def withdraw(actor: Actor, document_id: UUID) -> Document:
    """The drafter takes the document back before anybody signed it; afterwards see :func:`reopen`."""
    document = queries.locked(actor, document_id, Direction.OUTGOING)
    draft = Draft.objects.get(document=document)
    require_drafter(actor, draft)
    require_stage(document.state, *WITH_SIGNATURES_PENDING)
    if current_main(document).stage == FileStage.SIGNED:
        raise ReopenWithoutReason
    voided = _void_approvals(draft)
    _back_to_drafter(document, draft, Stage.DRAFT, "")
    record(actor, "issuing.withdraw", kind="document", object_id=document.id, data={"voided": voided})
    return document


@action
def reopen(actor: Actor, document_id: UUID, reason: str) -> Document:
    """Take a signed document back to be changed before it has a number: every approval is void, and whoever gave one
    decides anew (NĐ 30/2020 Đ11.2; L6). By its drafter, or by the clerk in front of whom it lies; a joint document also
    while some have signed and others not yet.

    The signed file stays in the history; the draft that it was made from is current again. Raises
    :class:`ReopenWithoutReason`, ``NotYourStep``, :class:`WrongStage`.
    """
    document = queries.locked(actor, document_id, Direction.OUTGOING)
    if not reason.strip():
        raise ReopenWithoutReason
    draft = Draft.objects.select_related("reviewer__person", "signer__person").get(document=document)
    if draft.drafter_id != actor.post_id:
        require_waiting(actor, document, Verb.NUMBER, Stage.SIGNED)
    signed = current_main(document)
    if signed.stage != FileStage.SIGNED:
        raise WrongStage(state=Stage(document.state).label)
    require_stage(document.state, Stage.SIGNED, Stage.SUBMITTED)
    voided = give_back(actor, document, draft, reason)
    record(
        actor,
        "issuing.reopen",
        kind="document",
        object_id=document.id,
        data={"reason": reason, "voided": voided, "names": ", ".join(voided), "sha256": signed.sha256},
    )
    return document


@action
def approve_review(actor: Actor, document_id: UUID) -> Document:
    """The unit head answers for the content and passes the document on to the signer (NĐ 30/2020 Đ12.1)."""
    document = queries.locked(actor, document_id, Direction.OUTGOING)
    require_waiting(actor, document, Verb.REVIEW, Stage.REVIEW)
    draft = Draft.objects.select_related("signer__person").get(document=document)
    draft.reviewed_at = clock.now()
    draft.save()
    done(document, Verb.REVIEW)
    _pass_to_signers(document, draft)
    touch(document, "state")
    record(actor, "issuing.approve_review", kind="document", object_id=document.id)
    return document


@action
def return_draft(actor: Actor, document_id: UUID, reason: str) -> Document:
    """Unit head or signer gives the document back with a reason (P6-III.1.n); so does the signer of another agency
    that was to issue it too, or the clerk for one elsewhere. Signatures that it has are void."""
    document = queries.locked_open(actor, document_id, Direction.OUTGOING)
    if not reason.strip():
        raise ReturnWithoutReason
    require_stage(document.state, *WITH_SIGNATURES_PENDING)
    require_waiting(actor, document, _verb_before(actor, document), Stage(document.state))
    draft = Draft.objects.select_related("reviewer__person", "signer__person").get(document=document)
    data = {"reason": reason, "voided": give_back(actor, document, draft, reason)}
    record(actor, "issuing.return_draft", kind="document", object_id=document.id, data=data)
    return document


def sign_document(actor: Actor, document_id: UUID, passphrase: str, otp: str = "") -> Document:
    """The competent person signs (R91): a visible PAdES signature between position and name. On a joint document so
    does that of each other agency of this site, in its own block.

    The signature is made outside the transaction and kept by a guarded update, so a slow token or time-stamp
    locks nobody out, and a crash leaves the document unsigned. ``passphrase`` is the PIN where the key is on a
    device or at a remote service. Raises the key errors of ``vanthu.pades``.
    """
    document, prepared = about_to_sign(actor, document_id)
    held = keys.person_key(actor)
    with working_copy(prepared.sha256) as signed:
        with keys.unlock(held, passphrase, otp) as key:
            sign_works(key, [signing_work(document, signed, held)], service.signing_stamper())
        service.require_acceptable(signed)
        return keep_signature(actor, document_id, prepared, signed, held)


def about_to_sign(actor: Actor, document_id: UUID) -> tuple[Document, DocumentFile]:
    """The document that waits for the actor's signature, and the file to sign; refuses as signing does."""
    document = queries.get_open(actor, document_id, Direction.OUTGOING)
    require_waiting(actor, document, Verb.SIGN, Stage.SUBMITTED)
    prepared = current_main(document)
    require_authority(actor, document, prepared)
    return document, prepared


def signing_work(document: Document, path: Path, held: SigningKey) -> Work:
    """The competent person's signature in a working copy of the prepared file, in their own agency's block, with
    whatever kind of key."""
    field = SIGNER_FIELD
    if held.agency_id != document.agency_id:
        field, _ = partner_fields(CoIssuer.objects.get(document=document, agency_id=held.agency_id).ordinal)

    def make(path: Path, key: KeySource, timestamper: Timestamper | None) -> None:
        sign_file(
            path,
            field,
            key,
            signed_at=clock.local(clock.now()),
            image=service.image_of(held),
            location=document.issue_place or None,
            timestamper=timestamper,
        )

    return Work(path, make)


@action
def keep_signature(
    actor: Actor,
    document_id: UUID,
    prepared: DocumentFile,
    signed: Path,
    held: SigningKey,
    awaited: Sequence[AwaitedSignature] = (),
) -> Document:
    """Keep a signature that was just made in a working file; ``awaited`` are the rows that waited for it, if the key
    is elsewhere."""
    document = queries.locked_open(actor, document_id, Direction.OUTGOING)
    require_waiting(actor, document, Verb.SIGN, Stage.SUBMITTED)
    require_unchanged(document, prepared)
    awaiting.consume(awaited)
    held = gate.require_key(actor, held)
    authority = require_authority(actor, document, prepared)
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
    part = part_of(actor, document)
    if part is None:
        draft.signed_at = clock.now()
    else:
        part.signed_at, part.serial = clock.now(), held.serial
        part.save(update_fields=["signed_at", "serial"])
    done(document, Verb.SIGN, principal=actor.own_post)
    mark_signed(actor, document.pk)
    after_signature(document, draft)
    check_later(document)
    said_of_key = gate.note_use(actor, held, document, purpose=Purpose.SIGN, sha256=file.sha256, by=authority)
    seen = {"annexes": [annex.sha256 for annex in annexes_of(document)]} if part else {}
    record(
        actor,
        "issuing.sign",
        kind="document",
        object_id=document.id,
        data={**file_said(file), **said_of_key, **seen, "from_sha256": prepared.sha256},
    )
    return document


def after_signature(document: Document, draft: Draft) -> None:
    """Ask whoever signs next; when everybody has, the clerk, from when on the deadline of dispatch runs."""
    if not ask_people(document, draft):
        now = clock.now()
        draft.dispatch_deadline = dispatch_deadline(now, calendar_at(now), Urgency(document.urgency))
        document.state = Stage.SIGNED
        registry = directory.registry_of(document.agency_id)
        include(document, registry, Capacity.REGISTRY)
        ask(document, registry, Verb.NUMBER, due_at=draft.dispatch_deadline)
    draft.save()
    touch(document, "state")


def require_authority(actor: Actor, document: Document, prepared: DocumentFile) -> Given:
    """By which authority the actor signs, checked at the instant; see ``gate.require_authority``. The unit that drafts
    and the field of work are of its own agency: another agency's signer needs an authority that is bound to neither."""
    unit_id = field_id = None
    if actor.agency_id == document.agency_id:
        unit_id, field_id = Draft.objects.values_list("unit_id", "field_id").get(document=document)
    return gate.require_authority(actor, document, unit_id=unit_id, field_id=field_id, sha256=prepared.sha256)


def give_back(actor: Actor, document: Document, draft: Draft, reason: str) -> list[str]:
    """The drafter has the draft again, with the reason, and every approval is void; answers whose ended."""
    Comment.objects.create(
        document=document, author_id=actor.own_post, text=reason, returned=True, at=clock.now()
    )
    voided = _void_approvals(draft)
    if current_main(document).stage == FileStage.SIGNED:
        _draft_again(actor, document)
    _back_to_drafter(document, draft, Stage.RETURNED, reason)
    return voided


def _pass_to_signers(document: Document, draft: Draft) -> None:
    document.state = Stage.SUBMITTED
    ask_people(document, draft)


def _void_approvals(draft: Draft) -> list[str]:
    """Nobody has approved what is going to be changed; answers whose approvals ended."""
    voided = []
    if draft.reviewed_at is not None and draft.reviewer is not None:
        voided.append(draft.reviewer.person.full_name)
    if draft.signed_at is not None and draft.signer is not None:
        voided.append(draft.signer.person.full_name)
    voided += take_back_from_all(draft.document)
    draft.reviewed_at = draft.signed_at = draft.dispatch_deadline = draft.submitted_at = None
    draft.save(update_fields=["reviewed_at", "signed_at", "dispatch_deadline", "submitted_at"])
    return voided


def _back_to_drafter(document: Document, draft: Draft, stage: Stage, reason: str) -> None:
    document.state = stage
    touch(document, "state")
    done(document, Verb.REVIEW, Verb.SIGN, Verb.OBTAIN, Verb.NUMBER)
    ask(document, draft.drafter_id, Verb.REVISE, reason=reason)


def _verb_before(actor: Actor, document: Document) -> Verb:
    """As what the actor has the document in front of the last signature."""
    if document.state == Stage.REVIEW:
        return Verb.REVIEW
    return Verb.OBTAIN if waits_for(actor, document, Verb.OBTAIN) else Verb.SIGN


def _draft_again(actor: Actor, document: Document) -> None:
    """The signed file stays in the history; the draft that it was made from is current again."""
    earlier = draft_version(document, current_main(document))
    with working_copy(earlier.sha256) as content:
        files.add_version(
            document,
            content,
            kind=FileKind.MAIN,
            stage=FileStage.DRAFT,
            name=earlier.name,
            actor=actor,
            source=earlier,
        )
