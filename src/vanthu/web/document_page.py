"""The common parts of the document page: the fields every document has, its links as one actor sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.formalities import DOCUMENT_TYPES, Steering, Urgency
from vanthu.records import queries as records
from vanthu.records.models import Direction, Document
from vanthu.web.panels import Field, Panel, Text
from vanthu.web.words import said


@dataclass(frozen=True)
class Link:
    """A document this one refers to, or that refers to it."""

    label: Text
    document: Document


def fields(document: Document, panel: Panel) -> list[Field]:
    """The definition list: the common fields that hold something, then the room's own."""
    common = _common(document) if panel.common_fields else iter(())
    return [field for field in common if field.value] + list(panel.fields)


def _common(document: Document) -> Iterator[Field]:
    incoming = document.direction == Direction.INCOMING
    if incoming:
        yield Field(_("Số đến"), document.arrival_number)
        yield Field(_("Ngày đến"), _moment(document))
        yield Field(_("Cơ quan ban hành"), document.issuer_name)
    yield Field(_("Số, ký hiệu"), document.code)
    yield Field(_("Ngày ban hành"), document.issued_date and f"{document.issued_date:%d/%m/%Y}")
    known = DOCUMENT_TYPES.get(document.type_code)
    yield Field(_("Tên loại"), said(known.label) if known else document.type_code)
    yield Field(_("Trích yếu"), document.subject)
    yield Field(_("Người ký"), _joined(document.signer_name, document.signer_position))
    if document.urgency:
        yield Field(_("Độ khẩn"), said(Urgency(document.urgency).label))
    if document.steering:
        yield Field(_("Chỉ đạo, báo cáo"), said(Steering(document.steering).label))
    yield Field(
        _("Phạm vi lưu hành"), said(document.get_restriction_display()) if document.restriction else ""
    )
    yield Field(_("Nơi nhận"), "; ".join(document.distribution))
    yield Field(_("Số trang"), document.page_count)
    yield Field(_("Hạn trả lời"), document.reply_due and f"{document.reply_due:%d/%m/%Y}")
    yield Field(_("Ghi chú"), document.note)


def _moment(document: Document) -> str:
    return f"{clock.local(document.arrived_at):%H:%M %d/%m/%Y}" if document.arrived_at else ""


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def links(actor: Actor, document: Document) -> list[Link]:
    """Links in both directions, without documents the actor takes no part in."""
    outward = [(link.get_kind_display(), link.target_id) for link in document.links.all()]
    inward = [(_inward(link.kind), link.source_id) for link in document.linked_from.all()]
    keys = [key for _label, key in outward + inward]
    seen = {found.pk: found for found in records.visible(actor).filter(pk__in=keys)} if keys else {}
    return [Link(label, seen[key]) for label, key in outward + inward if key in seen]


def _inward(kind: str) -> Text:
    return {
        "REPLY_TO": _("Được trả lời bằng"),
        "REPLACES": _("Được thay thế bằng"),
    }.get(kind, _("Liên quan"))
