"""When packet bodies go: some days after the last recipient took them over. Evidence and receipts stay for ever.

Small bodies go as whole partitions where every packet of the day is done with, otherwise row by row; large ones as
files. Refuses to touch what somebody still waits for, however old.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Q
from psycopg import sql

from vanthu.axis import storage
from vanthu.axis.models import AxisDelivery, Packet
from vanthu.base import clock

PARTITION = "axis_packetbody_"
FILES_AT_ONCE = 500

log = structlog.get_logger(__name__)


def drop_old_bodies() -> int:
    """Drop the bodies whose time is over (``VANTHU_AXIS_BODY_DAYS``); returns how many partitions, rows and files."""
    before = limit()
    if before is None:
        return 0
    return sum(_clear(name, before) for name, day in _partitions() if day < before.date()) + _drop_files(
        before
    )


def limit() -> datetime | None:
    """The instant before which the last acknowledgement must lie; None: bodies are kept for ever."""
    days = settings.VANTHU.axis_body_days
    return clock.now() - timedelta(days=days) if days else None


def is_over(packet: Packet) -> bool:
    """Whether this packet's body may be gone by the rule."""
    before = limit()
    return before is not None and not _still_needed([packet.id], before)


def _still_needed(packets: list[UUID], before: datetime) -> set[UUID]:
    needed = AxisDelivery.objects.filter(packet__in=packets).filter(
        Q(acknowledged_at=None) | Q(acknowledged_at__gte=before)
    )
    return set(needed.values_list("packet_id", flat=True))


def _partitions() -> list[tuple[str, date]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid "
            "WHERE inhparent = 'axis_packetbody'::regclass ORDER BY 1"
        )
        names = [row[0] for row in cursor.fetchall()]
    return [(name, datetime.strptime(name, PARTITION + "%Y%m%d").date()) for name in names]


def _clear(partition: str, before: datetime) -> int:
    """Drop the partition, or only what is over in it; a busy table is left for the next round."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
            table = sql.Identifier(partition)
            cursor.execute(_NEEDED.format(table, _WAITED_FOR), [before])
            row = cursor.fetchone()
            if row is not None and row[0]:
                cursor.execute(_DELETE.format(table, _WAITED_FOR), [before])
                return int(cursor.rowcount)
            cursor.execute(sql.SQL("DROP TABLE {}").format(table))
            return 1
    except OperationalError as problem:
        log.warning("old_bodies_wait", partition=partition, reason=str(problem))
        return 0


_WAITED_FOR = sql.SQL("""EXISTS (
    SELECT FROM axis_axisdelivery delivery
    WHERE delivery.packet_id = body.packet_id
      AND (delivery.acknowledged_at IS NULL OR delivery.acknowledged_at >= %s)
)""")
_NEEDED = sql.SQL("SELECT EXISTS (SELECT FROM {} body WHERE {})")
_DELETE = sql.SQL("DELETE FROM {} body WHERE NOT {}")


def _drop_files(before: datetime) -> int:
    removed, old = 0, _old_files(before)
    while some := dict(islice(old, FILES_AT_ONCE)):
        keys = list(some)
        known = set(Packet.objects.filter(pk__in=keys).values_list("pk", flat=True))
        for key in known - _still_needed(keys, before):
            some[key].unlink(missing_ok=True)
            removed += 1
    return removed


def _old_files(before: datetime) -> Iterator[tuple[UUID, Path]]:
    """Files of packets accepted before the instant; the folders are named by the time in the packets' keys."""
    for folder in sorted(storage.root().glob("[0-9a-f]*")):
        if len(folder.name) == storage.TIME_DIGITS and _begins(folder.name) < before:
            yield from ((UUID(path.name), path) for path in folder.glob("*/*"))


def _begins(name: str) -> datetime:
    milliseconds = int(name.ljust(12, "0"), 16)
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
