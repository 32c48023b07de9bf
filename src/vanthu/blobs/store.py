"""The folder store: put if absent, by hash, durable before it answers; read whole or as a stream."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from vanthu.base import clock
from vanthu.blobs.models import Blob
from vanthu.errors import MustAct, VanthuError
from vanthu.pades.growing import remembering, sha256_of

CHUNK = 1 << 20
UNFINISHED = ".incoming-"
UNFINISHED_SECONDS = 86400.0
"""Nobody takes a day to store one content."""


class BlobMissing(VanthuError):
    """A content that the database names is not in the store."""

    code = "BLOB_MISSING"
    message = "Không tìm thấy nội dung tệp trong kho lưu trữ; báo quản trị hệ thống khôi phục từ bản sao lưu."
    must_act = MustAct.ADMINISTRATOR
    http_status = 500


class BlobDamaged(VanthuError):
    """The stored bytes no longer have the hash they are filed under."""

    code = "BLOB_DAMAGED"
    message = "Nội dung tệp trong kho lưu trữ bị hỏng; báo quản trị hệ thống khôi phục từ bản sao lưu."
    must_act = MustAct.ADMINISTRATOR
    http_status = 500


def put(content: bytes | BinaryIO) -> Blob:
    """Store a content and return its row; storing the same content again is free and returns the same row."""
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    digest, size = hashlib.sha256(), 0
    handle, name = tempfile.mkstemp(dir=folder(), prefix=UNFINISHED)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        return _named(temporary, digest.hexdigest(), size)
    finally:
        temporary.unlink(missing_ok=True)


def adopt(path: Path) -> Blob:
    """Make a file of :mod:`vanthu.blobs.working` a stored content without copying it; it is gone from its place."""
    with path.open("r+b") as stream:
        digest = sha256_of(stream)
        os.fsync(stream.fileno())
        size = stream.seek(0, os.SEEK_END)
    return _named(path, digest, size)


def folder() -> Path:
    """Where contents lie, made if need be."""
    root = _root()
    root.mkdir(parents=True, exist_ok=True)
    return root


def _named(temporary: Path, sha256: str, size: int) -> Blob:
    """Move the finished file to its name and give it its row; again when it was destroyed in the same moment.

    A content that was given up and is stored anew is given up no more (``destruction``).
    """
    while True:
        _settle(temporary, path_of(sha256))
        Blob.objects.bulk_create([Blob(sha256=sha256, size=size)], ignore_conflicts=True)
        blob = Blob.objects.filter(pk=sha256).first()
        kept = blob is not None and (
            blob.doomed_at is None or Blob.objects.filter(pk=sha256).update(doomed_at=None)
        )
        if blob is not None and kept and path_of(sha256).exists():
            return blob


def sweep() -> int:
    """Remove unfinished files older than :data:`UNFINISHED_SECONDS`; returns how many. No row names them."""
    before, removed = clock.now().timestamp() - UNFINISHED_SECONDS, 0
    for path in _root().glob(f"{UNFINISHED}*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()
                removed += 1
    return removed


def path_of(sha256: str) -> Path:
    """Where a content lies: two levels of folders so that none grows too large."""
    return _root() / sha256[:2] / sha256[2:4] / sha256


def open_blob(sha256: str) -> BinaryIO:
    """Open a content for reading; raises :class:`BlobMissing`."""
    try:
        return path_of(sha256).open("rb")
    except FileNotFoundError:
        raise BlobMissing(sha256=sha256) from None


def read(sha256: str) -> bytes:
    """The whole content, re-hashed on the way; raises :class:`BlobMissing`, :class:`BlobDamaged`."""
    with open_blob(sha256) as stream:
        content = stream.read()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BlobDamaged(sha256=sha256)
    return content


def open_whole(sha256: str) -> BinaryIO:
    """Open a content for reading after its hash was compared, which is remembered with the stream (``pades.growing``);
    raises :class:`BlobMissing`, :class:`BlobDamaged`."""
    try:
        stream = remembering(path_of(sha256))
    except FileNotFoundError:
        raise BlobMissing(sha256=sha256) from None
    if sha256_of(stream) != sha256:
        stream.close()
        raise BlobDamaged(sha256=sha256)
    stream.seek(0)
    return stream


def require_whole(sha256: str) -> None:
    """Read the whole content once and compare its hash; raises :class:`BlobMissing`, :class:`BlobDamaged`."""
    open_whole(sha256).close()


def erase(sha256: str) -> None:
    """Take a content's file away for good and make that durable; :mod:`vanthu.blobs.destruction` decides when."""
    target = path_of(sha256)
    target.unlink(missing_ok=True)
    if target.parent.exists():
        _flush(target.parent)


def _settle(temporary: Path, target: Path) -> None:
    """Move the finished file to its name and make the name durable."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary.replace(target)
    for folder in (target.parent, target.parent.parent):
        _flush(folder)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _root() -> Path:
    return Path(settings.VANTHU.blob_dir)
