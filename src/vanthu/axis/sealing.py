"""Sealed content: bytes that nobody may read, encrypted under a key of their own until they are destroyed.

How is ``base.chunks``. The file is durable before the row that holds its key; without the row nobody can open it,
and :func:`sweep` removes it. Refuses to open anything: no page, command or door of this product unseals.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings

from vanthu.axis import secrets
from vanthu.axis.models import INCIDENT_OPEN, SecrecyIncident
from vanthu.base import chunks

FORGOTTEN_AFTER_SECONDS = 3600


def seal(stream: BinaryIO, incident_id: UUID) -> tuple[str, str]:
    """Encrypt the stream into a durable file; returns the file's name and its key, itself encrypted."""
    key = chunks.new_key()
    folder = _root()
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder)
    with os.fdopen(handle, "wb") as file:
        chunks.encrypt(stream, file, key)
        file.flush()
        os.fsync(file.fileno())
    target = folder / incident_id.hex
    Path(name).replace(target)
    _sync(folder)
    return target.name, secrets.lock(key.hex())


def destroy(name: str) -> None:
    """Remove a sealed file; its key was forgotten before."""
    (_root() / name).unlink(missing_ok=True)


def sweep() -> int:
    """Remove files whose incident is closed or was never recorded (killed in between); returns how many."""
    if not _root().is_dir():
        return 0
    kept = set(SecrecyIncident.objects.filter(state__in=INCIDENT_OPEN).values_list("sealed_file", flat=True))
    before = time.time() - FORGOTTEN_AFTER_SECONDS
    gone = [path for path in _root().iterdir() if path.name not in kept and path.stat().st_mtime < before]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _root() -> Path:
    return Path(settings.VANTHU.blob_dir) / "axis-sealed"
