"""How far the axis says a sent document is: held, handed over, stored by the recipient's system, or not readable.

The transport layer only; what an office does with the document comes as business statuses. Owns when to ask the
axis again (bounded) and what its answer changes. Refuses to ask (``jobs.watch_sent`` does).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import system_actor
from vanthu.base.announcements import announce
from vanthu.directory.models import AgencyIdentifier
from vanthu.exchange import axes, rules
from vanthu.exchange.announcements import DeliveryFailed
from vanthu.exchange.axes import Axis
from vanthu.exchange.models import Delivery, OutboxPacket, OutboxState, PacketKind, Transport
from vanthu.vxp import SentRow

FIRST_ASK = timedelta(seconds=15)
LONGEST_GAP = timedelta(hours=6)
GIVE_UP = timedelta(days=30)
"""After so long without an acknowledgement the axis is not asked any more; the business statuses still come."""

BATCH = 50
FINAL = frozenset({Transport.ACKNOWLEDGED, Transport.REFUSED})

_STATES = {
    "initial": Transport.HELD,
    "processing": Transport.HANDED_OVER,
    "done": Transport.ACKNOWLEDGED,
    "fail": Transport.REFUSED,
}
_RANK = list(_STATES.values())
_VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def next_ask(sent_at: datetime, now: datetime) -> datetime | None:
    """When to ask again about a packet sent at ``sent_at``: ever more rarely, None when it is not worth asking."""
    age = now - sent_at
    if age > GIVE_UP:
        return None
    return now + min(max(age / 4, FIRST_ASK), LONGEST_GAP)


def due(axis: Axis) -> list[OutboxPacket]:
    """Packets of an axis about which it is time to ask, at most :data:`BATCH`."""
    waiting = OutboxPacket.objects.filter(
        state=OutboxState.SENT, kind=PacketKind.EDOC, ask_at__lte=clock.now()
    ).order_by("ask_at")
    known = axes.names()
    mine = (
        Q(axis=axis.name)
        if axes.default(axes.configured()) != axis
        else ~Q(axis__in=set(known) - {axis.name})
    )
    return list(waiting.filter(mine)[:BATCH])


def ask_later(packet: OutboxPacket) -> None:
    """The axis could not say; ask again after the usual gap."""
    assert packet.sent_at is not None
    OutboxPacket.objects.filter(pk=packet.pk).update(ask_at=next_ask(packet.sent_at, clock.now()))


def heard(packet: OutboxPacket, rows: Sequence[SentRow]) -> None:
    """Take in the axis' answer about one packet; asks again until every recipient's system has answered."""
    deliveries = list(Delivery.objects.filter(packet=packet).select_related("recipient"))
    told = _by_agency(rows, deliveries)
    changed = [
        (delivery, told[delivery.pk]) for delivery in deliveries if _news(delivery, told.get(delivery.pk))
    ]
    if changed:
        _note(packet, changed)
    states = {delivery.pk: delivery.transport for delivery in deliveries}
    states |= {delivery.pk: _STATES[row.receive_status.lower()] for delivery, row in changed}
    open_ones = [
        delivery
        for delivery in deliveries
        if states[delivery.pk] not in FINAL and delivery.received_at is None
    ]
    if open_ones:
        ask_later(packet)
    else:
        OutboxPacket.objects.filter(pk=packet.pk).update(ask_at=None)


@action
def _note(packet: OutboxPacket, changed: Sequence[tuple[Delivery, SentRow]]) -> None:
    """What the axis says of recipients changes what their deliveries show; a refusal is somebody's work."""
    said = []
    for delivery, row in changed:
        locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
        state = _STATES[row.receive_status.lower()]
        locked.transport, locked.transport_at = state, _instant(row.received_time) or clock.now()
        locked.transport_text = row.receive_status_desc[:500]
        locked.trial = locked.trial or row.trial
        if state is Transport.REFUSED and locked.received_at is None:
            error = rules.NotReadThere(name=delivery.recipient.name, reason=row.receive_status_desc or "–")
            locked.failed_at, locked.last_error_code = clock.now(), error.code
            locked.last_error = error.text[:1000]
            locked.state = rules.visible_state((), sent=True, failed=True)
            announce(DeliveryFailed(locked.id, error.code))
        locked.save()
        said.append({"recipient": locked.recipient_code, "state": state.value, "text": locked.transport_text})
    record(
        system_actor(packet.agency_id),
        "exchange.transport",
        kind="document",
        object_id=packet.document_id,
        data={"packet": str(packet.id), "axis_doc_id": packet.axis_doc_id, "recipients": said},
    )


def _news(delivery: Delivery, row: SentRow | None) -> bool:
    """Whether the answer takes the transport further; it never goes back."""
    state = _STATES.get(row.receive_status.lower()) if row else None
    if state is None or delivery.transport in FINAL:
        return False
    known = _RANK.index(Transport(delivery.transport)) if delivery.transport else -1
    return _RANK.index(state) > known


def _by_agency(rows: Sequence[SentRow], deliveries: Sequence[Delivery]) -> dict[object, SentRow]:
    """The row about each delivery: by the code it was sent to, else by another identifier of the recipient."""
    aliases = dict(
        AgencyIdentifier.objects.filter(
            agency__in=[delivery.recipient_id for delivery in deliveries]
        ).values_list("code", "agency_id")
    )
    by_code = {row.recipient: row for row in rows}
    by_agency = {aliases[row.recipient]: row for row in rows if row.recipient in aliases}
    found = {
        delivery.pk: by_code.get(delivery.recipient_code) or by_agency.get(delivery.recipient_id)
        for delivery in deliveries
    }
    return {key: row for key, row in found.items() if row is not None}


def _instant(text: str) -> datetime | None:
    """An axis' time (``dd/MM/yyyy HH:mm:ss``, Vietnam); None when it is none."""
    try:
        return datetime.strptime(text, "%d/%m/%Y %H:%M:%S").replace(tzinfo=_VIETNAM)
    except ValueError:
        return None
