"""Background work of handling: taking packets in, checking them. Thin and idempotent."""

from __future__ import annotations

from uuid import UUID

import procrastinate
from procrastinate.contrib.django import app

from vanthu.base.announcements import listens
from vanthu.base.worker import CHECKS
from vanthu.blobs import destruction
from vanthu.exchange.announcements import ChangeAsked, PacketArrived
from vanthu.handling import actions, answering, contents, destroying
from vanthu.handling.checks import run_checks
from vanthu.handling.models import IntakeVerdict, Stage
from vanthu.records.models import Document


@listens(PacketArrived)
def take_in(event: PacketArrived) -> None:
    """A packet is stored: make it a document, then check it."""
    document = actions.take_in(event.inbox_id)
    if document.sealed_at is not None:
        return
    check.configure(priority=CHECKS + document.urgency).defer(document_id=str(document.id))


@listens(ChangeAsked)
def change_asked(event: ChangeAsked) -> None:
    """The sender takes back, recalls or updates a document: agree where the rule says so, else ask somebody."""
    answering.consider(event.change_id)


@app.task(
    name="handling.check",
    queue="default",
    retry=procrastinate.RetryStrategy(max_attempts=10, exponential_wait=3),
)
def check(document_id: str, attempt: int = 0) -> None:
    """Check a document; the ``attempt``-th repetition is for what nobody could judge before.

    Never valid, never refused: looked at again, ever more rarely, until an authority answers (``rules.next_look``).
    """
    document = Document.objects.select_related("intake").get(pk=UUID(document_id))
    intake = document.intake
    if document.sealed_at is not None or document.state == Stage.REJECTED:
        return
    if attempt == 0 and intake.verdict != IntakeVerdict.CHECKING:
        return
    if attempt and intake.check_attempts != attempt:
        return
    untaken = contents.take_out(document)
    actions.keep_check_report(document.id, [*run_checks(document), *untaken], attempt + 1)


@app.task(
    name="handling.destroy",
    queue="default",
    retry=procrastinate.RetryStrategy(max_attempts=10, exponential_wait=3),
)
def destroy(destruction_id: str) -> None:
    """Destroy the contents of a recalled document; again when somebody stored one of them meanwhile."""
    if not destroying.destroy_contents(UUID(destruction_id)):
        pause = int(destruction.PAUSE.total_seconds()) + 1
        destroy.configure(schedule_in={"seconds": pause}).defer(destruction_id=destruction_id)
