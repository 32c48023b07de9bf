"""Reads of the modern door: what waits in short, signatures of senders, pages of the agency list, counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Sum

from vanthu.axis import payloads, queries
from vanthu.axis.models import (
    AgencyCode,
    AxisAgency,
    AxisDelivery,
    Member,
    MemberKey,
    Packet,
    PacketKind,
    Upload,
    Webhook,
    WebhookCall,
)
from vanthu.axis.relay.errors import KeyNotFound
from vanthu.axis.wire_rules import code_key

COUNTED = 1000
CALLS_SHOWN = 5


@dataclass(frozen=True)
class WaitingState:
    """How much waits for a member, each kind counted to :data:`COUNTED`; ``known`` changes when it does."""

    edoc: int
    status: int
    other: int
    known: str

    def is_news(self, known: str) -> bool:
        """Whether a caller that knew ``known`` should look."""
        return bool(self.edoc or self.status or self.other) and self.known != known


def waiting_state(member: Member) -> WaitingState:
    """What waits for the member, in one bounded query."""
    counts, newest = Counter[str](), UUID(int=0)
    first, *others = (
        AxisDelivery.objects.filter(member=member, kind=kind, state__in=queries.listed_states(member))
        .order_by("-priority", "id")
        .values("kind", "id")[:COUNTED]
        for kind in payloads.all_types()
    )
    for row in first.union(*others, all=True):
        counts[row["kind"]] += 1
        newest = max(newest, row["id"])
    edoc, status = counts.pop(PacketKind.EDOC, 0), counts.pop(PacketKind.STATUS, 0)
    other = counts.total()
    return WaitingState(edoc, status, other, f"{edoc}.{status}.{other}.{newest.hex}")


@dataclass(frozen=True)
class WebhookLine:
    """A webhook for the operator, with its latest calls; ``state``: paused, open (its circuit), good or new."""

    webhook: Webhook
    state: str
    calls: list[WebhookCall]


def webhook_lines(member: Member) -> list[WebhookLine]:
    """The member's webhooks and how their latest :data:`CALLS_SHOWN` calls went."""
    calls: dict[UUID, list[WebhookCall]] = {}
    for call in WebhookCall.objects.filter(webhook__member=member):
        calls.setdefault(call.webhook_id, []).append(call)
    return [
        WebhookLine(row, _state(row), calls.get(row.id, [])[:CALLS_SHOWN]) for row in member.webhooks.all()
    ]


def _state(webhook: Webhook) -> str:
    if webhook.paused_at is not None:
        return "paused"
    if webhook.failures:
        return "open"
    return "good" if webhook.told_at is not None else "new"


def proofs(deliveries: Iterable[AxisDelivery]) -> dict[UUID, dict[str, str]]:
    """The senders' signatures by packet, for those that came with one."""
    packets = {delivery.packet_id: delivery.packet for delivery in deliveries}
    if not packets:
        return {}
    uploads = Upload.objects.filter(
        sha256__in={packet.sha256 for packet in packets.values()},
        member__in={packet.member_id for packet in packets.values()},
    ).order_by("-id")
    kept = {(upload.member_id, upload.sha256): upload.proof for upload in uploads}
    return {
        key: kept[packet.member_id, packet.sha256]
        for key, packet in packets.items()
        if (packet.member_id, packet.sha256) in kept
    }


def trials_of(packet: Packet) -> Sequence[str]:
    """Codes, as the sender wrote them, of those who get a packet as a trial; asks only about one accepted earlier."""
    if packet.trials is not None:
        return packet.trials
    rows = AxisDelivery.objects.filter(packet=packet, trial=True).order_by("id")
    return [row.written_code or row.recipient_code for row in rows]


def agencies_after(version: int, limit: int) -> tuple[list[AxisAgency], bool]:
    """The next page of the agency list behind a version, and whether more follows.

    A page never ends within a version, so that the last version seen is enough to go on from.
    """
    rows = queries.agencies(deleted=True, newer_than=version).select_related("encryption")
    page = list(rows[: limit + 1])
    if len(page) <= limit:
        return page, False
    last = page[limit - 1].version
    return list(rows.filter(version__lte=last)), rows.filter(version__gt=last).exists()


def latest_version() -> int:
    """The version of the agency list as a whole."""
    return AxisAgency.objects.aggregate(latest=Max("version"))["latest"] or 0


def key_for(kid: str, agency: str) -> MemberKey:
    """A key, also a revoked one, when its member serves the agency; raises :class:`KeyNotFound`."""
    key = MemberKey.objects.filter(kid=kid).select_related("member").first()
    serves = key and AgencyCode.objects.filter(key=code_key(agency), agency__member=key.member_id).exists()
    if key is None or not serves:
        raise KeyNotFound(kid=kid[:60])
    return key


def statistics(member: Member, since: datetime, until: datetime) -> dict[str, Any]:
    """How many packets the member sent and was sent, by kind and transport state; counts and bytes only."""
    sent = Packet.objects.filter(member=member, accepted_at__gte=since, accepted_at__lt=until)
    got = AxisDelivery.objects.filter(member=member, created_at__gte=since, created_at__lt=until)
    return {
        "since": since,
        "until": until,
        "sent": [
            {"type": row["kind"], "count": row["number"], "bytes": row["bytes"] or 0}
            for row in sent.values("kind").annotate(number=Count("id"), bytes=Sum("size")).order_by("kind")
        ],
        "received": [
            {"type": row["kind"], "state": row["state"], "count": row["number"]}
            for row in got.values("kind", "state").annotate(number=Count("id")).order_by("kind", "state")
        ],
    }
