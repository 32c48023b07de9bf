"""Files that wait for the signature of a key that this site cannot reach.

Owns the rows between the two steps. They live for ten minutes; whatever dies in between leaves rows that a loop
forgets, and the document as it was. Refuses a signature by another post than the one that began, of a key that
was retired meanwhile, and one that comes twice.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.db.models import QuerySet

from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.blobs import destruction, store
from vanthu.blobs.working import working_copy
from vanthu.errors import VanthuError
from vanthu.pades import Pending, finish
from vanthu.pades.growing import beginnings_of
from vanthu.signing import service
from vanthu.signing.models import AwaitedSignature, SigningKey

LIFETIME = timedelta(minutes=10)


class SignatureNotAwaited(VanthuError):
    """It came too late, twice, from somebody else, or the key was retired."""

    code = "SIGNATURE_NOT_AWAITED"
    message = "Lần ký này đã hết hạn, đã xong hoặc khóa ký không còn được dùng. Hãy tải lại trang và ký lại."
    http_status = 409


@dataclass(frozen=True)
class Prepared:
    """A file made ready outside the transaction that keeps it: the working file at ``path``."""

    file_id: UUID
    source_sha256: str
    path: Path
    pending: Pending


def keep(
    actor: Actor, key: SigningKey, *, verb: str, document_id: UUID, files: Sequence[Prepared]
) -> list[AwaitedSignature]:
    """Store what waits, in the running transaction; what waited for the same post and document is forgotten."""
    _forget(AwaitedSignature.objects.filter(post_id=actor.own_post, document_id=document_id))
    now = clock.now()
    rows = []
    for ordinal, prepared in enumerate(files):
        kept, tail, whole = _split(prepared)
        rows.append(
            AwaitedSignature(
                key=key,
                post_id=actor.own_post,
                verb=verb,
                document_id=document_id,
                file_id=prepared.file_id,
                ordinal=ordinal,
                source_sha256=prepared.source_sha256,
                kept=kept,
                tail=tail,
                prepared_sha256=whole,
                pending=prepared.pending.as_dict(),
                begun_at=now,
                expires_at=now + LIFETIME,
            )
        )
    return AwaitedSignature.objects.bulk_create(rows)


def awaited(actor: Actor, document_id: UUID, verb: str) -> list[AwaitedSignature]:
    """What waits for the acting post, in the order of the files.

    Raises :class:`SignatureNotAwaited` when nothing does.
    """
    rows = list(
        AwaitedSignature.objects.filter(
            post_id=actor.own_post,
            document_id=document_id,
            verb=verb,
            expires_at__gt=clock.now(),
            key__active=True,
        )
        .select_related("key")
        .order_by("ordinal")
    )
    if not rows:
        raise SignatureNotAwaited
    return rows


@contextmanager
def completed(rows: Sequence[AwaitedSignature], signatures: Mapping[UUID, bytes]) -> Iterator[list[Path]]:
    """The signed files, as working files. Raises :class:`SignatureNotAwaited` when a signature is missing, and what
    ``pades.finish`` raises when one is not the certificate's."""
    if any(row.pk not in signatures for row in rows):
        raise SignatureNotAwaited
    with ExitStack() as stack:
        paths = [stack.enter_context(_ready(row)) for row in rows]
        for row, path in zip(rows, paths, strict=True):
            pending = Pending.from_dict(row.pending)
            finish(path, pending, signatures[row.pk], timestamper=service.signing_stamper())
        yield paths


def consume(rows: Sequence[AwaitedSignature]) -> None:
    """Take the rows away, in the transaction that keeps the signed files: only one can do so, and none after the
    key was retired. Raises :class:`SignatureNotAwaited`."""
    keys = {row.key_id for row in rows}
    active = SigningKey.objects.select_for_update().filter(pk__in=keys, active=True).count()
    gone = _forget(AwaitedSignature.objects.filter(pk__in=[row.pk for row in rows]))
    if gone != len(rows) or active != len(keys):
        raise SignatureNotAwaited


def forget(key: SigningKey) -> int:
    """Nothing waits for this key any more, because it was lost or retired; returns how many files waited."""
    return _forget(AwaitedSignature.objects.filter(key=key))


def forget_of(actor: Actor, documents: Sequence[UUID]) -> None:
    """What of these documents waits for the acting post is not signed any more."""
    _forget(AwaitedSignature.objects.filter(post_id=actor.own_post, document_id__in=documents))


def forget_old() -> int:
    """Forget what was not signed in time; returns how many."""
    return _forget(AwaitedSignature.objects.filter(expires_at__lte=clock.now()))


def _forget(rows: QuerySet[AwaitedSignature]) -> int:
    whole = list(rows.exclude(prepared_sha256="").values_list("prepared_sha256", flat=True))
    gone, _ = rows.delete()
    destruction.doom(whole)
    return gone


def _split(prepared: Prepared) -> tuple[int, bytes, str]:
    """A revision is appended, so only what comes after the stored content needs to be kept. A file that was written
    anew is stored whole, until it is signed or forgotten."""
    with store.open_blob(prepared.source_sha256) as source, prepared.path.open("rb") as ready:
        kept = source.seek(0, io.SEEK_END)
        if _begins_with(ready, kept, prepared.source_sha256):
            ready.seek(kept)
            return kept, ready.read(), ""
    with prepared.path.open("rb") as ready:
        return 0, b"", store.put(ready).sha256


def _begins_with(stream: BinaryIO, length: int, sha256: str) -> bool:
    try:
        return beginnings_of(stream).hashed("sha256", stream, length).hexdigest() == sha256
    except EOFError:
        return False


@contextmanager
def _ready(row: AwaitedSignature) -> Iterator[Path]:
    with working_copy(row.prepared_sha256 or row.source_sha256) as path:
        with path.open("ab") as stream:
            stream.write(bytes(row.tail))
        yield path
