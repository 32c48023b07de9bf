"""Hash-chained logs: each link's hash covers its content and the hash before it.

Owns the arithmetic only. Refuses to know where links are kept, or what their content means; a change, a gap
or a swap anywhere is found from the first link that no longer follows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vanthu.evidence.canonical import canonical

GENESIS = "0" * 64


@dataclass(frozen=True)
class Link:
    """One entry of a chain: place from 1, content, the hash before it and its own (lower-case hex)."""

    sequence: int
    content: Mapping[str, Any]
    previous: str
    hash: str


@dataclass(frozen=True)
class ChainVerdict:
    """How far a chain holds: its ``length``, its ``head`` hash, the first bad sequence and why, if any."""

    length: int
    head: str
    broken_at: int | None = None
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Whether every link follows from the one before."""
        return self.broken_at is None


def link_hash(sequence: int, content: Mapping[str, Any], previous: str) -> str:
    """SHA-256 over the canonical JSON of a link's place, content and predecessor."""
    return hashlib.sha256(
        canonical({"content": content, "previous": previous, "sequence": sequence})
    ).hexdigest()


def append(content: Mapping[str, Any], *, after: Link | None = None) -> Link:
    """The link that follows ``after`` (None: the first one)."""
    sequence, previous = (after.sequence + 1, after.hash) if after else (1, GENESIS)
    return Link(sequence, content, previous, link_hash(sequence, content, previous))


def verify_chain(links: Iterable[Link], *, head: str | None = None) -> ChainVerdict:
    """Re-compute every hash in order; ``head`` is the hash the last link must have, where it is known.

    Without ``head`` a cut-off end cannot be noticed.
    """
    length, previous = 0, GENESIS
    for link in links:
        if link.sequence != length + 1:
            return ChainVerdict(length, previous, length + 1, "thiếu mắt xích")
        if link.previous != previous:
            return ChainVerdict(length, previous, link.sequence, "không nối với mắt xích trước")
        if link.hash != link_hash(link.sequence, link.content, link.previous):
            return ChainVerdict(length, previous, link.sequence, "nội dung bị sửa")
        length, previous = link.sequence, link.hash
    if head is not None and head != previous:
        return ChainVerdict(length, previous, length + 1, "đầu chuỗi không khớp")
    return ChainVerdict(length, previous)
