"""Finding a packet by whatever somebody has of it, and telling its whole life. Nothing of its content."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Upper
from django.db.models.lookups import Exact

from vanthu.audit.models import Event
from vanthu.axis import queries
from vanthu.axis.models import (
    AxisDelivery,
    DeliveryState,
    EvidenceBatch,
    LogEntry,
    Packet,
    PacketKind,
)
from vanthu.axis.operator_errors import PacketUnknown
from vanthu.edxml.codes import status_label
from vanthu.vietnamese.text import nfc

PAGE = 50
RECIPIENTS_SHOWN = 200
STATUSES_SHOWN = 500
LINES_READ = 2000


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; empty: everything. ``member`` is a system id, either side."""

    text: str = ""
    kind: str = ""
    state: str = ""
    member: str = ""
    urgent: bool = False

    @property
    def narrowed(self) -> bool:
        """Whether any of them is set."""
        return self != Filters()


@dataclass(frozen=True)
class PacketLine:
    """One packet of the list, with its recipients counted by transport state."""

    packet: Packet
    recipients: int
    first_code: str
    first_name: str
    waiting: int
    done: int
    failed: int


@dataclass(frozen=True)
class PacketPage:
    """A page of the list, newest first; ``next_before`` is where the next one begins."""

    lines: list[PacketLine]
    next_before: UUID | None


def find(filters: Filters, before: UUID | None = None) -> PacketPage:
    """Packets that match, newest first.

    The text may be an id of the axis (the sender's or a recipient's docId), a DocumentId, number and notation, a
    hash (SHA-256), the DocumentId that statuses report on, or an agency's code of any generation.
    """
    rows = _narrowed(filters)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("sender", "member").order_by("-id")[: PAGE + 1])
    shown = found[:PAGE]
    return PacketPage(_lines(shown), shown[-1].id if len(found) > PAGE else None)


def _narrowed(filters: Filters) -> QuerySet[Packet]:
    rows = Packet.objects.all()
    if filters.text:
        rows = rows.filter(_points_at(filters.text))
    if filters.kind in PacketKind.values:
        rows = rows.filter(kind=filters.kind)
    if filters.urgent:
        rows = rows.filter(priority__gt=0)
    deliveries = AxisDelivery.objects.all()
    if filters.state in DeliveryState.values:
        deliveries = deliveries.filter(state=filters.state)
    if filters.member:
        sides = Q(member__system_id=filters.member)
        if filters.state:
            deliveries = deliveries.filter(sides)
        else:
            rows = rows.filter(sides | Q(pk__in=deliveries.filter(sides).values("packet")))
    if filters.state:
        rows = rows.filter(pk__in=deliveries.values("packet"))
    return rows


def _points_at(text: str) -> Q:
    plain = nfc(text).strip()
    found = Q(document_id=plain) | Q(sha256=plain.lower()) | Q(refers_to=plain)
    found |= Q(Exact(Upper("document_code"), Value(plain.upper())), ~Q(document_code=""))
    key = _uuid(plain)
    if key is not None:
        found |= Q(pk=key) | Q(pk__in=AxisDelivery.objects.filter(pk=key).values("packet"))
    agency = queries.agency_by_code(plain)
    if agency is not None:
        found |= Q(sender=agency)
        found |= Q(pk__in=AxisDelivery.objects.filter(recipient=agency).values("packet"))
    return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _lines(packets: list[Packet]) -> list[PacketLine]:
    keys = [packet.pk for packet in packets]
    rows = AxisDelivery.objects.filter(packet__in=keys)
    counts: Iterable[Any] = (
        rows.values("packet")
        .annotate(
            recipients=Count("pk"),
            done=Count("pk", filter=Q(state=DeliveryState.DONE)),
            failed=Count("pk", filter=Q(state=DeliveryState.FAIL)),
        )
        .order_by()
    )
    counted = {row["packet"]: row for row in counts}
    firsts = rows.order_by("packet_id", "id").distinct("packet_id").select_related("recipient")
    first = {delivery.packet_id: delivery for delivery in firsts}
    return [_packet_line(packet, counted.get(packet.pk, {}), first.get(packet.pk)) for packet in packets]


def _packet_line(packet: Packet, counted: dict[str, int], first: AxisDelivery | None) -> PacketLine:
    total, done, failed = (counted.get(name, 0) for name in ("recipients", "done", "failed"))
    return PacketLine(
        packet=packet,
        recipients=total,
        first_code=first.recipient_code if first else "",
        first_name=first.recipient.name if first else "",
        waiting=total - done - failed,
        done=done,
        failed=failed,
    )


# --- one packet


@dataclass(frozen=True)
class Moment:
    """One line of a packet's life. ``at`` in UTC; ``what`` a sentence after the name; ``quote`` what was said."""

    at: datetime
    who: str
    what: str
    icon: str
    quote: str = ""


@dataclass(frozen=True)
class Life:
    """One packet: itself, its recipients (failed and waiting first), the statuses on it, its moments newest first.

    ``recipients_left`` is how many recipients are not listed. ``about`` is the packet that a status reports on,
    when this axis carried it. ``batch`` is the closed batch of the log that proves the acceptance, None for some
    seconds.
    """

    packet: Packet
    deliveries: list[AxisDelivery]
    recipients_left: int
    statuses: list[Packet]
    about: Packet | None
    batch: EvidenceBatch | None
    moments: list[Moment]


