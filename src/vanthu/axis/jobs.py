"""Background work of the axis."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from vanthu.axis import (
    actions,
    callers,
    certificates,
    counts,
    meter,
    parent_jobs,
    queries,
    retention,
    sealing,
    storage,
    trials,
)
from vanthu.axis.models import UsedSignature
from vanthu.axis.watch import refusals
from vanthu.base import clock
from vanthu.base.worker import every

__all__ = ["parent_jobs"]


@every(lambda: 3600.0)
def sweep_forgotten_files() -> None:
    """Once an hour, remove bodies that killed processes left without a packet."""
    storage.sweep()


@every(lambda: 3600.0)
def sweep_sealed_files() -> None:
    """Once an hour, remove sealed files whose key was forgotten or never kept."""
    sealing.sweep()


@every(lambda: 3600.0)
def forget_old_calls() -> None:
    """Once an hour, remove counted minutes and used-up calls that are too old to matter."""
    meter.sweep()
    callers.sweep_used()


@every(lambda: 300.0)
def end_old_secrets() -> None:
    """Erase secrets whose time is over; they stopped working by themselves before."""
    for system_id in queries.ended_secrets():
        actions.end_old_secret(system_id)


@every(lambda: 86400.0)
def forget_old_refusals() -> None:
    """Once a day, remove counts of refused calls that are older than 90 days."""
    refusals.forget_old()


@every(lambda: 600.0)
def sweep_used_signatures() -> None:
    """Forget used signatures that would not be accepted any more anyway."""
    UsedSignature.objects.filter(expires_at__lt=clock.now()).delete()


@every(lambda: settings.VANTHU.axis_evidence_seconds)
def seal_evidence() -> None:
    """Chain what the log gained into a batch, and have the batches stamped with the time."""
    actions.close_batches()
    actions.stamp_batches()


@every(lambda: 3600.0)
def drop_old_bodies() -> None:
    """Once an hour, remove the bodies whose time is over; their evidence stays."""
    retention.drop_old_bodies()


@every(lambda: 15.0)
def look_at_trials() -> None:
    """Tick off what agencies on the way onto the axis have shown by real traffic."""
    for agency in trials.to_look_at():
        actions.look_at_trial(agency)


@every(lambda: 600.0)
def follow_calendar() -> None:
    """Put into force what was entered for a day that has come: dissolutions, foundations, new codes."""
    actions.follow_calendar()


@every(lambda: 300.0)
def note_traffic() -> None:
    """Note for each agency when it last sent or took over something."""
    actions.note_traffic(clock.now() - timedelta(minutes=15))


@every(lambda: 21600.0)
def look_at_certificates() -> None:
    """Every six hours, note until when the certificates that the axis depends on are valid."""
    certificates.look()


@every(lambda: 600.0)
def count_days() -> None:
    """Count the days that are over, so that statistics need not count packets again."""
    counts.count_days()
