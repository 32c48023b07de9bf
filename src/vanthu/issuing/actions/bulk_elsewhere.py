"""Signing many documents with one unlocking of a key that this site cannot reach (R66, R91).

The batch waits (``ASKING``) while its owner's device is asked, for as long as that takes: a page that is closed, a
wrong PIN or a token that was pulled out leave it as it is, and it is asked again or stopped. Once the signatures are
here they are put in one document after the other, as a batch with a key at hand is signed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from uuid import UUID

import structlog

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.issuing.actions.bulk import Run, attempt, chosen, close_batch, goes_on, locked, open_batch
from vanthu.issuing.actions.elsewhere import begin_signing, finish_signing
from vanthu.issuing.batch_models import BatchItem, BatchState, ItemState, SigningBatch
from vanthu.issuing.rules import BatchNotAsking
from vanthu.signing import gate, keys
from vanthu.signing.models import AwaitedSignature

log = structlog.get_logger(__name__)


def begin_asking(actor: Actor, document_ids: Sequence[UUID]) -> SigningBatch:
    """A batch whose signatures the acting person's own device is going to make. Raises :class:`NothingChosen`,
    :class:`BatchRunning`, and what ``keys.person_key`` raises."""
    held = keys.person_key(actor)
    return open_batch(actor, held, chosen(actor, document_ids), BatchState.ASKING)


def prepare_batch(actor: Actor, batch_id: UUID) -> list[AwaitedSignature]:
    """What the device is to sign, in the batch's order; may be called again, the last preparation counts.

    A document that cannot be signed any more gets its reason as result; when none is left the batch ends and nothing is
    awaited. Raises :class:`BatchNotAsking`.
    """
    _require_asking(SigningBatch.objects.filter(pk=batch_id, post_id=actor.own_post).first())
    rows: list[AwaitedSignature] = []

    def prepare(document_id: UUID) -> None:
        rows.extend(begin_signing(actor, document_id))

    for item in _waiting(batch_id):
        attempt(item, partial(prepare, item.document_id))
    if not rows:
        close_batch(actor, batch_id)
    return rows


def complete_batch(
    actor: Actor, batch_id: UUID, signatures: Mapping[UUID, bytes], *, start: Callable[[Run], None]
) -> SigningBatch:
    """Put the device's signatures into the documents, one after the other; returns at once (see ``begin_batch``).

    Raises :class:`BatchNotAsking`, and what ``gate.require_key`` raises.
    """
    batch = _go_on(actor, batch_id, len(signatures))
    start(lambda: _complete_all(actor, batch_id, signatures))
    return batch


@action
def _go_on(actor: Actor, batch_id: UUID, signatures: int) -> SigningBatch:
    batch = _require_asking(locked(actor, batch_id))
    gate.require_key(actor, batch.key)
    batch.state, batch.beat_at = BatchState.RUNNING, clock.now()
    batch.save(update_fields=["state", "beat_at"])
    record(actor, "issuing.batch_answered", kind="batch", object_id=batch.pk, data={"signatures": signatures})
    return batch


def _complete_all(actor: Actor, batch_id: UUID, signatures: Mapping[UUID, bytes]) -> None:
    def complete(document_id: UUID) -> None:
        finish_signing(actor, document_id, signatures)

    try:
        for item in _waiting(batch_id):
            if not goes_on(batch_id):
                break
            attempt(item, partial(complete, item.document_id))
        if SigningBatch.objects.filter(pk=batch_id, state=BatchState.RUNNING).exists():
            close_batch(actor, batch_id)
    except Exception:
        log.exception("bulk_signing_failed", batch=str(batch_id))


def _waiting(batch_id: UUID) -> list[BatchItem]:
    return list(BatchItem.objects.filter(batch_id=batch_id, state=ItemState.WAITING))


def _require_asking(batch: SigningBatch | None) -> SigningBatch:
    if batch is None or batch.state != BatchState.ASKING:
        raise BatchNotAsking
    return batch
