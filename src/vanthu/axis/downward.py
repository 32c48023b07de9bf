"""The way down: fetches what the parent axis holds for agencies here, and tells it what became of it.

A packet is stored like a member's, then noted by the parent's id, and only then acknowledged. The parent is told
``processing`` when this axis has the packet and ``done`` or ``fail`` when the recipient's system has said so
(``VANTHU_PARENT_ACKNOWLEDGE=storage``: ``done`` at once, for axes that list again until then).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import structlog
from django.conf import settings
from django.db.models import Q

from vanthu.axis import actions, parent, parent_list, payloads, queries, storage
from vanthu.axis.actions import arrivals
from vanthu.axis.envelope import Envelope, argued_envelope, read_envelope
from vanthu.axis.errors import SenderMismatch
from vanthu.axis.models import Arrival, AxisDelivery, DeliveryState, Packet, Parent
from vanthu.environment import ParentAcknowledge
from vanthu.vxp import CallRefused, PacketMeter, ReceivedRow, TransportStatus, VxpError, VxpUnreachable

log = structlog.get_logger(__name__)

PAGE = 50
"""Rows asked for at a time: few, so that an urgent packet that comes meanwhile is in the next page."""

FINAL = ("done", "fail")


def fetch_all() -> None:
    """Take in everything that waits at the parent, page by page, then tell what there is to tell.

    Raises :class:`VxpUnreachable` when the parent falls silent.
    """
    line, in_vain = parent.line(), 0
    for kind in payloads.all_types().values():
        for row in _rows(kind.name):
            parent.renew("fetch")
            try:
                _fetch(line, kind, row)
                in_vain = 0
            except (VxpError, OSError) as error:
                log.warning("arrival_not_fetched", doc_id=row.doc_id, error=str(error))
                # One packet that the parent cannot give does not stop the others; a silent parent does.
                in_vain += isinstance(error, VxpUnreachable)
                if in_vain > 1:
                    raise
    tell_results()


def tell_results() -> None:
    """Tell the parent every transport state that it does not know yet. Raises :class:`VxpUnreachable`."""
    news = Q(told="") | Q(delivery__state__in=FINAL)
    untold = Arrival.objects.filter(news).exclude(told__in=FINAL)
    for arrival in untold.select_related("delivery").order_by("id"):
        _tell(arrival)


def _tell(arrival: Arrival) -> None:
    state, description = _result(arrival)
    if state == arrival.told:
        return
    try:
        parent.client().update_status(arrival.remote_id, state, description)
    except VxpUnreachable:
        raise
    except VxpError as error:
        # It will not take it at any other time either: what it knows is further than what we say.
        log.warning("result_not_taken", doc_id=arrival.remote_id, state=state, error=error.text)
    arrivals.told(arrival, state)


def _rows(kind: str) -> Iterator[ReceivedRow]:
    """The parent's list, each row once; asked anew after every page."""
    seen: set[str] = set()
    while True:
        page = parent.client().received(kind, limit=PAGE + len(seen))
        fresh = [row for row in page if row.doc_id and row.doc_id not in seen][:PAGE]
        if not fresh:
            return
        known = set(
            Arrival.objects.filter(remote_id__in=[row.doc_id for row in fresh]).values_list(
                "remote_id", flat=True
            )
        )
        seen.update(row.doc_id for row in fresh)
        yield from (row for row in fresh if row.doc_id not in known)


def _fetch(line: Parent, kind: payloads.PayloadType, row: ReceivedRow) -> None:
    try:
        delivery = _taken_in(line, kind, row)
    except CallRefused as refusal:
        log.warning("arrival_refused", doc_id=row.doc_id, error=refusal.text)
        arrivals.refused(line.member, row.doc_id, refusal.text)
    else:
        arrivals.arrived(line.member, row.doc_id, delivery)
    _tell(Arrival.objects.select_related("delivery").get(remote_id=row.doc_id))


def _result(arrival: Arrival) -> tuple[TransportStatus, str]:
    if arrival.delivery is None:
        return "fail", arrival.refusal
    if arrival.delivery.state == DeliveryState.DONE:
        return "done", ""
    if arrival.delivery.state == DeliveryState.FAIL:
        return "fail", arrival.delivery.description
    stored = settings.VANTHU.parent_acknowledge is ParentAcknowledge.STORAGE
    return ("done" if stored else "processing"), ""


def _taken_in(line: Parent, kind: payloads.PayloadType, row: ReceivedRow) -> AxisDelivery:
    limit = kind.max_mb << 20 if kind.max_mb else storage.largest_packet()
    with storage.Spool(limit) as spool:
        meter = _Metered(spool)
        parent.client().download(row.doc_id, meter, sha256=row.sha256 or None)  # type: ignore[arg-type]
        envelope = _envelope(kind, row, spool)
        _make_known(line, envelope)
        packet = actions.take_in(
            line.member,
            envelope,
            named_sender=row.sender or envelope.sender,
            to=json.dumps([row.recipient]),
            spool=spool,
            measured=meter.meter.whole(),
        )
    return _delivery(packet, row.recipient)


class _Metered:
    """Writes a download into the spool and measures it on the way."""

    def __init__(self, spool: storage.Spool) -> None:
        self._spool = spool
        self.meter = PacketMeter()

    def write(self, chunk: bytes) -> int:
        self.meter.update(chunk)
        self._spool.write(chunk)
        return len(chunk)


def _envelope(kind: payloads.PayloadType, row: ReceivedRow, spool: storage.Spool) -> Envelope:
    if kind.addressing is payloads.Addressing.HEADER:
        return read_envelope(spool.stream(), kind.name)
    return argued_envelope(kind.name, row.sender, row.document_id, str(row.priority))


def _make_known(line: Parent, envelope: Envelope) -> None:
    """A sender that joined the parent only just now is in its list, if not in our copy yet."""
    try:
        queries.sender_of(line.member, envelope.sender, envelope.sender)
    except SenderMismatch:
        parent_list.copy()


def _delivery(packet: Packet, code: str) -> AxisDelivery:
    """The delivery that the packet, or the earlier one that it repeats, has for the recipient."""
    rows = list(packet.deliveries.select_related("recipient").order_by("id"))
    [meant] = queries.addressees([code])
    return next((row for row in rows if row.recipient_id == meant.agency.id), rows[0])
