"""What signed files (``.p7m``) of a received document hold, kept beside them so that people can read it.

The signed file stays what was received; its content is a further file version (kind CONTENT) that names it by hash,
shown, checked and downloaded like any other. A packet with a mark of state secrecy inside such a file does not get as
far as here (``exchange.secrecy``); what shows one only after it was opened with the agency's key is not stored. Refuses
to look into a content for a further one. Killed anywhere: the check runs again and keeps what is missing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from vanthu import cms
from vanthu.audit.ledger import action, record
from vanthu.base.actors import system_actor
from vanthu.blobs import store
from vanthu.blobs.models import Blob
from vanthu.edxml.content import Content
from vanthu.edxml.damage import other_kind
from vanthu.edxml.media import media_type
from vanthu.exchange import enclosed, secrecy
from vanthu.handling.rules import Check, Outcome
from vanthu.records import files, queries
from vanthu.records.models import PDF, Document, DocumentFile, FileKind, FileStage
from vanthu.signing.preserving import place_of

UNKNOWN = "application/octet-stream"


class Superseded(Exception):
    """Another look has kept it meanwhile."""


@dataclass(frozen=True)
class Inside:
    """What a signed file holds: under which name, of which type, stored where."""

    file: DocumentFile
    name: str
    media_type: str
    blob: Blob


def take_out(document: Document) -> list[Check]:
    """Keep what the document's signed files hold, unless it is there; says for the check report what is not kept."""
    readable = queries.readable_files(document)
    known, cleared = _known(readable), secrecy.cleared_for(document)
    found: list[Inside] = []
    said: list[Check] = []
    for file in readable:
        if file.kind == FileKind.CONTENT or file.sha256 in known or not _may_hold(file):
            continue
        inside = _inside(file, cleared=cleared)
        if isinstance(inside, Inside):
            found.append(inside)
        elif inside is not None:
            said.append(inside)
    if found:
        with suppress(Superseded):
            _keep(document.pk, found)
    return said


def said_of(content: DocumentFile) -> Check:
    """The line of the check report about a content that was kept."""
    if content.media_type == UNKNOWN != media_type(content.name):
        return Check("CONTENT", Outcome.WARN, f"{content.name}: nội dung không đúng loại tệp như tên gọi")
    return Check("CONTENT", Outcome.PASS, f"{content.name}: đã lấy ra từ tệp ký số để xem")


def _known(readable: Sequence[DocumentFile]) -> set[str]:
    return {file.source_sha256 for file in readable if file.kind == FileKind.CONTENT}


def _may_hold(file: DocumentFile) -> bool:
    if file.is_encrypted or file.media_type == PDF:
        return False
    with store.open_blob(file.sha256) as stream:
        return cms.recognise(stream) is cms.Form.CMS


def _inside(file: DocumentFile, *, cleared: bool) -> Inside | Check | None:
    """What a file holds, or what the clerk should know instead; None when it holds nothing.

    ``cleared``: two people took the marks of its packet for none.
    """
    with tempfile.TemporaryFile() as target:
        try:
            with store.open_blob(file.sha256) as stream:
                if cms.content_of(stream, target) is None:
                    return None
        except cms.ContentTooLarge as problem:
            return Check("CONTENT", Outcome.WARN, f"{file.name}: {problem.text}")
        marks = () if cleared else enclosed.marks_of_content(file.name, target)
        if marks:
            text = (
                f"{file.name}: nội dung bên trong mang dấu độ mật {marks[0].level.value} nên không được mở, không được "
                "lưu"
            )
            return Check("SECRET", Outcome.FAIL, text)
        is_pdf = cms.recognise(target) is cms.Form.PDF
        name = enclosed.content_name(file.name, is_pdf=is_pdf)
        blob = store.put(target)
    return Inside(file, name, PDF if is_pdf else _type(name, blob), blob)


def _type(name: str, blob: Blob) -> str:
    """The type that the name promises where the first bytes do not speak against it."""
    promised = media_type(name)
    content = Content.from_opener(lambda: store.open_blob(blob.sha256), size=blob.size, sha256=blob.sha256)
    return UNKNOWN if promised == PDF or other_kind(content, name) else promised


@action
def _keep(document_id: UUID, found: Sequence[Inside]) -> None:
    document = Document.objects.select_for_update().get(pk=document_id)
    if _known(queries.readable_files(document)) & {inside.file.sha256 for inside in found}:
        raise Superseded
    actor = system_actor(document.agency_id)
    for inside in found:
        with store.open_blob(inside.blob.sha256) as stream:
            files.add_version(
                document,
                stream,
                kind=FileKind.CONTENT,
                stage=FileStage.RECEIVED,
                name=inside.name,
                actor=actor,
                media_type=inside.media_type,
                ordinal=place_of(inside.file),
                source=inside.file,
            )
    told = [{"name": one.name, "from": one.file.sha256, "sha256": one.blob.sha256} for one in found]
    record(
        actor,
        "handling.take_out",
        kind="document",
        object_id=document.pk,
        data={"names": ", ".join(one.file.name for one in found), "files": told},
    )
