"""The access rule and the reads that pages, API and search share.

The rule: somebody sees a document when one of their principals takes part in it. One indexed join, the same for
clerk and leader. Beside it stands one exception, said by a row and asked for by name: what another agency shares
(``models.Share``) is read through the ``*_open`` functions alone, so no other door opens with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from vanthu.base.actors import Actor, NotYours
from vanthu.errors import VanthuError
from vanthu.records.models import (
    Direction,
    Document,
    DocumentFile,
    FileKind,
    Participation,
    RegisterEntry,
    Share,
    WorkItem,
)
from vanthu.records.words import holding

PAGE_SIZE = 50


class Recalled(VanthuError):
    """The sender recalled the document: its content is sealed and nothing more is done with it."""

    code = "DOCUMENT_RECALLED"
    message = "Văn bản đã được bên gửi thu hồi; nội dung đã niêm phong và không xử lý tiếp."
    rule = "NĐ 30/2020 Đ18.4b"
    http_status = 410


@dataclass(frozen=True)
class Page:
    """One page of a list, newest first; ``next_before`` continues it, None on the last page."""

    documents: Sequence[Document]
    next_before: UUID | None


def visible(actor: Actor) -> QuerySet[Document]:
    """Every document the actor takes part in."""
    mine = Participation.objects.filter(principal__in=actor.principals).values("document_id")
    return Document.objects.filter(agency_id=actor.agency_id, id__in=mine)


def get(actor: Actor, document_id: UUID, direction: Direction | None = None) -> Document:
    """One document, of the given direction if one is given.

    Raises :class:`NotYours` when it does not exist or the actor takes no part in it.
    """
    document = visible(actor).select_related("agency").filter(pk=document_id).first()
    if document is None or direction not in (None, document.direction):
        raise NotYours
    return document


def shared(actor: Actor) -> QuerySet[Document]:
    """Documents of other agencies that are shared with the actor."""
    given = Share.objects.filter(principal__in=actor.principals, agency_id=actor.agency_id)
    return Document.objects.filter(id__in=given.values("document_id")).exclude(agency_id=actor.agency_id)


def get_open(actor: Actor, document_id: UUID, direction: Direction | None = None) -> Document:
    """As :func:`get`, or one that another agency shares with the actor. Raises :class:`NotYours`."""
    try:
        return get(actor, document_id, direction)
    except NotYours:
        found = shared(actor).select_related("agency").filter(pk=document_id).first()
        if found is None or direction not in (None, found.direction):
            raise
        return found


def locked_open(actor: Actor, document_id: UUID, direction: Direction) -> Document:
    """As :func:`locked`, also for one that another agency shares with the actor: whether it still does is asked after
    the lock."""
    get_open(actor, document_id, direction)
    document = _locked(document_id)
    get_open(actor, document_id, direction)
    return document


def locked(actor: Actor, document_id: UUID, direction: Direction) -> Document:
    """The document, locked for the running action of the room that works with its direction.

    Raises :class:`NotYours`, also for a document of another direction: it has nothing to do there; and
    :class:`Recalled` for one whose content is sealed.
    """
    if not visible(actor).filter(pk=document_id, direction=direction).exists():
        raise NotYours
    return _locked(document_id)


def _locked(document_id: UUID) -> Document:
    document = Document.objects.select_for_update(of=("self",)).select_related("agency").get(pk=document_id)
    if document.sealed_at:
        raise Recalled
    return document


def page(
    actor: Actor,
    direction: Direction,
    *,
    text: str = "",
    states: Sequence[str] = (),
    urgent: bool = False,
    steering: str = "",
    before: UUID | None = None,
    size: int = PAGE_SIZE,
) -> Page:
    """A page of the actor's incoming or outgoing documents, newest first, optionally narrowed."""
    if text or states or urgent or steering:
        found = _narrowed(actor, direction, text, states, urgent, steering)
        if before is not None:
            found = found.filter(pk__lt=before)
        documents = list(found.order_by("-pk")[: size + 1])
    else:
        documents = _newest(actor, direction, before, size + 1)
    more = documents[size - 1].pk if len(documents) > size else None
    return Page(documents[:size], more)


