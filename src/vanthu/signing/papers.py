"""Papers brought to the record: minutes as both sides signed them, the decision behind an authority (R66, R67).

Owns the check of what is brought and who may bring it. Refuses what is no readable PDF, and files marked with a degree
of state secrecy; and to change or remove a paper that is kept.
"""

from __future__ import annotations

from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.blobs import store
from vanthu.errors import VanthuError
from vanthu.formalities.pdftext import UnreadablePdf
from vanthu.formalities.stampzone import stamp_marks
from vanthu.records import queries as records
from vanthu.signing.authorities import require_recorder
from vanthu.signing.authority_models import Authority
from vanthu.signing.authority_queries import authority_of
from vanthu.signing.certificate_queries import sees_all
from vanthu.signing.device_models import Handover
from vanthu.signing.device_queries import handover
from vanthu.signing.device_rules import HandoverUnknown, NotKeeper
from vanthu.signing.devices import keeps_books
from vanthu.signing.paper_models import CustodyPaper
from vanthu.vietnamese import nfc

MOST_PAPERS = 20
"""With one hand-over or authority: a few, not a store of files."""


class PaperRefused(VanthuError):
    """What was brought cannot be kept with a hand-over or an authority."""

    code = "CUSTODY_PAPER_REFUSED"
    message = "Không lưu được tệp “{name}”: {why}. Hãy đưa tệp PDF không đặt mật khẩu, tối đa {limit} MB."


class PaperUnknown(VanthuError):
    """No such paper, or it is not for this person to see."""

    code = "CUSTODY_PAPER_NOT_FOUND"
    message = "Không tìm thấy giấy tờ này trong hồ sơ của cơ quan."
    http_status = 404


class PaperMissing(VanthuError):
    """Neither a file nor a document was chosen."""

    code = "CUSTODY_PAPER_MISSING"
    message = "Hãy chọn một văn bản trên hệ thống hoặc một tệp PDF."


@action
def bring_signed_minutes(actor: Actor, handover_id: UUID, name: str, content: BinaryIO) -> CustodyPaper:
    """Keep the minutes of a completed hand-over as both sides signed them; by either side or whoever keeps the books.

    Raises :class:`HandoverUnknown`, :class:`PaperRefused`.
    """
    row = require_party(actor, handover_id)
    if row.done_at is None:
        raise HandoverUnknown
    kept = _keep(actor, name, content, CustodyPaper.objects.filter(handover=row), handover=row)
    data = {"device": row.device.serial, "minutes": row.code, "sha256": kept.sha256}
    record(actor, "signing.minutes_brought", kind="key_device", object_id=row.device_id, data=data)
    return kept


@action
def bring_decision(actor: Actor, authority_id: UUID, name: str, content: BinaryIO) -> CustodyPaper:
    """Keep the decision that gives an authority, as a PDF. Raises ``RoleRequired``, :class:`AuthorityUnknown`,
    :class:`PaperRefused`."""
    row = recordable(actor, authority_id)
    kept = _keep(actor, name, content, CustodyPaper.objects.filter(authority=row), authority=row)
    _record(actor, row, kept)
    return kept


@action
def name_decision(actor: Actor, authority_id: UUID, document_id: UUID) -> CustodyPaper:
    """Name the document of this site that gives an authority; the actor must see it.

    Raises ``RoleRequired``, :class:`AuthorityUnknown`, ``NotFound``, :class:`PaperRefused`.
    """
    row = recordable(actor, authority_id)
    document = records.get_open(actor, document_id)
    name = f"{document.code} {document.subject}".strip()[:200]
    papers = CustodyPaper.objects.filter(authority=row)
    known = papers.filter(document=document).first()
    kept = known or _put(actor, name, papers, authority=row, document=document)
    _record(actor, row, kept)
    return kept


def require_party(actor: Actor, handover_id: UUID) -> Handover:
    """A hand-over whose papers the actor may bring: either side, or whoever keeps the books. Raises
    :class:`HandoverUnknown`, :class:`NotKeeper`."""
    row = handover(actor, handover_id)
    if not may_bring(actor, row):
        raise NotKeeper
    return row


def may_bring(actor: Actor, row: Handover) -> bool:
    """Whether the actor is one of the two sides or keeps the books."""
    return keeps_books(actor) or actor.post_id in {row.giver_id, row.taker_id}


def recordable(actor: Actor, authority_id: UUID) -> Authority:
    """An authority whose decision the actor may bring. Raises ``RoleRequired``, :class:`AuthorityUnknown`."""
    require_recorder(actor)
    return authority_of(actor, authority_id)


def of_handover(row: Handover) -> QuerySet[CustodyPaper]:
    """What was brought to a hand-over, newest first."""
    return CustodyPaper.objects.filter(handover=row).order_by("-pk")


def of_authority(row: Authority) -> QuerySet[CustodyPaper]:
    """What was brought to an authority, newest first."""
    return CustodyPaper.objects.filter(authority=row).order_by("-pk")


def paper(actor: Actor, paper_id: UUID) -> CustodyPaper:
    """A paper with a file: of a hand-over for those who see its minutes; of an authority for the clerks, leaders and
    administrators of the agency and for whoever signs by it. Raises :class:`PaperUnknown`."""
    mine = Q(authority__post_id=actor.own_post)
    mine |= Q(handover__giver_id=actor.own_post) | Q(handover__taker_id=actor.own_post)
    rows = CustodyPaper.objects.filter(agency_id=actor.agency_id).exclude(sha256="")
    found = (rows if sees_all(actor) else rows.filter(mine)).filter(pk=paper_id).first()
    if found is None:
        raise PaperUnknown
    return found


def _keep(
    actor: Actor,
    name: str,
    content: BinaryIO,
    papers: QuerySet[CustodyPaper],
    *,
    handover: Handover | None = None,
    authority: Authority | None = None,
) -> CustodyPaper:
    shown = nfc(name)[-200:]
    _require_pdf(shown, content)
    return _put(
        actor, shown, papers, handover=handover, authority=authority, sha256=store.put(content).sha256
    )


def _put(actor: Actor, name: str, papers: QuerySet[CustodyPaper], **of: object) -> CustodyPaper:
    if papers.count() >= MOST_PAPERS:
        raise _refused(name, why=f"đã có {MOST_PAPERS} giấy tờ ở đây")
    return CustodyPaper.objects.create(
        agency_id=actor.agency_id, name=name, added_by_name=actor.name, added_at=clock.now(), **of
    )


def _require_pdf(name: str, content: BinaryIO) -> None:
    """Left at its beginning. Signed files may be kept too, so only reading is asked of it."""
    size = content.seek(0, 2)
    content.seek(0)
    if not size:
        raise _refused(name, why="tệp rỗng")
    if size > settings.VANTHU.max_upload_mb << 20:
        raise _refused(name, why="tệp quá lớn")
    try:
        marks = stamp_marks(content)
    except UnreadablePdf as problem:
        raise _refused(name, why="không đọc được như tệp PDF") from problem
    if marks:
        raise _refused(name, why="có dấu chỉ mức độ mật, không lưu trên hệ thống này")
    content.seek(0)


def _refused(name: str, *, why: str) -> PaperRefused:
    return PaperRefused(name=name, why=why, limit=settings.VANTHU.max_upload_mb)


def _record(actor: Actor, row: Authority, kept: CustodyPaper) -> None:
    data = {"basis": row.basis, "paper": kept.name, "sha256": kept.sha256, "document": kept.document_id}
    record(actor, "signing.decision_brought", kind="authority", object_id=row.pk, data=data)
