"""Destroying contents for good, when whoever held them gave them up lawfully.

Owns the two steps (doomed, then destroyed after a pause) that keep a content from being lost to somebody who is just
storing the same bytes. Refuses to destroy what a row still holds (:mod:`vanthu.blobs.fields`), and to decide that
something is to be destroyed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import Enum

from django.db import transaction

from vanthu.base import clock
from vanthu.blobs import store
from vanthu.blobs.fields import held
from vanthu.blobs.models import Blob

PAUSE = timedelta(hours=1)
"""Between giving up a content and destroying it; nobody takes as long from storing bytes to naming them in a row."""


class Fate(str, Enum):
    """What became of a content that was given up."""

    WAITING = "WAITING"
    DESTROYED = "DESTROYED"
    HELD = "HELD"


def doom(hashes: Iterable[str]) -> None:
    """Give up contents: they are destroyed after :data:`PAUSE` unless somebody holds them or stores them again."""
    Blob.objects.filter(sha256__in=list(hashes), doomed_at=None).update(doomed_at=clock.now())


def destroy_all() -> int:
    """Destroy every content whose time has come; returns how many. Whoever destroys with minutes finds it done."""
    ripe = Blob.objects.filter(doomed_at__lte=clock.now() - PAUSE).values_list("pk", flat=True)
    fates = []
    for sha256 in list(ripe):
        with transaction.atomic():
            fates.append(destroy(sha256))
    return fates.count(Fate.DESTROYED)


def destroy(sha256: str) -> Fate:
    """Destroy a doomed content whose time has come; called in a transaction, harmless when repeated.

    Dying after the file is gone and before the commit leaves a row without bytes that nobody names; the next try takes
    it away.
    """
    blob = Blob.objects.select_for_update().filter(pk=sha256).first()
    if blob is not None and held(sha256):
        blob.doomed_at = None
        blob.save(update_fields=["doomed_at"])
        return Fate.HELD
    if blob is not None and blob.doomed_at is None:
        blob.doomed_at = clock.now()
        blob.save(update_fields=["doomed_at"])
    if blob is not None and blob.doomed_at and clock.now() < blob.doomed_at + PAUSE:
        return Fate.WAITING
    store.erase(sha256)
    if blob is not None:
        blob.delete()
    return Fate.DESTROYED
