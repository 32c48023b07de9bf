"""Signing many documents with one unlocking (R91): each its own action with its own result.

The key is opened in the process that took the request and held in its memory only, by the thread that signs, at most
:data:`LONGEST`; neither passphrase nor key is written anywhere or handed to another process. So a batch goes on when
its page is closed, and ends with its process: what was not signed then stays unsigned and says so, and can be begun
again with another unlocking. A key elsewhere is ``bulk_elsewhere``'s. Refuses nothing that signing one document does
not refuse.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import structlog
from django.db import IntegrityError, connection

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.blobs.working import working_copy
from vanthu.errors import VanthuError
from vanthu.issuing.actions.approval import about_to_sign, keep_signature, signing_work
from vanthu.issuing.batch_models import BatchItem, BatchState, ItemState, SigningBatch
from vanthu.issuing.rules import BatchRunning, NothingChosen
from vanthu.pades import KeySource, Pending, SignsMany, finish, prepare_work, sign_works
from vanthu.records import queries as records
from vanthu.records.models import Document, DocumentFile
from vanthu.signing import awaiting, keys, service
from vanthu.signing.models import SigningKey

log = structlog.get_logger(__name__)

MOST = 500
"""Documents in one batch."""
LONGEST = timedelta(minutes=15)
"""How long the key stays open at most."""
SILENT = timedelta(seconds=60)
"""A batch without a sign of life for so long has lost its process."""

Run = Callable[[], None]


def begin_batch(
    actor: Actor,
    document_ids: Sequence[UUID],
    passphrase: str,
    otp: str = "",
    *,
    start: Callable[[Run], None],
    request_key: UUID | None = None,
) -> SigningBatch:
    """Open the acting person's key and sign these documents one after the other; returns at once.

    ``start`` runs the signing: in a thread of its own, or here for a test. ``request_key`` is the caller's own, by
    which a repeated call is known again (``bulk_queries.begun_before``). Raises :class:`NothingChosen`,
    :class:`BatchRunning`, and the key errors of ``vanthu.pades``; what is wrong with one document is that document's
    result.
    """
    held = keys.person_key(actor)
    key = keys.unlock(held, passphrase, otp)
    try:
        batch = open_batch(actor, held, chosen(actor, document_ids), request_key=request_key)
    except BaseException:
        with key:
            raise
    start(lambda: _sign_all(actor, batch.pk, held, key))
    return batch


def in_thread(run: Run) -> None:
    """Run it beside the request. The thread is a daemon: a process that is told to stop does not wait for it."""

    def work() -> None:
        try:
            run()
        finally:
            connection.close()

    threading.Thread(target=work, daemon=True, name="bulk-signing").start()


@action
def abandon_batch(actor: Actor, batch_id: UUID) -> SigningBatch:
    """Stop: the document being signed now may still get its signature, no other one does."""
    batch = locked(actor, batch_id)
    if batch.state in (BatchState.ASKING, BatchState.RUNNING):
        documents = batch.items.filter(state=ItemState.WAITING).values_list("document_id", flat=True)
        awaiting.forget_of(actor, list(documents))
        _end(batch, BatchState.ABANDONED)
    _record_end(actor, batch)
    return batch


@action
def open_batch(
    actor: Actor,
    held: SigningKey,
    documents: Sequence[UUID],
    state: BatchState = BatchState.RUNNING,
    request_key: UUID | None = None,
) -> SigningBatch:
    """The row of a new batch. One that lost its process, or waited for a key elsewhere, ends with it; raises
    :class:`BatchRunning` while one is being signed."""
    now = clock.now()
    mine = SigningBatch.objects.filter(post_id=actor.own_post)
    for dead in mine.select_for_update().filter(state=BatchState.RUNNING, beat_at__lte=now - SILENT):
        _end(dead, BatchState.INTERRUPTED)
    for left in mine.select_for_update().filter(state=BatchState.ASKING):
        _end(left, BatchState.ABANDONED)
    if mine.filter(state=BatchState.RUNNING).exists():
        raise BatchRunning
    try:
        batch = SigningBatch.objects.create(
            agency_id=actor.agency_id,
            post_id=actor.own_post,
            key=held,
            state=state,
            begun_at=now,
            beat_at=now,
            request_key=request_key,
        )
    except IntegrityError:
        raise BatchRunning from None
    BatchItem.objects.bulk_create(
        BatchItem(batch=batch, document_id=document, ordinal=ordinal)
        for ordinal, document in enumerate(documents)
    )
    record(
        actor,
        "issuing.begin_batch",
        kind="batch",
        object_id=batch.pk,
        data={"certificate": held.serial, "documents": list(documents)},
    )
    return batch


def chosen(actor: Actor, document_ids: Sequence[UUID]) -> list[UUID]:
    """Those of the documents that the actor takes part in, urgent ones first. Raises :class:`NothingChosen`."""
    keys = list(dict.fromkeys(document_ids))[:MOST]
    seen = records.visible(actor).filter(pk__in=keys) | records.shared(actor).filter(pk__in=keys)
    found = list(seen.order_by("-urgency", "pk").values_list("pk", flat=True))
    if not found:
        raise NothingChosen
    return found


def _sign_all(actor: Actor, batch_id: UUID, held: SigningKey, key: KeySource) -> None:
    until = clock.now() + LONGEST
    try:
        with key:
            items = list(BatchItem.objects.filter(batch_id=batch_id, state=ItemState.WAITING))
            if isinstance(key, SignsMany):
                _sign_together(actor, batch_id, items, held, key)
            else:
                for item in items:
                    if not goes_on(batch_id) or clock.now() > until:
                        break
                    attempt(item, partial(_sign_one, actor, item.document_id, held, key))
        if SigningBatch.objects.filter(pk=batch_id, state=BatchState.RUNNING).exists():
            close_batch(actor, batch_id)
    except Exception:
        log.exception("bulk_signing_failed", batch=str(batch_id))


def _sign_one(actor: Actor, document_id: UUID, held: SigningKey, key: KeySource) -> None:
    document, prepared = about_to_sign(actor, document_id)
    with working_copy(prepared.sha256) as signed:
        sign_works(key, [signing_work(document, signed, held)], service.signing_stamper())
        _keep(actor, document, prepared, signed, held)


def _keep(actor: Actor, document: Document, prepared: DocumentFile, signed: Path, held: SigningKey) -> None:
    service.require_acceptable(signed)
    keep_signature(actor, document.pk, prepared, signed, held)


def _sign_together(
    actor: Actor, batch_id: UUID, items: Sequence[BatchItem], held: SigningKey, key: KeySource
) -> None:
    """For a key that is asked once for all digests: prepare every file, ask, then keep one after the other."""
    assert isinstance(key, SignsMany)
    ready: list[_Ready] = []
    with ExitStack() as copies:
        for item in items:
            attempt(item, partial(_make_ready, ready, copies, actor, item, held, key))
        if not ready or not goes_on(batch_id):
            return
        try:
            signatures = key.sign_all([one.pending.to_sign for one in ready])
        except VanthuError as refusal:
            for one in ready:
                _refused(one.item, refusal)
            return
        for one, signature in zip(ready, signatures, strict=True):
            if not goes_on(batch_id):
                return
            attempt(one.item, partial(_complete, actor, one, signature, held))


@dataclass(frozen=True)
class _Ready:
    """A document whose working copy is ready but for its signature."""

    item: BatchItem
    document: Document
    prepared: DocumentFile
    path: Path
    pending: Pending


def _make_ready(
    ready: list[_Ready], copies: ExitStack, actor: Actor, item: BatchItem, held: SigningKey, key: KeySource
) -> None:
    document, prepared = about_to_sign(actor, item.document_id)
    path = copies.enter_context(working_copy(prepared.sha256))
    pending = prepare_work(key, signing_work(document, path, held))
    ready.append(_Ready(item, document, prepared, path, pending))


def _complete(actor: Actor, one: _Ready, signature: bytes, held: SigningKey) -> None:
    finish(one.path, one.pending, signature, timestamper=service.signing_stamper())
    _keep(actor, one.document, one.prepared, one.path, held)


def attempt(item: BatchItem, work: Run) -> None:
    """One document's own result; nothing that happens to it stops the others."""
    try:
        work()
    except VanthuError as refusal:
        _refused(item, refusal)
    except Exception:
        log.exception("bulk_signing_of_one_failed", document=str(item.document_id))
        _refused(item, VanthuError())


