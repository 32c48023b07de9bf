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


@contextmanager
def working_copies(hashes: Sequence[str]) -> Iterator[list[Path]]:
    """A copy of each content, in their order, gone at the end.

    Raises :class:`vanthu.blobs.store.BlobMissing`, :class:`vanthu.blobs.store.BlobDamaged`.
    """
    with ExitStack() as stack:
        yield [stack.enter_context(working_copy(sha256)) for sha256 in hashes]


@contextmanager
def working_copy(sha256: str) -> Iterator[Path]:
    """As :func:`working_copies`, of one content."""
    with working_file() as path:
        with store.open_blob(sha256) as source, path.open("wb") as target:
            if _copied(source, target) != sha256:
                raise BlobDamaged(sha256=sha256)
        yield path


@contextmanager
def working_file(content: BinaryIO | None = None) -> Iterator[Path]:
    """A file to work in, empty or with ``content``, gone at the end."""
    handle, name = tempfile.mkstemp(dir=store.folder(), prefix=store.UNFINISHED)
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            if content is not None:
                _copied(content, target)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _copied(source: BinaryIO, target: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(store.CHUNK):
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest()
