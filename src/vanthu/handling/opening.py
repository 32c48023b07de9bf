"""Opening what a sender encrypted for the agency (QĐ 33/2019/QĐ-UBND Đ13).

What came is stored and acknowledged as it came; the clerk opens it afterwards with the agency's key, whenever that
is at hand: a file or the server's device with its secret, or a token in somebody's own computer, which is asked for
the content keys only. The opened files become newer versions that name the encrypted ones by hash, and are then
checked like any other. Refuses to keep a passphrase, and to open with a key that the file is not for.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from uuid import UUID

from vanthu import cms
from vanthu.audit.ledger import action, record
from vanthu.base.actors import Actor, NotYours, Role
from vanthu.blobs import store
from vanthu.blobs.models import Blob
from vanthu.directory import queries as directory
from vanthu.edxml.media import media_type
from vanthu.encryption import queries as encryption
from vanthu.encryption.keys import unlock
from vanthu.encryption.models import AgencyKey
from vanthu.encryption.queries import certificate_of
from vanthu.encryption.rules import KeyElsewhere, NoAgencyKey
from vanthu.errors import VanthuError
from vanthu.handling import recalls
from vanthu.handling.models import Stage
from vanthu.handling.rules import NothingToOpen, require_stage
from vanthu.records import files, queries
from vanthu.records.models import Capacity, Direction, Document, DocumentFile, FileKind, FileStage, Verb
from vanthu.records.participants import ask, done, include, waits_for
from vanthu.signing.agents import ToOpen
from vanthu_agent.opening import Sealed

ENDING = ".p7m"
_OPEN_AT = (Stage.ARRIVED, Stage.REGISTERED, Stage.ASSIGNED, Stage.IN_PROGRESS, Stage.COMPLETED)


@dataclass(frozen=True)
class Opened:
    """A file that was opened: which, and what was inside."""

    file: DocumentFile
    blob: Blob


def encrypted_files(document: Document) -> list[DocumentFile]:
    """The current files that nobody has opened yet."""
    return [file for file in queries.current_files(document) if file.is_encrypted]


def may_open(actor: Actor, document: Document) -> bool:
    """Whether this is the clerk's or somebody's whom the clerk asked, because the token is with them."""
    return actor.has(Role.CLERK) or waits_for(actor, document, Verb.OPEN)


@action
def ask_holder(actor: Actor, document_id: UUID, post_id: UUID) -> Document:
    """Have the colleague who keeps the token open the files on their own computer.

    Raises ``NotYours``, ``RoleRequired``, ``WrongStage``, :class:`NothingToOpen`.
    """
    actor.require(Role.CLERK)
    document = queries.locked(actor, document_id, Direction.INCOMING)
    require_stage(document.state, *_OPEN_AT)
    holder = directory.colleagues(actor.agency_id).filter(pk=post_id).first()
    if holder is None:
        raise NotYours
    if not encrypted_files(document):
        raise NothingToOpen
    include(document, holder.pk, Capacity.INFORMED)
    ask(document, holder.pk, Verb.OPEN, reason=f"{actor.name}: thiết bị giữ khóa mã hóa ở bạn")
    data = {"holder": str(holder)}
    record(actor, "handling.ask_holder", kind="document", object_id=document.pk, data=data)
    return document


def is_elsewhere(document: Document) -> bool:
    """Whether the key for the first waiting file is on a token in somebody's own computer."""
    waiting = encrypted_files(document)
    try:
        return bool(waiting) and _key_for(document, waiting[0]).elsewhere
    except VanthuError:  # said when somebody opens
        return False


def open_files(actor: Actor, document_id: UUID, secret: str) -> Document:
    """Open the encrypted files of a received document with the agency's keys; ``secret`` is passphrase or PIN.

    Outside the transaction, for large files and tokens are slow; killed before the end, nothing has changed and the
    clerk does it again. Raises ``NotYours``, ``RoleRequired``, ``WrongStage``, :class:`NothingToOpen`,
    ``NoAgencyKey``, ``KeyElsewhere``, ``WrongPassphrase`` and what ``cms.decrypt`` raises.
    """
    held = {file: key for file, key in _waiting(actor, document_id).items() if not key.elsewhere}
    if not held:
        raise KeyElsewhere
    with ExitStack() as stack:
        distinct = {key.pk: key for key in held.values()}.values()
        keys = [stack.enter_context(unlock(key, secret)) for key in distinct]
        opened = [Opened(file, _opened(file, keys)) for file in held]
    return _keep_opened(actor, document_id, opened, list(distinct))


