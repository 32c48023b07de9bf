"""Whom the site trusts: its own folder and its trusted lists, put together for every judgement.

Owns the memory of both: files are read once per process, lists again whenever a list was changed anywhere, which one
small query tells. Refuses to change lists (``trust_lists`` does).
"""

from __future__ import annotations

import functools
import threading
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from vanthu.pades import (
    Anchor,
    Category,
    HttpRevocationSource,
    HungHosts,
    RememberingSource,
    Trust,
    certificates_in,
)
from vanthu.signing.trust_models import TrustList
from vanthu.trustlists import TrustedList

State = tuple[tuple[UUID, datetime], ...]
_memory = threading.local()


class _SiteTrust:
    """Whom the site trusts now. One query; a second one after a list was changed."""

    def __call__(self) -> Trust:
        own, listed = _own_trust(), _listed()
        return replace(own, anchors=(*own.anchors, *listed)) if listed else own

    def cache_clear(self) -> None:
        """Read the folder again; lists need no telling."""
        _own_trust.cache_clear()


trust = _SiteTrust()


@functools.cache
def _own_trust() -> Trust:
    """The folder ``VANTHU_TRUST_DIR``: ``root*.pem`` (the government's), ``public-root*.pem`` (public authorities') and
    ``intermediate*.pem``."""
    folder = settings.VANTHU.trust_dir
    public = (Anchor(root, Category.PUBLIC) for root in certificates_in(folder, "public-root*.pem"))
    return Trust(
        roots=certificates_in(folder, "root*.pem"),
        intermediates=certificates_in(folder, "intermediate*.pem"),
        allow_fetching=settings.VANTHU.revocation_fetch,
        source=RememberingSource(
            functools.partial(HttpRevocationSource, hung=HungHosts()),
            settings.VANTHU.revocation_memory_seconds,
        ),
        anchors=tuple(public),
    )


def _listed() -> tuple[Anchor, ...]:
    """The anchors of the lists in use; each thread remembers its own, for parsed certificates are not made for
    threads."""
    state: State = tuple(_in_use().values_list("pk", "taken_at"))
    if getattr(_memory, "state", None) != state:
        _memory.anchors = tuple(anchor for row in _in_use() for anchor in anchors_of(row))
        _memory.state = state
    anchors: tuple[Anchor, ...] = _memory.anchors
    return anchors


def anchors_of(row: TrustList) -> list[Anchor]:
    """Where trust begins by one list."""
    return list(TrustedList.from_dict(row.content).anchors(Category(row.category)))


def _in_use() -> QuerySet[TrustList]:
    return TrustList.objects.filter(active=True).order_by("pk")