def _refused(item: BatchItem, refusal: VanthuError) -> None:
    BatchItem.objects.filter(pk=item.pk, state=ItemState.WAITING).update(
        state=ItemState.REFUSED, code=refusal.code, message=refusal.text[:500], at=clock.now()
    )


def goes_on(batch_id: UUID) -> bool:
    """A sign of life; whether nobody has stopped the batch and its key still counts."""
    running = SigningBatch.objects.filter(pk=batch_id, state=BatchState.RUNNING, key__active=True)
    return SigningBatch.objects.filter(pk__in=running.values("pk")).update(beat_at=clock.now()) == 1


@action
def close_batch(actor: Actor, batch_id: UUID) -> None:
    """Nothing more is signed in this batch: it is done, or stopped when something was left."""
    batch = locked(actor, batch_id)
    if batch.state in (BatchState.ASKING, BatchState.RUNNING):
        left = batch.items.filter(state=ItemState.WAITING).exists()
        _end(batch, BatchState.ABANDONED if left else BatchState.DONE)
    _record_end(actor, batch)


def locked(actor: Actor, batch_id: UUID) -> SigningBatch:
    """The actor's own batch, its row locked."""
    return SigningBatch.objects.select_for_update().get(pk=batch_id, post_id=actor.own_post)


def _end(batch: SigningBatch, state: BatchState) -> None:
    batch.state, batch.ended_at = state, clock.now()
    batch.save(update_fields=["state", "ended_at"])
    batch.items.filter(state=ItemState.WAITING).update(state=ItemState.LEFT)


def _record_end(actor: Actor, batch: SigningBatch) -> None:
    signed = batch.items.filter(state=ItemState.SIGNED).count()
    data = {"state": batch.state, "signed": signed, "documents": batch.items.count()}
    record(actor, "issuing.end_batch", kind="batch", object_id=batch.pk, data=data)
