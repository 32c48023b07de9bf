"""Merkle trees over the entries of a batch (RFC 9162 section 2): one root for all, a short path for each.

Leaves and inner nodes are hashed apart (0x00, 0x01), so that neither passes for the other. Hashes are bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf(entry: bytes) -> bytes:
    """The hash of one entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes in order; raises ``ValueError`` for none."""
    if not leaves:
        raise ValueError("a tree needs a leaf")
    return _levels(leaves)[-1][0]


def paths(leaves: Sequence[bytes], positions: Sequence[int]) -> list[list[bytes]]:
    """For each position (from 0) the hashes that lead from its leaf to the root."""
    levels = _levels(leaves)
    return [_path(levels, position) for position in positions]


def climb(start: bytes, position: int, count: int, path: Sequence[bytes]) -> bytes | None:
    """The root that the path leads to from the leaf hash at ``position`` of ``count``; None: it does not fit."""
    if not 0 <= position < count:
        return None
    found, index, last, steps = start, position, count - 1, iter(path)
    while last:
        if index % 2 or index != last:
            step = next(steps, None)
            if step is None:
                return None
            found = _node(step, found) if index % 2 else _node(found, step)
        index, last = index // 2, last // 2
    return found if next(steps, None) is None else None


def _levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """From the leaves up to the root; a node without a partner goes up as it is."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [_node(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
        levels.append(above + below[len(above) * 2 :])
    return levels


def _path(levels: Sequence[Sequence[bytes]], position: int) -> list[bytes]:
    path, index = [], position
    for level in levels[:-1]:
        partner = index ^ 1
        if partner < len(level):
            path.append(level[partner])
        index //= 2
    return path


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
