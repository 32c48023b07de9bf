"""Background work of the exchange: send what waits, fetch what lies at the axis, keep the list of agencies.

Thin and idempotent: everything here may run twice, or be killed at any instant.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import procrastinate
import structlog
from django.db import connection, transaction
from procrastinate.contrib.django import app

from vanthu.base import clock
from vanthu.base.announcements import listens
from vanthu.base.worker import every, every_one
from vanthu.blobs import store
from vanthu.blobs.models import Blob
from vanthu.directory.models import AgencyIdentifier
from vanthu.encryption.announcements import CertificatesChanged
from vanthu.errors import VanthuError
from vanthu.exchange import (
    actions,
    agencies,
    axes,
    axis,
    hiding,
    inbox,
    lines,
    outbox,
    proofs,
    publishing,
    rules,
    secrecy,
    standing,
    transport,
)
from vanthu.exchange.actions import Superseded
from vanthu.exchange.axes import Axis
from vanthu.exchange.models import (
    Channel,
    InboxPacket,
    InboxState,
    OutboxPacket,
    PacketKind,
    SecretState,
)
from vanthu.vxp import ErrorCode, MessageType, ReceivedRow, VxpError, VxpRefused, VxpUnreachable

log = structlog.get_logger(__name__)

_waited: dict[str, bool] = {}
_known: dict[str, str] = {}
"""By axis: whether this worker waited there just now, and what the axis said last that waits."""

LEASE_SECONDS = 15.0
"""How long a poller that was killed keeps the others from polling; renewed before each packet."""

SYNC_LEASE_SECONDS = 120.0
SYNC_SECONDS, SYNC_AGAIN_SECONDS = 600.0, 15.0
CHANGES_SECONDS = 60.0
"""Where an axis tells what changed in its list since the last time, asking costs next to nothing."""

STANDING_SECONDS = 60.0
SWEEP_SECONDS = 60.0
WATCH_SECONDS = 10.0
WAIT_SECONDS, WAIT_LEASE_SECONDS = 5.0, 8.0
"""How long a call may wait at the axis; a waiter that was killed leaves the others waiting for the rest."""

PAUSE_AFTER_WAITING = 0.05
ALL_KINDS: tuple[MessageType, ...] = ("edoc", "status")
PAGE, PAGE_SECONDS = 25, 1.0
"""Packets fetched before the axis is asked again, and for how long: an urgent one waits for no more than these."""

FORGOTTEN = timedelta(minutes=1)
"""A packet that is kept for so long without a noted acknowledgement is acknowledged again."""

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


def _pause(name: str) -> float:
    line = axes.by_name(name)
    if line is None:
        return SYNC_SECONDS
    return PAUSE_AFTER_WAITING if _waited.get(name) else line.poll_seconds


@every_one(axes.names, _pause)
def follow_axis(name: str = axes.ONE) -> None:
    """Fetch what comes to an axis: as soon as it comes where the axis tells, else by looking again and again."""
    line = axes.by_name(name)
    if line is None:
        return
    _waited[name] = False
    lease = axis.loop(line, "wait")
    if not lines.waits(line):
        poll_axis(name)
    elif axis.lease(lease, WAIT_LEASE_SECONDS):
        try:
            poll_axis(name, _wait(line))
        finally:
            axis.release(lease)


def poll_axis(name: str = axes.ONE, kinds: Sequence[MessageType] = ALL_KINDS) -> None:
    """Fetch everything that waits at an axis: store it durably, place it, and only then acknowledge it."""
    line = axes.by_name(name)
    if line is None:
        return
    lease = axis.loop(line, "poll")
    if not axis.lease(lease, LEASE_SECONDS):
        return
    try:
        open_kinds = [_Pages(line, message_type) for message_type in kinds]
        while open_kinds:  # in turns, for a flood of documents is not to delay the statuses
            open_kinds = [pages for pages in open_kinds if pages.fetch(lease)]
        _acknowledge_again(line)
        _note_answer(line)
    except VxpError as error:
        log.warning("axis_not_answering", axis=line.name, error=error.text)
        axis.silent(line.name, error.text)
        axis.silent(lease, error.text)
    finally:
        axis.release(lease)


@every(lambda: SWEEP_SECONDS)
def sweep_outbox() -> None:
    """Queue waiting packets again that no job is going to send, for whatever reason its job gave up."""
    for packet in outbox.forgotten(clock.now() - timedelta(seconds=SWEEP_SECONDS)):
        log.warning("packet_without_job", packet=str(packet.id))
        packet.next_attempt_at = None
        outbox.enqueue(packet)


@every_one(axes.names, lambda _: WATCH_SECONDS)
def watch_sent(name: str = axes.ONE) -> None:
    """Ask an axis how far sent documents are that their recipients' systems have not acknowledged yet."""
    line = axes.by_name(name)
    if line is None or not axis.lease(axis.loop(line, "sent"), LEASE_SECONDS):
        return
    try:
        for packet in transport.due(line):
            axis.renew(axis.loop(line, "sent"), LEASE_SECONDS)
            _ask(line, packet)
    except VxpUnreachable as error:
        log.warning("axis_not_answering", axis=line.name, error=error.text)
    finally:
        axis.release(axis.loop(line, "sent"))


