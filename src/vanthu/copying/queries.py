"""The reads of the copying room: an agency's copies, one copy, what anybody may learn by a code."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from vanthu.base.actors import Actor, Role, RoleRequired
from vanthu.blobs.models import Blob
from vanthu.copying.models import Copy, Way
from vanthu.copying.rules import read_lookup
from vanthu.errors import VanthuError
from vanthu.records import queries as records
from vanthu.records.models import Document, DocumentFile, DocumentLink, FileStage, LinkKind
from vanthu.records.sealing import Content

READERS = frozenset({Role.CLERK, Role.LEADER})
"""Who reads the whole register of copies; others see those of their own documents."""
SIGNED = (FileStage.SEALED, FileStage.RECEIVED)
PAGE_SIZE = 50


class CopyNotFound(VanthuError):
    """It does not exist for this person; the same answer whether it exists or not."""

    code = "COPY_NOT_FOUND"
    message = "Không tìm thấy bản sao, hoặc bản sao không thuộc phạm vi xử lý của bạn."
    http_status = 404


class LookupUnknown(VanthuError):
    """No copy of this site has the code; the same answer for a code that cannot be one."""

    code = "LOOKUP_UNKNOWN"
    message = "Không có bản sao nào mang mã này trên hệ thống. Hãy xem lại mã in trên bản sao."
    http_status = 404


def get(actor: Actor, copy_id: UUID) -> Copy:
    """One copy of the actor's agency: for its clerks and leaders, and whoever takes part in the document.

    Raises :class:`CopyNotFound`.
    """
    found = (
        Copy.objects.select_related("agency", "document")
        .filter(pk=copy_id, agency_id=actor.agency_id)
        .first()
    )
    if found is None or not _may_read(actor, found):
        raise CopyNotFound
    return found


def _may_read(actor: Actor, found: Copy) -> bool:
    if not READERS.isdisjoint(actor.roles):
        return True
    return found.document_id is not None and records.visible(actor).filter(pk=found.document_id).exists()


def made_before(actor: Actor, request_key: UUID) -> Copy | None:
    """The copy of the actor's agency that was made under this key of the caller's choice, if it was.

    Raises :class:`vanthu.base.actors.RoleRequired`.
    """
    actor.require(Role.CLERK)
    return Copy.objects.filter(agency_id=actor.agency_id, request_key=request_key).first()


def require_reader(actor: Actor) -> None:
    """Raise :class:`vanthu.base.actors.RoleRequired` for who does not read the whole register."""
    if READERS.isdisjoint(actor.roles):
        raise RoleRequired(role="văn thư hoặc lãnh đạo")


def page(actor: Actor, *, before: UUID | None = None, size: int = PAGE_SIZE) -> list[Copy]:
    """The agency's copies, newest first."""
    found = Copy.objects.filter(agency_id=actor.agency_id).select_related("entry")
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:size])


def of_document(document: Document) -> list[Copy]:
    """The copies made of a document, newest first."""
    return list(Copy.objects.filter(document=document).order_by("-pk"))


def signed_main(document: Document) -> DocumentFile | None:
    """The electronic original as its readers have it; None where there is none."""
    file = records.main_file(document)
    return file if file and file.stage in SIGNED and file.media_type == "application/pdf" else None


def contents_of(document: Document) -> list[Content]:
    """What copies keep of a document's content: their own files, and the pages that the clerk brought."""
    found = []
    for copy in of_document(document):
        name = f"{copy.get_form_display()} {copy.code or copy.lookup}.pdf"
        if copy.file_sha256:
            found.append(Content(name, copy.file_sha256, copy.file_size))
        if copy.pages_sha256:
            found.append(Content(name, copy.pages_sha256, Blob.objects.get(pk=copy.pages_sha256).size))
    return found


def electronic_copy(sha256: str) -> Copy | None:
    """The electronic copy that is exactly this file; whoever has the file has its code too."""
    return Copy.objects.filter(
        file_sha256=sha256, way__in=(Way.PAPER_TO_ELECTRONIC, Way.ELECTRONIC_TO_ELECTRONIC)
    ).first()


@dataclass(frozen=True)
class PublicRecord:
    """What anybody who holds a copy's code may learn."""

    copy: Copy
    standing: str
    """IN_FORCE, RECALLED, REPLACED (the document), or WITHDRAWN (the copy)."""

    @property
    def subject(self) -> str:
        """The abstract, unless the document's circulation is restricted, or it was recalled, meanwhile too."""
        document = self.copy.document
        restricted = document is not None and (document.restriction or document.sealed_at)
        return "" if restricted or not self.copy.subject_public else self.copy.source_subject


def public_record(typed: str) -> PublicRecord:
    """The copy with this code. Raises :class:`LookupUnknown`. One look by index whatever was typed."""
    code = read_lookup(typed)
    found = Copy.objects.select_related("agency", "document").filter(lookup=code or "-").first()
    if found is None:
        raise LookupUnknown
    return PublicRecord(found, standing_of(found))


def standing_of(found: Copy) -> str:
    """Whether the copy, and what was copied, still stand."""
    if found.withdrawn_at:
        return "WITHDRAWN"
    document = found.document
    if document is None or not (document.frozen_at or document.sealed_at):
        return "IN_FORCE"
    replaced = DocumentLink.objects.filter(target=document, kind=LinkKind.REPLACES).exists()
    return "REPLACED" if replaced and not document.sealed_at else "RECALLED"