def begin_elsewhere(actor: Actor, document_id: UUID) -> tuple[AgencyKey, list[ToOpen]]:
    """The key on somebody's own token, and what it is asked for: the content key of each waiting file.

    Raises ``NotYours``, ``RoleRequired``, ``WrongStage``, :class:`NothingToOpen`, ``NoAgencyKey`` and what
    ``cms.locate`` raises.
    """
    key, held = _held_elsewhere(actor, document_id)
    document = _asked_for(actor, document_id, list(held), key)
    return key, [
        ToOpen(str(file.pk), f"{file.name} – {document.subject}", document.code, _sealed(file, key))
        for file in held
    ]


def finish_elsewhere(actor: Actor, document_id: UUID, answers: Mapping[UUID, bytes]) -> Document:
    """Open the files with the content keys that the token gave, as :func:`open_files` does.

    An answer that is not the file's opens nothing. Raises as :func:`begin_elsewhere` does.
    """
    key, held = _held_elsewhere(actor, document_id)
    given = {_sealed(file, key): answers[file.pk] for file in held if file.pk in answers}
    opener = cms.AnsweredKey(certificate_of(key), given)
    opened = [Opened(file, _opened(file, [opener])) for file in held]
    return _keep_opened(actor, document_id, opened, [key])


def _held_elsewhere(actor: Actor, document_id: UUID) -> tuple[AgencyKey, list[DocumentFile]]:
    """One token is asked at a time: those files whose key it has."""
    held = [(key, file) for file, key in _waiting(actor, document_id).items() if key.elsewhere]
    if not held:
        raise NothingToOpen
    first = held[0][0]
    return first, [file for key, file in held if key.pk == first.pk]


def _waiting(actor: Actor, document_id: UUID) -> dict[DocumentFile, AgencyKey]:
    """The files that wait, each with the key that opens it."""
    document = queries.get(actor, document_id, Direction.INCOMING)
    if not may_open(actor, document):
        actor.require(Role.CLERK)
    require_stage(document.state, *_OPEN_AT)
    waiting = encrypted_files(document)
    if not waiting:
        raise NothingToOpen
    return {file: _key_for(document, file) for file in waiting}


def _key_for(document: Document, file: DocumentFile) -> AgencyKey:
    """The first of the agency's keys that a file is for: one passphrase opens one key."""
    with store.open_blob(file.sha256) as stream:
        found = encryption.keys_for(document.agency_id, stream)
        if found:
            return found[0]
        if not encryption.keys_of(document.agency_id):
            raise NoAgencyKey
        raise cms.NotForThisKey(recipients=", ".join(cms.locate(stream).named[:20]))


def _sealed(file: DocumentFile, key: AgencyKey) -> Sealed:
    with store.open_blob(file.sha256) as stream:
        return cms.locate(stream).sealed_for(certificate_of(key))


@action
def _asked_for(actor: Actor, document_id: UUID, asked: Sequence[DocumentFile], key: AgencyKey) -> Document:
    """A content key that leaves a token opens the file wherever it is, so that it was asked for is on record."""
    document = queries.locked(actor, document_id, Direction.INCOMING)
    data = {"files": [file.sha256 for file in asked], "keys": [key.serial]}
    record(actor, "handling.ask_to_open", kind="document", object_id=document.pk, data=data)
    return document


def _opened(file: DocumentFile, keys: Sequence[cms.OpeningKey]) -> Blob:
    """Nothing is kept unless all of it was proved."""
    with store.open_blob(file.sha256) as stream, tempfile.TemporaryFile() as target:
        cms.decrypt(stream, target, keys)
        target.seek(0)
        return store.put(target)


@action
def _keep_opened(
    actor: Actor, document_id: UUID, opened: Sequence[Opened], keys: Sequence[AgencyKey]
) -> Document:
    document = queries.locked(actor, document_id, Direction.INCOMING)
    require_stage(document.state, *_OPEN_AT)
    still = {file.pk for file in encrypted_files(document)}
    fresh = [one for one in opened if one.file.pk in still]
    if not fresh:
        raise NothingToOpen
    for one in fresh:
        _add(document, one, actor)
    if len(fresh) == len(still):
        done(document, Verb.OPEN)
    recalls.check_anew(document)
    told = [{"name": one.file.name, "from": one.file.sha256, "sha256": one.blob.sha256} for one in fresh]
    data = {"files": told, "keys": [key.serial for key in keys], "places": [key.place for key in keys]}
    record(actor, "handling.open", kind="document", object_id=document.pk, data=data)
    return document


def _add(document: Document, opened: Opened, actor: Actor) -> None:
    file = opened.file
    name = file.name.removesuffix(ENDING)
    with store.open_blob(opened.blob.sha256) as stream:
        files.add_version(
            document,
            stream,
            kind=FileKind(file.kind),
            stage=FileStage.RECEIVED,
            name=name,
            actor=actor,
            media_type=media_type(name),
            ordinal=file.ordinal,
            source=file,
        )
