"""Batches of a log: the entries of a few seconds under one signed header that names the header before it.

The headers are the hash chain; each covers its entries through a Merkle root, so that one entry can be proved
without the others. Owns the arithmetic and the header. Refuses to know where batches are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vanthu.evidence import merkle
from vanthu.evidence.chain import GENESIS
from vanthu.evidence.errors import StatementInvalid
from vanthu.evidence.keys import Key, KeySource
from vanthu.evidence.receipts import instant, written
from vanthu.evidence.statements import issue, verify

BATCH = "vanthu-batch"
VERSION = 1


@dataclass(frozen=True)
class Header:
    """What a batch's header says.

    ``number`` counts batches from 1, ``first`` the log's entries from 1; ``previous`` is the hash of the header
    before, ``root`` that of the tree over ``count`` entries (both lower-case hex).
    """

    number: int
    previous: str
    first: int
    count: int
    root: str
    closed_at: datetime


def close(
    key: Key,
    entries: Sequence[bytes],
    *,
    after: tuple[int, int, str] | None,
    closed_at: datetime,
) -> str:
    """The signed header over ``entries`` (at least one); ``after`` is the last batch: its number, the sequence
    of its last entry and the hash of its header (None: this is the first batch)."""
    number, last, previous = after or (0, 0, GENESIS)
    statement = {
        "closedAt": written(closed_at),
        "count": len(entries),
        "first": last + 1,
        "number": number + 1,
        "previous": previous,
        "root": merkle.root([merkle.leaf(entry) for entry in entries]).hex(),
        "version": VERSION,
    }
    return issue(key, BATCH, statement)


def header_hash(header: str) -> str:
    """The hash by which the next header names this one, and which the time-stamp covers."""
    return hashlib.sha256(header.encode()).hexdigest()


def read_header(header: str, key: KeySource) -> Header:
    """What a signed header says; raises :class:`StatementInvalid`, ``BadKey``."""
    said = verify(header, key, BATCH)
    try:
        if said["version"] != VERSION:
            raise StatementInvalid(reason="phiên bản chưa được hỗ trợ")
        return Header(
            number=int(said["number"]),
            previous=str(said["previous"]),
            first=int(said["first"]),
            count=int(said["count"]),
            root=str(said["root"]),
            closed_at=instant(said["closedAt"]),
        )
    except (ValueError, KeyError, TypeError):
        raise StatementInvalid(reason="nội dung hỏng") from None


def covers(header: Header, entry: bytes, position: int, path: Sequence[bytes]) -> bool:
    """Whether the entry stands at ``position`` (from 0) of the batch."""
    found = merkle.climb(merkle.leaf(entry), position, header.count, path)
    return found is not None and found.hex() == header.root
