"""Signing and sealing with a key on its owner's own computer, in two steps (R66–R67, R91–R97).

``begin_*`` prepares the files and keeps them waiting, ``finish_*`` takes the signatures and goes on as signing
with a key at hand does. A crash anywhere leaves the document as it was before the step, at most with its number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from vanthu.audit.ledger import action, record
from vanthu.base.actors import Actor
from vanthu.blobs.working import working_copies, working_copy
from vanthu.issuing.actions.approval import about_to_sign, keep_signature, signing_work
from vanthu.issuing.actions.joint import (
    about_to_seal_as_partner,
    keep_partner_seal,
    partner_seal_work,
)
from vanthu.issuing.actions.release import (
    about_to_issue,
    about_to_seal,
    assign_number,
    dispatch,
    keep_accepted_seal,
    sealing_works,
)
from vanthu.issuing.models import Stage
from vanthu.issuing.rules import ChangedMeanwhile
from vanthu.pades import Work, prepare_work
from vanthu.records.models import Document, DocumentFile, Verb
from vanthu.signing import awaiting, gate, keys, service
from vanthu.signing.awaiting import Prepared
from vanthu.signing.models import AwaitedSignature, SigningKey


def begin_signing(actor: Actor, document_id: UUID) -> list[AwaitedSignature]:
    """Prepare the competent person's signature; refuses whatever ``sign_document`` refuses."""
    document, prepared = about_to_sign(actor, document_id)
    held = keys.person_key(actor)
    with working_copy(prepared.sha256) as path:
        files = _prepared([prepared], [signing_work(document, path, held)], held)
        return _await(actor, held, Verb.SIGN, document_id, files)


def finish_signing(actor: Actor, document_id: UUID, signatures: Mapping[UUID, bytes]) -> Document:
    """Keep the competent person's signature. Raises SignatureNotAwaited, and PadesError for a signature that is
    not the certificate's."""
    _document, prepared = about_to_sign(actor, document_id)
    rows = awaiting.awaited(actor, document_id, Verb.SIGN)
    _require_same([prepared], rows)
    with awaiting.completed(rows, signatures) as [signed]:
        service.require_acceptable(signed)
        return keep_signature(actor, document_id, prepared, signed, rows[0].key, rows)


def begin_issuing(actor: Actor, document_id: UUID) -> list[AwaitedSignature]:
    """Number the document unless it has its number, and prepare the seal and the annexes' signatures.

    Whether the clerk's device answers is known before: the page asks it first. A refusal afterwards leaves the
    number with the document, and the same button goes on from there. Nothing is awaited when it is sealed.
    """
    document = about_to_issue(actor, document_id)
    held = keys.agency_key(actor)
    if document.state == Stage.SIGNED:
        document = assign_number(actor, document_id)
    if document.state != Stage.NUMBERED:
        return []
    signed, annexes = about_to_seal(document)
    every = [signed, *annexes]
    with working_copies([file.sha256 for file in every]) as paths:
        files = _prepared(every, sealing_works(document, paths, held), held)
        return _await(actor, held, Verb.NUMBER, document_id, files)


def finish_issuing(actor: Actor, document_id: UUID, signatures: Mapping[UUID, bytes]) -> Document:
    """Keep the seals and dispatch, or keep a joint document's number; raises as :func:`finish_signing` does."""
    document = about_to_issue(actor, document_id)
    if document.state == Stage.NUMBERED:
        signed, annexes = about_to_seal(document)
        rows = awaiting.awaited(actor, document_id, Verb.NUMBER)
        _require_same([signed, *annexes], rows)
        with awaiting.completed(rows, signatures) as made:
            document = keep_accepted_seal(actor, document, signed, annexes, made, rows[0].key, rows)
    return dispatch(actor, document_id) if document.state == Stage.SEALED else document


def begin_partner_seal(actor: Actor, document_id: UUID) -> list[AwaitedSignature]:
    """Prepare the seal of another agency on a joint document; refuses whatever ``seal_as_partner`` refuses."""
    _document, part, file = about_to_seal_as_partner(actor, document_id)
    held = keys.agency_key(actor)
    with working_copy(file.sha256) as path:
        files = _prepared([file], [partner_seal_work(part, path, held)], held)
        return _await(actor, held, Verb.SEAL, document_id, files)


def finish_partner_seal(actor: Actor, document_id: UUID, signatures: Mapping[UUID, bytes]) -> Document:
    """Keep it; raises as :func:`finish_signing` does."""
    _document, _part, file = about_to_seal_as_partner(actor, document_id)
    rows = awaiting.awaited(actor, document_id, Verb.SEAL)
    _require_same([file], rows)
    with awaiting.completed(rows, signatures) as [sealed]:
        service.require_acceptable(sealed)
        return keep_partner_seal(actor, document_id, file, sealed, rows[0].key, rows)


def _prepared(files: Sequence[DocumentFile], works: Sequence[Work], held: SigningKey) -> list[Prepared]:
    key = keys.elsewhere(held)
    return [
        Prepared(file.pk, file.sha256, work.path, prepare_work(key, work))
        for file, work in zip(files, works, strict=True)
    ]


@action
def _await(
    actor: Actor, held: SigningKey, verb: Verb, document_id: UUID, files: Sequence[Prepared]
) -> list[AwaitedSignature]:
    """What is about to be asked of the person's device is known before it is asked; key and authority are asked
    once more, in the transaction in which the signature begins."""
    held = gate.require_key(actor, held)
    if verb is Verb.SIGN:
        about_to_sign(actor, document_id)
    rows = awaiting.keep(actor, held, verb=verb, document_id=document_id, files=files)
    record(
        actor,
        "issuing.await_signature",
        kind="document",
        object_id=document_id,
        data={"certificate": held.serial, "files": [file.source_sha256 for file in files]},
    )
    return rows


def _require_same(files: Sequence[DocumentFile], rows: Sequence[AwaitedSignature]) -> None:
    """The files that waited are still the document's current ones."""
    if [file.pk for file in files] != [row.file_id for row in rows]:
        raise ChangedMeanwhile
