"""What the tests of the operator's pages share: two people on duty, traffic by the thousand, a page as text."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from vanthu.axis.models import AxisAgency, AxisDelivery, DeliveryState, Member, Packet, PacketKind
from vanthu.base import clock
from vanthu.base.actors import Role
from vanthu.base.ids import new_id
from vanthu.directory.models import Agency, Person, Post


def on_duty(username: str = "truc", name: str = "Lê Văn Trực") -> Client:
    """A browser in which an operator is signed in."""
    person = Person.objects.create_user(username, "mat-khau-thu-nghiem", full_name=name)
    office, _ = Agency.objects.get_or_create(name="Đơn vị vận hành trục", hosted=True)
    Post.objects.create(person=person, agency=office, position="Vận hành", roles=[Role.OPERATOR.value])
    client = Client()
    client.force_login(person)
    return client


def text_of(response: Any) -> str:
    """What a page says, without its markup; fails unless the page was answered."""
    assert response.status_code == 200, response.status_code
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


STATES = (
    DeliveryState.DONE,
    DeliveryState.DONE,
    DeliveryState.INITIAL,
    DeliveryState.DONE,
    DeliveryState.FAIL,
    DeliveryState.PROCESSING,
)


def traffic(number: int, *, until: datetime | None = None, step: timedelta = timedelta(minutes=7)) -> None:
    """So many packets between the agencies that exist, ending now, in every state, kind and urgency."""
    agencies = list(AxisAgency.objects.select_related("member").order_by("code"))
    end = until or clock.now()
    packets, deliveries = [], []
    for index in range(number):
        at = end - step * (number - index)
        sender = agencies[index % len(agencies)]
        recipient = agencies[(index * 7 + 1) % len(agencies)]
        packet = _packet(index, at, sender, sender.member)
        packets.append(packet)
        deliveries.append(_delivery(packet, recipient, STATES[index % len(STATES)]))
    Packet.objects.bulk_create(packets, batch_size=2000)
    AxisDelivery.objects.bulk_create(deliveries, batch_size=2000)


def _packet(index: int, at: datetime, sender: AxisAgency, member: Member) -> Packet:
    status = index % 3 == 2
    return Packet(
        id=new_id(),
        kind=PacketKind.STATUS if status else PacketKind.EDOC,
        member=member,
        sender=sender,
        sender_code=sender.code,
        document_id="" if status else f"{sender.code},2026/11/21,{index}",
        document_code="" if status else f"{index}/UBND-VX",
        status_code="03" if status else "",
        refers_to=f"ref-{index}" if status else "",
        priority=index % 11 // 9,
        sha256=f"{index:064x}",
        size=90_000 + index,
        accepted_at=at,
        receipt="eyJhbGciOiJFUzI1NiJ9." + "x" * 700,
    )


def _delivery(packet: Packet, recipient: AxisAgency, state: DeliveryState) -> AxisDelivery:
    told = state in (DeliveryState.DONE, DeliveryState.FAIL)
    later = packet.accepted_at + timedelta(minutes=2)
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
        handed_over_at=later if state != DeliveryState.INITIAL else None,
        acknowledged_at=later if told else None,
    )
