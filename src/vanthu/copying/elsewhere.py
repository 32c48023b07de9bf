"""Electronic copies signed with the agency's key where this site cannot reach it (R66, R67, R93), in three steps.

The key is on the clerk's own computer, or at a service that wants its owner.
``begin`` checks everything and keeps what was asked for, ``prepare`` makes the file ready and may be repeated,
``finish`` takes the signature. A crash anywhere leaves no copy; what was begun is forgotten after a while.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.db import transaction

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.blobs import destruction, store
from vanthu.blobs.working import working_copy, working_file
from vanthu.copying import papers
from vanthu.copying.making import keep_sealed, row_of, sealing, source_of
from vanthu.copying.models import BegunCopy, Copy
from vanthu.copying.rules import Wanted, new_lookup
from vanthu.formalities import CopyForm
from vanthu.pades import prepare_work
from vanthu.signing import awaiting, gate, keys, service
from vanthu.signing.awaiting import Prepared, SignatureNotAwaited
from vanthu.signing.models import AwaitedSignature, SigningKey

VERB = "COPY"
LIFETIME = timedelta(hours=1)
"""For finding the device or going to the service; each preparation waits ten minutes by itself."""


@action
def begin(actor: Actor, document_id: UUID | None, wanted: Wanted, upload: BinaryIO) -> BegunCopy:
    """Keep what the clerk asks for until the key has signed. Raises the refusals of ``copying.rules`` and of the key
    (``keys.agency_key``)."""
    document = source_of(actor, document_id, wanted, True, lock=True)
    held = keys.agency_key(actor)
    papers.require_pages(wanted, upload)
    now = clock.now()
    copy = row_of(actor, document, wanted, new_lookup(), now)
    begun = BegunCopy.objects.create(
        agency_id=actor.agency_id,
        post_id=actor.own_post,
        document=document,
        wanted=wanted.as_dict(),
        lookup=copy.lookup,
        pages_sha256=store.put(upload).sha256,
        begun_at=now,
        expires_at=now + LIFETIME,
    )
    _record(actor, "copying.begin", begun, certificate=held.serial)
    return begun


def prepare(actor: Actor, begun_id: UUID) -> list[AwaitedSignature]:
    """The copy's file made ready for the key's signature. Raises :class:`SignatureNotAwaited`, and what ``begin``
    raises."""
    begun = begun_copy(actor, begun_id)
    held, copy = keys.agency_key(actor), _copy_of(actor, begun)
    with working_copy(begun.pages_sha256) as pages, working_file() as path:
        pending = prepare_work(keys.elsewhere(held), sealing(copy, pages, path, held))
        return _await(actor, begun, held, Prepared(begun.pk, begun.pages_sha256, path, pending))


def finish(actor: Actor, begun_id: UUID, signatures: Mapping[UUID, bytes]) -> Copy:
    """Keep the copy with the key's signature. Raises :class:`SignatureNotAwaited`, and PadesError for a signature
    that is not the certificate's."""
    begun = begun_copy(actor, begun_id)
    rows = awaiting.awaited(actor, begun.pk, VERB)
    with awaiting.completed(rows, signatures) as [sealed]:
        service.require_acceptable(sealed)
        return _keep(actor, begun, sealed, rows)


def begun_copy(actor: Actor, begun_id: UUID) -> BegunCopy:
    """What the acting post began; raises :class:`SignatureNotAwaited`."""
    found = BegunCopy.objects.filter(pk=begun_id, post_id=actor.own_post, expires_at__gt=clock.now())
    begun = found.select_related("document").first()
    if begun is None:
        raise SignatureNotAwaited
    return begun


def title_of(begun: BegunCopy) -> str:
    """Under which the copy is shown to whoever signs it: ``SAO Y 12/QĐ-UBND``."""
    wanted = Wanted.from_dict(begun.wanted)
    code = begun.document.code if begun.document else wanted.source_code
    return f"{CopyForm(wanted.form).label} {code}"


def forget_old() -> int:
    """Forget copies that were begun and not signed in time, with their pages; returns how many."""
    with transaction.atomic():
        old = list(BegunCopy.objects.select_for_update().filter(expires_at__lte=clock.now()))
        BegunCopy.objects.filter(pk__in=[begun.pk for begun in old]).delete()
        destruction.doom(begun.pages_sha256 for begun in old)
    return len(old)


@action
def _await(actor: Actor, begun: BegunCopy, held: SigningKey, prepared: Prepared) -> list[AwaitedSignature]:
    held = gate.require_key(actor, held)
    rows = awaiting.keep(actor, held, verb=VERB, document_id=begun.pk, files=[prepared])
    _record(actor, "copying.await_signature", begun, certificate=held.serial)
    return rows


@action
def _keep(actor: Actor, begun: BegunCopy, sealed: Path, rows: Sequence[AwaitedSignature]) -> Copy:
    wanted = Wanted.from_dict(begun.wanted)
    source_of(actor, begun.document_id, wanted, True, lock=True)
    awaiting.consume(rows)
    copy = _copy_of(actor, begun)
    copy.pages_sha256 = begun.pages_sha256
    BegunCopy.objects.filter(pk=begun.pk).delete()
    keep_sealed(actor, copy, sealed, rows[0].key)
    return copy


def _copy_of(actor: Actor, begun: BegunCopy) -> Copy:
    wanted = Wanted.from_dict(begun.wanted)
    return row_of(actor, begun.document, wanted, begun.lookup, begun.begun_at)


def _record(actor: Actor, verb: str, begun: BegunCopy, **more: object) -> None:
    about = begun.document_id
    data = {"copy": begun.pk, "form": CopyForm(begun.wanted["form"]).label, **more}
    record(actor, verb, kind="document" if about else "copy", object_id=about or begun.pk, data=data)
