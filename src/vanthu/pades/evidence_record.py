"""Evidence that lasts although nothing can be added to the file: a chain of time-stamps over a record of it.

Each time-stamp covers the record, every earlier time-stamp, and what the one before was judged by when it was covered,
so that each was still good when the next one took over (after RFC 4998, section 5.3, as one hash chain). Owns what is
covered and what a chain proves. Refuses to store anything, and to judge the signature that the record is about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import cms

from vanthu.pades import policy
from vanthu.pades.errors import LongTermUnavailable
from vanthu.pades.judging import Inquiry, stamp_proves
from vanthu.pades.levels import stamp_of, weakens
from vanthu.pades.report import Evidence
from vanthu.pades.running import run
from vanthu.pades.timestamps import Timestamper
from vanthu.pades.trust import Trust

FORMAT = "vanthu-evidence-record/1"


@dataclass(frozen=True)
class Link:
    """A time-stamp (RFC 3161, DER) and what the one before it was judged by when this one took over."""

    token: bytes
    of_the_one_before: Evidence


def covered(record: bytes, earlier: Sequence[Link], of_the_last: Evidence) -> bytes:
    """What the next time-stamp is about: lines of SHA-256 (hex), for any tool to repeat."""
    lines = [FORMAT, _hash(record)]
    for link in earlier:
        lines += [*_lines(link.of_the_one_before), _hash(link.token)]
    return "\n".join([*lines, *_lines(of_the_last), ""]).encode()


def add_link(
    record: bytes, links: Sequence[Link], timestamper: Timestamper, trust: Trust, *, at: datetime
) -> Link:
    """The next link of a chain, made at the present instant ``at``.

    Raises TimestampUnavailable, and LongTermUnavailable when the last time-stamp, or the new one, cannot be judged now:
    a chain with a gap would prove nothing.
    """
    of_the_last = _judged(record, links, len(links) - 1, trust, at)[1] if links else Evidence()
    content = covered(record, links, of_the_last)
    digest = hashlib.new(policy.PRODUCED_DIGEST, content).digest()
    token: cms.ContentInfo = run(timestamper.async_timestamp(digest, policy.PRODUCED_DIGEST))
    made = Link(token.dump(), of_the_last)
    _judged(record, [*links, made], len(links), trust, at)
    return made


def proven_since(record: bytes, links: Sequence[Link], trust: Trust, *, at: datetime) -> datetime:
    """Since when the record existed, as the chain proves at the instant ``at``: the newest time-stamp is judged now,
    each earlier one at the instant of the next by what that covers. Raises LongTermUnavailable for a chain that proves
    nothing.
    """
    moment, _ = _judged(record, links, len(links) - 1, trust, at)
    for index in reversed(range(len(links) - 1)):
        kept = trust.offline_with(links[index + 1].of_the_one_before)
        moment, _ = _judged(record, links, index, kept, moment)
    return moment


def stamped_at(link: Link) -> datetime:
    """What its authority says, believed or not."""
    return stamp_of(_token(link)).time


def renew_by(links: Sequence[Link], *, lead: timedelta) -> datetime:
    """From when a chain needs its next link: ``lead`` before the newest time-stamp weakens."""
    return weakens(stamp_of(_token(links[-1]))) - lead


def _judged(
    record: bytes, links: Sequence[Link], index: int, trust: Trust, at: datetime
) -> tuple[datetime, Evidence]:
    """(what a link's time-stamp proves, what that rests on)."""
    content = covered(record, links[:index], links[index].of_the_one_before)
    inquiry = Inquiry(trust, at)
    moment, problem = run(
        stamp_proves(_token(links[index]), lambda name: hashlib.new(name, content).digest(), inquiry, at)
    )
    if moment is None:
        raise LongTermUnavailable(why=problem)
    return moment, inquiry.gathered


def _token(link: Link) -> cms.SignedData:
    return cms.ContentInfo.load(link.token)["content"]


def _lines(evidence: Evidence) -> list[str]:
    kinds = (evidence.certificates, evidence.ocsps, evidence.crls)
    return [_hash(der) for kind in kinds for der in kind]


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
