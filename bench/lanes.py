"""The urgent lane and the turns of the axis while ten thousand ordinary packets of one member wait.

Three things: the list that a member gets, the pick of the next packet on the way to a parent axis, and where an
urgent packet and another member's packet stand in both.
"""

from __future__ import annotations

from django.db import connection

from bench.measuring import Result, Row, Times, repeat, timed
from bench.seeding import copy_in
from vanthu.axis import actions, parent, queries
from vanthu.axis.actions import forwarding
from vanthu.axis.models import AxisAgency, AxisDelivery, Forward, Member, Packet
from vanthu.base import clock
from vanthu.base.ids import new_id

FLOOR = "danh sách: một trang cũ nhất theo chỉ mục, không xét khẩn và lượt; chọn gói: đọc và ghi một dòng theo khóa"
PAGE = 50


def run(*, quick: bool = False) -> Result:
    """Times with an empty queue's cost beside them, and places in the order."""
    flood, rounds = (1_000, 20) if quick else (10_000, 100)
    here, above = _setting()
    rows = []
    for recipient in (here, above):
        _held("H27", flood, recipient)
        _held("H37", 1, recipient)
        _held("H27", 1, recipient, priority=3)
    rows += _list_rows(here, flood, rounds)
    forwarding_rows = _forward_rows(flood, rounds)
    return Result("lanes", "Làn khẩn và lần lượt: một đơn vị gửi dồn dập", FLOOR, [*rows, *forwarding_rows])


def _setting() -> tuple[AxisAgency, AxisAgency]:
    for code, name in (("H27", "Hà Tĩnh"), ("H37", "Lạng Sơn"), ("H40", "Nghệ An")):
        actions.add_member(code, name)
        actions.put_agency(queries.member(code), actions.AgencyDetails(code=code, name=name))
        actions.carry_over(code, "bench")
    above = actions.put_agency(parent.line().member, actions.AgencyDetails(code="G12", name="Bộ Y tế"))
    return AxisAgency.objects.get(code="H40"), above


def _held(sender: str, number: int, recipient: AxisAgency, priority: int = 0) -> None:
    origin = AxisAgency.objects.get(code=sender)
    now = clock.now()
    packets = [
        Packet(
            id=new_id(),
            kind="edoc",
            member_id=origin.member_id,
            sender=origin,
            sender_code=sender,
            document_id=f"{sender}-{priority}-{index}",
            priority=priority,
            sha256=f"{index:064x}",
            size=100_000,
            accepted_at=now,
            receipt="x" * 600,
        )
        for index in range(number)
    ]
    copy_in(Packet, packets)
    copy_in(
        AxisDelivery,
        [
            AxisDelivery(
                packet=packet,
                recipient=recipient,
                recipient_code=recipient.code,
                member_id=recipient.member_id,
                origin_id=packet.member_id,
                kind="edoc",
                priority=priority,
                created_at=now,
                updated_at=now,
            )
            for packet in packets
        ],
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _list_rows(recipient: AxisAgency, flood: int, rounds: int) -> list[Row]:
    member = Member.objects.get(pk=recipient.member_id)
    order = [row.packet.document_id for row in queries.waiting(member, "edoc", limit=PAGE)]
    places = f"khẩn thứ {order.index('H27-3-0') + 1}, đơn vị khác thứ {order.index('H37-0-0') + 1}"

    def oldest() -> list[AxisDelivery]:
        rows = AxisDelivery.objects.filter(member=member, kind="edoc", state="initial")
        return list(rows.select_related("packet").order_by("-priority", "id")[:PAGE])

    times = repeat(lambda: queries.waiting(member, "edoc", limit=PAGE), rounds)
    notes = f"{flood:,} gói chờ của một đơn vị; {places}".replace(",", ".")
    return [timed(f"lanes.list (trang {PAGE})", times, repeat(oldest, rounds), notes, {"order": order[:5]})]


def _forward_rows(flood: int, rounds: int) -> list[Row]:
    line = parent.line()
    queued = Times(
        [repeat(lambda: forwarding.queue(line.member), 1, warm_up=0).best for _ in range(flood // 1000 + 1)]
    )
    order: list[str] = []

    def pick() -> None:
        forward = forwarding.claim()
        assert forward is not None
        order.append(forward.packet.document_id)

    some = Forward.objects.values_list("pk", flat=True).order_by("id")[0]

    def bare() -> None:
        Forward.objects.filter(pk=some).update(attempts=0)
        Forward.objects.select_related("packet").get(pk=some)

    times = repeat(pick, rounds, warm_up=0)
    places = f"khẩn thứ {order.index('H27-3-0') + 1}, đơn vị khác thứ {order.index('H37-0-0') + 1}"
    notes = f"{flood:,} gói chờ chuyển; {places}".replace(",", ".")
    picked = timed("lanes.forward (chọn một gói)", times, repeat(bare, rounds), notes, {"order": order[:5]})
    taken = Row("lanes.queue (nhận 1.000 gói)", queued.p50, "ms", best=queued.best, p95=queued.p95)
    return [picked, taken]
