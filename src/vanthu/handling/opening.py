"""Opening what a sender encrypted for the agency (QĐ 33/2019/QĐ-UBND Đ13).

What came is stored and acknowledged as it came; the clerk opens it afterwards with the agency's key, whenever that
is at hand. The opened files become newer versions that name the encrypted ones by hash, and are then checked like
any other. Refuses to keep a passphrase, and to open with a key that the file is not for.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from uuid import UUID

from vanthu import cms
from vanthu.audit.ledger import action, record
from vanthu.base.actors import Actor, Role
from vanthu.blobs import store
from vanthu.blobs.models import Blob
from vanthu.edxml.media import media_type
from vanthu.encryption import queries as encryption
from vanthu.encryption.keys import unlock
from vanthu.encryption.models import AgencyKey
from vanthu.encryption.rules import NoAgencyKey
from vanthu.handling import recalls
from vanthu.handling.models import Stage
from vanthu.handling.rules import NothingToOpen, require_stage
from vanthu.records import files, queries
from vanthu.records.models import Direction, Document, DocumentFile, FileKind, FileStage

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


def open_files(actor: Actor, document_id: UUID, secret: str) -> Document:
    """Open every encrypted file of a received document with the agency's keys; ``secret`` is passphrase or PIN.

    Outside the transaction, for large files and tokens are slow; killed before the end, nothing has changed and the
    clerk does it again. Raises ``NotYours``, ``RoleRequired``, ``WrongStage``, :class:`NothingToOpen`,
    ``NoAgencyKey``, ``WrongPassphrase`` and what ``cms.decrypt`` raises.
    """
    actor.require(Role.CLERK)
    document = queries.get(actor, document_id, Direction.INCOMING)
    require_stage(document.state, *_OPEN_AT)
    waiting = encrypted_files(document)
    if not waiting:
        raise NothingToOpen
    held = [one for file in waiting for one in _keys_for(document, file)]
    with ExitStack() as stack:
        distinct = {key.pk: key for key in held}.values()
        keys = [stack.enter_context(unlock(key, secret)) for key in distinct]
        opened = [Opened(file, _opened(file, keys)) for file in waiting]
    serials = [f"{key.certificate.serial_number:X}" for key in keys]
    return _keep_opened(actor, document_id, opened, serials)


def _keys_for(document: Document, file: DocumentFile) -> list[AgencyKey]:
    """The first of the agency's keys that a file is for: one passphrase opens one key."""
    with store.open_blob(file.sha256) as stream:
        found = encryption.keys_for(document.agency_id, stream)
        if found:
            return found[:1]
        if not encryption.keys_of(document.agency_id):
            raise NoAgencyKey
        raise cms.NotForThisKey(recipients=", ".join(cms.locate(stream).named[:20]))


def _opened(file: DocumentFile, keys: Sequence[cms.OpeningKey]) -> Blob:
    """Nothing is kept unless all of it was proved."""
    with store.open_blob(file.sha256) as stream, tempfile.TemporaryFile() as target:
        cms.decrypt(stream, target, keys)
        target.seek(0)
        return store.put(target)


@action
def _keep_opened(actor: Actor, document_id: UUID, opened: Sequence[Opened], serials: list[str]) -> Document:
    document = queries.locked(actor, document_id, Direction.INCOMING)
    require_stage(document.state, *_OPEN_AT)
    still = {file.pk for file in encrypted_files(document)}
    fresh = [one for one in opened if one.file.pk in still]
    if not fresh:
        raise NothingToOpen
    for one in fresh:
        _add(document, one, actor)
    recalls.check_anew(document)
    told = [{"name": one.file.name, "from": one.file.sha256, "sha256": one.blob.sha256} for one in fresh]
    data = {"files": told, "keys": serials}
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
