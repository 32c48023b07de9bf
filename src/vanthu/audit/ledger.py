"""Writing the chain: ``@action`` makes a function one transaction with exactly one audit event."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.db import transaction

from vanthu.audit.models import Chain, Event
from vanthu.base import clock
from vanthu.base.actors import Actor

P = ParamSpec("P")
R = TypeVar("R")

_pending: ContextVar[list[dict[str, Any]] | None] = ContextVar("vanthu_action", default=None)


class ActionWithoutEvent(RuntimeError):
    """A programming fault: an action ended without saying what it did, or said it twice."""


def action(function: Callable[P, R]) -> Callable[P, R]:
    """One verb of a room: one transaction, one audit event, appended last so that the chain is locked briefly.

    The function calls :func:`record` exactly once. Actions do not nest: a verb that needs another room's change
    calls that room's plain functions, or announces.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _pending.get() is not None:
            raise ActionWithoutEvent(f"{function.__qualname__} was called inside another action")
        token = _pending.set([])
        try:
            with transaction.atomic():
                result = function(*args, **kwargs)
                said = _pending.get() or []
                if len(said) != 1:
                    raise ActionWithoutEvent(f"{function.__qualname__} recorded {len(said)} events")
                _append(**said[0])
            return result
        finally:
            _pending.reset(token)

    return run


def record(
    actor: Actor, verb: str, *, kind: str, object_id: UUID | None, data: dict[str, Any] | None = None
) -> None:
    """Say what the running action did. ``data`` must be JSON-able; it is hashed into the chain."""
    said = _pending.get()
    if said is None:
        raise ActionWithoutEvent(f"{verb} recorded outside an action")
    said.append({"actor": actor, "verb": verb, "kind": kind, "object_id": object_id, "data": data or {}})


def record_access(actor: Actor, verb: str, *, kind: str, object_id: UUID, data: dict[str, Any]) -> None:
    """Append an event for a look (view, download, print), which changes nothing else."""
    with transaction.atomic():
        _append(actor, verb, kind, object_id, data)


def event_hash(event: Event) -> str:
    """The event's hash over its canonical JSON and the hash before it."""
    content = {
        "agency": str(event.agency_id),
        "sequence": event.sequence,
        "at": _instant(event.at),
        "verb": event.verb,
        "object": [event.object_kind, str(event.object_id) if event.object_id else None],
        "actor": [
            str(event.actor_post) if event.actor_post else None,
            event.actor_name,
            event.actor_position,
            event.address,
        ],
        "data": event.data,
        "previous": event.previous,
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _append(actor: Actor, verb: str, kind: str, object_id: UUID | None, data: dict[str, Any]) -> None:
    chain = _locked_chain(actor.agency_id)
    event = Event(
        agency_id=actor.agency_id,
        sequence=chain.length + 1,
        at=clock.now(),
        verb=verb,
        object_kind=kind,
        object_id=object_id,
        actor_post=actor.post_id,
        actor_name=actor.name,
        actor_position=actor.position,
        address=actor.address,
        data=json.loads(json.dumps(data, default=str, ensure_ascii=False)),
        previous=chain.head,
    )
    event.hash = event_hash(event)
    event.save(force_insert=True)
    chain.length, chain.head = event.sequence, event.hash
    chain.save(update_fields=["length", "head"])


def _locked_chain(agency_id: UUID) -> Chain:
    chain = Chain.objects.select_for_update().filter(pk=agency_id).first()
    if chain is None:
        Chain.objects.bulk_create([Chain(agency_id=agency_id)], ignore_conflicts=True)
        chain = Chain.objects.select_for_update().get(pk=agency_id)
    return chain