def _sync_seconds(name: str) -> float:
    line = axes.by_name(name)
    answered = line is not None and axis.answered_within(axis.loop(line, "agencies"), SYNC_SECONDS)
    if line is None or not answered:
        return SYNC_AGAIN_SECONDS
    return CHANGES_SECONDS if lines.waits(line) else SYNC_SECONDS


@every_one(axes.names, _sync_seconds)
def sync_agencies(name: str = axes.ONE) -> None:
    """Renew the list of agencies from an axis, then place again what came from a sender unknown before."""
    line = axes.by_name(name)
    if line is None:
        return
    lease = axis.loop(line, "agencies")
    if not axis.lease(lease, SYNC_LEASE_SECONDS):
        return
    try:
        told = lines.agency_changes(line, axis.list_known(line))
        home = inbox.home_agency()
        if home is not None:
            agencies.renew(home, line.name, told.rows, None if told.whole else told.gone)
            agencies.note_successors(home, line.name, told.successors)
            _place_known_again()
            publishing.take_in(home, line, told.publications)
            axis.list_copied(line, told.version, whole=told.whole)
        publishing.publish(line)
        axis.answered(lease)
    except VxpError as error:
        log.warning("axis_not_answering", axis=line.name, error=error.text)
        axis.silent(line.name, error.text)
    finally:
        axis.release(lease)


def _standing_seconds(name: str) -> float:
    return STANDING_SECONDS if standing.on_the_way(name) else SYNC_SECONDS


@every_one(axes.names, _standing_seconds)
def ask_standing(name: str = axes.ONE) -> None:
    """Ask an axis how far the agencies of this site are on their way onto it; one that does not tell is left alone."""
    line = axes.by_name(name)
    if line is None or not axis.lease(axis.loop(line, standing.LOOP), LEASE_SECONDS):
        return
    try:
        told = lines.onboarding(line)
        standing.renew(line, *(told or ((), ())))
        axis.tells(axis.loop(line, standing.LOOP), told is not None)
    except VxpError as error:
        log.info("standing_not_told", axis=line.name, error=error.text)
    finally:
        axis.release(axis.loop(line, standing.LOOP))


@listens(CertificatesChanged)
def publish_certificates(_event: CertificatesChanged) -> None:
    """Tell every axis at once; one that does not answer hears it with the next round of its agency list."""
    for line in axes.configured():
        try:
            publishing.publish(line)
        except VxpError as error:
            log.warning("axis_not_answering", axis=line.name, error=error.text)


# Sending


