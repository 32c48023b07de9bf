"""A recall and an update reach an agency behind a real axis, and its answers come back."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest
from tests.exchange.conftest import issue, send, send_waiting
from tests.exchange.test_axis import Net, connected

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.edxml import Organization, ResponseFor, StatusCode, StatusPacket, read, write
from vanthu.exchange import changes, jobs
from vanthu.exchange.models import (
    AnswerState,
    Change,
    ChangeKind,
    ChangeState,
    ChangeTarget,
    Delivery,
    DeliveryState,
)

pytestmark = pytest.mark.django_db


@action
def ask(net: Net, delivery: Delivery, kind: ChangeKind) -> Change:
    """What issuing does once it is decided."""
    change = Change.objects.create(
        agency=delivery.agency,
        document=delivery.document,
        kind=kind,
        state=ChangeState.DECIDED,
        reason="Sai số liệu",
        proposed_by_id=net.commune.clerk.own_post,
        data={"after": {"subject": "x"}} if kind is ChangeKind.UPDATE else {},
        at=clock.now(),
    )
    changes.ask(change, [delivery], actor=net.commune.clerk)
    record(net.commune.clerk, "test.ask", kind="document", object_id=delivery.document_id)
    return change


def test_a_refused_recall_may_be_repeated_and_is_then_agreed_to(
    axis_url: str, settings: object, tmp_path: Path
) -> None:
    with connected(axis_url, settings, tmp_path) as net:
        document = issue(net.commune)
        [delivery] = send(net.commune, document, net.ministry)
        for code in (StatusCode.CHANGE_REFUSED, StatusCode.CHANGE_AGREED):
            ask(net, Delivery.objects.get(pk=delivery.pk), ChangeKind.RECALL)
            send_waiting()
            rows = net.elsewhere.received("edoc")
            target = io.BytesIO()
            net.elsewhere.download(rows[-1].doc_id, target)
            packet = read(target.getvalue()).packet
            assert packet.business_type == 1
            assert packet.acts_on == (document.document_id,)
            for row in rows:
                net.elsewhere.update_status(row.doc_id, "done")
            answer = StatusPacket(
                sender=Organization("G09", "Bộ Nội vụ"),
                response_for=ResponseFor(
                    net.commune.code, document.code, document.document_id, document.issued_date
                ),
                status_code=code,
                timestamp=clock.local(clock.now() + timedelta(seconds=1)).replace(microsecond=0),
                description="Đã xem xét",
            )
            net.elsewhere.send_edoc(write(answer), sender="G09", message_type="status")
            jobs.poll_axis()

        states = list(ChangeTarget.objects.order_by("pk").values_list("state", flat=True))
        assert states == [AnswerState.REFUSED, AnswerState.AGREED]
        assert Delivery.objects.get(pk=delivery.pk).state == DeliveryState.RECALLED
