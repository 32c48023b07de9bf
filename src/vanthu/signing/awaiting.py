"""Files that wait for the signature of a key that this site cannot reach.

Owns the rows between the two steps. They live for ten minutes; whatever dies in between leaves rows that a loop
forgets, and the document as it was. Refuses a signature by another post than the one that began, of a key that
was retired meanwhile, and one that comes twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.blobs import store
from vanthu.errors import VanthuError
from vanthu.pades import Pending, finish
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
    """A file made ready outside the transaction that keeps it."""

    file_id: UUID
    source_sha256: str
    pending: Pending


def keep(
    actor: Actor, key: SigningKey, *, verb: str, document_id: UUID, files: Sequence[Prepared]
) -> list[AwaitedSignature]:
    """Store what waits, in the running transaction; what waited for the same post and document is forgotten."""
    AwaitedSignature.objects.filter(post_id=actor.own_post, document_id=document_id).delete()
    now = clock.now()
    rows = []
    for ordinal, prepared in enumerate(files):
        kept, tail = _split(prepared)
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


def complete(rows: Sequence[AwaitedSignature], signatures: Mapping[UUID, bytes]) -> list[bytes]:
    """The signed files. Raises :class:`SignatureNotAwaited` when a signature is missing, and what
    ``pades.finish`` raises when one is not the certificate's."""
    if any(row.pk not in signatures for row in rows):
        raise SignatureNotAwaited
    return [finish(_pending(row), signatures[row.pk], timestamper=service.signing_stamper()) for row in rows]


def consume(rows: Sequence[AwaitedSignature]) -> None:
    """Take the rows away, in the transaction that keeps the signed files: only one can do so, and none after the
    key was retired. Raises :class:`SignatureNotAwaited`."""
    keys = {row.key_id for row in rows}
    active = SigningKey.objects.select_for_update().filter(pk__in=keys, active=True).count()
    gone, _ = AwaitedSignature.objects.filter(pk__in=[row.pk for row in rows]).delete()
    if gone != len(rows) or active != len(keys):
        raise SignatureNotAwaited


def forget(key: SigningKey) -> int:
    """Nothing waits for this key any more, because it was lost or retired; returns how many files waited."""
    return AwaitedSignature.objects.filter(key=key).delete()[0]


def forget_of(actor: Actor, documents: Sequence[UUID]) -> None:
    """What of these documents waits for the acting post is not signed any more."""
    AwaitedSignature.objects.filter(post_id=actor.own_post, document_id__in=documents).delete()


def forget_old() -> int:
    """Forget what was not signed in time; returns how many."""
    return AwaitedSignature.objects.filter(expires_at__lte=clock.now()).delete()[0]


def _split(prepared: Prepared) -> tuple[int, bytes]:
    """A revision is appended, so only what comes after the stored content needs to be kept."""
    output = prepared.pending.output
    source = store.read(prepared.source_sha256)
    return (len(source), output[len(source) :]) if output.startswith(source) else (0, output)


def _pending(row: AwaitedSignature) -> Pending:
    before = store.read(row.source_sha256)[: row.kept] if row.kept else b""
    return Pending.from_dict(row.pending, before + bytes(row.tail))
