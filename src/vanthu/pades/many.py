"""Several signatures with one opening of the key: a document with its annexes, or a leader's whole folder.

Owns the choice between signing one by one (a key in reach) and preparing everything first, for keys that are
asked once for all digests (a remote service with a one-time password). Refuses to decide what is signed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from vanthu.pades.away import Pending, begin, finish
from vanthu.pades.keys import KeySource
from vanthu.pades.timestamps import Timestamper


@dataclass(frozen=True)
class Work:
    """One signature to be made in a file of the caller's own: ``make`` calls ``sign_file``, ``seal_file``,
    ``seal_attachment_file`` or ``seal_copy_file`` with ``path``, and the key and timestamper that it is given."""

    path: Path
    make: Callable[[Path, KeySource, Timestamper | None], None]


@runtime_checkable
class SignsMany(Protocol):
    """A key that wants all digests in one call."""

    def sign_all(self, messages: Sequence[bytes]) -> list[bytes]:
        """The bare signatures over the messages (SHA-256), in their order; all or none."""


def sign_works(key: KeySource, works: Sequence[Work], timestamper: Timestamper | None = None) -> None:
    """Sign the file of each work, in their order. Raises what the works and the key raise."""
    if not isinstance(key, SignsMany) or len(works) < 2:
        for work in works:
            work.make(work.path, key, timestamper)
        return
    waiting = [prepare_work(key, work) for work in works]
    signatures = key.sign_all([pending.to_sign for pending in waiting])
    for work, pending, signature in zip(works, waiting, signatures, strict=True):
        finish(work.path, pending, signature, timestamper=timestamper)


def prepare_work(key: KeySource, work: Work) -> Pending:
    """What ``work`` would have the key sign, its file being made ready; the key itself is not used. Raises what
    ``work`` raises."""
    return begin(key.certificate, key.chain, lambda away: work.make(work.path, away, None), scheme=key.scheme)
