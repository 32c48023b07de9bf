"""What the verbs of the axis share: who acts, and doing one thing at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from uuid import NAMESPACE_URL, uuid5

from django.db import connection

from vanthu.axis.models import Member
from vanthu.base import clock
from vanthu.base.actors import Actor

OPERATOR_CHAIN = uuid5(NAMESPACE_URL, "vanthu:axis")
OPERATOR = Actor(agency_id=OPERATOR_CHAIN, name="Vận hành trục")


def acting(member: Member, address: str = "") -> Actor:
    """A member system as the actor of its calls; ``address`` is where it called from."""
    return Actor(agency_id=member.id, name=member.system_id, position=member.name, address=address)


def one_at_a_time(keys: Iterable[str]) -> None:
    """Hold named locks until the transaction ends; ordered, so that two holders cannot block each other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(number) FROM unnest(%s::bigint[]) AS t(number)",
            [lock_numbers(keys)],
        )


def lock_numbers(keys: Iterable[str]) -> list[int]:
    """The database's names of locks, in the order in which everybody takes them."""
    return sorted(int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], signed=True) for key in keys)


def first_use(key: str) -> bool:
    """Note that a call came; false when it had come before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO axis_usedcall (key, at) VALUES (%s, %s) ON CONFLICT DO NOTHING", [key, clock.now()]
        )
        return bool(cursor.rowcount)
