"""Writing the axis' log: entries with the change that they record, batches a few seconds later.

An entry is written unchained, so that members do not wait for each other. A loop closes what is committed into a
batch (one transaction), and another step asks the time-stamping authority; killed anywhere, the next round goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction

from vanthu.axis.actions.shared import one_at_a_time
from vanthu.axis.errors import PacketTooLarge
from vanthu.axis.models import AxisDelivery, AxisKey, EvidenceBatch, LogEntry, Member
from vanthu.axis.receipt_key import receipt_key
from vanthu.base import clock
from vanthu.base.ids import new_id
from vanthu.errors import VanthuError
from vanthu.evidence import Refusal, canonical, issue_refusal, public_jwk
from vanthu.evidence.batches import close, header_hash
from vanthu.evidence.receipts import written
from vanthu.evidence.timestamps import request_stamp
from vanthu.pades.errors import TimestampUnavailable
from vanthu.relay import DigestWrong, RelayError
from vanthu.vxp import CallRefused, ErrorCode, Measured

BATCH_LIMIT = 5000
"""Most entries in a batch: proving one of them reads all of them."""
STAMPS_PER_ROUND = 200

log = structlog.get_logger(__name__)


def entry(
    event: str, about: UUID, member: Member, at: datetime, *, address: str = "", **facts: Any
) -> LogEntry:
    """A line of the log, not yet written; ``facts`` are what others can later prove of it."""
    entry_id = new_id()
    content = {
        "about": str(about),
        "at": written(at),
        "entry": str(entry_id),
        "event": event,
        "member": member.system_id,
        **facts,
    }
    return LogEntry(
        id=entry_id,
        about=about,
        event=event,
        delivery=facts.get("delivery"),
        member=member.id,
        at=at,
        address=address,
        content=canonical(content).decode(),
    )


def note(
    event: str, delivery: AxisDelivery, member: Member, at: datetime, address: str, **facts: Any
) -> None:
    """Write what a recipient's system did with a delivery, in the running transaction."""
    _about_delivery(event, delivery, member, at, address, facts).save(force_insert=True)


def crossed(event: str, deliveries: Iterable[AxisDelivery], axis: Member, at: datetime, **facts: Any) -> None:
    """Write that deliveries went to another axis or came from one, or could not; in the running transaction.

    A line each, so that every recipient's proof holds its own and no other's.
    """
    LogEntry.objects.bulk_create([_about_delivery(event, one, axis, at, "", facts) for one in deliveries])


def _about_delivery(
    event: str, delivery: AxisDelivery, member: Member, at: datetime, address: str, facts: dict[str, Any]
) -> LogEntry:
    said = facts | ({"written": delivery.written_code} if delivery.written_code else {})
    return entry(
        event,
        delivery.packet_id,
        member,
        at,
        address=address,
        delivery=str(delivery.id),
        to=delivery.recipient_code,
        **said,
    )


def refuse(
    member: Member, refused: VanthuError, *, sender: str, arrived: Measured | None = None, address: str = ""
) -> str:
    """Put on record that a member's packet was not taken; returns the signed refusal.

    ``arrived`` is what was read of the packet; it names the packet by its hash unless reading stopped for its size.
    A signature or digest of the modern door that does not hold has the answer code of wrong credentials.
    """
    refusal_id, at = new_id(), clock.now()
    whole = arrived is not None and arrived.size and not isinstance(refused, PacketTooLarge)
    sha256, size = (arrived.sha256, arrived.size) if arrived and whole else ("", 0)
    refusal = Refusal(
        refusal_id=str(refusal_id),
        member=member.system_id,
        sender=sender,
        packet_sha256=sha256,
        size=size,
        answer=answer_of(refused),
        code=refused.code,
        reason=refused.text,
        refused_at=at,
    )
    token = issue_refusal(receipt_key(), refusal)
    line = entry(
        "refused",
        refusal_id,
        member,
        at,
        address=address,
        code=refused.code,
        reason=refused.text,
        sha256=sha256,
        statement=header_hash(token),
        **{"from": sender},
    )
    line.statement = token
    line.save(force_insert=True)
    return token


def answer_of(refused: VanthuError) -> str:
    """The ``ErrorCode`` of a refusal, as VXP answers; empty for what is none."""
    if isinstance(refused, CallRefused):
        return refused.answer.value
    if isinstance(refused, DigestWrong):
        return ErrorCode.BAD_FILE.value
    return ErrorCode.BAD_CREDENTIALS.value if isinstance(refused, RelayError) else ""


def close_batches() -> int:
    """Put every committed entry into a batch; returns how many entries. Two at once take turns."""
    remember_key()
    closed = 0
    while count := _close_one():
        closed += count
    return closed


@transaction.atomic
def _close_one() -> int:
    one_at_a_time(["axis log"])
    lines = list(LogEntry.objects.filter(batch=None).order_by("id")[:BATCH_LIMIT])
    if not lines:
        return 0
    last = EvidenceBatch.objects.order_by("-number").first()
    after = (last.number, last.last, last.hash) if last else None
    now = clock.now()
    header = close(receipt_key(), [line.content.encode() for line in lines], after=after, closed_at=now)
    number, before = (last.number + 1, last.last) if last else (1, 0)
    EvidenceBatch.objects.create(
        number=number, header=header, hash=header_hash(header), last=before + len(lines), closed_at=now
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE axis_logentry SET batch_id = %s, position = place - 1 "
            "FROM unnest(%s::uuid[]) WITH ORDINALITY AS t(key, place) WHERE id = key",
            [number, [line.id for line in lines]],
        )
    return len(lines)


def stamp_batches() -> int:
    """Ask for the time-stamps that are missing, oldest first; returns how many came.

    While the authority is silent the batches wait and their chain goes on.
    """
    url, stamped = settings.VANTHU.tsa_url, 0
    if not url:
        return 0
    for batch in EvidenceBatch.objects.filter(token=None).order_by("number")[:STAMPS_PER_ROUND]:
        try:
            token = request_stamp(url, batch.header.encode())
        except TimestampUnavailable:
            log.warning("evidence_waits_for_time_stamp", batch=batch.number)
            break
        waiting = EvidenceBatch.objects.filter(pk=batch.pk, token=None)
        stamped += waiting.update(token=token, stamped_at=clock.now())
    return stamped


def remember_key() -> None:
    """Keep the public half of the key in use, so that its signatures can be checked for ever."""
    jwk = public_jwk(receipt_key())
    AxisKey.objects.get_or_create(kid=jwk["kid"], defaults={"jwk": jwk, "since": clock.now()})
