"""Packets for agencies behind the parent axis: queued, claimed in turns, sent, followed to their end."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from vanthu.audit.ledger import action, record
from vanthu.axis import crossing, routing_rules
from vanthu.axis.actions.log import crossed
from vanthu.axis.actions.shared import acting, one_at_a_time
from vanthu.axis.models import (
    WAITING,
    AxisDelivery,
    DeliveryState,
    DownwardCopy,
    Forward,
    ForwardedDelivery,
    ForwardState,
    Member,
    Packet,
)
from vanthu.base import clock
from vanthu.errors import VanthuError
from vanthu.evidence.batches import header_hash

CLAIM = timedelta(seconds=30)
"""How long a try is left to the worker that began it; a later try beside it would do no harm."""

BATCH = 1000
OVER = (ForwardState.FAILED, ForwardState.SETTLED)


@action
def _queue(parent: Member, fresh: list[AxisDelivery]) -> None:
    by_packet: dict[UUID, list[AxisDelivery]] = defaultdict(list)
    for delivery in fresh:
        by_packet[delivery.packet_id].append(delivery)
    now = clock.now()
    forwards = {
        packet_id: Forward(
            packet_id=packet_id,
            origin_id=deliveries[0].origin_id,
            priority=deliveries[0].priority,
            waiting_since=now,
            due_at=now,
        )
        for packet_id, deliveries in by_packet.items()
    }
    Forward.objects.bulk_create(forwards.values())
    _assign([(forwards[delivery.packet_id], delivery) for delivery in fresh])
    data = {"packets": len(by_packet), "deliveries": len(fresh)}
    record(acting(parent), "axis.forwards_queued", kind="axis.member", object_id=parent.id, data=data)


def queue(parent: Member) -> int:
    """Take up what members sent to agencies behind the parent since the last time; returns how many packets.

    A delivery that failed and that an operator handed over again is taken up anew.
    """
    with transaction.atomic():
        one_at_a_time(["axis forwards"])
        again = Q(forwarded=None) | Q(forwarded__forward__state__in=OVER)
        new = AxisDelivery.objects.filter(again, member=parent, state=DeliveryState.INITIAL)
        fresh = list(new.order_by("-priority", "id")[:BATCH])
        if fresh:
            _queue(parent, fresh)
    return len({delivery.packet_id for delivery in fresh})


def claim(least_priority: int = 0) -> Forward | None:
    """The packet to try now: the most urgent ones first, among them the sender that was not served for longest.

    No other worker gets it for :data:`CLAIM`. None when nothing is due.
    """
    now = clock.now()
    while True:
        found = _next(now, least_priority)
        if found is None:
            return None
        free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        mine = Forward.objects.filter(free, pk=found, state=ForwardState.WAITING)
        if mine.update(claimed_until=now + CLAIM):
            forward = Forward.objects.select_related("packet").get(pk=found)
            _served(forward.origin_id)
            return forward


def _next(now: datetime, least_priority: int) -> UUID | None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT head.id
            FROM axis_member sender LEFT JOIN axis_turn turn ON turn.origin_id = sender.id
            CROSS JOIN LATERAL (
                SELECT id, priority FROM axis_forward
                WHERE origin_id = sender.id AND state = 'waiting' AND priority >= %(least)s
                  AND due_at <= %(now)s::timestamptz
                  AND (claimed_until IS NULL OR claimed_until <= %(now)s::timestamptz)
                ORDER BY priority DESC, id LIMIT 1) head
            ORDER BY head.priority DESC, turn.served_at NULLS FIRST, head.id LIMIT 1
            """,
            {"now": now.isoformat(), "least": least_priority},
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _served(origin: UUID) -> None:
    """The server's own clock orders the turns: it differs between two turns even where ours stands still."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO axis_turn (origin_id, served_at) VALUES (%s, clock_timestamp()) "
            "ON CONFLICT (origin_id) DO UPDATE SET served_at = excluded.served_at",
            [origin],
        )


def targets(forward: Forward) -> list[AxisDelivery]:
    """The deliveries that go with a forward, oldest first."""
    return list(AxisDelivery.objects.filter(forwarded__forward=forward).order_by("id"))


@action
def left(parent: Member, forward: Forward, *, remote_id: str, receipt: str, sent_sha256: str) -> None:
    """The parent has the packet: both hashes and its receipt go on record, the sender sees ``processing``."""
    now = clock.now()
    Forward.objects.filter(pk=forward.pk, state=ForwardState.WAITING).update(
        state=ForwardState.SENT,
        sent_at=now,
        due_at=now + routing_rules.FIRST_LOOK,
        claimed_until=None,
        remote_id=remote_id[:100],
        receipt=receipt,
        sent_sha256=sent_sha256,
        error_code="",
        error_text="",
    )
    going = AxisDelivery.objects.filter(forwarded__forward=forward)
    going.filter(state=DeliveryState.INITIAL).update(
        state=DeliveryState.PROCESSING, handed_over_at=now, updated_at=now
    )
    data = {
        "hop": crossing.own_code(),
        "received": forward.packet.sha256,
        "sent": sent_sha256,
        "remoteId": remote_id[:100],
        "receipt": receipt,
        "to": list(going.values_list("recipient_code", flat=True)),
    }
    said = {
        "hop": data["hop"],
        "received": data["received"],
        "sent": sent_sha256,
        "remoteId": remote_id[:100],
    }
    # The parent's receipt is kept with the forward; the log binds it by its hash, as it does our own.
    crossed("forwarded", targets(forward), parent, now, **said, receipt=header_hash(receipt))
    record(
        acting(parent), "axis.packet_forwarded", kind="axis.packet", object_id=forward.packet_id, data=data
    )


def postponed(parent: Member, forward: Forward, error: VanthuError) -> None:
    """The try failed but may succeed later; after the site's patience it is over."""
    patience = timedelta(hours=settings.VANTHU.parent_give_up_hours)
    if clock.now() - forward.waiting_since >= patience:
        failed(parent, forward, error)
        return
    attempts = forward.attempts + 1
    chance = random.random()  # noqa: S311 - jitter needs no secrecy
    Forward.objects.filter(pk=forward.pk, state=ForwardState.WAITING).update(
        attempts=attempts,
        due_at=clock.now() + routing_rules.pause_of_packet(attempts, chance),
        claimed_until=None,
        error_code=error.code,
        error_text=error.text[:500],
    )