_ORDER = {DeliveryState.FAIL: 0, DeliveryState.INITIAL: 1, DeliveryState.PROCESSING: 2, DeliveryState.DONE: 3}


def life(packet_id: UUID) -> Life:
    """Everything the axis knows of one packet; raises :class:`PacketUnknown`."""
    packet = Packet.objects.filter(pk=packet_id).select_related("sender", "member").first()
    if packet is None:
        raise PacketUnknown
    rows = AxisDelivery.objects.filter(packet=packet).select_related("recipient", "member").order_by("id")
    total = rows.count()
    deliveries = sorted(rows[:RECIPIENTS_SHOWN], key=lambda one: _ORDER[DeliveryState(one.state)])
    statuses = _statuses_on(packet)
    lines = list(LogEntry.objects.filter(about=packet.id).select_related("batch").order_by("id")[:LINES_READ])
    handed = _handed(lines, deliveries)
    told = [_accepted(packet, total, _trace(lines)), *handed, *map(_reported, statuses), *_again(packet)]
    return Life(
        packet=packet,
        deliveries=deliveries,
        recipients_left=max(0, total - RECIPIENTS_SHOWN),
        statuses=statuses,
        about=_reported_on(packet),
        batch=next((line.batch for line in lines if line.event == "accepted"), None),
        moments=sorted(told, key=lambda moment: moment.at)[::-1],
    )


def _statuses_on(packet: Packet) -> list[Packet]:
    """Status packets for the packet's sender that name its DocumentId."""
    if packet.kind != PacketKind.EDOC or not packet.document_id:
        return []
    rows = Packet.objects.filter(
        refers_to=packet.document_id, kind=PacketKind.STATUS, deliveries__recipient=packet.sender
    )
    return list(rows.select_related("sender").order_by("id").distinct()[:STATUSES_SHOWN])


def _reported_on(packet: Packet) -> Packet | None:
    if packet.kind != PacketKind.STATUS or not packet.refers_to:
        return None
    rows = Packet.objects.filter(document_id=packet.refers_to, deliveries__recipient=packet.sender)
    return rows.order_by("-id").first()


def _accepted(packet: Packet, recipients: int, trace: str) -> Moment:
    what = f"gửi tới trục; trục nhận và cấp biên nhận, {recipients} bên nhận"
    return Moment(packet.accepted_at, packet.sender.name, what, "inbox", trace)


def _trace(lines: Iterable[LogEntry]) -> str:
    """The hops that a packet from another axis came with; empty for a packet from a member of our own."""
    accepted = next((line for line in lines if line.event == "accepted"), None)
    hops = json.loads(accepted.content).get("trace", []) if accepted else []
    return f"Vết: {' → '.join(hops)}" if hops else ""


_DONE_BY_RECIPIENT = {
    DeliveryState.PROCESSING.value: ("báo đang nhận", "progress"),
    DeliveryState.DONE.value: ("xác nhận đã nhận đủ", "circle-check"),
    DeliveryState.FAIL.value: ("báo nhận lỗi", "alert-triangle"),
}


def _handed(lines: Iterable[LogEntry], deliveries: Iterable[AxisDelivery]) -> Iterator[Moment]:
    """What recipients' systems did, each time they did it, from the log."""
    names = {delivery.id: delivery.recipient.name for delivery in deliveries}
    for line in lines:
        told = json.loads(line.content)
        name = names.get(line.delivery, told.get("to", "")) if line.delivery else ""
        if line.event == "handed_over":
            yield Moment(line.at, name, "tải gói tin về", "download")
        elif line.event == "acknowledged" and told.get("state") in _DONE_BY_RECIPIENT:
            what, icon = _DONE_BY_RECIPIENT[told["state"]]
            yield Moment(line.at, name, what, icon, told.get("description", ""))


def _reported(status: Packet) -> Moment:
    what = f"báo trạng thái {status.status_code}: {status_label(status.status_code)}"
    return Moment(status.accepted_at, status.sender.name, what, "message-report")


_TOLD = {
    "axis.packet_offered_again": ("giao lại cho {to}", "refresh"),
    "axis.packet_forwarded": (
        "nhận gói tin từ trục này, có vết của {hop}; mã băm khi rời trục {sent}",
        "send",
    ),
    "axis.forward_failed": ("không nhận được gói tin: {reason}", "alert-triangle"),
    "axis.packet_arrived": ("chuyển gói tin xuống trục này, mã ở trục ấy {remoteId}", "inbox"),
}


def _again(packet: Packet) -> Iterable[Moment]:
    """What operators and other axes did with the packet, from the log."""
    for event in Event.objects.filter(object_id=packet.id, verb__in=_TOLD).order_by("sequence"):
        sentence, icon = _TOLD[event.verb]
        yield Moment(
            event.at, event.actor_name, sentence.format_map(event.data), icon, str(event.data.get("said", ""))
        )
