"""The way up: hands one packet to the parent axis, and asks what became of those it has.

Every step may run twice or be killed anywhere: the parent answers a packet it knows with its first receipt, and a
fate is asked again until it is final.
"""

from __future__ import annotations

import structlog

from vanthu.axis import actions, crossing, parent, payloads, routing_rules
from vanthu.axis.actions import forwarding
from vanthu.axis.errors import BodyDropped
from vanthu.axis.models import AxisDelivery, DeliveryState, Forward, ForwardState, Parent
from vanthu.axis.wire_rules import code_key
from vanthu.base import clock
from vanthu.errors import VanthuError
from vanthu.vxp import SendAnswer, SentRow, VxpBadAnswer, VxpError, VxpRefused, VxpUnreachable

log = structlog.get_logger(__name__)

LOOKS = 200
"""Most packets whose fate is asked in one round."""


def forward_due(least_priority: int = 0) -> int:
    """Send what is due, most urgent first and in turns between senders, until nothing is left.

    Stops when the parent falls silent. Returns how many were tried.
    """
    line, tried = parent.line(), 0
    while not parent.quiet(line):
        forwarding.queue(line.member)
        forward = forwarding.claim(least_priority)
        if forward is None:
            break
        send(line, forward)
        line.refresh_from_db(fields=["silent_until"])
        tried += 1
    return tried


def send(line: Parent, forward: Forward) -> None:
    """One try to hand a packet to the parent, with whatever follows from its answer."""
    member = line.member
    try:
        answer, sha256 = _sent(forward)
    except VxpUnreachable as error:
        forwarding.postponed(member, forward, error)
        parent.silent(error.text)
    except VxpRefused as error:
        parent.answered()
        _refused(line, forward, error)
    except VxpBadAnswer as error:
        forwarding.postponed(member, forward, error)
    except FileNotFoundError:
        forwarding.postponed(member, forward, BodyDropped(doc_id=forward.packet_id))
    except VanthuError as error:
        forwarding.failed(member, forward, error)
    else:
        parent.answered()
        forwarding.left(
            member, forward, remote_id=answer.doc_id, receipt=answer.receipt or "", sent_sha256=sha256
        )


def _sent(forward: Forward) -> tuple[SendAnswer, str]:
    packet = forward.packet
    kind = payloads.all_types().get(packet.kind)
    opaque = kind is not None and kind.addressing is payloads.Addressing.ARGUMENTS
    body = crossing.leaving(packet)
    with body.stream:
        answer = parent.client().send_edoc(
            body.stream,
            sender=packet.sender_code,
            message_type=packet.kind,
            to=[delivery.recipient_code for delivery in forwarding.targets(forward)],
            document_id=packet.document_id if opaque else "",
            priority=packet.priority if opaque else 0,
        )
    return answer, body.sha256


def _refused(line: Parent, forward: Forward, error: VxpRefused) -> None:
    if error.error_code not in routing_rules.FOR_GOOD:
        forwarding.postponed(line.member, forward, error)
    elif error.error_code in routing_rules.ONE_RECIPIENT and len(forwarding.targets(forward)) > 1:
        forwarding.split(line.member, forward)
    else:
        forwarding.failed(line.member, forward, error)


def ask_fates() -> None:
    """Ask the parent what became of packets under way, those first that were not asked for longest."""
    line = parent.line()
    if parent.quiet(line):
        return
    due = Forward.objects.filter(state=ForwardState.SENT, due_at__lte=clock.now()).order_by("due_at")
    for forward in due.select_related("packet")[:LOOKS]:
        parent.renew("fates")
        try:
            rows = parent.client().sent(forward.remote_id, forward.packet.kind)
        except VxpUnreachable as error:
            parent.silent(error.text)
            return
        except VxpError as error:
            log.warning("fate_not_told", forward=str(forward.id), error=error.text)
        else:
            _heard(line, forward, rows)
        forwarding.look_again(forward)


def _heard(line: Parent, forward: Forward, rows: list[SentRow]) -> None:
    told = {code_key(row.recipient): row for row in rows}
    going = forwarding.targets(forward)
    for delivery in going:
        row = told.get(code_key(delivery.recipient_code))
        if row is None and len(going) == len(rows) == 1:
            row = rows[0]  # the parent may know the agency by another code
        if row is not None:
            _settle(line, delivery, row)


def _settle(line: Parent, delivery: AxisDelivery, row: SentRow) -> None:
    final = (DeliveryState.DONE, DeliveryState.FAIL)
    if row.receive_status in final and delivery.state not in final:
        actions.acknowledge(line.member, str(delivery.id), row.receive_status, row.receive_status_desc)