def _newest(actor: Actor, direction: Direction, before: UUID | None, limit: int) -> list[Document]:
    """The newest keys of each principal from its own index range, merged: cost is independent of the total.

    Each key once per principal, in whatever many capacities: else the page would end too early.
    """
    keys: set[UUID] = set()
    for principal in actor.principals:
        part = Participation.objects.filter(principal=principal, direction=direction)
        if before is not None:
            part = part.filter(document_id__lt=before)
        newest = part.order_by("-document_id").values_list("document_id", flat=True).distinct()
        keys.update(newest[:limit])
    shown = sorted(keys, reverse=True)[:limit]
    return list(Document.objects.filter(pk__in=shown, agency_id=actor.agency_id).order_by("-pk"))


def _narrowed(
    actor: Actor, direction: Direction, text: str, states: Sequence[str], urgent: bool, steering: str
) -> QuerySet[Document]:
    found = visible(actor).filter(direction=direction)
    if states:
        found = found.filter(state__in=states)
    if urgent:
        found = found.filter(urgency__gt=0)
    if steering:
        found = found.filter(steering=steering)
    return found.filter(holding(text)) if text else found


def search(actor: Actor, text: str, limit: int = PAGE_SIZE) -> list[Document]:
    """Documents of both directions whose number, subject, issuer or signer hold every word, newest first."""
    return list(visible(actor).filter(holding(text)).order_by("-pk")[:limit])


def work(actor: Actor) -> QuerySet[WorkItem]:
    """What waits for the actor: urgent first, then by time left."""
    return (
        WorkItem.objects.filter(principal__in=actor.principals)
        .select_related("document")
        .order_by("verb", "-urgency", "due_at", "created_at")
    )


def work_counts(actor: Actor) -> dict[str, int]:
    """Verb → how many documents wait for the actor."""
    rows = WorkItem.objects.filter(principal__in=actor.principals).values("verb").annotate(count=Count("id"))
    return {row["verb"]: row["count"] for row in rows.order_by()}


_IN_FORCE = (FileKind.MAIN, FileKind.ANNEX)


def current_files(document: Document) -> list[DocumentFile]:
    """The files in force: main first, then annexes in order; none of a document whose content is sealed."""
    if document.sealed_at:
        return []
    return sorted(document.files.filter(current=True, kind__in=_IN_FORCE), key=_place)


def _place(file: DocumentFile) -> tuple[int, int]:
    return _IN_FORCE.index(FileKind(file.kind)), file.ordinal


def readable_files(document: Document) -> list[DocumentFile]:
    """The files in force, each followed by what was taken out of it to be read; see :func:`current_files`."""
    if document.sealed_at:
        return []
    found = document.files.filter(current=True, kind__in=[*_IN_FORCE, FileKind.CONTENT])
    inside = {file.source_sha256: file for file in found if file.kind == FileKind.CONTENT}
    outside = sorted((file for file in found if file.kind != FileKind.CONTENT), key=_place)
    return [one for file in outside for one in (file, inside.get(file.sha256)) if one is not None]


def main_file(document: Document) -> DocumentFile | None:
    """The current main file; None when there is none or the content is sealed."""
    if document.sealed_at:
        return None
    return document.files.filter(current=True, kind=FileKind.MAIN).first()


def file_of(actor: Actor, file_id: UUID) -> DocumentFile:
    """One file of a document the actor takes part in, or a file in force of one that another agency shares.

    Raises :class:`NotYours`, :class:`Recalled`.
    """
    file = DocumentFile.objects.select_related("document").filter(pk=file_id).first()
    if file is None:
        raise NotYours
    if file.current and file.kind in _IN_FORCE and shared(actor).filter(pk=file.document_id).exists():
        return file
    if get(actor, file.document_id).sealed_at:
        raise Recalled
    return file


def duplicates_of(document: Document) -> QuerySet[Document]:
    """Other incoming documents with the same identifier, or the same number, notation and issuer (L21)."""
    same_code = Q(
        code=document.code, issued_date=document.issued_date, issuer_organ_id=document.issuer_organ_id
    )
    same_id = Q(document_id=document.document_id) & ~Q(document_id="")
    return (
        Document.objects.filter(agency_id=document.agency_id, direction=Direction.INCOMING)
        .filter(same_id | same_code)
        .exclude(pk=document.pk)
    )


def register_page(
    register_id: UUID, year: int, *, before: int | None = None, size: int = PAGE_SIZE
) -> list[RegisterEntry]:
    """Lines of a register's year, newest first."""
    lines = RegisterEntry.objects.filter(sequence__register_id=register_id, sequence__year=year)
    if before is not None:
        lines = lines.filter(number__lt=before)
    return list(lines.select_related("document").order_by("-number")[:size])
