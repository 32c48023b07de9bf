"""Several signatures with one opening of the key: a document with its annexes, or a leader's whole folder.

Owns the choice between signing one by one (a key in reach) and preparing everything first, for keys that are
asked once for all digests (a remote service with a one-time password). Refuses to decide what is signed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol, runtime_checkable

from vanthu.pades.away import Pending, begin, finish
from vanthu.pades.keys import KeySource
from vanthu.pades.timestamps import Timestamper

Work = Callable[[KeySource, Timestamper | None], bytes]
"""One signature to be made: calls ``sign``, ``seal``, ``seal_attachment`` or ``seal_copy`` with the key and the
timestamper that it is given, and returns the signed file."""


@runtime_checkable
class SignsMany(Protocol):
    """A key that wants all digests in one call."""

    def sign_all(self, messages: Sequence[bytes]) -> list[bytes]:
        """The bare signatures over the messages (SHA-256), in their order; all or none."""


def sign_works(key: KeySource, works: Sequence[Work], timestamper: Timestamper | None = None) -> list[bytes]:
    """The signed files of ``works``, in their order. Raises what the works and the key raise."""
    if not isinstance(key, SignsMany) or len(works) < 2:
        return [work(key, timestamper) for work in works]
    waiting = [prepare_work(key, work) for work in works]
    signatures = key.sign_all([pending.to_sign for pending in waiting])
    return [
        finish(pending, signature, timestamper=timestamper)
        for pending, signature in zip(waiting, signatures, strict=True)
    ]


def prepare_work(key: KeySource, work: Work) -> Pending:
    """What ``work`` would have the key sign; the key itself is not used. Raises what ``work`` raises."""
    return begin(key.certificate, key.chain, partial(_without_timestamp, work))


def _without_timestamp(work: Work, key: KeySource) -> bytes:
    return work(key, None)
