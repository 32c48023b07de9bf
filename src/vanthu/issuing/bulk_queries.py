"""The reads of the pages on which a leader signs many documents at once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from vanthu.base import clock
from vanthu.base.actors import Actor, NotYours
from vanthu.issuing.actions.bulk import MOST, SILENT
from vanthu.issuing.batch_models import BatchItem, BatchState, ItemState, SigningBatch
from vanthu.records.models import Verb, WorkItem


@dataclass(frozen=True)
class BatchView:
    """A batch as its owner sees it."""

    batch: SigningBatch
    state: BatchState
    items: list[BatchItem]

    @property
    def running(self) -> bool:
        """Something more is going to happen by itself."""
        return self.state is BatchState.RUNNING

    @property
    def asking(self) -> bool:
        """The person's own device has to be asked."""
        return self.state is BatchState.ASKING

    @property
    def interrupted(self) -> bool:
        """Its process died: what was not signed stays unsigned."""
        return self.state is BatchState.INTERRUPTED

    @property
    def signed(self) -> int:
        """Documents that bear the signature now."""
        return self._count(ItemState.SIGNED)

    @property
    def refused(self) -> int:
        """Documents with a reason why not."""
        return self._count(ItemState.REFUSED)

    @property
    def settled(self) -> int:
        """Documents whose result is known."""
        return self.signed + self.refused

    @property
    def left(self) -> list[BatchItem]:
        """Documents that wait for another go."""
        return [item for item in self.items if item.state in {ItemState.WAITING, ItemState.LEFT}]

    def _count(self, state: ItemState) -> int:
        return sum(item.state == state for item in self.items)


def waiting(actor: Actor) -> list[WorkItem]:
    """What waits for the actor's signature, urgent first, with its document; one query."""
    mine = WorkItem.objects.filter(principal=actor.own_post, verb=Verb.SIGN)
    return list(mine.select_related("document").order_by("-urgency", "due_at", "created_at")[:MOST])


def batch_of(actor: Actor, batch_id: UUID) -> BatchView:
    """The actor's own batch; two queries. Raises ``NotYours``."""
    batch = SigningBatch.objects.filter(pk=batch_id, post_id=actor.own_post).first()
    if batch is None:
        raise NotYours
    state = BatchState(batch.state)
    if state is BatchState.RUNNING and batch.beat_at <= clock.now() - SILENT:
        state = BatchState.INTERRUPTED
    return BatchView(batch, state, list(batch.items.select_related("document")))


def begun_before(actor: Actor, request_key: UUID) -> SigningBatch | None:
    """The actor's own batch that was begun under this key of the caller's choice, if one was."""
    return SigningBatch.objects.filter(post_id=actor.own_post, request_key=request_key).first()


def unfinished(actor: Actor) -> SigningBatch | None:
    """The actor's batch that is being signed now or waits for a key elsewhere."""
    signing = Q(state=BatchState.RUNNING, beat_at__gt=clock.now() - SILENT)
    found = SigningBatch.objects.filter(signing | Q(state=BatchState.ASKING), post_id=actor.own_post)
    return found.order_by("-begun_at").first()
