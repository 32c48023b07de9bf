"""Copies of contents to work in: signing appends to a file of its own, never to what is stored.

They lie beside the store, so that a finished one becomes a stored content by its name alone. Owns their life: they go
with the work, and those of killed processes with the sweep (``store.sweep``). Refuses damaged contents.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from vanthu.blobs import store
from vanthu.blobs.store import BlobDamaged
from vanthu.pades.growing import Beginnings, OwnFile


@contextmanager
def working_copies(hashes: Sequence[str]) -> Iterator[list[Path]]:
    """A copy of each content, in their order, gone at the end.

    Raises :class:`vanthu.blobs.store.BlobMissing`, :class:`vanthu.blobs.store.BlobDamaged`.
    """
    with ExitStack() as stack:
        yield [stack.enter_context(working_copy(sha256)) for sha256 in hashes]


@contextmanager
def working_copy(sha256: str) -> Iterator[OwnFile]:
    """As :func:`working_copies`, of one content."""
    with working_file() as path:
        with store.open_blob(sha256) as source, path.open("wb") as target:
            if _copied(source, target, path.beginnings) != sha256:
                raise BlobDamaged(sha256=sha256)
        yield path


@contextmanager
def working_file(content: BinaryIO | None = None) -> Iterator[OwnFile]:
    """A file to work in, empty or with ``content``, gone at the end."""
    handle, name = tempfile.mkstemp(dir=store.folder(), prefix=store.UNFINISHED)
    path = OwnFile(name)
    try:
        with os.fdopen(handle, "wb") as target:
            if content is not None:
                _copied(content, target, path.beginnings)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _copied(source: BinaryIO, target: BinaryIO, beginnings: Beginnings) -> str:
    """The SHA-256 of what was copied; what was hashed on the way is remembered with the new file."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(store.CHUNK):
        digest.update(chunk)
        target.write(chunk)
        size += len(chunk)
        beginnings.remember("sha256", size, digest)
    return digest.hexdigest()