@action
def failed(parent: Member, forward: Forward, error: VanthuError) -> None:
    """The packet does not reach the parent: the sender sees ``fail`` with the reason, the operator a row."""
    now = clock.now()
    Forward.objects.filter(pk=forward.pk).update(
        state=ForwardState.FAILED, claimed_until=None, error_code=error.code, error_text=error.text[:500]
    )
    lost = AxisDelivery.objects.filter(forwarded__forward=forward, state__in=WAITING)
    said = {"code": error.code, "reason": error.text[:500]}
    crossed("forward_failed", lost, parent, now, **said)
    data = {**said, "to": [one.recipient_code for one in lost]}
    lost.update(state=DeliveryState.FAIL, description=error.text[:500], updated_at=now, acknowledged_at=now)
    record(acting(parent), "axis.forward_failed", kind="axis.packet", object_id=forward.packet_id, data=data)


@action
def split(parent: Member, forward: Forward) -> None:
    """Send a refused packet once per recipient, so that one bad address stops nobody else."""
    now = clock.now()
    going = targets(forward)
    for delivery in going[1:]:
        alone = Forward.objects.create(
            packet_id=forward.packet_id,
            origin_id=forward.origin_id,
            priority=forward.priority,
            waiting_since=now,
            due_at=now,
        )
        ForwardedDelivery.objects.filter(delivery=delivery).update(forward=alone)
    Forward.objects.filter(pk=forward.pk).update(claimed_until=None, due_at=now)
    data = {"to": [delivery.recipient_code for delivery in going]}
    record(acting(parent), "axis.forward_split", kind="axis.packet", object_id=forward.packet_id, data=data)


def look_again(forward: Forward) -> None:
    """Settle a forward whose recipients all have a result, or note when to ask the parent the next time."""
    if not AxisDelivery.objects.filter(forwarded__forward=forward, state__in=WAITING).exists():
        Forward.objects.filter(pk=forward.pk).update(state=ForwardState.SETTLED)
        return
    now = clock.now()
    since = now - (forward.sent_at or now)
    Forward.objects.filter(pk=forward.pk).update(due_at=now + routing_rules.next_look(since))


@action
def _note_copy(member: Member, packet: Packet, sha256: str) -> None:
    now = clock.now()
    DownwardCopy.objects.create(packet=packet, member=member, sha256=sha256, at=now)
    data = {"hop": crossing.own_code(), "received": packet.sha256, "sent": sha256}
    crossed("forwarded", AxisDelivery.objects.filter(packet=packet, member=member), member, now, **data)
    record(acting(member), "axis.packet_forwarded", kind="axis.packet", object_id=packet.id, data=data)


def note_copy(member: Member, packet: Packet, sha256: str) -> None:
    """A child axis fetches the packet with our hop in it: the first time, both hashes go on record."""
    known = DownwardCopy.objects.filter(packet=packet, member=member)
    if sha256 != packet.sha256 and not known.exists():
        with transaction.atomic():
            one_at_a_time([f"copy:{packet.id}:{member.id}"])
            if not known.exists():
                _note_copy(member, packet, sha256)


def _assign(pairs: Sequence[tuple[Forward, AxisDelivery]]) -> None:
    ForwardedDelivery.objects.bulk_create(
        [ForwardedDelivery(delivery=delivery, forward=forward) for forward, delivery in pairs],
        update_conflicts=True,
        unique_fields=["delivery"],
        update_fields=["forward"],
    )
