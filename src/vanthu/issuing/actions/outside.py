"""The verb that brings in what an agency without this system signed: the very same file with one signature more.

Owns the look at such a file: it must begin with the bytes that were handed out, so nothing before it changed, and bear
one further signature, valid, in the field of that agency, of that agency. Refuses everything else with the reason.
"""

from __future__ import annotations

import io
from pathlib import Path
from uuid import UUID

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor, Role
from vanthu.blobs import store
from vanthu.blobs.working import working_file
from vanthu.issuing.actions.approval import after_signature
from vanthu.issuing.actions.joint import after_partner_seal
from vanthu.issuing.actions.steps import (
    check_later,
    current_main,
    file_said,
    require_unchanged,
    require_waiting,
)
from vanthu.issuing.joint_models import CoIssuer
from vanthu.issuing.joint_queries import field_of, handed_to, sender_of
from vanthu.issuing.joint_rules import OutsideRefused, Step, require_further_signature
from vanthu.issuing.models import Draft, Stage
from vanthu.pades import SignatureReport, fields
from vanthu.pades.reading import find_signatures, open_reader
from vanthu.records import files, queries
from vanthu.records.models import Direction, Document, DocumentFile, FileKind, FileStage, Verb
from vanthu.records.participants import done
from vanthu.signing import service


def bring_in(actor: Actor, document_id: UUID, co_issuer_id: UUID, content: bytes) -> Document:
    """Take the file that an agency elsewhere signed or sealed, whichever its turn is.

    ``content`` is bounded by whoever read it. Raises :class:`OutsideRefused`, ``NotYourStep``, ``NotYours``,
    ``ChangedMeanwhile``.
    """
    document = queries.get(actor, document_id, Direction.OUTGOING)
    one, step = _awaited(actor, document, co_issuer_id)
    handed_out = current_main(document)
    found = _further_signature(content, handed_out, one, step)
    with working_file(io.BytesIO(content)) as path:
        return _keep_brought(actor, document_id, handed_out, path, one, step, found)


def _awaited(actor: Actor, document: Document, co_issuer_id: UUID) -> tuple[CoIssuer, Step]:
    """The agency whose file is awaited, and what it was to do."""
    require_waiting(actor, document, Verb.OBTAIN, Stage.SUBMITTED, Stage.NUMBERED)
    actor.require(Role.CLERK)
    step = Step.SIGN if document.state == Stage.SUBMITTED else Step.SEAL
    one = handed_to(document, step)
    if one is None or one.pk != co_issuer_id:
        raise OutsideRefused(why="chưa đến lượt cơ quan này")
    return one, step


def _further_signature(
    content: bytes, handed_out: DocumentFile, one: CoIssuer, step: Step
) -> SignatureReport:
    """Judged in a confined process, for nobody knows who made the file."""
    before = store.read(handed_out.sha256)
    if content == before or not content.startswith(before):
        raise OutsideRefused(why="đây không phải tệp đã tải từ trang này kèm thêm một chữ ký")
    signed = find_signatures(open_reader(io.BytesIO(before))).judged
    found = require_further_signature(
        service.judge(content),
        before=[str(signature.field_name) for signature in signed],
        field=field_of(one, step),
        step=step,
        agency=sender_of(one),
    )
    if fields(content) != fields(before):
        raise OutsideRefused(why="số hoặc ngày đã bị ghi vào tệp; chỉ cơ quan chủ trì ghi số, ngày")
    return found


@action
def _keep_brought(
    actor: Actor,
    document_id: UUID,
    handed_out: DocumentFile,
    path: Path,
    one: CoIssuer,
    step: Step,
    found: SignatureReport,
) -> Document:
    document = queries.locked(actor, document_id, Direction.OUTGOING)
    one, step = _awaited(actor, document, one.pk)
    require_unchanged(document, handed_out)
    file = files.add_version(
        document,
        path,
        kind=FileKind.MAIN,
        stage=FileStage.SIGNED,
        name=handed_out.name,
        actor=actor,
        source=handed_out,
    )
    done(document, Verb.OBTAIN)
    if step is Step.SIGN:
        one.signed_at, one.serial = clock.now(), found.certificate_serial
        one.save(update_fields=["signed_at", "serial"])
        after_signature(document, Draft.objects.get(document=document))
        check_later(document)
    else:
        after_partner_seal(document, one)
    record(
        actor,
        "issuing.bring_signature" if step is Step.SIGN else "issuing.bring_seal",
        kind="document",
        object_id=document.id,
        data={
            **file_said(file),
            "agency": one.agency.name,
            "signer": found.signer_name,
            "certificate": found.certificate_serial,
            "from_sha256": handed_out.sha256,
        },
    )
    return document
