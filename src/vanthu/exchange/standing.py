"""Where the agencies of this site stand at an axis, as the axis tells (QĐ 28/2018; R195).

Owns the copy and what follows for people: the next step, and which documents showed what. Refuses to judge: stages
and trial are the axis' word.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from vanthu.base import clock
from vanthu.directory.models import AgencyIdentifier
from vanthu.exchange import axes
from vanthu.exchange.axes import Axis
from vanthu.exchange.axis import loop
from vanthu.exchange.models import (
    AxisStage,
    AxisStanding,
    Channel,
    Delivery,
    InboxPacket,
    Link,
    OutboxPacket,
)
from vanthu.relay import OnTheWay, Partner
from vanthu.vxp import SendAnswer, VxpRefused

LOOP = "standing"
"""The loop that asks; its row says whether an axis tells at all."""

MOST = 50
"""Lines kept of each list; an axis has no more than a dozen."""

NEXT = {
    AxisStage.NOT_READY: (
        "Chưa gửi, nhận được gì qua trục. Khắc phục các mặt còn thiếu rồi đề nghị đơn vị vận hành trục khảo sát lại;"
        " trong lúc đó gửi bản giấy."
    ),
    AxisStage.READY: (
        "Trục chờ lời gọi đầu tiên của hệ thống. Nếu quá một phút vẫn ở bước này: quản trị kiểm tra địa chỉ trục và"
        " khóa bí mật."
    ),
    AxisStage.CONNECTED: (
        "Gửi, nhận thử cho đủ các nội dung dưới đây; trục tự ghi nhận từ gói tin thật. Chưa gửi được văn bản chính"
        " thức."
    ),
    AxisStage.TRIAL_PASSED: "Đã thử đủ các nội dung. Đề nghị đơn vị vận hành trục chuyển sang chính thức.",
    AxisStage.LIVE: "Gửi, nhận văn bản chính thức qua trục.",
}
"""What an agency has to do at each stage."""


@dataclass(frozen=True)
class Item:
    """One line of the trial log; ``document`` is the document of this agency that showed it."""

    text: str
    passed_at: datetime | None
    document: UUID | None


@dataclass(frozen=True)
class Derived:
    """What the agency's own documents show of an axis that does not tell: when it last took one, and the last refusal
    where that is later (``refused_why`` in the axis' words, with its error code)."""

    accepted_at: datetime | None = None
    refused_at: datetime | None = None
    refused_why: str = ""


@dataclass(frozen=True)
class Shown:
    """An agency's standing at one axis, as its page shows it.

    ``standing`` None: nothing is told of this agency, or (``tells`` False) of none, for the axis' protocol has no place
    for it.
    """

    axis: Axis
    standing: AxisStanding | None
    items: Sequence[Item] = ()
    next_step: str = ""
    tells: bool = True
    derived: Derived = Derived()

    @property
    def passed(self) -> int:
        """How many items of the trial were shown."""
        return sum(item.passed_at is not None for item in self.items)


def on_the_way(axis: str) -> bool:
    """Whether some agency of this site is not live at the axis, or nothing is known of it yet."""
    told = AxisStanding.objects.filter(axis=axis)
    return not told.exists() or told.exclude(stage=AxisStage.LIVE).exists()


def trials(axis: Axis, packet: OutboxPacket, answer: SendAnswer) -> Collection[str]:
    """To which recipients a packet that the axis accepted goes as a trial: as the axis says with its answer; where it
    does not, to all while the sender is not live there."""
    if answer.trials is not None:
        return answer.trials
    told = AxisStanding.objects.filter(axis=axis.name, agency=packet.agency_id)
    return packet.recipients if told.exclude(stage=AxisStage.LIVE).exists() else ()


def renew(axis: Axis, told: Sequence[OnTheWay], partners: Sequence[Partner]) -> None:
    """Copy what an axis told just now; agencies that it no longer names are forgotten.

    No audit event: it is the axis' state that changed, and its log has that.
    """
    codes = {row.code: row for row in told if row.stage in AxisStage}
    here = dict(
        AgencyIdentifier.objects.filter(code__in=codes, agency__hosted=True).values_list("code", "agency_id")
    )
    rows = [_row(axis, codes[code], agency_id, partners) for code, agency_id in here.items()]
    AxisStanding.objects.bulk_create(
        {row.agency_id: row for row in rows}.values(),
        update_conflicts=True,
        unique_fields=["axis", "agency"],
        update_fields=["code", "stage", "stage_at", "items", "gaps", "partners", "told_at"],
    )
    AxisStanding.objects.filter(axis=axis.name).exclude(agency__in=here.values()).delete()


def _row(axis: Axis, told: OnTheWay, agency_id: UUID, partners: Sequence[Partner]) -> AxisStanding:
    return AxisStanding(
        axis=axis.name,
        agency_id=agency_id,
        code=told.code[:35],
        stage=told.stage,
        stage_at=told.stage_at,
        items=[
            {
                "text": item.text[:200],
                "passed_at": item.passed_at.isoformat() if item.passed_at else "",
                "doc_id": item.doc_id[:100],
            }
            for item in told.items[:MOST]
        ],
        gaps=[{"text": gap.text[:200], "lack": gap.lack[:500]} for gap in told.gaps[:MOST]],
        partners=[
            {"code": partner.code[:35], "name": partner.name[:200]}
            for partner in partners[:MOST]
            if partner.code != told.code
        ],
        told_at=clock.now(),
    )


def of_agency(agency_id: UUID) -> list[Shown]:
    """Where an agency stands at each axis of this site, in the order of their declaration.

    Four queries, and two for each axis that does not tell.
    """
    known = {row.axis: row for row in AxisStanding.objects.filter(agency=agency_id)}
    heard = Link.objects.filter(name__in=[loop(axis, LOOP) for axis in axes.configured()])
    telling = set(heard.exclude(answered_at=None).values_list("name", flat=True))
    doc_ids = {item["doc_id"] for row in known.values() for item in row.items if item["doc_id"]}
    documents = _documents(agency_id, doc_ids)
    return [
        _shown(axis, row, documents)
        if (row := known.get(axis.name))
        else Shown(axis, None, tells=loop(axis, LOOP) in telling, derived=_derived(agency_id, axis))
        for axis in axes.configured()
    ]


def _derived(agency_id: UUID, axis: Axis) -> Derived:
    sent = Delivery.objects.filter(agency=agency_id, channel=Channel.AXIS, axis=axis.name)
    accepted_at = sent.aggregate(at=Max("sent_at"))["at"]
    refused = (
        sent.filter(failed_at__isnull=False, last_error_code=VxpRefused.code).order_by("-failed_at").first()
    )
    if refused is None or refused.failed_at is None or (accepted_at and refused.failed_at < accepted_at):
        return Derived(accepted_at)
    return Derived(accepted_at, refused.failed_at, refused.last_error)


def _shown(axis: Axis, row: AxisStanding, documents: dict[str, UUID]) -> Shown:
    items = [
        Item(
            item["text"],
            datetime.fromisoformat(item["passed_at"]) if item["passed_at"] else None,
            documents.get(item["doc_id"]),
        )
        for item in row.items
    ]
    return Shown(axis, row, items, NEXT[AxisStage(row.stage)])


def _documents(agency_id: UUID, doc_ids: set[str]) -> dict[str, UUID]:
    """The agency's documents behind packets, by the id under which the axis knows them."""
    sent = OutboxPacket.objects.filter(agency=agency_id, axis_doc_id__in=doc_ids)
    came = InboxPacket.objects.filter(agency=agency_id, axis_doc_id__in=doc_ids).exclude(document=None)
    return dict(sent.values_list("axis_doc_id", "document_id")) | {
        doc_id: key for doc_id, key in came.values_list("axis_doc_id", "document_id") if key
    }
