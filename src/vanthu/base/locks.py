"""Named locks that hold until the running transaction ends, for things that have no row to lock yet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.db import connection


def hold(names: Iterable[str]) -> None:
    """Wait for and hold the named locks; taken in one order, so that two holders cannot block each other."""
    numbers = sorted(
        {int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True) for name in names}
    )
    with connection.cursor() as cursor:
        for number in numbers:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