def _send_to_axis(packet: OutboxPacket) -> None:
    to = packet.recipients if packet.kind == PacketKind.EDOC else None
    kind: str = packet.kind
    line = axes.by_name(packet.axis)
    try:
        if line is None:
            raise VxpUnreachable(reason="chưa khai báo địa chỉ trục")
        with store.open_blob(packet.sha256) as body:
            answer = lines.client(line).send_edoc(
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
        if isinstance(error, VxpUnreachable) and line is not None:
            axis.silent(line.name, error.text)
        actions.postponed(packet, error)
    else:
        receipt = answer.receipt or ""
        at = axis.accepted_at(line, receipt, packet.sha256) or clock.now()
        trials = standing.trials(line, packet, answer)
        actions.left(
            packet,
            axis_doc_id=answer.doc_id,
            receipt=receipt,
            at=at,
            trials=trials,
            notices=answer.notices,
        )


def _hand_over(packet: OutboxPacket) -> None:
    """Put a packet into the mailboxes on this site, by the same door as packets from the axis."""
    gone = _moved_away(packet)
    if gone:
        actions.refused(packet, rules.WrongRecipient(codes=", ".join(gone)), split=True)
        return
    blob = Blob.objects.get(pk=packet.sha256)
    to = packet.recipients if packet.kind == PacketKind.EDOC else ()
    rows = inbox.receive_stored(axes.LOCAL, str(packet.id), blob, kind=PacketKind(packet.kind), to=to)
    actions.left(packet, axis_doc_id=str(packet.id), receipt="", at=min(row.received_at for row in rows))


def _moved_away(packet: OutboxPacket) -> list[str]:
    """Recipients that are not on this site any more."""
    here = AgencyIdentifier.objects.filter(agency__hosted=True, code__in=packet.recipients)
    known = set(here.values_list("code", flat=True))
    return [code for code in packet.recipients if code not in known]


# Receiving


def _wait(line: Axis) -> Sequence[MessageType]:
    """Wait at the axis until something comes; returns the kinds to fetch: all when it could not be asked."""
    if not connection.in_atomic_block:
        connection.close()  # nobody needs it while this thread waits
    try:
        found = lines.relay(line).wait(WAIT_SECONDS, _known.get(line.name, ""))
    except VxpError as error:
        # No room for waiting, or no answer at all: the poll that follows finds out, at the pace of polls.
        log.info("axis_wait_refused", axis=line.name, error=error.text)
        return ALL_KINDS
    _waited[line.name], _known[line.name] = True, found.known
    waiting: dict[MessageType, int] = {"edoc": found.edoc, "status": found.status}
    return [kind for kind in ALL_KINDS if waiting[kind]]


def _note_answer(line: Axis) -> None:
    """The axis answers; when it was silent before, what waits for it need not wait out its pause."""
    with transaction.atomic():
        axis.answered(line.name)
        if axis.answered(axis.loop(line, "poll")):
            outbox.hurry(line)


class _Pages:
    """The axis' list of one kind, asked for anew after every few packets: the urgent ones stand in front."""

    def __init__(self, line: Axis, message_type: MessageType) -> None:
        self._line, self._type = line, message_type
        self._seen: set[str] = set()
        self._stuck = 0
        """Rows that stay in the list although they were looked at: packets that cannot be fetched."""

    def fetch(self, lease: str) -> bool:
        """Take the next few packets in; whether there may be more."""
        limit = PAGE + self._stuck
        rows = lines.client(self._line).received(self._type, limit=limit)
        fresh = [row for row in rows if row.doc_id not in self._seen]
        self._stuck, end = len(rows) - len(fresh), time.monotonic() + PAGE_SECONDS
        for row in sorted(fresh, key=lambda row: -row.priority)[:PAGE]:
            axis.renew(lease, LEASE_SECONDS)
            self._seen.add(row.doc_id)
            _fetch(self._line, row, PacketKind(self._type))
            if time.monotonic() > end:
                break
        return bool(fresh) or len(rows) >= limit


def _fetch(line: Axis, row: ReceivedRow, kind: PacketKind) -> None:
    """One row of the axis' list. A fault with one packet does not stop the others, a silent axis does."""
    try:
        rows = inbox.rows_of(line.name, row.doc_id)
        if not rows or all(known.acknowledged_at is None for known in rows):
            proofs.keep(line, row)
            rows = _download(line, row, kind)
        _acknowledge(line, row.doc_id, rows)
    except VxpUnreachable:
        raise
    except (VanthuError, OSError, ValueError) as error:
        log.warning("packet_not_fetched", doc_id=row.doc_id, error=str(error))


def _download(line: Axis, row: ReceivedRow, kind: PacketKind) -> list[InboxPacket]:
    with tempfile.TemporaryFile() as target:
        lines.client(line).download(row.doc_id, target, sha256=row.sha256 or None)
        target.seek(0)
        to = inbox.split_codes(row.recipient)
        return inbox.receive(line.name, row.doc_id, target, kind=kind, to=to, trial=row.trial)


def _acknowledge(line: Axis, doc_id: str, rows: Sequence[InboxPacket]) -> None:
    """Tell the axis that the packet is kept; ``fail`` with the reason when nobody can make sense of it."""
    bad = [row for row in rows if row.error_code in (rules.Unreadable.code, rules.WrongRecipient.code)]
    if bad and len(bad) == len(rows):
        lines.client(line).update_status(doc_id, "fail", bad[0].error_text)
    else:
        lines.client(line).update_status(doc_id, "done")
    if any(row.acknowledged_at is None for row in rows):
        actions.acknowledged(rows, "fail" if bad and len(bad) == len(rows) else "done")


def _acknowledge_again(line: Axis) -> None:
    """What is kept here, but whose acknowledgement was not noted: the worker died between the two.

    The axis does not list it again when it heard, so nobody else would ever look at it.
    """
    for doc_id in inbox.unacknowledged(line.name, clock.now() - FORGOTTEN):
        rows = inbox.rows_of(line.name, doc_id)
        try:
            _acknowledge(line, doc_id, rows)
        except VxpUnreachable:
            raise
        except (VxpError, ValueError) as error:
            # The axis has no open question about it, or gave an id that cannot be sent back.
            log.warning("acknowledgement_not_wanted", doc_id=doc_id, error=str(error))
            actions.acknowledged(rows, "unknown")


def _ask(line: Axis, packet: OutboxPacket) -> None:
    try:
        transport.heard(packet, lines.client(line).sent(packet.axis_doc_id))
    except VxpUnreachable:
        raise
    except VxpError as error:
        log.warning("transport_not_known", packet=str(packet.id), error=error.text)
        transport.ask_later(packet)


def _place_known_again() -> None:
    """Packets whose sender the axis' list holds by now, and those whose mark of secrecy turned out to be none."""
    waiting = InboxPacket.objects.filter(
        state=InboxState.QUARANTINED, error_code=rules.UnknownSender.code
    ).order_by("id")
    known = AgencyIdentifier.objects.values("code")
    for row in waiting.filter(sender_code__in=known):
        inbox.replace(row)
    for row in InboxPacket.objects.filter(
        state=InboxState.QUARANTINED, secret__state=SecretState.CLEARED, error_code=rules.SecretArrived.code
    ).order_by("id"):
        try:
            inbox.replace(row)
        except VanthuError as error:  # it cannot be read back; the mail goes on
            log.error("held_packet_not_placed", packet=str(row.pk), error=str(error))


@every(lambda: 600.0)
def destroy_secrets() -> None:
    """Every ten minutes, destroy contents with a mark of state secrecy that two people gave up, and give up readable
    copies of those that are held."""
    hiding.give_up_readable()
    secrecy.destroy_purged()
