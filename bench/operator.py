"""The operator's pages of the axis at 10,000 and 100,000 packets of thirty days.

Every page is measured as a browser gets it, and every statement of it is explained, to show what it read.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from bench.lists import measured
from bench.measuring import Result, Row, repeat
from vanthu.axis import actions, counts
from vanthu.axis.models import AxisAgency, AxisDelivery, DeliveryState, Packet, PacketKind
from vanthu.axis.queries import member
from vanthu.base import clock
from vanthu.base.actors import Role
from vanthu.base.ids import new_id
from vanthu.directory.models import Agency, Person, Post

FLOOR = "SELECT 50 gói tin mới nhất theo khóa chính, cùng lượt đo"
MEMBERS, AGENCIES = 34, 20
DAYS = timedelta(days=30)


def run(*, quick: bool = False) -> Result:
    """The same pages at two sizes, so that growth shows."""
    sizes, rounds = ((1_000, 10_000), 5) if quick else ((10_000, 100_000), 20)
    _members()
    client = _operator()
    rows, loaded = [], 0
    for size in sizes:
        started = time.perf_counter()
        _load(loaded, size)
        rows.append(Row(f"nạp {size - loaded} gói tin", time.perf_counter() - started, "giây"))
        loaded = size
        rows.append(_counted(size))
        floor = repeat(_bare, rounds)
        for path in _paths():
            title = f"{size:,}".replace(",", ".") + f" · {path}"
            rows.append(measured(title, _getting(client, path), rounds, floor))
    return Result("operator", "Trang vận hành trục", FLOOR, rows)


def _counted(size: int) -> Row:
    """The days that are over, counted as the job does it; the pages then read these counts and only today's packets."""
    counts.forget(clock.now() - timedelta(days=back) for back in range(DAYS.days + 1))
    started, days = time.perf_counter(), 0
    while found := counts.count_days():
        days += found
    spent = time.perf_counter() - started
    return Row(f"đếm {days} ngày đã qua, {size} gói tin", spent, "giây")


def _paths() -> list[str]:
    some = Packet.objects.order_by("id")[Packet.objects.count() // 2]
    return [
        "/axis/",
        "/axis/traffic/?span=hour",
        "/axis/traffic/?span=day",
        "/axis/traffic/?span=month",
        "/axis/queues/",
        "/axis/failures/",
        "/axis/packets/",
        f"/axis/packets/?q={some.pk}",
        f"/axis/packets/?q={some.document_code}",
        f"/axis/packets/?q={some.sha256}",
        f"/axis/packets/?q={some.sender_code}",
        "/axis/packets/?member=M07&state=fail",
        f"/axis/packets/{some.pk}/",
        "/axis/statistics/",
        "/axis/statistics/?member=M07",
        "/axis/statistics.csv",
    ]


def _getting(client: Client, path: str) -> Callable[[], object]:
    def get() -> None:
        answer = client.get(path)
        assert answer.status_code == 200, path
        b"".join(answer)

    return get


def _bare() -> list[Packet]:
    return list(Packet.objects.order_by("-id")[:50])


def _operator() -> Client:
    person = Person.objects.create_user("truc", "mat-khau-do-dac", full_name="Người đo")
    office = Agency.objects.create(name="Đơn vị vận hành trục", hosted=True)
    Post.objects.create(person=person, agency=office, position="Vận hành", roles=[Role.OPERATOR.value])
    client = Client()
    client.force_login(person)
    return client


def _members() -> None:
    for number in range(MEMBERS):
        code = f"M{number:02}"
        actions.add_member(code, f"Hệ thống {number}")
        for agency in range(AGENCIES):
            details = actions.AgencyDetails(code=f"{code}.{agency:02}", name=f"Cơ quan {agency} của {code}")
            actions.put_agency(member(code), details)


def _load(first: int, size: int) -> None:
    agencies = list(AxisAgency.objects.select_related("member").order_by("code"))
    begin = clock.now() - DAYS
    for start in range(first, size, 5_000):
        packets, deliveries = [], []
        for number in range(start, min(size, start + 5_000)):
            at = begin + DAYS * (number - first) / (size - first)
            packet = _packet(number, agencies[number * 7 % len(agencies)])
            packet.accepted_at = at
            packets.append(packet)
            deliveries.append(_delivery(packet, agencies[(number * 13 + 5) % len(agencies)], number))
        Packet.objects.bulk_create(packets)
        AxisDelivery.objects.bulk_create(deliveries)


def _packet(number: int, sender: AxisAgency) -> Packet:
    status = number % 3 == 2
    return Packet(
        id=new_id(),
        kind=PacketKind.STATUS if status else PacketKind.EDOC,
        member=sender.member,
        sender=sender,
        sender_code=sender.code,
        document_id="" if status else f"{sender.code},2026/11/21,{number}",
        document_code="" if status else f"{number}/UBND-VX",
        status_code="03" if status else "",
        refers_to=f"d{number}" if status else "",
        priority=number % 20 // 19,
        sha256=f"{number:064x}",
        size=100_000,
        receipt="e" * 800,
    )


def _delivery(packet: Packet, recipient: AxisAgency, number: int) -> AxisDelivery:
    state = DeliveryState.DONE
    if number % 200 == 0:
        state = DeliveryState.FAIL
    elif number % 50 == 1:
        state = DeliveryState.INITIAL
    later = packet.accepted_at + timedelta(seconds=40)
    waits = state == DeliveryState.INITIAL
    return AxisDelivery(
        packet=packet,
        recipient=recipient,
        recipient_code=recipient.code,
        member=recipient.member,
        origin=packet.member,
        kind=packet.kind,
        priority=packet.priority,
        state=state,
        description="Lỗi ghi cơ sở dữ liệu" if state == DeliveryState.FAIL else "",
        created_at=packet.accepted_at,
        updated_at=later,
        handed_over_at=None if waits else later,
        acknowledged_at=None if waits else later,
    )
