"""The packet's hash as it travels in ``hash-file``, and the two vendor habits around it.

The vendor's client writes each byte of the digest in hexadecimal without zero padding and adds a CRLF after
the packet that its hash does not cover. A server takes both spellings; our client sends the padded one.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass


def unpadded(digest: bytes) -> str:
    """The digest in the vendor's spelling: no leading zero per byte."""
    return "".join(f"{byte:x}" for byte in digest)


def matches(claimed: str, digest: bytes) -> bool:
    """Whether a ``hash-file`` value, padded or not, in any case, names this digest."""
    found = claimed.strip().lower().encode()
    padded_same = hmac.compare_digest(found, digest.hex().encode())
    unpadded_same = hmac.compare_digest(found, unpadded(digest).encode())
    return padded_same or unpadded_same


@dataclass(frozen=True)
class Measured:
    """What went through a :class:`PacketMeter`: ``size`` bytes of packet and its ``digest``."""

    digest: bytes
    size: int

    @property
    def sha256(self) -> str:
        """The digest in ordinary lower-case hexadecimal."""
        return self.digest.hex()


class PacketMeter:
    """Hashes a streamed packet once, as it is and without a trailing CRLF, in constant memory."""

    def __init__(self) -> None:
        self._settled = hashlib.sha256()
        self._held = b""
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes seen so far."""
        return self._size

    def update(self, chunk: bytes) -> None:
        """Take the next bytes of the packet."""
        self._size += len(chunk)
        if len(chunk) < 2:
            chunk = self._held + chunk
        else:
            self._settled.update(self._held)
        self._settled.update(memoryview(chunk)[:-2])
        self._held = chunk[-2:]

    def whole(self) -> Measured:
        """The packet with every byte received."""
        digest = self._settled.copy()
        digest.update(self._held)
        return Measured(digest.digest(), self._size)

    def settle(self, claimed: str) -> Measured | None:
        """The packet whose hash the sender claimed: all bytes, or all but a trailing CRLF;

        None when neither.
        """
        whole = self.whole()
        if matches(claimed, whole.digest):
            return whole
        bare = self._settled.copy().digest()
        if self._held == b"\r\n" and matches(claimed, bare):
            return Measured(bare, self._size - 2)
        return None
