"""Background work of the exchange: send what waits, fetch what lies at the axis, keep the list of agencies.

Thin and idempotent: everything here may run twice, or be killed at any instant.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import procrastinate
import structlog
from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app

from vanthu.base import clock
from vanthu.base.worker import every
from vanthu.blobs import store
from vanthu.blobs.models import Blob
from vanthu.directory.models import AgencyIdentifier
from vanthu.errors import VanthuError
from vanthu.exchange import actions, agencies, axis, inbox, outbox, rules
from vanthu.exchange.actions import Superseded
from vanthu.exchange.models import (
    Channel,
    InboxPacket,
    InboxState,
    OutboxPacket,
    PacketKind,
)
from vanthu.vxp import ErrorCode, ReceivedRow, VxpError, VxpRefused, VxpUnreachable

log = structlog.get_logger(__name__)

LEASE_SECONDS = 15.0
"""How long a poller that was killed keeps the others from polling; renewed before each packet."""

SYNC_LEASE_SECONDS = 120.0
SYNC_SECONDS, SYNC_AGAIN_SECONDS = 600.0, 15.0
SWEEP_SECONDS = 60.0
PASSING = frozenset({ErrorCode.SYSTEM.value, ErrorCode.BAD_CREDENTIALS.value, "401", "403"})
"""Refusals that go away without touching the packet: a fault of the axis, or a setting to be mended."""

ONE_RECIPIENT = frozenset({ErrorCode.RECEIVER_UNKNOWN.value, ErrorCode.RECEIVER_LOCKED.value})
"""Refusals that concern some recipients only."""


@app.task(
    name="exchange.send_packet",
    queue="default",
    retry=procrastinate.RetryStrategy(max_attempts=12, exponential_wait=2),
)
def send_packet(outbox_id: str) -> None:
    """Send one waiting packet."""
    packet = actions.begin(UUID(outbox_id))
    if packet is None:
        return
    with suppress(Superseded):
        if packet.channel == Channel.LOCAL:
            _hand_over(packet)
        else:
            _send_to_axis(packet)


@every(lambda: settings.VANTHU.axis_poll_seconds)
def poll_axis() -> None:
    """Fetch everything that waits at the axis: store it durably, place it, and only then acknowledge it."""
    if not axis.configured() or not axis.lease("poll", LEASE_SECONDS):
        return
    try:
        for message_type in ("edoc", "status"):
            for row in axis.client().received(message_type):
                axis.renew("poll", LEASE_SECONDS)
                _fetch(row, PacketKind(message_type))
        _note_answer()
    except VxpError as error:
        log.warning("axis_not_answering", error=error.text)
        axis.silent(error.text)
        axis.silent(error.text, "poll")
    finally:
        axis.release("poll")


@every(lambda: SWEEP_SECONDS)
def sweep_outbox() -> None:
    """Queue waiting packets again that no job is going to send, for whatever reason its job gave up."""
    for packet in outbox.forgotten(clock.now() - timedelta(seconds=SWEEP_SECONDS)):
        log.warning("packet_without_job", packet=str(packet.id))
        packet.next_attempt_at = None
        outbox.enqueue(packet)


@every(lambda: SYNC_SECONDS if axis.answered_within("agencies", SYNC_SECONDS) else SYNC_AGAIN_SECONDS)
def sync_agencies() -> None:
    """Renew the list of agencies from the axis, then place again what came from a sender unknown before."""
    if not axis.configured() or not axis.lease("agencies", SYNC_LEASE_SECONDS):
        return
    try:
        rows = axis.client().agencies()
        home = inbox.home_agency()
        if home is not None:
            agencies.renew(home, rows)
            _place_known_again()
        axis.answered("agencies")
    except VxpError as error:
        log.warning("axis_not_answering", error=error.text)
        axis.silent(error.text)
    finally:
        axis.release("agencies")


# Sending


def _send_to_axis(packet: OutboxPacket) -> None:
    to = packet.recipients if packet.kind == PacketKind.EDOC else None
    kind: str = packet.kind
    try:
        if not axis.configured():
            raise VxpUnreachable(reason="chưa khai báo địa chỉ trục")
        with store.open_blob(packet.sha256) as body:
            answer = axis.client().send_edoc(
                body,
                sender=packet.sender_code,
                message_type="edoc" if kind == PacketKind.EDOC else "status",
                to=to,
            )
    except VxpRefused as error:
        if error.error_code in PASSING:
            actions.postponed(packet, error)
        else:
            actions.refused(packet, error, split=error.error_code in ONE_RECIPIENT)
    except VanthuError as error:
        if isinstance(error, VxpUnreachable):
            axis.silent(error.text)
        actions.postponed(packet, error)
    else:
        receipt = answer.receipt or ""
        at = axis.accepted_at(receipt, packet.sha256) or clock.now()
        actions.left(packet, axis_doc_id=answer.doc_id, receipt=receipt, at=at)


def _hand_over(packet: OutboxPacket) -> None:
    """Put a packet into the mailboxes on this site, by the same door as packets from the axis."""
    gone = _moved_away(packet)
    if gone:
        actions.refused(packet, rules.WrongRecipient(codes=", ".join(gone)), split=True)
        return
    blob = Blob.objects.get(pk=packet.sha256)
    to = packet.recipients if packet.kind == PacketKind.EDOC else ()
    rows = inbox.receive_stored("local", str(packet.id), blob, kind=PacketKind(packet.kind), to=to)
    actions.left(packet, axis_doc_id=str(packet.id), receipt="", at=min(row.received_at for row in rows))


def _moved_away(packet: OutboxPacket) -> list[str]:
    """Recipients that are not on this site any more."""
    here = AgencyIdentifier.objects.filter(agency__hosted=True, code__in=packet.recipients)
    known = set(here.values_list("code", flat=True))
    return [code for code in packet.recipients if code not in known]


# Receiving


def _note_answer() -> None:
    """The axis answers; when it was silent before, what waits for it need not wait out its pause."""
    with transaction.atomic():
        axis.answered()
        if axis.answered("poll"):
            outbox.hurry()


def _fetch(row: ReceivedRow, kind: PacketKind) -> None:
    """One row of the axis' list. A fault with one packet does not stop the others, a silent axis does."""
    try:
        rows = inbox.rows_of("axis", row.doc_id)
        if not rows or all(known.acknowledged_at is None for known in rows):
            rows = _download(row, kind)
        _acknowledge(row.doc_id, rows)
    except VxpUnreachable:
        raise
    except (VanthuError, OSError) as error:
        log.warning("packet_not_fetched", doc_id=row.doc_id, error=str(error))


