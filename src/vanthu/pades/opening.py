"""Opening a PDF where it lies: bytes in memory, or a file whose pages nobody wants in memory at once.

Owns the one way to pikepdf for files of any size. Refuses to check anything.
"""

from __future__ import annotations

import io
from typing import BinaryIO

import pikepdf

Pdf = bytes | BinaryIO


def beginning(pdf: Pdf) -> BinaryIO:
    """``pdf`` as a stream at its beginning."""
    stream = io.BytesIO(pdf) if isinstance(pdf, bytes) else pdf
    stream.seek(0)
    return stream


def opened(pdf: Pdf, *, attempt_recovery: bool = True) -> pikepdf.Pdf:
    """A stream is read piece by piece (a mapped file would count as memory), and stays open when this is closed.

    Raises what pikepdf raises.
    """
    stream = beginning(pdf)
    mode = pikepdf.AccessMode.stream
    return pikepdf.open(stream, attempt_recovery=attempt_recovery, access_mode=mode)
