"""Adding file versions to a document: plain functions called inside actions. A file never changes."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.blobs import store
from vanthu.records.models import Document, DocumentFile, FileKind, FileStage


def add_version(
    document: Document,
    content: bytes | BinaryIO | Path,
    *,
    kind: FileKind,
    stage: FileStage,
    name: str,
    actor: Actor,
    media_type: str = "application/pdf",
    ordinal: int = 0,
    source: DocumentFile | None = None,
) -> DocumentFile:
    """Store a content as the newest version of (kind, ordinal) and make it the current one.

    A path is that of a file of ``blobs.working``, which becomes the stored content.
    """
    blob = store.adopt(content) if isinstance(content, Path) else store.put(content)
    earlier = DocumentFile.objects.filter(document=document, kind=kind, ordinal=ordinal)
    newest = earlier.order_by("-version").first()
    earlier.filter(current=True).update(current=False)
    return DocumentFile.objects.create(
        document=document,
        kind=kind,
        stage=stage,
        ordinal=ordinal,
        version=newest.version + 1 if newest else 1,
        name=name[-500:],
        media_type=media_type,
        sha256=blob.sha256,
        size=blob.size,
        source_sha256=source.sha256 if source else "",
        created_by_id=actor.post_id,
        created_at=clock.now(),
    )


def drop(document: Document, kind: FileKind, ordinal: int) -> None:
    """Take a file out of the draft; its versions stay in the history (P6-III.5.a)."""
    DocumentFile.objects.filter(document=document, kind=kind, ordinal=ordinal, current=True).update(
        current=False
    )


def next_ordinal(document: Document, kind: FileKind) -> int:
    """The next free place among the document's files of a kind."""
    last = DocumentFile.objects.filter(document=document, kind=kind).order_by("-ordinal").first()
    return last.ordinal + 1 if last else 0
