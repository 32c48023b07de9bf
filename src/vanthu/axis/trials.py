"""What an agency's real traffic shows of its trial, and whose turn it is to be looked at (R195)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet

from vanthu.axis.models import AxisAgency, AxisDelivery, DeliveryState, Packet, PacketKind, Stage, TrialItem
from vanthu.base import clock

AT_A_TIME = 50
SILENT_SHOWN = 200
SILENT_STAGES = (Stage.CONNECTED, Stage.TRIAL_PASSED, Stage.LIVE)
_RECALL_TYPE = 1
_BY_STATUS = {f"0{number}": TrialItem[f"STATUS_0{number}"] for number in range(1, 7)} | {
    "13": TrialItem.RECALL,
    "15": TrialItem.RECALL_ANSWERED,
    "16": TrialItem.RECALL_ANSWERED,
}


def to_look_at() -> list[AxisAgency]:
    """Agencies on the way whose system has called since they were ready, the longest unseen first."""
    called = Q(member__last_seen__isnull=False) & (Q(stage_at=None) | Q(member__last_seen__gte=F("stage_at")))
    rows = AxisAgency.objects.filter(
        Q(stage=Stage.READY) & called | Q(stage=Stage.CONNECTED), deleted=False, member__is_axis=False
    )
    return list(
        rows.select_related("member").order_by(F("trial_checked_at").asc(nulls_first=True))[:AT_A_TIME]
    )


def shown(agency: AxisAgency, since: datetime | None) -> dict[TrialItem, UUID]:
    """The trial's items that packets since then prove (None: all packets), each with the first such packet."""
    later = Q(accepted_at__gte=since) if since else Q()
    kinds = ("kind", "business_type", "status_code")
    sent = Packet.objects.filter(later, sender=agency).order_by(*kinds, "id").distinct(*kinds)
    found: dict[TrialItem, UUID] = {}
    for kind, business_type, status_code, key in sent.values_list(*kinds, "id"):
        if item := _item(kind, business_type, status_code):
            found.setdefault(item, key)
    taken = Q(acknowledged_at__gte=since) if since else Q()
    received = AxisDelivery.objects.filter(taken, recipient=agency, state=DeliveryState.DONE)
    for kind, key in received.order_by("kind", "id").distinct("kind").values_list("kind", "packet_id"):
        found[TrialItem.RECEIVE if kind == PacketKind.EDOC else TrialItem.STATUS_RECEIVED] = key
    return found


def silent(days: int) -> list[AxisAgency]:
    """Connected agencies that neither sent nor took over anything for so many days, the longest first (R198)."""
    rows = _silent(days).order_by(F("last_traffic_at").asc(nulls_first=True))
    return list(rows.select_related("member")[:SILENT_SHOWN])


def is_silent(agency: AxisAgency, days: int) -> bool:
    """Whether this is such an agency."""
    return _silent(days).filter(pk=agency.pk).exists()


def _silent(days: int) -> QuerySet[AxisAgency]:
    before, today = clock.now() - timedelta(days=days), clock.today()
    quiet = Q(last_traffic_at__lt=before) | Q(last_traffic_at=None, stage_at__lt=before)
    present = Q(valid_to=None) | Q(valid_to__gte=today)
    return AxisAgency.objects.filter(quiet, present, stage__in=SILENT_STAGES, deleted=False)


def _item(kind: str, business_type: int, status_code: str) -> TrialItem | None:
    if kind == PacketKind.STATUS:
        return _BY_STATUS.get(status_code)
    if kind == PacketKind.EDOC:
        return TrialItem.RECALL if business_type == _RECALL_TYPE else TrialItem.SEND
    return None
