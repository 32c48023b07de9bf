"""Counting refused calls: per member, reason and hour, so that a flood of them fills no table."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction

from vanthu.axis.models import RefusedCalls
from vanthu.base import clock
from vanthu.base.ids import new_id

KEPT_FOR = timedelta(days=90)

_COUNT = """
INSERT INTO axis_refusedcalls AS known (id, member_id, code, hour, number, last_at, last_text)
SELECT %s, id, %s, %s, 1, %s, %s FROM axis_member WHERE system_id = %s
ON CONFLICT (member_id, code, hour)
DO UPDATE SET number = known.number + 1, last_at = excluded.last_at, last_text = excluded.last_text
"""


def note_refusal(system_id: str, code: str, text: str) -> None:
    """Count one refused call of the system that the caller claims to be; an unknown system is not counted.

    The count needs no durable write of its own: losing the last of them in a power cut harms nobody.
    """
    now = clock.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    clean = text.replace("\0", "")[:500]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(_COUNT, [new_id(), code, hour, now, clean, system_id[:35].replace("\0", "")])


def forget_old() -> int:
    """Remove counts older than :data:`KEPT_FOR`; returns how many."""
    return RefusedCalls.objects.filter(hour__lt=clock.now() - KEPT_FOR).delete()[0]
