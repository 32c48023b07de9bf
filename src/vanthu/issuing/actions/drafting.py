"""The verbs of drafting: begin, change, attach, comment, give up (R90)."""

from __future__ import annotations

from uuid import UUID

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.base.ids import new_id
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency, Post, WorkField
from vanthu.formalities import Steering, Urgency
from vanthu.formalities.secrecy import Described
from vanthu.issuing.actions.steps import (
    annexes_of,
    drafter_post,
    file_said,
    own_draft,
    require_drafter,
    require_waiting,
    said,
    touch,
)
from vanthu.issuing.models import Comment, Draft, DraftRecipient, Stage
from vanthu.issuing.queries import left_out, recipients, replaceable
from vanthu.issuing.rules import (
    EDITABLE,
    AnnexMissing,
    DraftData,
    ReplacedUnknown,
    document_type,
    refuse_secret,
)
from vanthu.issuing.uploads import DOCX_TYPE, Upload
from vanthu.pades.opening import beginning
from vanthu.records import files, queries
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
from vanthu.records.participants import ask, done, include
from vanthu.signing.authority_queries import signers


@action
def create_draft(actor: Actor, data: DraftData, document_id: UUID | None = None) -> Document:
    """Begin an outgoing document (NĐ 30/2020 Đ10). Anybody with a post may draft.

    ``document_id`` is the key that the drafting page was opened with; so an autosave and an upload that run at
    the same time make one document, never two.
    """
    now = clock.now()
    drafter = drafter_post(actor)
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
    _link_replaced(actor, document, data)
    include(document, drafter.id, Capacity.DRAFTER)
    ask(document, drafter.id, Verb.REVISE)
    record(actor, "issuing.create_draft", kind="document", object_id=document.id, data=said(document))
    return document


@action
def update_draft(actor: Actor, document_id: UUID, data: DraftData) -> Document:
    """Change the fields of a draft; only its drafter, only before submission or after return."""
    document, draft = own_draft(actor, document_id)
    before = said(document)
    _fill(document, draft, data)
    document.save()
    draft.save()
    _set_recipients(document, data)
    _link_reply(actor, document, data)
    _link_replaced(actor, document, data)
    record(
        actor,
        "issuing.update_draft",
        kind="document",
        object_id=document.id,
        data={"before": before, "after": said(document)},
    )
    return document


@action
def attach_main(actor: Actor, document_id: UUID, upload: Upload) -> DocumentFile:
    """Put the document's file in place, or a newer version of it; earlier versions stay."""
    document, _ = own_draft(actor, document_id)
    source = None
    if upload.source is not None:
        source = files.add_version(
            document,
            beginning(upload.source),
            kind=FileKind.SOURCE,
            stage=FileStage.DRAFT,
            name=upload.name.removesuffix(".pdf") + ".docx",
            actor=actor,
            media_type=DOCX_TYPE,
        )
    file = files.add_version(
        document,
        beginning(upload.pdf),
        kind=FileKind.MAIN,
        stage=FileStage.DRAFT,
        name=upload.name,
        actor=actor,
        source=source,
    )
    document.page_count = upload.pages
    touch(document, "page_count")
    record(actor, "issuing.attach_main", kind="document", object_id=document.id, data=file_said(file))
    return file


@action
def attach_annex(actor: Actor, document_id: UUID, upload: Upload) -> DocumentFile:
    """Add a separate annex; it will be numbered and sealed as the main document is (R96)."""
    document, _ = own_draft(actor, document_id)
    file = files.add_version(
        document,
        beginning(upload.pdf),
        kind=FileKind.ANNEX,
        stage=FileStage.DRAFT,
        name=upload.name,
        actor=actor,
        ordinal=files.next_ordinal(document, FileKind.ANNEX),
    )
    record(actor, "issuing.attach_annex", kind="document", object_id=document.id, data=file_said(file))
    return file


