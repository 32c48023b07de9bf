"""Taking a document out of use: freezing what its issuer recalled, sealing what a recipient gave back.

Plain functions called inside the actions of the work rooms (NĐ 30/2020 Đ18.4, PL VI III.8 a–c). Owns what becomes of
content and metadata, up to giving them up for good. Refuses to decide who may recall.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vanthu.base import clock
from vanthu.records.models import Document, DocumentFile, SealedDocument

SUBJECT = "Văn bản đã được bên gửi thu hồi"
"""What stands for the subject wherever a document is named."""

HIDDEN: dict[str, Any] = {
    "subject": SUBJECT,
    "signer_name": "",
    "signer_position": "",
    "signer_competence": "",
    "distribution": [],
    "page_count": 0,
    "note": "",
    "reply_due": None,
}
"""What stands instead of metadata that tell of the content.

Number, date, issuer and arrival number stay: the register keeps its row.
"""


def freeze(document: Document) -> None:
    """From now on the database refuses any change of the issued document's metadata; the row is locked.

    Idempotent. The caller saves the state that goes with it.
    """
    if document.frozen_at is None:
        document.frozen_at = clock.now()
        document.save(update_fields=["frozen_at"])


def seal(document: Document, *, reason: str, by_name: str) -> None:
    """Put content and metadata of a received document out of reach, keeping them as evidence; the row is locked.

    Idempotent. Afterwards files, search, lists and API know the document only by number, issuer and arrival number.
    """
    if document.sealed_at is not None:
        return
    at = clock.now()
    SealedDocument.objects.create(
        document=document, at=at, reason=reason, by_name=by_name[:200], metadata=_metadata(document)
    )
    document.sealed_at = at
    for name, value in HIDDEN.items():
        setattr(document, name, value)
    document.save()


def _metadata(document: Document) -> dict[str, Any]:
    values = {name: getattr(document, name) for name in (*HIDDEN, "state")}
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()
    }


@dataclass(frozen=True)
class Content:
    """A stored content that tells what a document says; ``size`` in bytes."""

    name: str
    sha256: str
    size: int


Derived = Callable[[Document], list[Content]]
_derived: dict[str, Derived] = {}


def derived(room: str, contents: Derived) -> None:
    """Register, in a room's ``apps.ready()``, what the room keeps of a document's content beside its files; the room's
    hold on them (``blobs.destruction``) ends when the document is purged."""
    _derived[room] = contents


def contents_derived(document: Document) -> list[Content]:
    """What the rooms keep of a document's content beside its files."""
    return [content for contents in _derived.values() for content in contents(document)]


def purge(document: Document) -> list[DocumentFile]:
    """Give up what was sealed: the files' contents and the hidden metadata; the row is locked and sealed.

    Kept are the register's row, the files' names, sizes and hashes, and the hash of the metadata. Returns the files;
    whoever calls dooms their contents. Idempotent.
    """
    sealed = SealedDocument.objects.select_for_update().get(document=document)
    if sealed.purged_at is None:
        text = json.dumps(sealed.metadata, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        sealed.metadata = {"sha256": hashlib.sha256(text.encode()).hexdigest()}
        sealed.purged_at = clock.now()
        sealed.save(update_fields=["metadata", "purged_at"])
    return list(document.files.order_by("kind", "ordinal", "version"))