def _download(row: ReceivedRow, kind: PacketKind) -> list[InboxPacket]:
    with tempfile.TemporaryFile() as target:
        axis.client().download(row.doc_id, target, sha256=row.sha256 or None)
        target.seek(0)
        return inbox.receive("axis", row.doc_id, target, kind=kind, to=inbox.split_codes(row.recipient))


def _acknowledge(doc_id: str, rows: Sequence[InboxPacket]) -> None:
    """Tell the axis that the packet is kept; ``fail`` with the reason when nobody can make sense of it."""
    bad = [row for row in rows if row.error_code in (rules.Unreadable.code, rules.WrongRecipient.code)]
    if bad and len(bad) == len(rows):
        axis.client().update_status(doc_id, "fail", bad[0].error_text)
    else:
        axis.client().update_status(doc_id, "done")
    if any(row.acknowledged_at is None for row in rows):
        actions.acknowledged(rows, "fail" if bad and len(bad) == len(rows) else "done")


def _place_known_again() -> None:
    """Packets whose sender the axis' list holds by now."""
    waiting = InboxPacket.objects.filter(
        state=InboxState.QUARANTINED, error_code=rules.UnknownSender.code
    ).order_by("id")
    known = AgencyIdentifier.objects.values("code")
    for row in waiting.filter(sender_code__in=known):
        inbox.replace(row)