@action
def remove_annex(actor: Actor, document_id: UUID, ordinal: int) -> None:
    """Take an annex out of the draft; its versions stay in the history. Raises :class:`AnnexMissing`."""
    document, _ = own_draft(actor, document_id)
    if ordinal not in {annex.ordinal for annex in annexes_of(document)}:
        raise AnnexMissing
    files.drop(document, FileKind.ANNEX, ordinal)
    record(actor, "issuing.remove_annex", kind="document", object_id=document.id, data={"ordinal": ordinal})


@action
def comment(actor: Actor, document_id: UUID, text: str) -> Comment:
    """Say something of the document; everybody who takes part may (P6-III.5.a)."""
    document = queries.locked(actor, document_id, Direction.OUTGOING)
    said = Comment.objects.create(document=document, author_id=actor.own_post, text=text, at=clock.now())
    record(actor, "issuing.comment", kind="document", object_id=document.id, data={"comment": text})
    return said


@action
def discard_draft(actor: Actor, document_id: UUID, reason: str) -> None:
    """Give a draft up before it has a number; it stays in the history as voided."""
    document, _ = own_draft(actor, document_id)
    document.state = Stage.VOIDED
    touch(document, "state")
    done(document, *Verb)
    record(actor, "issuing.discard_draft", kind="document", object_id=document.id, data={"reason": reason})


def _fill(document: Document, draft: Draft, data: DraftData) -> None:
    document.type_code = document_type(data.type_code).code
    document.subject = " ".join(data.subject.split())
    refuse_secret(Described(subject=document.subject))
    document.urgency = Urgency(data.urgency)
    document.restriction = data.restriction
    document.steering = Steering(data.steering)
    document.issue_place = data.issue_place or draft.drafter.agency.place
    document.distribution = [line.strip() for line in data.distribution if line.strip()]
    document.reply_due = data.reply_due
    document.note = data.note
    document.changed_at = clock.now()
    draft.signer = _signer(draft.drafter.agency_id, data.signer_id)
    draft.field = _field(draft, data)
    draft.recall_left_out, draft.recall_reason = data.recall_left_out, data.recall_reason.strip()[:500]


def _field(draft: Draft, data: DraftData) -> WorkField | None:
    """The field of work that was chosen, else the usual one."""
    offered = directory.work_fields(draft.drafter.agency_id)
    chosen = [field for field in offered if str(field.pk) == data.field_id]
    return chosen[0] if chosen else directory.usual_field(offered, draft.unit_id, data.type_code)


def _signer(agency_id: UUID, post_id: str) -> Post | None:
    if not post_id:
        return None
    return next((post for post in signers(agency_id) if str(post.pk) == post_id), None)


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


def _link_replaced(actor: Actor, document: Document, data: DraftData) -> None:
    """Which issued documents this one will take the place of (NĐ 30/2020 Đ18.3)."""
    DocumentLink.objects.filter(source=document, kind=LinkKind.REPLACES).delete()
    for code in data.replaces:
        replaced = replaceable(actor, code)
        if replaced is None:
            raise ReplacedUnknown(code=code)
        DocumentLink.objects.get_or_create(source=document, target=replaced, kind=LinkKind.REPLACES)


@action
def tell_everybody(actor: Actor, document_id: UUID) -> Document:
    """Send a replacement also to everybody who has what it replaces: the drafter, or the clerk before the dispatch.

    Raises ``NotYours``, ``NotYourStep``, :class:`NotADrafter`, :class:`WrongStage`.
    """
    document = queries.locked(actor, document_id, Direction.OUTGOING)
    if document.state in EDITABLE:
        require_drafter(actor, Draft.objects.get(document=document))
    else:
        require_waiting(actor, document, Verb.NUMBER, Stage.SIGNED, Stage.NUMBERED, Stage.SEALED)
    chosen = recipients(document)
    added = left_out(document, chosen)
    DraftRecipient.objects.bulk_create(
        DraftRecipient(document=document, agency=agency, ordinal=len(chosen) + place)
        for place, agency in enumerate(added)
    )
    names = [agency.name for agency in added]
    record(
        actor,
        "issuing.recipients_added",
        kind="document",
        object_id=document.pk,
        data={"recipients": names, "names": ", ".join(names)},
    )
    return document
