"""Background work of issuing: check signatures as the readers will, turn trouble with deliveries into work."""

from __future__ import annotations

from uuid import UUID

import procrastinate
from procrastinate.contrib.django import app

from vanthu.base.announcements import listens
from vanthu.base.worker import CHECKS
from vanthu.edxml import StatusCode
from vanthu.exchange.announcements import ChangeAnswered, DeliveryFailed, StatusReported
from vanthu.issuing import actions
from vanthu.issuing.actions import following
from vanthu.pades import ValidationReport, Verdict
from vanthu.pades.report import RESOLVABLE
from vanthu.records import queries
from vanthu.records.models import Document, FileStage
from vanthu.signing import service
from vanthu.signing.rules import growing_gap


@app.task(
    name="issuing.check_sealed",
    queue="default",
    retry=procrastinate.RetryStrategy(max_attempts=6, exponential_wait=3),
)
def check_sealed(document_id: str, attempt: int = 1) -> None:
    """Validate the current signed files that have no definite result yet, and keep it as evidence; the ``attempt``-th
    time (from 1) for authorities that did not answer before."""
    document = Document.objects.get(pk=UUID(document_id))
    again = False
    for file in queries.current_files(document):
        if file.stage in {FileStage.SIGNED, FileStage.SEALED} and not _is_settled(file.sha256):
            report = ValidationReport.from_dict(service.check(file.sha256).report)
            again |= any(reason.code in RESOLVABLE for reason in report.all_reasons)
    if again:
        pause = int(growing_gap(attempt).total_seconds())
        check_sealed.configure(priority=CHECKS, schedule_in={"seconds": pause}).defer(
            document_id=document_id, attempt=attempt + 1
        )


def _is_settled(sha256: str) -> bool:
    known = service.latest(sha256)
    return known is not None and known.verdict != Verdict.INDETERMINATE.value


@listens(StatusReported)
def status_reported(event: StatusReported) -> None:
    """A refusal becomes work for the registry and the drafter; the other statuses are only shown."""
    if event.code == StatusCode.REJECTED.value and following.refused(event.delivery_id):
        actions.notice_trouble(event.delivery_id)


@listens(DeliveryFailed)
def delivery_failed(event: DeliveryFailed) -> None:
    """So does a delivery that was given up."""
    actions.notice_trouble(event.delivery_id)


@listens(ChangeAnswered)
def change_answered(event: ChangeAnswered) -> None:
    """A recipient agreed to a change, or refused it."""
    actions.notice_answer(event.target_id)
